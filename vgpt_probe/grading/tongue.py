"""Which language an answer is in: one that the phrases cover, or another."""

from __future__ import annotations

from .phrases import Phrases
from .sentences import Sentence
from .standins import SUBJECT

__all__ = ["is_foreign"]


def is_foreign(rows: list[Sentence], phrases: Phrases) -> bool:
    """Whether the prose is in none of the languages that the phrases cover.

    The sentences that name the subject decide, where there are any: a closing line in English does not translate them.
    """
    naming = [row for row in rows if SUBJECT in row.words]
    return _strange(rows, phrases) or (len(naming) < len(rows) and _strange(naming, phrases))


def _strange(rows: list[Sentence], phrases: Phrases) -> bool:
    english = german = spanish = theirs = shared = strange = 0
    tongues = phrases.tongues
    for row in rows:
        for token in row.tokens:
            word = token.word
            tells = tongues.get(word)
            if tells is not None and token.name is None:
                english += tells[0]
                german += tells[1]
                spanish += tells[2]
                theirs += tells[3]
                shared += tells[3] and any(tells[:3])
            if not word.isascii() and token.name is None and word[0].isalpha():
                strange += max(word) > "\u024f"
                theirs += not _FOREIGN_LETTERS.isdisjoint(word)
    ours = max(english, german, spanish)
    if theirs > ours or (theirs == ours > shared) or strange > 3:
        return True
    words = (token for row in rows for token in row.tokens if token.name is None and token.word[0].isalpha())
    return strange > 0 and strange * 3 > sum(1 for _ in words)


_FOREIGN_LETTERS = frozenset("èêëàùœçãõåøæłńśźżőűăâîșțşğıěřůčšžýďťňœìòđươ")
