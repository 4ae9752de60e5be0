"""A worker that hangs, dies, talks rubbish or runs out of memory over one case: the run goes on, the case is an error."""

from __future__ import annotations

import contextlib
import sys
import time
from queue import SimpleQueue

import msgspec
import psutil
import pytest

from tests.conftest import DEMO_MODELS, ROOT
from tests.engine.faulty_worker import spawner
from tests.tiny_gguf import write_tiny_adapter, write_tiny_gguf
from vgpt_probe import cli
from vgpt_probe.config import load_workspace
from vgpt_probe.engine.messages import Died
from vgpt_probe.engine.pool import Engine
from vgpt_probe.engine.process import _spawn
from vgpt_probe.errors import INTERNAL
from vgpt_probe.runs.grade import Grader
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
    assert [(event.model, event.again) for event in stops] == [("bad", True)] * 2
    assert all(FAULTS[fault] in event.message for event in stops), stops
    answers = {(answer.model, answer.position): answer for answer in store.answers(run.id)}
    assert len(answers) == 16
    failed = answers.pop(("bad", 3))
    assert failed.verdict == "error" and failed.text == "" and "each of the 2 times" in failed.reason
    assert all(answer.text and answer.verdict != "error" for answer in answers.values())
    assert not any(pid and psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in pids)
    store.close()


def run_with(fault, models, workspace, catalog, monkeypatch, *, restarts, mode="generate", poisoned=(5,), **options):
    """Run 24 cases, some poisoned, on models that come to grief over those; the answers that are no errors, and all."""
    store = open_store(workspace)
    battery = open_battery(workspace, catalog).limited(24)
    probes = [
        msgspec.structs.replace(probe, question=f"{POISON}: {probe.question}") if position in poisoned else probe
        for position, probe in enumerate(battery.probes)
    ]
    monkeypatch.setattr("vgpt_probe.engine.process._spawn", spawner(fault, POISON))
    engine = Engine(workspace, exact=options.get("exact", False))
    events = SimpleQueue()
    run = create_run(
        store, workspace, catalog, msgspec.structs.replace(battery, probes=tuple(probes)), models, mode=mode, **options
    )
    runner = Runner(run, store=store, catalog=catalog, engine=engine, listener=events.put, restarts=restarts)
    runner.start()
    stops = []
    while not isinstance(event := events.get(timeout=PATIENCE), RunEnded):
        stops += [event] if isinstance(event, ModelStopped) else []
    engine.close()
    answers = store.answers(run.id)
    store.close()
    errors = {(answer.model, answer.position) for answer in answers if answer.verdict == "error"}
    return event, stops, errors, len(answers)


@pytest.mark.parametrize("exact", [False, True])
def test_a_death_is_put_down_to_what_the_worker_was_at(exact, make_workspace, catalog, monkeypatch):
    workspace = make_workspace({"m": DEMO_MODELS / "sft.gguf"}, extra="parallel = 8\nthreads = 1\nfull_answers = true")
    ended, stops, errors, answered = run_with(
        "raises", None, workspace, catalog, monkeypatch, restarts=4, poisoned=(5, 23), exact=exact
    )
    assert (ended, len(stops), errors, answered) == (RunEnded("done"), 4, {("m", 5), ("m", 23)}, 24)


def test_a_death_while_questions_are_prepared_is_put_down_to_the_one(make_workspace, catalog, monkeypatch):
    workspace = make_workspace({"m": DEMO_MODELS / "sft.gguf"}, extra="parallel = 2\nthreads = 1")
    ended, stops, errors, answered = run_with("renders", None, workspace, catalog, monkeypatch, restarts=3)
    assert (ended, len(stops), errors, answered) == (RunEnded("done"), 2, {("m", 5)}, 24)


def test_a_model_that_had_no_turn_is_not_charged_with_the_death_of_another(tmp_path, catalog, monkeypatch):
    write_tiny_gguf(tmp_path / "base.gguf")
    text = f'[catalog]\nsource = "{(ROOT / "probes" / "vista_demo.sql").as_posix()}"\n'
    text += f'[batteries]\nfolder = "{(ROOT / "probes").as_posix()}"\n'
    text += "[engine]\nparallel = 2\nthreads = 1\ncontext = 1024\nmax_tokens = 8\nfull_answers = true\n"
    for seed, name in enumerate(("one", "two")):
        write_tiny_adapter(tmp_path / f"{name}.lora.gguf", seed=seed)
        text += f'[[models]]\nname = "{name}"\npath = "base.gguf"\nadapter = "{name}.lora.gguf"\n'
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    workspace = load_workspace(tmp_path / "config.toml")
    ended, stops, errors, answered = run_with("raises", None, workspace, catalog, monkeypatch, restarts=9)
    assert (ended, errors, answered) == (RunEnded("done"), {("one", 5), ("two", 5)}, 48)
    # Two deaths of each, and each takes the other down, if that one has not just been started again.
    assert 4 <= len(stops) <= 8


def test_a_worker_that_was_loaded_again_before_its_death_was_heard_of_is_asked_again(
    make_workspace, catalog, monkeypatch
):
    workspace = make_workspace({"m": DEMO_MODELS / "sft.gguf"}, extra="parallel = 4\nthreads = 1\nfull_answers = true")
    gather = Runner._gather

    def late(self):
        events = gather(self)
        if any(isinstance(event, tuple) and isinstance(event[1], Died) for event in events):
            worker = self._engine["m"]
            worker.start()
            while worker.state == "loading":
                time.sleep(0.05)
            assert worker.state == "ready"
        return events

    monkeypatch.setattr(Runner, "_gather", late)
    ended, stops, errors, answered = run_with("raises", None, workspace, catalog, monkeypatch, restarts=3)
    assert (ended, len(stops), errors, answered) == (RunEnded("done"), 2, {("m", 5)}, 24)


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


@pytest.mark.parametrize("at", [1, 20])
def test_a_fault_of_our_own_within_a_run_ends_it_with_70_and_keeps_what_was_answered(
    at, make_workspace, monkeypatch, tmp_path, capsys
):
    workspace = make_workspace({"m": DEMO_MODELS / "sft.gguf"}, extra="parallel = 2\nthreads = 1")
    grade, taken = Grader.grade, []

    def fails(self, probe, *given, **facts):
        taken.append(probe.id)
        if len(taken) == at:
            raise KeyError("nobody thought of this")
        return grade(self, probe, *given, **facts)

    monkeypatch.setattr(Grader, "grade", fails)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ask = ["run", "--limit", "24", "--config", str(workspace.path)]
    assert cli.main(ask) == INTERNAL
    said = capsys.readouterr().err.splitlines()
    assert "this is a fault of vgpt-probe: KeyError: 'nobody thought of this'" in said[-1]
    [written] = tmp_path.glob("vgpt_probe-*.txt")
    assert str(written) in said[-1] and "in fails" in written.read_text(encoding="utf-8")
    with contextlib.closing(open_store(workspace)) as store:
        if at == 1:
            assert store.runs() == [], "a run without an answer is none"
            return
        run = store.run("latest")
        assert run.state == "stopped" and 0 < run.answered < 20
    monkeypatch.setattr(Grader, "grade", grade)
    assert cli.main(["run", "--resume", "latest", "--config", str(workspace.path)]) == 0
    with contextlib.closing(open_store(workspace)) as store:
        assert (store.run("latest").state, store.run("latest").answered) == ("done", 24)
    capsys.readouterr()
