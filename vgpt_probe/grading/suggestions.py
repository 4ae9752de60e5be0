"""Which other relations an answer sends the user to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .answer import Answer
from .lexicon import word_set
from .model import Stance
from .names import column_names
from .nouns import collapse
from .sentences import Sentence, Token
from .standins import NAME, SUBJECT

__all__ = ["offers_subject", "suggested"]


def suggested(answer: Answer, rows: list[Sentence], stance: Stance) -> tuple[str, ...]:
    """The names that are offered in the subject's place, in order; a name that can only be a column is none.

    Of an answer that denies the subject, also the relations of the catalog that it goes on to speak of.
    """
    found: dict[str, str] = {}
    before: frozenset[str] = frozenset()
    for row, entry in _with_entries(answer, rows):
        for name in _offered(answer, row, entry):
            kept = _relation(answer, name, row.words | before)
            if kept:
                found.setdefault(kept.lower(), kept)
        if stance in ("denies", "contradicts") and row.words.isdisjoint(_DENIES):
            for name in _names(answer, row.tokens):
                if _known(answer, name):
                    found.setdefault(name.lower(), name)
        before = row.words
    return tuple(found.values())


def offers_subject(answer: Answer, rows: list[Sentence]) -> bool:
    """Whether the subject itself is among what is offered: "You may be looking for: APTH, APTL"."""
    for row, entry in _with_entries(answer, rows):
        at = _starts(answer, row) if SUBJECT in row.words else None
        if SUBJECT in row.words and (
            entry or (at is not None and any(token.word == SUBJECT for token in row.tokens[at:]))
        ):
            return True
    return False


def _with_entries(answer: Answer, rows: list[Sentence]) -> Iterator[tuple[Sentence, bool]]:
    """The sentences, each with whether it is an entry of a list of what is offered."""
    offers = False
    for order, row in enumerate(rows):
        yield row, offers and row.item
        if not row.item or row.end == ":":
            leads = order + 1 < len(rows) and (rows[order + 1].item or row.end == ":")
            offers = leads and row.end in ("", ":", "?") and _is_header(answer, row)


def _names(answer: Answer, tokens: list[Token]) -> Iterator[str]:
    """The other relations among some tokens, without one that something is offered instead of and the server's own."""
    replaced = False
    for at, token in enumerate(tokens):
        following = tokens[at + 1].word if at + 1 < len(tokens) else ""
        if token.word in _INSTEAD and following in _INSTEAD_OF:
            replaced = True
        elif token.word == NAME and token.name:
            if not replaced and not _SYSTEM.match(answer.text, token.start):
                yield token.name
            replaced = False


def _known(answer: Answer, name: str) -> bool:
    return answer.catalog is not None and answer.catalog.get(name) is not None and name != answer.target.name


_DENIES = word_set("not no never neither nor nicht kein keine weder ni nunca unlike")
_INSTEAD = word_set("rather instead statt anstelle lugar")
_INSTEAD_OF = word_set("of than von de ¤ §")
_SYSTEM = re.compile(r"[\[\"'`]*(?:sys|information_schema)\b", re.IGNORECASE)


def _offered(answer: Answer, row: Sentence, item: bool) -> Iterator[str]:
    if NAME not in row.words:
        return
    if item:
        # "- APTH, the headers of APTL": an entry is what stands first.
        first = next(token for token in row.tokens if token.word in (NAME, SUBJECT))
        if first.word == NAME:
            yield first.name or ""
    at = _starts(answer, row)
    if at is not None:
        yield from _names(answer, row.tokens[at:])


def _starts(answer: Answer, row: Sentence) -> int | None:
    """The number of the token at which a suggestion begins: "use ¤", but not "do not use ¤"."""
    text, ranges = collapse(row.text, answer.phrases, answer.column)
    role = answer.grammar.role("suggests")
    found = (phrase.regex.search(text) for phrase in role.possible(frozenset(text.split())))
    starts = (match.start() for match in found if match and match.end() > match.start())
    start = min((at for at in starts if not _WITHOUT.search(text, 0, at)), default=None)
    return None if start is None else ranges[text.count(" ", 0, start) - 1][0]


_WITHOUT = re.compile(r" (?:not|never|nicht|nie|no|nunca) (?:to |ever )?$")


def _is_header(answer: Answer, row: Sentence) -> bool:
    """Whether a line offers what stands in the list below it: "Similar tables:", and not "These tables do not exist:"."""
    words = [token.word for token in row.tokens if token.word != ":"]
    if words and words[-1] in _LISTED and _JUDGES.isdisjoint(words):
        return True
    at = _starts(answer, row)
    return at is not None and _JUDGES.isdisjoint(token.word for token in row.tokens[at:])


_LISTED = word_set(
    "tables views names alternatives options ones candidates matches suggestions tabellen tablas alternativas "
    "alternativen opciones optionen möglichkeiten posibilidades"
)
_JUDGES = word_set(
    "not no none never missing exist exists existing found nicht kein keine fehlen existieren existen ninguna"
)


def _relation(answer: Answer, name: str, around: frozenset[str]) -> str:
    """The name as that of a relation, "" if it is the subject's own or a column's; `around`: the words near it."""
    catalog = answer.catalog
    known = catalog is not None and catalog.get(name) is not None
    if not known and "." in name:
        name = name.rsplit(".", 1)[-1]
    if name.lower() == answer.target.name.lower():
        return ""
    if known or catalog is None:
        return name
    of_column = answer.column or not answer.phrases.columns.nouns.isdisjoint(around)
    return "" if of_column or name in column_names(catalog) else name
