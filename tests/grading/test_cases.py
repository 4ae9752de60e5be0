"""The hand-labelled cases: every one of them must be read as labelled."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.grading.cases import Case, all_cases
from vgpt_probe.catalog.model import Catalog
from vgpt_probe.grading import read_answer

FIRST = all_cases("first")
SECOND = all_cases("second")


def _name(case: Case) -> str:
    return f"{case.family}-{case.line}"


@pytest.mark.parametrize("case", FIRST + SECOND, ids=_name)
def test_case(case: Case, catalog: Catalog) -> None:
    reading = read_answer(case.question, case.answer, case.subject, catalog)
    shown = None if reading.evidence is None else case.answer[slice(*reading.evidence)]
    assert case.accepts(reading.stance), f"{case.answer!r}\n  read as {reading.stance} ({reading.reason}; {shown!r}), labelled {case.stance}"
    if reading.stance in ("affirms", "denies", "contradicts"):
        assert shown, "a reading that decides must show where"


def test_there_are_enough_cases() -> None:
    families = Counter(case.family for case in FIRST)
    assert len(FIRST) >= 600
    assert len(families) >= 14
    assert len(SECOND) >= 150
