"""Statistics that hold: intervals, paired tests, paths across stages, denial rates by subject and by wording."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

__all__ = [
    "DenialRate",
    "DenialRow",
    "Interval",
    "PairedTable",
    "denials_by_subject",
    "denials_by_wording",
    "mcnemar_exact",
    "paired_table",
    "shortcut_wordings",
    "stage_path",
    "wilson",
]


@dataclass(frozen=True)
class Interval:
    """A rate with its confidence interval, all in 0..1; NaN everywhere when nothing was counted."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class PairedTable:
    """Two models on the same probes: counts of both right, only A right, only B right, both wrong, and exact p."""

    both: int
    only_a: int
    only_b: int
    neither: int
    p: float


@dataclass(frozen=True)
class DenialRow:
    """One graded answer, as the denial summaries need it; `denies` is None where the reader could not tell."""

    subject: str
    wording: str
    real: bool
    denies: bool | None


@dataclass(frozen=True)
class DenialRate:
    """How often one subject (over wordings) or one wording (over subjects) is denied.

    `denied_real` of `real` counts the real subjects, `denied_fake` of `fake` the invented ones.
    """

    key: str
    denied_real: int
    real: int
    denied_fake: int
    fake: int

    @property
    def denied(self) -> int:
        """Denials of real and invented subjects together."""
        return self.denied_real + self.denied_fake

    @property
    def total(self) -> int:
        """Answers of real and invented subjects together."""
        return self.real + self.fake

    @property
    def share(self) -> float:
        """Denials over answers, NaN without answers."""
        return self.denied / self.total if self.total else math.nan


def wilson(k: int, n: int, z: float = 1.959964) -> Interval:
    """Wilson's score interval for k of n; raises ValueError unless 0 <= k <= n."""
    if not 0 <= k <= n:
        raise ValueError(f"need 0 <= k <= n, got k={k}, n={n}")
    if n == 0:
        return Interval(math.nan, math.nan, math.nan)
    rate = k / n
    spread = z * z / n
    centre = (rate + spread / 2) / (1 + spread)
    half = z * math.sqrt(rate * (1 - rate) / n + spread / (4 * n)) / (1 + spread)
    # The bounds are exactly 0 and 1 at the ends; floating point would miss them by 1e-17.
    low = 0.0 if k == 0 else max(0.0, centre - half)
    high = 1.0 if k == n else min(1.0, centre + half)
    return Interval(rate, low, high)


def mcnemar_exact(only_a: int, only_b: int) -> float:
    """Two-sided exact McNemar p: the binomial test of the discordant pairs against one half."""
    if only_a < 0 or only_b < 0:
        raise ValueError("counts cannot be negative")
    n = only_a + only_b
    if n == 0:
        return 1.0
    few = min(only_a, only_b)
    # Through logarithms, since 2**n leaves the range of a float at about 1,000 discordant pairs.
    logs = [
        math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) - n * math.log(2)
        for i in range(few + 1)
    ]
    top = max(logs)
    tail = math.exp(top) * sum(math.exp(value - top) for value in logs)
    return min(1.0, 2 * tail)


def paired_table(a_right: Sequence[bool], b_right: Sequence[bool]) -> PairedTable:
    """The paired table of two models on the same probes, in the same order; ValueError if the lengths differ."""
    if len(a_right) != len(b_right):
        raise ValueError("both models must have answered the same probes")
    both = sum(1 for a, b in zip(a_right, b_right, strict=False) if a and b)
    only_a = sum(1 for a, b in zip(a_right, b_right, strict=False) if a and not b)
    only_b = sum(1 for a, b in zip(a_right, b_right, strict=False) if b and not a)
    return PairedTable(
        both, only_a, only_b, len(a_right) - both - only_a - only_b, mcnemar_exact(only_a, only_b)
    )


def stage_path(verdicts: Mapping[str, str | None]) -> str:
    """One case's way through the stages, which `verdicts` lists in order: stage name → verdict.

    A verdict of None, `unclear` or `error` says nothing and is passed over. The result is one of `right throughout`,
    `introduced at X` (right before X, wrong since), `inherited from X` (wrong from the first stage X on), `fixed at X`,
    `flickers` (more than one turn), or `no verdict`.
    """
    known = [
        (stage, verdict == "correct")
        for stage, verdict in verdicts.items()
        if verdict not in (None, "unclear", "error")
    ]
    if not known:
        return "no verdict"
    turns = [stage for (_, before), (stage, after) in itertools.pairwise(known) if before != after]
    first_right = known[0][1]
    if not turns:
        if first_right:
            return "right throughout"
        return f"inherited from {known[0][0]}" if len(known) > 1 else f"introduced at {known[0][0]}"
    if len(turns) > 1:
        return "flickers"
    return f"introduced at {turns[0]}" if first_right else f"fixed at {turns[0]}"


def denials_by_subject(rows: Iterable[DenialRow]) -> tuple[DenialRate, ...]:
    """Per subject, in how many of its wordings it is denied; most denied first, then by name."""
    return _rates(rows, lambda row: row.subject)


def denials_by_wording(rows: Iterable[DenialRow]) -> tuple[DenialRate, ...]:
    """Per wording, how many subjects, real and invented, it makes the model deny; most denied first."""
    return _rates(rows, lambda row: row.wording)


def shortcut_wordings(
    rows: Iterable[DenialRow], *, high: float = 0.75, low: float = 0.25, least: int = 4
) -> tuple[DenialRate, ...]:
    """The wordings that flip the answer whatever the subject: shortcuts that the model has learnt.

    A wording is called out when it makes the model deny at least `high` of its real subjects (and of the invented
    ones, if any were asked) while the same real subjects under the other wordings are denied in at most `low`.
    At least `least` real subjects must have been asked both ways, so that no single table decides.
    """
    rows = [row for row in rows if row.denies is not None]
    # Denials and answers of each real subject: under each wording, and under all.
    under: dict[str, dict[str, list[int]]] = {}
    anywhere: dict[str, list[int]] = {}
    for row in rows:
        if row.real:
            here = under.setdefault(row.wording, {})
            for cell in (here.setdefault(row.subject, [0, 0]), anywhere.setdefault(row.subject, [0, 0])):
                cell[0] += bool(row.denies)
                cell[1] += 1
    found = []
    for rate in denials_by_wording(rows):
        elsewhere = [
            (anywhere[subject][0] - denied, anywhere[subject][1] - asked)
            for subject, (denied, asked) in under.get(rate.key, {}).items()
            if anywhere[subject][1] > asked
        ]
        if len(elsewhere) < least:
            continue
        others = sum(denied for denied, _ in elsewhere) / sum(asked for _, asked in elsewhere)
        fakes = rate.denied_fake / rate.fake if rate.fake else 1.0
        if rate.denied_real / rate.real >= high and fakes >= high and others <= low:
            found.append(rate)
    return tuple(found)


def _rates(rows: Iterable[DenialRow], key) -> tuple[DenialRate, ...]:  # type: ignore[no-untyped-def]
    counts: dict[str, list[int]] = {}
    for row in rows:
        if row.denies is None:
            continue
        cell = counts.setdefault(key(row), [0, 0, 0, 0])
        base = 0 if row.real else 2
        cell[base] += row.denies
        cell[base + 1] += 1
    rates = [DenialRate(name, *cell) for name, cell in counts.items()]
    return tuple(sorted(rates, key=lambda rate: (-rate.share, -rate.denied, rate.key)))
