"""A worker that hangs, dies, talks rubbish or runs out of memory over one case: the run goes on, the case is an error."""

from __future__ import annotations

import sys
from queue import SimpleQueue

import msgspec
import psutil
import pytest

from tests.conftest import DEMO_MODELS
from tests.engine.faulty_worker import spawner
from vgpt_probe.engine.pool import Engine
from vgpt_probe.engine.process import _spawn
from vgpt_probe.runs.open import open_battery, open_store
from vgpt_probe.runs.runner import ModelStopped, RunEnded, Runner, create_run

PATIENCE = 200.0
POISON = "Poison"
FAULTS = {
    "dies": "SIGTERM", "hangs": "it hung: no sign of life for 6 s", "stopped": "it hung: no sign of life for 6 s",
    "garbage": "it sent something unreadable", "wrong": "it sent something unreadable", "huge": "its process ended",
    "raises": "RuntimeError: ␛[2Jsomething of our own", "memory": "there was not enough memory",
}  # fmt: skip
POSIX_ONLY = ("dies", "stopped", "memory")


@pytest.mark.parametrize("fault", FAULTS)
def test_what_a_worker_dies_over_twice_is_an_error_and_all_else_is_answered(fault, make_workspace, catalog, monkeypatch):
    if (fault in POSIX_ONLY and sys.platform == "win32") or (fault == "memory" and not sys.platform.startswith("linux")):
        pytest.skip("this fault cannot be made here")
    # One case at a time on the model that fails, so that it is known which it is at.
    extra = "parallel = 1\nthreads = 1\nanswer_timeout = 6\nfull_answers = true"
    workspace = make_workspace({"bad": DEMO_MODELS / "sft.gguf", "good": DEMO_MODELS / "dpo_v2.gguf"}, extra=extra)
    store = open_store(workspace)
    battery = open_battery(workspace, catalog).limited(8)
    probes = list(battery.probes)
    probes[3] = msgspec.structs.replace(probes[3], question=f"Is there a table named {POISON}?")
    battery = msgspec.structs.replace(battery, probes=tuple(probes))
    faulty = spawner(fault, POISON)
    monkeypatch.setattr(
        "vgpt_probe.engine.process._spawn", lambda log, crowded: (faulty if "bad" in log.name else _spawn)(log, crowded)
    )
    engine = Engine(workspace)
    events = SimpleQueue()
    run = create_run(store, workspace, catalog, battery, None)
    Runner(run, store=store, catalog=catalog, engine=engine, listener=events.put, restarts=3).start()
    seen = []
    while not (seen and isinstance(seen[-1], RunEnded)):
        seen.append(events.get(timeout=PATIENCE))
    pids = [worker.pid for worker in engine.workers.values()]
    engine.close()
    assert seen[-1] == RunEnded("done")
    stops = [event for event in seen if isinstance(event, ModelStopped)]
    # An answer may die unreported with its worker: then the first death is put down to that case, and there is a third.
    assert {(event.model, event.again) for event in stops} == {("bad", True)} and len(stops) in (2, 3)
    assert all(FAULTS[fault] in event.message for event in stops), stops
    answers = {(answer.model, answer.position): answer for answer in store.answers(run.id)}
    assert len(answers) == 16
    failed = answers.pop(("bad", 3))
    assert failed.verdict == "error" and failed.text == "" and "each of the 2 times" in failed.reason
    assert all(answer.text and answer.verdict != "error" for answer in answers.values())
    assert not any(pid and psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in pids)
    store.close()


def test_what_a_library_prints_in_a_worker_is_no_message(make_workspace, catalog, monkeypatch):
    workspace = make_workspace({"m": DEMO_MODELS / "sft.gguf"})
    store = open_store(workspace)
    monkeypatch.setattr("vgpt_probe.engine.process._spawn", spawner("prints", "table"))
    engine = Engine(workspace)
    events = SimpleQueue()
    run = create_run(store, workspace, catalog, open_battery(workspace, catalog).limited(6), None)
    Runner(run, store=store, catalog=catalog, engine=engine, listener=events.put).start()
    while not isinstance(event := events.get(timeout=PATIENCE), RunEnded):
        assert not isinstance(event, ModelStopped)
    assert event == RunEnded("done")
    assert "hello" in engine["m"].log.read_text(encoding="utf-8", errors="replace")
    engine.close()
    store.close()


def test_without_restarts_the_model_waits_to_be_asked_for(make_workspace, catalog, monkeypatch):
    workspace = make_workspace({"m": DEMO_MODELS / "sft.gguf"}, extra="parallel = 1\nfull_answers = true")
    store = open_store(workspace)
    battery = open_battery(workspace, catalog).limited(4)
    first = msgspec.structs.replace(battery.probes[0], question=f"Is there a table named {POISON}?")
    battery = msgspec.structs.replace(battery, probes=(first, *battery.probes[1:]))
    monkeypatch.setattr("vgpt_probe.engine.process._spawn", spawner("raises", POISON))
    engine = Engine(workspace)
    events = SimpleQueue()
    run = create_run(store, workspace, catalog, battery, None)
    runner = Runner(run, store=store, catalog=catalog, engine=engine, listener=events.put)
    runner.start()
    assert isinstance(stopped := events.get(timeout=PATIENCE), ModelStopped) and not stopped.again
    assert events.get(timeout=PATIENCE) == RunEnded("stopped")
    assert store.run(run.id).answered == 0
    engine.close()
    store.close()
