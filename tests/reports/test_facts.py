"""What a report says of a run: figures, best model, pictures' geometry."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reports.runs import RIGHT, WRONG, case, run_of
from vgpt_probe.commands import output
from vgpt_probe.reports import facts, words
from vgpt_probe.reports.figures import GAP, HEIGHT, flow, histogram
from vgpt_probe.runs.analysis import Comparison

CASES = [
    *(case(n, f"T{n}", "exists", sft=RIGHT, dpo=WRONG if n < 3 else RIGHT) for n in range(10)),
    *(case(10 + n, f"T{n}", "structure", module="AR", sft=WRONG, dpo=RIGHT) for n in range(10)),
    *(case(20 + n, f"F{n}", "exists", real=False, sft="false_acceptance", dpo=RIGHT) for n in range(5)),
]
REPORT = facts.gather(run_of(CASES, "sft", "dpo"), CASES)


def test_the_words_for_verdicts_are_the_command_lines():
    assert {verdict: mark[:2] for verdict, mark in output.MARKS.items()} == facts.MARKS


def test_the_best_model_is_right_on_both_kinds_alike():
    assert REPORT.best is not None and REPORT.best.name == "dpo"
    assert REPORT.best.balanced == pytest.approx((17 / 20 + 1) / 2)
    sft = REPORT.models[0]
    assert sft.balanced == pytest.approx((10 / 20 + 0) / 2)
    said = " ".join(words.headline(REPORT))
    assert "it is dpo" in said and "15.0\N{NO-BREAK SPACE}%" in said and "cannot be told apart" not in said


def test_verdicts_without_an_answer_are_called_predicted():
    scored = [case(0, m=WRONG), case(1, m=RIGHT)]
    scored[0].answers["m"] = msgspec.structs.replace(scored[0].answers["m"], stop="scored", text="")
    assert "1 of 2 verdicts are predicted" in words.headline(facts.gather(run_of(scored, "m"), scored))[-1]


@pytest.mark.parametrize(("p", "told"), [(0.0, "< 0.0001"), (0.00281, "0.0028"), (1.0, "1")])
def test_a_p_value_is_never_told_as_zero(p, told):
    assert words.chance(p) == told


def test_the_heat_map_counts_denials_of_real_tables_by_wording_and_module():
    sft, dpo = REPORT.heat
    assert sft.modules == ["AP", "AR"]
    rows = {row.wording: row for row in sft.rows}
    assert [(one.wrong, one.asked) for one in rows["structure"].modules] == [(0, 0), (10, 10)]
    assert (rows["exists"].real.wrong, rows["exists"].invented.wrong, rows["exists"].invented.asked) == (0, 5, 5)
    assert [row.real.wrong for row in dpo.rows] == [3, 0]


def test_shortcuts_and_flips_are_called_out():
    assert [(one.model, one.wording) for one in REPORT.shortcuts] == [("sft", "structure")]
    assert [(one.flipped, one.subjects) for one in REPORT.flips] == [(10, 10), (3, 10)]


def test_the_worst_cases_come_from_each_wording_in_turn():
    many = [case(n, f"T{n}", "a" if n < 500 else "b", m=WRONG) for n in range(520)]
    report = facts.gather(run_of(many, "m"), many)
    assert report.wrong == 520 and len(report.worst) == facts.WORST_CASES
    assert sum(one.probe.wording == "b" for one in report.worst) == 20


def test_an_unclear_answer_is_not_among_the_worst_cases():
    cases = [case(0, m="unclear"), case(1, m=WRONG)]
    report = facts.gather(run_of(cases, "m"), cases)
    assert report.wrong == 1 and [one.position for one in report.worst] == [1]


def test_modules_beyond_the_widest_table_are_gathered():
    many = [case(n, f"T{n}", module=f"M{n:03}", m=WRONG) for n in range(60)]
    [heat] = facts.gather(run_of(many, "m"), many).heat
    assert heat.modules[-1] == facts.OTHERS and len(heat.modules) == facts.MODULES + 1
    assert heat.rows[0].modules[-1].asked == 60 - facts.MODULES


def test_a_run_without_an_answer_has_a_report():
    empty = [case(0)]
    report = facts.gather(run_of(empty, "m"), empty)
    assert report.best is None and words.headline(report) == ["No model has answered yet."]


@given(*[st.integers(0, 10**6)] * 4)
def test_a_flow_fills_both_sides_and_stays_inside(both, only_a, only_b, neither):
    drawn = flow(Comparison("a", "b", both, only_a, only_b, neither, 1.0))
    assert sum(band.count for band in drawn.bands) == both + only_a + only_b + neither
    for side in (drawn.a, drawn.b):
        assert 0 <= side.split <= HEIGHT + 1e-6 and side.end <= HEIGHT + GAP + 1e-6
    assert drawn.a.right == both + only_a and drawn.b.wrong == only_a + neither


@given(st.lists(st.tuples(st.booleans(), st.floats(width=32)), max_size=60))
def test_a_histogram_holds_every_finite_margin_once_and_zero_is_an_edge(margins):
    finite = [(real, margin) for real, margin in margins if margin - margin == 0]
    drawn = histogram(margins)
    if not finite:
        assert drawn is None
        return
    assert drawn is not None
    assert sum(one.real for one in drawn.bins) == sum(real for real, _ in finite)
    assert sum(one.invented for one in drawn.bins) == sum(not real for real, _ in finite)
    assert 0 <= drawn.zero <= 1 and all(0 <= one.up <= 1 and 0 <= one.down <= 1 for one in drawn.bins)
