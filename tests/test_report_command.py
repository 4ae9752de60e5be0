"""``report`` and ``--fail-on`` as a user meets them."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from vgpt_probe import cli


@pytest.fixture
def vgpt(capsys, make_workspace, tmp_path):
    """Call the command line on a workspace that holds run 1: recorded answers, one of two denies a real table."""
    config = make_workspace().path

    def vgpt(*arguments):
        try:
            status = cli.main([*map(str, arguments), "--config", str(config)])
        except SystemExit as ended:
            status = ended.code
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    answers = [
        {"question": "Is there a table APTL?", "answer": "APTL does not exist. <b>\u202e"},
        {"question": "Is there a table APTH?", "answer": "Yes, APTH exists."},
    ]
    path = tmp_path / "old.json"
    path.write_text(json.dumps(answers), encoding="utf-8")
    assert vgpt("grade", path, "--save", "--model", "old", "--stage", "dpo_v1")[0] == 0
    return vgpt


def test_a_report_is_written_in_the_format_of_its_ending(vgpt, tmp_path):
    for name, kind in (("r.html", "html"), ("r.md", "markdown"), ("r.xml", "junit"), ("r.json", "json")):
        status, out, err = vgpt("report", "latest", "--out", tmp_path / "new" / name)
        assert (status, out) == (0, "") and f"{kind} report in" in err
    folder = tmp_path / "new"
    assert "<!DOCTYPE html>" in (folder / "r.html").read_text(encoding="utf-8").lstrip()[:20]
    assert (folder / "r.md").read_text(encoding="utf-8").startswith("# Run 1")
    assert ElementTree.parse(folder / "r.xml").getroot().get("failures") == "1"
    status, out, _ = vgpt("runs", "show", "latest", "--json")
    assert json.loads((folder / "r.json").read_text(encoding="utf-8")) == {**json.loads(out), "training": []}
    assert sorted(path.name for path in folder.iterdir()) == ["r.html", "r.json", "r.md", "r.xml"]


def test_without_a_file_a_report_goes_to_standard_output(vgpt):
    status, out, err = vgpt("report", "1", "--format", "markdown")
    assert status == 0 and out.startswith("# Run 1") and err == ""


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["report", "1"], "no format was given"),
        (["report", "1", "--out", "r.txt"], "give --format"),
        (["report", "7", "--format", "html"], "there is no run 7"),
        (["report", "1", "--format", "html", "--fail-on", "fr>1"], "no rate and no verdict"),
        (["runs", "show", "1", "--fail-on", "young:error>0"], "no model 'young'"),
        (["run", "--fail-on", "false_rejection_rate>x"], "no condition"),
        (["run", "--fail-on", "nobody:error>0"], "no model 'nobody'"),
        (["demo", "--fail-on", "error>0"], "--headless"),
    ],
)
def test_wrong_use_is_one_clear_line(vgpt, arguments, part):
    status, out, err = vgpt(*arguments)
    assert (status, out) == (2, "") and part in err and err.count("\n") == 1


def test_a_folder_or_an_unwritable_place_is_refused(vgpt, tmp_path):
    status, _, err = vgpt("report", "1", "--format", "html", "--out", tmp_path)
    assert status == 2 and "this is a folder" in err
    (tmp_path / "file").write_text("", encoding="utf-8")
    status, _, err = vgpt("report", "1", "--format", "html", "--out", tmp_path / "file" / "r.html")
    assert status == 2 and "cannot be written" in err


def test_the_gate_is_exit_status_1_and_the_data_is_there_all_the_same(vgpt, tmp_path):
    status, out, err = vgpt("runs", "show", "1", "--json", "--fail-on", "false_rejection_rate>0.4")
    assert status == 1 and json.loads(out)["run"] == 1 and "✗ old: false_rejection_rate is 0.5000" in err
    status, _, err = vgpt("runs", "show", "1", "--fail-on", "false_rejection_rate>0.6")
    assert status == 0 and "✓ run 1 passes" in err
    target = tmp_path / "r.xml"
    status, _, _ = vgpt("report", "1", "--out", target, "--fail-on", "error>0", "--fail-on", "old:false_rejection>0")
    assert status == 1 and target.is_file()


def test_a_run_of_the_demo_models_passes_or_fails_by_its_gate(vgpt):
    status, out, err = vgpt("run", "--models", "sft", "--limit", "6", "--json", "--fail-on", "error>0")
    assert status == 0 and json.loads(out)["models"]["sft"]["probes"] == 6 and "passes" in err
    assert vgpt("run", "--resume", "latest", "--json", "--fail-on", "correct<7")[0] == 1
