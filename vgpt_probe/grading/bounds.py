"""Where the clauses of a collapsed sentence begin and end, and whether patterns match in them."""

# Patterns read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import re
from typing import NamedTuple

from .patterns import Role
from .phrases import Grammar, Phrases

__all__ = [
    "BOUNDARY",
    "WITHOUT_THAT",
    "Line",
    "clause_end",
    "clause_start",
    "ends_with",
    "first",
    "matches",
    "starts_with",
]

BOUNDARY = re.compile(
    r"(?<= )(?:,(?! (?:ob|dass|whether|that(?! (?:is|was) )|que) )|[;:()—–|]|-|but|however|although|whereas|because|since|so(?! that )|yet|aber|sondern|denn|jedoch|pero|sino|porque|therefore|thus) "
)


# "Without it the query on § …": no negation of what the clause says.
WITHOUT_THAT = re.compile(r" without (?:it|that|this|them|the|nolock|aliases)(?: hint| hints| filter)? ")


class Line(NamedTuple):
    """A collapsed sentence being read; `offers` is where a suggestion begins, or -1, `named` whether the subject is plainly a name."""

    text: str
    words: frozenset[str]
    grammar: Grammar
    phrases: Phrases
    named: bool
    offers: int
    question: bool
    last_clause: int


def clause_start(text: str, position: int) -> int:
    start = 0
    for match in BOUNDARY.finditer(text):
        if match.end() > position:
            break
        start = match.end()
    return start


def clause_end(text: str, position: int) -> int:
    after = BOUNDARY.search(text, position)
    return after.start() if after else len(text)


def matches(patterns: Role, text: str, words: frozenset[str]) -> bool:
    return any(phrase.regex.search(text) for phrase in patterns.possible(words))


def first(patterns: Role, text: str, words: frozenset[str]) -> int:
    best = -1
    for phrase in patterns.possible(words):
        match = phrase.regex.search(text)
        if match and (best < 0 or match.start() < best):
            best = match.start()
    return best


def starts_with(patterns: Role, right: str, words: frozenset[str]) -> bool:
    """Whether one of the patterns matches at the beginning of what follows."""
    for phrase in patterns.possible(words):
        match = phrase.regex.search(right)
        if match and right.count(" ", 0, match.start()) <= 5 and not BOUNDARY.search(right, 0, match.start()):
            return True
    return False


def ends_with(patterns: Role, left: str, words: frozenset[str]) -> bool:
    """Whether one of the patterns matches right before the end of `left`, give or take "that" or "the"."""
    for phrase in patterns.possible(words):
        for match in phrase.regex.finditer(left):
            if left.count(" ", match.end()) <= 2:
                return True
    return False
