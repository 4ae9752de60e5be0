"""A damaged store is named and kept as it is, and what can still be read of it is saved."""

from __future__ import annotations

import contextlib
import random
import sqlite3
import tempfile
from pathlib import Path

import pytest

from tests.faults.stores import fill, filled, read_only
from vgpt_probe.errors import StoreError
from vgpt_probe.pairs.pair import Pair
from vgpt_probe.runs import rescue as rescuing
from vgpt_probe.runs.rescue import rescue
from vgpt_probe.runs.store import Store


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
    run = filled(path, catalog, 2000)
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
    run = filled(path, catalog, 2000)
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
    filled(path, catalog, 2000)
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
    filled(path, catalog, 2)
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
    filled(path, catalog, 2)
    with read_only(tmp_path):
        counts = rescue(path, Path(tempfile.mkdtemp()) / "saved.db")
    assert counts["answers"] == 2

    def refuses(*_given, **_how):
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr("vgpt_probe.runs.rescue.sqlite3.connect", refuses)
    with pytest.raises(StoreError, match="cannot be written"):
        rescue(path, tmp_path / "saved.db")


def test_a_pair_whose_number_is_damaged_gets_another(tmp_path):
    """Numbers count on from the largest: one near the end of SQLite's whole numbers would leave room for no more."""
    path = tmp_path / "s.db"
    store = Store(path)
    store.add_pairs([Pair("one", "good", "bad", "other"), Pair("two", "good", "bad", "other")])
    store.close()
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE pairs SET id = 2 << 61 WHERE id = 2")
        db.commit()
    assert rescue(path, tmp_path / "saved.db")["pairs"] == 2
    saved = Store(tmp_path / "saved.db")
    assert saved.add_pair(Pair("three", "good", "bad", "other")).id == 3
    assert [pair.prompt for pair in saved.pairs()] == ["one", "two", "three"]
    saved.close()
