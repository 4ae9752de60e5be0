"""``vgpt-probe chats …`` and ``ask --keep``: kept chats listed, found, shown, written, chosen from, made into pairs."""

from __future__ import annotations

import json

import pytest

from tests.conftest import DEMO_MODELS
from vgpt_probe.cli import main
from vgpt_probe.engine.messages import Answered
from vgpt_probe.errors import INTERNAL
from vgpt_probe.runs.chats import Chats, Reply, Sampling
from vgpt_probe.runs.open import open_store
from vgpt_probe.runs.recorded import Graded

DENIAL = "The table 'APTL' does not exist in Viewpoint Vista."
HOSTILE = "APTL is a view.\n````sql\nSELECT 1\n````\n# no heading\x1b[31m"


def reply(model, text, verdict):
    graded = Graded(0, model, "", "APTL", True, "denies", verdict, None, (), (), (), (), "it says so", "")
    return Reply(model, Answered("", text, 9, 10, 0.02, 0.5, "end"), (graded,))


@pytest.fixture
def workspace(make_workspace):
    """A workspace with one chat of two models."""
    made = make_workspace({name: DEMO_MODELS / f"{name}.gguf" for name in ("sft", "dpo_v2")})
    chats = Chats(open_store(made))
    chat, _ = chats.ask(None, "Describe the APTL table structure", Sampling(temperature=0.5, system="Be *brief*."))
    chats.keep(chat, 0, reply("dpo_v2", DENIAL, "false_rejection"))
    chats.keep(chat, 0, reply("sft", HOSTILE, "correct"))
    return made


@pytest.fixture
def chats(workspace, capsys):
    """Runs ``chats …`` and returns its standard output, read as JSON where it is; the last error output is kept."""

    def run(*words, status=0):
        assert main(["chats", *map(str, words), "--config", str(workspace.path)]) == status
        out, run.said = capsys.readouterr()
        return json.loads(out) if "--json" in words else out

    run.said = ""
    return run


def test_a_fault_while_answers_are_read_loses_none_of_them(workspace, chats, monkeypatch, tmp_path, capsys):
    def fails(*_given):
        raise RuntimeError("a fault of the reader")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("vgpt_probe.runs.recorded.grade_recorded", fails)
    assert main(["ask", "Describe the APTH table", "--keep", "--config", str(workspace.path)]) == INTERNAL
    assert "a fault of the reader" in capsys.readouterr().err
    [asked] = Chats(open_store(workspace)).open("latest").asked
    assert asked.text == "Describe the APTH table" and set(asked.replies) == {"sft", "dpo_v2"}
    assert all(reply.text and reply.graded is None for reply in asked.replies.values())
    monkeypatch.undo()
    assert asked.replies["sft"].text.split()[0] in chats("show", "latest")


def test_chats_are_listed_and_found(chats):
    [line] = chats("--json")
    assert (line["id"], line["questions"], line["models"]) == (1, 1, ["sft", "dpo_v2"])
    assert "Describe the APTL table structure" in chats()
    assert [one["id"] for one in chats("find", "VISTA", "aptl", "--json")] == [1]
    assert chats("find", "vendor") == "" and "no chat holds these words" in chats.said


def test_a_chat_is_written_as_markdown_that_stays_text(chats, tmp_path):
    path = tmp_path / "new" / "chat.md"
    chats("export", "latest", "--out", path)
    text = path.read_text(encoding="utf-8")
    assert text == chats("export", 1) == chats("show", "latest")
    assert "`````text\nAPTL is a view.\n````sql\nSELECT 1\n````\n# no heading␛[31m\n`````" in text
    assert "- ✗ denies real: APTL (denies: it says so)" in text and "- 10 tokens, 20 tokens/s" in text
    assert "Asked with: temperature 0.5 · own system prompt." in text and "```text\nBe *brief*.\n```" in text
    chats("export", 1, "--out", tmp_path, status=2)
    assert "this is a folder" in chats.said


def test_the_best_answer_and_another_make_a_pair(chats, workspace):
    chats("choose", 1, "sft")
    assert chats("show", 1, "--json")["asked"][0]["best"] == "sft"
    pair = chats("pair", 1, "dpo_v2", "--json")
    assert (pair["rejected"], pair["chosen"], pair["system"]) == (DENIAL, HOSTILE, "Be *brief*.")
    assert pair["source"] == {"rejected": "dpo_v2", "chosen": "sft"}
    chats("pair", 1, "dpo_v2", status=2)
    assert "is the same" in chats.said
    chats("pair", 1, "sft", status=2)
    assert "has the best answer" in chats.said
    assert len(open_store(workspace).pairs()) == 1


def test_without_a_choice_the_catalog_speaks(chats):
    pair = chats("pair", 1, "dpo_v2", "--json")
    assert pair["rejected"] == DENIAL and pair["subject"] == "APTL" and pair["chosen"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "7"], "there is no chat 7"),
        (["choose", "1", "stf"], "did you mean 'sft'?"),
        (["choose", "1", "sft", "--question", "3"], "chat 1 has 1 question"),
        (["pair", "1", "nobody"], "did not answer"),
        (["delete", "1", "9"], "nothing was deleted"),
    ],
)
def test_wrong_use_is_one_line(chats, words, said):
    chats(*words, status=2)
    assert said in chats.said and chats.said.count("\n") == 1
    assert chats("--json")


def test_chats_are_deleted(chats):
    chats("delete", 1)
    assert chats("--json") == []


def test_ask_keeps_a_chat_and_goes_on_with_it(workspace, capsys):
    def ask(*words):
        assert main(["ask", *words, "--models", "sft", "--json", "--config", str(workspace.path)]) == 0
        return json.loads(capsys.readouterr().out)

    kept = ask("Is there a table named APTH?", "--keep", "--temperature", "0.7", "--seed", "3", "--max-tokens", "5")
    assert kept["answers"][0]["tokens"] <= 5
    assert ask("And APTL?", "--chat", str(kept["chat"]))["chat"] == kept["chat"]
    chat = Chats(open_store(workspace)).open("latest")
    assert [one.text for one in chat.asked] == ["Is there a table named APTH?", "And APTL?"]
    assert chat.asked[0].sampling == Sampling(temperature=0.7, seed=3, max_tokens=5)
    assert chat.asked[0].replies["sft"].graded[0].subject == "APTH"
    assert "chat" not in ask("Is there a table named APTH?")
