"""The truth that answers are judged against: relations, their columns and keys."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Literal

import msgspec

Kind = Literal["table", "view"]
Status = Literal["real", "case", "near", "unknown"]

_MODULE = re.compile(r"[A-Z]{2}")


class Column(msgspec.Struct, frozen=True):
    """A column of a relation; None where the schema does not tell the type or whether it is nullable."""

    name: str
    type: str | None = None
    nullable: bool | None = None


class Relation(msgspec.Struct, frozen=True):
    """A table or view; ``base`` is the table behind a view, ``key`` the columns of the primary key."""

    name: str
    schema: str = "dbo"
    kind: Kind = "table"
    description: str | None = None
    module: str = ""
    columns: tuple[Column, ...] = ()
    key: tuple[str, ...] = ()
    columns_complete: bool = True
    base: str | None = None

    @property
    def qualified(self) -> str:
        """The name with its schema: ``dbo.APTH``."""
        return f"{self.schema}.{self.name}"


class Resolution(msgspec.Struct, frozen=True):
    """What the catalog knows of a name.

    ``real``: it is there; ``case``: it is there in other letter case and the catalog is case-sensitive;
    ``near``: it is not there but ``candidates`` come close; ``unknown``: nothing comes close.
    """

    name: str
    status: Status
    relation: Relation | None = None
    candidates: tuple[Relation, ...] = ()


def plain_name(name: str) -> str:
    """Strip quotes, brackets and blanks from a possibly qualified name: ``[dbo].[APTH]`` gives ``dbo.APTH``."""
    return ".".join(part.strip().strip("[]\"'`").strip() for part in name.strip().split("."))


def module_of(name: str) -> str:
    """Guess the module from a Vista-like name: ``bAPTH`` and ``APTH`` give ``AP``; ``Other`` where none shows."""
    found = _MODULE.match(re.sub(r"^(?:[bv]rv|v|b|ud)(?=[A-Z])", "", name))
    return found[0] if found else "Other"


def _common(one: str, other: str) -> int:
    """Count the letters that two names begin with in common."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


class Catalog:
    """All relations of one database; look-ups by name cost O(1), near misses a pass over the names.

    ``fingerprint`` tells one state of the schema from another (hash of its source and settings).
    """

    def __init__(
        self,
        relations: Iterable[Relation],
        *,
        case_sensitive: bool = True,
        default_schema: str = "dbo",
        dialect: str = "tsql",
        title: str = "this database",
        fingerprint: str = "",
        skipped: int = 0,
    ) -> None:
        self.relations = tuple(relations)
        self.case_sensitive = case_sensitive
        self.default_schema = default_schema
        self.dialect = dialect
        self.title = title
        self.fingerprint = fingerprint
        self.skipped = skipped

    def __len__(self) -> int:
        return len(self.relations)

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    @cached_property
    def _exact(self) -> dict[str, Relation]:
        index: dict[str, Relation] = {}
        for relation in self.relations:
            index[relation.qualified] = relation
            if relation.name not in index or relation.schema == self.default_schema:
                index[relation.name] = relation
        return index

    @cached_property
    def _folded(self) -> dict[str, Relation]:
        return {name.casefold(): relation for name, relation in self._exact.items()}

    @cached_property
    def _folded_names(self) -> list[str]:
        return [relation.name.casefold() for relation in self.relations]

    @cached_property
    def modules(self) -> dict[str, tuple[Relation, ...]]:
        """The relations by module, modules in alphabetical order."""
        groups: dict[str, list[Relation]] = {}
        for relation in self.relations:
            groups.setdefault(relation.module, []).append(relation)
        return {module: tuple(groups[module]) for module in sorted(groups)}

    @cached_property
    def column_names(self) -> frozenset[str]:
        """The names of all columns of all relations."""
        return frozenset(column.name for relation in self.relations for column in relation.columns)

    def get(self, name: str) -> Relation | None:
        """Return the relation of that name (brackets and a schema allowed), or None."""
        plain = plain_name(name)
        found = self._exact.get(plain)
        if found is None and not self.case_sensitive:
            found = self._folded.get(plain.casefold())
        return found

    def resolve(self, name: str, *, limit: int = 5) -> Resolution:
        """Say whether a name is real, differs only in case, is a near miss, or unknown; candidates best first."""
        found = self.get(name)
        if found is not None:
            return Resolution(name, "real", found)
        plain = plain_name(name)
        folded = self._folded.get(plain.casefold())
        if folded is not None:
            return Resolution(name, "case", folded, (folded,))
        near = self.near(plain, limit=limit)
        return Resolution(name, "near" if near else "unknown", None, near)

    def near(self, name: str, *, limit: int = 5, cutoff: float = 70.0) -> tuple[Relation, ...]:
        """Return the relations whose names come closest to ``name``, best first.

        ``cutoff`` is rapidfuzz's ratio, 0 to 100; ties go to the longer common beginning, then to the shorter
        name, then to the alphabet.
        """
        from rapidfuzz import fuzz, process

        wanted = name.rsplit(".", 1)[-1].casefold()
        scored = process.extract(
            wanted, self._folded_names, scorer=fuzz.ratio, limit=None, score_cutoff=cutoff
        )
        ranked = sorted(
            scored, key=lambda hit: (-hit[1], -_common(wanted, hit[0]), len(hit[0]), hit[0])
        )
        return tuple(self.relations[position] for _, _, position in ranked[:limit])
