"""Models over one base: they share a process, answer as they do alone, and fall with it."""

from __future__ import annotations

import time
from queue import SimpleQueue

import psutil
import pytest

from tests.conftest import DEMO_MODELS
from tests.engine.test_client import PATIENCE, endless, finish, request, wait_until_loaded
from tests.tiny_gguf import write_tiny_adapter, write_tiny_gguf
from vgpt_probe.config import load_workspace
from vgpt_probe.engine.messages import Answered, Died, Piece, Score, Scored, Turn
from vgpt_probe.engine.pool import Engine
from vgpt_probe.runs.grade import Grader
from vgpt_probe.runs.open import open_battery
from vgpt_probe.runs.runner import probe_request


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shared")
    write_tiny_gguf(folder / "base.gguf")
    for name, seed in (("one", 1), ("two", 2)):
        write_tiny_adapter(folder / f"{name}.gguf", seed=seed)
    write_tiny_adapter(folder / "zero.gguf", scale=0.0)
    (folder / "schema.sql").write_text("CREATE TABLE A (B int)", encoding="utf-8")
    return folder


@pytest.fixture
def make_engine(files):
    made = []

    def make(adapters, extra=""):
        text = '[catalog]\nsource = "schema.sql"\n[engine]\ncontext = 1024\nparallel = 4\nmax_tokens = 12\n'
        for name, adapter in adapters.items():
            text += f'[[models]]\nname = "{name}"\npath = "base.gguf"\nadapter = "{adapter}"\n{extra}\n'
        path = files / f"config{len(made)}.toml"
        path.write_text(text, encoding="utf-8")
        engine = Engine(load_workspace(path))
        made.append(engine)
        return engine

    yield make
    for engine in made:
        engine.close()


QUESTIONS = [f"Is there a table {name}?" for name in ("APTH", "APTL", "JCJM")] * 10


def ask_all(engine, names):
    """Put the questions to the models at the same time; return the texts of each."""
    queues = {name: SimpleQueue() for name in names}
    for name, events in queues.items():
        engine[name].ask([request(str(n), text=text) for n, text in enumerate(QUESTIONS)], events.put)
    found = {name: finish(events, len(QUESTIONS)) for name, events in queues.items()}
    return {name: {event.id: event.text for event in events} for name, events in found.items()}


def test_models_over_one_base_share_a_process_and_answer_as_they_do_alone(make_engine):
    stages = {"base": "", "one": "one.gguf", "two": "two.gguf"}
    shared = make_engine(stages)
    together = ask_all(shared, stages)
    assert len({shared[name].pid for name in stages}) == 1
    assert together == ask_all(shared, stages), "taking turns leaves nothing behind"
    for name, adapter in stages.items():
        alone = make_engine({name: adapter})
        assert ask_all(alone, [name])[name] == together[name]
    texts = {name: tuple(answers.values()) for name, answers in together.items()}
    assert len(set(texts.values())) == 3, "each adapter makes another model"


def test_an_adapter_that_changes_nothing_answers_as_its_base(make_engine):
    answers = ask_all(make_engine({"base": "", "zero": "zero.gguf"}), ["base", "zero"])
    assert answers["base"] == answers["zero"]


def test_scores_come_from_the_model_that_was_asked(make_engine):
    def margins(engine, name):
        events = SimpleQueue()
        ask = Score("s", (Turn("user", "APTH?"),), ("No,", "There is no"), ("Yes,",))
        engine[name].score([ask], events.put)
        [scored] = finish(events, 1)
        assert isinstance(scored, Scored)
        return scored.margin

    shared = make_engine({"one": "one.gguf", "two": "two.gguf"})
    found = {name: margins(shared, name) for name in ("one", "two", "one")}
    assert found["one"] != found["two"]
    assert found["two"] == margins(make_engine({"two": "two.gguf"}), "two")


def test_a_conversation_does_not_wait_for_a_whole_run(make_engine):
    engine = make_engine({"one": "one.gguf", "two": "two.gguf"})
    told = SimpleQueue()
    engine["one"].ask(
        [request(f"run-{n}", text=f"{n}", tokens=12) for n in range(400)], lambda event: told.put(("run", event))
    )
    while told.get(timeout=PATIENCE)[0] != "run":
        pass
    engine["two"].ask([request("chat", stream=True)], lambda event: told.put(("chat", event)))
    order = []
    while len(order) < 300:
        who, event = told.get(timeout=PATIENCE)
        if isinstance(event, Answered):
            order.append(who)
    assert "chat" in order


def test_a_stop_of_one_model_leaves_the_others_alone(make_engine):
    engine = make_engine({"one": "one.gguf", "two": "two.gguf"})
    stopped, going = SimpleQueue(), SimpleQueue()
    engine["one"].ask([endless(f"a-{n}") for n in range(400)], stopped.put)
    while not isinstance(stopped.get(timeout=PATIENCE), Piece):
        pass
    engine["two"].ask([request("b"), request("c")], going.put)
    engine["two"].cancel(["c"])
    engine["one"].cancel()
    assert finish(stopped, 400)[-1].stop == "stopped"
    ends = {event.id: event.stop for event in finish(going, 2)}
    assert ends["c"] == "stopped" and ends["b"] != "stopped"


def test_a_process_that_dies_takes_every_model_of_its_base_down_and_each_says_so(make_engine):
    engine = make_engine({"one": "one.gguf", "two": "two.gguf"})
    queues = {name: SimpleQueue() for name in ("one", "two")}
    for name, events in queues.items():
        engine[name].ask([endless(f"{name}-{n}") for n in range(400)], events.put)
    while not isinstance(queues["one"].get(timeout=PATIENCE), Piece):
        pass
    psutil.Process(engine["one"].pid).kill()
    for name, other in (("one", "two"), ("two", "one")):
        while not isinstance(queues[name].get(timeout=PATIENCE), Died):
            pass
        assert engine[name].state == "died"
        assert f"it shared its weights with {other}" in engine[name].problem
    answers = ask_all(engine, ["two"])
    assert len(answers["two"]) == len(QUESTIONS)
    assert engine["one"].state == "ready", "the base came back with both"


@pytest.mark.parametrize("wrong", ["base.gguf", "wide.gguf", "none"])
def test_a_wrong_adapter_fails_alone_and_can_be_mended(make_engine, files, wrong):
    bad = files / "bad.gguf"
    if wrong == "wide.gguf":
        write_tiny_adapter(bad, width=96)
    elif wrong == "none":
        bad.write_bytes(b"none")
    else:
        bad.write_bytes((files / wrong).read_bytes())
    engine = make_engine({"good": "one.gguf", "bad": "bad.gguf"})
    events = SimpleQueue()
    engine["bad"].ask([request("a")], events.put)
    [ended] = finish(events, 1)
    assert isinstance(ended, Died) and "bad.gguf" in ended.message
    wait_until_loaded([engine["good"]])
    assert (engine["good"].state, engine["bad"].state) == ("ready", "failed")
    pid = engine["good"].pid
    write_tiny_adapter(bad, seed=3)
    engine["bad"].ask([request("a")], events.put)
    assert isinstance(finish(events, 1)[-1], Answered)
    assert engine["good"].pid == pid


def test_a_model_trained_anew_under_the_same_name_is_loaded_anew(make_engine, files):
    again = write_tiny_adapter(files / "again.gguf", seed=4)
    engine = make_engine({"again": "again.gguf"})
    before = ask_all(engine, ["again"])
    time.sleep(0.01)
    write_tiny_adapter(again, seed=5)
    assert ask_all(engine, ["again"]) != before


def test_a_base_with_its_adapter_says_what_the_merged_file_says(make_workspace, catalog):
    merged = make_workspace({name: DEMO_MODELS / f"{name}.gguf" for name in ("dpo_v1", "dpo_v2")})
    text = merged.path.read_text(encoding="utf-8")
    for name in ("dpo_v1", "dpo_v2"):
        adapter = (DEMO_MODELS / f"{name}.lora.gguf").as_posix()
        base = (DEMO_MODELS / "sft.gguf").as_posix()
        old = f'path = "{(DEMO_MODELS / f"{name}.gguf").as_posix()}"'
        text = text.replace(old, f'path = "{base}"\nadapter = "{adapter}"')
    path = merged.path.with_name("lora.toml")
    path.write_text(text, encoding="utf-8")
    found = [read_all(Engine(workspace), workspace, catalog) for workspace in (merged, load_workspace(path))]
    assert len(found[0]) == 80
    assert sum(found[0][key] == found[1][key] for key in found[0]) >= 78


def read_all(engine, workspace, catalog):
    """The reading of each model's answer to 40 probes."""
    battery = open_battery(workspace, catalog, "existence").limited(40)
    grader = Grader(catalog)
    readings = {}
    try:
        for name, worker in engine.workers.items():
            events = SimpleQueue()
            worker.ask([probe_request(one, worker.settings, id=one.id) for one in battery.probes], events.put)
            said = {event.id: event.text for event in finish(events, len(battery.probes))}
            for position, one in enumerate(battery.probes):
                answer = grader.grade(one, said[one.id], run=0, model=name, position=position)
                readings[name, one.id] = answer.reading
    finally:
        engine.close()
    return readings
