"""The hand-labelled cases: every one of them must be read as labelled."""

# Patterns and tables read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import pytest

from tests.grading.cases import Case, all_cases, read_cases
from vgpt_probe.catalog.model import Catalog
from vgpt_probe.grading import read_answer

FAMILIES: dict[str, list[Case]] = {}
for _folder in (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
    "twenty_first",
    "twenty_second",
    "twenty_third",
    "twenty_fourth",
    "twenty_fifth",
    "twenty_sixth",
    "twenty_seventh",
    "twenty_eighth",
    "twenty_ninth",
    "thirtieth",
    "thirty_first",
    "thirty_second",
    "thirty_third",
    "thirty_fourth",
    "thirty_fifth",
    "thirty_sixth",
    "thirty_seventh",
    "thirty_eighth",
    "thirty_ninth",
    "fortieth",
    "forty_first",
    "forty_second",
    "forty_third",
):
    for _case in all_cases(_folder):
        FAMILIES.setdefault(f"{_folder}/{_case.family}", []).append(_case)


@pytest.mark.parametrize("family", FAMILIES)
def test_family(family: str, catalog: Catalog) -> None:
    wrong = []
    for case in FAMILIES[family]:
        reading = read_answer(case.question, case.answer, case.subject, catalog)
        shown = None if reading.evidence is None else case.answer[slice(*reading.evidence)]
        if not case.accepts(reading.stance) or (
            reading.stance in ("affirms", "denies", "contradicts") and not shown
        ):
            wrong.append(
                f"line {case.line}: {case.answer!r} read as {reading.stance} ({reading.reason}; {shown!r}), labelled {case.stance}"
            )
    assert not wrong, "\n".join(wrong)


def test_there_are_enough_cases() -> None:
    first = {family: cases for family, cases in FAMILIES.items() if family.startswith("first/")}
    assert len(first) >= 14
    assert sum(map(len, first.values())) >= 600
    assert sum(map(len, FAMILIES.values())) - sum(map(len, first.values())) >= 150


def test_a_bad_line_is_named(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "bad.txt"
    path.write_text("? Describe {S}\nmaybe Invoice: hm\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"bad\.txt:2"):
        list(read_cases(path))
