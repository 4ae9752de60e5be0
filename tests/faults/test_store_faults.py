"""What a disk or another program does to the store: a clear line, nothing overwritten, the rest is read."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.faults.stores import SNAPSHOT, answer, fill, filled, mounted, read_only
from vgpt_probe.errors import StoreError
from vgpt_probe.probes import Battery, make_probe
from vgpt_probe.runs import database
from vgpt_probe.runs.store import Store


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
    run = filled(folder / "s.db", catalog)
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
