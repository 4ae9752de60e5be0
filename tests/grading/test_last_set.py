"""The set that was written when the reader was final and read once: what it scored then is what it must not fall below."""

from __future__ import annotations

from tests.grading.cases import all_cases
from vgpt_probe.catalog.model import Catalog
from vgpt_probe.grading import read_answer

# First read at 136 and 6; its causes have been mended since.
RIGHT, CONFIDENTLY_WRONG = 152, 0


def test_the_last_set_is_read_no_worse_than_at_first(catalog: Catalog) -> None:
    cases = all_cases("thirty_first")
    assert len(cases) == 152
    right, wrong = 0, []
    for case in cases:
        stance = read_answer(case.question, case.answer, case.subject, catalog).stance
        if case.accepts(stance):
            right += 1
        elif stance in ("affirms", "denies", "contradicts"):
            wrong.append(f"line {case.line}: {case.answer!r} read as {stance}, labelled {case.stance}")
    assert len(wrong) <= CONFIDENTLY_WRONG, "\n".join(wrong)
    assert right >= RIGHT
