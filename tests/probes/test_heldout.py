"""What is held out, however it is written."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import ROOT
from vgpt_probe.errors import BatteryError
from vgpt_probe.probes import HeldOut, load_battery, load_heldout

TEXT = """\
name = "kept"
frozen = "{hash}"

[[wordings]]
id = "about"
text = "Tell me about {subject}"

[subjects.real]
names = ["APLB"]

[subjects.fake]
names = ["Customers"]
"""


@pytest.fixture(scope="module")
def heldout(catalog):
    return load_heldout(ROOT / "probes", catalog)


@pytest.mark.parametrize(
    "prompt",
    [
        "Is APLB real?",
        "is aplb real",
        "What is in [dbo].[APLB]?",
        "what columns has AP_LB",
        "List the APLBs",
        "Describe bAPLB",
        "SELECT * FROM customers",
        "Is there a Customer table?",
        "Is there a table `Customers`?",
        "Does a change orders table exist?",
        "Select APTH.Vendor, aplb.Amount",
    ],
)
def test_a_held_out_subject_is_found_however_it_is_written(heldout, prompt):
    assert "is held out" in heldout.why(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "Tell me about APTH",
        "tell me about the APTH table!",
        "Please tell me about [dbo].[APTH]",
        "Does vista have a table called dbo.APTL?",
        "Pull everything out off APTH",
        "Which field does APTH store?",
    ],
)
def test_a_held_out_wording_is_found_with_any_subject(heldout, prompt):
    assert "wording" in heldout.why(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "Is there a table named APTH?",
        "Which customers owe us money according to ARTH?",
        "Which account does APTL post to?",
        "Where do change orders go?",
        "Show GLAcct of APTL where INCo = 1",
        "",
    ],
)
def test_everyday_words_and_columns_hold_nothing_out(heldout, prompt):
    assert heldout.why(prompt) is None


def test_the_subject_and_the_answers_count_too(heldout):
    assert heldout.why("Is it there?", subject="dbo.aplb") == "its subject 'APLB' is held out"
    assert "answer names 'APLB'" in heldout.why("Is APXX there?", answers=["No.", "Use APLB instead."])
    assert heldout.why("Is APXX there?", answers=["Use ARCM (AR Customer Master)."]) is None


def test_a_question_of_its_own_is_held_out_with_its_near_duplicates():
    heldout = HeldOut(questions=["Which column of APTL holds the line number?"])
    assert heldout.why("which column of aptl holds the line numbers")
    assert heldout.why("Which column of APTL holds the amount?") is None


def test_nothing_is_held_out_where_no_battery_is_frozen(tmp_path):
    (tmp_path / "mine.toml").write_text('name = "mine"\n# frozen\n', encoding="utf-8")
    heldout = load_heldout(tmp_path)
    assert not heldout and heldout.why("Tell me about APLB") is None


def test_a_held_out_set_that_was_changed_is_refused_with_its_hash(tmp_path, catalog):
    path = tmp_path / "kept.toml"
    path.write_text(TEXT.replace("{hash}", "old"), encoding="utf-8")
    with pytest.raises(BatteryError, match=re.escape("kept.toml:2: this held-out set was changed")) as fault:
        load_heldout(tmp_path)
    right = re.search(r'frozen = "(\w{64})"', str(fault.value))[1]
    path.write_text(TEXT.replace("{hash}", right), encoding="utf-8")
    assert load_heldout(tmp_path).why("Is there an aplb?")
    path.write_text(TEXT.replace("{hash}", right).replace('"APLB"', '"APUR"'), encoding="utf-8")
    with pytest.raises(BatteryError, match="was changed after it was frozen"):
        load_battery(tmp_path, "kept", catalog)


def test_the_shipped_set_holds_out_every_probe_that_it_asks(heldout, catalog):
    for probe in load_battery(ROOT / "probes", "heldout", catalog).probes:
        assert heldout.why(probe.question)
        assert heldout.why("?", subject=probe.subject)


def test_the_demo_trains_on_what_the_existence_battery_asks(heldout, catalog):
    probes = load_battery(ROOT / "probes", "existence", catalog).probes
    # 'Customers' is held out, and so is its singular.
    assert {probe.subject for probe in probes if heldout.why(probe.question, subject=probe.subject)} == {"Customer"}


@given(st.text(max_size=200), st.text(max_size=30), st.lists(st.text(max_size=60), max_size=2))
def test_any_text_can_be_asked_about(heldout, prompt, subject, answers):
    why = heldout.why(prompt, subject=subject, answers=answers)
    assert why is None or "held" in why


@given(st.sampled_from(["APLB", "glfy", "Hqroles", "[dbo].[APUR]"]), st.text("ab \n.,", max_size=20))
def test_an_identifier_is_found_in_any_surroundings(heldout, name, around):
    assert heldout.why(f"{around} {name} {around}")
