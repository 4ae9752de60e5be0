"""The store keeps what it was given, and names what is wrong with a file."""

from __future__ import annotations

import sqlite3
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vgpt_probe.errors import StoreError, UsageError
from vgpt_probe.pairs.pair import Pair, Source
from vgpt_probe.probes import Battery, make_probe
from vgpt_probe.runs.records import Answer, RunModel, Snapshot
from vgpt_probe.runs.store import Store

SNAPSHOT = Snapshot("battery", "catalog", (RunModel("a", "sft", "1"), RunModel("b", "dpo", "2")), ("sft", "dpo"))


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "deep" / "store.db")
    yield opened
    opened.close()


@pytest.fixture
def battery(catalog):
    probes = tuple(make_probe(f"Is there {name}?", name, catalog, wording="w") for name in ("APTH", "Invoice"))
    return Battery("small", "", probes, "battery")


def answer(run, position=0, model="a", text="No.", verdict="false_rejection", **more):
    return Answer(run, model, position, text, "denies", verdict, **more)


def test_what_was_written_is_there_after_opening_again(store, battery):
    number = store.create_run(battery, SNAPSHOT)
    full = answer(number, text="No \x1b[31m\u202e table.", evidence=(0, 2), suggested=("APTL",), margin=-1.5, tokens=7)
    store.add_answers([full])
    store.close()
    again = Store(store.path)
    run = again.run("latest")
    assert (run.id, run.battery, run.state, run.probes, run.answered, run.flagged) == (number, "small", "running", 2, 1, 1)
    assert run.snapshot == SNAPSHOT
    assert again.probes(number) == list(battery.probes)
    assert again.answers(number) == [full]
    again.close()


def test_an_answer_is_never_written_twice(store, battery):
    number = store.create_run(battery, SNAPSHOT)
    store.add_answers([answer(number, text="first")])
    store.add_answers([answer(number, text="second"), answer(number, model="b")])
    assert [one.text for one in store.answers(number)] == ["first", "No."]
    assert store.answered(number, "a") == {0}


def test_who_follows_a_run_sees_an_error_that_is_replaced(store, battery):
    number = store.create_run(battery, SNAPSHOT)
    store.add_answers([answer(number, text="", verdict="error"), answer(number, position=1)])
    store.review(answer(number), "confirmed", note="look")
    other = Store(store.path)
    seen, last = other.answers_since(number, 0)
    assert len(seen) == 2
    assert other.answers_since(number, last) == ([], last)
    store.add_answers([answer(number, text="Yes.", verdict="correct"), answer(number, position=1, text="again")])
    seen, now = other.answers_since(number, last)
    assert [(one.position, one.text, one.final, one.note) for one in seen] == [(0, "Yes.", "correct", "look")]
    assert now > last and other.answers_since(number, now) == ([], now)
    other.close()


def test_the_latest_review_counts_and_the_history_stays(store, battery):
    number = store.create_run(battery, SNAPSHOT)
    first = answer(number)
    store.add_answers([first])
    store.review(first, "confirmed")
    overridden = store.review(first, "overridden", verdict="correct", note="it says so below", who="eve")
    assert overridden.final == "correct" and not overridden.flagged
    [kept] = store.answers(number)
    assert (kept.final, kept.verdict, kept.note) == ("correct", "false_rejection", "it says so below")
    store.replace_verdicts([answer(number, verdict="unclear")])
    [regraded] = store.answers(number)
    assert (regraded.verdict, regraded.final) == ("unclear", "correct")
    assert [row[2] for row in store.reviews(first)] == ["confirmed", "overridden"]
    store.review(first, None)
    assert store.answers(number)[0].final == "unclear"


def test_a_dismissed_finding_is_none(store, battery):
    number = store.create_run(battery, SNAPSHOT)
    store.add_answers([answer(number)])
    store.review(answer(number), "dismissed")
    assert not store.cases(number)[0].flagged


def test_pairs_are_kept_changed_and_deleted(store):
    pair = store.add_pair(Pair("q", "good", "bad", "acceptance", source=Source(run=1, rejected="a")))
    store.save_edited(pair, Pair("q", "better", "bad", "acceptance", id=pair.id))
    assert [one.chosen for one in store.pairs()] == ["better"]
    store.delete_pair(pair.id)
    assert store.pairs() == []
    with pytest.raises(UsageError, match="there is no pair 1"):
        store.delete_pair(1)


def test_threads_write_beside_each_other(store, battery):
    number = store.create_run(battery, SNAPSHOT)

    def write(model):
        for position in (0, 1):
            store.add_answers([answer(number, position, model)])

    threads = [threading.Thread(target=write, args=(model,)) for model in "abcdefgh"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.answers(number)) == 16


@settings(max_examples=50, deadline=None)
@given(text=st.text(st.characters(exclude_categories=[]), max_size=200))
def test_any_text_survives_but_for_lone_surrogates(text, tmp_path_factory, catalog):
    store = Store(tmp_path_factory.mktemp("s") / "s.db")
    number = store.create_run(Battery("b", "", (make_probe("q", "APTH", catalog, wording="w"),), ""), SNAPSHOT)
    store.add_answers([answer(number, text=text)])
    assert store.answers(number)[0].text == text.encode("utf-8", "replace").decode("utf-8")
    store.close()


@pytest.mark.parametrize("name", ["7", "latest", "x"])
def test_a_run_that_is_not_there_is_named(store, name):
    with pytest.raises(UsageError):
        store.run(name)


def test_a_store_of_a_newer_version_is_left_alone(tmp_path):
    path = tmp_path / "s.db"
    Store(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer vgpt_probe"):
        Store(path)
    assert path.read_bytes() == before


def test_somebody_elses_database_is_left_alone(tmp_path):
    path = tmp_path / "s.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE theirs (a)")
    with pytest.raises(StoreError, match="something else"):
        Store(path)


def test_a_file_that_is_no_database_is_named_and_kept(tmp_path):
    path = tmp_path / "s.db"
    path.write_bytes(b"this is not a database, whatever its name says" * 100)
    with pytest.raises(StoreError, match="damaged"):
        Store(path)
    assert path.read_bytes().startswith(b"this is not")


def test_a_locked_store_is_named(tmp_path, monkeypatch):
    path = tmp_path / "s.db"
    store = Store(path)
    store.db.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="in use by another program"):
        store.add_pair(Pair("q", "a", "b", "other"))
    other.rollback()
    store.add_pair(Pair("q", "a", "b", "other"))


@pytest.mark.parametrize("verdict", ["correct", "false_rejection", "false_acceptance", "contradiction", "unclear"])
def test_what_waits_in_the_queue_is_flagged(verdict: str) -> None:
    waiting = answer(1, verdict=verdict)
    assert waiting.flagged == (waiting.finding == "open")
    assert waiting.wrong == (verdict not in ("correct", "unclear"))
    # A wrong answer stays until it is dismissed, an unclear one until somebody has looked at it.
    assert answer(1, verdict=verdict, review="confirmed").flagged == waiting.wrong
    assert not answer(1, verdict=verdict, review="dismissed").flagged
