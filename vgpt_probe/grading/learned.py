"""What an answer says by the words of all its sentences together, and how that is set against what the rules say.

The networks (`network.py`) see the question and the answer as canonical words, where the subject is `§` and every other
relation `¤`, so that what they make of them follows when a subject is renamed.
"""

# Patterns and messages read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import combining

from .answer import Answer, Evidence
from .model import Stance
from .network import STANCES, STARTS, Seen, opinion
from .sentences import Sentence, sentences, tokens
from .standins import NAME, SQL, SUBJECT
from .text import clean
from .weigh import Decision

if TYPE_CHECKING:
    import numpy as np

__all__ = ["seen", "settled", "together"]

# Of a longer question and sentence the words about the subject count, of a longer answer the first sentences, the last, and
# those between that name the subject. Of a question no more than so many characters are looked at.
_READ = 2_000
_ASKED, _WORDS, _FIRST, _LAST, _ALL = 24, 44, 10, 5, 24
# A stance that less than so much speaks for is left open: one that the rules give, and one that they don't.
_KEPT, _FOUND = 0.34, 0.6
# One found in a single word.
_ONE_WORD = 0.9


def together(answer: Answer, rows: list[Sentence], decision: Decision) -> Decision:
    """The decision of the rules, or another one where the learned opinion outweighs it."""
    words = sum(token.word[0].isalpha() or token.word[0] in _STANDINS for row in rows for token in row.tokens)
    if not words or decision.reason in _CERTAIN or (words == 1 and _turned(answer, decision)):
        return decision
    odds = opinion(seen(answer, rows))
    best = settled(decision.stance, odds)
    if best is not None and decision.stance == "silent" and odds[best] <= _ONE_WORD and words == 1:
        # "Vista", "elsewhere": a word that the rules can't read.
        return decision
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


def _turned(answer: Answer, decision: Decision) -> bool:
    """Whether yes or no answers a question that turns them round: "Is Invoice missing?" "Yes."."""
    bare = decision.reason.startswith("answers the question whether it exists")
    return bare and _TURNED.search(answer.question) is not None


_STANDINS = frozenset((SUBJECT, NAME, SQL))
_TURNED = re.compile(
    r"\b(?:missing|removed|dropped|deleted|gone|absent|renamed|fehlt|entfernt|gelöscht|falta|eliminad[oa]|borrad[oa])\b"
    r"|\bis it (?:true|correct|right|so|the case) that\b|\b(?:correct|true)\s*\?\s*\Z|\bstimmt es\b|\bes (?:verdad|cierto)\b",
    re.IGNORECASE,
)


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
    kept = _kept(rows)
    if len(kept) == 1:
        return kept[0]
    asked = _asked(answer)
    return max(kept, key=lambda row: float(opinion(seen(answer, [row], asked))[stance]))


def seen(answer: Answer, rows: list[Sentence], asked: list[str] | None = None) -> Seen:
    """What the networks look at in an answer that the rules have read; `asked`: the words of the question, if they are known."""
    asked = _asked(answer) if asked is None else asked
    words, segments = [STARTS[1], *asked], [1] * (len(asked) + 1)
    named, everyday = False, _everyday(answer, rows)
    for row in _kept(rows):
        said = _said(answer, row, everyday)
        if not said:
            continue
        here = SUBJECT in said
        named = named or here
        words += [STARTS[0], *said]
        segments += [2 if here else 4 if named else 3] * (len(said) + 1)
    if segments[-1] == 1:
        # Nothing but marks.
        words.append(STARTS[0])
        segments.append(3)
    return Seen(words, segments, [float(answer.alone), float(answer.column)])


def _asked(answer: Answer) -> list[str]:
    """The words of the question; of a long one, those about the subject or else its end."""
    filler = answer.phrases.words("filler")
    found = tokens(clean(answer.question[-_READ:])[0], 0, answer.namer, filler)
    words = [word for row in sentences(found) for word in _words(row)]
    if len(words) <= _ASKED:
        return words
    at = words.index(SUBJECT) if SUBJECT in words else len(words)
    start = min(max(0, at - _ASKED // 2), len(words) - _ASKED)
    return words[start : start + _ASKED]


def _words(row: Sentence, everyday: frozenset[int] = frozenset()) -> list[str]:
    """All words of a sentence, every number the same; at the places of `everyday` the subject is a word like any other."""
    words = []
    for token in row.tokens:
        word = token.word
        if token.start in everyday and token.name:
            word = token.name.lower()
        elif word[0].isdigit():
            word = "0"
        elif len(word) == 1 and combining(word):
            # Marks piled upon a letter.
            word = ""
        words.append(word)
    for at, word in reversed(row.fillers):
        words.insert(at, word)
    return [word for word in words if word]


def _everyday(answer: Answer, rows: list[Sentence]) -> frozenset[int]:
    """Where a subject that is an everyday word stands as one: in "INMT (IN Material)", and in small letters beside "Orders"."""
    if not answer.wordlike:
        return frozenset()
    small, described, written = [], [], False
    for row in rows:
        bracket = _described(row)
        for at, token in enumerate(row.tokens):
            if token.word != SUBJECT:
                continue
            if at in bracket:
                described.append(token.start)
            elif token.sure or not (token.name or "").islower():
                written = True
            else:
                small.append(token.start)
    return frozenset(described + small if written else described)


def _described(row: Sentence) -> frozenset[int]:
    """The places of what stands in brackets behind other names, where it is no more than a title: up to four words, no verb."""
    words = [token.word for token in row.tokens]
    found: list[int] = []
    for at, word in enumerate(words):
        if word == "(" and at and words[at - 1] == NAME and ")" in words[at : at + 6]:
            end = words.index(")", at)
            if _VERBS.isdisjoint(words[at:end]):
                found += range(at, end)
    return frozenset(found)


_VERBS = frozenset(
    (
        "is",
        "are",
        "was",
        "does",
        "do",
        "has",
        "not",
        "no",
        "never",
        "gibt",
        "ist",
        "kein",
        "keine",
        "existiert",
        "existe",
        "hay",
        "es",
    )
)


def _kept(rows: list[Sentence]) -> list[Sentence]:
    """The first and the last sentences, and those between that name the subject."""
    if len(rows) <= _FIRST + _LAST:
        return rows
    between = rows[_FIRST:-_LAST]
    naming = [row for row in between if SUBJECT in row.words][: _ALL - _FIRST - _LAST]
    return [*rows[:_FIRST], *naming, *rows[-_LAST:]]


# "There is no doubt that § does not exist" says no more than the rest of it.
_NO_DOUBT = re.compile(
    r"\b(?:there is |i have |we have )?(?:no|not a|without an?y?) doubt (?:about it |that |, )"
)


def _said(answer: Answer, row: Sentence, everyday: frozenset[int]) -> list[str]:
    """The words of a sentence; of a statement, whether it is offered and what it reads: the subject, others, nothing."""
    words = _words(row, everyday)
    if "doubt" in words:
        words = _NO_DOUBT.sub("", " ".join(words)).split()
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
