"""What changed between two versions of a schema."""

from __future__ import annotations

import msgspec

from vgpt_probe.catalog.model import Catalog, Column, Relation


class ColumnChange(msgspec.Struct, frozen=True):
    """A column that changed: ``what`` is ``added``, ``removed`` or ``changed``; ``before`` and ``after`` tell it."""

    column: str
    what: str
    before: str = ""
    after: str = ""


class RelationChange(msgspec.Struct, frozen=True):
    """A relation that is in both versions and not the same."""

    relation: str
    kind: tuple[str, str] | None = None
    key: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    columns: tuple[ColumnChange, ...] = ()


class CatalogDiff(msgspec.Struct, frozen=True):
    """Relations by qualified name: added, removed, and changed; ``recased``: the letter case alone (before, after)."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    recased: tuple[tuple[str, str], ...]
    changed: tuple[RelationChange, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.recased or self.changed)


def diff_catalogs(before: Catalog, after: Catalog) -> CatalogDiff:
    """Compare two versions of a schema: their relations, kinds, keys and columns; descriptions do not count."""
    old = {relation.qualified: relation for relation in before.relations}
    new = {relation.qualified: relation for relation in after.relations}
    removed, added = old.keys() - new.keys(), new.keys() - old.keys()
    folded = {name.casefold(): name for name in added}
    recased = tuple(sorted((name, folded[name.casefold()]) for name in removed if name.casefold() in folded))
    changes = (_changed(old[name], new[name]) for name in sorted(old.keys() & new.keys()))
    return CatalogDiff(
        added=tuple(sorted(added - {name for _, name in recased})),
        removed=tuple(sorted(removed - {name for name, _ in recased})),
        recased=recased,
        changed=tuple(change for change in changes if change is not None),
    )


def _changed(old: Relation, new: Relation) -> RelationChange | None:
    if old == new:
        return None
    before = {column.name: column for column in old.columns}
    after = {column.name: column for column in new.columns}
    columns = []
    for name in dict.fromkeys([*before, *after]):
        if name not in after:
            # A version that does not know all columns says nothing of those it does not name.
            if new.columns_complete:
                columns.append(ColumnChange(name, "removed", before=_told(before[name])))
        elif name not in before:
            if old.columns_complete:
                columns.append(ColumnChange(name, "added", after=_told(after[name])))
        elif _told(before[name]) != _told(after[name]) and _both_told(before[name], after[name]):
            columns.append(ColumnChange(name, "changed", _told(before[name]), _told(after[name])))
    kind = (old.kind, new.kind) if old.kind != new.kind else None
    key = (old.key, new.key) if old.key and new.key and old.key != new.key else None
    if not (kind or key or columns):
        return None
    return RelationChange(new.qualified, kind, key, tuple(columns))


def _told(column: Column) -> str:
    nullable = {True: " NULL", False: " NOT NULL", None: ""}[column.nullable]
    return f"{column.type or '?'}{nullable}"


def _both_told(old: Column, new: Column) -> bool:
    """Whether both say something that differs; an unknown type or NULL is no change."""
    types = old.type is not None and new.type is not None and old.type.lower() != new.type.lower()
    nulls = old.nullable is not None and new.nullable is not None and old.nullable != new.nullable
    return types or nulls
