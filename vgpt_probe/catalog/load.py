"""Opening a catalog: read from its source once, then from a cache keyed by the source's content."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from vgpt_probe.catalog.ddl import read_ddl
from vgpt_probe.catalog.model import Catalog, Relation
from vgpt_probe.errors import CatalogError, at
from vgpt_probe.files import read_text

#: Part of the cache key: raise it when the reading of a source changes.
READER_VERSION = 2


class _Cached(msgspec.Struct):
    relations: list[Relation]
    skipped: int


def load_catalog(
    source: Path,
    *,
    dialect: str = "tsql",
    case_sensitive: bool = True,
    default_schema: str = "dbo",
    title: str = "this database",
    cache: Path | None = None,
) -> Catalog:
    """Open the catalog of a DDL file; ``cache`` is a folder for the normal form, or None for no cache.

    Raises ``CatalogError`` when the file cannot be read or creates nothing.
    """
    text = read_text(source, CatalogError)
    key = f"{READER_VERSION}\0{dialect}\0{default_schema}\0{text}"
    fingerprint = hashlib.sha256(key.encode("utf-8")).hexdigest()
    kept = cache / f"catalog-{fingerprint[:24]}.msgpack" if cache else None
    known = _read_cache(kept)
    if known is None:
        relations, skipped = _read(source, text, dialect, default_schema)
        known = _Cached(relations, len(skipped))
        _write_cache(kept, known)
    return Catalog(
        known.relations,
        case_sensitive=case_sensitive,
        default_schema=default_schema,
        dialect=dialect.lower(),
        title=title,
        fingerprint=fingerprint,
        skipped=known.skipped,
    )


def _read(
    source: Path, text: str, dialect: str, default_schema: str
) -> tuple[list[Relation], list[tuple[int, str]]]:
    from sqlglot import Dialect

    if dialect.lower() not in Dialect.classes:
        mend = f"dialects: {', '.join(sorted(name for name in Dialect.classes if name))}"
        raise CatalogError(f"unknown SQL dialect '{dialect}'", where=at(source), mend=mend)
    relations, skipped = read_ddl(text, dialect=dialect, default_schema=default_schema)
    if not relations:
        line, what = skipped[0] if skipped else (None, "holds no CREATE TABLE or CREATE VIEW statement")
        raise CatalogError(what, where=at(source, line), mend="give a DDL script of the database")
    return relations, skipped


def _read_cache(path: Path | None) -> _Cached | None:
    if path is None:
        return None
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=_Cached)
    except (OSError, msgspec.MsgspecError):
        return None


def _write_cache(path: Path | None, content: _Cached) -> None:
    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(msgspec.msgpack.encode(content))
        part.replace(path)
    except OSError:
        # A cache that cannot be written only costs the time of reading the source again.
        return
