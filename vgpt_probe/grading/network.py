"""Two small recurrent networks that say which stance an answer's words are like.

Their weights (`network.npz`) are made by `python -m tests.grading.learn` from the labelled cases of the tests.
"""

# Patterns and messages read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .model import Stance
from .phrases import default_phrases
from .standins import NAME, PLACE, SQL, SUBJECT

if TYPE_CHECKING:
    import numpy as np

__all__ = ["NETS", "SEGMENTS", "STANCES", "STARTS", "SURE", "Net", "Seen", "features", "opinion", "run"]

STANCES: tuple[Stance, ...] = ("affirms", "denies", "contradicts", "hedges", "silent")
# Where a word stands: in the question, in a sentence that names the subject, before the first of those, behind it.
SEGMENTS = ("question", "names it", "before", "behind")
# The first network decides where one stance has more than this, elsewhere all of them do.
NETS, SURE = 2, 0.8
# So many words are remembered, at 7 KB each.
_MOST = 4_096
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


def opinion(what: Seen) -> np.ndarray:
    """How likely each stance is, in the order of `STANCES`."""
    odds = _odds(_net(0), what)
    if odds.max() > SURE:
        return odds
    return (odds + sum(_odds(_net(number), what) for number in range(1, NETS))) / NETS


def _odds(net: Net, what: Seen) -> np.ndarray:
    import numpy as np

    own = np.array([net.added(word) for word in what.words])
    segments = np.array(what.segments)
    # What a word adds to its own state and its neighbours' is known beforehand: nothing but sums are left.
    total = own[:, 1] + net.where[1][segments]
    total[1:] += own[:-1, 0] + net.where[0][segments[:-1]]
    total[:-1] += own[1:, 2] + net.where[2][segments[1:]]
    total += net.bias
    width = 2 * net.half
    forget = _sigmoid(total[:, width : 2 * width])
    fresh = (1 - forget) * np.tanh(total[:, :width])
    # The one half of the states runs forward, the other backward.
    forget[:, net.half :] = forget[::-1, net.half :]
    fresh[:, net.half :] = fresh[::-1, net.half :]
    states = run(forget, fresh)
    states[:, net.half :] = states[::-1, net.half :].copy()
    states *= _sigmoid(total[:, 2 * width :])
    of_answer = segments > 1
    said = states[of_answer]
    heed = said @ net.heed + net.heed_bias
    heed = np.exp(heed - heed.max(0))
    heed /= heed.sum(0)
    pooled = np.concatenate(
        [
            said.max(0),
            states[~of_answer].max(0),
            (heed.T @ said).ravel(),
            np.array(what.traits, dtype=np.float32),
        ]
    )
    hidden = pooled @ net.hidden + net.hidden_bias
    scores = (hidden * (hidden > 0)) @ net.out + net.out_bias
    odds = np.exp(scores - scores.max())
    return odds / odds.sum()


def run(forget: np.ndarray, fresh: np.ndarray) -> np.ndarray:
    """The states h[t] = forget[t] h[t-1] + fresh[t], in as many steps as the count of words has bits."""
    step = 1
    while step < len(forget):
        fresh[step:] += forget[step:] * fresh[:-step]
        forget[step:] = forget[step:] * forget[:-step]
        step *= 2
    return fresh


def _sigmoid(numbers: np.ndarray) -> np.ndarray:
    import numpy as np

    return 1 / (1 + np.exp(-numbers))


def _class(word: str) -> str:
    """A word's class in the shipped phrases; the word itself if it is a small word of the three languages; else `*`."""
    if word in (SUBJECT, NAME, PLACE, SQL) or not word[0].isalpha():
        return word[:8]
    phrases = default_phrases()
    lexicon = phrases.tables.lexicon
    found = lexicon.of.get(word)
    if found is not None:
        return f"<{next(name for name in _CLASSES if name in found)}>"
    if word in phrases.words("hedge"):
        return "<hedge>"
    if word in phrases.words("negative"):
        return "<negative>"
    return word if word in phrases.known else "*"


# The first that fits is taken: what tells most stands first.
_CLASSES = (
    "negator", "nobody", "gone", "unreal", "figment", "invent", "be_there", "find", "have", "refer", "be", "auxiliary", "modal", "unsure", "seem",
    "trace", "inner", "thing", "part", "real", "quality", "use", "property", "within", "person", "adverb", "naming", "former", "standing", "happen", "genuine",
)  # fmt: skip


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
        self._vectors = [arrays[name] for name in ("word", "class", "stem")]
        # taps: (3, size of a vector, 6 half): left neighbour, itself, right neighbour.
        self._taps = arrays["taps"]
        self.half = self._taps.shape[2] // 6
        self.where = np.einsum("sv,tvh->tsh", arrays["segment"], self._taps)
        self.bias = arrays["bias"]
        self.heed, self.heed_bias = arrays["heed"], arrays["heed_bias"]
        self.hidden, self.hidden_bias = arrays["hidden"], arrays["hidden_bias"]
        self.out, self.out_bias = arrays["out"], arrays["out_bias"]
        # Answers are read by several threads at once, and these caches bear it.
        self.added = lru_cache(maxsize=_MOST)(self._added)
        self._shared = lru_cache(maxsize=_MOST)(self._sum)

    def _added(self, word: str) -> np.ndarray:
        """What a word adds to the states behind it, its own and those before it: (3, 6 half)."""
        pairs = zip(self._known, features(word), strict=True)
        return self._shared(tuple(numbers.get(value, 0) for numbers, value in pairs))

    def _sum(self, known: tuple[int, ...]) -> np.ndarray:
        """The same for the numbers of a word's features, which other words may have as well."""
        vector = sum(vectors[number] for vectors, number in zip(self._vectors, known, strict=True))
        added: np.ndarray = vector @ self._taps
        return added


@lru_cache(maxsize=NETS)
def _net(number: int) -> Net:
    return Net(_WEIGHTS, number)
