"""What a training row can meet in a trainer's loader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from vgpt_probe.pairs.audit_records import Effect
from vgpt_probe.pairs.datasets import LABEL_KEYS


class Fault(msgspec.Struct, frozen=True):
    """Why a trainer fails on a row, drops or misreads it; ``fixable``: ``audit --fix`` mends the row or leaves it out."""

    effect: Effect
    what: str
    mend: str
    fixable: bool = True


EMPTY_PROMPT = Fault("misleads", "the prompt is empty", "give a question, or leave the row out")
EMPTY_ANSWER = Fault("misleads", "an answer is empty", "give an answer, or leave the row out")
SAME = Fault("misleads", "chosen and rejected are the same, which teaches nothing", "leave the row out")
NO_OBJECT = Fault("fails", "the record is no JSON object", "leave it out")

_UNQUOTED = "write true and false without quotes"


def label_faults(record: dict[str, Any], effect: Effect) -> Iterator[Fault]:
    """What is wrong with the label of a KTO row."""
    value = next((record[key] for key in LABEL_KEYS if key in record), None)
    if isinstance(value, str):
        yield Fault(effect, "the label is a string, not JSON true or false", _UNQUOTED)
    elif not isinstance(value, bool):
        yield Fault(effect, "the label is neither true nor false", "write true or false")


def empty_faults(*texts: object) -> Iterator[Fault]:
    """What is wrong with answers that are empty or, of a pair, the same."""
    if any(isinstance(text, str) and not text.strip() for text in texts):
        yield EMPTY_ANSWER
    elif len(texts) == 2 and all(isinstance(text, str) for text in texts) and _same(*texts):
        yield SAME


def _same(one: object, other: object) -> bool:
    return str(one).strip() == str(other).strip()
