"""Reads what an answer says about one subject."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .answer import Answer
from .claims import Prose
from .listing import header_of
from .model import Reading, Span, StyleRules
from .names import target_of
from .offered import has_sql, judge_statements
from .phrases import Phrases, default_phrases
from .sentences import sentences
from .sql import check_sql
from .text import clean
from .tongue import is_foreign
from .weigh import Decision, corrected, weigh

if TYPE_CHECKING:
    from vgpt_probe.catalog.model import Catalog

__all__ = ["read_answer", "stance_is_settled"]


def read_answer(
    question: str,
    answer: str,
    subject: str,
    catalog: Catalog | None,
    *,
    phrases: Phrases | None = None,
    rules: StyleRules | None = None,
) -> Reading:
    """What `answer` says about `subject` (a table, view, or `table.column`) that `question` asked about.

    Pure and deterministic; any text is accepted. Spans are code points of `answer`.
    """
    text, offsets = clean(answer)
    being_read = Answer(question, text, target_of(subject, catalog), catalog, phrases or default_phrases())
    decision = _decide(being_read)
    return _reading(being_read, decision, offsets, rules or StyleRules())


def _decide(answer: Answer) -> Decision:
    rows = sentences(answer.stream())
    if is_foreign(rows, answer.phrases):
        return Decision("silent", None, "the answer is in a language that the reader does not know")
    prose = Prose(answer)
    header: str | None = None
    for order, row in enumerate(rows):
        below = header is not None and (row.item or rows[order - 1].end == ":")
        prose.read(row, order, header if below else None)
        if has_sql(row):
            judge_statements(answer, rows, order)
        following = rows[order + 1] if order + 1 < len(rows) else None
        if not row.item:
            header = header_of(answer, row, following)
        elif row.end == ":":
            # "2. Use one of these:" with a list of its own.
            header = header_of(answer, row, following) or header
    decision = weigh(answer, rows)
    if answer.column and decision == ("silent", None, "says nothing of the column"):
        # A column falls with its table.
        table = target_of(answer.target.name, answer.catalog)
        of_table = _decide(Answer(answer.question, answer.text, table, answer.catalog, answer.phrases))
        if of_table.stance == "denies":
            return of_table._replace(reason="says that the column's table is not there")
    return decision


def _reading(answer: Answer, decision: Decision, offsets: list[int] | None, rules: StyleRules) -> Reading:
    def original(start: int, end: int) -> Span:
        return (start, end) if offsets is None else (offsets[start], offsets[max(start, end - 1)] + 1)

    shown = decision.evidence
    checked = check_sql([(s.text, s.start) for s in answer.statements], answer.catalog, rules, original)
    catalog = answer.catalog
    return Reading(
        decision.stance,
        None if shown is None else original(shown.start, shown.end),
        decision.reason,
        tuple(answer.suggested),
        tuple(name for name in answer.suggested if catalog is not None and catalog.get(name) is None),
        checked.tables,
        checked.unknown_tables,
        checked.unknown_columns,
        checked.style,
        corrected(answer) if decision.stance in ("affirms", "silent", "hedges") else None,
    )


def stance_is_settled(question: str, partial_answer: str, subject: str, catalog: Catalog | None) -> bool:
    """Whether more text could no longer change the stance.

    Anything said can still be taken back, so only a contradiction within whole sentences is final.
    """
    whole = re.search(r"\A.*[.!?\n]", partial_answer, re.DOTALL)
    if whole is None:
        return False
    return read_answer(question, whole.group(), subject, catalog).stance == "contradicts"
