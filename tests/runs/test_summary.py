"""Counts, rates, and since which stage a case is wrong."""

from __future__ import annotations

import pytest

from vgpt_probe.runs.records import Answer, Run, RunModel, Snapshot
from vgpt_probe.runs.summary import Tally, lineage, since


def test_rates_leave_errors_out_and_count_contradictions_apart():
    tally = Tally()
    for verdict, times in (("correct", 5), ("false_rejection", 2), ("unclear", 2), ("contradiction", 1), ("error", 9)):
        tally.add(True, verdict, times)
    tally.add(False, "false_acceptance", 3)
    assert tally.rate("false_rejection") == (2, 10)
    assert tally.rate("false_acceptance") == (3, 3)
    assert tally.probes == 22 and tally.flagged == 6
    interval = tally.interval("false_rejection")
    # Wilson's interval for 2 of 10, from the formula by hand.
    assert interval == {"value": 0.2, "low": pytest.approx(0.0567, abs=1e-4), "high": pytest.approx(0.5098, abs=1e-4)}


def test_a_rate_of_nothing_is_null():
    assert Tally().interval("false_rejection") == {"value": None, "low": None, "high": None}


def run(*stages, parents=None):
    models = tuple(RunModel(stage, stage, "") for stage in stages)
    return Run(1, "", "b", "done", Snapshot("", "", models, stages, parents or {}))


def said(**verdicts):
    return {model: Answer(1, model, 0, "", "", verdict) for model, verdict in verdicts.items()}


WRONG, RIGHT = "false_rejection", "correct"


@pytest.mark.parametrize(
    ("answers", "stage"),
    [
        (said(sft=RIGHT, v1=RIGHT, v2=WRONG), "v2"),
        (said(sft=RIGHT, v1=WRONG, v2=WRONG), "v1"),
        (said(sft=WRONG, v1=WRONG, v2=WRONG), "sft"),
        (said(sft=WRONG, v1=RIGHT, v2=WRONG), "v2"),
        (said(sft=WRONG, v1=WRONG, v2=RIGHT), None),
        (said(sft=WRONG, v2=WRONG), "sft"),
        (said(), None),
    ],
)
def test_since_is_the_stage_from_which_it_is_wrong_without_a_break(answers, stage):
    assert since(run("sft", "v1", "v2"), answers) == stage


def test_since_follows_the_parents():
    """v2 was trained from sft: what v1 says is of another branch."""
    branched = run("sft", "v1", "v2", parents={"v1": "sft", "v2": "sft"})
    assert lineage(branched.snapshot) == ["v2", "sft"]
    assert since(branched, said(sft=WRONG, v1=RIGHT, v2=WRONG)) == "sft"
