"""Score mode where only a server's likeliest tokens are known: how much of them begins a denial or an affirmation.

The server says its greedy answer token by token, each with the alternatives it found likely. Wherever an alternative
(or the answer itself) leads into an opening of one side only, its probability counts for that side. What lies below
the listed alternatives is not known: a side that appears nowhere is given what the least likely one of them has.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec


class Alternative(msgspec.Struct, frozen=True):
    """A token that could have come, with its natural log-probability."""

    token: str
    logprob: float


class Step(msgspec.Struct, frozen=True):
    """The token that came, with the likeliest alternatives (it may be among them)."""

    token: str
    logprob: float
    top_logprobs: list[Alternative] = []


def weigh_beginnings(
    steps: Sequence[Step], denials: Sequence[str], affirmations: Sequence[str]
) -> tuple[float, float] | None:
    """Return the log-probability of each side, (denial, affirmation), or None when neither appears."""
    found: tuple[list[float], list[float]] = ([], [])
    path, likelihood, floor = "", 0.0, -math.inf
    for step in steps:
        least = min((one.logprob for one in step.top_logprobs), default=step.logprob)
        floor = max(floor, likelihood + least)
        others = [one for one in step.top_logprobs if one.token != step.token]
        for one in others:
            if (side := _side(path + one.token, denials, affirmations)) is not None:
                found[side].append(likelihood + one.logprob)
        path += step.token
        likelihood += step.logprob
        if (side := _side(path, denials, affirmations)) is not None:
            found[side].append(likelihood)
            break
        if not _open(path, [*denials, *affirmations]):
            break
    if not found[0] and not found[1]:
        return None
    return tuple(_log_sum(side) if side else floor for side in found)  # type: ignore[return-value]


def _side(text: str, denials: Sequence[str], affirmations: Sequence[str]) -> int | None:
    """Which side alone a beginning leads to: 0 denies, 1 affirms."""
    sides = [_open(text, openings) for openings in (denials, affirmations)]
    return sides.index(True) if sum(sides) == 1 else None


def _open(text: str, openings: Sequence[str]) -> bool:
    text = text.lstrip()
    if not text:
        return True
    return any(opening.startswith(text) or text.startswith(opening) for opening in openings)


def _log_sum(values: list[float]) -> float:
    top = max(values)
    if top == -math.inf:
        return top
    return top + math.log(sum(math.exp(value - top) for value in values))
