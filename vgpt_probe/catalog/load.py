"""Opening a catalog: read from its source once, then from a cache keyed by the source's content."""

from __future__ import annotations

import contextlib
import hashlib
import os
import zlib
from pathlib import Path

import msgspec

from vgpt_probe.catalog.model import Catalog
from vgpt_probe.catalog.normal import Cached, pack
from vgpt_probe.catalog.source import read_source
from vgpt_probe.errors import CatalogError
from vgpt_probe.files import read_bytes

#: Part of the cache key: raise it when the reading of a source, or the form of the cache, changes.
READER_VERSION = 3
#: So many states of the schema stay in the cache.
KEPT = 8


def load_catalog(
    source: Path,
    *,
    dialect: str = "tsql",
    case_sensitive: bool = True,
    default_schema: str = "dbo",
    title: str = "this database",
    cache: Path | None = None,
) -> Catalog:
    """Open the catalog of a source (any that ``read_source`` takes); ``cache`` is a folder, or None for no cache.

    Raises ``CatalogError`` when the source cannot be read or creates nothing.
    """
    data = read_bytes(source, CatalogError)
    digest = hashlib.sha256(f"{READER_VERSION}\0{dialect}\0{default_schema}\0".encode())
    digest.update(data)
    fingerprint = digest.hexdigest()
    kept = cache / f"catalog-{fingerprint[:24]}.msgpack" if cache else None
    known = _read_cache(kept)
    if known is None:
        reading = read_source(source, data, dialect=dialect, default_schema=default_schema)
        known = pack(reading.relations, len(reading.skipped))
        _write_cache(kept, known)
    return Catalog(
        known.unpacked(),
        case_sensitive=case_sensitive,
        default_schema=default_schema,
        dialect=dialect.lower(),
        title=title,
        fingerprint=fingerprint,
        skipped=known.skipped,
        column_names=known.column_names,
    )


def _read_cache(path: Path | None) -> Cached | None:
    if path is None:
        return None
    try:
        kept = path.read_bytes()
        if kept[:4] != _checksum(kept[4:]):
            return None
        return msgspec.msgpack.decode(kept[4:], type=Cached)
    except (OSError, msgspec.MsgspecError):
        return None


def _write_cache(path: Path | None, content: Cached) -> None:
    if path is None:
        return
    # A cache that cannot be written only costs the time of reading the source again.
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        packed = msgspec.msgpack.encode(content)
        part.write_bytes(_checksum(packed) + packed)
        part.replace(path)
        others = sorted(path.parent.glob("catalog-*.msgpack"), key=lambda one: one.stat().st_mtime)
        for old in others[:-KEPT]:
            old.unlink()


def _checksum(packed: bytes) -> bytes:
    """Four bytes that tell a damaged file: columns are unpacked later, where damage could not be mended."""
    return zlib.crc32(packed).to_bytes(4, "big")
