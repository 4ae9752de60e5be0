"""Several sources of one schema put together."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from vgpt_probe.catalog.model import Column, Relation, module_of


def merge(sources: Iterable[Iterable[Relation]]) -> list[Relation]:
    """Put sources together: what the first says stands, later ones add what it lacks (relations, columns, keys …)."""
    merged: dict[tuple[str, str], Relation] = {}
    for relations in sources:
        for relation in relations:
            place = (relation.schema, relation.name)
            merged[place] = _together(merged[place], relation) if place in merged else relation
    return list(merged.values())


def _together(first: Relation, later: Relation) -> Relation:
    known = {column.name: column for column in first.columns}
    for column in later.columns:
        before = known.get(column.name)
        known[column.name] = column if before is None else _filled(before, column)
    return msgspec.structs.replace(
        first,
        # An export of columns alone calls a view a table.
        kind="view" if "view" in (first.kind, later.kind) else "table",
        description=first.description or later.description,
        module=later.module if first.module in ("", "Other", module_of(first.name)) and later.module else first.module,
        columns=tuple(known.values()),
        key=first.key or later.key,
        columns_complete=first.columns_complete or later.columns_complete,
        base=first.base or later.base,
        references=first.references or later.references,
    )


def _filled(first: Column, later: Column) -> Column:
    return Column(
        first.name,
        first.type or later.type,
        later.nullable if first.nullable is None else first.nullable,
        first.description or later.description,
    )
