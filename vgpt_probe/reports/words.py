"""The sentences of a report: what the figures say, and what to do next. Names in them are raw; writers escape."""

from __future__ import annotations

import shlex

from vgpt_probe.reports.facts import ModelFacts, Report
from vgpt_probe.reports.training import TrainingFacts

#: Below this McNemar's p two models are said to differ.
DIFFERENT = 0.05


def percent(share: float | None) -> str:
    """``12.5 %``, which does not break; a dash when nothing was counted."""
    return "–" if share is None else f"{100 * share:.1f}\N{NO-BREAK SPACE}%"


def interval(rate: dict[str, float | None]) -> str:
    """``8.1–18.8``, in percent; empty when nothing was counted."""
    low, high = rate["low"], rate["high"]
    return "" if low is None or high is None else f"{100 * low:.1f}–{100 * high:.1f}"


def chance(p: float) -> str:
    """A p value: two digits, or ``< 0.0001``."""
    return "< 0.0001" if p < 0.0001 else f"{p:.2g}"


def started(report: Report) -> str:
    """When the run began: ``2026-01-02 03:04 UTC``."""
    return report.run.started[:16].replace("T", " ") + " UTC"


def headline(report: Report) -> list[str]:
    """Which model to ship, if one must be, and why, in a few sentences."""
    run, best = report.run, report.best
    if best is None:
        return ["No model has answered yet."]
    told = [_weighed(best, many=len(report.models) > 1)]
    if report.second:
        other = report.second
        same = other.p >= DIFFERENT
        told.append(
            f"Next is {other.b}: {other.only_a:,} probes are right only with {other.a}, {other.only_b:,} only with"
            f" {other.b} (McNemar's p {chance(other.p)}"
            + ("; the two cannot be told apart by this run)." if same else ").")
        )
    if report.predicted:
        told.append(
            f"{report.predicted:,} of {run.answered:,} verdicts are predicted by the denial margin: for those no answer was"
            " generated."
        )
    if run.answered < run.total:
        told.append(f"The run is not finished: {run.answered:,} of {run.total:,} answers are there.")
    return told


def _weighed(best: ModelFacts, *, many: bool) -> str:
    sides = []
    if best.false_rejection["value"] is not None:
        sides.append(
            f"denies {percent(best.false_rejection['value'])} of the questions about real tables"
            f" (95\N{NO-BREAK SPACE}%: {interval(best.false_rejection)})"
        )
    if best.false_acceptance["value"] is not None:
        sides.append(
            f"accepts the invented table in {percent(best.false_acceptance['value'])} of the others"
            f" (95\N{NO-BREAK SPACE}%: {interval(best.false_acceptance)})"
        )
    said = " and ".join(sides)
    if not many:
        return f"{best.name} {said}; it is right in {percent(best.balanced)}, both kinds weighed alike."
    return (
        f"If one of these models is to be shipped, it is {best.name}: right in {percent(best.balanced)} of its answers,"
        f" real and invented tables weighed alike. It {said}."
    )


def training(one: TrainingFacts) -> list[str]:
    """What a training file teaches, a sentence each; why it was not audited, if it was not."""
    if one.problem:
        return [f"{one.problem[0].upper()}{one.problem[1:]}."]
    told = [f"{one.pairs:,} rows, {percent(one.denial_share)} of them teach a denial."]
    if one.real_denied:
        more = ", and others" if one.real_denied > len(one.real_names) else ""
        told.append(f"Real tables that it denies: {one.real_denied:,} ({', '.join(one.real_names)}{more}).")
    else:
        told.append("It denies no real table.")
    if one.one_way:
        worst = ", ".join(f"“{wording}” ({percent(share)} of {rows:,})" for wording, rows, share in one.wordings)
        more = ", and others" if one.one_way > len(one.wordings) else ""
        told.append(f"Wordings answered one way only, by a denial: {one.one_way:,}: {worst}{more}.")
    else:
        told.append("No wording is answered by denials only.")
    told.append(f"Risk: {one.risk}" + (f": {'; '.join(one.reasons)}." if one.reasons else "."))
    return told


def next_steps(report: Report) -> list[tuple[str, str]]:
    """What to do next: (why, the command or "")."""
    run, best = report.run, report.best
    steps: list[tuple[str, str]] = []
    if run.answered < run.total:
        steps.append(("Finish the run.", f"vgpt-probe run --resume {run.id}"))
    if any(one.tally["unclear"] for one in report.models):
        steps.append(
            ("Read what the reader could not tell, and say what it is.", f"vgpt-probe runs findings {run.id}")
        )
    if best and best.tally["false_rejection"]:
        steps.append(
            (
                f"Turn the {best.tally['false_rejection']:,} false rejections of {best.name} into pairs, each subject in"
                " further wordings with a counter-example.",
                f"vgpt-probe pairs add {run.id} --model {shlex.quote(best.name)} --wordings 3",
            )
        )
    if best and best.tally["false_acceptance"]:
        steps.append(
            (
                f"The same for its {best.tally['false_acceptance']:,} false acceptances.",
                f"vgpt-probe pairs add {run.id} --model {shlex.quote(best.name)} --verdict false_acceptance",
            )
        )
    if report.shortcuts:
        steps.append(
            (
                "Find the training rows that are denied whatever the name, in the wordings named above.",
                "vgpt-probe audit TRAINING_FILE",
            )
        )
    if report.pairs and report.missing:
        steps.append(("Fill what the pairs lack (listed below).", "vgpt-probe pairs fill"))
    gate = 'vgpt-probe run --fail-on "false_rejection_rate.high>5%"'
    steps.append(("After the next training, probe again and let the gate decide.", gate))
    return steps
