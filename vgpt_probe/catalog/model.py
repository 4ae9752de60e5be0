"""The truth that answers are judged against: relations, their columns and keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal, overload

import msgspec

if TYPE_CHECKING:
    from vgpt_probe.catalog.near import NearIndex

Kind = Literal["table", "view"]
Status = Literal["real", "case", "near", "unknown"]

_MODULE = re.compile(r"[A-Z]{2}")


class Column(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A column of a relation; None where the schema does not tell the type or whether it is nullable."""

    name: str
    type: str | None = None
    nullable: bool | None = None
    description: str | None = None


class ForeignKey(msgspec.Struct, frozen=True):
    """Columns whose values are found in the columns ``to`` of the relation ``table`` (named with its schema)."""

    columns: tuple[str, ...]
    table: str
    to: tuple[str, ...] = ()


class PackedColumns(Sequence[Column]):
    """The columns of a relation as they lie in the cache, unpacked when they are first looked at.

    Most commands look at few relations: unpacking all columns of 20,000 takes longer than all the rest.
    """

    __slots__ = ("_columns", "_packed")

    def __init__(self, packed: msgspec.Raw) -> None:
        self._packed = packed
        self._columns: tuple[Column, ...] | None = None

    def unpacked(self) -> tuple[Column, ...]:
        """The columns as a tuple."""
        if self._columns is None:
            self._columns = _UNPACK.decode(self._packed)
        return self._columns

    @overload
    def __getitem__(self, at: int) -> Column: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Column]: ...

    def __getitem__(self, at: int | slice) -> Column | Sequence[Column]:
        return self.unpacked()[at]

    def __len__(self) -> int:
        return len(self.unpacked())

    def __iter__(self) -> Iterator[Column]:
        return iter(self.unpacked())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self.unpacked() == tuple(other)

    def __hash__(self) -> int:
        return hash(self.unpacked())

    def __repr__(self) -> str:
        return repr(self.unpacked())


_UNPACK = msgspec.msgpack.Decoder(tuple[Column, ...])


class Relation(msgspec.Struct, frozen=True, gc=False):
    """A table or view; ``base`` is the table behind a view, ``key`` the columns of the primary key."""

    name: str
    schema: str = "dbo"
    kind: Kind = "table"
    description: str | None = None
    module: str = ""
    columns: Sequence[Column] = ()
    key: tuple[str, ...] = ()
    columns_complete: bool = True
    base: str | None = None
    references: tuple[ForeignKey, ...] = ()

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


def _nearness(wanted: str, score: float, relation: Relation) -> tuple[float, int, int, str]:
    name = relation.name.casefold()
    return (-score, -_common(wanted, name), len(name), name)


def _common(one: str, other: str) -> int:
    """Count the letters that two names begin with in common."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


class Catalog:
    """All relations of one database; look-ups by name cost O(1), near misses a pass over their signatures.

    ``fingerprint`` tells one state of the schema from another (hash of its source and settings); ``skipped``
    counts the statements of the source that could not be read.
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
        column_names: frozenset[str] | None = None,
    ) -> None:
        self.relations = tuple(relations)
        self.case_sensitive = case_sensitive
        self.default_schema = default_schema
        self.dialect = dialect
        self.title = title
        self.fingerprint = fingerprint
        self.skipped = skipped
        self._column_names = column_names

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
    def _near(self) -> NearIndex:
        from vgpt_probe.catalog.near import NearIndex

        return NearIndex([relation.name.casefold() for relation in self.relations])

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
        if self._column_names is not None:
            return self._column_names
        return frozenset(column.name for relation in self.relations for column in relation.columns)

    def get(self, name: str) -> Relation | None:
        """Return the relation of that name (brackets and a schema allowed), or None."""
        plain = name if name.isidentifier() else plain_name(name)
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
        wanted = name.rsplit(".", 1)[-1].casefold()
        scored = [(score, self.relations[at]) for at, score in self._near.closest(wanted, cutoff=cutoff)]
        scored.sort(key=lambda hit: _nearness(wanted, *hit))
        return tuple(relation for _, relation in scored[:limit])
