"""The set that was written when the reader was final and read once: what it scored then is what it must not fall below."""

from __future__ import annotations

from tests.grading.cases import all_cases
from vgpt_probe.catalog.model import Catalog
from vgpt_probe.grading import read_answer

# As first read; nothing has been mended for these cases, so some are wrong.
RIGHT, CONFIDENTLY_WRONG = 116, 1


def test_the_last_set_is_read_no_worse_than_at_first(catalog: Catalog) -> None:
    cases = all_cases("last")
    assert len(cases) == 124
    right, wrong = 0, []
    for case in cases:
        stance = read_answer(case.question, case.answer, case.subject, catalog).stance
        if case.accepts(stance):
            right += 1
        elif stance in ("affirms", "denies", "contradicts"):
            wrong.append(f"line {case.line}: {case.answer!r} read as {stance}, labelled {case.stance}")
    assert len(wrong) <= CONFIDENTLY_WRONG, "\n".join(wrong)
    assert right >= RIGHT
