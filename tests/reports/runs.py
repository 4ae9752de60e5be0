"""Runs made by hand, for reports: no model and no store."""

from __future__ import annotations

from vgpt_probe.probes import Probe
from vgpt_probe.runs.records import Answer, Case, Run, RunModel, Snapshot

STANCE = {"correct": "affirms", "false_rejection": "denies", "false_acceptance": "affirms", "unclear": "silent"}
RIGHT, WRONG = "correct", "false_rejection"


def run_of(cases, *models, answered=None):
    snapshot = Snapshot("battery", "catalog", tuple(RunModel(name, name, "f00") for name in models), models)
    given = sum(len(case.answers) for case in cases) if answered is None else answered
    return Run(1, "2026-01-02T03:04:05Z", "existence", "done", snapshot, len(cases), given)


def case(position, subject="APTL", wording="exists", *, real=True, module="AP", margin=None, text=None, **verdicts):
    probe = Probe(
        f"{position:012x}", f"{wording} {subject}?", subject, wording, "other", module, real, "affirm" if real else "deny"
    )
    answers = {}
    for model, verdict in verdicts.items():
        said = f"{model} says {verdict} of {subject}" if text is None else text
        reading = STANCE.get(verdict, "contradicts")
        if not real and verdict == "correct":
            reading = "denies"
        answers[model] = Answer(
            1, model, position, said, reading, verdict, evidence=(0, min(4, len(said))), margin=margin, seconds=0.5
        )
    return Case(position, probe, answers)
