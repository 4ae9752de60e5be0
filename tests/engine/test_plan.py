"""The plan of how models are held, and one after another where they do not fit beside each other."""

from __future__ import annotations

import threading
import time
from queue import SimpleQueue

import msgspec
import psutil
import pytest

from tests.engine.test_client import PATIENCE, finish, request
from tests.tiny_gguf import write_tiny_adapter, write_tiny_gguf
from vgpt_probe.engine.gguf_file import read_gguf
from vgpt_probe.engine.machine import Build, Device
from vgpt_probe.engine.messages import PREFIX_SLOTS, Answered, Died
from vgpt_probe.engine.plan import estimate, make_plan, own_streams
from vgpt_probe.engine.pool import Engine
from vgpt_probe.runs.open import open_battery, open_store
from vgpt_probe.runs.runner import RunEnded, Runner, create_run

MB = 1_000_000


@pytest.fixture
def files(tmp_path):
    return {name: write_tiny_gguf(tmp_path / f"{name}.gguf") for name in ("a", "b", "c")}


@pytest.fixture
def free(monkeypatch):
    """Say how much memory is free (MB), of the machine and of GPUs."""

    def free(ram, *gpus):
        devices = [Device(f"GPU{n}", "", "gpu", size * MB, size * MB) for n, size in enumerate(gpus)]
        build = Build("0", bool(gpus), "", (Device("CPU", "", "cpu", ram * MB, ram * MB), *devices))
        monkeypatch.setattr("vgpt_probe.engine.plan.free_memory", lambda: ram * MB)
        monkeypatch.setattr("vgpt_probe.engine.plan.gpu_build", lambda: bool(gpus))
        monkeypatch.setattr("vgpt_probe.engine.plan.ask_build", lambda: build)
        monkeypatch.setattr("vgpt_probe.engine.plan.cores", lambda: 8)

    return free


def test_all_models_are_held_if_they_fit_and_share_the_cores(files, free, make_workspace):
    free(10_000)
    plan = make_plan(make_workspace(files).models())
    assert (plan.residency, plan.fits, [group.threads for group in plan.groups]) == ("all", True, [2, 2, 2])
    assert plan.ram == sum(group.need.ram for group in plan.groups) > 3 * files["a"].stat().st_size


def test_models_that_do_not_fit_beside_each_other_come_one_after_another_with_all_cores(files, free, make_workspace):
    free(200)
    plan = make_plan(make_workspace(files).models())
    assert (plan.residency, plan.fits, [group.threads for group in plan.groups]) == ("one", True, [8, 8, 8])
    assert plan.ram == max(group.need.ram for group in plan.groups)
    assert not plan.too_large


def test_a_model_that_does_not_fit_at_all_is_named(files, free, make_workspace):
    free(10)
    plan = make_plan(make_workspace(files).models())
    assert not plan.fits and plan.too_large == ("a", "b", "c")


@pytest.mark.parametrize(("wish", "ram"), [("all", 10), ("one", 10_000)])
def test_the_user_may_overrule(files, free, make_workspace, wish, ram):
    free(ram)
    workspace = make_workspace(files, f'residency = "{wish}"')
    plan = make_plan(workspace.models(), workspace.config.engine.residency)
    assert (plan.residency, plan.chosen) == (wish, True)


def test_layers_on_a_gpu_need_its_memory(files, free, make_workspace):
    free(10_000, 600)
    plan = make_plan(make_workspace(files).models())
    assert plan.residency == "one" and 300 * MB < plan.vram < 600 * MB
    free(10_000, 600, 600)
    assert make_plan(make_workspace(files).models()).residency == "all"
    on_cpu = make_plan(make_workspace(files, "gpu_layers = 0").models())
    assert on_cpu.residency == "all" and on_cpu.vram == 0


def test_stages_over_one_base_are_planned_as_one(tmp_path, free, make_workspace):
    free(10_000)
    base = write_tiny_gguf(tmp_path / "base.gguf")
    adapter = write_tiny_adapter(tmp_path / "lora.gguf")
    extra = f'[[models]]\nname = "lora"\npath = "{base.as_posix()}"\nadapter = "{adapter.as_posix()}"\nstage = "base"'
    models = make_workspace({"base": base}, extra).models()
    [group] = make_plan(models).groups
    assert (sorted(group.names), group.threads) == (["base", "lora"], 8)
    other = [msgspec.structs.replace(models[0], context=512), models[1]]
    assert len(make_plan(other).groups) == 2, "another context cannot be shared"


def test_a_smaller_cache_type_needs_less(files, make_workspace):
    facts = read_gguf(files["a"])
    [settings, *_] = make_workspace(files).models()
    caches = {
        kind: estimate(facts, msgspec.structs.replace(settings, kv_cache=kind)).cache
        for kind in ("f16", "q8_0", "q4_0")
    }
    own = own_streams(settings) * (settings.parallel + PREFIX_SLOTS)
    assert own > 0
    assert caches["f16"] == facts.kv_values * 2 * (settings.context + own)
    assert caches["f16"] > 1.8 * caches["q8_0"] > 3 * caches["q4_0"]


def test_only_a_small_model_that_answers_many_at_a_time_gets_cells_for_each(files, make_workspace, tmp_path):
    [settings, *_] = make_workspace(files).models()
    asked = msgspec.structs.replace(settings, context=4096, parallel=32)
    assert own_streams(asked) == 256
    assert own_streams(msgspec.structs.replace(asked, parallel=4)) == 1024
    assert own_streams(msgspec.structs.replace(asked, parallel=1)) == 0
    large = tmp_path / "large.gguf"
    with large.open("wb") as file:
        file.truncate(100_000_000)
    assert own_streams(msgspec.structs.replace(asked, path=str(large))) == 0
    assert own_streams(msgspec.structs.replace(asked, path=str(tmp_path / "none.gguf"))) == 0


@pytest.fixture
def one_at_a_time(files, make_workspace):
    """An engine that holds one model at a time, and the most processes that were ever alive together."""
    workspace = make_workspace(files, 'residency = "one"\ncontext = 512\nparallel = 4')
    engine, most, over = Engine(workspace), [0], threading.Event()

    def watch():
        while not over.wait(0.01):
            alive = {worker.pid for worker in engine.workers.values() if worker.pid}
            most[0] = max(most[0], sum(psutil.pid_exists(pid) and _runs(pid) for pid in alive))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    yield workspace, engine, most
    over.set()
    watcher.join()
    engine.close()
    assert all(worker.state in ("unloaded", "failed", "died") for worker in engine.workers.values())


def _runs(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_one_model_is_loaded_after_another_and_every_question_is_answered(one_at_a_time):
    _, engine, most = one_at_a_time
    queues = {name: SimpleQueue() for name in engine.workers}
    for name, events in queues.items():
        engine[name].ask([request(str(n)) for n in range(8)], events.put)
    assert sorted(worker.state for worker in engine.workers.values()) == ["loading", "waiting", "waiting"]
    for events in queues.values():
        assert all(isinstance(event, Answered) for event in finish(events, 8))
    assert most[0] == 1, "a model is gone before the next one comes"
    again = SimpleQueue()
    engine["a"].ask([request("x")], again.put)
    assert isinstance(finish(again, 1)[0], Answered)


def test_a_run_goes_through_the_models_one_by_one(one_at_a_time, catalog):
    workspace, engine, most = one_at_a_time
    store = open_store(workspace)
    battery = open_battery(workspace, catalog).limited(6)
    run = create_run(store, workspace, catalog, battery, None, mode="both")
    events = SimpleQueue()
    Runner(run, store=store, catalog=catalog, engine=engine, listener=events.put).start()
    while not isinstance(event := events.get(timeout=PATIENCE * 2), RunEnded):
        pass
    assert event == RunEnded("done") and len(store.answers(run.id)) == 18
    assert most[0] == 1
    store.close()


def test_what_waits_for_room_can_be_stopped_at_once(one_at_a_time):
    _, engine, _ = one_at_a_time
    first, second = SimpleQueue(), SimpleQueue()
    engine["a"].ask([request("a")], first.put)
    engine["b"].ask([request("b")], second.put)
    engine["b"].cancel()
    assert second.get(timeout=0.5).stop == "stopped"
    assert isinstance(finish(first, 1)[0], Answered)


def test_a_model_that_cannot_be_loaded_makes_room_for_the_next(one_at_a_time, files):
    files["a"].write_bytes(b"GGUF")
    _, engine, _ = one_at_a_time
    first, second = SimpleQueue(), SimpleQueue()
    engine["a"].ask([request("a")], first.put)
    engine["b"].ask([request("b")], second.put)
    assert isinstance(finish(first, 1)[0], Died)
    assert isinstance(finish(second, 1)[0], Answered)


def test_a_model_that_is_killed_makes_room_for_the_next(one_at_a_time):
    _, engine, _ = one_at_a_time
    first, second = SimpleQueue(), SimpleQueue()
    engine["a"].ask([request(str(n), tokens=400) for n in range(40)], first.put)
    engine["b"].ask([request("b")], second.put)
    deadline = time.monotonic() + PATIENCE
    while engine["a"].state != "ready" and time.monotonic() < deadline:
        time.sleep(0.01)
    psutil.Process(engine["a"].pid).kill()
    assert isinstance(finish(second, 1)[0], Answered)
    assert engine["a"].state == "died"
