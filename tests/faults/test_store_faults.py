"""What a disk, another program or an accident does to the store: a clear line, nothing overwritten, the rest is read."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from vgpt_probe.errors import StoreError
from vgpt_probe.probes import Battery, make_probe
from vgpt_probe.runs import database, schema
from vgpt_probe.runs import rescue as rescuing
from vgpt_probe.runs.records import Answer, RunModel, Snapshot
from vgpt_probe.runs.rescue import rescue
from vgpt_probe.runs.store import Store

SNAPSHOT = Snapshot("battery", "catalog", (RunModel("a", "sft", "1"),), ("sft",))
SCHEMAS = Path(__file__).parent.parent / "runs" / "schemas"


def fill(store: Store, catalog, answers: int = 200) -> int:
    probes = tuple(make_probe(f"Is there APTH, {at}?", "APTH", catalog, wording="w") for at in range(answers))
    run = store.create_run(Battery("small", "", probes, "battery"), SNAPSHOT)
    store.add_answers(answer(run, at) for at in range(answers))
    store.set_state(run, "done")
    return run


def answer(run: int, position: int) -> Answer:
    return Answer(run, "a", position, f"No, {position}. " + "x" * 200, "denies", "false_rejection")


@contextlib.contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Path]:
    """A small disk of its own at ``folder``; the test is skipped where none can be mounted."""
    folder.mkdir(exist_ok=True)
    done = None
    if shutil.which("mount"):
        done = subprocess.run(["mount", *options, str(folder)], capture_output=True, check=False)
    if done is None or done.returncode:
        pytest.skip("a disk can be mounted on Linux as root only")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nothing in ``folder`` can be written: its mode says so, and for root, who is above modes, a mount does."""
    if os.name == "nt":
        pytest.skip("modes are POSIX's")
    if os.geteuid() != 0:
        for path in folder.iterdir():
            path.chmod(0o444)
        folder.chmod(0o555)
        try:
            yield
        finally:
            folder.chmod(0o755)
        return
    with mounted(folder, "--bind", str(folder)):
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
        yield


def test_a_full_disk_keeps_what_was_stored_and_goes_on_when_there_is_room(tmp_path, catalog):
    with mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=2m", "tmpfs") as disk:
        store = Store(disk / "s.db")
        probes = tuple(make_probe(f"{at}?", "APTH", catalog, wording="w") for at in range(4000))
        run = store.create_run(Battery("small", "", probes, "battery"), SNAPSHOT)
        (disk / "ballast").write_bytes(b"\0" * 300_000)
        stored = 0
        with pytest.raises(StoreError, match=r"full|could not be written") as fault:
            for at in range(4000):
                store.add_answers([answer(run, at)])
                stored += 1
        assert str(disk / "s.db") in str(fault.value) and "free some space" in str(fault.value)
        assert store.run(run).answered == stored > 0
        store.close()
        again = Store(disk / "s.db")
        assert [one.position for one in again.answers(run)] == list(range(stored))
        with pytest.raises(StoreError):
            for at in range(stored, 4000):
                again.add_answers([answer(run, at)])
        again.close()
        (disk / "ballast").unlink()
        again = Store(disk / "s.db")
        again.add_answers([answer(run, 3999)])
        assert again.run(run).answered > stored
        again.close()


def test_a_read_only_workspace_can_be_read(tmp_path, catalog):
    folder = tmp_path / "workspace"
    folder.mkdir()
    store = Store(folder / "s.db")
    run = fill(store, catalog)
    store.close()
    before = (folder / "s.db").read_bytes()
    with read_only(folder):
        store = Store(folder / "s.db")
        assert len(store.answers(run)) == 200 and store.read_only
        with pytest.raises(StoreError, match="cannot be written"):
            store.create_run(Battery("b", "", (), ""), SNAPSHOT)
        store.close()
        with pytest.raises(StoreError, match="cannot be written"):
            Store(folder / "another.db")
    assert (folder / "s.db").read_bytes() == before


def test_what_a_killed_process_left_in_the_log_is_read_where_nothing_can_be_written(tmp_path, catalog):
    folder = tmp_path / "workspace"
    folder.mkdir()
    script = (
        "import os, sys; from pathlib import Path; from vgpt_probe.runs.store import Store\n"
        "from vgpt_probe.pairs.pair import Pair\n"
        "Store(Path(sys.argv[1])).add_pair(Pair('q', 'good', 'bad', 'other')); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", script, str(folder / "s.db")], check=False)
    (folder / "s.db-shm").unlink()
    assert (folder / "s.db-wal").stat().st_size
    with read_only(folder):
        store = Store(folder / "s.db")
        assert [pair.chosen for pair in store.pairs()] == ["good"]
        store.close()


def test_a_store_that_another_program_holds_is_waited_for_then_named(tmp_path, catalog, monkeypatch):
    monkeypatch.setattr(database, "PATIENCE", 0.2)
    store = Store(tmp_path / "s.db")
    run = fill(store, catalog)
    script = (
        "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('BEGIN IMMEDIATE'); print('held', flush=True)\n"
        "sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script, str(store.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout.readline().strip() == b"held"
    with pytest.raises(StoreError, match="in use by another program"):
        store.drop_if_empty(run)
    assert len(store.answers(run)) == 200
    other.kill()
    other.wait()
    store.set_state(run, "stopped")
    assert store.run(run).state == "stopped"
    store.close()


def test_two_processes_write_beside_each_other_and_nothing_is_lost(tmp_path, catalog):
    store = Store(tmp_path / "s.db")
    run = fill(store, catalog, 1)
    script = (
        "import sys; from pathlib import Path; from vgpt_probe.runs.store import Store\n"
        "from vgpt_probe.pairs.pair import Pair\n"
        "store = Store(Path(sys.argv[1]))\n"
        "for at in range(100): store.add_pair(Pair(f'{sys.argv[2]} {at}', 'a', 'b', 'other'))"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", script, str(store.path), name]) for name in ("one", "two")
    ]
    assert [writer.wait(300) for writer in writers] == [0, 0]
    assert {pair.prompt for pair in store.pairs()} == {f"{n} {at}" for n in ("one", "two") for at in range(100)}
    assert store.run(run).answered == 1
    store.close()


@pytest.mark.parametrize("seed", range(24))
def test_a_damaged_store_is_named_kept_and_rescued(tmp_path, catalog, seed):
    """Cut short, or with bytes flipped: never a traceback, never overwritten, and the rest can be saved."""
    path = tmp_path / "s.db"
    store = Store(path)
    run = fill(store, catalog)
    known = {one.position: one for one in store.answers(run)}
    store.close()
    data = bytearray(path.read_bytes())
    chance = random.Random(seed)
    if seed % 2:
        data = data[: chance.randrange(1, len(data))]
    else:
        for _ in range(chance.choice((1, 8, 64))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)
    try:
        store = Store(path)
    except StoreError as fault:
        assert str(path) in str(fault)
    else:
        for reads in (store.runs, store.pairs, lambda: store.cases(run), lambda: store.answers(run)):
            try:
                reads()
            except StoreError as fault:
                assert str(path) in str(fault)
        store.close()
    assert path.read_bytes() == bytes(data)
    saved = tmp_path / "saved.db"
    try:
        counts = rescue(path, saved)
    except StoreError as fault:
        assert "nothing" in str(fault) or "is damaged" in str(fault)
        assert not saved.exists()
    else:
        after = Store(saved)
        assert after.rows("PRAGMA integrity_check").__next__() == ("ok",)
        held = [one for one in after.answers(run) if one.position in known]
        assert len(held) == counts["answers"]
        after.close()
    assert path.read_bytes() == bytes(data)


def test_most_of_a_store_with_one_bad_page_is_rescued(tmp_path, catalog):
    path = tmp_path / "s.db"
    store = Store(path)
    run = fill(store, catalog, 2000)
    store.close()
    data = bytearray(path.read_bytes())
    middle = data.find(b"No, 1000. ") // 4096 * 4096
    data[middle : middle + 4096] = b"\xff" * 4096
    path.write_bytes(data)
    counts = rescue(path, tmp_path / "saved.db")
    saved = Store(tmp_path / "saved.db")
    assert 1900 < counts["answers"] < 2000 and counts["runs"] == 1 and counts["probes"] == 2000
    assert len(saved.answers(run)) == counts["answers"] and saved.run(run).probes == 2000
    saved.close()
    with pytest.raises(StoreError, match="there already"):
        rescue(path, tmp_path / "saved.db")


def test_what_lies_between_two_places_of_damage_is_rescued(tmp_path, catalog):
    path = tmp_path / "s.db"
    store = Store(path)
    run = fill(store, catalog, 2000)
    store.close()
    data = bytearray(path.read_bytes())
    hit = [data.find(f"No, {place}. ".encode()) // 4096 * 4096 for place in (300, 340, 1700)]
    for place in hit:
        data[place : place + 4096] = b"\xff" * 4096
    path.write_bytes(data)
    rescue(path, tmp_path / "saved.db")
    saved = Store(tmp_path / "saved.db")
    held = {answer.position for answer in saved.answers(run)}
    # A page holds some ten answers.
    assert len(held) > 2000 - 60 and {0, 320, 1000, 1999} <= held
    saved.close()


@pytest.mark.parametrize("strides", [(5_000, 100), (0, 20), (0, 7)])
def test_strides_lose_no_stretch_that_is_longer(tmp_path, catalog, monkeypatch, strides):
    """The long way and the short one save the same."""
    path = tmp_path / "s.db"
    store = Store(path)
    fill(store, catalog, 2000)
    store.close()
    data = bytearray(path.read_bytes())
    for place in range(400, 1700, 60):
        page = data.find(f"No, {place}. ".encode()) // 4096 * 4096
        data[page : page + 4096] = b"\xff" * 4096
    path.write_bytes(data)
    one_by_one = rescue(path, tmp_path / "all.db")
    for name, value in zip(("CLOSE", "STRIDE"), strides, strict=True):
        monkeypatch.setattr(f"vgpt_probe.runs.rescue.{name}", value)
    told = []
    assert rescue(path, tmp_path / "saved.db", lambda table, rows: told.append(table)) == one_by_one
    assert told[:3] == ["runs", "probes", "answers"]


def test_a_hopeless_store_is_given_up_soon(tmp_path, catalog, monkeypatch):
    """20 MB of which nothing can be read but that it was a store."""
    path = tmp_path / "s.db"
    store = Store(path)
    fill(store, catalog, 2)
    store.close()
    head = path.read_bytes()[:4096]
    with path.open("wb") as stream:
        stream.write(head[:28] + (20_000_000 // 4096).to_bytes(4, "big") + head[32:])
        for _ in range(20_000_000 // 4096 - 1):
            stream.write(b"\xff" * 4096)
    told, tried = [], []
    one = rescuing._Rows.one
    monkeypatch.setattr(rescuing._Rows, "one", lambda rows, number: tried.append(number) or one(rows, number))
    with pytest.raises(StoreError, match="nothing of it can be read"):
        rescue(path, tmp_path / "saved.db", lambda table, rows: told.append(table))
    assert len(told) == 10 and not (tmp_path / "saved.db").exists()
    # Of the half a million rows that each of nine tables could have.
    assert len(tried) < 9 * 11_000


def test_a_store_that_cannot_be_opened_is_named_as_that_and_not_as_hopeless(tmp_path, catalog, monkeypatch):
    path = tmp_path / "s.db"
    store = Store(path)
    fill(store, catalog, 2)
    store.close()
    with read_only(tmp_path):
        counts = rescue(path, Path(tempfile.mkdtemp()) / "saved.db")
    assert counts["answers"] == 2

    def refuses(*_given, **_how):
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr("vgpt_probe.runs.rescue.sqlite3.connect", refuses)
    with pytest.raises(StoreError, match="cannot be written"):
        rescue(path, tmp_path / "saved.db")


# ── versions ──


def test_a_migration_keeps_a_copy_of_what_was_and_all_that_it_held(tmp_path, catalog, monkeypatch):
    path = tmp_path / "s.db"
    store = Store(path)
    run = fill(store, catalog)
    store.close()
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
    store = Store(path)
    run = fill(store, catalog)
    store.close()
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
