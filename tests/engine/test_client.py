"""A worker process over real llama.cpp: asking, stopping, and every way it can fail."""

from __future__ import annotations

import subprocess
import sys
import time
from queue import SimpleQueue

import psutil
import pytest

from tests.conftest import DEMO_MODELS
from tests.tiny_gguf import write_tiny_gguf
from vgpt_probe.config import ModelSettings
from vgpt_probe.engine.client import Worker
from vgpt_probe.engine.messages import (
    Answered,
    Died,
    Failed,
    Loaded,
    ModelFacts,
    Piece,
    ReadWith,
    Request,
    Turn,
)

PATIENCE = 120.0


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture
def make_worker(tmp_path):
    made = []

    def make(path, **changes):
        settings = {
            "name": "tiny", "path": str(path), "stage": "s", "adapter": "", "chat_template": "", "context": 1024,
            "parallel": 4, "threads": 1, "batch": 128, "gpu_layers": 0, "max_tokens": 16, "temperature": 0.0,
            "top_p": 1.0, "seed": 0, "system_prompt": "", "load_timeout": 60,
        }  # fmt: skip
        worker = Worker(ModelSettings(**settings | changes), threads=1, log=tmp_path / "worker.log")
        made.append(worker)
        return worker

    yield make
    for worker in made:
        worker.close()


def wait_until_loaded(workers):
    """Wait until no worker is loading any more, whatever became of it."""
    while any(worker.state == "loading" for worker in workers):
        time.sleep(0.02)


def request(name, *, text="hello", tokens=16, stream=False):
    return Request(name, (Turn("user", text),), max_tokens=tokens, stream=stream)


def endless(name):
    """A request that goes on until it is stopped: noise that ends is drawn again at another temperature."""
    return Request(name, (Turn("user", "go on"),), max_tokens=1_000_000, temperature=5.0, seed=1, stream=True)


def finish(events, count):
    found = []
    while len([event for event in found if not isinstance(event, Piece)]) < count:
        found.append(events.get(timeout=PATIENCE))
    return found


def test_answers_stream_and_add_up(tiny, make_worker):
    events = SimpleQueue()
    worker = make_worker(tiny)
    worker.ask([request("a", stream=True), request("b")], events.put)
    found = finish(events, 2)
    answers = {event.id: event for event in found if isinstance(event, Answered)}
    assert "".join(event.text for event in found if isinstance(event, Piece)) == answers["a"].text
    assert answers["a"].text == answers["b"].text != ""
    assert worker.state == "ready" and worker.facts.parameters > 100_000
    assert worker.busy == 0


def test_the_same_questions_give_the_same_bytes(tiny, make_worker):
    worker = make_worker(tiny)

    def ask():
        events = SimpleQueue()
        worker.ask([request(str(n), text=f"table {n}") for n in range(30)], events.put)
        return {event.id: event.text for event in finish(events, 30)}

    assert ask() == ask()


def test_a_stop_reaches_a_running_answer_and_the_worker_goes_on(tiny, make_worker):
    events = SimpleQueue()
    worker = make_worker(tiny)
    worker.ask([endless("a"), endless("b")], events.put)
    while not isinstance(events.get(timeout=PATIENCE), Piece):
        pass
    worker.cancel()
    stopped = {event.id: event.stop for event in finish(events, 2) if isinstance(event, Answered)}
    assert set(stopped) == {"a", "b"}
    worker.ask([request("c")], events.put)
    assert finish(events, 1)[-1].id == "c"


def test_a_killed_worker_is_noticed_and_can_be_started_again(tiny, make_worker):
    events = SimpleQueue()
    worker = make_worker(tiny)
    worker.ask([endless("a"), endless("b")], events.put)
    while not isinstance(events.get(timeout=PATIENCE), Piece):
        pass
    psutil.Process(worker.pid).kill()
    ended = [event for event in finish(events, 1) if isinstance(event, Died)]
    assert len(ended) == 1, "one word for all that it owed"
    assert worker.state == "died" and worker.problem
    worker.ask([request("c")], events.put)
    assert isinstance(finish(events, 1)[-1], Answered)


def test_unloading_ends_the_process(tiny, make_worker):
    worker = make_worker(tiny)
    worker.start()
    wait_until_loaded([worker])
    process = psutil.Process(worker.pid)
    worker.close()
    assert not process.is_running()
    deadline = time.monotonic() + PATIENCE
    while worker.state != "unloaded" and time.monotonic() < deadline:
        time.sleep(0.01)
    assert worker.state == "unloaded"


def test_a_worker_leaves_when_its_owner_is_killed(tiny, tmp_path):
    script = (
        "import sys, time; from tests.engine.test_client import *\n"
        f"settings = ModelSettings(name='m', path={str(tiny)!r}, stage='', adapter='', chat_template='', context=512,"
        " parallel=2, threads=1, batch=64, gpu_layers=0, max_tokens=8, temperature=0.0, top_p=1.0, seed=0,"
        " system_prompt='', load_timeout=60)\n"
        f"worker = Worker(settings, threads=1, log=__import__('pathlib').Path({str(tmp_path / 'w.log')!r}))\n"
        "worker.start(); wait_until_loaded([worker]); worker.ask([endless('a')], lambda event: None)\n"
        "print(worker.pid, flush=True); time.sleep(60)\n"
    )
    owner = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, encoding="utf-8")
    worker = psutil.Process(int(owner.stdout.readline()))
    owner.kill()
    owner.wait()
    worker.wait(PATIENCE)


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "is no GGUF"), (b"GGUF", "is a damaged GGUF"), (b"some text", "is no GGUF")]
)
def test_a_file_that_is_no_model_is_named(tmp_path, make_worker, content, said):
    (tmp_path / "bad.gguf").write_bytes(content)
    events = SimpleQueue()
    worker = make_worker(tmp_path / "bad.gguf")
    worker.ask([request("a")], events.put)
    [ended] = finish(events, 1)
    assert isinstance(ended, Died) and said in ended.message
    assert worker.state == "failed"


def test_a_cut_file_is_named(tmp_path, tiny, make_worker):
    (tmp_path / "cut.gguf").write_bytes(tiny.read_bytes()[:200_000])
    events = SimpleQueue()
    make_worker(tmp_path / "cut.gguf").ask([request("a")], events.put)
    assert "it is cut" in finish(events, 1)[0].message


def test_a_model_without_a_chat_template_is_named_with_the_mend(tmp_path, make_worker):
    path = write_tiny_gguf(tmp_path / "bare.gguf", template=None)
    events = SimpleQueue()
    make_worker(path).ask([request("a")], events.put)
    assert "no chat template" in finish(events, 1)[0].message
    worker = make_worker(path, chat_template="{% for m in messages %}{{ m.content }}{% endfor %}")
    worker.ask([request("a")], events.put)
    assert isinstance(finish(events, 1)[0], Answered)


def test_a_chat_template_that_refuses_fails_the_request_only(tmp_path, make_worker):
    path = write_tiny_gguf(tmp_path / "no.gguf", template="{{ raise_exception('no system prompt here') }}")
    events = SimpleQueue()
    worker = make_worker(path)
    worker.ask([request("a")], events.put)
    [failed] = finish(events, 1)
    assert isinstance(failed, Failed) and "no system prompt here" in failed.message
    assert worker.state == "ready"


def test_a_model_that_takes_too_long_to_load_is_given_up(tiny, make_worker, monkeypatch):
    worker = make_worker(tiny, load_timeout=1)
    monkeypatch.setattr("vgpt_probe.engine.process.write_frame", lambda pipe, data: None)
    worker.start()
    wait_until_loaded([worker])
    assert worker.state == "failed" and "within 1 s" in worker.problem


def test_rubbish_from_a_worker_is_noticed(tiny, make_worker, monkeypatch):
    monkeypatch.setattr(
        "vgpt_probe.engine.process._spawn",
        lambda log, crowded: subprocess.Popen(
            [sys.executable, "-c", "import sys; sys.stdout.buffer.write(b'\\3\\0\\0\\0\\xc1\\xc1\\xc1'); sys.stdin.read()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, bufsize=0,
        ),
    )  # fmt: skip
    worker = make_worker(tiny)
    worker.start()
    wait_until_loaded([worker])
    assert "unreadable" in worker.problem


@pytest.mark.parametrize(("cache", "flash"), [("q8_0", "auto"), ("q4_0", "on"), ("f16", "on"), ("f16", "off")])
def test_every_cache_type_answers(make_worker, cache, flash):
    events = SimpleQueue()
    path = DEMO_MODELS / "sft.gguf"
    worker = make_worker(path, kv_cache=cache, flash_attention=flash, main_gpu=0, context=512)
    worker.ask([request("a", text="Is there a table named APTH?", tokens=24)], events.put)
    [said] = finish(events, 1)
    assert isinstance(said, Answered) and "APTH" in said.text


def test_a_template_that_is_broken_is_named_as_that(tiny, make_worker):
    events = SimpleQueue()
    make_worker(tiny, chat_template="{% for m in messages %}").ask([request("a")], events.put)
    assert "the chat template is not valid Jinja" in finish(events, 1)[0].message


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not let a mapped file be cut")
def test_a_file_that_is_cut_under_a_loaded_model_is_named_as_the_cause(tmp_path, tiny, make_worker):
    path = tmp_path / "cut.gguf"
    path.write_bytes(tiny.read_bytes())
    worker = make_worker(path)
    events = SimpleQueue()
    worker.ask([endless("a")], events.put)
    while not isinstance(events.get(timeout=PATIENCE), Piece):
        pass
    with path.open("r+b") as stream:
        stream.truncate(1000)
    while not isinstance(ended := events.get(timeout=PATIENCE), Died):
        assert isinstance(ended, Piece)
    assert "its file was changed after it was loaded" in ended.message


def test_a_process_that_is_loaded_again_is_told_again_what_to_read_with(tiny, make_worker, monkeypatch):
    worker, sent = make_worker(tiny), []
    monkeypatch.setattr(worker._process, "start", lambda asking: asking.now("loading"))
    monkeypatch.setattr(worker._process, "send", lambda _member, command: sent.append(command))
    facts = ModelFacts("", 0, 0, 0, 0, 1, False, 0.0)
    reader = ReadWith((), True, "dbo", "tsql")
    for given in (reader, None):
        worker.ask([request("a")], lambda event: None, reader=given)
        worker.handle(Loaded(facts))
        worker.ask([request("b")], lambda event: None)
        worker.told_to_leave()
    assert [command.reader for command in sent] == [reader, None, reader, None]
