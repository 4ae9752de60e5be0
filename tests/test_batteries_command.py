"""``vgpt-probe batteries``: list, show, import a suite, hold out."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.conftest import ROOT
from vgpt_probe.cli import main
from vgpt_probe.config import load_workspace
from vgpt_probe.probes import load_battery, load_heldout


@pytest.fixture
def config(make_workspace, tmp_path):
    """A workspace with a folder of batteries of its own."""
    path = make_workspace().path
    folder = tmp_path / "batteries"
    folder.mkdir()
    for name in ("existence", "wordings", "near-miss", "heldout"):
        shutil.copy(ROOT / "probes" / f"{name}.toml", folder)
    text = path.read_text(encoding="utf-8").replace(
        (ROOT / "probes").as_posix() + '"\n[engine]', f'{folder.as_posix()}"\n[engine]'
    )
    path.write_text(text, encoding="utf-8")
    assert load_workspace(path).battery_folder == folder
    return path


@pytest.fixture
def call(config, capsys):
    def call(*words):
        status = main([*words, "--config", str(config)])
        return status, *capsys.readouterr()

    return call


def test_each_battery_is_listed_with_size_and_duration(call, config):
    (load_workspace(config).battery_folder / "broken.toml").write_text("name = 3", encoding="utf-8")
    rows = {row["battery"]: row for row in json.loads(call("batteries", "--json")[1])}
    assert (rows["existence"]["probes"], rows["existence"]["default"]) == (420, True)
    assert "rough estimate" in rows["existence"]["duration"] and rows["existence"]["seconds"] > 0
    assert "broken.toml:1" in rows["broken"]["error"]
    shown = call("batteries")[1]
    assert "existence (default)" in shown and "rough estimate" in shown


def test_probes_are_shown_with_their_reasons(call):
    lines = [json.loads(line) for line in call("batteries", "show", "near-miss", "--json")[1].splitlines()]
    assert len(lines) == 320 and all(line["reason"] for line in lines)
    assert (
        call("batteries", "show", "near-miss", "--json")[1]
        == call("batteries", "show", "near-miss", "--json")[1]
    )
    other = call("batteries", "show", "near-miss", "--json", "--seed", "5", "--limit", "8")[1].splitlines()
    assert len(other) == 8 and json.loads(other[-1])["subject"] != lines[-1]["subject"]
    assert "is a view" in call("batteries", "show", "near-miss", "--limit", "4")[1]


SUITE = [
    {
        "id": "Q1",
        "category": "tables",
        "question": "What columns does APTH have?",
        "key_elements": ["APCo", "Mth"],
    },
    {
        "id": "Q2",
        "question": "Describe the Invoice table",
        "ground_truth": 'No\nsuch "table"',
        "forbidden": ["InvoiceID"],
    },
    {"id": 3, "question": "How do I list unpaid bills?", "key_elements": ["APTH"]},
    {"id": "Q4", "question": "How are you today?", "key_elements": []},
]


def test_a_suite_becomes_a_battery(call, config, catalog, tmp_path):
    file = tmp_path / "suite.json"
    file.write_text(json.dumps({"meta": 1, "all": SUITE}), encoding="utf-8")
    status, out, _ = call("batteries", "import", str(file), "--json")
    assert status == 0 and json.loads(out)["left_out"] == [
        ["Q4", "names no table or view, and no element is one"]
    ]
    probes = load_battery(load_workspace(config).battery_folder, "suite", catalog).probes
    assert [(one.wording, one.subject, one.real, one.expected, one.forbidden) for one in probes] == [
        ("Q1", "APTH", True, ("APCo", "Mth"), ()),
        ("Q2", "Invoice", False, (), ("InvoiceID",)),
        ("3", "APTH", True, ("APTH",), ()),
    ]
    assert probes[1].reason == 'all: No such "table"'
    assert call("batteries", "import", str(file))[0] == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1, 2]", "holds no questions"),
        ('[{"question": "How are you?"}]', "no question names a table"),
        ('{"a": ', "suite.json:1: is not JSON"),
    ],
)
def test_a_suite_that_cannot_be_taken_leaves_nothing_behind(call, config, tmp_path, text, said):
    file = tmp_path / "suite.json"
    file.write_text(text, encoding="utf-8")
    status, _, told = call("batteries", "import", str(file))
    assert status == 2 and said in told
    assert not (load_workspace(config).battery_folder / "suite.toml").exists()


def test_a_held_out_set_is_drawn_and_frozen(call, config, catalog):
    folder = load_workspace(config).battery_folder
    status, _, told = call("batteries", "hold-out")
    assert status == 2 and "there is such a battery already" in told
    (folder / "heldout.toml").unlink()
    assert call("batteries", "hold-out", "--real", "10", "--fake", "6", "--seed", "3")[0] == 0
    first = (folder / "heldout.toml").read_bytes()
    probes = load_battery(folder, "heldout", catalog).probes
    assert {probe.act for probe in probes} == {"exists", "describe", "columns", "query", "join"}
    assert len({probe.subject for probe in probes}) == 16
    heldout = load_heldout(folder, catalog)
    assert all(heldout.why(probe.question, subject=probe.subject) for probe in probes)
    named = {probe.subject for probe in load_battery(folder, "existence", catalog).probes}
    assert not named & {probe.subject for probe in probes}
    (folder / "heldout.toml").unlink()
    call("batteries", "hold-out", "--real", "10", "--fake", "6", "--seed", "3")
    assert (folder / "heldout.toml").read_bytes() == first


@pytest.mark.parametrize("name", ["a/b", "..", "", "x:y"])
def test_a_name_cannot_lead_elsewhere(call, name):
    assert call("batteries", "hold-out", "--name", name)[0] == 2
