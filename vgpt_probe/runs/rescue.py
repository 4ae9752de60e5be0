"""Saving what can still be read of a damaged store into a new one; the damaged file stays as it is."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, cast

import msgspec

from vgpt_probe.errors import StoreError, UsageError, at
from vgpt_probe.pairs.pair import Pair
from vgpt_probe.probes import Probe
from vgpt_probe.runs.database import LARGEST_ID, in_words
from vgpt_probe.runs.records import Answer, Snapshot
from vgpt_probe.runs.store import Store

#: The tables with a number of their own, in the order in which they refer to each other.
TABLES = (
    "runs", "answers", "reviews", "pairs", "sessions", "fingerprints", "chats", "chat_questions", "chat_answers",
)  # fmt: skip

#: No row is smaller (bytes): what bounds the search for rows where neither end of a table leads to them.
LEAST = 40

#: In a gap so many numbers are tried one by one, then one in so many: fewer sound rows than that, far inside of a
#: large gap, are passed over.
CLOSE, STRIDE = 5_000, 100

#: After so many rows it is told how far it has come.
TOLD = 10_000

#: A pair whose number is larger has a damaged one: it gets another, since new ones count on from the largest.
LARGEST_PAIR = 10**9

#: What the last column of a table holds, as JSON.
_RECORDS: dict[str, type[msgspec.Struct]] = {"runs": Snapshot, "probes": Probe, "answers": Answer, "pairs": Pair}

Row = tuple[Any, ...]


def rescue(damaged: Path, into: Path, told: Callable[[str, int], None] = lambda table, rows: None) -> dict[str, int]:
    """Write what can be read of a store to a new one; return the rows of each table that were saved.

    A row that cannot be told apart from a sound one is taken for one: a letter that has changed within an answer
    stays changed. ``told`` hears every now and then which table is read and how many of its rows are saved. Raises
    ``StoreError`` when ``into`` is there already, or nothing can be read, ``UsageError`` when there is no such store.
    """
    if into.exists():
        raise StoreError("is there already", where=at(into), mend="name a new file")
    if not damaged.is_file():
        raise UsageError("no such store", where=at(damaged))
    with contextlib.closing(_open(damaged)) as source:
        most = damaged.stat().st_size // LEAST
        store = Store(into)
        try:
            with store.change() as db:
                counts = _saved(source, db, most, told)
            if not any(counts.values()):
                raise StoreError("nothing of it can be read", where=at(damaged), mend="restore it from a backup")
        except BaseException:
            store.close()
            for name in (into, into.with_name(f"{into.name}-wal"), into.with_name(f"{into.name}-shm")):
                name.unlink(missing_ok=True)
            raise
        store.close()
    return counts


def _open(damaged: Path) -> sqlite3.Connection:
    """Open a store to read, also where nothing can be written beside it. Raises ``StoreError`` when that cannot be."""
    address = damaged.resolve().as_uri()
    written_ahead = damaged.with_name(f"{damaged.name}-wal")
    waits = written_ahead.is_file() and written_ahead.stat().st_size > 0
    # What waits in the log is read along, or the user is told that it cannot be.
    for how in ("mode=ro",) if waits else ("mode=ro", "immutable=1"):
        source = None
        try:
            source = sqlite3.connect(f"{address}?{how}", uri=True)
            source.text_factory = lambda data: data.decode("utf-8", "replace")
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError as fault:
            if source is not None:
                source.close()
            what, mend = in_words(fault)
            problem = StoreError(what, where=at(damaged), mend=mend)
            if "locked" in str(fault):
                break
        except sqlite3.Error:
            # This is the damage.
            return cast(sqlite3.Connection, source)
        else:
            return source
    raise problem


def _saved(
    source: sqlite3.Connection, db: sqlite3.Connection, most: int, told: Callable[[str, int], None]
) -> dict[str, int]:
    """Copy each row that can be read and fits; return how many of each table."""
    counts = dict.fromkeys(("runs", "probes", *TABLES[1:]), 0)
    runs: list[int] = []
    for table in counts:
        told(table, 0)
        if table == "probes":
            rows: Iterator[Row] = (row for run in sorted(runs) for row in _probes(source, run, most))
        else:
            rows = _numbered(source, table, most)
        for number, row in enumerate(rows, 1):
            counts[table] += _kept(db, table, row)
            if table == "runs":
                runs.append(row[1])
            if number % TOLD == 0:
                told(table, counts[table])
    return counts


class _Rows:
    """The rows of a damaged table by a whole number, their key; what ``SELECT`` gives begins with it."""

    def __init__(self, source: sqlite3.Connection, select: str, key: str, *values: object) -> None:
        self._source = source
        self._select = select
        self._key = key
        self._values = values

    def known(self) -> bool:
        """Whether there is such a table at all, as far as it can be told."""
        with contextlib.suppress(sqlite3.Error):
            self._ask(f"{self._key} = ? LIMIT 0", -1)
            return True
        return False

    def one(self, number: int) -> list[Row]:
        """The row of a number, if it can be read."""
        with contextlib.suppress(sqlite3.Error):
            return self._ask(f"{self._key} = ?", number).fetchall()
        return []

    def stretch(self, after: int, before: int, *, down: bool = False) -> Generator[Row, None, int | None]:
        """Rows between two numbers until one cannot be read; return the last that could, None when all could."""
        last, step = (before, -1) if down else (after, 1)
        order = f"ORDER BY {self._key} {'DESC' if down else 'ASC'}"
        try:
            for row in self._ask(f"{self._key} > ? AND {self._key} < ? {order}", after, before):
                last = int(row[0])
                yield row
            return None
        except (sqlite3.Error, ValueError, TypeError):
            # Python reads a row ahead: the last sound one is lost with the one that is damaged.
            ahead = self.one(last + step) if after < last + step < before else []
            yield from ahead
            return last + step if ahead else last

    def _ask(self, where: str, *numbers: int) -> sqlite3.Cursor:
        return self._source.execute(f"{self._select} {where}", (*self._values, *numbers))


def _numbered(source: sqlite3.Connection, table: str, most: int) -> Iterator[Row]:
    """The rows of a table, with their rowid before them."""
    return _readable(_Rows(source, f"SELECT rowid, * FROM {table} WHERE", "rowid"), most)


def _probes(source: sqlite3.Connection, run: int, most: int) -> Iterator[Row]:
    select = "SELECT position, run, position, probe FROM probes WHERE run = ? AND"
    return _readable(_Rows(source, select, "position", run), most)


def _readable(rows: _Rows, most: int) -> Iterator[Row]:
    """Rows from the front until one cannot be read, from the back, then what lies between.

    There, numbers are tried one after the other and after a while in strides; from one that can be read the way leads
    back to the damage and on to the next.
    """
    front = (yield from rows.stretch(-1, LARGEST_ID)) if rows.known() else None
    if front is None:
        return
    back = yield from rows.stretch(front, LARGEST_ID, down=True)
    if back is None:
        return
    back = min(back, front + most)
    tried, stride = front, 1
    while tried + stride < back:
        tried, before = tried + stride, tried
        stride = 1 if tried - front < CLOSE else STRIDE
        if found := rows.one(tried):
            yield from found
            yield from rows.stretch(before, tried, down=True)
            reached = yield from rows.stretch(tried, back)
            if reached is None:
                return
            front, tried, stride = reached, reached, 1


def _kept(db: sqlite3.Connection, table: str, row: Row) -> bool:
    """Write a row if it fits: not where what it refers to is lost, nor where damage made it no row of this table."""
    content = row[1:]
    with contextlib.suppress(sqlite3.Error, msgspec.MsgspecError, TypeError, IndexError):
        if table in _RECORDS:
            msgspec.json.decode(content[-1], type=_RECORDS[table])
        if table == "pairs" and content[0] > LARGEST_PAIR:
            content = (None, *content[1:])
        holders = ", ".join("?" * len(content))
        return db.execute(f"INSERT OR IGNORE INTO {table} VALUES ({holders})", content).rowcount > 0
    return False
