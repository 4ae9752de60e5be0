"""One SQLite file in WAL mode: opened, told apart by version, and its faults put into words.

Each thread gets its own connection. A transaction that has returned survives the death of this process.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from vgpt_probe.errors import StoreError, at
from vgpt_probe.runs.schema import MIGRATIONS, SCHEMA, SCHEMA_VERSION, statements

Kept = TypeVar("Kept", bound=msgspec.Struct)

#: Seconds to wait for another program that writes.
PATIENCE = 10.0

#: SQLite's whole numbers end here.
LARGEST_ID = 2**63 - 1


class Database:
    """A file that holds the tables of ``schema``, made when it is not there.

    ``read_only`` says why nothing can be written (a read-only folder, a full disk), None when it can; what is there
    can be read all the same.

    Raises ``StoreError`` when the file is damaged, locked, from a newer version, or cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.read_only: str | None = None
        self._target = str(path)
        self._copy: tempfile.TemporaryDirectory[str] | None = None
        self._local = threading.local()
        self._connections: list[tuple[threading.Thread, sqlite3.Connection]] = []
        self._lock = threading.Lock()
        with self.errors():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._prepare()
            except (sqlite3.OperationalError, OSError) as fault:
                if "locked" in str(fault) or not path.is_file() or not self._open_to_read(fault):
                    raise

    def close(self) -> None:
        """Close every thread's connection; the write-ahead log is folded into the file."""
        with self._lock:
            connections, self._connections = self._connections, []
        for _, connection in connections:
            connection.close()
        if self._copy is not None:
            self._copy.cleanup()

    def rows(self, query: str, values: tuple[object, ...] = ()) -> Iterator[tuple[Any, ...]]:
        """Read rows of a SELECT, some at a time, so that another thread gets its turn in between."""
        with self.errors():
            cursor = self.db.execute(query, values)
            while found := cursor.fetchmany(1000):
                yield from found

    @property
    def db(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                self._target,
                timeout=PATIENCE,
                isolation_level=None,
                check_same_thread=False,
                uri=self._target.startswith("file:"),
            )
            connection.execute("PRAGMA foreign_keys = ON")
            # FULL: a committed answer survives a power cut, not only the death of this process.
            connection.execute("PRAGMA synchronous = FULL")
            self._local.connection = connection
            with self._lock:
                # What threads leave open that have ended is closed: an app lives for days, and each run is a thread.
                ended = [one for thread, one in self._connections if not thread.is_alive()]
                self._connections = [one for one in self._connections if one[0].is_alive()]
                self._connections.append((threading.current_thread(), connection))
            for one in ended:
                one.close()
        return connection

    # ── opening ──

    def _prepare(self) -> None:
        version = self._version()
        if version == SCHEMA_VERSION:
            return
        if version:
            self._migrate(version)
            return
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
                for statement in statements(SCHEMA):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _version(self) -> int:
        """The version of the file, 0 for a new one. Raises ``StoreError`` when this program cannot use it."""
        version = int(self.db.execute("PRAGMA user_version").fetchone()[0])
        if version > SCHEMA_VERSION:
            raise StoreError(
                f"was written by a newer vgpt_probe (store version {version}, this one knows {SCHEMA_VERSION})",
                where=at(self.path),
                mend="update vgpt_probe",
            )
        if version and any(step not in MIGRATIONS for step in range(version, SCHEMA_VERSION)):
            raise StoreError(
                f"was written by an older vgpt_probe (store version {version}, this one needs {SCHEMA_VERSION})",
                where=at(self.path),
                mend="move it away, or set another store.path in config.toml",
            )
        return version

    def _migrate(self, version: int) -> None:
        """Bring a file of a released version to this one, in one transaction; a copy of it as it was is kept."""
        names = (self.path.with_name(f"{self.path.name}.v{version}{more}") for more in ("", *range(2, 1000)))
        kept = next(name for name in names if not name.exists())
        part = kept.with_name(f"{kept.name}.part")
        part.unlink(missing_ok=True)
        try:
            with contextlib.closing(sqlite3.connect(part)) as copy:
                self.db.backup(copy)
            part.replace(kept)
        finally:
            part.unlink(missing_ok=True)
        with self.change() as db:
            # Another instance may have been quicker.
            for step in range(int(db.execute("PRAGMA user_version").fetchone()[0]), SCHEMA_VERSION):
                for statement in statements(MIGRATIONS[step]):
                    db.execute(statement)
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _open_to_read(self, fault: Exception) -> bool:
        """Open a file beside which nothing can be written; return whether it can be read."""
        address = self.path.resolve().as_uri()
        written_ahead = self.path.with_name(f"{self.path.name}-wal")
        targets = [f"{address}?mode=ro"]
        with contextlib.suppress(OSError):
            if not (written_ahead.is_file() and written_ahead.stat().st_size):
                # Nobody writes, and nothing waits to be folded in.
                targets.append(f"{address}?immutable=1")
            else:
                # What waits can be folded in only where there is room for it.
                self._copy = tempfile.TemporaryDirectory(prefix="vgpt_probe-", ignore_cleanup_errors=True)
                copied = Path(self._copy.name) / self.path.name
                shutil.copyfile(self.path, copied)
                shutil.copyfile(written_ahead, copied.with_name(written_ahead.name))
                targets.append(str(copied))
        for target in targets:
            self._forget()
            self._target = target
            try:
                if self._version() == SCHEMA_VERSION:
                    self.db.execute("SELECT count(*) FROM runs").fetchone()
                    self.read_only = in_words(fault)[0]
                    return True
            except sqlite3.OperationalError:
                continue
        return False

    def _forget(self) -> None:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._connections = [one for one in self._connections if one[1] is not connection]
            self._local.connection = None

    # ── writing ──

    @contextlib.contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all that is written within it, or nothing."""
        if self.read_only is not None:
            raise StoreError(self.read_only, where=at(self.path), mend=_mend(self.read_only))
        with self.errors():
            db = self.db
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                # A full disk may have ended the transaction already.
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    # ── faults ──

    @contextlib.contextmanager
    def errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as fault:
            what, mend = in_words(fault)
            raise StoreError(what, where=at(self.path), mend=mend) from fault

    def decode(self, text: str, kind: type[Kept]) -> Kept:
        try:
            return msgspec.json.decode(text, type=kind)
        except (msgspec.MsgspecError, UnicodeError) as fault:
            raise StoreError(f"is damaged: {fault}", where=at(self.path), mend=RESCUE) from None


RESCUE = "'vgpt-probe runs rescue FILE' saves what can still be read; the damaged file stays as it is"

_CANNOT = "cannot be written"
_FULL = "the disk is full"


def in_words(fault: Exception) -> tuple[str, str | None]:
    """What is wrong with a file that SQLite complains about, and the mend."""
    what = str(fault)
    if "locked" in what:
        return "is in use by another program", "close it, or wait until it has finished"
    if "malformed" in what or "not a database" in what or "decode to UTF-8" in what:
        return f"is damaged: {what}", RESCUE
    if "disk is full" in what or "No space left" in what:
        return _FULL, _mend(_FULL)
    if "readonly" in what or "unable to open" in what or isinstance(fault, PermissionError):
        return _CANNOT, _mend(_CANNOT)
    if "disk I/O error" in what:
        return "the disk could not be written or read", "free some space, and check that the disk is well"
    return what, None


def _mend(what: str) -> str | None:
    return {
        _CANNOT: "check the folder's permissions, or set another store.path",
        _FULL: "free some space; what was shown as done is kept",
    }.get(what)


def encode(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode("utf-8")


def to_storable(text: str) -> str:
    """Replace lone surrogates, which UTF-8 cannot hold."""
    return text.encode("utf-8", errors="replace").decode("utf-8")
