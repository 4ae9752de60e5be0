"""Recorded answers of other tools: JSON or JSON lines, nested lists included, read and judged without a model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from vgpt_probe.catalog import is_real
from vgpt_probe.errors import RecordError, at
from vgpt_probe.files import read_json
from vgpt_probe.probes import Battery, make_probe
from vgpt_probe.runs.database import to_storable
from vgpt_probe.runs.grade import Grader
from vgpt_probe.runs.records import RunModel, Snapshot
from vgpt_probe.runs.store import Store

QUESTION_KEYS = ("question", "prompt", "instruction")
ANSWER_KEYS = ("response", "model_response", "answer", "output", "text")
MODEL_KEYS = ("model", "model_name")
#: Answers of several models to one question: ``{MODEL: ANSWER}``, or records under the models' names.
ANSWERS_KEYS = ("responses", "answers", "outputs")


class Recorded(msgspec.Struct, frozen=True):
    """A recorded answer; ``record`` is its 0-based position in the file, ``subject`` None when it names none.

    A record whose answer is null has a position too, but is not read.
    """

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
    content, _ = read_json(path, RecordError)
    found = [
        msgspec.structs.replace(one, record=position)
        for position, one in enumerate(_records(content, None, depth=0))
        if one is not None
    ]
    if not found:
        raise RecordError(
            "holds no record with a question and an answer",
            where=at(path),
            mend=f"a record needs one of {', '.join(QUESTION_KEYS)} and one of {', '.join(ANSWER_KEYS)}",
        )
    return found


def grade_recorded(records: list[Recorded], grader: Grader, *, model: str | None = None) -> Iterator[Graded]:
    """Read and judge each record, once for each subject of its question; ``model`` names those that name none."""
    from vgpt_probe.grading import find_subjects, judge

    catalog = grader.catalog

    for one in records:
        names = (
            [one.subject] if one.subject else [found.name for found in find_subjects(one.question, catalog)]
        )
        for name in names:
            reading = grader.read(one.question, one.answer, name)
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


def _storable(one: Graded) -> Graded:
    """With texts that the store can hold: a tool can have recorded half a surrogate pair."""
    return msgspec.structs.replace(
        one,
        model=to_storable(one.model) if one.model else None,
        question=to_storable(one.question),
        subject=to_storable(one.subject),
        answer=to_storable(one.answer),
    )


def save_recorded(
    store: Store,
    graded: list[Graded],
    grader: Grader,
    *,
    name: str,
    model: str,
    stage: str,
    stages: Iterable[str] = (),
) -> tuple[int, int]:
    """Store graded answers as a finished run, so that they stand beside new ones; ``model`` names the nameless.

    Returns the run's number and how many answers were left out: second answers of a model to the same question
    about the same subject, and answers about columns that the catalog cannot know.
    """
    known = [_storable(one) for one in graded if one.real is not None]
    probes = {
        (one.question, one.subject): make_probe(
            one.question, one.subject, grader.catalog, wording="recorded", real=one.real
        )
        for one in known
    }
    positions = {key: position for position, key in enumerate(probes)}
    names = list(dict.fromkeys(one.model or model for one in known))
    only = len(names) == 1
    snapshot = Snapshot(
        battery="recorded",
        catalog=grader.catalog.fingerprint,
        models=tuple(RunModel(one, stage if only and stage else one, "recorded") for one in names),
        stages=tuple(stages),
    )
    run = store.create_run(Battery(name, "", tuple(probes.values()), "recorded"), snapshot)
    answers = {}
    for one in known:
        key = (one.question, one.subject)
        place = (positions[key], one.model or model)
        if place not in answers:
            answers[place] = grader.grade(
                probes[key], one.answer, run=run, model=one.model or model, position=positions[key]
            )
    store.add_answers(answers.values())
    store.set_state(run, "done")
    return run, len(graded) - len(answers)


def _records(value: Any, model: str | None, *, depth: int) -> Iterator[Recorded | None]:
    """The records of a JSON value in order; None stands for one whose answer is null."""
    if depth > 50:
        return
    if isinstance(value, list):
        for entry in value:
            yield from _records(entry, model, depth=depth + 1)
    elif isinstance(value, dict):
        model = _text(value, MODEL_KEYS) or model
        subject = _text(value, ("subject",)) or None
        question, answer = _text(value, QUESTION_KEYS), _text(value, ANSWER_KEYS)
        if question is None and answer is None:
            question, answer = _talk(value.get("messages", value.get("conversations")))
        if question is not None and answer is not None:
            yield Recorded(0, question, answer, model, subject)
            return
        if question is not None and any(key in value and value[key] is None for key in ANSWER_KEYS):
            yield None
            return
        for key, entry in value.items():
            if question is not None and key in ANSWERS_KEYS and isinstance(entry, dict):
                about = {"question": question} | ({"subject": subject} if subject else {})
                for name, said in entry.items():
                    if isinstance(said, str):
                        yield Recorded(0, question, said, str(name), subject)
                    elif isinstance(said, dict):
                        yield from _records(about | said, str(name), depth=depth + 1)
                continue
            if isinstance(entry, dict | list) and key not in MODEL_KEYS:
                yield from _records(_with_question(entry, question), model, depth=depth + 1)


def _talk(messages: Any) -> tuple[str | None, str | None]:
    """The last question and its answer in a conversation, as chat models and sharegpt files write it."""
    question = answer = None
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, dict):
            text = _text(message, ("content", "value"))
            if message.get("role", message.get("from")) in ("user", "human"):
                question, answer = text, None
            elif message.get("role", message.get("from")) in ("assistant", "gpt"):
                answer = text
    return question, answer


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
