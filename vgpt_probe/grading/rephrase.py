"""Puts what a workspace's own phrases say into words that the networks know: "§ does not exist", "§ exists"."""

from __future__ import annotations

from collections.abc import Sequence

from .answer import Answer
from .nouns import collapse
from .sentences import Sentence, Token
from .standins import NAME, SUBJECT

__all__ = ["rephrase"]

_SAYS = {"denies": (SUBJECT, "does", "not", "exist"), "affirms": (SUBJECT, "exists")}


def rephrase(answer: Answer, rows: list[Sentence]) -> None:
    """Rewrites the sentences in which a phrase or a word of one's own stands; what stands around it is kept."""
    roles = [role for role in _SAYS if answer.grammar.role(role)]
    for row in rows if roles or answer.phrases.own else ():
        for role in roles:
            _known_phrase(answer, row, role)
        _known_words(answer, row)


def _known_words(answer: Answer, row: Sentence) -> None:
    """A word that a workspace put into a class becomes the shipped word that stands for it."""
    own = answer.phrases.own
    lengths = sorted({len(words) for words in own}, reverse=True)
    at = 0
    while at < len(row.tokens):
        for length in lengths:
            # "SNAFU" has the shape of a name.
            said = [
                (token.name or "").lower() if token.word == NAME else token.word
                for token in row.tokens[at : at + length]
            ]
            known = own.get(tuple(said))
            if known is not None:
                _replace(row, at, at + len(said), (known,))
                break
        at += 1


def _known_phrase(answer: Answer, row: Sentence, role: str) -> None:
    text, ranges = collapse(row.text, answer.phrases, answer.column)
    for phrase in answer.grammar.role(role).possible(frozenset(text.split())):
        match = phrase.regex.search(text)
        if match and match.end() > match.start():
            first, last = (text.count(" ", 0, at) - 1 for at in (match.start(), match.end() - 1))
            _replace(row, ranges[first][0], ranges[last][1], _SAYS[role])
            return


def _replace(row: Sentence, low: int, high: int, words: Sequence[str]) -> None:
    start, end = row.tokens[low].start, row.tokens[high - 1].end
    row.tokens[low:high] = [Token(word, start, end, sure=word == SUBJECT) for word in words]
    longer = len(words) - (high - low)
    row.fillers = [
        (at if at <= low else at + longer, word) for at, word in row.fillers if not low < at < high
    ]
    row.settle()
