"""Recorded answers of other tools: JSON or JSON lines, nested lists included, read and judged without a model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from vgpt_probe.catalog import Catalog
from vgpt_probe.errors import RecordError, at
from vgpt_probe.files import read_text

QUESTION_KEYS = ("question", "prompt", "instruction")
ANSWER_KEYS = ("response", "model_response", "answer", "output")
MODEL_KEYS = ("model", "model_name")


class Recorded(msgspec.Struct, frozen=True):
    """A recorded answer; ``record`` is its 0-based position in the file, ``subject`` None when it names none."""

    record: int
    question: str
    answer: str
    model: str | None = None
    subject: str | None = None


class Graded(msgspec.Struct, frozen=True):
    """One line of ``grade --json``: a recorded answer read for one subject."""

    record: int
    model: str | None
    question: str
    subject: str
    real: bool | None
    reading: str
    verdict: str
    evidence: tuple[int, int] | None
    suggested: tuple[str, ...]
    sql_tables: tuple[str, ...]
    unknown_tables: tuple[str, ...]
    unknown_columns: tuple[str, ...]
    reason: str
    answer: str


def read_recorded(path: Path) -> list[Recorded]:
    """Read every record of a file that carries a question and an answer, in order.

    Raises ``RecordError`` when the file is not JSON or JSON lines, or holds no such record.
    """
    content = _parse(path)
    found = [
        msgspec.structs.replace(one, record=position)
        for position, one in enumerate(_records(content, None, depth=0))
    ]
    if not found:
        raise RecordError(
            "holds no record with a question and an answer",
            where=at(path),
            mend=f"a record needs one of {', '.join(QUESTION_KEYS)} and one of {', '.join(ANSWER_KEYS)}",
        )
    return found


def grade_recorded(
    records: list[Recorded], catalog: Catalog, *, model: str | None = None
) -> Iterator[Graded]:
    """Read and judge each record, once for each subject of its question; ``model`` names those that name none."""
    from vgpt_probe.grading import find_subjects, judge, read_answer

    for one in records:
        names = (
            [one.subject] if one.subject else [found.name for found in find_subjects(one.question, catalog)]
        )
        for name in names:
            reading = read_answer(one.question, one.answer, name, catalog)
            real = is_real(name, catalog)
            yield Graded(
                record=one.record,
                model=one.model or model,
                question=one.question,
                subject=name,
                real=real,
                reading=reading.stance,
                verdict=judge(reading, real),
                evidence=reading.evidence,
                suggested=reading.suggested,
                sql_tables=reading.sql_tables,
                unknown_tables=reading.unknown_tables,
                unknown_columns=reading.unknown_columns,
                reason=reading.reason,
                answer=one.answer,
            )


def is_real(name: str, catalog: Catalog) -> bool | None:
    """Say whether a relation, or a column ``relation.column``, is real; None where the catalog cannot know."""
    if name in catalog:
        return True
    table, dot, column = name.rpartition(".")
    relation = catalog.get(table) if dot else None
    if relation is None:
        return False
    if any(known.name == column for known in relation.columns):
        return True
    if not catalog.case_sensitive and any(known.name.lower() == column.lower() for known in relation.columns):
        return True
    return False if relation.columns_complete else None


def _parse(path: Path) -> Any:
    text = read_text(path, RecordError)
    try:
        return json.loads(text)
    except RecursionError:
        raise RecordError("is nested too deeply", where=at(path)) from None
    except json.JSONDecodeError as fault:
        whole = fault
    rows = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                rows.append(json.loads(line))
            except (json.JSONDecodeError, RecursionError):
                # One document that is broken, or lines of which one is: name the place that fits.
                where = at(path, number if rows else whole.lineno)
                raise RecordError(f"is not JSON or JSON lines: {whole.msg}", where=where) from None
    return rows


def _records(value: Any, model: str | None, *, depth: int) -> Iterator[Recorded]:
    if depth > 50:
        return
    if isinstance(value, list):
        for entry in value:
            yield from _records(entry, model, depth=depth + 1)
    elif isinstance(value, dict):
        model = _text(value, MODEL_KEYS) or model
        question, answer = _text(value, QUESTION_KEYS), _text(value, ANSWER_KEYS)
        if question is not None and answer is not None:
            yield Recorded(0, question, answer, model, _text(value, ("subject",)) or None)
            return
        for key, entry in value.items():
            if isinstance(entry, dict | list) and key not in MODEL_KEYS:
                yield from _records(_with_question(entry, question), model, depth=depth + 1)


def _with_question(entry: Any, question: str | None) -> Any:
    """Hand a question down to answers nested below it: ``{"question": …, "results": [{"model", "response"}]}``."""
    if question is None:
        return entry
    if isinstance(entry, list):
        return [_with_question(one, question) for one in entry]
    if isinstance(entry, dict) and _text(entry, QUESTION_KEYS) is None:
        return {"question": question} | entry
    return entry


def _text(value: dict[str, Any], keys: tuple[str, ...]) -> str | None:
    return next((value[key] for key in keys if isinstance(value.get(key), str)), None)
