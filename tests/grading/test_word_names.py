"""Subjects that are everyday words or columns: what is said with the same word of something else changes nothing."""

# Tables read better unbroken.

from __future__ import annotations

import itertools

import pytest

from tests.grading.cases import Case
from vgpt_probe.catalog.model import Catalog
from vgpt_probe.grading import read_answer

# The word as a word, or as the name of a column.
AS_A_WORD = {
    "Status": [
        "The Status column of APTH tells you whether it is open.",
        "In APTH, Status is 0 for open and 1 for closed.",
        "Closed contracts have status 3.",
        "The status of a job is kept in JCJM.",
        "Filter JCJM on JobStatus if you need the status.",
    ],
    "Employee": [
        "In PREH, Employee is the employee number and PRCo the company.",
        "Every employee has one row in PREH.",
        "Employee names are in PREH.",
        "The Employee field is part of the key of PREH.",
    ],
    "Order": [
        "Order your rows by date.",
        "Purchase orders are in POHD.",
        "The order number is the column PO of POHD.",
        "Order by PO if you want them sorted.",
    ],
    "Jobs": [
        "To list the jobs, query JCJM.",
        "Closed jobs have status 3.",
        "Jobs are kept in JCJM.",
        "All jobs of a company share JCCo.",
    ],
    "Vendor": [
        "The Vendor column of APVM is part of its key.",
        "Vendor data is in APVM.",
        "Each vendor has one row in APVM.",
    ],
    "Invoice": [
        "Invoice headers are in APTH.",
        "Each invoice has one row in APTH.",
        "The invoice date is InvDate in APTH.",
        "Invoice lines are in APTL.",
    ],
    "Company": [
        "The company number is HQCo.",
        "Each company has a row in HQCO.",
        "Company names are in HQCO.",
        "Filter by company.",
    ],
}
DENIALS = [
    "There is no {S} table.",
    "{S} isn't a table in Vista.",
    "The table {S} doesn't exist.",
    "No table is called {S}.",
    "Vista has no {S} table or view.",
    "There's no table named '{S}'.",
]
AFFIRMATIONS = [
    "{S} is a view in Vista.",
    "Yes, the {S} table exists.",
    "The {S} table holds one row per record.",
]
COLUMN_DENIALS = [
    "The APTL table has no {C} column.",
    "There is no {C} column in APTL.",
    "APTL doesn't have a column named {C}.",
    "{C} is not a column of APTL.",
    "No column {C} exists in APTL.",
]
AFTER_COLUMN_DENIAL = [
    "Here is a query with the columns that it does have:\n```sql\nSELECT APCo, Mth, GrossAmt FROM APTL WITH (NOLOCK)\n```",
    "```sql\nSELECT APCo FROM APTL WITH (NOLOCK) WHERE APCo = 1\n```",
    "Use GrossAmt instead.",
    "SELECT APTL.GrossAmt FROM APTL",
    "APTL holds the lines of AP transactions.",
]
COLUMN_USED = [
    "```sql\nSELECT {C} FROM APTL WITH (NOLOCK)\n```",
    "SELECT APTL.{C} FROM APTL",
    "Run `SELECT APCo, {C} FROM APTL`.",
]
COLUMN_AFFIRMATIONS = [
    "APTL has a {C} column.",
    "{C} is a column of APTL.",
    "The column {C} of APTL holds it.",
]
COLUMN_UNUSED = ["```sql\nSELECT APCo, Mth FROM APTL WITH (NOLOCK)\n```", "SELECT APCo FROM APTL"]
COLUMNS = ("Foo", "Status", "InvoiceNumber")


def _cases() -> list[Case]:
    out = []
    for subject, uses in AS_A_WORD.items():
        for stance, heads in (("denies", DENIALS), ("affirms", AFFIRMATIONS)):
            for head, use in itertools.product(heads, uses):
                answer = f"{head.replace('{S}', subject)} {use}"
                out.append(Case("words", 0, stance, subject, f"Tell me about the {subject} table", answer))
    for stance, heads, tails in (
        ("denies", COLUMN_DENIALS, AFTER_COLUMN_DENIAL),
        ("contradicts", COLUMN_DENIALS, COLUMN_USED),
        ("affirms", COLUMN_AFFIRMATIONS, COLUMN_USED),
        ("affirms", [""], COLUMN_USED),
        ("silent", [""], COLUMN_UNUSED),
    ):
        for column, head, tail in itertools.product(COLUMNS, heads, tails):
            answer = f"{head} {tail}".strip().replace("{C}", column)
            question = f"Does APTL have a {column} column?"
            out.append(Case("columns", 0, stance, f"APTL.{column}", question, answer))
    return out


CASES = _cases()


@pytest.mark.parametrize("family", ["words", "columns"])
def test_the_same_word_elsewhere(family: str, catalog: Catalog) -> None:
    wrong = []
    for case in CASES:
        if case.family == family:
            found = read_answer(case.question, case.answer, case.subject, catalog).stance
            if not case.accepts(found):
                wrong.append(f"{case.subject} in {case.answer!r} is read as {found}, not {case.stance}")
    assert not wrong, "\n".join(wrong)
