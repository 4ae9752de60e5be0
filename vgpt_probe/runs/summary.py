"""What a run shows: counts, rates with their intervals, and since which stage a case is wrong."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

from vgpt_probe.runs.records import FLAGGED, VERDICTS, Answer, Case, Run, Snapshot
from vgpt_probe.runs.store import Store


class Tally:
    """Counts of one model's verdicts, kept up to date answer by answer."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[bool, str]] = Counter()

    def add(self, real: bool, verdict: str, times: int = 1) -> None:
        """Count a verdict on a real or an invented subject; ``times=-1`` takes one back."""
        self._counts[real, verdict] += times

    def __getitem__(self, verdict: str) -> int:
        return self._counts[True, verdict] + self._counts[False, verdict]

    @property
    def probes(self) -> int:
        return sum(self._counts.values())

    @property
    def flagged(self) -> int:
        return sum(self[verdict] for verdict in FLAGGED)

    def rate(self, verdict: str) -> tuple[int, int]:
        """(k, n) of ``false_rejection`` over real subjects, or of ``false_acceptance`` over invented ones.

        ``unclear`` and contradictions stay in n, ``error`` does not.
        """
        real = verdict == "false_rejection"
        n = sum(count for (is_real, one), count in self._counts.items() if is_real is real and one != "error")
        return self._counts[real, verdict], n

    def interval(self, verdict: str) -> dict[str, float | None]:
        """The rate with Wilson's 95 % interval, as the JSON output has it; null where nothing was answered."""
        from vgpt_probe.grading import wilson

        found = wilson(*self.rate(verdict))
        return {
            name: None if math.isnan(number) else round(number, 6)
            for name, number in (("value", found.value), ("low", found.low), ("high", found.high))
        }


def tallies(cases: Iterable[Case], models: Iterable[str]) -> dict[str, Tally]:
    """Count the verdicts of each model."""
    found = {model: Tally() for model in models}
    for case in cases:
        for model, answer in case.answers.items():
            found[model].add(case.probe.real, answer.final)
    return found


def since(run: Run, answers: dict[str, Answer], line: list[str] | None = None) -> str | None:
    """Name the stage since which a case is wrong without a break; None when the last stage answers it right.

    From the last stage the walk goes up its line of parents (a stage without a known parent comes after the one
    listed before it); a stage without an answer is passed over. ``line``: that of the run, for who has it at hand.
    """
    by_stage: dict[str, Answer] = {}
    for model in run.snapshot.models:
        if model.name in answers:
            by_stage.setdefault(model.stage, answers[model.name])
    found: str | None = None
    for stage in lineage(run.snapshot) if line is None else line:
        if stage in by_stage:
            if not by_stage[stage].wrong:
                break
            found = stage
    return found


def lineage(snapshot: Snapshot) -> list[str]:
    """The stages from the last one that took part up to the first it was trained from."""
    order = list(dict.fromkeys([*snapshot.stages, *(model.stage for model in snapshot.models)]))
    present = {model.stage for model in snapshot.models}
    stage = next((one for one in reversed(order) if one in present), None)
    line: list[str] = []
    while stage is not None and stage not in line:
        line.append(stage)
        before = order.index(stage) - 1
        earlier = order[before] if before >= 0 and not snapshot.parents else None
        stage = snapshot.parents.get(stage, earlier)
    return line


def document(store: Store, run: Run) -> dict[str, Any]:
    """Build what ``run --json`` and ``runs show --json`` print."""
    from vgpt_probe.runs.analysis import compare_stages, denied_subjects, house, path, wordings
    from vgpt_probe.runs.calibration import by_model

    cases = store.cases(run.id)
    line = lineage(run.snapshot)
    counted = tallies(cases, run.models)
    return {
        "run": run.id,
        "battery": run.battery,
        "state": run.state,
        "models": {
            model: {
                "probes": tally.probes,
                **{verdict: tally[verdict] for verdict in VERDICTS},
                "false_rejection_rate": tally.interval("false_rejection"),
                "false_acceptance_rate": tally.interval("false_acceptance"),
            }
            for model, tally in counted.items()
        },
        "cases": [
            {
                "probe": case.probe.id,
                "question": case.probe.question,
                "subject": case.probe.subject,
                "wording": case.probe.wording,
                "module": case.probe.module,
                "real": case.probe.real,
                "answers": {
                    model: {
                        "text": answer.text,
                        "reading": answer.reading,
                        "verdict": answer.final,
                        "margin": answer.margin,
                    }
                    for model, answer in case.answers.items()
                },
                "since": since(run, case.answers, line),
                "path": path(run, case.answers, line),
            }
            for case in cases
        ],
        "comparisons": compare_stages(run, cases),
        "wordings": wordings(run, cases),
        "denied_subjects": denied_subjects(run, cases),
        "style": house(cases, run.models),
        "calibration": by_model(run, cases),
    }
