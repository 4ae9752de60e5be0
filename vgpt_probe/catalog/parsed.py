"""What sqlglot's tree of a CREATE statement says of a relation; and what can be told without a tree."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from vgpt_probe.catalog.model import Column, ForeignKey
from vgpt_probe.catalog.plain import NAME, NO_COLUMN, normal_type, unquoted

if TYPE_CHECKING:
    from sqlglot import exp


def shown_by(query: exp.Query) -> tuple[list[Column | str], str | None]:
    """What a view's query shows: columns, and tables shown whole; and the one table that it is a view of, if any."""
    from sqlglot import exp

    select = query if isinstance(query, exp.Select) else query.find(exp.Select)
    if select is None:
        return [], None
    tables = {
        table.alias_or_name: ".".join(_bracketed(part) for part in (table.db, table.name) if part)
        for table in select.find_all(exp.Table)
    }
    local = {cte.alias for cte in query.find_all(exp.CTE)}
    shown: list[Column | str] = []
    for one in select.selects:
        if isinstance(one, exp.Star):
            shown += [name if table not in local else "" for table, name in tables.items()] or [""]
        elif isinstance(one, exp.Column) and isinstance(one.this, exp.Star):
            shown.append(tables.get(one.table, "") if one.table not in local else "")
        elif one.alias_or_name:
            shown.append(Column(one.alias_or_name))
        else:
            shown.append("")
    stars = [one for one in shown if isinstance(one, str) and one]
    whole = len(tables) == 1 and len(stars) == 1 and len(list(query.find_all(exp.Table))) == 1
    return shown, next(iter(select.find_all(exp.Table))).name if whole else None


def _bracketed(name: str) -> str:
    return "[" + name.replace("]", "]]") + "]"


def nullable_of(column: exp.ColumnDef) -> bool | None:
    """Whether a column takes NULL, where its definition says so."""
    from sqlglot import exp

    nullable: bool | None = None
    for kind in _constraints_of(column):
        if isinstance(kind, exp.PrimaryKeyColumnConstraint):
            return False
        if isinstance(kind, exp.NotNullColumnConstraint):
            nullable = bool(kind.args.get("allow_null")) and nullable is not False
    return nullable


def _constraints_of(column: exp.ColumnDef) -> list[object]:
    """The kinds of a column's constraints; some that sqlglot makes of mistakes have none."""
    return [constraint.args.get("kind") for constraint in column.constraints]


def key_of(target: exp.Expression) -> tuple[str, ...]:
    """The columns of the primary key that a CREATE TABLE gives."""
    from sqlglot import exp

    primary = target.find(exp.PrimaryKey)
    if primary is not None:
        found = (part.find(exp.Identifier) for part in primary.expressions)
        return tuple(part.name for part in found if part is not None)
    return tuple(
        column.name
        for column in target.find_all(exp.ColumnDef)
        if any(isinstance(kind, exp.PrimaryKeyColumnConstraint) for kind in _constraints_of(column))
    )


def references_of(target: exp.Expression) -> tuple[ForeignKey, ...]:
    """The foreign keys that a CREATE TABLE gives."""
    from sqlglot import exp

    found = []
    for key in target.find_all(exp.ForeignKey):
        reference = key.args.get("reference")
        table = reference.find(exp.Table) if reference is not None else None
        if reference is not None and table is not None:
            to = reference.this.expressions if isinstance(reference.this, exp.Schema) else []
            name = ".".join(part for part in (table.db, table.name) if part)
            found.append(
                ForeignKey(tuple(one.name for one in key.expressions), name, tuple(one.name for one in to))
            )
    return tuple(found)


def outlines(body: str, dialect: str) -> tuple[tuple[Column, ...], bool]:
    """The columns of a table that no parser understands, by name, type and NOT NULL; and whether these are all."""
    columns, whole = [], True
    for element in _elements(body):
        text = _COMMENT.sub(" ", element).strip()
        found = _OUTLINE.match(text)
        if text and NO_COLUMN.match(text.split(None, 1)[0]):
            continue
        if found is None:
            whole = False
            continue
        kind = None if found["type"].upper() == "AS" else normal_type(found["type"], dialect)
        nullable = False if re.search(r"\bNOT\s+NULL\b", text, re.IGNORECASE) else None
        columns.append(Column(unquoted(found["name"]), kind, nullable))
    return tuple(columns), whole and bool(columns)


_OUTLINE = re.compile(rf"(?P<name>{NAME})\s+(?P<type>{NAME}(?:\.{NAME})?(?:\s*\([\d\s,]+\))?)")
# A comment without an end goes on to the end: looking for one from each place would take long.
_COMMENT = re.compile(r"--[^\n]*|/\*[\s\S]*?(?:\*/|\Z)")


def _elements(body: str) -> Iterable[str]:
    """Cut a column list at the commas that are in no inner parentheses."""
    depth, start = 0, 0
    for mark in re.finditer(r"[(),]|'(?:[^']|'')*'|\[[^\]]*\]|--[^\n]*|/\*[\s\S]*?(?:\*/|\Z)", body):
        if mark[0] == "(":
            depth += 1
            start = mark.end() if depth == 1 else start
        elif mark[0] == ")":
            depth -= 1
            if not depth:
                yield body[start : mark.start()]
                return
        elif mark[0] == "," and depth == 1:
            yield body[start : mark.start()]
            start = mark.end()
