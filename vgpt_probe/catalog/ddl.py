"""Reading a schema from DDL (CREATE TABLE and CREATE VIEW statements) with sqlglot."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from vgpt_probe.catalog.model import Column, Kind, Relation, module_of

if TYPE_CHECKING:
    from sqlglot import exp

_GO = re.compile(r"^\s*GO\s*(?:\d+\s*)?$", re.IGNORECASE | re.MULTILINE)
_END = re.compile(r";[ \t]*(?:\r?\n|$)")
_CREATE = re.compile(
    r"^\s*CREATE\s+(?:OR\s+(?:ALTER|REPLACE)\s+)?(?:TABLE|VIEW)\b", re.IGNORECASE | re.MULTILINE
)
_CLUSTERED = re.compile(r"\b(PRIMARY\s+KEY|UNIQUE)\s+(?:NON)?CLUSTERED\b", re.IGNORECASE)
_KIND = re.compile(r"^(view|table)\b", re.IGNORECASE)
_BASE = re.compile(r"(?:base table|view of)\s+\[?(\w+)\]?", re.IGNORECASE)
_MORE_COLUMNS = re.compile(r"\.\.\.\s*(?:\d+\s+)?more columns?\b")


def read_ddl(
    text: str, *, dialect: str = "tsql", default_schema: str = "dbo"
) -> tuple[list[Relation], list[tuple[int, str]]]:
    """Read the relations that a DDL text creates.

    Returns them with a list of (line, what) for each CREATE statement that could not be read. A comment above
    a statement can describe it: ``-- view APTH (base table bAPTH): AP Transaction Header``.
    """
    from sqlglot.errors import SqlglotError

    # sqlglot warns of what it keeps as an opaque command; we count those ourselves.
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    relations: dict[str, Relation] = {}
    skipped: list[tuple[int, str]] = []
    for line, statement in _statements(text):
        if not _CREATE.search(statement):
            continue
        try:
            relation = _relation(statement, dialect, default_schema)
        except (SqlglotError, RecursionError, ValueError) as fault:
            skipped.append((line, str(fault).splitlines()[0] if str(fault) else type(fault).__name__))
            continue
        if relation is None:
            skipped.append((line, "not a CREATE TABLE or CREATE VIEW that can be read"))
        else:
            relations[relation.qualified] = relation
    return _with_base_columns(relations), skipped


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Cut a script at GO lines and at semicolons that end a line; yield (1-based line, statement)."""
    start = 0
    ends = sorted(
        {match.end() for match in _GO.finditer(text)} | {match.end() for match in _END.finditer(text)}
    )
    line = 1
    for end in [*ends, len(text)]:
        chunk = _GO.sub("", text[start:end])
        if chunk.strip():
            lead = len(chunk) - len(chunk.lstrip())
            yield line + chunk.count("\n", 0, lead), chunk.strip().rstrip(";")
        line += text.count("\n", start, end)
        start = end


def _relation(statement: str, dialect: str, default_schema: str) -> Relation | None:
    import sqlglot
    from sqlglot import exp

    # sqlglot's T-SQL does not know where a clustered key ends; how rows are stored is nothing to a catalog.
    created = sqlglot.parse_one(_CLUSTERED.sub(r"\1", statement), dialect=dialect)
    if not isinstance(created, exp.Create) or created.kind not in ("TABLE", "VIEW"):
        return None
    target = created.this
    table = target if isinstance(target, exp.Table) else target.find(exp.Table)
    if table is None or not table.name:
        return None
    kind, description, base = _described(statement, "view" if created.kind == "VIEW" else "table")
    columns = tuple(
        Column(column.name, _type(column, dialect), _nullable(column))
        for column in (target.expressions if isinstance(target, exp.Schema) else [])
        if isinstance(column, exp.ColumnDef)
    )
    if created.kind == "VIEW" and created.expression is not None:
        base = base or _base_of(created.expression)
        if not columns:
            columns = tuple(Column(name) for name in created.expression.named_selects if name and name != "*")
    return Relation(
        name=table.name,
        schema=table.db or default_schema,
        kind=kind,
        description=description,
        module=module_of(table.name),
        columns=columns,
        key=_key(target),
        columns_complete=bool(columns) and not _MORE_COLUMNS.search(statement),
        base=base,
    )


def _described(statement: str, kind: Kind) -> tuple[Kind, str | None, str | None]:
    """Read kind, description and base table from the comment lines above a statement."""
    description: str | None = None
    base: str | None = None
    for line in statement.splitlines():
        stripped = line.strip()
        if not stripped.startswith("--"):
            if stripped:
                break
            continue
        comment = stripped.lstrip("-").strip()
        if said := _KIND.match(comment):
            kind = "view" if said[1].lower() == "view" else "table"
            if named := _BASE.search(comment):
                base = named[1] if kind == "view" else None
        head, colon, rest = comment.partition(": ")
        if colon and _KIND.match(head):
            description = rest.strip() or None
    return kind, description, base


def _type(column: exp.ColumnDef, dialect: str) -> str | None:
    kind = column.args.get("kind")
    if kind is None:
        return None
    text = kind.sql(dialect=dialect)
    return None if text.lower().startswith("sql_variant") else text


def _nullable(column: exp.ColumnDef) -> bool | None:
    from sqlglot import exp

    for constraint in column.constraints:
        if isinstance(constraint.kind, exp.NotNullColumnConstraint):
            return bool(constraint.kind.args.get("allow_null"))
        if isinstance(constraint.kind, exp.PrimaryKeyColumnConstraint):
            return False
    return None


def _key(target: exp.Expression) -> tuple[str, ...]:
    from sqlglot import exp

    primary = target.find(exp.PrimaryKey)
    if primary is not None:
        return tuple(part.find(exp.Identifier).name for part in primary.expressions)
    return tuple(
        column.name
        for column in target.find_all(exp.ColumnDef)
        if any(
            isinstance(constraint.kind, exp.PrimaryKeyColumnConstraint) for constraint in column.constraints
        )
    )


def _base_of(query: exp.Expression) -> str | None:
    """Name the one table that ``SELECT * FROM base`` reads; None for any other view."""
    from sqlglot import exp

    tables = list(query.find_all(exp.Table))
    return tables[0].name if len(tables) == 1 and query.find(exp.Star) else None


def _with_base_columns(relations: dict[str, Relation]) -> list[Relation]:
    """Give a view over one base table the columns and key of that table where it lists none."""
    import msgspec

    by_name = {relation.name: relation for relation in relations.values()}
    filled = []
    for relation in relations.values():
        base = by_name.get(relation.base or "")
        if base is not None and base is not relation:
            relation = msgspec.structs.replace(
                relation,
                columns=relation.columns or base.columns,
                columns_complete=relation.columns_complete if relation.columns else base.columns_complete,
                key=relation.key or base.key,
            )
        filled.append(relation)
    return filled
