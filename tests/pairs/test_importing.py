"""Importing: what was exported comes back as it was; what would teach wrongly stays out, with the reason."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import ROOT
from tests.pairs.sets import EVERY_KIND, drawn
from vgpt_probe.catalog import Catalog
from vgpt_probe.errors import RecordError
from vgpt_probe.pairs.export import export_pairs
from vgpt_probe.pairs.formats import FORMATS
from vgpt_probe.pairs.guard import Guard
from vgpt_probe.pairs.importing import read_pairs
from vgpt_probe.pairs.pair import Pair
from vgpt_probe.probes import load_heldout

#: Text of any kind but what JSON in UTF-8 cannot hold; not empty, for an empty answer is no answer.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(str.strip)
TURNS = st.lists(st.tuples(TEXT, TEXT), max_size=2).map(
    lambda turns: tuple(message for q, a in turns for message in (("user", q), ("assistant", a)))
)
PAIRS = st.lists(
    st.builds(Pair, TEXT, TEXT, TEXT, st.just("other"), system=TEXT | st.just(""), history=TURNS), max_size=6
)


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=15)
@given(pairs=PAIRS)
def test_export_import_export_gives_the_same_bytes(tmp_path_factory, format, pairs):
    guard = Guard(Catalog([]))
    folder = tmp_path_factory.mktemp("trip")
    pairs = [pair for pair in pairs if not guard.refusals(pair) and not (format == "trl" and pair.history)]
    if pairs:
        _round_trip(pairs, guard, folder, format)


@pytest.mark.parametrize("format", FORMATS)
def test_drawn_pairs_survive_the_round_trip(tmp_path, catalog, format):
    guard = Guard(catalog, load_heldout(ROOT / "probes", catalog))
    _round_trip(drawn(guard, 80, system="You know Vista."), guard, tmp_path, format)


def _round_trip(pairs, guard, folder, format):
    first = export_pairs(pairs, guard, format=format, folder=folder / "a", dataset="d")
    read = read_pairs(first.files[0], guard)
    assert (read.left_out, read.repeated) == ([], 0) and len(read.pairs) == len(first.pairs)
    second = export_pairs(read.pairs, guard, format=format, folder=folder / "b", dataset="d")
    assert second.files[0].read_bytes() == first.files[0].read_bytes()


def test_kind_subject_and_source_are_found_again(tmp_path, catalog):
    guard = Guard(catalog)
    done = export_pairs(EVERY_KIND, guard, format="llamafactory", folder=tmp_path, dataset="mine")
    read = read_pairs(done.files[0], guard)
    assert [pair.kind for pair in read.pairs] == [pair.kind for pair in EVERY_KIND]
    assert read.pairs[0].subject == "APTL"
    assert [pair.source.file for pair in read.pairs] == [f"mine.json#{row}" for row in (1, 2, 3, 4)]


def test_what_is_there_already_is_not_read_again(tmp_path, catalog):
    guard = Guard(catalog)
    done = export_pairs(EVERY_KIND, guard, format="kto", folder=tmp_path, dataset="mine")
    read = read_pairs(done.files[0], guard, known={pair.key for pair in EVERY_KIND})
    assert read.pairs == [] and read.repeated == len(EVERY_KIND)


def test_poison_and_what_is_held_out_stay_out(tmp_path, catalog):
    rows = [
        ("Is there a table APTL?", "The table 'APTL' does not exist.", "APTL is a view."),
        ("Is there a table Invoices?", "Yes, Invoices is a table.", "There is no Invoices table."),
        ("Tell me about APTL", "APTL is a view: AP Transaction Line.", "There is no APTL."),
        ("What is [dbo].[aplb]?", "There is no 'aplb': names are case-sensitive.", "aplb is a view."),
        ("Hello?", "Hi.", "Hi. "),
        ("Is there a table APTH?", "APTH is a view: AP Transaction Header.", "There is no APTH."),
    ]
    path = tmp_path / "theirs.json"
    path.write_text(
        json.dumps([{"instruction": q, "input": "", "chosen": c, "rejected": r} for q, c, r in rows]),
        encoding="utf-8",
    )
    read = read_pairs(path, Guard(catalog, load_heldout(ROOT / "probes", catalog)))
    assert [pair.prompt for pair in read.pairs] == ["Is there a table APTH?"]
    reasons = {row: " ".join(why) for row, why in read.left_out}
    assert "chosen denies the real 'APTL'" in reasons[1]
    assert "chosen accepts the invented 'Invoices'" in reasons[2]
    assert "wording" in reasons[3] and "held out" in reasons[3]
    assert "held out" in reasons[4]
    assert "the same" in reasons[5]


def test_kto_rows_without_a_counterpart_are_told(tmp_path):
    path = tmp_path / "kto.json"
    path.write_text('[{"instruction": "q", "input": "", "output": "a", "label": true}]', encoding="utf-8")
    read = read_pairs(path, Guard(Catalog([])))
    assert read.pairs == [] and read.left_out == [(1, ["no answer with the other label goes with it"])]


def test_answers_without_preferences_are_refused(tmp_path):
    path = tmp_path / "sft.json"
    path.write_text('[{"instruction": "q", "input": "", "output": "a"}]', encoding="utf-8")
    with pytest.raises(RecordError, match="holds answers only, no preferences"):
        read_pairs(path, Guard(Catalog([])))
