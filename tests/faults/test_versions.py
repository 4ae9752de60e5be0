"""Stores of other versions: brought to this one with a copy kept, or named and left as they are."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from tests.faults.stores import filled
from vgpt_probe.errors import StoreError
from vgpt_probe.runs import database, schema
from vgpt_probe.runs.store import Store

SCHEMAS = Path(__file__).parent.parent / "runs" / "schemas"


def test_a_migration_keeps_a_copy_of_what_was_and_all_that_it_held(tmp_path, catalog, monkeypatch):
    path = tmp_path / "s.db"
    run = filled(path, catalog)
    coming = schema.SCHEMA_VERSION + 1
    monkeypatch.setattr(database, "SCHEMA_VERSION", coming)
    monkeypatch.setitem(schema.MIGRATIONS, coming - 1, "ALTER TABLE runs ADD COLUMN mood TEXT NOT NULL DEFAULT '';\n")
    store = Store(path)
    assert len(store.answers(run)) == 200
    assert list(store.rows("SELECT mood FROM runs")) == [("",)]
    assert list(store.rows("PRAGMA user_version")) == [(coming,)]
    store.close()
    with contextlib.closing(sqlite3.connect(tmp_path / f"s.db.v{coming - 1}")) as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (coming - 1,)
        assert copy.execute("SELECT count(*) FROM answers").fetchone() == (200,)


def test_a_migration_that_fails_leaves_the_store_as_it_was(tmp_path, catalog, monkeypatch):
    path = tmp_path / "s.db"
    run = filled(path, catalog)
    with monkeypatch.context() as patch:
        patch.setattr(database, "SCHEMA_VERSION", schema.SCHEMA_VERSION + 1)
        step = "ALTER TABLE runs ADD COLUMN mood TEXT;\nDROP TABLE nowhere;\n"
        patch.setitem(schema.MIGRATIONS, schema.SCHEMA_VERSION, step)
        with pytest.raises(StoreError):
            Store(path)
    store = Store(path)
    assert len(store.answers(run)) == 200
    store.close()


def test_a_version_that_nothing_leads_on_from_is_named(tmp_path):
    path = tmp_path / "s.db"
    Store(path).close()
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 1")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="older vgpt_probe"):
        Store(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("script", sorted(SCHEMAS.glob("*.sql")), ids=lambda path: path.stem)
def test_a_store_of_every_version_opens_with_the_tables_of_today(tmp_path, script):
    """A schema that changes without a new version, or without a step that leads to it, fails here."""
    path = tmp_path / "s.db"
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.executescript(script.read_text(encoding="utf-8"))
        db.execute(f"PRAGMA user_version = {int(script.stem)}")
    Store(path).close()
    Store(tmp_path / "fresh.db").close()
    assert tables(path) == tables(tmp_path / "fresh.db")


def test_the_version_of_today_is_among_those_that_are_tried():
    assert (SCHEMAS / f"{schema.SCHEMA_VERSION}.sql").is_file()


def tables(path: Path) -> set[tuple[str, str]]:
    with contextlib.closing(sqlite3.connect(path)) as db:
        return {
            (name, " ".join(sql.split()))
            for name, sql in db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        }
