"""Paired comparisons, paths, shortcuts, and what changed between two runs."""

from __future__ import annotations

from vgpt_probe.probes import Probe
from vgpt_probe.runs.analysis import (
    compare_models,
    compare_runs,
    compare_stages,
    denied_subjects,
    house,
    path,
    wordings,
)
from vgpt_probe.runs.records import Answer, Case, Run, RunModel, Snapshot, StyleBreak

RUN = Run(
    1, "", "b", "done",
    Snapshot("", "", tuple(RunModel(name, name, "") for name in ("sft", "v1", "v2")), ("sft", "v1", "v2"),
             {"v1": "sft", "v2": "sft"}),
)  # fmt: skip
STANCE = {"correct": "affirms", "false_rejection": "denies", "unclear": "silent"}


def case(position, subject, wording, **verdicts):
    probe = Probe(f"{subject}-{wording}", f"{wording} {subject}?", subject, wording, "other", "AP", True, "affirm")
    return Case(
        position, probe, {model: Answer(1, model, position, "", STANCE[said], said) for model, said in verdicts.items()}
    )


RIGHT, WRONG = "correct", "false_rejection"
CASES = [
    case(n, f"T{n % 5}", wording, sft=RIGHT, v1=RIGHT, v2=WRONG if wording == "structure" else RIGHT)
    for n, wording in enumerate(["structure"] * 5 + ["exists"] * 5 + ["columns"] * 5)
]


def test_models_are_compared_on_the_same_probes():
    compared = compare_models(CASES, "sft", "v2")
    assert (compared.both, compared.only_a, compared.only_b, compared.neither) == (10, 5, 0, 0)
    assert compared.p == 2 * 0.5**5


def test_each_stage_is_compared_with_its_parent():
    assert [(one.a, one.b) for one in compare_stages(RUN, CASES)] == [("sft", "v1"), ("sft", "v2")]


def test_a_wording_that_flips_the_answer_is_called_out():
    found = {(one.model, one.wording): one for one in wordings(RUN, CASES)}
    assert [key for key, one in found.items() if one.shortcut] == [("v2", "structure")]
    assert (found["v2", "structure"].denied_real, found["v2", "structure"].real) == (5, 5)


def test_denied_subjects_are_listed_with_their_wordings():
    assert denied_subjects(RUN, CASES)[0] == {"model": "v2", "subject": "T0", "denied": 1, "wordings": 3}


def test_the_path_follows_the_line_of_parents():
    assert path(RUN, CASES[0].answers) == "introduced at v2"
    assert path(RUN, case(0, "T", "w", sft=WRONG, v1=RIGHT, v2=WRONG).answers) == "inherited from sft"
    assert path(RUN, case(0, "T", "w", sft=WRONG, v2=RIGHT).answers) == "fixed at v2"


def test_two_runs_show_what_was_fixed_and_what_regressed():
    before = [case(0, "A", "w", m=WRONG), case(1, "B", "w", m=RIGHT), case(2, "C", "w", m=RIGHT)]
    after = [case(0, "A", "w", m=RIGHT), case(1, "B", "w", m=WRONG), case(2, "C", "w", m=RIGHT), case(3, "D", "w", m=WRONG)]
    assert [(change.subject, change.kind) for change in compare_runs(before, after)] == [("A", "fixed"), ("B", "regressed")]


def test_house_rules_are_counted_by_answer_among_those_with_sql():
    probe = CASES[0].probe

    def answer(position, tables, *broken, stop="end"):
        style = tuple(StyleBreak(rule, "") for rule in broken)
        said = Answer(1, "v1", position, "", "affirms", RIGHT, sql_tables=tables, style=style, stop=stop)
        return Case(position, probe, {"v1": said})

    cases = [
        answer(0, ("APTH",), "nolock", "nolock"),
        answer(1, ("APTH",), "nolock", "no_aliases"),
        answer(2, ("APTH",)),
        answer(3, ()),
        answer(4, ("APTH",), "company_filter", stop="settled"),
    ]
    found = house(cases, ["sft", "v1"])
    assert list(found) == ["v1"]
    assert (found["v1"].sql, found["v1"].broken, found["v1"].rules) == (3, 2, {"nolock": 2, "no_aliases": 1})
