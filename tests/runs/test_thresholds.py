"""``--fail-on``: what it takes, what it refuses, and what crosses it."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reports.runs import RIGHT, WRONG, case, run_of
from vgpt_probe.errors import UsageError
from vgpt_probe.runs.summary import tallies
from vgpt_probe.runs.thresholds import check_models, crossings, parse

# 2 of 10 real tables denied: 0.2, with Wilson's interval from 0.0567 to 0.5098.
CASES = [case(n, f"T{n}", good=RIGHT, bad=WRONG if n < 2 else RIGHT) for n in range(10)]
RUN = run_of(CASES, "good", "bad")


def crossed(text, run=RUN, cases=CASES):
    return crossings(parse(text), run, tallies(cases, run.models))


@pytest.mark.parametrize(
    ("text", "fails"),
    [
        ("false_rejection_rate>0.02", True),
        ("false_rejection_rate.value>0.2", False),
        ("false_rejection_rate>=20%", True),
        ("false_rejection_rate.high>0.5", True),
        ("false_rejection_rate.high > 52 %", False),
        ("false_rejection_rate.low>.05", True),
        ("good:false_rejection_rate>0", False),
        ("bad : false_rejection > 1", True),
        ("false_rejection>2, contradiction>0", False),
        ("correct<9", True),
    ],
)
def test_a_run_crosses_a_condition_or_passes(text, fails):
    assert bool(crossed(text)) is fails


def test_what_was_found_is_told_with_the_condition():
    [told] = crossed("false_rejection_rate>0.02")
    assert told == "bad: false_rejection_rate is 0.2000 (95 %: 0.0567 to 0.5098); fails on false_rejection_rate>0.02"


def test_what_was_not_measured_does_not_pass():
    told = crossed("false_acceptance_rate>0.5")
    assert len(told) == 2 and "was not measured" in told[0]


def test_an_unfinished_run_does_not_pass():
    run = run_of(CASES, "good", "bad", answered=19)
    assert "not finished: 19 of 20" in crossed("error>0", run)[0]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "no condition"),
        ("false_rejection_rate", "no condition"),
        ("false_rejection_rate=0.1", "no condition"),
        ("false_rejection_rate>-1", "no condition"),
        ("false_rejection_rate>0,02", "'02' is no condition"),
        ("false_rejections_rate>0.1", "did you mean 'false_rejection_rate'?"),
        ("false_rejection_rate.upper>0.1", ".value, .low or .high"),
        ("false_rejection_rate>2", "write 2%"),
        ("contradiction>1%", "is a count"),
        ("contradiction.high>1", "is a count"),
    ],
)
def test_a_bad_condition_is_refused_with_its_mend(text, part):
    with pytest.raises(UsageError) as refused:
        parse(text)
    assert part in str(refused.value)


def test_a_model_that_does_not_take_part_is_refused():
    with pytest.raises(UsageError) as refused:
        check_models(parse("god:error>0"), RUN.models)
    assert "no model 'god'" in str(refused.value) and "did you mean 'good'?" in str(refused.value)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(UsageError):
        parse(text)
