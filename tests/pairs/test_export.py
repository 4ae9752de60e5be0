"""Exports have exactly the rows that each trainer reads, and leave other files as they were."""

from __future__ import annotations

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vgpt_probe.catalog import Catalog, Relation
from vgpt_probe.errors import RecordError, UsageError
from vgpt_probe.pairs.export import export_pairs as export_guarded
from vgpt_probe.pairs.formats import FORMATS
from vgpt_probe.pairs.guard import Guard
from vgpt_probe.pairs.pair import Pair


def export_pairs(pairs, **how):
    """Export under a guard that knows one table and holds nothing out; return the data file."""
    return export_guarded(pairs, Guard(Catalog([Relation("Größe")])), **how).files[0]


PAIR = Pair("Is there Größe?", "Yes.\n```sql\nSELECT 1\n```", "No.", "acceptance")
SYSTEM = Pair("q", "a", "b", "other", system="You know Vista.")

ROWS = {
    "llamafactory": [
        {"instruction": PAIR.prompt, "input": "", "chosen": PAIR.chosen, "rejected": "No."},
    ],
    "llamafactory-sharegpt": [
        {
            "conversations": [{"from": "human", "value": PAIR.prompt}],
            "chosen": {"from": "gpt", "value": PAIR.chosen},
            "rejected": {"from": "gpt", "value": "No."},
        }
    ],
    "trl": [{"prompt": PAIR.prompt, "chosen": PAIR.chosen, "rejected": "No."}],
    "trl-conversational": [
        {
            "prompt": [{"role": "user", "content": PAIR.prompt}],
            "chosen": [{"role": "assistant", "content": PAIR.chosen}],
            "rejected": [{"role": "assistant", "content": "No."}],
        }
    ],
    "kto": [
        {"instruction": PAIR.prompt, "input": "", "output": PAIR.chosen, "label": True},
        {"instruction": PAIR.prompt, "input": "", "output": "No.", "label": False},
    ],
    "trl-kto": [
        {
            "prompt": [{"role": "user", "content": PAIR.prompt}],
            "completion": [{"role": "assistant", "content": text}],
            "label": label,
        }
        for text, label in ((PAIR.chosen, True), ("No.", False))
    ],
}


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("format", FORMATS)
def test_each_format_has_its_trainers_rows(tmp_path, format):
    path = export_pairs([PAIR, PAIR], format=format, folder=tmp_path, dataset="mine")
    assert read(path) == ROWS[format]
    assert path.name == "mine.json"
    assert b"\r" not in path.read_bytes() and "Größe".encode() in path.read_bytes()


def test_the_registration_names_every_column_of_the_rows(tmp_path):
    for format in ("llamafactory", "llamafactory-sharegpt", "kto"):
        for pair in (PAIR, SYSTEM):
            path = export_pairs([pair], format=format, folder=tmp_path, dataset="mine")
            entry = read(tmp_path / "dataset_info.json")["mine"]
            assert entry["file_name"] == "mine.json"
            assert entry.get("ranking", False) is (format != "kto")
            assert set(entry["columns"].values()) == set(read(path)[0])
            assert ("system" in entry["columns"]) is bool(pair.system)


def test_trl_needs_no_registration(tmp_path):
    export_pairs([PAIR], format="trl", folder=tmp_path, dataset="mine")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.json", "mine.manifest.json"]


def test_other_registrations_stay(tmp_path):
    (tmp_path / "dataset_info.json").write_text('{"theirs": {"file_name": "x.json"}}', encoding="utf-8")
    export_pairs([PAIR], format="llamafactory", folder=tmp_path, dataset="mine")
    assert list(read(tmp_path / "dataset_info.json")) == ["theirs", "mine"]


def test_an_export_for_trl_takes_the_entry_of_that_name_out(tmp_path):
    (tmp_path / "dataset_info.json").write_text('{"theirs": {"file_name": "x.json"}}', encoding="utf-8")
    export_pairs([PAIR], format="llamafactory", folder=tmp_path, dataset="mine")
    export_pairs([PAIR], format="trl", folder=tmp_path, dataset="mine")
    assert list(read(tmp_path / "dataset_info.json")) == ["theirs"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "is not a JSON object"),
        ("[" * 9999 + "]" * 9999, "cannot be read"),
        ('{"x": ' + "9" * 5000 + "}", "cannot be read"),
    ],
    ids=["cut", "a list", "deep", "a huge number"],
)
def test_a_damaged_registration_is_named_and_nothing_is_written(tmp_path, content, said):
    (tmp_path / "dataset_info.json").write_text(content, encoding="utf-8")
    with pytest.raises(RecordError, match=said):
        export_pairs([PAIR], format="llamafactory", folder=tmp_path, dataset="mine")
    assert [path.name for path in tmp_path.iterdir()] == ["dataset_info.json"]
    assert (tmp_path / "dataset_info.json").read_text(encoding="utf-8") == content


def test_half_a_surrogate_pair_in_another_registration_stays_what_it_was(tmp_path):
    others = {"theirs": {"file_name": "\ud800.json", "columns": {"prompt": "Größe"}}}
    (tmp_path / "dataset_info.json").write_text(json.dumps(others), encoding="utf-8")
    export_pairs([PAIR], format="llamafactory", folder=tmp_path, dataset="mine")
    written = json.loads((tmp_path / "dataset_info.json").read_text(encoding="utf-8"))
    assert written["theirs"] == others["theirs"] and "mine" in written


def test_wrong_use_is_named(tmp_path):
    with pytest.raises(UsageError, match="there is no pair"):
        export_pairs([], format="trl", folder=tmp_path, dataset="mine")
    with pytest.raises(UsageError, match="unknown format 'lamafactory' \\(did you mean 'llamafactory'"):
        export_pairs([PAIR], format="lamafactory", folder=tmp_path, dataset="mine")
    for name in ("", "../mine", "a/b", "a\\b", ".x", "c:d"):
        with pytest.raises(UsageError, match="cannot be a data set's name"):
            export_pairs([PAIR], format="trl", folder=tmp_path, dataset=name)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


@given(
    st.lists(st.builds(Pair, TEXT, TEXT, TEXT, st.just("other"), system=TEXT | st.just("")), min_size=1, max_size=5)
)
def test_any_text_comes_back_exactly(tmp_path_factory, pairs):
    guard = Guard(Catalog([]))
    kept = list({pair.key: pair for pair in pairs if not guard.refusals(pair)}.values())
    assume(kept)
    done = export_guarded(
        pairs, guard, format="trl-conversational", folder=tmp_path_factory.getbasetemp(), dataset="any"
    )
    rows = read(done.files[0])
    assert [row["chosen"][0]["content"] for row in rows] == [pair.chosen for pair in kept]
    assert [row["prompt"][-1]["content"] for row in rows] == [pair.prompt for pair in kept]
