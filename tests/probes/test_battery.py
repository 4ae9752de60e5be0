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


SHIPPED = ("existence", "near-miss", "columns", "wordings", "sweep", "heldout")


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_batteries_ask_real_and_invented_in_the_same_wordings(catalog, name):
    from tests.conftest import ROOT

    battery = load_battery(ROOT / "probes", name, catalog)
    assert {p.wording for p in battery.probes if p.real} == {p.wording for p in battery.probes if not p.real}
    assert len({probe.id for probe in battery.probes}) == len(battery.probes)
    assert all(probe.reason for probe in battery.probes) and battery.description


def test_the_shared_wordings_are_many_and_none_is_held_out(catalog):
    from tests.conftest import ROOT
    from vgpt_probe.probes import load_heldout
    from vgpt_probe.probes.battery import read_battery

    wordings = read_battery(ROOT / "probes" / "wordings.toml").wordings
    assert len(wordings) >= 20
    assert {wording.act for wording in wordings} == {"exists", "describe", "columns", "query", "join"}
    heldout = load_heldout(ROOT / "probes", catalog)
    for wording in wordings:
        question = wording.text.replace("{subject}", "APTH").replace("{other}", "APTL")
        assert heldout.why(question, subject="APTH") is None, question


def test_the_hash_of_the_demo_battery_is_what_earlier_runs_have(catalog):
    from tests.conftest import ROOT

    battery = load_battery(ROOT / "probes", "existence", catalog)
    assert battery.fingerprint == "079227373dac7f9911bf9db88df42f403898fda6789156f13a8c5bc6e4bfbfb1"


BORROWED = """\
name = "mine"
wordings_of = "lender"
acts = ["exists", "join"]
each = 1

[subjects.real]
names = ["APTH"]
written = "brackets"

[subjects.fake]
kinds = ["casing", "plural"]
sample = 4
"""
LENDER = """\
name = "lender"
[subjects.real]
sample = 1
[[wordings]]
id = "one"
act = "exists"
text = "Is there {subject}?"
[[wordings]]
id = "two"
act = "exists"
text = "Does {subject} exist?"
[[wordings]]
id = "three"
act = "join"
text = "Join {subject} with {other}"
[[wordings]]
id = "four"
act = "query"
text = "Query {subject}"
"""


def test_wordings_are_borrowed_by_act(load, tmp_path, catalog):
    (tmp_path / "lender.toml").write_text(LENDER, encoding="utf-8")
    battery = load(BORROWED)
    assert [probe.wording for probe in battery.probes[:2]] == ["one", "three"]
    assert battery.probes[0].question == "Is there [dbo].[APTH]?" and battery.probes[0].subject == "APTH"
    other = re.fullmatch(r"Join \[dbo\]\.\[APTH\] with (\w+)", battery.probes[1].question)[1]
    assert catalog.get(other).module == "AP" and other != "APTH"
    casing = [probe for probe in battery.probes if probe.kind == "casing"]
    assert {(probe.real, probe.expect) for probe in casing} == {(False, "correct")}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('wordings_of = "lender"', 'wordings_of = "lendr"', "mine.toml:2: wordings_of: no battery named 'lendr'"),
        ("sample = 4", "", "mine.toml:11: subjects.fake: kinds need a sample"),
        ('"plural"]', '"plurals"]', "mine.toml:11: subjects.fake.kinds[2]: invalid enum value 'plurals'"),
        ("[subjects.fake]", "[subjects.columns]\nreal = 2\n[subjects.fake]", "no wording asks about a column"),
        ("sample = 4", "sample = 9999999999999999999", "mine.toml:12: subjects.fake.sample: "),
        ('names = ["APTH"]', 'rare_in = ["gone.json"]', "no such file: gone.json"),
        ('names = ["APTH"]', f'rare_in = ["{"g" * 5000}.json"]', "no such file: ggg"),
        ('wordings_of = "lender"', f'wordings_of = "{"l" * 5000}"', "no battery named 'lll"),
    ],
)
def test_a_fault_of_what_is_drawn_is_named(load, tmp_path, old, new, said):
    (tmp_path / "lender.toml").write_text(LENDER, encoding="utf-8")
    assert old in BORROWED
    with pytest.raises(BatteryError, match=re.escape(said)):
        load(BORROWED.replace(old, new, 1))


def test_subjects_are_drawn_by_description_kind_and_rarity(load, tmp_path, catalog):
    (tmp_path / "lender.toml").write_text(LENDER, encoding="utf-8")

    def real(lines: str) -> list[str]:
        text = BORROWED.replace('names = ["APTH"]\nwritten = "brackets"', lines)
        return list(dict.fromkeys(probe.subject for probe in load(text).probes if probe.real))

    assert all("vendor" in catalog.get(name).description.casefold() for name in real('about = ["vendor"]'))
    assert {catalog.get(name).kind for name in real('kind = "table"\nsample = 5')} == {"table"}
    names = [relation.name for relation in catalog.relations]
    rows = [{"instruction": f"Describe {name}", "chosen": f"\\n{name} is", "x": [1]} for name in names if name != "APTH"]
    import json

    (tmp_path / "train.json").write_text(json.dumps(rows), encoding="utf-8")
    assert real('rare_in = ["train.json"]\nsample = 1') == ["APTH"]
    (tmp_path / "train.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert real('rare_in = ["train.jsonl"]\nsample = 1') == ["APTH"]
    (tmp_path / "train.jsonl").write_text('{"a": 1}\n{"a"', encoding="utf-8")
    with pytest.raises(BatteryError, match=r"train\.jsonl:2: is not JSON"):
        real('rare_in = ["train.jsonl"]\nsample = 1')


def test_a_held_out_set_draws_nothing(load, tmp_path):
    (tmp_path / "lender.toml").write_text(LENDER, encoding="utf-8")
    with pytest.raises(BatteryError, match=r"mine\.toml:2: a held-out set lists its wordings and names"):
        load(BORROWED.replace('wordings_of', 'frozen = "x"\nwordings_of', 1))
