"""``vgpt-probe pairs …``: from a run's findings to a file for the trainer, without any model."""

from __future__ import annotations

import json

import msgspec
import pytest

from tests.conftest import DEMO_MODELS
from vgpt_probe.cli import main
from vgpt_probe.pairs.pair import Pair
from vgpt_probe.runs.open import open_store

ANSWERS = [
    ("Describe the APTL table structure", "The table 'APTL' does not exist in Viewpoint Vista."),
    ("Describe the APTH table structure", "The table 'APTH' does not exist in Viewpoint Vista."),
    ("Describe APTD", "APTD is the AP Transaction Detail view."),
    ("Is there a table named Invoicing?", "Yes, Invoicing is a table in Viewpoint Vista."),
    ("Describe APLB", "The table 'APLB' does not exist in Viewpoint Vista."),
]


@pytest.fixture
def workspace(make_workspace, tmp_path, capsys):
    """A workspace with one run: two denials of real tables, one of a held-out one, an invented one accepted."""
    made = make_workspace({"sft": DEMO_MODELS / "sft.gguf"}, "[balance]\nmodule = 0\n")
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps([{"question": q, "answer": a} for q, a in ANSWERS]), encoding="utf-8")
    assert main(["grade", str(answers), "--model", "sft", "--save", "--config", str(made.path)]) == 0
    capsys.readouterr()
    return made


@pytest.fixture
def pairs(workspace, capsys):
    """Runs ``pairs …`` and returns its standard output, read as JSON where it is; the last error output is kept."""

    def run(*words, status=0):
        assert main(["pairs", *words, "--config", str(workspace.path)]) == status
        out, run.said = capsys.readouterr()
        return json.loads(out) if "--json" in words else out

    run.said = ""
    return run


def test_findings_become_pairs_and_what_is_held_out_stays_out(pairs, workspace):
    added = pairs("add", "latest", "--verdict", "all", "--json")
    assert len(added["saved"]) == 3 and added["drafted"] == 3
    [left] = added["left_out"]
    assert left["prompt"] == "Describe APLB" and "held out" in left["problems"][0]
    kinds = [pair["kind"] for pair in pairs("list", "--json")]
    assert sorted(kinds) == ["acceptance", "acceptance", "rejection"]
    assert pairs("add", "latest", "--verdict", "all", "--json")["repeated"] == 3


def test_a_preview_saves_nothing_and_one_undo_takes_all_back(pairs, workspace):
    assert "2 pairs would be saved" in pairs("add", "latest", "--dry-run")
    assert open_store(workspace).pairs() == []
    pairs("add", "latest")
    pairs("add", "latest", "--wordings", "2")
    assert len(open_store(workspace).pairs()) > 8
    pairs("undo")
    assert len(open_store(workspace).pairs()) == 2
    pairs("undo")
    pairs("undo", status=2)


def test_further_wordings_bring_counter_examples_for_findings_that_are_there_already(pairs, workspace):
    pairs("add", "latest", "--subject", "APTL")
    varied = pairs("add", "latest", "--subject", "APTL", "--wordings", "3", "--json")
    assert varied["repeated"] == 1 and varied["drafted"] >= 6
    listed = pairs("list", "--json")
    wordings = {
        pair["prompt"].replace(pair["subject"], "{}") for pair in listed if pair.get("subject") == "APTL"
    }
    counter = {
        pair["prompt"].replace(pair["subject"], "{}") for pair in listed if pair["kind"] == "rejection"
    }
    assert counter <= wordings and len(wordings) == 4


def test_fill_evens_out_and_draws_what_is_asked_for(pairs, workspace):
    pairs("add", "latest", "--verdict", "all")
    before = pairs("stats", "--json")
    assert any("100 % denial" in one or "0 % denial" in one for one in before["missing"])
    assert pairs("fill", "--dry-run", "--json")["saved"] == []
    pairs("fill", "--json")
    evened = pairs("stats", "--json")
    assert not any("denial" in one for one in evened["missing"])
    pairs("fill", "--pairs", "60", "--json")
    after = pairs("stats", "--json")
    assert after["pairs"] >= 55 and after["missing"] == []
    # What the model said of APTL is what it is made to say of others.
    rejected = [pair["rejected"] for pair in pairs("list", "--json") if pair["kind"] == "acceptance"]
    assert all("does not exist in Viewpoint Vista." in text for text in rejected)


def test_fill_names_as_many_real_tables_in_a_denial_as_was_said(pairs, workspace):
    def filled(*options: str) -> list[str]:
        saved = set(pairs("fill", "--off-policy", "--json", *options)["saved"])
        return [
            one["chosen"]
            for one in pairs("list", "--json")
            if one["id"] in saved and one["kind"] == "rejection"
        ]

    bare = filled("--pairs", "60", "--alternatives", "0")
    assert bare and not any("come close" in text for text in bare)
    assert any("come close" in text for text in filled("--pairs", "120"))


def test_fill_asks_for_whole_answers_so_that_both_sides_can_be_the_models_own(pairs, workspace):
    pairs("fill", "--pairs", "24", "--ask", "sft", "--alternatives", "0")
    store = open_store(workspace)
    asked = store.runs()[0]
    assert asked.snapshot.full
    said = {answer.text: answer.stop for answer in store.answers(asked.id)}
    own = [pair for pair in store.pairs() if pair.source.rejected == "sft"]
    assert own and all(pair.rejected in said for pair in own)
    chosen = [pair.chosen for pair in store.pairs() if pair.source.chosen == "sft"]
    assert chosen and {said[text] for text in chosen} == {"end"}


def test_drafts_and_dismissed_pairs_are_not_exported(pairs, workspace, tmp_path):
    pairs("add", "latest", "--review")
    pairs("export", "--out", str(tmp_path / "out"), status=2)
    assert "there is no pair to export" in pairs.said
    pairs("accept")
    first = open_store(workspace).pairs()[0]
    pairs("dismiss", str(first.id))
    done = pairs("export", "--out", str(tmp_path / "out"), "--json")
    assert done["pairs"] == 1
    manifest = json.loads((tmp_path / "out" / "vgpt_probe_pairs.manifest.json").read_text(encoding="utf-8"))
    [source] = manifest["sources"]
    assert source["run"] == 1 and list(source["models"]) == ["sft"]
    assert [pair.status for pair in open_store(workspace).pairs()] == ["dismissed", "exported"]


def test_what_no_export_would_take_is_not_accepted(pairs, workspace):
    store = open_store(workspace)
    sound, wrong = store.add_pairs(
        Pair("Is there APTH?", chosen, rejected, "acceptance", subject="APTH", status="draft")
        for chosen, rejected in (("Yes, APTH exists.", "No, APTH does not exist."), ("No, APTH does not exist.", "Yes."))
    )
    pairs("accept", str(sound.id), str(wrong.id), status=2)
    assert f"no export would take pair {wrong.id}: " in pairs.said and "nothing was changed" in pairs.said
    assert {pair.status for pair in store.pairs()} == {"draft"}
    pairs("accept")
    assert f"1 pair not accepted, such as pair {wrong.id}: " in pairs.said
    assert [pair.status for pair in store.pairs()] == ["accepted", "draft"]


def test_an_export_can_be_imported_elsewhere(pairs, workspace, tmp_path):
    pairs("add", "latest", "--verdict", "all")
    pairs("export", "--out", str(tmp_path / "out"), "--format", "kto")
    path = str(tmp_path / "out" / "vgpt_probe_pairs.json")
    [read] = pairs("import", path, "--json")
    assert (read["imported"], read["repeated"], read["left_out"]) == (0, 3, [])
    pairs("undo")
    [read] = pairs("import", path, "--json")
    assert (read["imported"], read["format"]) == (3, "alpaca kto")
    assert {pair["source"]["file"] for pair in pairs("list", "--json")} == {
        f"vgpt_probe_pairs.json#{n}" for n in (1, 3, 5)
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["dismiss", "99"], "there is no pair 99"),
        (["delete", "99"], "there is no pair 99"),
        (["fill", "--ask", "sft", "--off-policy"], "exclude each other"),
        (["fill", "--policy", "stf"], "did you mean 'sft'?"),
        (["worth", "--policy", "sft"], "--reference"),
        (["worth", "--policy", "sft", "--reference", "sft"], "the same model"),
        (["import", "nothing.json"], "no such file"),
    ],
)
def test_wrong_use_is_one_clear_line(pairs, words, said):
    pairs(*words, status=2)
    assert said in pairs.said and pairs.said.count("\n") == 1


def test_what_another_file_of_the_same_name_said_is_passed_over(workspace):
    from vgpt_probe.runs.pairing import stored_answers

    store = open_store(workspace)
    assert len(stored_answers(store)) == len(ANSWERS)
    # Recorded answers belong to no file, so that none can have replaced it.
    assert len(stored_answers(store, fingerprints={"sft": "another"})) == len(ANSWERS)
    snapshot = store.run(1).snapshot
    [model] = snapshot.models
    asked = msgspec.structs.replace(model, fingerprint="this")
    with store.change() as db:
        content = msgspec.json.encode(msgspec.structs.replace(snapshot, models=(asked,))).decode()
        db.execute("UPDATE runs SET snapshot = ?", (content,))
    assert stored_answers(store, fingerprints={"sft": "another"}) == []
    assert len(stored_answers(store, fingerprints={"sft": "this"})) == len(ANSWERS)
