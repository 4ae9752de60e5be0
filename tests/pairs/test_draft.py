"""Drafts: what the model said against another's right answer, or the catalog's facts, never more than those."""

from __future__ import annotations

import pytest

from vgpt_probe.pairs.answers import alternatives, catalog_answer
from vgpt_probe.pairs.check import problems
from vgpt_probe.pairs.draft import draft_chat_pair, draft_pair
from vgpt_probe.pairs.guard import Guard
from vgpt_probe.pairs.pair import Pair
from vgpt_probe.probes import load_battery, make_probe
from vgpt_probe.runs.grade import Grader
from vgpt_probe.runs.records import Case

DENIAL = "The table 'APTL' does not exist in Viewpoint Vista."
RIGHT = "APTL (AP Transaction Line) holds the lines of AP transactions.\n\n```sql\nSELECT APCo FROM APTL WITH (NOLOCK)\n```"


def case(catalog, **answers):
    probe = make_probe("Describe the APTL table structure", "APTL", catalog, wording="structure", act="describe")
    return Case(0, probe, {model: Grader(catalog).grade(probe, text, model=model) for model, text in answers.items()})


def test_another_models_right_answer_is_preferred(catalog):
    pair = draft_pair(case(catalog, sft=RIGHT, dpo_v2=DENIAL), "dpo_v2", Guard(catalog), run=3)
    assert (pair.chosen, pair.rejected, pair.kind) == (RIGHT, DENIAL, "acceptance")
    assert (pair.source.run, pair.source.rejected, pair.source.chosen) == (3, "dpo_v2", "sft")
    assert problems(pair, catalog) == []


def test_without_one_the_catalog_answers(catalog):
    pair = draft_pair(case(catalog, sft=DENIAL, dpo_v2=DENIAL), "dpo_v2", Guard(catalog), run=3)
    assert pair.source.chosen == "catalog"
    assert "AP Transaction Line" in pair.chosen and "APLine" in pair.chosen
    assert problems(pair, catalog) == []


def test_an_answer_that_names_what_is_not_there_is_not_preferred(catalog):
    invented = "APTL is joined to Invoices.\n\n```sql\nSELECT APCo FROM APTL JOIN Invoices ON 1 = 1\n```"
    pair = draft_pair(case(catalog, sft=invented, dpo_v2=DENIAL), "dpo_v2", Guard(catalog), run=3)
    assert pair.source.chosen == "catalog"


@pytest.mark.parametrize("battery", ["existence", "heldout"])
def test_nothing_is_wrong_with_what_the_catalog_answers_to_any_probe(catalog, battery):
    from tests.conftest import ROOT

    faults = []
    for probe in load_battery(ROOT / "probes", battery, catalog).probes:
        chosen = catalog_answer(probe.question, probe.subject, catalog, act=probe.act)
        wrong = f"{probe.subject} does not exist." if probe.real else f"SELECT * FROM {probe.subject}"
        pair = Pair(probe.question, chosen, wrong, "acceptance" if probe.real else "rejection", subject=probe.subject)
        if found := problems(pair, catalog):
            faults.append((chosen, found))
    assert faults == []


def test_alternatives_are_found_by_description_and_then_by_name(catalog):
    assert "APVM" in [relation.name for relation in alternatives("Vendors", catalog)]
    assert "APTH" in [relation.name for relation in alternatives("APTX", catalog)]
    assert alternatives("Zzzzzzzz", catalog) == []


def test_a_chat_answer_can_become_a_pair(catalog):
    guard = Guard(catalog)
    talk = [("user", "What is APTL?")]
    pair = draft_chat_pair(talk, "APTL", DENIAL, {"sft": RIGHT}, guard, model="dpo_v2")
    assert (pair.chosen, pair.source.chosen) == (RIGHT, "sft")
    pair = draft_chat_pair(talk, "APTL", DENIAL, {}, guard, model="dpo_v2")
    assert pair.source.chosen == "catalog" and problems(pair, catalog) == []


def test_a_chat_pair_keeps_the_conversation_before_it(catalog):
    talk = [("user", "Do you know Vista?"), ("assistant", "Yes."), ("user", "What is APTL?")]
    pair = draft_chat_pair(talk, "APTL", DENIAL, {}, Guard(catalog), model="dpo_v2", system="Be short.")
    assert pair.prompt == "What is APTL?" and pair.system == "Be short."
    assert pair.history == (("user", "Do you know Vista?"), ("assistant", "Yes."))


def test_what_nothing_can_be_checked_against_is_left_for_a_person_to_write(catalog):
    pair = draft_chat_pair([("user", "Hello?")], None, "Hi.", {"sft": "Hello."}, Guard(catalog), model="dpo_v2")
    assert (pair.kind, pair.chosen, pair.rejected) == ("other", "", "Hi.")
    assert problems(pair, catalog) == ["chosen is empty"]


@pytest.mark.parametrize(
    ("subject", "chosen", "rejected", "said"),
    [
        ("APTL", DENIAL, RIGHT, "chosen denies the real 'APTL'"),
        ("Invoices", "SELECT * FROM Invoices", "There is no Invoices table.", "chosen accepts the invented 'Invoices'"),
        ("APTL", RIGHT, RIGHT, "chosen and rejected are the same"),
        ("APTL", "", DENIAL, "chosen is empty"),
        ("APTL", RIGHT, " ", "rejected is empty"),
        ("APTL", "APTL exists. See SELECT a FROM APXX.", DENIAL, "chosen names 'APXX', which is not in the catalog"),
        (
            "APTH",
            "APTH is a view. Columns include APCo, Mth, APTrans, APLine.",
            "There is no APTH.",
            "chosen names the column 'APLine', which nothing that it speaks of has",
        ),
        ("APTL", RIGHT, "APTL is a view: AP Transaction Line.", "rejected is right about the real 'APTL' too"),
    ],
)
def test_what_a_pair_would_teach_wrongly_is_named(catalog, subject, chosen, rejected, said):
    pair = Pair(f"What is {subject}?", chosen, rejected, "acceptance", subject=subject)
    assert said in problems(pair, catalog)
