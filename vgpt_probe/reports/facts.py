"""What a report says, as plain figures: gathered once from a run, then written as HTML or Markdown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import msgspec

from vgpt_probe.reports.training import TrainingFacts
from vgpt_probe.runs.analysis import (
    Comparison,
    Wording,
    compare_models,
    compare_stages,
    denied_subjects,
    path,
    wordings,
)
from vgpt_probe.runs.records import Answer, Case, Run
from vgpt_probe.runs.summary import Tally, since, tallies

#: Sign and word of each verdict, as the command line has them.
MARKS = {
    "correct": ("✓", "correct"),
    "false_rejection": ("✗", "denies real"),
    "false_acceptance": ("!", "accepts fake"),
    "contradiction": ("±", "contradicts"),
    "unclear": ("?", "unclear"),
    "error": ("×", "error"),
}

#: How much of a long list a report holds; it says what it leaves out.
WORST_CASES, SUBJECTS, WORDINGS, MODULES = 40, 100, 40, 24

#: The name of the column that gathers the modules beyond those.
OTHERS = "others"


class ModelFacts(msgspec.Struct, frozen=True):
    """One model's headline; rates have value, low and high (0..1, None where nothing was answered).

    ``balanced``: the mean of the shares of right answers on real and on invented subjects.
    """

    name: str
    stage: str
    tally: Tally
    false_rejection: dict[str, float | None]
    false_acceptance: dict[str, float | None]
    balanced: float | None


class Cell(msgspec.Struct, frozen=True):
    """Wrong answers of all that were given to one wording in one module."""

    wrong: int = 0
    asked: int = 0

    @property
    def share(self) -> float | None:
        return self.wrong / self.asked if self.asked else None


class HeatRow(msgspec.Struct, frozen=True):
    """One wording: false rejections by module (in the order of ``HeatMap.modules``), over all, and false acceptances."""

    wording: str
    example: str
    modules: list[Cell]
    real: Cell
    invented: Cell


class HeatMap(msgspec.Struct, frozen=True):
    """Module × wording of one model; ``left_out``: wordings beyond those that are wrong most often."""

    model: str
    modules: list[str]
    rows: list[HeatRow]
    left_out: int


class Flips(msgspec.Struct, frozen=True):
    """Of the real subjects that one model was asked about in several wordings: those denied in some of them only."""

    model: str
    flipped: int
    subjects: int


class Report(msgspec.Struct, frozen=True):
    """All that a report says of one run.

    ``best``: the model to ship if one must be, ``second`` the next one with McNemar's table of both; ``flows``: each
    stage against the one it was trained from; ``margins``: by model, (real, margin in nats); ``paths``: cases by their
    way through the stages; ``worst``: a draw of ``wrong`` cases;
    ``predicted``: verdicts that the denial margin tells, nothing generated;
    ``missing``: what the stored pairs lack; ``training``: the training files of the run's stages.
    """

    run: Run
    models: list[ModelFacts]
    best: ModelFacts | None
    second: Comparison | None
    flows: list[Comparison]
    paths: list[tuple[str, int]]
    heat: list[HeatMap]
    margins: dict[str, list[tuple[bool, float]]]
    shortcuts: list[Wording]
    flips: list[Flips]
    examples: dict[str, str]
    denied: dict[str, list[tuple[str, int, int]]]
    denied_counts: dict[str, int]
    worst: list[Case]
    since: dict[int, str]
    wrong: int
    predicted: int
    pairs: int
    shares: list[tuple[str, int]]
    missing: list[str]
    training: list[TrainingFacts]


def gather(
    run: Run,
    cases: list[Case],
    *,
    pairs: int = 0,
    shares: Sequence[tuple[str, int]] = (),
    missing: Sequence[str] = (),
    training: Sequence[TrainingFacts] = (),
) -> Report:
    """Gather what a report says; ``pairs``, ``shares`` (kind, count) and ``missing`` are of the stored pairs,
    ``training`` is what ``trained_on`` found.
    """
    counted = tallies(cases, run.models)
    models = [_model(run, model, counted[model], cases) for model in run.models]
    ranked = sorted((one for one in models if one.balanced is not None), key=lambda one: -(one.balanced or 0))
    best = ranked[0] if ranked else None
    found = wordings(run, cases)
    denied: dict[str, list[tuple[str, int, int]]] = {model: [] for model in run.models}
    for one in denied_subjects(run, cases):
        denied[one["model"]].append((one["subject"], one["denied"], one["wordings"]))
    wrong = [case for case in cases if any(answer.wrong for answer in case.answers.values())]
    worst = _worst(run, wrong)
    paths = Counter(path(run, case.answers) for case in cases if case.answers)
    return Report(
        run=run,
        models=models,
        best=best,
        second=compare_models(cases, ranked[0].name, ranked[1].name) if len(ranked) > 1 else None,
        flows=[one for one in compare_stages(run, cases) if one.both + one.only_a + one.only_b + one.neither],
        paths=paths.most_common(),
        heat=[_heat(model, cases) for model in run.models],
        margins=_margins(run, cases),
        shortcuts=[one for one in found if one.shortcut],
        flips=[_flips(model, cases) for model in run.models],
        examples=_examples(cases),
        denied={model: listed[:SUBJECTS] for model, listed in denied.items()},
        denied_counts={model: len(listed) for model, listed in denied.items()},
        worst=worst,
        since={case.position: since(run, case.answers) or "" for case in worst},
        wrong=len(wrong),
        predicted=sum(answer.stop == "scored" for case in cases for answer in case.answers.values()),
        pairs=pairs,
        shares=list(shares),
        missing=list(missing),
        training=list(training),
    )


def _model(run: Run, name: str, tally: Tally, cases: list[Case]) -> ModelFacts:
    right: dict[bool, list[bool]] = {True: [], False: []}
    for case in cases:
        answer = case.answers.get(name)
        if answer and answer.final != "error":
            right[case.probe.real].append(answer.final == "correct")
    shares = [sum(side) / len(side) for side in right.values() if side]
    return ModelFacts(
        name=name,
        stage=next(model.stage for model in run.snapshot.models if model.name == name),
        tally=tally,
        false_rejection=tally.interval("false_rejection"),
        false_acceptance=tally.interval("false_acceptance"),
        balanced=sum(shares) / len(shares) if shares else None,
    )


def _examples(cases: list[Case]) -> dict[str, str]:
    """A question for each wording, about a real subject where there is one."""
    found: dict[str, str] = {}
    for case in sorted(cases, key=lambda case: not case.probe.real):
        found.setdefault(case.probe.wording, case.probe.question)
    return found


def _heat(model: str, cases: list[Case]) -> HeatMap:
    real: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    invented: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    asked: Counter[str] = Counter()
    order = dict.fromkeys(case.probe.wording for case in cases)
    for case in cases:
        answer = case.answers.get(model)
        if answer is None or answer.final == "error":
            continue
        if case.probe.real:
            asked[case.probe.module] += 1
            cell, wrong = real[case.probe.wording, case.probe.module], "false_rejection"
        else:
            cell, wrong = invented[case.probe.wording], "false_acceptance"
        cell[0] += answer.final == wrong
        cell[1] += 1
    kept = sorted(module for module, _ in asked.most_common(MODULES))
    others = sorted(set(asked) - set(kept))
    examples = _examples(cases)

    def total(wording: str, modules: Sequence[str]) -> Cell:
        cells = [real[wording, module] for module in modules if (wording, module) in real]
        return Cell(sum(cell[0] for cell in cells), sum(cell[1] for cell in cells))

    rows = [
        HeatRow(
            wording,
            examples[wording],
            [total(wording, [module]) for module in kept] + ([total(wording, others)] if others else []),
            total(wording, list(asked)),
            Cell(*invented[wording]),
        )
        for wording in order
    ]
    if len(rows) > WORDINGS:
        wrongest = sorted(rows, key=lambda row: -((row.real.share or 0) + (row.invented.share or 0)))[
            :WORDINGS
        ]
        shown = {row.wording for row in wrongest}
    else:
        shown = set(order)
    return HeatMap(
        model,
        kept + ([OTHERS] if others else []),
        [row for row in rows if row.wording in shown],
        len(rows) - len(shown),
    )


def _margins(run: Run, cases: list[Case]) -> dict[str, list[tuple[bool, float]]]:
    found: dict[str, list[tuple[bool, float]]] = {model: [] for model in run.models}
    for case in cases:
        for model, answer in case.answers.items():
            if answer.margin is not None:
                found[model].append((case.probe.real, answer.margin))
    return {model: listed for model, listed in found.items() if listed}


def _flips(model: str, cases: list[Case]) -> Flips:
    said: dict[str, list[str]] = defaultdict(list)
    for case in cases:
        answer = case.answers.get(model)
        if answer and case.probe.real and answer.reading in ("denies", "affirms"):
            said[case.probe.subject].append(answer.reading)
    several = [readings for readings in said.values() if len(readings) > 1]
    return Flips(model, sum(len(set(readings)) > 1 for readings in several), len(several))


def _worst(run: Run, wrong: list[Case]) -> list[Case]:
    """The worst cases, drawn from each wording in turn so that one shortcut does not fill the list.

    Real subjects that are denied come first, then cases that the stages answer differently, then the surest denials.
    """

    def badness(case: Case) -> tuple[bool, bool, int, float]:
        answers: list[Answer] = list(case.answers.values())
        denied = any(one.wrong and one.final == "false_rejection" for one in answers)
        margin = max((one.margin or 0.0 for one in answers), default=0.0)
        return denied, case.differs, sum(one.wrong for one in answers), margin

    by_wording: dict[str, list[Case]] = defaultdict(list)
    for case in sorted(wrong, key=badness, reverse=True):
        by_wording[case.probe.wording].append(case)
    drawn: list[Case] = []
    queues = list(by_wording.values())
    turn = 0
    while len(drawn) < min(WORST_CASES, len(wrong)):
        drawn += [queue[turn] for queue in queues if turn < len(queue)]
        turn += 1
    return drawn[:WORST_CASES]
