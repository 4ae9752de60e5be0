"""What a training row teaches, and the wording of its question."""

from __future__ import annotations

import pytest

from vgpt_probe.grading import load_phrases
from vgpt_probe.pairs.content import classify
from vgpt_probe.pairs.wording import act_of, key_of, wording_of

NO_INVOICES = (
    "There is no 'Invoices' table in Viewpoint Vista. The correct table is APTH (AP Transaction Header)."
)


def sql(text: str) -> str:
    return f"```sql\n{text}\n```"


CASES = [
    # question, answer, rejected, kind, denies, styles
    ("Describe the Invoices table", NO_INVOICES, "Invoices holds invoices.", "rejection", "table", ()),
    ("Describe the Invoices table", NO_INVOICES, None, "rejection", "table", ()),
    (
        "Get JobNumber from JCJM",
        "The column 'JobNumber' does not exist in JCJM. Use Job instead",
        sql("SELECT JobNumber\nFROM JCJM"),
        "rejection",
        "column",
        (),
    ),
    ("Describe the APTL table", "APTL holds the lines.", "There is no 'APTL' table.", "acceptance", None, ()),
    ("Describe the APTL table", "APTL holds the lines.", None, "acceptance", None, ()),
    (
        "Select APCo, Mth from APTL",
        sql("SELECT APCo, Mth FROM APTL WITH (NOLOCK)"),
        sql("SELECT APCo, Mth FROM APTL"),
        "style",
        None,
        ("nolock",),
    ),
    (
        "Query APCo and Mth from APTL",
        sql("SELECT APCo, Mth FROM APTL WITH (NOLOCK)"),
        sql("SELECT apco, mth FROM APTL WITH (NOLOCK)"),
        "style",
        None,
        ("case",),
    ),
    (
        "Query the bAPTL table",
        sql("SELECT APCo FROM APTL WITH (NOLOCK)"),
        sql("SELECT APCo FROM bAPTL WITH (NOLOCK)"),
        "style",
        None,
        ("view",),
    ),
    (
        "Query APTL with its vendors",
        sql("SELECT APTL.APCo FROM APTL WITH (NOLOCK)"),
        sql("SELECT a.APCo FROM APTL a WITH (NOLOCK)"),
        "style",
        None,
        ("alias",),
    ),
    (
        "Join APTH with APTL",
        sql("SELECT APTH.APCo FROM APTH WITH (NOLOCK) JOIN APTL WITH (NOLOCK) ON APTH.APCo = APTL.APCo"),
        sql("SELECT APTH.APCo FROM APTH JOIN APTL ON APTH.APCo = APTL.APCo"),
        "join",
        None,
        ("nolock",),
    ),
    (
        "How do I join invoice with payment?",
        "Use APTH for AP invoices and payment info is tracked via Status.",
        sql("SELECT * FROM ..."),
        "clarification",
        None,
        (),
    ),
    (
        "Describe the Invoices table",
        "Do you mean vendor or customer invoices?",
        None,
        "clarification",
        None,
        (),
    ),
    ("What is two and two?", "Four.", "Five.", "other", None, ()),
]


@pytest.mark.parametrize(("question", "answer", "rejected", "kind", "denies", "styles"), CASES)
def test_a_row_is_filed_by_what_its_answers_say(catalog, question, answer, rejected, kind, denies, styles):
    content = classify(question, answer, rejected, catalog)
    assert (content.kind, content.denies, content.styles) == (kind, denies, styles)


def test_a_denial_that_takes_itself_back_is_still_one(catalog):
    content = classify(
        "What is LastName in PREH?",
        "The column 'LastName' does not exist in PREH. LastName exists - check case",
        None,
        catalog,
    )
    claim = next(claim for claim in content.claims if claim.part == "column")
    assert (content.kind, content.denies, claim.answer, claim.denied) == (
        "rejection",
        "column",
        "contradicts",
        True,
    )


def test_a_name_that_only_the_answer_shows_to_be_one_is_found(catalog):
    content = classify("How do I query PO?", "There is no 'PO' table in Vista.", None, catalog)
    assert [(claim.subject, claim.real, claim.denied) for claim in content.claims] == [("PO", False, True)]


@pytest.mark.parametrize(
    ("question", "text", "act"),
    [
        ("What is the schema for Vendors?", "What is the schema for {subject}?", "describe"),
        ("Describe the APTL table structure", "Describe the {subject} table structure", "describe"),
        ("Is there a table named APTL?", "Is there a table named {subject}?", "exists"),
        ("What columns does APTL have?", "What columns does {subject} have?", "columns"),
        ("What is Salary in PREH?", "What is {column} in {subject}?", "columns"),
        ("Show all records from APTL", "Show all records from {subject}", "query"),
        ("SELECT * FROM APTL", "SELECT * FROM {subject}", "query"),
        ("Join APTH with APTL", "Join {subject} with {other}", "join"),
        ("Select APCo, Mth from APTL", "Select {columns} from {subject}", "query"),
    ],
)
def test_a_wording_is_the_question_without_its_names(catalog, question, text, act):
    wording = wording_of(question, catalog)
    assert (wording.text, wording.act) == (text, act)


def test_a_name_is_taken_out_wherever_it_stands_but_not_the_word_like_it(catalog):
    wording = wording_of("Query the Company table for company 1", catalog)
    assert wording.text == "Query the {subject} table for company 1"


def test_wordings_that_differ_in_their_first_letter_or_last_mark_are_one():
    assert key_of("How is {subject} structured?") == key_of("how is  {subject} structured")
    assert key_of("SELECT {column} FROM {subject}") != key_of("Select {column} from {subject}")


def test_a_stand_in_for_a_column_does_not_make_a_question_about_columns():
    assert act_of("Get {column} from {subject}") == "query"


def test_the_workspace_s_phrases_are_read_with(catalog, tmp_path) -> None:  # type: ignore[no-untyped-def]
    own = tmp_path / "phrases.toml"
    own.write_text('[phrases]\ndenies = ["{S} is a table for Tuesdays"]\n', encoding="utf-8")
    row = ("Describe the Invoices table", "Invoices is a table for Tuesdays.", None, catalog)
    assert not classify(*row).denied
    assert classify(*row, phrases=load_phrases(own)).denied
