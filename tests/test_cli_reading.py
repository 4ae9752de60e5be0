"""Recorded answers of two stages on the command line: graded, kept, compared, reviewed, graded again."""

from __future__ import annotations

import json

import pytest

from tests.conftest import ROOT
from tests.test_cli import run  # noqa: F401  (the fixture)

RECORDED = ROOT / "tests" / "grading" / "recorded"


@pytest.fixture
def ask(run, make_workspace):  # noqa: F811
    """The command line on a workspace of its own."""
    config = make_workspace().path

    def ask(*arguments):
        return run(*arguments, "--config", config)

    return ask


@pytest.fixture
def saved(ask):
    """The recorded answers of two stages as runs 1 (sft) and 2 (dpo_v2)."""
    for stage in ("sft", "dpo_v2"):
        status, _, err = ask(
            "grade", RECORDED / f"{stage}.json", "--save", "--model", stage, "--stage", stage
        )
        assert status == 0, err


def graded(ask, stage):
    status, out, _ = ask("grade", RECORDED / f"{stage}.json", "--json", "--model", stage)
    assert status == 0
    return {line["subject"]: line for line in map(json.loads, out.splitlines())}


def test_ten_invented_tables_refused_in_other_words_are_right_and_the_real_one_is_not(ask):
    lines = graded(ask, "dpo_v2")
    assert lines.pop("APTL")["verdict"] == "false_rejection"
    assert [line["verdict"] for line in lines.values() if line["real"] is False] == ["correct"] * 10


def test_a_denial_that_offers_the_same_table_contradicts_itself(ask):
    line = graded(ask, "sft")["APTL"]
    assert (line["reading"], line["verdict"], line["suggested"]) == ("contradicts", "contradiction", ["APTH"])


def test_what_a_later_stage_inherits_is_seen_across_saved_runs(ask, saved):
    document = json.loads(ask("runs", "compare", "1", "2", "--json")[1])
    cases = {case["subject"]: case for case in document["cases"]}
    assert cases["APTL"]["verdicts"] == {"sft": "contradiction", "dpo_v2": "false_rejection"}
    assert cases["APTL"]["path"] == "inherited from sft"
    assert cases["Invoice"]["path"] == "fixed at dpo_v2"
    assert cases["Customers"]["path"] == "right throughout"
    (paired,) = document["comparisons"]
    # Five of the ten were right before, the other five since; APTL never was. p = 2 / 2**5.
    assert (paired["both"], paired["only_a"], paired["only_b"], paired["neither"]) == (5, 0, 5, 1)
    assert paired["p"] == pytest.approx(0.0625)
    status, out, _ = ask("runs", "compare", "1", "2")
    assert status == 0 and "inherited from sft" in out and "± contradicts" in out


def test_a_persons_word_stays_when_a_run_is_graded_again(ask, saved):
    (finding,) = json.loads(ask("runs", "findings", "2", "--json")[1])["findings"]
    assert (finding["subject"], finding["state"], finding["history"]) == ("APTL", "open", [])
    probe = finding["probe"]
    assert ask("runs", "review", "2", probe, "--confirm")[0] == 0
    assert (
        ask("runs", "review", "2", probe[:8], "--override", "correct", "--note", "a custom view hides it")[0]
        == 0
    )
    assert ask("runs", "regrade", "--all")[0] == 0
    (finding,) = json.loads(ask("runs", "findings", "2", "--json")[1])["findings"]
    assert (finding["verdict"], finding["state"], finding["final"]) == (
        "false_rejection",
        "overridden",
        "correct",
    )
    assert [word["review"] for word in finding["history"]] == ["confirmed", "overridden"]
    last = finding["history"][-1]
    assert last["note"] == "a custom view hides it" and last["who"] and last["at"]
    assert json.loads(ask("runs", "show", "2", "--json")[1])["models"]["dpo_v2"]["correct"] == 11
    status, out, err = ask("runs", "findings", "2")
    assert status == 0 and "overridden: correct" in out and "0 open" in err
    assert ask("runs", "review", "2", probe, "--undo")[0] == 0
    assert json.loads(ask("runs", "findings", "2", "--state", "open", "--json")[1])["findings"]


def test_what_the_reader_could_not_tell_is_in_the_queue(ask, tmp_path):
    path = tmp_path / "vague.json"
    path.write_text(
        '[{"question": "Does APTL exist?", "answer": "That depends on your release."}]', encoding="utf-8"
    )
    ask("grade", path, "--save", "--model", "m")
    (finding,) = json.loads(ask("runs", "findings", "1", "--json")[1])["findings"]
    assert (finding["verdict"], finding["state"]) == ("unclear", "open")


WRONG = [
    (("--override", "correct"), "an override needs its reason"),
    (("--undo",), "no word to take back"),
    (("--confirm", "--model", "nobody"), "no answer of 'nobody'"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG)
def test_a_review_that_makes_no_sense_is_refused(ask, saved, arguments, said):
    (finding,) = json.loads(ask("runs", "findings", "2", "--json")[1])["findings"]
    status, _, err = ask("runs", "review", "2", finding["probe"], *arguments)
    assert status == 2 and said in err
    status, _, err = ask("runs", "review", "2", "zzz", "--confirm")
    assert status == 2 and "no probe 'zzz'" in err
