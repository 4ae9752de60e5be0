"""A second opinion on what an answer says, learned from labelled answers: which stance its words are most like.

A linear model over hashed word sequences of the canonical sentences, where the subject is `§` whatever its name, so that
a score follows when a subject is renamed. `together` sets it beside what the rules say: where they agree the reading is
sure, where they don't it goes to the likelier, or is left open. The weights (`learned.npz`) are made by
`python -m tests.grading.learn` from the labelled cases of the tests.
"""

# Patterns and messages read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from .answer import Answer, Evidence
from .model import Stance
from .phrases import default_phrases
from .sentences import Sentence
from .standins import NAME, PLACE, SQL, SUBJECT
from .weigh import Decision
from .yesno import asks

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

__all__ = ["BITS", "KINDS", "STANCES", "Opinion", "features", "opinion", "settled", "together", "weighed"]

STANCES: tuple[Stance, ...] = ("affirms", "denies", "contradicts", "hedges", "silent")
BITS = 17
# Lines and words beyond these add cost and noise, not knowledge.
_MAX_LINES = 12
_MAX_WORDS = 36
_WEIGHTS = Path(__file__).with_name("learned.npz")


# What the rules may have found in an answer.
KINDS = (
    "affirms", "denies", "presumes", "mentions", "offers", "proposes", "details", "hedges", "imagines", "reports", "asks", "unread", "advises",
)  # fmt: skip
# A stance that less than so much speaks for is left open: one that the rules give, and one that they don't.
_KEPT, _FOUND = 0.42, 0.65
# The same for denying without a word that denies, and for affirming what is not named.
_GROUNDLESS, _UNNAMED = 0.85, 0.9


class Opinion(NamedTuple):
    """How likely each stance is (in the order of `STANCES`), each sentence's scores, and the sentences' numbers."""

    likely: np.ndarray
    scores: np.ndarray
    orders: tuple[int, ...]


def together(answer: Answer, rows: list[Sentence], decision: Decision) -> Decision:
    """The decision of the rules, or another one where the learned opinion outweighs it."""
    import numpy as np

    if not rows or decision.reason in _CERTAIN:
        return decision
    formed = opinion(answer, rows)
    odds = weighed(answer, decision.stance, formed) @ _weights().weighing
    odds = np.exp(odds - odds.max())
    odds /= odds.sum()
    best = settled(decision.stance, odds)
    if (
        best is not None
        and STANCES[best] != decision.stance
        and not _grounded(answer, rows, best, float(odds[best]))
    ):
        best = None
    if best is not None:
        stance = STANCES[best]
        if stance == decision.stance:
            return decision
        telling = rows[formed.orders[int(formed.scores[:, best].argmax())]].tokens
        shown = Evidence(stance, telling[0].start, telling[-1].end, 0)
        return Decision(stance, shown, f"is most like answers that {_DO[stance]}")
    if decision.stance in ("hedges", "silent") or (decision.stance == "affirms" and _plain(answer, rows)):
        return decision
    if odds[3] > max(odds[4], odds[:3].max()):
        telling = rows[formed.orders[int(formed.scores[:, 3].argmax())]].tokens
        return Decision(
            "hedges",
            Evidence("hedges", telling[0].start, telling[-1].end, 0),
            "is most like answers that leave it open",
        )
    return Decision(
        "silent",
        None,
        f"may {decision.stance[:-1] if decision.stance != 'denies' else 'deny'} it, but is not like other answers that do",
    )


def _grounded(answer: Answer, rows: list[Sentence], best: int, odds: float) -> bool:
    """Whether an answer has the words that a stance found by likeness alone needs; without them it has to be likelier still."""
    if STANCES[best] == "denies":
        # "Customers are in ARCM" may mean it, with no word that denies.
        return odds > _GROUNDLESS or any(
            not row.words.isdisjoint(answer.phrases.words("negative")) for row in rows
        )
    if STANCES[best] == "affirms":
        if answer.wordlike and answer.target.meant.islower():
            # "Payment info is tracked in APTH": whether a word is meant as a name, the rules know better.
            return False
        # "There is no 'Vista", and there the answer was cut off.
        named = any(SUBJECT in text for text in answer.lines.values()) or any(
            SUBJECT in row.words for row in rows
        )
        return named or odds > _UNNAMED
    return True


def _plain(answer: Answer, rows: list[Sentence]) -> bool:
    """Whether an answer that affirms has no word that denies or doubts anything."""
    apart = answer.phrases.words("negative") | answer.phrases.words("hedge")
    return any(e.kind in ("affirms", "mentions") for e in answer.found) and all(
        row.words.isdisjoint(apart) for row in rows
    )


def settled(rule: Stance, odds: np.ndarray) -> int | None:
    """The number of the stance that is likely enough, or None if it is left open."""
    best = int(odds[:3].argmax())
    open_ = float(odds[3:].sum())
    if odds[best] > max(open_, _FOUND):
        return best
    given = STANCES.index(rule)
    return given if given < 3 and odds[given] > max(open_, _KEPT) else None


# Built from two statements, which words alone cannot put together ("not a table but a view"), or from none.
_CERTAIN = frozenset(
    (
        "says what kind of relation the subject is",
        "only repeats the name",
        "denies the subject, then uses it in SQL",
    )
)
_DO = {"affirms": "affirm the subject", "denies": "deny the subject", "contradicts": "contradict themselves"}


def weighed(answer: Answer, stance: Stance, formed: Opinion) -> np.ndarray:
    """What the two opinions are weighed by: the rules' stance, the learned odds, both together, and what the rules found."""
    import numpy as np

    rule = np.array([float(stance == other) for other in STANCES])
    odds = np.log(np.clip(formed.likely, 1e-3, 1.0))
    scores = formed.scores
    # How much one sentence denies or affirms or leaves open: an answer that contradicts itself does two of them.
    against = scores[:, 1] - scores[:, 0]
    denied, affirmed = against.max(), -against.min()
    both = max(0.0, min(denied, affirmed))
    taken_back = both if against.argmax() < against.argmin() else 0.0
    peaks = np.array([denied, affirmed, (scores[:, 3] - scores[:, 0]).max(), both, taken_back])
    peaks = np.clip(peaks, -6.0, 6.0) / 3
    found = {evidence.kind for evidence in answer.found}
    kinds = np.array([float(kind in found) for kind in KINDS])
    return np.concatenate(
        [[1.0], rule, odds, np.outer(rule, odds).ravel(), kinds, peaks, np.outer(rule[:3], peaks).ravel()]
    )


def opinion(answer: Answer, rows: list[Sentence]) -> Opinion:
    """What the words of an answer, read before, are most like."""
    import numpy as np

    weights = _weights()
    lines = list(_lines(answer, rows))
    scores = np.stack([_score(role, text) for _, role, text in lines])
    total = scores.sum(0) + weights.bias + weights.table[_around(answer, rows)].sum(0) * weights.scale
    odds = np.exp(total - total.max())
    return Opinion(odds / odds.sum(), scores, tuple(order for order, _, _ in lines))


def features(answer: Answer, rows: list[Sentence]) -> np.ndarray:
    """The buckets of all that the model looks at, for training: int64, with repetitions."""
    import numpy as np

    return np.concatenate(
        [*(_buckets(role, text) for _, role, text in _lines(answer, rows)), _around(answer, rows)]
    )


def _lines(answer: Answer, rows: list[Sentence]) -> Iterator[tuple[int, str, str]]:
    """Number, role and text of the sentences: S names the subject, B stands before the first that does, P behind."""
    seen = False
    for order, row in enumerate(rows[:_MAX_LINES]):
        text = answer.lines.get(order, row.text)
        here = SUBJECT in row.words or SUBJECT in text
        seen = seen or here
        yield order, "S" if here else "P" if seen else "B", text


def _around(answer: Answer, rows: list[Sentence]) -> np.ndarray:
    """Buckets for what is not in one sentence: the kind of question with the first words, the kind of subject, SQL."""
    kind = asks(answer) or "-"
    first = rows[0].text.split() if rows else []
    # "Was it removed?" "No.": what a first word is worth depends on what it answers.
    question = answer.question.lower().replace("n't", " not").split()
    asked = {_class(word) for raw in question if (word := raw.strip("?.,!:;\"'`()"))}
    turned = sorted(asked & _TURNING)
    opens = question[0].strip("?.,!¿") if question else ""
    used = any(
        statement.offered and any(table.name == answer.target.name for table in statement.scan.tables)
        for statement in answer.statements
    )
    said = (
        f"q {kind}",
        f"q {kind} {' '.join(first[:1])}",
        f"q {kind} {' '.join(first[:2])}",
        f"o {opens} {' '.join(first[:1])}",
        *(f"t {turn} {' '.join(first[:1])}" for turn in turned),
        *(f"t {turn} {kind} {' '.join(first[:2])}" for turn in turned),
        f"rows {min(len(rows), 6)}",
        f"alone {answer.alone}",
        f"column {answer.column}",
        f"sql {used} {bool(answer.statements)}",
    )
    import numpy as np

    return np.array([crc32(text.encode("utf-8", "replace")) >> (32 - BITS) for text in said], dtype=np.int64)


@lru_cache(maxsize=65_536)
def _score(role: str, text: str) -> np.ndarray:
    weights = _weights()
    return weights.table[_buckets(role, text)].sum(0) * weights.scale


def _buckets(role: str, text: str) -> np.ndarray:
    """The hashed word sequences of a sentence, each once: words as they are, and by the class that the phrases give them."""
    import numpy as np

    words = text.split()
    at = words.index(SUBJECT) if SUBJECT in words else -1
    if len(words) > _MAX_WORDS:
        start = max(0, at - _MAX_WORDS // 2)
        words = words[start : start + _MAX_WORDS]
        at = words.index(SUBJECT) if SUBJECT in words else -1
    words = ["^", *words, "$"]
    at += 1
    salt, other = np.uint32(crc32(role.encode())), np.uint32(_OTHER)
    with np.errstate(over="ignore"):
        plain = np.array([_number(word) for word in words], dtype=np.uint32)
        classed = np.array([_class_number(word) for word in words], dtype=np.uint32)
        found = [*_grams(plain, salt, 4), *_grams(plain, np.uint32(0), 3), *_grams(classed, salt ^ other, 5)]
        found += _grams(classed, other, 3)
        # By their first letters: what inflection changes is mostly behind them.
        stemmed = np.array([_number(word[:5]) for word in words], dtype=np.uint32)
        found += _grams(stemmed, np.uint32(_STEMS), 3)
        if at:
            low, high = max(0, at - 8), min(len(words), at + 9)
            where = np.arange(low - at, high - at, dtype=np.int64).astype(np.uint32)
            found.append(_mixed(plain[low:high] * _A + where * _B))
            found.append(_mixed(classed[low:high] * _A + where * _B + _OTHER))
            left, right = plain[max(0, at - 3) : at], plain[at + 1 : at + 4]
            found.append(_mixed((left[:, None] * _B + right[None, :] * _A).ravel()))
    return np.unique(np.concatenate(found)).astype(np.int64)


def _grams(ids: np.ndarray, salt: np.uint32, longest: int) -> list[np.ndarray]:
    out = []
    rolled = ids ^ salt
    for length in range(1, longest + 1):
        if length > 1:
            if len(ids) < length:
                break
            rolled = rolled[:-1] * _A + ids[length - 1 :]
        out.append(_mixed(rolled + (_B * length & 0xFFFFFFFF)))
    return out


def _mixed(numbers: np.ndarray) -> np.ndarray:
    """Buckets of hashes: their high bits after a multiplication, the low ones folded in."""
    numbers = (numbers ^ (numbers >> 15)) * _C
    return (numbers ^ (numbers >> 13)) * _D >> (32 - BITS)


# Odd constants that spread bits (xxHash's and MurmurHash's).
_STEMS = 0x7FEB352D
_A, _B, _C, _D, _OTHER = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1


@lru_cache(maxsize=65_536)
def _number(word: str) -> int:
    return crc32(word.encode("utf-8", "replace"))


@lru_cache(maxsize=65_536)
def _class_number(word: str) -> int:
    return crc32(_class(word).encode("utf-8", "replace"))


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


# Classes of words that turn a question round.
_TURNING = frozenset(("<negator>", "<gone>", "<unreal>", "<negative>", "<nobody>", "<trace>"))


class _Weights(NamedTuple):
    table: np.ndarray
    scale: np.ndarray
    bias: np.ndarray
    weighing: np.ndarray


@lru_cache(maxsize=1)
def _weights() -> _Weights:
    import numpy as np

    with np.load(_WEIGHTS) as kept:
        return _Weights(kept["table"].astype(np.float32), kept["scale"], kept["bias"], kept["weighing"])
