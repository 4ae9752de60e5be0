"""Answers of one phrase to a question that names several tables: "Both.", "The second.", "Yes to the first, no to the second." """

# Patterns read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import re

from .answer import Answer, Evidence
from .sentences import Sentence
from .standins import NAME, SUBJECT
from .yesno import asks_existence

__all__ = ["chosen"]


def chosen(answer: Answer, rows: list[Sentence]) -> Evidence | None:
    """What such a phrase at the beginning says of the subject: affirms, denies, or None if it says nothing of it."""
    if not rows or len(answer.asked) < 2 or answer.column:
        return None
    name = answer.target.name if answer.target.name in answer.asked else answer.target.text
    if name not in answer.asked:
        return None
    if len(rows) == 1 and _ALONE.match(rows[0].text):
        return Evidence("affirms", rows[0].tokens[0].start, rows[0].tokens[-1].end, 0)
    kind = _kind(rows[0].text, answer.asked.index(name), answer)
    return Evidence(kind, rows[0].tokens[0].start, rows[0].tokens[-1].end, 0) if kind else None


def _kind(text: str, at: int, answer: Answer) -> str | None:
    if SUBJECT in text or NAME in text:
        return None
    several = _EACH.findall(text)
    if len(several) > 1 and asks_existence(answer):
        for before, word, again, after in several:
            if _number(word or again, answer) == at:
                return "affirms" if (before or after) in _YES else "denies"
        return None
    to_all = _TO_ALL.match(text)
    if to_all and asks_existence(answer):
        return "affirms" if to_all.group(1) in _YES else "denies"
    group = _GROUP.match(text)
    if group:
        if group.group(1):
            return "affirms"
        return "denies" if "exist" in group.group() or asks_existence(answer) else None
    one = _ONE.match(text)
    if one is None:
        return None
    if _number(one.group(1), answer) == at:
        return "affirms"
    return "denies" if asks_existence(answer) else None


def _number(word: str, answer: Answer) -> int:
    """The place in the question that an ordinal means, or -1."""
    if word in _LAST:
        return len(answer.asked) - 1
    return next((place for place, words in enumerate(_ORDINALS) if word in words), -1)


_YES = frozenset(("yes", "ja", "sí"))
_ORDINALS = (
    frozenset(("first", "former", "erste", "ersten", "erster", "primera", "primero")),
    frozenset(("second", "zweite", "zweiten", "zweiter", "segunda", "segundo")),
    frozenset(("third", "dritte", "dritten", "tercera", "tercero")),
    frozenset(("fourth", "vierte", "vierten", "cuarta", "cuarto")),
)
_LAST = frozenset(("last", "latter", "letzte", "letzten", "letztere", "última", "último"))
_ORDINAL = "(" + "|".join(sorted({word for words in _ORDINALS for word in words} | _LAST)) + ")"
_NOUN = r"(?:(?:one|table|view|name|tabelle|tabla|vista) )?"
_END = r"(?:[.,!;:—–-]|\Z)"
_GROUP = re.compile(
    r"^ (?:(?:yes|ja|sí|no|nein|sure|well|of course) (?:, |: |; )?)?(?:they )?(?:(?:do|are) )?"
    r"(?:(both|all|each|every one|all three|all four|both of them|all of them|each of them|all of these|all of those|beide|alle|alle beide|alle drei|ambas|ambos|todas|todos|las dos|los dos)"
    r"|(neither|none|not one|neither of them|neither one|none of them|neither of these|neither of the two|none of the (?:two|three|four|names|tables)|none of these|none of those|not a single one|keine|keine von beiden|keine davon|keiner|keines|weder noch|weder die eine noch die andere|ninguna|ninguno|ninguna de las dos|ninguno de los dos|ninguna de ellas)) "
    rf"(?:(?:do|does|are|is|exist|exists|existieren|existen|gibt es|are real|are there|are valid|are views|are tables) )*(?:in ⌂ )?{_END}"
)
_ONE = re.compile(
    r"^ (?:(?:yes|ja|sí|no|nein|well) (?:, |: |; )?)?(?:(?:it is|that is|i would say|es ist|es) )?(?:only |just |solely |merely |nur |solo |sólo |solamente )?(?:the|die|das|der|la|el|los|las) "
    rf"{_ORDINAL} {_NOUN}(?:(?:only|alone|does|is|exists|existiert|existe|gibt es|do|is real|is valid|is the right one|is correct|of the two|of them|of course) )*(?:in ⌂ )?{_END}"
)
_ALONE = re.compile(
    r"^ (?:(?:only|just|it is|that is|that would be|solo|sólo|nur) )?§ (?:only |alone )?(?:[.!] )?$"
)
_TO_ALL = re.compile(
    rf"^ (?:it is )?(?:an? )?(yes|no|ja|nein|sí) (?:to|for|on|zu|für|bei|a|para|in) (?:both|all|all of them|each|all three|either|beiden?|alle[nr]?|ambas|ambos|todas|las dos|both cases)(?: of them)? {_END}"
)
_WORD = r"(yes|no|ja|nein|sí)"
_ART = r"(?:the |die |der |das |la |el )?"
# "Yes to the first, no to the second", "the first: yes, the second: no".
_EACH = re.compile(
    rf"(?<= ){_WORD} (?:(?:to|for|on|zur|zum|für|bei|a|para) )?{_ART}{_ORDINAL} |(?<= ){_ART}{_ORDINAL} (?:one |table |view )?(?:, |: |- |– |— |→ )?{_WORD} "
)
