"""Near misses: the names that come closest to another one, out of tens of thousands in less than a millisecond."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

_ALPHABET = {letter: position for position, letter in enumerate("abcdefghijklmnopqrstuvwxyz0123456789_")}


class NearIndex:
    """The folded names of a catalog with a signature each, so that most are ruled out without comparing letters.

    A signature has a bit for each letter that occurs, and one for each that occurs twice. Two names whose
    signatures differ in n bits are at least n insertions and deletions apart, so nothing close is ever ruled out.
    """

    def __init__(self, names: Sequence[str]) -> None:
        import numpy as np

        self._names = names
        self._lengths = np.fromiter((len(name) for name in names), dtype=np.int32, count=len(names))
        self._signatures = np.fromiter(
            (_signature(name) for name in names), dtype=np.uint64, count=len(names)
        )

    def closest(self, name: str, *, cutoff: float) -> list[tuple[int, float]]:
        """Return (position, rapidfuzz's ratio) of every name whose ratio is at least ``cutoff`` (above 0)."""
        import numpy as np
        from rapidfuzz import fuzz, process

        allowed = (1 - cutoff / 100) * (self._lengths + len(name)) + 1e-6
        apart = np.bitwise_count(self._signatures ^ np.uint64(_signature(name)))
        kept = np.flatnonzero((apart <= allowed) & (np.abs(self._lengths - len(name)) <= allowed)).tolist()
        scored = process.extract(
            name, [self._names[at] for at in kept], scorer=fuzz.ratio, limit=None, score_cutoff=cutoff
        )
        return [(kept[at], score) for _, score, at in scored]


def _signature(name: str) -> int:
    once = twice = 0
    for letter in name:
        bit = 1 << _ALPHABET.get(letter, 37)
        twice |= once & bit
        once |= bit
    # 38 bits say what occurs; the letters a to z have 26 more for a second time.
    return once | (twice & 0x3FFFFFF) << 38
