"""Checks the SQL of an answer: relations and columns against the catalog, house rules as style findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from .lexer import Scan, scan
from .model import StyleFinding, StyleRules

if TYPE_CHECKING:
    from vgpt_probe.catalog.model import Catalog

__all__ = ["Checked", "check_sql", "scan_cached"]


@dataclass(frozen=True)
class Checked:
    """What the SQL of an answer reads, and what of it the catalog does not know."""

    tables: tuple[str, ...] = ()
    unknown_tables: tuple[str, ...] = ()
    unknown_columns: tuple[str, ...] = ()
    style: tuple[StyleFinding, ...] = ()


@lru_cache(maxsize=16384)
def scan_cached(text: str) -> Scan:
    """`scan`, remembered by text."""
    return scan(text)


def check_sql(statements: Sequence[tuple[str, int]], catalog: Catalog | None, rules: StyleRules) -> Checked:
    """Checks statements given as (text, start in the answer)."""
    tables: dict[str, None] = {}
    for text, _ in statements:
        for table in scan_cached(text).tables:
            tables.setdefault(table.name)
    unknown = tuple(name for name in tables if catalog is not None and catalog.get(name) is None)
    return Checked(tuple(tables), unknown)
