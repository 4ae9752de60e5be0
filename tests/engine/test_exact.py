"""Real llama.cpp: margins and texts beside others and alone, and lists that come in parts."""

from __future__ import annotations

from queue import SimpleQueue

import pytest

from tests.engine.test_client import finish, request, tiny  # noqa: F401
from vgpt_probe.config import ModelSettings
from vgpt_probe.engine.client import Worker
from vgpt_probe.engine.messages import Answered, Counted, Score, Turn

QUESTIONS = [f"{wording} {name}?" for wording in ("Is there a table", "Describe the view") for name in range(30)]


@pytest.fixture
def make(tiny, tmp_path):  # noqa: F811
    made = []

    def make(*, exact=False, parallel=4):
        settings = ModelSettings(
            name="tiny", path=str(tiny), stage="s", adapter="", chat_template="", context=1024, parallel=parallel,
            threads=1, batch=128, gpu_layers=0, max_tokens=16, temperature=0.0, top_p=1.0, seed=0, system_prompt="",
            load_timeout=60,
        )  # fmt: skip
        made.append(Worker(settings, threads=1, log=tmp_path / "worker.log", exact=exact))
        return made[-1]

    yield make
    for worker in made:
        worker.close()


def margins(worker, questions):
    events = SimpleQueue()
    openings = (("There is no", "There was", "No,"), ("Yes,", "There is a", "The view is"))
    worker.score([Score(q, (Turn("user", q),), *openings) for q in questions], events.put)
    return {event.id: event.margin for event in finish(events, len(questions))}


def test_margins_beside_others_are_those_of_one_scored_alone(make):
    alone = make(exact=True)
    exact = margins(alone, QUESTIONS)
    assert len(set(exact.values())) > 50
    for question in QUESTIONS[::20]:
        assert margins(alone, [question])[question] == exact[question], "exact is exact to the bit"
    together = margins(make(), QUESTIONS)
    assert together == pytest.approx(exact, abs=0.05)


def test_a_list_in_parts_is_answered_as_the_whole(make):
    def ask(parts):
        events = SimpleQueue()
        worker = make(parallel=8)
        asked = [request(q, text=q) for q in QUESTIONS]
        size = len(asked) // parts
        found = []
        for number in range(parts):
            last = number == parts - 1
            part = asked[number * size :] if last else asked[number * size : (number + 1) * size]
            worker.ask(part, events.put, more=not last)
            # The next part comes late: the worker waits for it.
            found += finish(events, len(part) - 8) if not last else []
        found += finish(events, len(asked) - len(found))
        return {event.id: event.text for event in found}

    assert ask(1) == ask(3)


def test_what_was_evaluated_is_counted(make):
    worker = make()
    margins(worker, QUESTIONS)
    events = SimpleQueue()
    worker.count(events.put)
    counted = events.get(timeout=30)
    assert isinstance(counted, Counted)
    whole = sum(len(f"<|user|>{q}<|assistant|>") for q in QUESTIONS)
    assert 0 < counted.evaluated < whole, "the shared beginnings were not evaluated again for each"
    assert 0.0 < counted.decode_seconds <= counted.busy_seconds


def test_a_conversation_that_is_longer_than_its_share_of_the_context_is_answered_beside_short_ones(make):
    worker, events = make(), SimpleQueue()
    asked = [request(str(length), text="a" * length) for length in (20, 600, 30, 700)]
    worker.ask(asked, events.put)
    said = {event.id: event for event in finish(events, len(asked))}
    assert all(isinstance(event, Answered) for event in said.values())
    assert said["20"].prompt_tokens < 256 < 600 < said["600"].prompt_tokens
    worker.ask(asked, events.put)
    assert {event.id: event.text for event in finish(events, len(asked))} == {
        event.id: event.text for event in said.values()
    }
