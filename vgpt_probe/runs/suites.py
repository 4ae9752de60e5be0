"""Question suites of others: JSON records turned into a battery file."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec

from vgpt_probe.catalog import Catalog, is_real
from vgpt_probe.errors import RecordError, at
from vgpt_probe.files import read_json
from vgpt_probe.probes.probe import Act

QUESTION_KEYS = ("question", "prompt", "instruction")
EXPECTED_KEYS = ("key_elements", "expected_elements", "expected", "must_contain", "must_include")
FORBIDDEN_KEYS = ("forbidden_elements", "forbidden", "must_not_contain", "must_not_include")


class Suite(msgspec.Struct, frozen=True):
    """A battery made of a suite, as TOML; how many questions it has, and those left out with the reason."""

    toml: str
    questions: int
    left_out: list[tuple[str, str]]


class _Record(msgspec.Struct):
    id: str
    category: str
    question: str
    truth: str
    expected: list[str]
    forbidden: list[str]
    subject: str


def read_suite(path: Path, catalog: Catalog, *, name: str) -> Suite:
    """Turn a suite into a battery: records ``id, category, question, ground_truth, key_elements``, nested lists too.

    The subject of a question is the relation or column that it names, else the first real one among the elements.
    Raises ``RecordError`` when the file is not JSON or JSON lines, or holds no question.
    """
    records = list(_records(read_json(path, RecordError)[0], ""))
    if not records:
        raise RecordError(
            "holds no questions", where=at(path), mend=f"a record needs one of {', '.join(QUESTION_KEYS)}"
        )
    made, left_out = [], []
    for record in records:
        subject = record.subject or _subject(record, catalog)
        if subject is None:
            left_out.append((record.id or record.question, "names no table or view, and no element is one"))
        else:
            made.append(_toml(record, subject, catalog))
    head = f"# Made from {path.name}; whether an answer refuses is read, the elements are looked for besides.\n\n"
    head += f"name = {_text(name)}\ndescription = {_text(f'{len(made)} questions of {path.name}')}\n"
    return Suite(head + "".join(made), len(made), left_out)


def _subject(record: _Record, catalog: Catalog) -> str | None:
    from vgpt_probe.grading import find_subjects

    named = [found.name for found in find_subjects(record.question, catalog)]
    # A question about what is not there is about that, whatever else it names.
    invented = [name for name in named if is_real(name, catalog) is False]
    known = [name for name in named if is_real(name, catalog)]
    elements = [element for element in record.expected if element in catalog]
    return next(iter([*invented, *known, *elements]), None)


def _toml(record: _Record, subject: str, catalog: Catalog) -> str:
    lines = ["", "[[probes]]"]
    if record.id:
        lines.append(f"id = {_text(record.id)}")
    lines += [f"question = {_text(record.question)}", f"subject = {_text(subject)}"]
    act = _act(record.question)
    if act != "other":
        lines.append(f"act = {_text(act)}")
    reason = ": ".join(part for part in (record.category, " ".join(record.truth.split())) if part)
    if reason:
        lines.append(f"reason = {_text(reason)}")
    for key, elements in (("expected", record.expected), ("forbidden", record.forbidden)):
        if elements:
            lines.append(f"{key} = [{', '.join(map(_text, elements))}]")
    return "\n".join(lines) + "\n"


def _act(question: str) -> Act:
    for act, pattern in _ACTS:
        if re.search(pattern, question, re.IGNORECASE):
            return act
    return "other"


_ACTS: tuple[tuple[Act, str], ...] = (
    ("join", r"\bjoin"),
    ("exists", r"\bexists?\b|\bis there\b|\bdo we have\b"),
    ("columns", r"\bcolumns?\b|\bfields?\b"),
    ("query", r"\bsql\b|\bquery\b|\bselect\b"),
    ("describe", r"\bdescribe\b|\bwhat is\b|\bexplain\b"),
)


def _records(value: Any, category: str, depth: int = 0) -> Any:
    if depth > 50:
        return
    if isinstance(value, list):
        for entry in value:
            yield from _records(entry, category, depth + 1)
    elif isinstance(value, dict):
        category = _first(value, ("category",)) or category
        question = _first(value, QUESTION_KEYS)
        if question:
            yield _Record(
                id=_first(value, ("id", "name")),
                category=category,
                question=question,
                truth=_first(value, ("ground_truth", "answer", "expected_answer")),
                expected=_list(value, EXPECTED_KEYS),
                forbidden=_list(value, FORBIDDEN_KEYS),
                subject=_first(value, ("subject",)),
            )
            return
        for key, entry in value.items():
            if isinstance(entry, list | dict):
                yield from _records(entry, category or str(key), depth + 1)


def _first(record: dict[str, Any], keys: tuple[str, ...]) -> str:
    for key in keys:
        value = record.get(key)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return ""


def _list(record: dict[str, Any], keys: tuple[str, ...]) -> list[str]:
    for key in keys:
        value = record.get(key)
        if isinstance(value, list):
            return [str(entry).strip() for entry in value if isinstance(entry, str | int) and str(entry).strip()]
        if isinstance(value, str) and value.strip():
            return [value.strip()]
    return []


def _text(value: str) -> str:
    """A TOML string; JSON's escapes are TOML's, but TOML takes neither DEL nor half a surrogate pair."""
    clean = value.encode("utf-8", errors="replace").decode("utf-8")
    return json.dumps(clean, ensure_ascii=False).replace("\x7f", "\\u007f")
