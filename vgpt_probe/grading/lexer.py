"""A small T-SQL reader for broken, truncated and half-quoted statements: tables, aliases and columns, no grammar.

It is what reads the tables of an answer when the statement is simple or when sqlglot can't parse it.
"""

# Patterns and tables read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .lexicon import word_set

__all__ = ["KEYWORDS", "LEX", "ColumnRef", "Scan", "TableRef", "scan"]

LEX = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))|(?P<string>N?'(?:[^']|'')*(?:'|\Z))"
    r"|(?P<name>\[[^\]\n]{1,130}\]|\"[^\"\n]{1,130}\"|[@#]{0,2}[A-Za-z_][\w@$#]*(?:-[A-Za-z]\w*)*)|(?P<number>\d[\d.]*)|(?P<space>\s+)|(?P<mark>.)",
    re.DOTALL,
)
KEYWORDS = word_set(
    "select from where join inner left right full outer cross apply on group by order having union all except "
    "intersect with as and or not in is null like between exists case when then else end top distinct into "
    "values insert update delete set merge using create alter drop truncate table view exec execute declare "
    "if begin go over partition asc desc offset fetch next rows only percent option pivot unpivot for xml "
    "path nolock holdlock rowlock updlock tablock readpast output inserted deleted print return while waitfor "
    "collate any some ties use"
)
# Keywords that models use as table names all the same: FROM Order.
_SOFT = word_set("order group view user key case option partition path output any values percent table")
_STARTS = word_set(
    "select insert update delete merge create alter drop truncate exec execute declare if print with use"
)
_HINTS = word_set(
    "nolock readuncommitted readpast updlock holdlock rowlock tablock xlock index forceseek serializable "
    "noexpand tablockx"
)


@dataclass(frozen=True)
class TableRef:
    """A relation that a statement reads or writes; `verb` is the word that led to it (from, join, into, update, create …)."""

    name: str
    schema: str | None
    alias: str | None
    verb: str
    nolock: bool
    start: int
    end: int
    statement: int


@dataclass(frozen=True)
class ColumnRef:
    """A column as written: its qualifier (alias or table) or None, and the clause it stands in (select, on, where …).

    `equals` is what it is set equal to, if that is a column too.
    """

    name: str
    qualifier: str | None
    start: int
    end: int
    statement: int
    clause: str = ""
    equals: tuple[str | None, str] | None = None


@dataclass
class Scan:
    """What one stretch of SQL holds; `plain` is true while nothing needs a grammar (no subquery, CTE, APPLY, MERGE …)."""

    tables: list[TableRef] = field(default_factory=list)
    columns: list[ColumnRef] = field(default_factory=list)
    comments: list[tuple[int, int]] = field(default_factory=list)
    strings: list[tuple[int, int]] = field(default_factory=list)
    ctes: set[str] = field(default_factory=set)
    aliases: set[str] = field(default_factory=set)
    verbs: set[str] = field(default_factory=set)
    plain: bool = True
    statements: int = 0


def _bare(name: str) -> str:
    return name[1:-1] if name[0] in '["' else name


def scan(sql: str) -> Scan:
    """Reads SQL text (several statements, comments, broken ones too); never raises."""
    found = Scan()
    lexed: list[tuple[str, str, int, int]] = []
    for match in LEX.finditer(sql):
        kind = match.lastgroup or "mark"
        if kind == "comment":
            found.comments.append(match.span())
        elif kind == "string":
            found.strings.append(match.span())
            lexed.append((kind, match.group(), match.start(), match.end()))
        elif kind != "space":
            lexed.append((kind, match.group(), match.start(), match.end()))
    _walk(lexed, found)
    if found.ctes:
        found.tables = [
            table for table in found.tables if table.schema or table.name.lower() not in found.ctes
        ]
    return found


def _walk(lexed: list[tuple[str, str, int, int]], found: Scan) -> None:
    position, depth, statement = 0, 0, 0
    from_depths: list[int] = []
    # For each open bracket, whether it belongs to a call, where "from" may be an argument: TRIM(x FROM y).
    calls: list[bool] = []
    total = len(lexed)
    previous = clause = ""
    fresh = True
    while position < total:
        kind, raw, _start, _end = lexed[position]
        word = raw.lower() if kind == "name" and raw[0] not in '["' else ""
        if raw == "(":
            depth += 1
            inner = position + 1 < total and lexed[position + 1][1].lower() in ("select", "with", "(")
            calls.append(not inner and previous not in ("join", "from", ",", "using", "apply"))
            if inner and lexed[position + 1][1].lower() == "select":
                found.plain = False
        elif raw == ")":
            depth = max(0, depth - 1)
            if calls:
                calls.pop()
            while from_depths and from_depths[-1] > depth:
                from_depths.pop()
        elif raw == ";" or word == "go":
            statement, depth, fresh = statement + 1, 0, True
            from_depths.clear()
            calls.clear()
        elif (
            word in _STARTS
            and depth == 0
            and not fresh
            and word in ("select", "insert", "update", "delete", "exec", "merge", "create", "declare")
        ):
            if (
                previous
                not in (
                    "union",
                    "all",
                    "except",
                    "intersect",
                    "as",
                    "for",
                    "else",
                    "begin",
                    "after",
                    "on",
                    ")",
                )
                or word != "select"
            ) and not (word in ("update", "delete") and previous in ("on", "for", "then", "key", "of")):
                statement += 1
                from_depths.clear()
            found.verbs.add(word)
        elif word in _STARTS:
            found.verbs.add(word)
        if word in _CLAUSES:
            clause = word
        if word and word not in ("with",):
            fresh = fresh and word == "go"
        if word in (
            "union",
            "apply",
            "merge",
            "pivot",
            "unpivot",
            "intersect",
            "except",
            "declare",
            "exec",
            "execute",
            "if",
            "create",
            "over",
        ):
            found.plain = False
        if word == "with" and position + 1 < total and lexed[position + 1][0] == "name":
            name = _bare(lexed[position + 1][1])
            found.ctes.add(name.lower())
            found.plain = False
        if (
            (
                raw == ","
                and found.ctes
                and position + 2 < total
                and lexed[position + 2][1].lower() == "as"
                and depth == 0
            )
            and position + 3 < total
            and lexed[position + 3][1] == "("
        ):
            found.ctes.add(_bare(lexed[position + 1][1]).lower())
        takes = (
            (
                word in ("from", "join", "apply")
                and not (word == "from" and (previous == "distinct" or (calls and calls[-1])))
            )
            or (word == "into" and previous != "select")
            or (word == "update" and previous not in ("for", "on", "then"))
            or (word == "table" and previous in ("create", "alter", "drop", "truncate"))
            or (word == "view" and previous in ("create", "alter", "drop"))
            or (word == "using" and "merge" in found.verbs)
            or (raw == "," and bool(from_depths) and from_depths[-1] == depth)
        )
        if takes:
            if word == "from":
                from_depths.append(depth)
            verb = word or "from"
            if word in ("table", "view"):
                verb = previous
            after = _table(lexed, position + 1, verb, statement, found)
            if after > position + 1:
                position = after
                previous = "table"
                fresh = False
                continue
        elif (
            word in ("where", "group", "order", "having", "on", "set", "select", "union", "option", "values")
            and from_depths
            and from_depths[-1] == depth
        ):
            if word != "on":
                from_depths.pop()
        elif kind == "name" and (not word or word not in KEYWORDS) and word[:1] != "@":
            position = _column(lexed, position, statement, found, previous, clause)
            previous = "name"
            continue
        previous = word or raw
        position += 1
    found.statements = statement + 1


def _parts(lexed: list[tuple[str, str, int, int]], position: int) -> tuple[list[str], int]:
    parts = [_bare(lexed[position][1])]
    position += 1
    while (
        position + 1 < len(lexed)
        and lexed[position][1] == "."
        and (lexed[position + 1][0] == "name" or lexed[position + 1][1] in "*.")
    ):
        if lexed[position + 1][1] == ".":
            position += 1
            continue
        parts.append(_bare(lexed[position + 1][1]))
        position += 2
    return parts, position


def _table(
    lexed: list[tuple[str, str, int, int]], position: int, verb: str, statement: int, found: Scan
) -> int:
    """Reads a table reference at `position`; the position after it, or `position` if there is none."""
    total = len(lexed)
    if verb in ("update", "into") and position < total and lexed[position][1].lower() == "top":
        return position
    if position >= total or lexed[position][0] != "name":
        return position
    raw = lexed[position][1]
    if raw[0] not in '["' and raw.lower() in KEYWORDS:
        following = lexed[position + 1][1].lower() if position + 1 < total else ""
        if raw.lower() not in _SOFT or following in ("by", "("):
            return position
    start = lexed[position][2]
    parts, after = _parts(lexed, position)
    end = lexed[after - 1][3]
    nolock = False
    if after < total and lexed[after][1] == "(":
        inside = lexed[after + 1][1].lower() if after + 1 < total else ""
        if inside in _HINTS:
            after, nolock = _hints(lexed, after)
        elif verb not in ("into", "create"):
            # A table-valued function, not a relation.
            found.plain = False
            return after
    alias = None
    if verb not in ("into", "create", "drop", "alter", "truncate"):
        if (
            after < total
            and lexed[after][1].lower() == "as"
            and after + 1 < total
            and lexed[after + 1][0] == "name"
        ):
            alias, after = _bare(lexed[after + 1][1]), after + 2
        elif (
            after < total
            and lexed[after][0] == "name"
            and (lexed[after][1][0] in '["' or lexed[after][1].lower() not in KEYWORDS)
        ):
            alias, after = _bare(lexed[after][1]), after + 1
        if after + 1 < total and lexed[after][1].lower() == "with" and lexed[after + 1][1] == "(":
            after, nolock = _hints(lexed, after + 1)
        elif after + 1 < total and lexed[after][1] == "(" and lexed[after + 1][1].lower() in _HINTS:
            after, nolock = _hints(lexed, after)
    name = parts[-1]
    if name[:1] not in "#@" and name != "*":
        schema = parts[-2] if len(parts) > 1 else None
        found.tables.append(TableRef(name, schema, alias, verb, nolock, start, end, statement))
    return after


def _hints(lexed: list[tuple[str, str, int, int]], position: int) -> tuple[int, bool]:
    nolock = False
    while position < len(lexed):
        raw = lexed[position][1].lower()
        if raw in ("nolock", "readuncommitted"):
            nolock = True
        position += 1
        if raw == ")":
            break
        if raw in (";", "where", "join", "select"):
            return position - 1, nolock
    return position, nolock


_CLAUSES = word_set("select from on where group order having set values into")


def _column(
    lexed: list[tuple[str, str, int, int]],
    position: int,
    statement: int,
    found: Scan,
    previous: str,
    clause: str,
) -> int:
    start = lexed[position][2]
    parts, after = _parts(lexed, position)
    end = lexed[after - 1][3]
    name = parts[-1]
    if after < len(lexed) and lexed[after][1] == "(":
        return after
    following = lexed[after][1] if after < len(lexed) else ""
    if previous in ("as", "name", ")", "end", "number", "string", "collate") or (
        clause == "select" and following == "=" and len(parts) == 1
    ):
        found.aliases.add(name.lower())
        return after
    if name != "*" and name[:1] not in "@#" and clause not in ("values", "into"):
        equals = None
        if following == "=" and after + 1 < len(lexed) and lexed[after + 1][0] == "name":
            other, _ = _parts(lexed, after + 1)
            if other[-1][:1] not in "@#":
                equals = (other[-2] if len(other) > 1 else None, other[-1])
        found.columns.append(
            ColumnRef(name, parts[-2] if len(parts) > 1 else None, start, end, statement, clause, equals)
        )
    return after
