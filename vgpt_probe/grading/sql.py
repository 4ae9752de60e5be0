"""Checks the SQL of an answer: relations and columns against the catalog, house rules as style findings."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from vgpt_probe.catalog.joins import too_many_open_joins

from .lexer import Scan, scan
from .model import StyleFinding, StyleRules
from .style import findings

if TYPE_CHECKING:
    from vgpt_probe.catalog.model import Catalog

__all__ = ["Checked", "check_sql", "resolve_sql", "scan_cached"]

# sqlglot recurses and is slow: what is longer or nested deeper is read by the small lexer alone.
_MAX_PARSE = 6_000
_MAX_DEPTH = 40


@dataclass(frozen=True)
class Checked:
    """What the SQL of an answer reads, and what of it the catalog does not know."""

    tables: tuple[str, ...] = ()
    unknown_tables: tuple[str, ...] = ()
    unknown_columns: tuple[str, ...] = ()
    style: tuple[StyleFinding, ...] = ()


@dataclass(frozen=True)
class Resolved:
    """Relations in order of appearance (schema or None, name), and columns whose relation is certain."""

    tables: tuple[tuple[str | None, str], ...]
    columns: tuple[tuple[str, str], ...]


@lru_cache(maxsize=16384)
def scan_cached(text: str) -> Scan:
    """`scan`, remembered by text."""
    return scan(text)


@lru_cache(maxsize=16384)
def resolve_sql(text: str) -> Resolved:
    """Relations and their columns, aliases and CTEs resolved.

    Simple statements are read by the lexer; the rest goes through sqlglot, and back to the lexer if it can't be parsed.
    """
    found = scan_cached(text)
    parses = not found.plain and len(text) <= _MAX_PARSE and _depth(text) <= _MAX_DEPTH
    if parses and not too_many_open_joins(text):
        parsed = _parse(text)
        if parsed is not None:
            return parsed
    return _from_scan(found)


def _depth(text: str) -> int:
    depth = most = 0
    for char in text:
        if char == "(":
            depth += 1
            most = max(most, depth)
        elif char == ")":
            depth -= 1
    return most


def _from_scan(found: Scan) -> Resolved:
    names: dict[tuple[int, str], str] = {}
    sources: dict[int, list[str]] = {}
    for table in found.tables:
        names[table.statement, (table.alias or table.name).lower()] = table.name
        names.setdefault((table.statement, table.name.lower()), table.name)
        sources.setdefault(table.statement, []).append(table.name)
    columns: dict[tuple[str, str], None] = {}
    for column in found.columns:
        if column.qualifier is not None:
            owner = names.get((column.statement, column.qualifier.lower()))
            if owner is not None:
                columns.setdefault((owner, column.name))
        elif (
            found.plain
            and len(set(sources.get(column.statement, ()))) == 1
            and column.name.lower() not in found.aliases
        ):
            columns.setdefault((sources[column.statement][0], column.name))
    return Resolved(
        tuple(dict.fromkeys((table.schema, table.name) for table in found.tables)), tuple(columns)
    )


def _parse(text: str) -> Resolved | None:
    """sqlglot's view of the statements, or None if they can't be parsed."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import ErrorLevel, SqlglotError
    from sqlglot.optimizer.scope import traverse_scope

    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    tables: dict[tuple[str | None, str], None] = {}
    columns: dict[tuple[str, str], None] = {}
    try:
        for tree in sqlglot.parse(text, dialect="tsql", error_level=ErrorLevel.RAISE):
            if tree is None:
                continue
            if isinstance(tree, exp.Command):
                return None
            ctes = {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)}
            for table in tree.find_all(exp.Table):
                plain = isinstance(table.this, exp.Identifier) and not table.this.args.get("temporary")
                named = table.name and table.name[:1] not in "#@"
                if plain and named and (table.db or table.name.lower() not in ctes):
                    tables.setdefault((table.db or None, table.name))
            queries = [tree] if isinstance(tree, exp.Query) else list(tree.find_all(exp.Select))[:1]
            for query in queries:
                for scope in traverse_scope(query):
                    columns.update(dict.fromkeys(_scope_columns(scope, exp)))
    except (SqlglotError, RecursionError, ValueError, AttributeError, KeyError, TypeError, IndexError):
        # Whatever sqlglot stumbles over, the lexer still reads.
        return None
    return Resolved(tuple(tables), tuple(columns))


def _scope_columns(scope, exp) -> Iterator[tuple[str, str]]:  # type: ignore[no-untyped-def]
    sources = {name: source.name for name, source in scope.sources.items() if isinstance(source, exp.Table)}
    aliases = (
        {alias.alias.lower() for alias in scope.expression.find_all(exp.Alias)} if scope.expression else set()
    )
    alone = (
        len(scope.sources) == 1
        and len(sources) == 1
        and not scope.is_subquery
        and not scope.is_correlated_subquery
    )
    for column in scope.columns:
        if column.table:
            if column.table in sources:
                yield sources[column.table], column.name
        elif alone and column.name.lower() not in aliases and scope.parent is None:
            yield next(iter(sources.values())), column.name


_CHECKED: WeakKeyDictionary[Catalog, dict[tuple[str, StyleRules], Checked]] = WeakKeyDictionary()
_KEEP = 16_384


def check_sql(
    statements: Sequence[tuple[str, int]],
    catalog: Catalog | None,
    rules: StyleRules,
    place: Callable[[int, int], tuple[int, int]],
) -> Checked:
    """Checks statements given as (text, start in the cleaned text); `place` turns spans there into spans of the answer."""
    if not statements:
        return Checked()
    tables: dict[str, None] = {}
    unknown: dict[str, None] = {}
    columns: dict[str, None] = {}
    style: list[StyleFinding] = []
    for text, start in statements:
        one = _one(text, catalog, rules)
        tables.update(dict.fromkeys(one.tables))
        unknown.update(dict.fromkeys(one.unknown_tables))
        columns.update(dict.fromkeys(one.unknown_columns))
        for found in one.style:
            span = None if found.span is None else place(start + found.span[0], start + found.span[1])
            style.append(StyleFinding(found.rule, found.message, found.table, span))
    return Checked(tuple(tables), tuple(unknown), tuple(columns), tuple(style))


def _one(text: str, catalog: Catalog | None, rules: StyleRules) -> Checked:
    if catalog is None:
        return _check(text, None, rules)
    cache = _CHECKED.setdefault(catalog, {})
    checked = cache.get((text, rules))
    if checked is None:
        if len(cache) >= _KEEP:
            cache.clear()
        checked = cache[text, rules] = _check(text, catalog, rules)
    return checked


def _check(text: str, catalog: Catalog | None, rules: StyleRules) -> Checked:
    resolved = resolve_sql(text)
    tables: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for schema, name in resolved.tables:
        if schema is not None and schema.lower() in ("information_schema", "sys"):
            continue
        tables.setdefault(name)
        if (
            catalog is not None
            and catalog.get(name) is None
            and (schema is None or catalog.get(f"{schema}.{name}") is None)
        ):
            unknown.setdefault(name)
    columns: dict[str, None] = {}
    if catalog is not None:
        for owner, column in resolved.columns:
            relation = catalog.get(owner)
            if relation is None or not relation.columns or not relation.columns_complete:
                continue
            names = {known.name for known in relation.columns}
            if column not in names and (
                catalog.case_sensitive or column.lower() not in {name.lower() for name in names}
            ):
                columns.setdefault(f"{owner}.{column}")
    return Checked(tuple(tables), tuple(unknown), tuple(columns), findings(scan_cached(text), catalog, rules))
