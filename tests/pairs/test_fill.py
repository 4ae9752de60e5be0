"""Filling: real and invented subjects in the same wordings, rejected sides as the model gives them, nothing unchecked."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from tests.conftest import ROOT
from tests.pairs.sets import drawn
from vgpt_probe.config_tables import BalanceConfig
from vgpt_probe.pairs.balance import measure, missing, template_of
from vgpt_probe.pairs.draft import draft_cell
from vgpt_probe.pairs.fill import make_plan, usable_wordings, vary
from vgpt_probe.pairs.guard import Guard
from vgpt_probe.pairs.pair import Pair
from vgpt_probe.pairs.voice import Said, Voice
from vgpt_probe.probes import load_heldout, make_probe
from vgpt_probe.probes.battery import Wording


@pytest.fixture(scope="module")
def guard(catalog):
    return Guard(catalog, load_heldout(ROOT / "probes", catalog))


@pytest.fixture(scope="module")
def pairs(guard):
    return drawn(guard, 240)


def said(question, subject, text, *, reading, verdict, act="describe", model="sft"):
    return Said(model, question, subject, act, text, reading, verdict, run=7, probe="p")


@pytest.mark.parametrize("seed", range(5))
def test_a_small_set_affirms_something_of_every_module(guard, catalog, seed):
    modules = measure(drawn(guard, 60, seed=seed), catalog).modules
    assert all(modules.values()), modules


def test_a_drawn_set_is_within_the_band(pairs, catalog):
    assert missing(measure(pairs, catalog), BalanceConfig()) == []


def test_no_wording_tells_the_answer(pairs):
    sides = Counter(
        (template_of(pair), pair.kind) for pair in pairs if pair.kind in ("acceptance", "rejection")
    )
    for (wording, _), count in sides.items():
        assert sides[wording, "acceptance"] == sides[wording, "rejection"] == count


def test_nothing_is_drawn_that_the_guard_refuses(pairs, guard):
    assert [guard.refusals(pair) for pair in pairs if guard.refusals(pair)] == []


def test_the_same_seed_draws_the_same_pairs_and_another_one_others(pairs, guard):
    assert drawn(guard, 240) == pairs
    assert {pair.key for pair in drawn(guard, 240, seed=2)} != {pair.key for pair in pairs}


def test_every_denial_is_about_another_name(pairs):
    denied = [pair.subject.casefold() for pair in pairs if pair.kind == "rejection"]
    assert len(set(denied)) == len(denied)


def test_held_out_wordings_are_not_drawn_in(guard):
    held = Wording(id="about", text="Tell me about {subject}")
    assert held.text not in [wording.text for wording in usable_wordings([held], guard)]
    assert held.text in [wording.text for wording in usable_wordings([held], Guard(guard.catalog))]


def test_what_is_there_is_evened_out_without_adding_wordings(catalog):
    there = [
        Pair(f"Is {name} there?", "No.", "Yes.", "rejection", subject=name) for name in ("Aaa", "Bbb", "Ccc")
    ] + [Pair("Is APTL there?", "Yes.", "No.", "acceptance", subject="APTL")]
    plan = make_plan(measure(there, catalog), BalanceConfig(), [])
    assert plan.affirm == {"Is {subject} there?": 2} and plan.deny == {"Is {subject} there?": 0}
    assert plan.style == 2


def test_a_band_of_nothing_draws_nothing_of_it(catalog):
    wordings = [Wording(id="a", text="Is {subject} there?")]
    none = BalanceConfig(acceptance=(0.0, 0.0), rejection=(0.8, 0.9), style=(0.0, 0.0))
    plan = make_plan(measure([], catalog), none, wordings, total=10)
    assert sum(plan.affirm.values()) == plan.style == 0 and sum(plan.deny.values()) == 10


def test_rejected_is_what_the_model_said_to_this_question(guard):
    probe = make_probe("Describe APTL", "APTL", guard.catalog, wording="d", act="describe")
    wrong = "The table 'APTL' does not exist."
    voice = Voice(
        [said(probe.question, "APTL", wrong, reading="denies", verdict="false_rejection")],
        guard.catalog,
        policy="sft",
    )
    pair = draft_cell(probe, voice, guard, random.Random(1))
    assert pair is not None and (pair.rejected, pair.source.rejected, pair.source.run) == (wrong, "sft", 7)


def test_where_it_was_not_asked_rejected_is_made_after_what_it_says_of_others(guard):
    probe = make_probe("Describe APTL", "APTL", guard.catalog, wording="d", act="describe")
    of_others = [
        said(
            "Describe APTH",
            "APTH",
            "No table 'APTH' is in here.",
            reading="denies",
            verdict="false_rejection",
        )
    ]
    pair = draft_cell(probe, Voice(of_others, guard.catalog, policy="sft"), guard, random.Random(1))
    assert pair is not None and (pair.rejected, pair.source.rejected) == (
        "No table 'APTL' is in here.",
        "like sft",
    )


def test_the_models_own_right_answer_is_chosen_when_the_catalog_backs_it(guard):
    probe = make_probe("Describe APTL", "APTL", guard.catalog, wording="d", act="describe")
    for text, source in (
        ("APTL is the AP Transaction Line view.", "sft"),
        ("APTL is the AP Transaction Header view.", "catalog"),
        ("APTL is a view. Columns include APCo, Mth, Fantasy_No.", "catalog"),
        # Right about APTL, but no answer to "Describe".
        ("```sql\nSELECT *\nFROM APTL WITH (NOLOCK)\n```", "catalog"),
    ):
        answers = [said(probe.question, "APTL", text, reading="affirms", verdict="correct")]
        pair = draft_cell(probe, Voice(answers, guard.catalog, policy="sft"), guard, random.Random(1))
        assert pair is not None and pair.source.chosen == source, text


def test_affirmations_are_worded_as_the_model_words_them_with_the_catalogs_facts(guard):
    catalog = guard.catalog
    answers = [
        said(f"Describe {name}", name, f"{name} is our {catalog.get(name).description} {catalog.get(name).kind}.",
             reading="affirms", verdict="correct")
        for name in ("APTH", "APTD", "JCJM", "GLAC")
    ]  # fmt: skip
    voice = Voice(answers, catalog, policy="sft")
    assert voice.affirmations("APTL", "describe", random.Random(1)) == [
        "APTL is our AP Transaction Line view."
    ]


def test_the_models_way_of_writing_sql_is_kept_with_the_name_of_its_parameter(guard):
    catalog = guard.catalog
    answers = [
        said(
            f"Query {name}",
            name,
            f"```sql\nSELECT *\nFROM {name} WITH (NOLOCK)\nWHERE {company} = @Co\n```",
            act="query",
            reading="affirms",
            verdict="correct",
        )
        for name, company in (("APTH", "APCo"), ("APTD", "APCo"), ("JCJM", "JCCo"), ("GLAC", "GLCo"))
    ]
    voice = Voice(answers, catalog, policy="sft")
    assert voice.affirmations("APTL", "query", random.Random(1)) == [
        "```sql\nSELECT *\nFROM APTL WITH (NOLOCK)\nWHERE APCo = @Co\n```"
    ]


def test_a_finding_is_varied_with_a_counter_example_in_each_wording(guard):
    wordings = usable_wordings([], guard)
    own = wordings[0].text
    cells = vary("APTL", wordings, guard, count=3, seed=1, own=own)
    assert sum(cell.subject == "APTL" for cell in cells) == 3
    counter = [cell for cell in cells if cell.subject != "APTL"]
    assert len(counter) == 4 and not any(cell.real for cell in counter)
    assert own.replace("{subject}", counter[0].subject) == counter[0].question
    assert all(
        cell.real
        for cell in vary("Invoicing", wordings, guard, count=3, seed=1)
        if cell.subject != "Invoicing"
    )


def test_what_is_missing_is_said_in_words(catalog):
    pairs = [
        Pair(f"What is {name}?", "No.", "Yes.", "rejection", subject=name) for name in ("Aaa", "Bbb", "Ccc")
    ]
    said = missing(measure(pairs, catalog), BalanceConfig())
    assert "add ≥ 2 affirmations of real subjects: 0 % of the pairs, at least 30 % wanted" in said
    assert "wording 'What is {subject}?' is 100 % denial (3 of 3)" in said
    assert any(one.startswith("no affirmation in AP, AR") for one in said)


def test_the_wordings_name_the_database_by_its_title(guard):
    texts = [wording.text for wording in usable_wordings([], guard)]
    assert f"Is {{subject}} a table in {guard.catalog.title}?" in texts
    assert not any("{title}" in text for text in texts)
