"""Batteries: what they expand to, and that their faults are named."""

from __future__ import annotations

import re

import pytest

from vgpt_probe.errors import BatteryError
from vgpt_probe.probes import load_battery

TEXT = """\
name = "mine"
seed = 3

[[wordings]]
id = "exists"
act = "exists"
text = "Is there a table {subject}?"

[[wordings]]
id = "query"
text = "Select from {subject}"

[subjects.real]
sample = 12

[subjects.fake]
names = ["Invoice", "Customers"]

[[probes]]
question = "What is in APTL?"
subject = "APTL"
"""


@pytest.fixture
def load(tmp_path, catalog):
    def load(text: str = TEXT, **options):
        (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
        return load_battery(tmp_path, "mine", catalog, **options)

    return load


def test_every_subject_is_asked_in_every_wording(load):
    battery = load()
    assert len(battery.probes) == (12 + 2) * 2 + 1
    assert {probe.wording for probe in battery.probes if probe.subject == "Invoice"} == {"exists", "query"}
    assert battery.probes[0].question == f"Is there a table {battery.probes[0].subject}?"


def test_truth_and_expectation_come_from_the_catalog(load):
    probes = {probe.subject: probe for probe in load().probes}
    assert (probes["Invoice"].real, probes["Invoice"].expect) == (False, "deny")
    assert (probes["APTL"].real, probes["APTL"].expect, probes["APTL"].module) == (True, "affirm", "AP")


def test_the_same_seed_gives_the_same_probes_and_another_seed_others(load):
    assert load().probes == load().probes
    assert load().fingerprint == load().fingerprint
    assert load(seed=4).probes != load().probes


def test_a_sample_speaks_of_every_module(load, catalog):
    modules = {probe.module for probe in load().probes if probe.real}
    assert modules >= {module for module in catalog.modules if module != "Other"}


def test_a_limit_keeps_probes_from_the_whole_battery(load):
    battery = load().limited(6)
    assert len(battery.probes) == 6
    assert {probe.real for probe in battery.probes} == {True, False}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('text = "Select from {subject}"', 'text = "Select"', "mine.toml:11: wordings[2].text: lacks {subject}"),
        ('id = "query"', 'id = "exists"', "mine.toml:10: wordings[2].id: 'exists' is used twice"),
        ('"Invoice", ', '"APTH", ', "mine.toml:17: subjects.fake.names: 'APTH' is in the catalog"),
        ('"Invoice", ', '"apth", ', "mine.toml:17: subjects.fake.names: 'apth' is in the catalog"),
        ("sample = 12", 'names = ["APTX"]', "subjects.real.names: 'APTX' is not in the catalog (did you mean"),
        ("sample = 12", 'modules = ["ZZ"]', "the catalog has no module 'ZZ'"),
        ("seed = 3", "sed = 3", "mine.toml:2: unknown key 'sed' (did you mean 'seed'?)"),
        ('act = "exists"', 'act = "exist"', "mine.toml:6: wordings[1].act: invalid enum value 'exist'"),
    ],
)
def test_a_fault_is_named_with_its_line(load, old, new, said):
    assert old in TEXT
    with pytest.raises(BatteryError, match=re.escape(said)):
        load(TEXT.replace(old, new, 1))


def test_an_unknown_battery_is_named_with_those_there_are(tmp_path, catalog, load):
    load()
    with pytest.raises(BatteryError, match=r"no battery named 'mime' \(did you mean 'mine'\?\)"):
        load_battery(tmp_path, "mime", catalog)


def test_the_shipped_batteries_ask_real_and_invented_in_the_same_wordings(catalog):
    from tests.conftest import ROOT

    for name in ("existence", "heldout"):
        probes = load_battery(ROOT / "probes", name, catalog).probes
        assert {p.wording for p in probes if p.real} == {p.wording for p in probes if not p.real}
        assert len({probe.id for probe in probes}) == len(probes)
