"""Where SQL stands in prose without any fence around it."""

# Patterns read better unbroken.

from __future__ import annotations

import re

from .lexer import KEYWORDS, LEX
from .lexicon import word_set

__all__ = ["extents"]

_PROSE = word_set(
    "fails fail works work will would does do returns return is are was gives because but which that this "
    "should shows so there no however might may can cannot can't won't doesn't wouldn't instead existiert "
    "gibt nicht existe y und oder to if you it and then result results throws raises errors produces assuming "
    "since"
)
_NEVER_SQL = word_set(
    "provided assuming but there because which however so you it does fails will would aber pero since instead this that "
    "we they there's doesn't refers uses references gives raises was has"
)
_CONTRACTED = word_set(
    "doesn isn won wouldn don didn can couldn wasn shouldn hasn haven aren weren mustn ain"
)
_CLOSED = re.compile(r'"(?=[\s.,;:!?)]|\Z)')
_START = re.compile(
    r"\bSELECT\s+(?:OBJECT_ID|OBJECTPROPERTY|@@|DB_NAME|HAS_PERMS_BY_NAME)\b|\bSELECT\s+(?=[^;]{0,1500}?\bFROM\b)|\bWITH\s+\w+\s*(?:\([^()]{0,300}\)\s*)?AS\s*\(|\bINSERT\s+INTO\s+[\w\[]|\bUPDATE\s+[\w\[\].]+\s+SET\b|\bDELETE\s+FROM\s+[\w\[]"
    r"|\bIF\s+(?:NOT\s+)?(?:EXISTS\s*\(|OBJECT_ID\s*\()|\bEXEC(?:UTE)?\s+[\w\[]|\b(?:CREATE|ALTER|DROP|TRUNCATE)\s+(?:TABLE|VIEW)\s+(?:IF\s+EXISTS\s+)?[\w\[]"
    r"|\b(?i:select)\s+(?i:(?:top\s*\(?\d+\)?\s+|distinct\s+)?(?:\*|count\s*\(|[\w.\[\]]+\s*,\s*[\w.\[\]]+|\w+\.\w+)(?=[^;]{0,800}?\bfrom\s+[\w\[]))"
)


def extents(text: str) -> list[tuple[int, int]]:
    """Where bare SQL statements stand in prose, as (start, end) pairs that do not overlap."""
    out: list[tuple[int, int]] = []
    position = 0
    # Every start looks ahead a bounded stretch; the count of starts that may fail is bounded too.
    for _ in range(200):
        match = _START.search(text, position)
        if match is None:
            break
        end = _extent(text, match.start())
        closed = (
            _CLOSED.search(text, match.start(), end)
            if text[match.start() - 1 : match.start()] == '"'
            else None
        )
        if closed is not None:
            # A statement in quotation marks ends with them.
            end = closed.start()
        out.append((match.start(), end))
        position = max(end, match.end())
    return out


def _extent(text: str, start: int) -> int:
    end = start
    names = 0
    depth = 0
    previous = ""
    end_before = start
    for match in LEX.finditer(text, start):
        raw = match.group()
        kind = match.lastgroup
        if kind == "space":
            if raw.count("\n") > 1:
                break
            continue
        if kind == "name" and raw[0] not in '["@#':
            word = raw.lower()
            if word in KEYWORDS or depth > 0:
                if word == "with" and match.start() > start and text[match.end() :].lstrip()[:1] != "(":
                    break
                if (
                    word
                    in (
                        "is",
                        "as",
                        "in",
                        "for",
                        "and",
                        "or",
                        "not",
                        "if",
                        "use",
                        "all",
                        "any",
                        "some",
                        "with",
                        "then",
                        "when",
                        "on",
                    )
                    and raw.islower()
                    and text[start].isupper()
                ):
                    break
                names = 0
            elif word in _CONTRACTED and text[match.end() : match.end() + 2] in ("'t", "’t"):
                # "… FROM Clients doesn't work".
                break
            elif (word in _NEVER_SQL and raw.islower()) or (
                word in _PROSE and (previous not in (",", "select", ".", "=") or (raw.islower() and names))
            ):
                break
            elif previous == "name":
                names += 1
                if names > 1:
                    end = end_before
                    break
            previous = "name" if word not in KEYWORDS else word
        elif kind == "mark":
            if raw == "." and text[match.end() : match.end() + 1] in ("", " ", "\n", "'", '"'):
                break
            if raw in "`:?!—–…":
                break
            depth += (raw == "(") - (raw == ")")
            if depth < 0:
                break
            names = 0
            previous = raw
            if raw == ";":
                end = match.end()
                break
        else:
            names = 0
            previous = kind or ""
        end_before = end
        end = match.end()
    while end > start + 6 and text[end - 1] in ", \n\t":
        end -= 1
    return max(end, start + 6)
