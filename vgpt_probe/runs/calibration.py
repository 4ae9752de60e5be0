"""How well a denial margin tells what a model would have said, and from which margin on it need not be asked."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vgpt_probe.probes import Probe
from vgpt_probe.runs.records import Answer

#: A sweep generates so many answers to each wording before it predicts any, or this share of them if that is more.
LEAST_OF_WORDING = 12
SHARE_OF_WORDING = 0.02

#: A margin is trusted from so far (in nats) beyond the farthest at which a generated answer went against it: of its
#: wording in any way, of any wording by saying the opposite …
CLEARANCE = 2.0

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

    def certain(self, wording: str, margin: float) -> bool:
        """Whether a margin tells the reading without generating."""
        threshold = self.thresholds.get(wording, self.thresholds.get(ANY))
        return threshold is not None and abs(margin) > threshold


def calibrate(known: Iterable[tuple[Probe, Answer]]) -> Calibration:
    """Compare margins with readings, over generated answers that have a margin."""
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
            **{wording: _threshold(rows, opposed) for wording, rows in by_wording.items()},
            ANY: _threshold([(margin, reading) for _, margin, reading in pairs], opposed),
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


def _threshold(rows: Sequence[tuple[float, str]], opposed: float) -> float | None:
    """From which margin on all the answers of a sample are told by its sign; None where none is."""
    against = [abs(margin) for margin, reading in rows if reading != ("denies" if margin > 0 else "affirms")]
    if len(rows) < FEWEST or len(against) * 2 > len(rows):
        return None
    return max([opposed, *against]) * SAFETY + CLEARANCE


def _auc(denied: Sequence[float], affirmed: Sequence[float]) -> float | None:
    if not denied or not affirmed:
        return None
    wins = sum(
        bisect_left(affirmed, margin) + 0.5 * (bisect_right(affirmed, margin) - bisect_left(affirmed, margin))
        for margin in denied
    )
    return wins / (len(denied) * len(affirmed))


def by_model(
    cases: Iterable[tuple[Probe, Mapping[str, Answer]]], models: Iterable[str], positions: set[int] | None
) -> dict[str, Calibration]:
    """Calibrate each model over the probes at ``positions`` (None: all)."""
    rows: dict[str, list[tuple[Probe, Answer]]] = {model: [] for model in models}
    for position, (probe, answers) in enumerate(cases):
        if positions is None or position in positions:
            for model, answer in answers.items():
                rows[model].append((probe, answer))
    return {model: calibrate(known) for model, known in rows.items()}
