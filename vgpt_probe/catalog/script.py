"""Cutting a DDL script into statements, without parsing them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

#: What may hold a semicolon or the word GO without ending anything; then the ends themselves. A string goes on
#: over line ends, but not past a line that begins a statement: one stray quote must not swallow the script.
_TOKEN = re.compile(
    r"""
    '(?:[^'\n]|''|\n(?![ \t]*(?:GO|CREATE)\b))*'
    | \[[^\]\n]*\]
    | "[^"\n]*"
    | `[^`\n]*`
    | --[^\n]*
    | ^[ \t]*\#[^\n]*
    | /\*[\s\S]*?\*/
    | \$(?P<tag>\w*)\$[\s\S]*?\$(?P=tag)\$
    | (?P<end>;)
    | ^[ \t]*(?P<go>GO)(?:[ \t]+\d+)?[ \t]*(?:--[^\n]*)?\r?$
    | ^(?P<indent>[ \t]*)(?P<create>CREATE\s+(?:OR\s+(?:ALTER|REPLACE)\s+)?
        (?:(?P<relation>TABLE|VIEW)|(?P<routine>PROC(?:EDURE)?|FUNCTION|TRIGGER))\b)
    """,
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_LEAD = re.compile(r"(?:\s+|--[^\n]*|\#[^\n]*|/\*[\s\S]*?\*/)*")
_MYSQL_ONLY = re.compile(r"/\*!\d+\s([\s\S]*?)\*/")


class Statement(msgspec.Struct, frozen=True):
    """One statement: its text without what stands before it, those comments, and its line (1-based)."""

    text: str
    comments: str
    line: int


def statements(text: str, *, dialect: str = "tsql") -> Iterator[Statement]:
    """Cut a script at semicolons, at lines that hold only GO, and before lines that begin a CREATE.

    What a procedure, function or trigger does is no part of the schema: in T-SQL such a batch is one statement.
    """
    if dialect in ("mysql", "mariadb") and "/*!" in text:
        # MySQL's dumps put what other databases would not understand into comments; line ends stay.
        text = _MYSQL_ONLY.sub(r"\1", text)
    line, counted = 1, 0
    for start, end in _cuts(text, dialect):
        lead = _LEAD.match(text, start, end)
        begins = lead.end() if lead else start
        if begins < end:
            line += text.count("\n", counted, begins)
            counted = begins
            yield Statement(text[begins:end].rstrip(), text[start:begins], line)


def _cuts(text: str, dialect: str) -> Iterator[tuple[int, int]]:
    start, routine = 0, False
    for token in _TOKEN.finditer(text):
        what = token.lastgroup
        if what is None or what == "tag":
            continue
        if what == "go" or (what == "end" and not routine):
            yield start, token.start()
            start, routine = token.end(), False
        elif what in ("relation", "routine", "create"):
            begins = token.start("create")
            if routine and (token["routine"] or token["indent"]):
                continue
            lead = _LEAD.match(text, start, begins)
            if lead is None or lead.end() < begins:
                # The statement before has no end of its own; the comments above this one belong to this one.
                cut = _above(text, start, token.start())
                yield start, cut
                start = cut
            routine = bool(token["routine"]) and dialect == "tsql"
    yield start, len(text)


def _above(text: str, start: int, position: int) -> int:
    """Go up from a line over the comment lines above it, no further than ``start``."""
    while position > start:
        above = text.rfind("\n", start, position - 1) + 1
        above = max(above, start)
        if not text[above:position].lstrip().startswith("--"):
            break
        position = above
    return position
