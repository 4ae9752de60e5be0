"""``audit`` and ``explain`` from the command line."""

from __future__ import annotations

import json

import pytest

from vgpt_probe import cli
from vgpt_probe.probes import load_battery
from vgpt_probe.runs.grade import Grader
from vgpt_probe.runs.open import open_store
from vgpt_probe.runs.records import RunModel, Snapshot

KEYS = (
    "pairs kinds rejection_share distinct_fake_subjects distinct_real_subjects_accepted real_subjects_denied"
    " exact_duplicates near_duplicate_groups wordings trainer_problems risk advice"
)


@pytest.fixture
def vgpt(make_workspace, capsys):
    workspace = make_workspace()

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        status = cli.main([*map(str, arguments), "--config", str(workspace.path)])
        out, err = capsys.readouterr()
        return status, out, err

    run.workspace = workspace  # type: ignore[attr-defined]
    return run


@pytest.fixture
def write(tmp_path):
    def written(rows: object, name: str = "set.json"):
        path = tmp_path / name
        path.write_text(json.dumps(rows), encoding="utf-8")
        return path

    return written


def denial(name: str) -> dict[str, str]:
    answer = f"There is no '{name}' table in Viewpoint Vista."
    return {
        "instruction": f"Describe the {name} table",
        "input": "",
        "chosen": answer,
        "rejected": f"{name} is one.",
    }


def test_json_has_the_keys_of_the_contract(vgpt, write):
    status, out, _ = vgpt("audit", write([denial("APTL"), denial("Bills")]), "--json")
    found = json.loads(out)
    assert status == 0
    assert set(KEYS.split()) <= set(found)
    assert set(found["kinds"]) == {"rejection", "acceptance", "clarification", "style", "join", "other"}
    assert set(found["wordings"][0]) >= {"wording", "pairs", "denial_share"}
    assert (found["pairs"], found["real_subjects_denied"]) == (2, ["APTL"])


def test_words_name_the_poison_and_what_to_do(vgpt, write):
    status, out, _ = vgpt("audit", write([denial("APTL"), denial("Bills"), denial("\x1b[31mEvil")]))
    assert status == 0
    assert "risk: high" in out
    assert "APTL" in out and "What to do" in out and "How this is counted" in out
    assert "\x1b[31m" not in out


def test_a_threshold_sets_the_exit_status(vgpt, write):
    path = write([denial("APTL")])
    assert vgpt("audit", path, "--fail-on", "high")[0] == 1
    assert vgpt("audit", path)[0] == 0


def test_rubbish_ends_with_status_2_and_one_line(vgpt, tmp_path):
    path = tmp_path / "rubbish.json"
    path.write_bytes(b"\x00\x01 not json")
    status, out, err = vgpt("audit", path)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1 and str(path) in err


def test_fix_writes_a_copy_beside_the_file(vgpt, write):
    rows = [
        {"instruction": "Q", "input": "", "output": f"A{n}", "label": "true" if n % 2 else "false"}
        for n in range(6)
    ]
    path = write(rows, "kto.json")
    status, out, err = vgpt("audit", path, "--fix")
    assert status == 0
    assert "LLaMA-Factory takes none of the 6 rows" in out
    assert "LLaMA-Factory takes 6 of 6 rows of kto.fixed.json" in out
    assert "kto.fixed.json" in err
    assert json.loads(path.read_text(encoding="utf-8")) == rows


def test_two_files_are_compared(vgpt, write):
    ours = write([denial("Bills"), denial("APTL")], "a.json")
    theirs = write([{"instruction": "Describe the APTL table", "output": "APTL is a view."}], "b.json")
    _, out, _ = vgpt("audit", ours, theirs, "--json")
    found = json.loads(out)
    assert len(found["files"]) == 2
    shared = found["overlaps"][0]
    assert (shared["questions"], shared["same_question"], shared["same_answer"], shared["opposed"]) == (
        2,
        1,
        0,
        1,
    )
    assert shared["examples"] == [[2, 1]]


def test_questions_of_a_battery_and_what_is_held_out_are_found(vgpt, write):
    rows = [
        denial("APTL"),
        {"instruction": "Tell me about APLB", "input": "", "chosen": "APLB is a view.", "rejected": "No."},
    ]
    _, out, _ = vgpt("audit", write(rows), "--json")
    found = json.loads(out)
    leaks = {leak["battery"]: leak for leak in found["leakage"]}
    assert leaks["existence"]["same_question"] == 1
    assert leaks["existence"]["rows"] == [1]
    assert [row["number"] for row in found["heldout"]] == [2]


@pytest.fixture
def findings(vgpt, catalog):
    """A run in which a model denies APTL under one wording."""
    workspace = vgpt.workspace
    store = open_store(workspace)
    battery = load_battery(workspace.battery_folder, "existence", catalog)
    snapshot = Snapshot(battery="x", catalog=catalog.fingerprint, models=(RunModel("sft", "sft", "f"),))
    run = store.create_run(battery, snapshot)
    grader = Grader(catalog)
    store.add_answers(
        grader.grade(
            probe,
            f"There is no '{probe.subject}' table."
            if probe.wording == "structure"
            else f"{probe.subject} is a view.",
            run=run,
            model="sft",
            position=position,
        )
        for position, probe in enumerate(battery.probes[:12])
    )
    store.set_state(run, "done")
    store.close()
    return vgpt


def test_explain_names_the_wording_and_its_share(findings, write):
    rows = [
        {
            "instruction": f"Describe the Fake{n}Table table structure",
            "output": f"There is no 'Fake{n}Table' table.",
        }
        for n in range(20)
    ]
    path = write(rows, "sft.json")
    status, out, _ = findings("explain", "APTL", "--training", path)
    assert status == 0
    causes = out[out.index("Likely causes") :]
    assert (
        "1. in sft.json the wording 'Describe the {subject} table structure' is answered by a denial in 20 of 20 rows"
        in causes
    )
    _, out, _ = findings("explain", "Describe the APTL table structure", "--training", path, "--json")
    cause = json.loads(out)["models"]["sft"]["causes"][0]
    assert (cause["wording"], cause["share"]) == ("Describe the {subject} table structure", 1.0)


def test_explain_says_what_is_missing(findings, write):
    status, _, err = findings("explain", "nothing like it", "--training", write([denial("Bills")]))
    assert status == 2 and "no case 'nothing like it'" in err
    status, _, err = findings("explain", "APTL")
    assert status == 2 and "--training" in err
    status, _, err = findings("explain", "APTL", "--training", "missing.json")
    assert status == 2 and "missing.json" in err
