"""Two small recurrent networks that say which stance an answer's words are like, and which of the words make it so.

Their weights (`network.npz`) are made by `python -m tests.grading.learn` from the labelled cases of the tests.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .model import Stance
from .phrases import default_phrases
from .standins import NAME, PLACE, SQL, SUBJECT

if TYPE_CHECKING:
    import numpy as np

__all__ = ["NETS", "SEGMENTS", "STANCES", "STARTS", "SURE", "Net", "Opinion", "Seen", "features", "run"]

STANCES: tuple[Stance, ...] = ("affirms", "denies", "contradicts", "hedges", "silent")
# Where a word stands: in the question, in a sentence that names the subject, before the first of those, behind it.
SEGMENTS = ("question", "names it", "before", "behind")
# The first network decides where one stance has more than this, elsewhere all of them do.
NETS, SURE = 2, 0.8
# So many words are remembered, at 7 to 10 KB each.
_MOST = 2_048
_WEIGHTS = Path(__file__).with_name("network.npz")
# Stands before each sentence, and before the question.
STARTS = ("<line>", "<question>")


class Seen(NamedTuple):
    """An answer as the networks see it: canonical words, the number of each one's segment, and two traits.

    The traits are 1.0 or 0.0: the question names no other table, and the subject is a column.
    """

    words: list[str]
    segments: list[int]
    traits: list[float]


class Opinion:
    """What the networks make of an answer; `odds` says how likely each of `STANCES` is."""

    def __init__(self, what: Seen) -> None:
        import numpy as np

        self._asked = [_Pass(_net(0), what)]
        self.odds = self._asked[0].odds
        if self.odds.max() <= SURE:
            self._asked += [_Pass(_net(number), what) for number in range(1, NETS)]
            self.odds = np.mean([one.odds for one in self._asked], 0)

    def shares(self, stance: int) -> np.ndarray:
        """How much each word adds to what speaks for a stance."""
        import numpy as np

        shares: np.ndarray = np.sum([one.shares(stance) for one in self._asked], 0)
        return shares


class _Pass:
    """One network's way through the words of an answer."""

    def __init__(self, net: Net, what: Seen) -> None:
        import numpy as np

        self._net = net
        # What a word adds to its own state and its neighbours' is known beforehand: nothing but sums are left.
        own = np.array([net.added(*placed) for placed in zip(what.words, what.segments, strict=True)])
        total = own[:, 1]
        total[1:] += own[:-1, 0]
        total[:-1] += own[1:, 2]
        width = 2 * net.half
        gates = 1 / (1 + np.exp(-total[:, width:]))
        forget = gates[:, :width]
        fresh = (1 - forget) * np.tanh(total[:, :width])
        # The one half of the states runs forward, the other backward.
        forget[:, net.half :] = forget[::-1, net.half :]
        fresh[:, net.half :] = fresh[::-1, net.half :]
        states = run(forget, fresh)
        states[:, net.half :] = states[::-1, net.half :].copy()
        states *= gates[:, width:]
        # The question stands before the answer.
        self._asked = what.segments.count(1)
        asked, self._said = states[: self._asked], states[self._asked :]
        heed = self._said @ net.heed + net.heed_bias
        heed = np.exp(heed - heed.max(0))
        self._heed = heed / heed.sum(0)
        traits = np.array(what.traits, dtype=np.float32)
        parts = (self._said.max(0), asked.max(0), (self._heed.T @ self._said).ravel(), traits)
        hidden = np.concatenate(parts) @ net.hidden + net.hidden_bias
        self._lit = hidden > 0
        scores = (hidden * self._lit) @ net.out + net.out_bias
        odds = np.exp(scores - scores.max())
        self.odds: np.ndarray = odds / odds.sum()

    def shares(self, stance: int) -> np.ndarray:
        """How much each word of the answer adds to the score of a stance; what the question adds is left out."""
        import numpy as np

        net, said = self._net, self._said
        width = 2 * net.half
        # Behind the states all is linear but for the hidden units that are dark.
        slope = net.hidden @ (self._lit * net.out[:, stance])
        of_highest, of_heeded = slope[:width], slope[2 * width : -2].reshape(-1, width)
        shares = (self._heed * (said @ of_heeded.T)).sum(1)
        highest = said.argmax(0)
        shares += np.bincount(highest, of_highest * said[highest, np.arange(width)], len(said))
        return np.concatenate([np.zeros(self._asked, dtype=np.float32), shares])


def run(forget: np.ndarray, fresh: np.ndarray) -> np.ndarray:
    """The states h[t] = forget[t] h[t-1] + fresh[t], in as many steps as the count of words has bits."""
    step = 1
    while step < len(forget):
        fresh[step:] += forget[step:] * fresh[:-step]
        if 2 * step < len(forget):
            forget[step:] = forget[step:] * forget[:-step]
        step *= 2
    return fresh


def _class(word: str) -> str:
    """A word's class in the shipped phrases; the word itself if it is a small word of the three languages; else `*`."""
    if word in (SUBJECT, NAME, PLACE, SQL) or not word[0].isalpha():
        return word[:8]
    phrases = default_phrases()
    found = phrases.lexicon.of.get(word)
    if found is not None:
        return f"<{found}>"
    if word in phrases.words("hedge"):
        return "<hedge>"
    if word in phrases.words("negative"):
        return "<negative>"
    return word if word in phrases.known else "*"


def features(word: str) -> tuple[str, str, str]:
    """The word itself, its class, and its first letters, by which inflected forms are alike."""
    return word, "<start>" if word in STARTS else _class(word), word[:5]


class Net:
    """The weights, and for each word met what it adds to the states of its own place and of its neighbours'."""

    def __init__(self, path: Path, number: int) -> None:
        import numpy as np

        mine = f"{number}_"
        with np.load(path) as kept:
            arrays = {name.removeprefix(mine): kept[name] for name in kept.files if name.startswith(mine)}
        for name in [name for name in arrays if f"{name}_scale" in arrays]:
            arrays[name] = arrays[name].astype(np.float32) * arrays[f"{name}_scale"]
        # For each feature of a word (itself, its class, its stem) the known values and their vectors; 0 is for all others.
        self._known = [
            {value: at for at, value in enumerate(str(arrays[f"{name}_values"]).split("\n"), 1)}
            for name in ("word", "class", "stem")
        ]
        self._vectors = [arrays[name] for name in ("word", "class", "stem", "segment")]
        # taps: (3, size of a vector, 6 half): left neighbour, itself, right neighbour.
        self._taps = arrays["taps"]
        self.half = self._taps.shape[2] // 6
        self._bias = arrays["bias"]
        self.heed, self.heed_bias = arrays["heed"], arrays["heed_bias"]
        self.hidden, self.hidden_bias = arrays["hidden"], arrays["hidden_bias"]
        self.out, self.out_bias = arrays["out"], arrays["out_bias"]
        # Answers are read by several threads at once, and these caches bear it.
        self.added = lru_cache(maxsize=_MOST)(self._added)
        self._shared = lru_cache(maxsize=_MOST)(self._sum)

    def _added(self, word: str, segment: int) -> np.ndarray:
        """What a word in a segment adds to the states behind it, its own and those before it: (3, 6 half)."""
        pairs = zip(self._known, features(word), strict=True)
        return self._shared((*(numbers.get(value, 0) for numbers, value in pairs), segment))

    def _sum(self, known: tuple[int, ...]) -> np.ndarray:
        """The same for the numbers of a word's features and its segment, which other words may have as well."""
        vector = sum(vectors[number] for vectors, number in zip(self._vectors, known, strict=True))
        added: np.ndarray = vector @ self._taps
        added[1] += self._bias
        return added


@lru_cache(maxsize=NETS)
def _net(number: int) -> Net:
    return Net(_WEIGHTS, number)
