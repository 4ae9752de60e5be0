"""What an answer says of a subject that it does not name: its own columns, or its name in the right letter case."""

from __future__ import annotations

import re

from .answer import Answer
from .learned import Decision
from .model import Span
from .sentences import Sentence
from .standins import NAME, SUBJECT

__all__ = ["in_right_case", "unnamed"]


def unnamed(answer: Answer, rows: list[Sentence], decision: Decision) -> Decision:
    """The decision, or what the catalog tells where the subject is not named and the words leave it open."""
    if decision.stance not in ("silent", "hedges") or answer.column:
        return decision
    if any(SUBJECT in row.words for row in rows) or any(map(answer.uses, answer.statements)):
        return decision
    listed = _its_own(answer, rows)
    if listed is not None:
        return Decision("affirms", listed, "says what is in the subject, without naming it")
    return decision


def _its_own(answer: Answer, rows: list[Sentence]) -> Span | None:
    """The subject's own columns or description, or a bare list of names where its columns were asked for."""
    catalog = answer.catalog
    if not answer.alone or catalog is None or answer.statements or not rows or rows[0].end == "?":
        return None
    apart = answer.phrases.words("negative") | answer.phrases.words("hedge")
    if any(not row.words.isdisjoint(apart) for row in rows):
        return None
    whole = (rows[0].tokens[0].start, rows[-1].tokens[-1].end)
    names = [token.name for row in rows for token in row.tokens if token.word == NAME]
    if any(name is not None and catalog.get(name) is not None for name in names):
        return None
    listed = _COLUMNS_ASKED.search(answer.question) and _LIST.fullmatch(answer.text)
    spoken = answer.phrases.words("yes") | answer.phrases.words("no") | answer.phrases.words("filler")
    if listed and all(row.words.isdisjoint(spoken) for row in rows):
        return whole
    relation = catalog.get(answer.target.name)
    if relation is None:
        return None
    columns = {column.name for column in relation.columns}
    mine = sum(name in columns for name in names)
    described = (relation.description or "").lower().split()
    if (mine > 1 and 2 * mine >= len(names)) or (len(described) > 1 and rows[0].words.issuperset(described)):
        return whole
    return None


# Names alone, at least three, in a list or between commas.
_LIST = re.compile(r"\s*(?:(?:[-*•] |\d+[.)] )?`?[A-Za-z_]\w*`?(?:[^\S\n]*[,;\n]\s*|\.?\s*\Z)){3,}")
_COLUMNS_ASKED = re.compile(
    r"\b(?:columns?|fields?|structure|describe|spalten|felder|columnas|campos)\b", re.IGNORECASE
)


def in_right_case(answer: Answer) -> tuple[str, Span] | None:
    """The real name that the answer uses where the subject has another letter case, and where it stands."""
    if any(table.name == answer.target.name for one in answer.statements for table in one.scan.tables):
        return None
    for name in answer.target.variants:
        found = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", answer.text)
        if found:
            return name, found.span()
    return None
