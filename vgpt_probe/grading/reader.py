"""Reads what an answer says about one subject."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from .answer import Answer
from .learned import Decision, decided
from .model import Reading, Span, StyleRules
from .names import target_of
from .phrases import Phrases, default_phrases
from .rephrase import rephrase
from .sentences import Sentence, sentences
from .sql import check_sql
from .standins import SUBJECT
from .suggestions import suggested
from .text import clean, original_span
from .tongue import is_foreign
from .unnamed import in_right_case, unnamed

if TYPE_CHECKING:
    from vgpt_probe.catalog.model import Catalog

__all__ = ["opened", "read_answer", "rows_of"]


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

    def place(start: int, end: int) -> Span:
        return original_span(answer, text, offsets, start, end)

    being_read = opened(question, text, subject, catalog, phrases)
    rows = rows_of(being_read)
    if rows is None:
        decision = Decision("silent", None, "the answer is in a language that the reader does not know")
        return _reading(being_read, [], decision, None, place, rules or StyleRules())
    decision = unnamed(being_read, rows, decided(being_read, rows))
    right = None
    if decision.stance in ("affirms", "silent", "hedges"):
        right = in_right_case(being_read)
        if right is not None:
            # It corrects the name only if it takes the right one for granted.
            known = opened(question, text, _with_name(being_read, right[0]), catalog, phrases)
            of_known = decided(known, rows_of(known) or [])
            if of_known.stance != "affirms":
                right = None
            elif decision.stance != "affirms" or not any(SUBJECT in row.words for row in rows):
                decision = Decision("affirms", right[1], "uses the name that exists, in its own letter case")
    if being_read.column and decision.stance == "silent":
        # A column falls with its table.
        table = opened(question, text, being_read.target.name, catalog, phrases)
        of_table = decided(table, rows_of(table) or [])
        if of_table.stance == "denies":
            decision = of_table._replace(reason="says that the column's table is not there")
    return _reading(being_read, rows, decision, right and right[0], place, rules or StyleRules())


def _with_name(answer: Answer, name: str) -> str:
    """The subject with another name for what it means: its column, or its table."""
    return f"{answer.target.name}.{name}" if answer.column else name


def opened(
    question: str, text: str, subject: str, catalog: Catalog | None, phrases: Phrases | None = None
) -> Answer:
    """A cleaned answer, ready to be read."""
    phrases = phrases or default_phrases()
    subject = " ".join(clean(subject)[0].split()).strip("()")
    for spaced in _SPACED.findall(subject):
        # "Order Details": one word for all that follows, in as many characters.
        name = re.compile(rf"(?<!\w)(?i:{re.escape(spaced)})(?!\w)(?! [\w$#@ ]+\]| [A-Z]\w)")
        question, text, subject = (
            name.sub(lambda found: _UNFIT.sub("_", found.group()), part) for part in (question, text, subject)
        )
    return Answer(question, _said(text, phrases), target_of(subject, catalog), catalog, phrases)


def rows_of(answer: Answer) -> list[Sentence] | None:
    """The sentences of an answer, a workspace's own phrases put into known words; None in an unknown language."""
    rows = sentences(answer.stream())
    if is_foreign(rows, answer.phrases):
        return None
    answer.name_small_words(rows)
    rephrase(answer, rows)
    return rows


def _said(text: str, phrases: Phrases) -> str:
    """The text with blanks for what is not said: thoughts, the greeting, good wishes; every place stays where it is."""
    if "[" in text or ">" in text:
        text = _UNSAID.sub(lambda mark: " " * len(mark.group()), text)
    end = len(text)
    for _ in range(_WISHES):
        closing = phrases.closing.search(text, max(0, end - 200), end)
        if closing is None or not text[: closing.start()].strip():
            break
        end = closing.start()
    text = text[:end] + " " * (len(text) - end)
    greeting = phrases.greeting.match(text)
    return text if greeting is None else " " * greeting.end() + text[greeting.end() :]


# "[2]", a source; what a model thinks before it answers, to the end if it never does; the marks of a block quote.
_UNSAID = re.compile(
    r"\[\d{1,3}\](?!\()|<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)|\A(?:(?!<think).)*?</think(?:ing)?>(?=\W*\w)"
    r"|^[ \t]*>(?=[ \t])",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
# So many good wishes are taken away: models that run in circles have more.
_WISHES = 12
_SPACED = re.compile(r"\w[\w$#@]*(?: [\w$#@&]+)+")
_UNFIT = re.compile(r"[ &]|\A\d")


def _reading(
    answer: Answer,
    rows: list[Sentence],
    decision: Decision,
    corrected: str | None,
    place: Callable[[int, int], Span],
    rules: StyleRules,
) -> Reading:
    checked = check_sql([(s.text, s.start) for s in answer.statements], answer.catalog, rules, place)
    catalog = answer.catalog
    offered = suggested(answer, rows, decision.stance)
    return Reading(
        decision.stance,
        None if decision.span is None else place(*decision.span),
        decision.reason,
        offered,
        tuple(name for name in offered if catalog is not None and catalog.get(name) is None),
        checked.tables,
        checked.unknown_tables,
        checked.unknown_columns,
        checked.style,
        corrected,
    )
