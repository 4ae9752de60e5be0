"""How well a denial margin tells what a model would have said, and from which margin on it need not be asked."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from vgpt_probe.probes import Probe
from vgpt_probe.runs.records import Answer, Case, Run

#: A sweep generates so many answers to each wording before it predicts any, or this share of them if that is more.
LEAST_OF_WORDING = 12
SHARE_OF_WORDING = 0.02

#: A margin is trusted from so far (in nats) beyond the farthest at which a generated answer said the opposite …
CLEARANCE = 1.0

#: … and by a factor, for the sample may have missed a farther one.
SAFETY = 1.25

#: A wording with fewer answers than this is generated throughout.
FEWEST = 6

#: The key under which a wording without answers of its own is judged.
ANY = ""


class Calibration(msgspec.Struct, frozen=True):
    """A model's margins against its generated readings.

    ``decided``: of ``answers`` with a margin, those that affirm or deny; ``agreement``: the share of them that the
    margin's sign tells; ``auc``: how often a denied probe has the higher margin of the two, None where one side is
    missing; ``thresholds``: by wording, the margin (nats, either way) from which nothing need be generated, None: never.
    """

    answers: int
    decided: int
    agreement: float | None
    auc: float | None
    thresholds: dict[str, float | None] = {}

    def threshold(self, wording: str) -> float | None:
        """From which margin (nats, either way) on an answer to a wording need not be generated; None: it always is."""
        return self.thresholds.get(wording, self.thresholds.get(ANY))

    def certain(self, wording: str, margin: float) -> bool:
        """Whether a margin tells the reading without generating."""
        threshold = self.threshold(wording)
        return threshold is not None and abs(margin) > threshold


def calibrate(known: Iterable[tuple[Probe, Answer]], undecided: float) -> Calibration:
    """Compare margins with readings, over generated answers that have a margin.

    ``undecided``: which share of a wording's answers may be unclear or contradict themselves: no margin tells that.
    """
    pairs = [
        (probe.wording, answer.margin, answer.reading)
        for probe, answer in known
        if answer.margin is not None and answer.stop != "scored" and answer.verdict != "error"
    ]
    by_wording: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for wording, margin, reading in pairs:
        by_wording[wording].append((margin, reading))
    denied = sorted(margin for _, margin, reading in pairs if reading == "denies")
    affirmed = sorted(margin for _, margin, reading in pairs if reading == "affirms")
    decided = len(denied) + len(affirmed)
    told = sum(margin > 0 for margin in denied) + sum(margin <= 0 for margin in affirmed)
    opposed = max([0.0, *(-margin for margin in denied), *affirmed])
    return Calibration(
        answers=len(pairs),
        decided=decided,
        agreement=told / decided if decided else None,
        auc=_auc(denied, affirmed),
        thresholds={
            **{wording: _threshold(rows, opposed, undecided) for wording, rows in by_wording.items()},
            ANY: _threshold([(margin, reading) for _, margin, reading in pairs], opposed, undecided),
        },
    )


def sample(probes: Sequence[Probe]) -> list[int]:
    """The positions whose answers are generated first: of each wording some, spread over its probes."""
    by_wording: dict[str, list[int]] = defaultdict(list)
    for position, probe in enumerate(probes):
        by_wording[probe.wording].append(position)
    chosen: list[int] = []
    for positions in by_wording.values():
        count = min(len(positions), max(LEAST_OF_WORDING, int(SHARE_OF_WORDING * len(positions))))
        step = len(positions) / count
        chosen += (positions[int((number + 0.5) * step)] for number in range(count))
    return sorted(chosen)


def _threshold(rows: Sequence[tuple[float, str]], opposed: float, most: float) -> float | None:
    """From which margin on a wording's answers are told by its sign; None where they are not.

    ``opposed``: the farthest margin, of any wording, at which an answer said the opposite; ``most``: the share that may be
    undecided.
    """
    undecided = sum(reading not in ("denies", "affirms") for _, reading in rows)
    if len(rows) < FEWEST or undecided > most * len(rows):
        return None
    return opposed * SAFETY + CLEARANCE


def _auc(denied: Sequence[float], affirmed: Sequence[float]) -> float | None:
    if not denied or not affirmed:
        return None
    wins = sum(
        bisect_left(affirmed, margin) + 0.5 * (bisect_right(affirmed, margin) - bisect_left(affirmed, margin))
        for margin in denied
    )
    return wins / (len(denied) * len(affirmed))


def by_model(run: Run, cases: Sequence[Case]) -> dict[str, Calibration]:
    """Calibrate the models of a run that have both margins and answers.

    Of a sweep only the sample counts: what it generates beyond is chosen for its small margin.
    """
    chosen = set(sample([case.probe for case in cases])) if run.snapshot.mode == "sweep" else None
    found = {}
    for model in run.models:
        known = [
            (case.probe, case.answers[model])
            for case in cases
            if model in case.answers and (chosen is None or case.position in chosen)
        ]
        calibration = calibrate(known, run.snapshot.undecided)
        if calibration.answers:
            found[model] = calibration
    return found
