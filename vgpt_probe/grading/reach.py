"""How far a clause reaches: places that mean the database, and what narrows a statement down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .lexicon import Lexicon, word_set
from .standins import PLACE, SUBJECT

__all__ = [
    "ARTICLES",
    "CONJUNCTIONS",
    "HERE",
    "KNOWING",
    "NO",
    "RELATIVE",
    "STOP",
    "Frame",
    "any_thing",
    "clause_end",
    "denial",
    "place_end",
    "relative_says",
    "unlimited",
]


STOP = frozenset(".,;:!?()|–—-/=→")
CONJUNCTIONS = word_set(
    "and or but so because since although though while whereas unless if yet either nor as than except "
    "therefore hence thus however when where und oder aber sondern denn weil y o pero sino porque"
)
RELATIVE = word_set("which that who die das que")
ARTICLES = word_set(
    "a an the any one some this that such your our my its single eine ein einen keine una un la el ninguna"
)
HERE = word_set(
    "here there anywhere nowhere either too anymore all sure at yet itself mehr hier dort aquí in-it"
)
_LISTS = word_set("list lists inventory set collection catalog catalogue dictionary")
KNOWING = word_set("know familiar aware recognize recognise heard")
# Where these stand, another clause begins.
OTHERWISE = word_set("you we i it try see please ✗ ✓ ❌ ✅")
# A noun phrase that begins with one of these is denied whole.
NO = word_set("no neither none nothing zero 0 kein keine keinen weder ningún ninguna ni nor")


class Frame(NamedTuple):
    """What the clause says: `kind` is that of a claim (`clauses.py`); the words from `start` to `end` show it."""

    kind: str
    start: int
    end: int


def denial(negative: bool) -> str:
    """What a statement of being there says, negated or not."""
    return "denies" if negative else "affirms"


def clause_end(words: Sequence[str], at: int) -> int:
    while at < len(words) and words[at] not in STOP:
        at += 1
    return at


def place_end(lex: Lexicon, words: Sequence[str], at: int) -> int:
    """Where a phrase like "in Vista", "among the tables of the schema" ends, or `at` if there is none."""
    start = at
    listed = False
    while at < len(words) and at - start < 6:
        word = words[at]
        if word == PLACE:
            at += 1
            while at < len(words) and (
                lex.has(words[at], "thing") or lex.has(words[at], "part") or words[at] in (PLACE, "dbo")
            ):
                at += 1
            if at < len(words) and words[at] in ("of", "in", "de", "for"):
                return max(at, place_end(lex, words, at))
            return at
        if at == start and not lex.has(word, "within"):
            break
        if not (
            word in ARTICLES
            or word == "dbo"
            or lex.has(word, "genuine")
            or lex.has(word, "within")
            or lex.has(word, "thing")
            or lex.has(word, "part")
        ):
            break
        listed = listed or word in _LISTS
        at += 1
    # "In the list of valid objects" is as wide.
    return at if listed and lex.has(words[at - 1], "thing") else start


def unlimited(lex: Lexicon, words: Sequence[str], at: int) -> bool:
    """Whether nothing that follows narrows the statement down: the clause ends, or goes on with "in Vista", "at all" …"""
    while at < len(words):
        word = words[at]
        if (
            word in STOP
            or word in CONJUNCTIONS
            or word in RELATIVE
            or word in OTHERWISE
            or lex.has(word, "be")
        ):
            return True
        after = place_end(lex, words, at)
        if after > at:
            at = after
        elif word in HERE or word == SUBJECT or lex.has(word, "adverb"):
            # A subject here is "under that name".
            at += 1
        elif word in ("under", "by", "with", "of") and words[at + 1 : at + 2] == [SUBJECT]:
            # "under that name".
            at += 2
        elif word in ("in", "as", "of", "among", "by", "at", "with", "under", "on") and _general(
            lex, words, at + 1
        ):
            return True
        elif words[at : at + 2] in (
            ["any", "more"],
            ["any", "longer"],
            ["to", "me"],
            ["to", "us"],
            ["to", "be"],
        ):
            at += 2
        elif words[at + 2 : at + 3] in (
            ["knowledge"],
            ["mind"],
            ["case"],
            ["spelling"],
            ["letters"],
            ["form"],
            ["way"],
        ):
            # "to my knowledge", "in lower case".
            at += 3
        else:
            return False
    return True


def _general(lex: Lexicon, words: Sequence[str], at: int) -> bool:
    """Whether "any module", "a table", "it", "our list" follows: as wide as the database itself."""
    steps = 0
    while at < len(words) and steps < 4:
        word = words[at]
        if word in ("any", "all", "every", "me", "us", "it", "them", "these", "those", "existence", "sight"):
            return True
        if lex.has(word, "thing") or lex.has(word, "part"):
            follow = words[at + 1] if at + 1 < len(words) else "."
            return follow not in ("for", "about", "with", "like")
        if word not in ARTICLES and not lex.has(word, "genuine"):
            return False
        at += 1
        steps += 1
    return False


def any_thing(lex: Lexicon, words: Sequence[str], at: int) -> bool:
    """Whether what is not referred to is "any table", "anything real": any object at all."""
    while at < len(words):
        word = words[at]
        if word in STOP or word in CONJUNCTIONS or word == PLACE:
            return True
        if (
            word in ("to", "with", "in", "any", "anything", "a", "an", "one", "of")
            or lex.has(word, "genuine")
            or lex.has(word, "thing")
            or lex.has(word, "nobody")
            or lex.has(word, "adverb")
        ):
            at += 1
            continue
        return False
    return True


def relative_says(lex: Lexicon, words: Sequence[str], at: int) -> str | None:
    """ "… (that) Vista has", "… I know of", "… that does not exist", "… somebody made up": what it makes of a thing."""
    clause = words[at : clause_end(words, at)]
    negative = any(lex.has(word, "negator") or word in NO for word in clause)
    if clause and clause[0] in RELATIVE:
        clause = clause[1:]
        at += 1
    if not clause or "should" in clause or "must" in clause:
        return None
    database = clause[0] == PLACE or lex.has(clause[0], "part")
    person = lex.has(clause[0], "person")
    for step, word in enumerate(clause):
        name, _ = lex.verb(words, at + step)
        if name == "invent":
            return denial(not negative)
        if person and word in KNOWING and PLACE not in clause:
            return "unheard" if negative else "heard"
        if name == "find" or (name in ("have", "use") and database) or (name == "have" and person):
            return denial(negative)
        if not (database or person) and (name == "be_there" or lex.has(word, "real")):
            return denial(negative)
    return None
