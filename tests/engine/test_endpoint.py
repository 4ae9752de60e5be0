"""Served models: a server that misbehaves in every way, and a real one."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from queue import SimpleQueue

import pytest

from tests.engine import misbehaving as acts
from tests.tiny_gguf import write_tiny_gguf
from vgpt_probe.engine.beginnings import Alternative, Step, weigh_beginnings
from vgpt_probe.engine.messages import Answered, Died, Failed, Piece, Request, Score, Scored, Turn
from vgpt_probe.engine.pool import Engine
from vgpt_probe.engine.served import describe
from vgpt_probe.errors import ModelError
from vgpt_probe.runs.open import open_battery, open_store
from vgpt_probe.runs.runner import AnswersStored, ModelStopped, RunEnded, Runner, check_resumable, create_run

PATIENCE = 120.0
SECRET = "sk-very-secret-0123456789"


@pytest.fixture
def server():
    server = acts.Misbehaving()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def no_long_waits(monkeypatch):
    monkeypatch.setattr("vgpt_probe.engine.http_client.BACK_OFF", 0.01)


@pytest.fixture
def make_engine(make_workspace):
    made = []

    def make(url, extra="", **options):
        engine = Engine(served_workspace(make_workspace, url, extra), **options)
        made.append(engine)
        return engine

    yield make
    for engine in made:
        engine.close()


def served_workspace(make_workspace, url, extra=""):
    """A workspace with one served model, ``m``."""
    return make_workspace({}, f'[[models]]\nname = "m"\nurl = "{url}"\n{extra}')


def request(name="a", text="APTH?", **options):
    return Request(name, (Turn("user", text),), max_tokens=16, **options)


def ask(engine, *requests, count=None):
    """Ask, and wait for the ends (or one ``Died``)."""
    events = SimpleQueue()
    engine["m"].ask(requests, events.put)
    found = []
    while len([one for one in found if not isinstance(one, Piece)]) < (count or len(requests)):
        found.append(events.get(timeout=PATIENCE))
    return found


def test_an_answer_and_its_facts(server, make_engine):
    engine = make_engine(server.url)
    [said] = ask(engine, request())
    assert (said.text, said.stop, said.prompt_tokens, said.tokens) == ("You asked: APTH?", "end", 7, 3)
    assert engine["m"].state == "ready" and engine["m"].busy == 0
    assert server.asked[0] | {"model": "m", "temperature": 0.0, "max_tokens": 16} == server.asked[0]
    assert not {"stream", "stop"} & set(server.asked[0])


def test_the_server_is_told_what_answers_end_before(server, make_engine):
    ask(make_engine(server.url), request(stop_strings=("\nQuestion:",)))
    assert server.asked[0]["stop"] == ["\nQuestion:"]


def test_a_conversation_is_streamed(server, make_engine):
    found = ask(make_engine(server.url), request(stream=True))
    assert "".join(one.text for one in found[:-1]) == found[-1].text == "You asked: APTH? "
    assert len(found) == 4 and found[-1].stop == "length"


def test_requests_are_under_way_together_but_never_more_than_allowed(server, make_engine):
    server.otherwise = acts.slow(0.05)
    ask(make_engine(server.url, "parallel = 3"), *(request(str(n)) for n in range(12)))
    assert server.most_under_way == 3


def test_exact_asks_one_at_a_time(server, make_engine):
    server.otherwise = acts.slow(0.01)
    ask(make_engine(server.url, exact=True), *(request(str(n)) for n in range(4)))
    assert server.most_under_way == 1


@pytest.mark.parametrize(
    "fault",
    [
        acts.status(500), acts.status(503, Retry_After="0"), acts.status(429, Retry_After="Fri, 1 Jan"),
        acts.raw(b"<html>busy</html>"), acts.raw(b'{"choices": []}'), acts.raw(b'{"choices": [{}]}'),
        acts.raw(b'{"choices": [{"message": {"content": "x"}}]}', length=4000), acts.raw(b"\xff\xfe"),
        acts.raw(b'{"choices": 7}'), acts.raw(b""), acts.hang_up,
    ],
)  # fmt: skip
def test_what_goes_wrong_once_is_asked_again(server, make_engine, fault):
    server.acts = [fault, fault]
    [said] = ask(make_engine(server.url), request())
    assert isinstance(said, Answered) and said.text == "You asked: APTH?"
    assert len(server.asked) == 3


def test_a_request_that_the_server_will_not_take_fails_alone_and_at_once(server, make_engine):
    server.acts = [acts.status(400, {"error": {"message": "the prompt\x1b[31m is too long"}})]
    engine = make_engine(server.url, "parallel = 1")
    failed, said = ask(engine, request("a"), request("b"))
    assert isinstance(failed, Failed) and failed.message == "the server says 400: the prompt␛[31m is too long"
    assert isinstance(said, Answered)


def test_a_request_that_always_fails_is_an_error_when_others_succeed(server, make_engine):
    server.acts = [acts.raw(b"rubbish")] * 2
    failed, said = sorted(
        ask(make_engine(server.url, "parallel = 1\nretries = 1"), request("a"), request("b")), key=lambda one: one.id
    )
    assert isinstance(failed, Failed) and "unreadable" in failed.message
    assert isinstance(said, Answered)


def test_a_server_that_fails_for_everything_is_gone_and_nothing_counts_as_answered(server, make_engine):
    server.otherwise = acts.status(500)
    engine = make_engine(server.url, "retries = 0")
    [ended] = ask(engine, *(request(str(n)) for n in range(40)), count=1)
    assert isinstance(ended, Died) and "in a row failed" in ended.message
    assert engine["m"].state == "died" and engine["m"].busy == 0
    server.otherwise = acts.answer
    assert isinstance(ask(engine, request())[0], Answered), "it is tried afresh"


def test_a_server_that_goes_away_is_gone(server, make_engine):
    engine = make_engine(server.url, "retries = 1")
    ask(engine, request())
    server.otherwise = acts.hang_up
    [ended] = ask(engine, request(), count=1)
    assert isinstance(ended, Died) and "no answer from http://127.0.0.1" in ended.message


def test_a_server_that_is_not_there_is_named_with_the_mend(make_engine):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    engine = make_engine(f"http://127.0.0.1:{port}/v1")
    [ended] = ask(engine, request(), count=1)
    assert isinstance(ended, Died) and "start the server, or check 'url'" in ended.message
    assert engine["m"].state == "failed"


def test_a_silent_server_is_given_up(server, make_engine):
    server.otherwise = acts.slow(30)
    [ended] = ask(make_engine(server.url, "answer_timeout = 1"), request(), count=1)
    assert isinstance(ended, Died) and "silent for 1 s" in ended.message
    assert len(server.asked) == 2


def test_a_cut_stream_is_told_and_not_taken_for_an_answer(server, make_engine):
    server.acts = [acts.cut_stream]
    *pieces, failed = ask(make_engine(server.url), request(stream=True))
    assert [one.text for one in pieces] == ["half an "]
    assert isinstance(failed, Failed) and "cut off" in failed.message


def test_an_answer_without_end_is_rubbish(server, make_engine, monkeypatch):
    monkeypatch.setattr("vgpt_probe.engine.http_client.MOST_BYTES", 10_000)
    server.acts = [acts.raw(b"x" * 20_000)]
    [failed] = ask(make_engine(server.url, "retries = 0"), request())
    assert isinstance(failed, Failed) and "more than" in failed.message


def test_a_stop_ends_what_is_said_and_what_waits_and_the_server_notices(server, make_engine):
    server.otherwise = acts.endless_stream
    engine = make_engine(server.url, "parallel = 1")
    events = SimpleQueue()
    engine["m"].ask([request("a", stream=True), request("b")], events.put)
    while not isinstance(events.get(timeout=PATIENCE), Piece):
        pass
    engine["m"].cancel()
    ends = {}
    while len(ends) < 2:
        event = events.get(timeout=PATIENCE)
        if isinstance(event, Answered):
            ends[event.id] = event
    assert {end.stop for end in ends.values()} == {"stopped"}
    assert ends["a"].text.startswith("on and ") and ends["b"].text == ""
    assert server.hung_up.wait(PATIENCE)
    server.otherwise = acts.answer
    assert isinstance(ask(engine, request("c"))[0], Answered)


def test_the_key_goes_to_the_server_and_nowhere_else(server, make_engine, monkeypatch, tmp_path):
    monkeypatch.setenv("M_KEY", SECRET)
    server.acts = [acts.answer, *[acts.status(500, {"error": {"message": f"bad key {SECRET}"}})] * 2]
    engine = make_engine(server.url, 'api_key_env = "M_KEY"\nretries = 1')
    ask(engine, request())
    [failed] = ask(engine, request())
    assert "bad key •••" in failed.message
    server.acts = [acts.raw(json.dumps(acts.completion(f"Your key is {SECRET}.")).encode("utf-8"))]
    [answered] = ask(engine, request())
    assert answered.text == "Your key is •••."
    assert set(server.keys) == {f"Bearer {SECRET}"}
    engine.close()
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept and not any(SECRET.encode() in path.read_bytes() for path in kept)


def test_a_key_that_is_not_there_or_not_taken_is_named(server, make_engine, monkeypatch):
    monkeypatch.delenv("M_KEY", raising=False)
    [ended] = ask(make_engine(server.url, 'api_key_env = "M_KEY"'), request(), count=1)
    assert "environment variable M_KEY is not set" in ended.message
    monkeypatch.setenv("M_KEY", SECRET)
    server.otherwise = acts.status(401)
    [ended] = ask(make_engine(server.url, 'api_key_env = "M_KEY"'), request(), count=1)
    assert isinstance(ended, Died) and "refuses the key in M_KEY" in ended.message


def test_a_model_that_is_not_served_is_named_with_the_nearest(server, make_engine):
    server.pages["/v1/models"] = {"data": [{"id": "dpo_v1"}, {"id": "dpo_v2"}]}
    [ended] = ask(make_engine(server.url, 'model = "dpo_v3"'), request(), count=1)
    assert "serves no model 'dpo_v3' (did you mean 'dpo_v" in ended.message
    [ended] = ask(make_engine(server.url), request(), count=1)
    assert "serves 2 models (name the 'model': dpo_v1, dpo_v2)" in ended.message


@pytest.mark.parametrize("page", [{"data": 7}, [], None])
def test_a_server_that_does_not_list_its_models_is_believed_if_the_model_is_named(server, make_workspace, page):
    server.pages = {"/v1/models": page} if page is not None else {}
    [settings] = served_workspace(make_workspace, server.url).models()
    with pytest.raises(ModelError, match="does not list its models"):
        describe(settings)
    [settings] = served_workspace(make_workspace, server.url, 'model = "x"').models()
    assert describe(settings).id == "x"


def test_a_list_without_end_is_not_read_to_its_end(server, make_workspace, monkeypatch):
    monkeypatch.setattr("vgpt_probe.engine.served.MOST_BYTES", 1000)
    server.pages["/v1/models"] = {"data": [{"id": "m", "root": "x" * 2000}]}
    [settings] = served_workspace(make_workspace, server.url).models()
    with pytest.raises(ModelError, match="does not list its models"):
        describe(settings)


def test_a_fingerprint_tells_when_something_else_is_served(server, make_workspace):
    [settings] = served_workspace(make_workspace, server.url).models()
    seen = {describe(settings).fingerprint}
    for path, page in (
        ("/props", {"model_path": "a.gguf", "chat_template": "x", "default_generation_settings": {"n_ctx": 512}}),
        ("/props", {"model_path": "b.gguf", "chat_template": "x"}),
        ("/props", {"model_path": "b.gguf", "chat_template": "y"}),
        ("/v1/models", {"data": [{"id": "m", "root": "base"}]}),
    ):
        server.pages[path] = page
        seen.add(describe(settings).fingerprint)
    assert len(seen) == 5
    del server.pages["/props"]
    server.pages["/api/tags"] = {"models": [{"name": "m:latest", "digest": "sha256:1"}]}
    seen.add(describe(settings).fingerprint)
    assert len(seen) == 6
    server.pages["/v1/models"]["data"][0]["created"] = time.time()
    assert describe(settings).fingerprint in seen, "what changes at each start identifies nothing"


def logprobs(*steps):
    """The log-probabilities of an answer in the shape of the OpenAI interface."""
    return {
        "content": [
            {"token": token, "logprob": at, "top_logprobs": [{"token": t, "logprob": p} for t, p in others]}
            for token, at, *others in steps
        ]
    }


def test_margins_come_from_the_log_probabilities_of_the_beginning(server, make_engine):
    told = logprobs((" The", -0.1, ("Yes", -3.0)), (" table", -0.2, (" APTH", -2.0)), (" '", -0.5, (" X", -4.0)))
    server.otherwise = lambda handler, body: handler.send_json(200, acts.completion("The table '", logprobs=told))
    engine = make_engine(server.url)
    events = SimpleQueue()
    ask = Score("s", (Turn("user", "?"),), ("The table 'APTH' does not", "No,"), ("The APTH table", "Yes,"))
    engine["m"].score([ask], events.put)
    scored = events.get(timeout=PATIENCE)
    assert isinstance(scored, Scored)
    assert scored.denial == pytest.approx(-0.3)
    assert scored.affirmation == pytest.approx(-1.7588, abs=1e-3)  # log(e^-3 + e^(-0.1 - 2))
    assert server.asked[0]["top_logprobs"] == 20


def test_a_server_without_log_probabilities_is_named_with_the_mend(server, make_engine):
    engine = make_engine(server.url)
    for act in (acts.answer, acts.status(400, {"error": "logprobs is not supported"})):
        server.otherwise = act
        events = SimpleQueue()
        engine["m"].score([Score("s", (Turn("user", "?"),), ("No",), ("Yes",))], events.put)
        ended = events.get(timeout=PATIENCE)
        assert isinstance(ended, Died) and "gives no log-probabilities" in ended.message
        assert "--mode generate" in ended.message


def step(token, logprob, **others):
    return Step(token, logprob, [Alternative(other, at) for other, at in others.items()])


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ([step("No", -0.1, Yes=-2.0)], (-0.1, -2.0)),
        ([step("No", -0.1, Maybe=-2.0)], (-0.1, -2.0)),  # nothing affirms: at most what was least likely
        ([step("Perhaps", -0.1, Maybe=-2.0)], None),
        ([step("\n", -0.1, Yes=-3.0), step("No", -0.2)], (-0.3, -3.0)),
        ([], None),
    ],
)
def test_beginnings_are_weighed(steps, found):
    assert weigh_beginnings(steps, ["No,"], ["Yes,"]) == (pytest.approx(found) if found else None)


def follow(events, *, until=RunEnded):
    seen = []
    while not (seen and isinstance(seen[-1], until)):
        seen.append(events.get(timeout=PATIENCE))
    return seen


def test_a_run_on_a_server_that_goes_away_is_resumed_when_it_is_back(server, make_workspace, catalog):
    workspace = served_workspace(make_workspace, server.url, "retries = 0\nparallel = 2")
    store = open_store(workspace)
    run = create_run(store, workspace, catalog, open_battery(workspace, catalog).limited(30), None)
    for last in (False, True):
        server.acts = [] if last else [acts.answer] * 11
        server.otherwise = acts.answer if last else acts.hang_up
        check_resumable(store, workspace, run)
        engine, events = Engine(workspace), SimpleQueue()
        Runner(run, store=store, catalog=catalog, engine=engine, listener=events.put).start()
        seen = follow(events)
        engine.close()
        stored = store.answers(run.id)
        assert not [answer for answer in stored if answer.verdict == "error"]
        if not last:
            assert any(isinstance(event, ModelStopped) for event in seen)
            assert seen[-1] == RunEnded("stopped") and 0 < len(stored) < 30
    assert seen[-1] == RunEnded("done") and len(stored) == 30
    assert [one for one in seen if isinstance(one, AnswersStored)]
    server.pages["/v1/models"] = {"data": [{"id": "m", "root": "another"}]}
    with pytest.raises(ModelError, match="what is served as model 'm' has changed"):
        check_resumable(store, workspace, run)
    store.close()


# ── a real server ──


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """llama-cpp-python's own server on a tiny model; gives its address and the model's file."""
    pytest.importorskip("starlette_context", reason="needs llama-cpp-python[server]")
    folder = tmp_path_factory.mktemp("served")
    path = write_tiny_gguf(folder / "tiny.gguf")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(path), "--host", "127.0.0.1"]
    command += ["--port", str(port), "--model_alias", "tiny", "--n_ctx", "1024", "--logits_all", "true"]
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + PATIENCE
            while time.monotonic() < deadline and process.poll() is None:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}/v1", path
        finally:
            process.kill()
            process.wait()


def test_a_real_server_answers_streams_and_scores(real, make_engine):
    engine = make_engine(real[0], 'model = "tiny"\nparallel = 3')
    found = ask(engine, *(request(str(n)) for n in range(6)))
    texts = {one.text for one in found if isinstance(one, Answered)}
    assert len(texts) == 1, "the same question, greedy"
    assert [one for one in found if not (one.prompt_tokens and one.tokens)] == []
    *pieces, last = ask(engine, request("s", stream=True))
    assert "".join(one.text for one in pieces) == last.text != ""
    events = SimpleQueue()
    every = tuple(chr(letter) for letter in range(33, 127))
    engine["m"].score([Score("x", (Turn("user", "APTH?"),), every[:47], every[47:])], events.put)
    assert isinstance(events.get(timeout=PATIENCE), Scored | Failed)


def test_a_real_server_says_what_it_serves(real, make_workspace):
    [settings] = served_workspace(make_workspace, real[0]).models()
    assert describe(settings).id == "tiny"
