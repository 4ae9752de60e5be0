"""What an answer must and must not hold, beside its reading."""

from __future__ import annotations

import pytest

from vgpt_probe.probes import make_probe
from vgpt_probe.runs.elements import holds
from vgpt_probe.runs.grade import Grader


@pytest.mark.parametrize(
    ("text", "element", "held"),
    [
        ("Its key is APCo, Mth.", "apco", True),
        ("Its key is APCompany.", "APCo", False),
        ("FROM APTH WITH  (NOLOCK)", "WITH (NOLOCK)", True),
        ("**Group** by Vendor", "group by", True),
        ("anything", " ", False),
    ],
)
def test_an_element_is_whole_words_in_any_letter_case(text, element, held):
    assert holds(text, element) is held


@pytest.mark.parametrize(
    ("subject", "answer", "verdict"),
    [
        ("APTH", "APTH is the AP Transaction Header. Its key is APCo, Mth.", "correct"),
        ("APTH", "APTH is the AP Transaction Header.", "unclear"),
        ("APTH", "The table APTH does not exist. APCo, Mth", "false_rejection"),
        ("APTH", "APTH is the AP Transaction Header. Its key is APCo, Mth, InvoiceID.", "false_acceptance"),
        ("Invoice", "There is no table Invoice. APCo and Mth are in APTH.", "correct"),
        ("Invoice", "There is no table Invoice.", "unclear"),
    ],
)
def test_the_reader_judges_refusal_and_the_elements_the_rest(catalog, subject, answer, verdict):
    probe = make_probe(
        f"Describe the {subject} table", subject, catalog, wording="x",
        expected=("APCo", "Mth"), forbidden=("InvoiceID",),
    )  # fmt: skip
    assert Grader(catalog).grade(probe, answer).verdict == verdict
