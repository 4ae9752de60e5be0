"""What an answer says by the words of all its sentences together: small recurrent networks, learned from labelled answers.

They see the question and the answer as canonical words, where the subject is `§` and every other relation `¤`, so that what they
make of them follows when a subject is renamed. `together` sets their opinion
against the rules'. The weights (`learned.npz`) are made by `python -m tests.grading.learn` from the labelled cases of the tests.
"""

# Patterns and messages read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .answer import Answer, Evidence
from .model import Stance
from .phrases import default_phrases
from .sentences import Sentence, sentences, tokens
from .standins import NAME, PLACE, SQL, SUBJECT
from .text import clean
from .weigh import Decision

if TYPE_CHECKING:
    import numpy as np

__all__ = ["NETS", "SEGMENTS", "STANCES", "SURE", "Seen", "opinion", "seen", "settled", "together"]

STANCES: tuple[Stance, ...] = ("affirms", "denies", "contradicts", "hedges", "silent")
# Where a word stands: in the question, in a sentence that names the subject, before the first of those, behind it.
SEGMENTS = ("question", "names it", "before", "behind")
# Longer questions, sentences and answers are cut, where they are furthest from what names the subject.
_ASKED, _WORDS, _FIRST, _LAST, _ALL = 24, 44, 10, 5, 24
# A stance that less than so much speaks for is left open: one that the rules give, and one that they don't.
_KEPT, _FOUND = 0.4, 0.6
# The first network decides where one stance has more than this, elsewhere all of them do.
NETS, SURE = 2, 0.8
# Words are remembered up to so many, at 7 KB for each that is unlike all others.
_MOST = 4_096
_WEIGHTS = Path(__file__).with_name("learned.npz")
# Stands before each sentence, and before the question.
_STARTS = ("<line>", "<question>")


class Seen(NamedTuple):
    """An answer as the networks see it: canonical words, the number of each one's segment, and two traits.

    The traits are 1.0 or 0.0: the question names no other table, and the subject is a column.
    """

    words: list[str]
    segments: list[int]
    traits: list[float]


def together(answer: Answer, rows: list[Sentence], decision: Decision) -> Decision:
    """The decision of the rules, or another one where the learned opinion outweighs it."""
    if not rows or decision.reason in _CERTAIN:
        return decision
    odds = opinion(seen(answer, rows))
    best = settled(decision.stance, odds)
    if best is not None:
        stance = STANCES[best]
        if stance == decision.stance or (
            stance == "affirms" and answer.wordlike and answer.target.meant.islower()
        ):
            # "Payment info is kept in APTH": whether a word in small letters is meant as a name, the rules know better.
            return decision
        telling = _telling(answer, rows, best)
        return Decision(
            stance,
            Evidence(stance, telling.tokens[0].start, telling.tokens[-1].end, 0),
            f"is most like answers that {_DO[stance]}",
        )
    if decision.stance in ("hedges", "silent"):
        return decision
    if odds.argmax() == 3:
        telling = _telling(answer, rows, 3)
        shown = Evidence("hedges", telling.tokens[0].start, telling.tokens[-1].end, 0)
        return Decision("hedges", shown, "is most like answers that leave it open")
    does = "deny" if decision.stance == "denies" else decision.stance[:-1]
    return Decision("silent", None, f"may {does} it, but is not like other answers that do")


def settled(rule: Stance, odds: np.ndarray) -> int | None:
    """The number of the stance that is likely enough, or None if it is left open."""
    best, given = int(odds[:3].argmax()), STANCES.index(rule)
    left_open = float(odds[3:].sum())
    if odds[best] > max(left_open, _FOUND):
        return best
    return given if given < 3 and odds[given] > max(left_open, _KEPT) else None


# What the catalog tells, of which the network sees nothing, and what says nothing.
_CERTAIN = frozenset(
    (
        "says what is in the subject, without naming it",
        "uses the name that exists, in its own letter case",
        "only repeats the name",
    )
)
_DO = {"affirms": "affirm the subject", "denies": "deny the subject", "contradicts": "contradict themselves"}


def _telling(answer: Answer, rows: list[Sentence], stance: int) -> Sentence:
    """The sentence that alone is most like the stance."""
    full = [row for row in rows if row.tokens]
    if len(full) == 1:
        return full[0]
    return max(full, key=lambda row: float(opinion(seen(answer, [row]))[stance]))


def seen(answer: Answer, rows: list[Sentence]) -> Seen:
    """What the network looks at in an answer that the rules have read."""
    asked = _asked(answer)[:_ASKED]
    words, segments = [_STARTS[1], *asked], [1] * (len(asked) + 1)
    named, everyday = False, _everyday(answer, rows)
    for row in _kept(rows):
        said = _said(answer, row, everyday)
        here = SUBJECT in said
        named = named or here
        words += [_STARTS[0], *said]
        segments += [2 if here else 4 if named else 3] * (len(said) + 1)
    return Seen(words, segments, [float(answer.alone), float(answer.column)])


def _asked(answer: Answer) -> list[str]:
    filler = answer.phrases.words("filler")
    found = tokens(clean(answer.question)[0], 0, answer.namer, filler)
    return [word for row in sentences(found) for word in _words(row)]


def _words(row: Sentence, everyday: frozenset[int] = frozenset()) -> list[str]:
    """All words of a sentence, every number the same; at the places of `everyday` the subject is a word like any other."""
    words = [
        token.name.lower()
        if token.start in everyday and token.name
        else "0"
        if token.word[0].isdigit()
        else token.word
        for token in row.tokens
    ]
    for at, word in reversed(row.fillers):
        words.insert(at, word)
    return words


def _everyday(answer: Answer, rows: list[Sentence]) -> frozenset[int]:
    """Where a subject that is an everyday word stands as one: in "INMT (IN Material)", and in small letters beside "Orders"."""
    if not answer.wordlike:
        return frozenset()
    small, described, written = [], [], False
    for row in rows:
        before, inside = "", False
        for token in row.tokens:
            if token.word == "(":
                inside = before == NAME
            elif token.word == ")":
                inside = False
            elif token.word == SUBJECT and inside:
                described.append(token.start)
            elif token.word == SUBJECT and (token.sure or not (token.name or "").islower()):
                written = True
            elif token.word == SUBJECT:
                small.append(token.start)
            before = token.word
    return frozenset(described + small if written else described)


def _kept(rows: list[Sentence]) -> list[Sentence]:
    """The first and the last sentences, and those between that name the subject."""
    if len(rows) <= _FIRST + _LAST:
        return rows
    between = rows[_FIRST:-_LAST]
    naming = [row for row in between if SUBJECT in row.words][: _ALL - _FIRST - _LAST]
    return [*rows[:_FIRST], *naming, *rows[-_LAST:]]


def _said(answer: Answer, row: Sentence, everyday: frozenset[int]) -> list[str]:
    """The words of a sentence; of a statement, whether it is offered and what it reads: the subject, others, nothing."""
    words = _words(row, everyday)
    if SQL in row.words:
        statements = iter(answer.statements_in(row.tokens))
        for at, word in enumerate(words):
            statement = next(statements, None) if word == SQL else None
            if statement is not None:
                tables = statement.scan.tables
                mine = any(answer.target.is_called(table.name) for table in tables)
                reads = SUBJECT if mine else NAME if tables else ""
                words[at] = f"{SQL}{'' if statement.offered else 'q'}{reads}"
    if len(words) > _WORDS:
        at = words.index(SUBJECT) if SUBJECT in words else 0
        start = max(0, at - _WORDS // 2)
        words = words[start : start + _WORDS]
    return words


def opinion(what: Seen) -> np.ndarray:
    """How likely each stance is, in the order of `STANCES`."""
    odds = _odds(_net(0), what)
    if odds.max() > SURE:
        return odds
    return (odds + sum(_odds(_net(number), what) for number in range(1, NETS))) / NETS


def _odds(net: _Net, what: Seen) -> np.ndarray:
    import numpy as np

    numbers = np.array(net.numbers(what.words))
    segments = np.array(what.segments)
    # What a word adds to its own state and its neighbours' is known beforehand: nothing but sums are left.
    total = net.own[1][numbers] + net.where[1][segments]
    total[1:] += net.own[0][numbers[:-1]] + net.where[0][segments[:-1]]
    total[:-1] += net.own[2][numbers[1:]] + net.where[2][segments[1:]]
    total += net.bias
    width = 2 * net.half
    forget = _sigmoid(total[:, width : 2 * width])
    fresh = (1 - forget) * np.tanh(total[:, :width])
    # The one half of the states runs forward, the other backward.
    forget[:, net.half :] = forget[::-1, net.half :]
    fresh[:, net.half :] = fresh[::-1, net.half :]
    states = _run(forget, fresh)
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


def _run(forget: np.ndarray, fresh: np.ndarray) -> np.ndarray:
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
    return word, "<start>" if word in _STARTS else _class(word), word[:5]


class _Net:
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
        self.own = np.empty((3, 512, self._taps.shape[2]), dtype=np.float32)
        self._row: dict[str, int] = {}
        self._rows: dict[tuple[int, ...], int] = {}

    def numbers(self, words: list[str]) -> list[int]:
        """The row of each word in `own`; new words are added first."""
        row = self._row
        for word in words:
            if word not in row:
                if len(row) == _MOST:
                    # Only a flood of words that mean nothing gets here.
                    row.clear()
                    self._rows.clear()
                    return self.numbers(words)
                row[word] = self._added(features(word))
        return [row[word] for word in words]

    def _added(self, values: tuple[str, str, str]) -> int:
        """The row for these features, which other words may have as well."""
        import numpy as np

        known = tuple(numbers.get(value, 0) for numbers, value in zip(self._known, values, strict=True))
        row = self._rows.get(known)
        if row is None:
            row = self._rows[known] = len(self._rows)
            if row == self.own.shape[1]:
                self.own = np.concatenate([self.own, np.empty_like(self.own)], 1)
            vector = sum(vectors[number] for vectors, number in zip(self._vectors, known, strict=True))
            self.own[:, row] = vector @ self._taps
        return row


@lru_cache(maxsize=NETS)
def _net(number: int) -> _Net:
    return _Net(_WEIGHTS, number)
