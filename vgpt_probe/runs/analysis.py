"""What a run tells beyond its rates: paired comparisons, each case's path, denials by wording and by subject."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from vgpt_probe.runs.records import Answer, Case, Run
from vgpt_probe.runs.summary import lineage


class Comparison(msgspec.Struct, frozen=True):
    """Two models on the probes that both answered: counts, and McNemar's exact p for being right equally often."""

    a: str
    b: str
    both: int
    only_a: int
    only_b: int
    neither: int
    p: float


class Wording(msgspec.Struct, frozen=True):
    """How often one model denies under one wording; ``shortcut``: it denies whatever the subject, only here."""

    model: str
    wording: str
    denied_real: int
    real: int
    denied_fake: int
    fake: int
    shortcut: bool


class House(msgspec.Struct, frozen=True):
    """How often the SQL of one model's answers breaks a house rule: never a matter of existence.

    ``sql``: answers that read tables and came to their end; ``broken``: those of them that break a rule; ``rules``: how
    many break each. Where an answer was stopped, a filter or a hint may just not have come yet.
    """

    sql: int
    broken: int
    rules: dict[str, int]


class Change(msgspec.Struct, frozen=True):
    """One probe that two runs asked the same model: its verdict then and now."""

    model: str
    question: str
    subject: str
    before: str
    after: str

    @property
    def kind(self) -> str:
        """``fixed``, ``regressed``, or ``changed`` from one fault to another."""
        if self.after == "correct":
            return "fixed"
        return "regressed" if self.before == "correct" else "changed"


def house(cases: Iterable[Case], models: Iterable[str]) -> dict[str, House]:
    """Count for each model whose answers hold SQL how many break which house rule, the commonest rule first."""
    found = {}
    said = list(cases)
    for model in models:
        answers = [case.answers[model] for case in said if model in case.answers]
        answers = [one for one in answers if one.stop == "end" and (one.sql_tables or one.style)]
        if answers:
            rules = Counter(rule for one in answers for rule in {broken.rule for broken in one.style})
            found[model] = House(len(answers), sum(bool(one.style) for one in answers), dict(rules.most_common()))
    return found


def compare_models(cases: Iterable[Case], a: str, b: str) -> Comparison:
    """Compare two models of a run on the probes that both answered without an error."""
    from vgpt_probe.grading import paired_table

    right: list[tuple[bool, bool]] = []
    for case in cases:
        one, other = case.answers.get(a), case.answers.get(b)
        if one and other and "error" not in (one.final, other.final):
            right.append((one.final == "correct", other.final == "correct"))
    table = paired_table([pair[0] for pair in right], [pair[1] for pair in right])
    return Comparison(a, b, table.both, table.only_a, table.only_b, table.neither, table.p)


def compare_stages(run: Run, cases: list[Case]) -> list[Comparison]:
    """Compare each model with that of the stage it was trained from, or else with the first model."""
    by_stage = {model.stage: model.name for model in reversed(run.snapshot.models)}
    found = []
    for model in run.snapshot.models[1:]:
        parent = by_stage.get(run.snapshot.parents.get(model.stage, ""), run.models[0])
        if parent != model.name:
            found.append(compare_models(cases, parent, model.name))
    return found


def path(run: Run, answers: dict[str, Answer], line: list[str] | None = None) -> str:
    """Say a case's way through the stages: ``introduced at dpo_v2``, ``inherited from sft``, ``flickers`` …

    ``line``: see ``since``.
    """
    from vgpt_probe.grading import stage_path

    verdicts: dict[str, str | None] = {}
    by_stage = {model.stage: model.name for model in reversed(run.snapshot.models)}
    for stage in reversed(lineage(run.snapshot) if line is None else line):
        answer = answers.get(by_stage.get(stage, ""))
        if answer:
            verdicts[stage] = answer.final
    return stage_path(verdicts)


def wordings(run: Run, cases: list[Case]) -> list[Wording]:
    """Count each model's denials by wording, in the order of the battery, and call out the shortcuts."""
    from vgpt_probe.grading import denials_by_wording, shortcut_wordings

    order = {wording: at for at, wording in enumerate(dict.fromkeys(case.probe.wording for case in cases))}
    found = []
    for model in run.models:
        rows = _rows(cases, model)
        shortcuts = {rate.key for rate in shortcut_wordings(rows)}
        rates = sorted(denials_by_wording(rows), key=lambda rate: order[rate.key])
        found += [
            Wording(
                model,
                rate.key,
                rate.denied_real,
                rate.real,
                rate.denied_fake,
                rate.fake,
                rate.key in shortcuts,
            )
            for rate in rates
        ]
    return found


def denied_subjects(run: Run, cases: list[Case]) -> list[dict[str, Any]]:
    """List the real subjects that a model denies, with in how many of their wordings; most denied first."""
    from vgpt_probe.grading import denials_by_subject

    real = [case for case in cases if case.probe.real]
    return [
        {"model": model, "subject": rate.key, "denied": rate.denied_real, "wordings": rate.real}
        for model in run.models
        for rate in denials_by_subject(_rows(real, model))
        if rate.denied_real
    ]


def compare_runs(before: list[Case], after: list[Case]) -> list[Change]:
    """List the verdicts that differ between two runs, for each model and probe (by its id) that both have."""
    known = {(case.probe.id, model): answer for case in before for model, answer in case.answers.items()}
    changes = []
    for case in after:
        for model, answer in case.answers.items():
            was = known.get((case.probe.id, model))
            if was and was.final != answer.final:
                changes.append(
                    Change(model, case.probe.question, case.probe.subject, was.final, answer.final)
                )
    return changes


def join(one: Run, other: Run, before: list[Case], after: list[Case]) -> tuple[Run, list[Case]]:
    """Put two runs of different models side by side: the cases that both have, as if one run had asked them all.

    Cases are the same where question and subject are. The stages keep the order that the second run knows.
    """
    known = {(case.probe.question, case.probe.subject): case for case in before}
    cases: list[Case] = []
    for case in after:
        was = known.get((case.probe.question, case.probe.subject))
        if was is not None:
            cases.append(Case(len(cases), case.probe, was.answers | case.answers))
    snapshot = msgspec.structs.replace(
        other.snapshot,
        models=(*one.snapshot.models, *other.snapshot.models),
        stages=tuple(dict.fromkeys([*other.snapshot.stages, *one.snapshot.stages])),
        parents=one.snapshot.parents | other.snapshot.parents,
    )
    return msgspec.structs.replace(other, snapshot=snapshot), cases


def _rows(cases: Iterable[Case], model: str) -> list[Any]:
    from vgpt_probe.grading import DenialRow

    stances = {"denies": True, "affirms": False}
    return [
        DenialRow(
            case.probe.subject, case.probe.wording, case.probe.real, stances.get(case.answers[model].reading)
        )
        for case in cases
        if model in case.answers
    ]
