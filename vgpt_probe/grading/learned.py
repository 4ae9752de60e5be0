"""What an answer says of its subject by the words of all its sentences together.

The networks (`network.py`) see the question and the answer as canonical words, where the subject is `§` and every other
relation `¤`, so that what they make of them follows when a subject is renamed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .answer import Answer
from .model import Span, Stance
from .network import STANCES, STARTS, Opinion, Seen
from .seen import seen
from .sentences import Sentence, Token
from .standins import NAME, SQL, SUBJECT
from .suggestions import offers_subject

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Decision", "decided", "settled"]

# A stance that less than so much speaks for is left open; one that is found in a single word ("elsewhere"), sooner.
_FOUND, _ONE_WORD = 0.55, 0.9


class Decision(NamedTuple):
    """A stance, what shows it in the cleaned text, and why in words."""

    stance: Stance
    span: Span | None
    reason: str


def decided(answer: Answer, rows: list[Sentence]) -> Decision:
    """What the sentences of an answer say of its subject."""
    words = sum(token.word[0].isalpha() or token.word[0] in _STANDINS for row in rows for token in row.tokens)
    if not words:
        return Decision("silent", None, "says nothing in words")
    if len(rows) == 1 and rows[0].text.strip(" .,:;!") == SUBJECT:
        return Decision("silent", None, "only repeats the name")
    what, kept = seen(answer, rows)
    if not kept:
        return Decision("silent", None, "says nothing in words")
    if not any(SUBJECT in word for word in what.words):
        return Decision("silent", None, "neither question nor answer names the subject")
    view = Opinion(what)
    odds = view.odds
    best = settled(odds)
    if best is not None and odds[best] <= _ONE_WORD and words == 1 and not _answers(answer, rows):
        return Decision("silent", None, "a single word that may mean anything")
    likeliest = STANCES[int(odds.argmax())]
    if best is None and likeliest != "hedges":
        return Decision("silent", None, _LEFT_OPEN[likeliest])
    stance: Stance = "hedges" if best is None else STANCES[best]
    if stance == "affirms" and not answer.is_named(rows):
        # "Payment info is kept in APTH."
        return Decision("silent", None, "uses the subject's name as an everyday word")
    telling = kept[0] if len(kept) == 1 else _telling(what, view.shares(STANCES.index(stance)), kept)
    return Decision(stance, _span(answer.text, telling.tokens), _reason(answer, rows, stance, telling))


def _answers(answer: Answer, rows: list[Sentence]) -> bool:
    """Whether there is a name, or a word that answers a question: "APTH.", "No.", "Absolutely."."""
    phrases = answer.phrases
    known = _STANDINS | phrases.words("yes") | phrases.words("no") | phrases.words("negative")
    return any(not row.words.isdisjoint(known) for row in rows)


def settled(odds: np.ndarray) -> int | None:
    """The number of the stance that is likely enough, or None if it is left open."""
    best = int(odds[:3].argmax())
    return best if odds[best] > _FOUND else None


def _telling(what: Seen, shares: np.ndarray, kept: list[Sentence]) -> Sentence:
    """The sentence whose words add most to what is said."""
    sums = [0.0] * len(kept)
    at = -1
    for word, share in zip(what.words, shares.tolist(), strict=True):
        at += word == STARTS[0]
        if at >= 0:
            sums[at] += share
    return kept[sums.index(max(sums))]


def _span(text: str, tokens: list[Token]) -> Span:
    """From the first word to the last, without the mark that closes a sentence and white space around a statement."""
    last = tokens[-2] if len(tokens) > 1 and tokens[-1].word in ".!?:" else tokens[-1]
    start, end = tokens[0].start, max(token.end for token in (tokens[0], last))
    shown = text[start:end]
    return start + len(shown) - len(shown.lstrip()), start + len(shown.rstrip())


def _reason(answer: Answer, rows: list[Sentence], stance: Stance, telling: Sentence) -> str:
    in_sql = any(answer.uses(statement) for statement in answer.statements)
    if stance == "contradicts":
        if in_sql:
            return "denies the subject and uses it in SQL"
        offered = offers_subject(answer, rows)
        return f"denies the subject and {'offers it as an alternative' if offered else 'speaks of it as existing'}"
    if stance == "hedges":
        return "leaves open whether the subject is there"
    if SUBJECT not in telling.words:
        if stance == "affirms" and in_sql and SQL in telling.words:
            return "uses the subject in SQL"
        first, *others = (token.word for token in telling.tokens)
        for said in ("yes", "no"):
            if first in answer.phrases.words(said) and (not others or not others[0].isalnum()):
                return f"answers the question with {said}"
    return "speaks of the subject as existing" if stance == "affirms" else "says that the subject is not there"


_LEFT_OPEN: dict[Stance, str] = {
    "affirms": "may affirm the subject, but not surely enough",
    "denies": "may deny the subject, but not surely enough",
    "contradicts": "may deny and affirm the subject, but not surely enough",
    "silent": "says nothing of the subject",
}
_STANDINS = frozenset((SUBJECT, NAME, SQL))
