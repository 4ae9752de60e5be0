"""The normal form of a catalog: JSON with a relation a line for people and version control, msgpack for the cache."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from vgpt_probe.catalog.model import Column, ForeignKey, Kind, PackedColumns, Relation

#: The value of the key that a file in normal form begins with.
FORMAT = "vgpt_probe catalog 1"


class Skipped(msgspec.Struct, frozen=True):
    """A place of a source that could not be read, or only in part: its line (1-based) and what is wrong."""

    line: int
    what: str


class SourceReading(msgspec.Struct, frozen=True):
    """What a source gave: its relations, what was skipped, and what was read in part (by name only).

    ``form`` says what the source is: ``DDL``, ``INFORMATION_SCHEMA``, ``dbt``, ``normal form`` or ``database``.
    """

    form: str
    relations: list[Relation]
    skipped: list[Skipped] = []
    partial: list[Skipped] = []


class _Written(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A relation as it stands in the JSON; its columns are lists: name, type, nullable, description."""

    name: str
    schema: str = ""
    kind: Kind = "table"
    description: str | None = None
    module: str = ""
    columns: tuple[Column, ...] = ()
    key: tuple[str, ...] = ()
    columns_complete: bool = True
    base: str | None = None
    references: tuple[ForeignKey, ...] = ()


class _Document(msgspec.Struct):
    format: str
    relations: list[_Written]


def to_json(relations: Iterable[Relation]) -> str:
    """Write relations in normal form: ordered by schema and name, so that versions can be compared line by line."""
    ordered = sorted(relations, key=lambda relation: (relation.schema, relation.name))
    lines = ",\n".join(msgspec.json.encode(_written(relation)).decode("utf-8") for relation in ordered)
    return f'{{"format": "{FORMAT}", "relations": [\n{lines}\n]}}\n'


def from_json(text: str) -> list[Relation]:
    """Read relations in normal form; raises ``msgspec.ValidationError`` where the text is something else."""
    document = msgspec.json.decode(text, type=_Document)
    if document.format != FORMAT:
        raise msgspec.ValidationError(f"unknown format '{document.format}'; this program writes '{FORMAT}'")
    return [Relation(*msgspec.structs.astuple(one)) for one in document.relations]


class _Packed(msgspec.Struct, array_like=True, gc=False):
    name: str
    schema: str
    kind: Kind
    description: str | None
    module: str
    columns: msgspec.Raw
    key: tuple[str, ...]
    columns_complete: bool
    base: str | None
    references: tuple[ForeignKey, ...]


class Cached(msgspec.Struct):
    """A catalog in the cache; ``column_names`` spares the unpacking of all columns."""

    relations: list[_Packed]
    column_names: frozenset[str]
    skipped: int

    def unpacked(self) -> list[Relation]:
        """The relations; their columns are unpacked when they are looked at."""
        return [
            Relation(
                one.name, one.schema, one.kind, one.description, one.module, PackedColumns(one.columns),
                one.key, one.columns_complete, one.base, one.references,
            )
            for one in self.relations
        ]  # fmt: skip


def pack(relations: Sequence[Relation], skipped: int) -> Cached:
    """Pack relations for the cache."""
    encoder = msgspec.msgpack.Encoder()
    packed = [
        _Packed(
            one.name, one.schema, one.kind, one.description, one.module, msgspec.Raw(encoder.encode(tuple(one.columns))),
            one.key, one.columns_complete, one.base, one.references,
        )
        for one in relations
    ]  # fmt: skip
    names = frozenset(column.name for relation in relations for column in relation.columns)
    return Cached(packed, names, skipped)


def _written(relation: Relation) -> _Written:
    written = _Written(*(getattr(relation, field) for field in _Written.__struct_fields__))
    written.columns = tuple(relation.columns)
    return written
