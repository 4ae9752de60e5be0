"""An SQLite file that several threads and programs use at once, and what is said when it cannot be used."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from vgpt_probe.errors import StoreError, at

Kept = TypeVar("Kept", bound=msgspec.Struct)


class Database:
    """One SQLite file in WAL mode with a schema of ours, made when it is not there.

    Each thread gets its own connection. A transaction that has returned survives the death of this process.
    Raises ``StoreError`` when the file is damaged, locked, read-only or from another version.
    """

    def __init__(self, path: Path, schema: str, version: int) -> None:
        self.path = path
        self._schema = schema
        self._version = version
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        with self.errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._prepare()

    def close(self) -> None:
        """Close every thread's connection; the write-ahead log is folded into the file."""
        with self._lock:
            connections, self._connections = self._connections, []
        for connection in connections:
            connection.close()

    def rows(self, query: str, values: tuple[object, ...] = ()) -> Iterator[tuple[Any, ...]]:
        """Read rows of a SELECT, some at a time, so that another thread gets its turn in between."""
        with self.errors():
            cursor = self.db.execute(query, values)
            while found := cursor.fetchmany(1000):
                yield from found

    @property
    def db(self) -> sqlite3.Connection:
        """This thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                self.path, timeout=10.0, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA foreign_keys = ON")
            # FULL: a committed answer survives a power cut, not only the death of this process.
            connection.execute("PRAGMA synchronous = FULL")
            self._local.connection = connection
            with self._lock:
                self._connections.append(connection)
        return connection

    def _prepare(self) -> None:
        version = self.db.execute("PRAGMA user_version").fetchone()[0]
        if version > self._version:
            raise StoreError(
                f"was written by a newer vgpt_probe (store version {version}, this one knows {self._version})",
                where=at(self.path),
                mend="update vgpt_probe",
            )
        if version == self._version:
            return
        if version:
            raise StoreError(
                f"was written by an older vgpt_probe (store version {version}, this one needs {self._version})",
                where=at(self.path),
                mend="move it away, or set another store.path in config.toml",
            )
        if self.db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise StoreError(
                "is an SQLite file of something else",
                where=at(self.path),
                mend="set another store.path in config.toml",
            )
        self.db.execute("PRAGMA journal_mode = WAL")
        with self.change() as db:
            # Another instance may have been quicker.
            if db.execute("PRAGMA user_version").fetchone()[0] == 0:
                for statement in self._schema.split(";\n"):
                    if statement.strip():
                        db.execute(statement)
                db.execute(f"PRAGMA user_version = {self._version}")

    @contextlib.contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it is written, or nothing."""
        with self.errors():
            db = self.db
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    @contextlib.contextmanager
    def errors(self) -> Iterator[None]:
        """Turn what SQLite says into a ``StoreError`` that names the file and the mend."""
        try:
            yield
        except (sqlite3.Error, OSError) as fault:
            what = str(fault)
            mend = None
            if "locked" in what:
                what, mend = "is in use by another program", "close it, or wait until it has finished"
            elif "malformed" in what or "not a database" in what:
                what, mend = f"is damaged: {what}", "move it away; a new one will be made"
            elif "readonly" in what or "unable to open" in what:
                what, mend = "cannot be written", "check the folder's permissions, or set another store.path"
            elif "full" in what:
                what, mend = "the disk is full", "free some space; what was shown as done is kept"
            raise StoreError(what, where=at(self.path), mend=mend) from fault

    def decode(self, text: str, kind: type[Kept]) -> Kept:
        """Read JSON that this program has written. Raises ``StoreError``."""
        try:
            return msgspec.json.decode(text, type=kind)
        except msgspec.MsgspecError as fault:
            raise StoreError(f"is damaged: {fault}", where=at(self.path)) from None
