"""Which language an answer is in: one that the phrases cover, or another."""

from __future__ import annotations

from .phrases import Phrases
from .sentences import Sentence

__all__ = ["is_foreign"]


def is_foreign(rows: list[Sentence], phrases: Phrases) -> bool:
    """Whether the prose is in none of the languages that the phrases cover."""
    english = german = spanish = theirs = strange = total = 0
    tongues = phrases.tongues
    for row in rows:
        for token in row.tokens:
            word = token.word
            if token.name is not None or not word[0].isalpha():
                continue
            total += 1
            tells = tongues.get(word)
            if tells is not None:
                english += tells[0]
                german += tells[1]
                spanish += tells[2]
                theirs += tells[3]
            if not word.isascii():
                strange += max(word) > "\u024f"
                theirs += not _FOREIGN_LETTERS.isdisjoint(word)
    ours = max(english, german, spanish)
    return theirs > ours or (theirs > 1 and theirs == ours) or strange * 3 > total or strange > 3


_FOREIGN_LETTERS = frozenset("èêëàùœçãõåøæłńśźżőűăâîșțşğıěřůčšžýďťňœìòđươ")
