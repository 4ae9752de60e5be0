"""Saving what can still be read of a damaged store into a new one; the damaged file stays as it is."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import msgspec

from vgpt_probe.errors import StoreError, UsageError, at
from vgpt_probe.pairs.pair import Pair
from vgpt_probe.probes import Probe
from vgpt_probe.runs.records import Answer, Snapshot
from vgpt_probe.runs.store import Store

#: The tables with a number of their own, in the order in which they refer to each other.
TABLES = (
    "runs", "answers", "reviews", "pairs", "sessions", "fingerprints", "chats", "chat_questions", "chat_answers",
)  # fmt: skip

#: No row is smaller (bytes): what bounds the search for rows where neither end of a table leads to them.
LEAST = 40

#: What the last column of a table holds, as JSON.
_RECORDS: dict[str, type[msgspec.Struct]] = {"runs": Snapshot, "probes": Probe, "answers": Answer, "pairs": Pair}

Row = tuple[Any, ...]


def rescue(damaged: Path, into: Path) -> dict[str, int]:
    """Write what can be read of a store to a new one; return the rows of each table that were saved.

    A row that cannot be told apart from a sound one is taken for one: a letter that has changed within an answer
    stays changed. Raises ``UsageError`` when ``into`` is there already, ``StoreError`` when nothing can be read.
    """
    if into.exists():
        raise StoreError("is there already", where=at(into), mend="name a new file")
    if not damaged.is_file():
        raise UsageError("no such store", where=at(damaged))
    address = f"{damaged.resolve().as_uri()}?mode=ro"
    counts: dict[str, int] = {}
    most = damaged.stat().st_size // LEAST
    with contextlib.closing(sqlite3.connect(address, uri=True)) as source:
        source.text_factory = lambda data: data.decode("utf-8", "replace")
        found = {table: list(_numbered(source, table, most)) for table in TABLES}
        runs = {row[1] for row in found["runs"]}
        found["probes"] = [row for run in sorted(runs) for row in _probes(source, run, most)]
    if not any(found.values()):
        raise StoreError("nothing of it can be read", where=at(damaged), mend="restore it from a backup")
    store = Store(into)
    try:
        with store.change() as db:
            for table in ("runs", "probes", *TABLES[1:]):
                counts[table] = sum(_kept(db, table, row) for row in found[table])
    except BaseException:
        store.close()
        for name in (into, into.with_name(f"{into.name}-wal"), into.with_name(f"{into.name}-shm")):
            name.unlink(missing_ok=True)
        raise
    store.close()
    return counts


def _numbered(source: sqlite3.Connection, table: str, most: int) -> Iterator[Row]:
    """The rows of a table with their rowid before them: from the front, from the back, then what is left one by one."""
    first, last = yield from _from_both_ends(source, f"SELECT rowid, * FROM {table}", "rowid", (), most)
    for number in range(first + 1, min(last, first + most)):
        with contextlib.suppress(sqlite3.Error):
            yield from source.execute(f"SELECT rowid, * FROM {table} WHERE rowid = ?", (number,)).fetchall()


def _probes(source: sqlite3.Connection, run: int, most: int) -> Iterator[Row]:
    first, last = yield from _from_both_ends(
        source, "SELECT position, run, position, probe FROM probes WHERE run = ?", "position", (run,), most
    )
    for position in range(first + 1, min(last, first + most)):
        with contextlib.suppress(sqlite3.Error):
            yield from source.execute(
                "SELECT position, run, position, probe FROM probes WHERE run = ? AND position = ?", (run, position)
            ).fetchall()


def _from_both_ends(
    source: sqlite3.Connection, query: str, key: str, values: tuple[object, ...], most: int
) -> Generator[Row, None, tuple[int, int]]:
    """Rows by their key until one cannot be read, from the front and from the back; return the two keys between."""
    front, back = -1, -1
    try:
        for row in source.execute(f"{query} ORDER BY {key}", values):
            front = int(row[0])
            yield row
        return front, front
    except (sqlite3.Error, ValueError, TypeError):
        pass
    with contextlib.suppress(sqlite3.Error, ValueError, TypeError):
        for row in source.execute(f"{query} ORDER BY {key} DESC", values):
            if int(row[0]) <= front:
                break
            back = int(row[0])
            yield row
    return front, back if back >= 0 else front + most


def _kept(db: sqlite3.Connection, table: str, row: Row) -> bool:
    """Write a row if it fits: not where what it refers to is lost, nor where damage made it no row of this table."""
    content = row[1:]
    with contextlib.suppress(sqlite3.Error, msgspec.MsgspecError, TypeError, IndexError):
        if table in _RECORDS:
            msgspec.json.decode(content[-1], type=_RECORDS[table])
        holders = ", ".join("?" * len(content))
        return db.execute(f"INSERT OR IGNORE INTO {table} VALUES ({holders})", content).rowcount > 0
    return False
