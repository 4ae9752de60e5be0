"""A run on the real demo models: it streams in, stops, resumes, and survives what dies."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from queue import SimpleQueue

import msgspec
import psutil
import pytest

from tests.conftest import DEMO_MODELS
from vgpt_probe.engine.pool import Engine
from vgpt_probe.errors import ModelError
from vgpt_probe.runs.calibration import by_model, sample
from vgpt_probe.runs.open import open_battery, open_store
from vgpt_probe.runs.runner import AnswersStored, ModelStopped, RunEnded, Runner, check_resumable, create_run

PATIENCE = 60.0


@pytest.fixture
def start(make_workspace, catalog):
    """Start a run of so many probes; returns its parts and the queue of its events."""
    opened = []

    def start(limit, *, run=None, workspace=None, models=("sft", "dpo_v2")):
        workspace = workspace or make_workspace({name: DEMO_MODELS / f"{name}.gguf" for name in models})
        store = open_store(workspace)
        engine = Engine(workspace)
        opened.append((store, engine))
        if run is None:
            battery = open_battery(workspace, catalog, "existence").limited(limit)
            run = create_run(store, workspace, catalog, battery, None)
        events = SimpleQueue()
        runner = Runner(run, store=store, catalog=catalog, engine=engine, listener=events.put)
        runner.start()
        return workspace, store, engine, runner, events

    yield start
    for store, engine in opened:
        engine.close()
        store.close()


def follow(events, *, until=RunEnded):
    seen = []
    while not (seen and isinstance(seen[-1], until)):
        seen.append(events.get(timeout=PATIENCE))
    return seen


def texts(store, run):
    return {(answer.model, answer.position): answer.text for answer in store.answers(run.id)}


def test_a_run_asks_every_model_every_probe_and_stores_before_it_tells(start):
    _, store, _, runner, events = start(12)
    told = set()
    while not isinstance(event := events.get(timeout=PATIENCE), RunEnded):
        stored = set(texts(store, runner.run))
        told |= {(answer.model, answer.position) for answer in event.answers}
        assert told <= stored
    assert event == RunEnded("done")
    assert len(told) == 24
    assert store.run(runner.run.id).state == "done"
    assert {answer.verdict for answer in store.answers(runner.run.id)} - {"unclear"}


def test_a_file_that_is_replaced_before_it_is_loaded_stops_the_run_with_nothing_stored(
    make_workspace, catalog, tmp_path
):
    model = tmp_path / "model.gguf"
    shutil.copy(DEMO_MODELS / "sft.gguf", model)
    workspace = make_workspace({"sft": model})
    store = open_store(workspace)
    engine = Engine(workspace)
    try:
        battery = open_battery(workspace, catalog, "existence").limited(8)
        run = create_run(store, workspace, catalog, battery, None)
        shutil.copy(DEMO_MODELS / "dpo_v1.gguf", model)
        events = SimpleQueue()
        Runner(run, store=store, catalog=catalog, engine=engine, listener=events.put).start()
        ended = follow(events)[-1]
        assert ended.state == "stopped"
        assert "the file of model 'sft' was changed after run" in ended.problem
        assert not store.answers(run.id)
        assert store.run(run.id).state == "stopped"
    finally:
        engine.close()
        store.close()


def test_a_stopped_run_resumes_with_what_is_missing_and_asks_nothing_twice(start):
    workspace, store, _engine, runner, events = start(40)
    follow(events, until=AnswersStored)
    runner.stop()
    assert follow(events)[-1] == RunEnded("stopped")
    before = texts(store, runner.run)
    assert 0 < len(before) < 80
    run = store.run("latest")
    check_resumable(store, workspace, run)
    _, _, _, _, events = start(40, run=run, workspace=workspace)
    answered = [answer for event in follow(events)[:-1] for answer in event.answers]
    assert len(answered) == 80 - len(before)
    after = texts(store, run)
    assert len(after) == 80 and before.items() <= after.items()


def test_a_killed_worker_stops_its_model_only_and_a_retry_finishes(start):
    _, store, engine, runner, events = start(60)
    follow(events, until=AnswersStored)
    psutil.Process(engine["sft"].pid).kill()
    stopped = follow(events, until=ModelStopped)[-1]
    assert stopped.model == "sft"
    runner.retry("sft")
    assert follow(events)[-1] == RunEnded("done")
    assert len(texts(store, runner.run)) == 120


def test_a_run_whose_models_are_all_gone_ends(start):
    _, store, engine, _runner, events = start(60, models=("sft",))
    follow(events, until=AnswersStored)
    psutil.Process(engine["sft"].pid).kill()
    assert follow(events)[-1] == RunEnded("stopped")
    assert store.run("latest").state == "stopped"


def test_score_mode_gives_margins_and_both_gives_answers_with_them(make_workspace, catalog):
    workspace = make_workspace({"sft": DEMO_MODELS / "sft.gguf"})
    store = open_store(workspace)
    battery = open_battery(workspace, catalog).limited(24)
    engine = Engine(workspace)
    runs = {}
    for mode in ("generate", "score", "both"):
        run = create_run(store, workspace, catalog, battery, None, mode=mode)
        events = SimpleQueue()
        Runner(run, store=store, catalog=catalog, engine=engine, listener=events.put).start()
        assert follow(events)[-1] == RunEnded("done")
        runs[mode] = {answer.position: answer for answer in store.answers(run.id)}
    engine.close()
    store.close()
    for position in range(24):
        scored, both, said = (runs[mode][position] for mode in ("score", "both", "generate"))
        assert (scored.text, scored.stop) == ("", "scored")
        assert scored.reading == ("denies" if scored.margin > 0 else "affirms")
        assert both.margin is not None and both.text and said.margin is None


def test_an_exact_answer_is_that_of_a_question_asked_alone(make_workspace, catalog):
    workspace = make_workspace({"sft": DEMO_MODELS / "sft.gguf"})
    store = open_store(workspace)
    battery = open_battery(workspace, catalog).limited(12)

    def texts_of(battery):
        engine = Engine(workspace, exact=True)
        run = create_run(store, workspace, catalog, battery, None, exact=True)
        events = SimpleQueue()
        Runner(run, store=store, catalog=catalog, engine=engine, listener=events.put).start()
        follow(events)
        engine.close()
        return [answer.text for answer in store.answers(run.id)]

    together = texts_of(battery)
    alone = [texts_of(msgspec.structs.replace(battery, probes=(probe,)))[0] for probe in battery.probes[::4]]
    assert alone == together[::4]
    store.close()


def test_a_changed_model_file_cannot_be_resumed(make_workspace, catalog, tmp_path):
    path = tmp_path / "m.gguf"
    path.write_bytes((DEMO_MODELS / "sft.gguf").read_bytes())
    workspace = make_workspace({"m": path})
    store = open_store(workspace)
    run = create_run(store, workspace, catalog, open_battery(workspace, catalog).limited(2), None)
    check_resumable(store, workspace, run)
    with path.open("ab") as stream:
        stream.write(b"\0")
    with pytest.raises(ModelError, match="has changed since run 1"):
        check_resumable(store, workspace, run)
    store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
def test_ctrl_c_keeps_what_is_there_and_says_how_to_go_on(make_workspace):
    workspace = make_workspace({"sft": DEMO_MODELS / "sft.gguf"})
    # One question at a time, so that the run is not over before it is interrupted.
    command = [sys.executable, "-m", "vgpt_probe", "run", "--exact", "--config", str(workspace.path), "--json"]
    # A shell starts background jobs with Ctrl+C ignored, and so would be this process; one that is handled is reset.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", env=os.environ | {"NO_COLOR": "1"}
    )
    signal.signal(signal.SIGINT, before)
    _wait_for_answers(workspace)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "vgpt-probe run --resume 1" in said


def test_kill_9_in_the_middle_loses_nothing_and_resume_finishes(make_workspace):
    workspace = make_workspace({"sft": DEMO_MODELS / "sft.gguf"})
    base = [sys.executable, "-m", "vgpt_probe", "run", "--config", str(workspace.path)]
    process = subprocess.Popen([*base, "--limit", "80"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    before = _wait_for_answers(workspace)
    process.kill()
    process.wait()
    store = open_store(workspace)
    run = store.run("latest")
    kept = texts(store, run)
    assert before <= len(kept)
    done = subprocess.run([*base, "--resume", "latest"], capture_output=True, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert f"{80 - len(kept)} to ask" in done.stderr
    after = texts(store, run)
    assert len(after) == 80 and kept.items() <= after.items()
    store.close()


def _wait_for_answers(workspace):
    """Wait until a run in another process has stored some answers; return how many."""
    deadline = time.monotonic() + PATIENCE
    store = open_store(workspace)
    try:
        while time.monotonic() < deadline:
            runs = store.runs()
            if runs and runs[0].answered >= 5:
                return runs[0].answered
            time.sleep(0.02)
    finally:
        store.close()
    raise AssertionError("no answer came")


def test_a_sweep_generates_a_sample_and_what_the_margin_does_not_tell(make_workspace, catalog):
    workspace = make_workspace({"sft": DEMO_MODELS / "sft.gguf"})
    store = open_store(workspace)
    battery = open_battery(workspace, catalog).limited(140)
    engine = Engine(workspace)
    run = create_run(store, workspace, catalog, battery, None, mode="sweep")
    events = SimpleQueue()
    Runner(run, store=store, catalog=catalog, engine=engine, listener=events.put).start()
    assert follow(events)[-1] == RunEnded("done")
    answers = {answer.position: answer for answer in store.answers(run.id)}
    assert len(answers) == 140
    chosen = sample(battery.probes)
    assert all(answers[at].stop != "scored" and answers[at].margin is not None for at in chosen)
    calibration = by_model(run, store.cases(run.id))["sft"]
    for at, answer in answers.items():
        if answer.stop == "scored":
            assert calibration.certain(battery.probes[at].wording, answer.margin)
            assert answer.reading == ("denies" if answer.margin > 0 else "affirms")
        else:
            assert answer.text
    engine.close()
    store.close()


def test_full_answers_go_on_where_others_end_early_and_the_verdicts_agree(make_workspace, catalog):
    workspace = make_workspace({"sft": DEMO_MODELS / "sft.gguf"})
    store = open_store(workspace)
    battery = open_battery(workspace, catalog).limited(42)
    engine = Engine(workspace)
    found = {}
    for full in (False, True):
        run = create_run(store, workspace, catalog, battery, None, full=full)
        events = SimpleQueue()
        Runner(run, store=store, catalog=catalog, engine=engine, listener=events.put).start()
        assert follow(events)[-1] == RunEnded("done")
        found[full] = store.answers(run.id)
    assert {"settled"} < {answer.stop for answer in found[False]}
    assert "settled" not in {answer.stop for answer in found[True]}
    same = sum(a.verdict == b.verdict for a, b in zip(found[False], found[True], strict=True))
    assert same >= 41
    engine.close()
    store.close()


def test_other_batching_is_told_when_a_run_is_resumed(make_workspace, catalog):
    models = {"m": DEMO_MODELS / "sft.gguf"}
    workspace = make_workspace(models)
    store = open_store(workspace)
    run = create_run(store, workspace, catalog, open_battery(workspace, catalog).limited(2), None)
    assert check_resumable(store, workspace, run) == []
    [told] = check_resumable(store, make_workspace(models, extra="parallel = 3"), run)
    assert "parallel of model 'm' was 32" in told and "is 3 now" in told
    store.close()
