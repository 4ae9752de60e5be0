"""What stands between an answer as it was stored and what it says: codes, thoughts, names as people write them."""

from __future__ import annotations

import pytest

from vgpt_probe.catalog.model import Catalog
from vgpt_probe.grading import find_subjects, read_answer

DENIED = [
    # answer, subject, what is shown
    ("AllocRules doesn&#39;t exist.", "AllocRules", "AllocRules doesn&#39;t exist"),
    ("AllocRules doesn\\'t exist.", "AllocRules", "AllocRules doesn\\'t exist"),
    ("AllocRules doesn`t exist.", "AllocRules", "AllocRules doesn`t exist"),
    ("AllocRules doesn\ufffdt exist.", "AllocRules", "AllocRules doesn\ufffdt exist"),
    ("AllocRules doesn t exist.", "AllocRules", "AllocRules doesn t exist"),
    ("Sorry.\\n\\nAllocRules doesn't exist.", "AllocRules", "AllocRules doesn't exist"),
    ("There is no AllocRules in the cafe\u0301.", "AllocRules", "There is no AllocRules in the cafe\u0301"),
    ("<think>\nAPXX may hold invoices.\n</think>\nAPXX does not exist.", "APXX", "APXX does not exist"),
    ("hm, APXX is real </think> APXX does not exist.", "APXX", "APXX does not exist"),
    ("> Foo is not a standard\n> Viewpoint table.", "Foo", "Foo is not a standard\n> Viewpoint table"),
    ("_tblJobs does not exist in Vista._", "tblJobs", "tblJobs does not exist in Vista"),
    ("THERE IS NO TABLE ORDERS.", "Orders", "THERE IS NO TABLE ORDERS"),
    ('There is no "Order Details" table.', "[Order Details]", 'There is no "Order Details" table'),
    ("dbo.[Order Details] does not exist.", "dbo.[Order Details]", None),
    ("2024 Sales does not exist.", "2024 Sales", "2024 Sales does not exist"),
    ("Order Details does not exist. Use [Order Details New].", "Order Details", "Order Details does not exist"),
    ("Order Details has no Unit Price column.", "Order Details.Unit Price", None),
    ("server.db.dbo.Foo does not exist.", "server.db.dbo.Foo", "server.db.dbo.Foo does not exist"),
    ("[Foo] does not exist.", "[Foo]", None),
    ('{"table": "Foo", "status": "not_found"}', "Foo", None),
    ("APTH ........ yes\nFoo ...... no", "Foo", "Foo ...... no"),
    ("tblRates does not exist. " * 6, "tblRates", "tblRates does not exist"),
]


@pytest.mark.parametrize(("answer", "subject", "shown"), DENIED)
def test_a_denial_is_found_and_shown(answer: str, subject: str, shown: str | None, catalog: Catalog) -> None:
    reading = read_answer(f"What is in {subject}?", answer, subject, catalog)
    assert reading.stance == "denies", reading.reason
    assert reading.evidence is not None
    assert shown is None or answer[slice(*reading.evidence)] == shown


def test_evidence_ends_with_the_code_of_its_last_character(catalog: Catalog) -> None:
    answer = "SELECT * FROM APTH WHERE Vendor = &#39;x&#39;"
    reading = read_answer("Query APTH", answer, "APTH", catalog)
    assert reading.evidence is not None and answer[slice(*reading.evidence)] == answer


@pytest.mark.parametrize(
    "answer", ["There is no APTH.", "APTH was removed.", "I don't know APTH.", "Do you mean APTH?"]
)
def test_the_right_letter_case_corrects_only_if_it_is_taken_for_granted(answer: str, catalog: Catalog) -> None:
    reading = read_answer("What is in the apth table?", answer, "apth", catalog)
    assert (reading.stance != "affirms", reading.corrected) == (True, None)


def test_what_names_the_subject_nowhere_says_nothing_of_it(catalog: Catalog) -> None:
    for answer in ("It doesn't exist.", "You forgot the join condition.", "Yes."):
        assert read_answer("Why does my query fail?", answer, "Invoice", catalog).stance == "silent"


def test_small_names_of_a_question_are_names(catalog: Catalog) -> None:
    assert read_answer("Is there a vendor table?", "No vendor exists.", "Vendor", catalog).stance == "denies"
    assert read_answer("does orders exist?", "No.", "Orders", catalog).stance == "denies"


LONG = "we are preparing the yearly report for the management and need all numbers by next week. " * 3


@pytest.mark.parametrize(
    "question",
    [
        f"I asked about Invoice before. {LONG}Is Invoice missing from the schema?",
        f"In Invoice I look for totals. {LONG}Or is it true that there is no Invoice?",
        f"Is it true that the table Invoice does not exist? {LONG * 10}",
    ],
)
def test_of_a_long_question_the_part_that_asks_counts(question: str, catalog: Catalog) -> None:
    assert read_answer(question, "Correct.", "Invoice", catalog).stance == "denies"


def test_names_with_spaces_and_databases_are_subjects(catalog: Catalog) -> None:
    asked = "Do dbo.[Order Details] and Viewpoint.dbo.APTH exist? See [My Docs](http://x)."
    assert [found.name for found in find_subjects(asked, catalog)] == ["Order Details", "APTH"]
