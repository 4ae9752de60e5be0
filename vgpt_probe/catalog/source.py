"""Telling what a source is by what stands in it, and reading it."""

from __future__ import annotations

from pathlib import Path

from vgpt_probe.catalog.normal import SourceReading
from vgpt_probe.errors import CatalogError, at
from vgpt_probe.files import as_text, read_bytes


def read_source(
    path: Path, data: bytes | None = None, *, dialect: str = "tsql", default_schema: str = "dbo"
) -> SourceReading:
    """Read a file that describes a schema: DDL, a CSV, TSV or JSON of INFORMATION_SCHEMA, dbt, the normal form.

    ``data`` is the file's content where it has been read already. Raises ``CatalogError`` when the file cannot be
    read, is none of these, or creates nothing.
    """
    check_dialect(dialect, path)
    text = as_text(read_bytes(path, CatalogError) if data is None else data, path, CatalogError)
    start = text[:200].lstrip()
    if start[:1] in ("{", "[") and not start.startswith("[dbo]"):
        from vgpt_probe.catalog.information_schema import read_json

        reading = read_json(text, path, dialect=dialect, default_schema=default_schema)
    elif _is_table(text, path):
        from vgpt_probe.catalog.information_schema import read_csv

        reading = read_csv(text, path, dialect=dialect, default_schema=default_schema)
    else:
        from vgpt_probe.catalog.ddl import read_ddl

        reading = read_ddl(text, dialect=dialect, default_schema=default_schema)
    if not reading.relations:
        first = reading.skipped[0] if reading.skipped else None
        what = first.what if first else "holds no CREATE TABLE or CREATE VIEW statement"
        raise CatalogError(
            what,
            where=at(path, first.line if first else None),
            mend="give a DDL script, or an export of INFORMATION_SCHEMA.COLUMNS with its header line",
        )
    return reading


def check_dialect(dialect: str, path: Path | None = None) -> None:
    """Raise ``CatalogError`` when sqlglot knows no such dialect."""
    from sqlglot import Dialect

    if dialect.lower() not in Dialect.classes:
        mend = f"dialects: {', '.join(sorted(name for name in Dialect.classes if name))}"
        raise CatalogError(f"unknown SQL dialect '{dialect}'", where=at(path) if path else None, mend=mend)


def _is_table(text: str, path: Path) -> bool:
    if path.suffix.lower() in (".csv", ".tsv"):
        return True
    header = text.lstrip().split("\n", 1)[0].lower()
    return "table_name" in header and any(mark in header for mark in ",;\t|") and "create" not in header
