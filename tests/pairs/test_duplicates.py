"""Rows that teach the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vgpt_probe.pairs import duplicates
from vgpt_probe.pairs.datasets import Row
from vgpt_probe.pairs.duplicates import exact_duplicates, near_duplicates, normal


def rows(*questions: str, answer: str = "It is so.") -> list[Row]:
    return [Row(number, question, answer) for number, question in enumerate(questions, start=1)]


def test_rows_about_other_names_are_no_near_duplicates_however_alike():
    found = rows("Describe the Vendor table", "Describe the Vendors table", "describe the Vendor table?")
    names = [("Vendor",), ("Vendors",), ("vendor",)]
    assert near_duplicates(found, names) == [[0, 2]]


def test_rows_with_other_answers_are_no_near_duplicates():
    one, other = Row(1, "Describe it", "It is a view."), Row(2, "Describe it", "There is no such table.")
    assert near_duplicates([one, other], [(), ()]) == []


def test_exact_duplicates_are_not_counted_again_as_near_ones():
    found = rows("Describe it", "Describe it ", "Describe it")
    assert exact_duplicates(found) == [[0, 1, 2]]
    assert near_duplicates(found, [()] * 3) == []


def test_large_blocks_are_searched_by_neighbours(monkeypatch):
    monkeypatch.setattr(duplicates, "BLOCK", 10)
    # Alike but for their beginnings, so that only the order of the reversed texts brings two together.
    found = rows(
        *(
            f"{chr(97 + number % 26) * 3} {number:04d} tell me about number {number:04d}"
            for number in range(60)
        )
    )
    found += rows("zzz please explain the end of month close", "aaa please explain the end of month close")
    near = near_duplicates(found, [()] * len(found))
    assert [60, 61] in near


@given(st.lists(st.text(alphabet="ab ?A", max_size=6), max_size=12))
def test_groups_are_disjoint_and_equal_normal_forms_are_together(questions):
    found = rows(*questions)
    groups = near_duplicates(found, [()] * len(found))
    members = [position for group in groups for position in group]
    assert len(members) == len(set(members))
    of = {position: number for number, group in enumerate(groups) for position in group}
    first: dict[str, int] = {}
    for position, question in enumerate(questions):
        if question.strip() not in [text.strip() for text in questions[:position]]:
            other = first.setdefault(normal(question), position)
            if other != position:
                assert of[other] == of[position]
