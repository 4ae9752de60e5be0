"""Lists: a line like "These tables do not exist:" speaks for the items below it."""

# Patterns read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import re

from .answer import Answer
from .clauses import look
from .nouns import collapse
from .reference import bare_predicate
from .sentences import Sentence
from .standins import SUBJECT
from .yesno import asks_existence

__all__ = ["header_of", "inline_header"]


def header_of(answer: Answer, row: Sentence, following: Sentence | None) -> str | None:
    """What a line says of the list below it: denies, affirms, offers, reports, or None."""
    if following is None or not (following.item or row.end == ":"):
        return None
    if row.end == "?" and _head(answer, row.text, False) == "offers":
        return "offers"
    if row.end and row.end != ":":
        return None
    if _ELLIPTIC.match(row.text) and asks_existence(answer):
        return "denies"
    return _head(answer, row.text, SUBJECT not in row.text)


def inline_header(answer: Answer, collapsed: str) -> str | None:
    """The same for "Found: A, not found: B" in one line: the words between the colon and the name before it."""
    before, colon, _ = collapsed.partition(f"{SUBJECT} ")[0].rpartition(" : ")
    if not colon or not before or SUBJECT not in collapsed:
        return None
    label = _LABEL.search(before + " ")
    return _head(answer, label.group() + ": ", True) if label else None


def _head(answer: Answer, text: str, group: bool) -> str | None:
    """What the words before a list say of its items; `group` is false if they speak of the subject itself."""
    if group:
        text = bare_predicate(_GROUP.sub(" § ", text, count=1))
    collapsed, _ = collapse(text, answer.phrases, answer.column)
    sight = look(collapsed, answer.phrases, answer.column, True)
    kinds = {claim.kind for claim in sight.claims}
    if group and "denies" in kinds:
        return "denies"
    if sight.offers_names >= 0 and "affirms" not in kinds:
        return "offers"
    if not group:
        return None
    if "affirms" in kinds or _FOUND.search(collapsed):
        return "affirms"
    left_open = kinds & {"reports", "imagines", "hedges", "asks", "unread"}
    if not left_open and _LISTS.search(collapsed):
        return "offers"
    return "reports" if left_open else None


# "The following exist: … The following does not: …"
_ELLIPTIC = re.compile(
    r"^ (?:but |and |however , )?(?:the following|these|this one|this|the others?|the rest|the remaining ones?|those) (?:names? |tables? |ones? )?(?:does|do|is|are|did) not : $"
)
_GROUP = re.compile(
    r"(?<= )(?:the following|these|those|following|they)(?: (?:tables|views|objects|names|ones|table|items|columns))? |(?<= )(?:tables|views|objects|names|ones|columns|a table|a view|a name|an object) (?=(?:that|which|not|missing|in|available) )"
)
_FOUND = re.compile(
    r"^ (?:(?:here|these) are )?(?:exists?|found|real|existing|valid|available|present|vorhanden|existen) (?:tables |views |names |objects )?: "
)
_LISTS = re.compile(
    r" (?:tables|views|names|alternatives|options|ones|candidates|matches|suggestions|tabellen|tablas|alternativas|alternativen|opciones|optionen|möglichkeiten|posibilidades) : $"
)
_LABEL = re.compile(r" (?:[^ §¤.;?!]+ )+$")
