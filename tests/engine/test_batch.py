"""The scheduler against a model that checks its bookkeeping: what a slot holds decides what comes next."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vgpt_probe.engine.batch import Scheduler
from vgpt_probe.engine.messages import Answered, Failed, Piece, Request, Turn
from vgpt_probe.engine.prefix import PrefixTree
from vgpt_probe.engine.template import ChatTemplate

TEMPLATE = ChatTemplate("{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}<assistant>")
VOCABULARY = 257
END = 256


class CheckingModel:
    """A model over bytes whose next token is a hash of all that its slot holds; wrong positions are errors."""

    def __init__(self, *, cells: int = 100_000, parallel: int = 4, end_every: int = 9) -> None:
        self.cells = cells
        self.vocabulary = VOCABULARY
        self.prefix_slots = range(parallel, parallel + 5)
        self.couples = True
        self.streams = False
        self.end_every = end_every
        self.held: dict[int, list[int]] = {slot: [] for slot in range(parallel + 5)}
        self.cell_ids: dict[int, list[int]] = {slot: [] for slot in self.held}
        self._next_cell = 0
        self.evaluated = 0
        self.status = 0
        self._rows: list[np.ndarray] = []

    def tokenize(self, text: str, *, prompt: bool = True) -> list[int]:
        return list(text.encode())

    def piece(self, token: int) -> bytes:
        return bytes([token])

    def ends(self, token: int) -> bool:
        return token == END

    def decode(self, tokens, positions, slots, wanted):
        if self.status:
            return self.status
        assert not self.streams or slots == sorted(slots), "streams must follow each other"
        self.evaluated += len(tokens)
        self._rows = []
        for token, position, which, want in zip(tokens, positions, slots, wanted, strict=True):
            self._next_cell += 1
            for slot in which if isinstance(which, tuple) else (which,):
                assert position == len(self.held[slot]), "a token at a wrong place"
                self.held[slot].append(token)
                self.cell_ids[slot].append(self._next_cell)
            if want:
                self._rows.append(self._logits(self.held[slot]))
        if self.streams:
            assert all(len(held) <= self.cells for held in self.held.values()), "a stream is too short"
            return 0
        # A token that was lent to another slot still lies in one cell.
        used = {cell for cells in self.cell_ids.values() for cell in cells}
        assert len(used) <= self.cells, "more tokens than the context has cells"
        return 0

    def _logits(self, history: list[int]) -> np.ndarray:
        mark = zlib.crc32(bytes(token % 256 for token in history))
        row = np.zeros(VOCABULARY, dtype=np.float32)
        row[END if mark % self.end_every == 0 else mark % 256] = 1.0
        return row

    def logits(self, rows):
        assert rows == len(self._rows)
        return np.array(self._rows)

    def share(self, source, target):
        assert not self.held[target], "a slot was lent something while it was in use"
        self.held[target] = list(self.held[source])
        self.cell_ids[target] = list(self.cell_ids[source])

    def clear(self):
        for slot in self.held:
            self.forget(slot)

    def forget(self, slot, start=-1):
        self.held[slot] = []
        self.cell_ids[slot] = []


def answer_all(questions, *, parallel=4, batch=32, cells=100_000, max_tokens=12, model=None):
    reports = []
    model = model or CheckingModel(cells=cells, parallel=parallel)
    prefix = PrefixTree(model, batch=batch)
    scheduler = Scheduler(model, TEMPLATE, prefix, parallel=parallel, batch=batch, report=reports.append)
    scheduler.ask([Request(str(n), (Turn("user", q),), max_tokens=max_tokens) for n, q in enumerate(questions)])
    steps = 0
    while not scheduler.idle:
        scheduler.step()
        steps += 1
        assert steps < 100_000, "the scheduler does not come to an end"
    return {report.id: report for report in reports if not isinstance(report, Piece)}, model


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text("abc ", max_size=30), min_size=1, max_size=12),
    st.integers(1, 6),
    st.integers(6, 40),
    st.integers(90, 400),
)
def test_an_answer_does_not_depend_on_what_is_asked_beside_it(questions, parallel, batch, cells):
    together, _ = answer_all(questions, parallel=parallel, batch=max(batch, parallel), cells=cells)
    assert len(together) == len(questions)
    for number, question in enumerate(questions):
        alone, _ = answer_all([question], parallel=1, batch=1000)
        assert together[str(number)].text == alone["0"].text
        assert together[str(number)].stop == alone["0"].stop


@pytest.mark.parametrize("parallel", [1, 3])
def test_what_is_evaluated_is_told_before_it_is(parallel):
    told, evaluated = [], set()

    class Model(CheckingModel):
        def decode(self, tokens, positions, slots, wanted):
            running = {sequence.request.id for sequence in scheduler._running}
            assert running and running == set(told[-1])
            evaluated.update(running)
            return super().decode(tokens, positions, slots, wanted)

    model = Model(parallel=parallel)
    scheduler = Scheduler(
        model, TEMPLATE, None, parallel=parallel, batch=32, report=lambda _report: None, at_work=told.append
    )
    scheduler.ask([Request(str(n), (Turn("user", "a" * n),), max_tokens=12) for n in range(20)])
    assert told == [[str(n) for n in range(16)], [str(n) for n in range(16, 20)]], "while they are prepared"
    while not scheduler.idle:
        scheduler.step()
    assert evaluated == {str(n) for n in range(20)}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("abc ", max_size=60), min_size=1, max_size=12), st.integers(2, 6), st.integers(40, 120))
def test_what_may_outgrow_a_stream_of_its_own_is_answered_where_all_share(questions, parallel, cells):
    shared, streams = CheckingModel(parallel=parallel), CheckingModel(parallel=parallel, cells=cells)
    streams.streams, streams.couples = True, False
    reports = []
    schedulers = []
    for model in (shared, streams):
        scheduler = Scheduler(
            model, TEMPLATE, PrefixTree(model, batch=32), parallel=parallel, batch=32, report=reports.append,
            longer=schedulers[0] if schedulers else None,
        )  # fmt: skip
        schedulers.append(scheduler)
    schedulers[1].ask([Request(str(n), (Turn("user", q),), max_tokens=12) for n, q in enumerate(questions)])
    while not all(scheduler.idle for scheduler in schedulers):
        for scheduler in schedulers:
            scheduler.step()
    said = {report.id: report.text for report in reports if isinstance(report, Answered)}
    assert len(said) == len(questions)
    for number, question in enumerate(questions):
        alone, _ = answer_all([question], parallel=1, batch=1000)
        assert said[str(number)] == alone["0"].text
    fits = [len(TEMPLATE.render((Turn("user", q),)).encode()) + 12 <= cells for q in questions]
    assert (streams.evaluated > 0) == any(fits)
    assert (shared.evaluated > 0) == (not all(fits))


def test_a_shared_beginning_is_evaluated_once():
    shared = "x" * 200
    answers, model = answer_all([f"{shared}{n}" for n in range(20)], max_tokens=1)
    assert len(answers) == 20
    assert model.evaluated < 200 + 20 * 40


def test_nothing_is_left_in_a_slot():
    _, model = answer_all(["one", "two", "three"])
    assert not any(model.held[slot] for slot in range(4))


def test_a_prompt_longer_than_the_context_fails_and_the_others_go_on():
    answers, _ = answer_all(["a" * 500, "b"], cells=200)
    assert isinstance(answers["0"], Failed) and "the context 200" in answers["0"].message
    assert isinstance(answers["1"], Answered)


def test_characters_are_never_split():
    class Euro(CheckingModel):
        """Says the three bytes of a euro sign, one a token, over and over."""

        def _logits(self, history):
            row = np.zeros(VOCABULARY, dtype=np.float32)
            row["€".encode()[len(history) % 3]] = 1.0
            return row

    pieces = []
    scheduler = Scheduler(Euro(parallel=1), TEMPLATE, None, parallel=1, batch=64, report=pieces.append)
    start = -len(TEMPLATE.render([Turn("user", "")]).encode()) % 3
    scheduler.ask([Request("1", (Turn("user", "a" * start),), max_tokens=9, stream=True)])
    while not scheduler.idle:
        scheduler.step()
    texts = [piece.text for piece in pieces if isinstance(piece, Piece)]
    assert texts == ["€", "€", "€"]


def test_a_stop_ends_what_runs_and_what_waits_with_what_was_said():
    reports = []
    model = CheckingModel(end_every=10**9)
    scheduler = Scheduler(model, TEMPLATE, None, parallel=2, batch=64, report=reports.append)
    scheduler.ask([Request(str(n), (Turn("user", "q"),), max_tokens=1000) for n in range(4)])
    for _ in range(5):
        scheduler.step()
    scheduler.cancel(["0"])
    assert [report.id for report in reports] == ["0"]
    assert reports[0].stop == "stopped" and reports[0].tokens == 5
    scheduler.cancel(None)
    assert scheduler.idle
    assert {report.id for report in reports} == {"0", "1", "2", "3"}
    assert not any(model.held[slot] for slot in range(2))


def test_an_aborted_step_can_be_repeated():
    model = CheckingModel()
    reports = []
    scheduler = Scheduler(model, TEMPLATE, None, parallel=1, batch=64, report=reports.append)
    scheduler.ask([Request("1", (Turn("user", "q"),), max_tokens=5)])
    model.status = 2
    assert scheduler.step() is False
    model.status = 0
    while not scheduler.idle:
        scheduler.step()
    assert reports[0].text == answer_all(["q"], max_tokens=5)[0]["0"].text


def test_a_step_that_llama_cpp_refuses_fails_one_request_instead_of_looping():
    model = CheckingModel()
    model.status = 1
    answers, _ = answer_all(["a", "b"], model=model)
    assert all(isinstance(answer, Failed) for answer in answers.values())


@pytest.mark.parametrize("top_p", [1.0, 0.5])
def test_sampling_is_decided_by_the_seed(top_p):
    class Flat(CheckingModel):
        def _logits(self, history):
            return np.linspace(9, 0, VOCABULARY, dtype=np.float32)

    def text(seed):
        reports = []
        scheduler = Scheduler(Flat(), TEMPLATE, None, parallel=1, batch=64, report=reports.append)
        scheduler.ask([Request("1", (Turn("user", "q"),), 20, temperature=1.0, top_p=top_p, seed=seed)])
        while not scheduler.idle:
            scheduler.step()
        return reports[0].text

    assert text(1) == text(1)
    assert text(1) != text(2)


class Says(CheckingModel):
    """Says one text, byte by byte, whatever it is asked."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._said = [*text.encode(), END]

    def _logits(self, history):
        told = len(history) - bytes(history).rindex(b"<assistant>") - len(b"<assistant>")
        logits = np.zeros(VOCABULARY, dtype=np.float32)
        logits[self._said[min(told, len(self._said) - 1)]] = 1.0
        return logits


@given(st.text("abé\n", max_size=20), st.lists(st.text("abé\n", min_size=1, max_size=4), max_size=3), st.booleans())
@settings(max_examples=200, deadline=None)
def test_an_answer_ends_before_the_first_stop_string(text, stops, stream):
    reports = []
    scheduler = Scheduler(Says(text), TEMPLATE, None, parallel=1, batch=64, report=reports.append)
    scheduler.ask([Request("1", (Turn("user", "q"),), 99, stream=stream, stop_strings=tuple(stops))])
    while not scheduler.idle:
        scheduler.step()
    # The one that is complete first ends the answer; of those that end together the longest begins first.
    ends = [(at + len(stop), at) for stop in stops if (at := text.find(stop)) >= 0]
    expected = text[: min(ends)[1]] if ends else text
    assert reports[-1].text == expected
    assert reports[-1].stop == "end"
    assert not stream or "".join(one.text for one in reports[:-1]) == expected


def test_each_wording_begins_once_and_goes_on_from_what_all_share():
    system, wordings = "s" * 60, ("Is there a table called ", "Describe in detail the ", "Write some SQL on ")
    questions = [f"{system}{wording}{name:03}" for name in range(30) for wording in wordings]
    answers, model = answer_all(questions, max_tokens=1)
    own = len("000<assistant>")
    assert len(answers) == 90
    assert model.evaluated <= len("<user>" + system) + sum(map(len, wordings)) + 90 * own


def test_the_stems_of_one_list_make_room_for_those_of_the_next():
    model = CheckingModel()
    prefix = PrefixTree(model, batch=64)
    scheduler = Scheduler(model, TEMPLATE, prefix, parallel=4, batch=64, report=lambda _report: None)
    for beginning in "abcdefgh":
        scheduler.ask([Request(f"{beginning}{n}", (Turn("user", beginning * 40 + str(n)),), 2) for n in range(9)])
        while not scheduler.idle:
            scheduler.step()
    assert 0 < prefix.cells <= 5 * 50
    prefix.drop()
    assert not any(model.held.values()), "a stem was forgotten but not its cells"


def test_an_answer_that_outgrows_its_room_waits_for_the_older_ones_and_loses_nothing():
    model = CheckingModel(cells=300, end_every=10**9)
    together, _ = answer_all(["one", "two", "three", "four"], max_tokens=150, model=model)
    for number, question in enumerate(["one", "two", "three", "four"]):
        alone, _ = answer_all([question], max_tokens=150, model=CheckingModel(cells=300, end_every=10**9))
        assert together[str(number)].text == alone["0"].text
        assert together[str(number)].tokens == 150


def test_what_streams_goes_before_what_a_run_has_in_line_in_the_order_it_was_asked():
    ended = []
    model = CheckingModel(end_every=3)
    scheduler = Scheduler(model, TEMPLATE, None, parallel=1, batch=64, report=ended.append)
    scheduler.ask([Request(f"run {n}", (Turn("user", str(n)),), max_tokens=9) for n in range(5)])
    scheduler.step()
    scheduler.ask([Request(f"chat {n}", (Turn("user", str(n)),), max_tokens=9, stream=True) for n in range(2)])
    while not scheduler.idle:
        scheduler.step()
    order = [report.id for report in ended if isinstance(report, Answered)]
    assert order == ["run 0", "chat 0", "chat 1", "run 1", "run 2", "run 3", "run 4"]


def test_what_needs_more_cells_goes_over_together_and_what_is_watched_is_known():
    reports = []
    shared = Scheduler(CheckingModel(cells=10_000), TEMPLATE, None, parallel=2, batch=64, report=reports.append)
    streams = Scheduler(
        CheckingModel(cells=40), TEMPLATE, None, parallel=2, batch=64, report=reports.append, longer=shared
    )
    run = [Request(f"run {n}", (Turn("user", "q" * 60),), max_tokens=9) for n in range(3)]
    streams.ask(run)
    assert not shared.watched
    chats = [Request(f"chat {n}", (Turn("user", "q" * 60),), max_tokens=9, stream=True) for n in range(2)]
    streams.ask(chats)
    assert shared.watched and not streams.watched
    assert [one.request.id for one in shared._waiting] == ["chat 0", "chat 1", "run 0", "run 1", "run 2"]
