"""Whether a name is real: a relation, or a column as far as the catalog can know."""

from __future__ import annotations

from vgpt_probe.catalog.model import Catalog


def is_real(name: str, catalog: Catalog) -> bool | None:
    """Say whether a relation, or a column ``relation.column``, is real; None where the catalog cannot know."""
    if name in catalog:
        return True
    table, dot, column = name.rpartition(".")
    relation = catalog.get(table) if dot else None
    if relation is None:
        return False
    if any(known.name == column for known in relation.columns):
        return True
    if not catalog.case_sensitive and any(known.name.lower() == column.lower() for known in relation.columns):
        return True
    return False if relation.columns_complete else None
