"""The geometry of a report's pictures, in SVG user units; the templates draw it."""

from __future__ import annotations

import math

import msgspec

from vgpt_probe.runs.analysis import Comparison

#: The height of all cases in a flow, and of the gap between right and wrong.
HEIGHT, GAP = 200.0, 14.0
LEFT, RIGHT = 130.0, 470.0

BINS = 36


class Band(msgspec.Struct, frozen=True):
    """A band of a flow from one stage to the next: its kind, how many cases, and its outline."""

    kind: str
    count: int
    outline: str
    middle: float


class Side(msgspec.Struct, frozen=True):
    """One stage of a flow: its name, how many cases are right and wrong, and where those blocks lie."""

    name: str
    right: int
    wrong: int
    split: float
    start: float
    end: float


class Flow(msgspec.Struct, frozen=True):
    """From one stage to another: what stayed right, was introduced, fixed, inherited."""

    a: Side
    b: Side
    bands: list[Band]
    height: float


def flow(compared: Comparison) -> Flow:
    """Lay out the flow of a comparison: right above, wrong below."""
    total = compared.both + compared.only_a + compared.only_b + compared.neither
    scale = HEIGHT / max(1, total)

    def side(name: str, right: int, wrong: int) -> Side:
        split = right * scale
        return Side(name, right, wrong, split, split + GAP, split + GAP + wrong * scale)

    a = side(compared.a, compared.both + compared.only_a, compared.only_b + compared.neither)
    b = side(compared.b, compared.both + compared.only_b, compared.only_a + compared.neither)
    kept, lost = compared.both * scale, compared.only_a * scale
    won, stuck = compared.only_b * scale, compared.neither * scale
    # Right to right, right to wrong; wrong to right, wrong to wrong: nothing crosses but what changed.
    placed = [
        ("right", compared.both, 0.0, 0.0, kept),
        ("inherited", compared.neither, a.start + won, b.start + lost, stuck),
        ("fixed", compared.only_b, a.start, kept, won),
        ("introduced", compared.only_a, kept, b.start, lost),
    ]
    bands = [
        Band(kind, count, _band(left, right, height), (left + right + height) / 2)
        for kind, count, left, right, height in placed
        if count
    ]
    return Flow(a, b, bands, HEIGHT + GAP)


def _band(left: float, right: float, height: float) -> str:
    middle = (LEFT + RIGHT) / 2
    return (
        f"M{LEFT:.1f} {left:.1f}C{middle:.1f} {left:.1f} {middle:.1f} {right:.1f} {RIGHT:.1f} {right:.1f}"
        f"V{right + height:.1f}C{middle:.1f} {right + height:.1f} {middle:.1f} {left + height:.1f}"
        f" {LEFT:.1f} {left + height:.1f}Z"
    )


class Bin(msgspec.Struct, frozen=True):
    """A bin of margins: its edges in nats, counts of real and invented subjects, and its bars' lengths (0..1)."""

    low: float
    high: float
    real: int
    invented: int
    up: float
    down: float


class Histogram(msgspec.Struct, frozen=True):
    """The margins of one model; ``zero``: where 0 lies (0..1) ; ``denied``: real subjects with a margin above 0."""

    bins: list[Bin]
    low: float
    high: float
    zero: float
    real: int
    invented: int
    denied: int


def histogram(margins: list[tuple[bool, float]]) -> Histogram | None:
    """Count margins (real, nats) in bins of one width, one edge at 0; None where no margin is finite."""
    kept = [(real, margin) for real, margin in margins if math.isfinite(margin)]
    if not kept:
        return None
    values = [margin for _, margin in kept]
    low, high = min(0.0, *values), max(0.0, *values)
    width = max(high - low, 1e-6) / (BINS - 2)
    first, last = math.floor(low / width), max(math.ceil(high / width), math.floor(low / width) + 1)
    counts = [[0, 0] for _ in range(last - first)]
    for real, margin in kept:
        counts[min(max(math.floor(margin / width) - first, 0), len(counts) - 1)][0 if real else 1] += 1
    most = max(max(pair) for pair in counts)
    bins = [
        Bin((first + at) * width, (first + at + 1) * width, real, fake, real / most, fake / most)
        for at, (real, fake) in enumerate(counts)
    ]
    return Histogram(
        bins,
        first * width,
        last * width,
        -first / (last - first),
        sum(1 for real, _ in kept if real),
        sum(1 for real, _ in kept if not real),
        sum(1 for real, margin in kept if real and margin > 0),
    )
