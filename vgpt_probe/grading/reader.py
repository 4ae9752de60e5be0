"""Reads what an answer says about one subject."""

# Patterns and messages read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .answer import Answer
from .claims import Prose
from .learned import together
from .listing import header_of
from .model import Reading, Span, StyleRules
from .names import target_of
from .offered import has_sql, judge_statements
from .phrases import Phrases, default_phrases
from .records import read_record
from .sentences import Sentence, sentences
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
    being_read = opened(question, text, subject, catalog, phrases)
    decision, rows = by_rules(being_read)
    if phrases is None or phrases is default_phrases() or decision.stance == _shipped(being_read):
        # Where phrases of a workspace make the difference, they are meant.
        decision = together(being_read, rows, decision)
    return _reading(being_read, decision, offsets, rules or StyleRules())


def _said(text: str, phrases: Phrases) -> str:
    """The text with blanks for the greeting before it and the good wishes behind it, so that every place stays where it is."""
    text = _CITED.sub(lambda mark: " " * len(mark.group()), text)
    closing = phrases.closing.search(text, max(0, len(text) - 400))
    if closing is not None and text[: closing.start()].strip():
        text = text[: closing.start()] + " " * (len(text) - closing.start())
    greeting = phrases.greeting.match(text)
    return text if greeting is None else " " * greeting.end() + text[greeting.end() :]


# "[2]", a source.
_CITED = re.compile(r"\[\d{1,3}\](?!\()")


def _shipped(answer: Answer) -> str:
    """The stance by the shipped phrases alone."""
    return by_rules(opened(answer.question, answer.text, answer.target.text, answer.catalog))[0].stance


def opened(
    question: str, text: str, subject: str, catalog: Catalog | None, phrases: Phrases | None = None
) -> Answer:
    """A cleaned answer, ready to be read."""
    phrases = phrases or default_phrases()
    return Answer(question, _said(text, phrases), target_of(subject, catalog), catalog, phrases)


def by_rules(answer: Answer) -> tuple[Decision, list[Sentence]]:
    """What the rules make of an answer, and its sentences; none if they are in a language that nothing here knows."""
    rows = sentences(answer.stream())
    if is_foreign(rows, answer.phrases):
        return Decision("silent", None, "the answer is in a language that the reader does not know"), []
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
    read_record(answer)
    decision = weigh(answer, rows)
    if answer.column and decision == ("silent", None, "says nothing of the column"):
        # A column falls with its table.
        table = target_of(answer.target.name, answer.catalog)
        of_table, _ = by_rules(Answer(answer.question, answer.text, table, answer.catalog, answer.phrases))
        if of_table.stance == "denies":
            decision = of_table._replace(reason="says that the column's table is not there")
    return decision, rows


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
