"""The house rules for SQL on the user's database; a finding here never touches existence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from .lexer import Scan, TableRef
from .model import StyleFinding, StyleRules
from .names import real_spelling

if TYPE_CHECKING:
    from vgpt_probe.catalog.model import Catalog, Relation

__all__ = ["findings"]

_READS = ("from", "join", "apply", "using")
_COMPANY = re.compile(r"[A-Z]{0,2}Co\Z")


def findings(found: Scan, catalog: Catalog | None, rules: StyleRules) -> tuple[StyleFinding, ...]:
    """All broken rules in scanned SQL, in the order of the rules; spans are offsets in the scanned text."""
    out: list[StyleFinding] = []
    read = [
        table
        for table in found.tables
        if table.verb in _READS and (table.schema or "").lower() not in ("sys", "information_schema")
    ]
    if rules.nolock and "select" in found.verbs:
        out += [
            _table("nolock", f"{table.name} is read without WITH (NOLOCK)", table)
            for table in read
            if not table.nolock
        ]
    if rules.no_aliases:
        out += [
            _table("no_aliases", f"{table.name} has the alias {table.alias}", table)
            for table in found.tables
            if table.alias and table.alias != table.name
        ]
    if catalog is None:
        return tuple(out)
    if (
        rules.view_for_select
        and "select" in found.verbs
        and not found.verbs & {"update", "delete", "insert", "merge"}
    ):
        views = _views(catalog)
        out += [
            _table(
                "view_for_select", f"{table.name} is a base table; read the view {views[table.name]}", table
            )
            for table in read
            if table.name in views
        ]
    if rules.full_key_join:
        out += _joins(found, catalog)
    if rules.company_filter and "select" in found.verbs:
        out += _company(found, read, catalog)
    if rules.exact_case and catalog.case_sensitive:
        out += _case(found, catalog)
    return tuple(out)


def _table(rule: str, message: str, table: TableRef) -> StyleFinding:
    return StyleFinding(rule, message, table.name, (table.start, table.end))


_VIEWS: WeakKeyDictionary[Catalog, dict[str, str]] = WeakKeyDictionary()


def _views(catalog: Catalog) -> dict[str, str]:
    """Base tables that have a view, with its name."""
    views = _VIEWS.get(catalog)
    if views is None:
        views = {
            relation.base: relation.name
            for relation in catalog.relations
            if relation.base and relation.base != relation.name
        }
        _VIEWS[catalog] = views
    return views


def _owners(found: Scan) -> dict[tuple[int, str], TableRef]:
    owners: dict[tuple[int, str], TableRef] = {}
    for table in found.tables:
        owners.setdefault((table.statement, table.name.lower()), table)
        owners[table.statement, (table.alias or table.name).lower()] = table
    return owners


def _joins(found: Scan, catalog: Catalog) -> Iterator[StyleFinding]:
    owners = _owners(found)
    pairs: dict[tuple[TableRef, TableRef], tuple[set[str], set[str]]] = {}
    for column in found.columns:
        if column.equals is None or column.qualifier is None or column.equals[0] is None:
            continue
        one = owners.get((column.statement, column.qualifier.lower()))
        other = owners.get((column.statement, column.equals[0].lower()))
        if one is None or other is None or one == other:
            continue
        mine, theirs = column.name, column.equals[1]
        if one.start > other.start:
            one, other, mine, theirs = other, one, theirs, mine
        used = pairs.setdefault((one, other), (set(), set()))
        used[0].add(mine)
        used[1].add(theirs)
    for (one, other), (ours, others) in pairs.items():
        gaps = [
            (len(missing), table, missing)
            for table, used in ((one, ours), (other, others))
            for missing in [_missing(catalog.get(table.name), used)]
            if missing is not None
        ]
        if gaps and all(count for count, _, _ in gaps):
            _, table, missing = min(gaps, key=lambda gap: gap[0])
            yield _table(
                "full_key_join",
                f"the join of {one.name} and {other.name} leaves out {', '.join(missing)} of the key of {table.name}",
                other,
            )


def _missing(relation: Relation | None, used: set[str]) -> list[str] | None:
    if relation is None or not relation.key:
        return None
    return [column for column in relation.key if column not in used]


def _company(found: Scan, read: list[TableRef], catalog: Catalog) -> Iterator[StyleFinding]:
    seen: set[int] = set()
    joined = {(column.statement, *column.equals) for column in found.columns if column.equals is not None}
    for table in read:
        relation = catalog.get(table.name)
        if relation is None or table.statement in seen:
            continue
        company = next((name for name in relation.key[:1] if _COMPANY.match(name)), None)
        if company is None:
            continue
        # One filtered company is enough for a statement: the joins carry it on.
        seen.add(table.statement)
        if not any(
            column.statement == table.statement
            and column.clause in ("where", "on", "having")
            and _COMPANY.match(column.name)
            and column.equals is None
            and (column.statement, column.qualifier, column.name) not in joined
            for column in found.columns
        ):
            yield _table("company_filter", f"{table.name} is read without a filter on {company}", table)


def _case(found: Scan, catalog: Catalog) -> Iterator[StyleFinding]:
    owners = _owners(found)
    told: set[str] = set()
    for table in found.tables:
        if catalog.get(table.name) is None:
            real = real_spelling(catalog, table.name)
            if real and table.name not in told:
                told.add(table.name)
                yield _table("exact_case", f"{table.name} is spelled {real[0]}", table)
    single = {table.statement: table for table in found.tables} if len(found.tables) == 1 else {}
    for column in found.columns:
        owner = (
            owners.get((column.statement, column.qualifier.lower()))
            if column.qualifier
            else single.get(column.statement)
        )
        relation = catalog.get(owner.name) if owner else None
        if owner is None or relation is None or column.name in told:
            continue
        names = {known.name.lower(): known.name for known in relation.columns}
        spelled = names.get(column.name.lower())
        if spelled is not None and spelled != column.name and column.name not in names.values():
            told.add(column.name)
            yield StyleFinding(
                "exact_case", f"{column.name} is spelled {spelled}", owner.name, (column.start, column.end)
            )
