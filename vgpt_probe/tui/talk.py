"""A conversation with several models: asked, heard, judged, kept. Knows no widget."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import msgspec

from vgpt_probe.engine.messages import Answered, Died, Event, Failed, Piece, Turn
from vgpt_probe.errors import ProbeError
from vgpt_probe.runs.chats import Chat, Chats, Reply, Sampling

if TYPE_CHECKING:
    from vgpt_probe.runs.recorded import Graded
    from vgpt_probe.tui.running import Running

#: So many models take part at first; others can be chosen.
MOST = 6


class Said(msgspec.Struct):
    """One model's answer to one question, while it comes and when it is there; ``graded``: one reading a subject.

    ``chat`` and ``position``: where the store keeps it, None while it does not; ``reading``: that it is being read;
    ``again`` counts how often it was drawn anew; ``stopped``: a person wants no more of it.
    """

    id: str
    model: str
    question: str
    chat: int | None = None
    position: int = -1
    text: str = ""
    answered: Answered | None = None
    problem: str | None = None
    graded: tuple[Graded, ...] | None = None
    reading: bool = False
    again: int = 0
    stopped: bool = False

    @property
    def coming(self) -> bool:
        return self.answered is None and self.problem is None

    @property
    def reply(self) -> Reply:
        """A complete answer, as the store keeps it."""
        assert self.answered is not None
        return Reply(self.model, self.answered, self.graded)

    @property
    def whole(self) -> bool:
        """Whether the model itself has ended it."""
        return self.answered is not None and self.answered.stop == "end"


class Question(msgspec.Struct):
    """What all were asked, and whose answer a person likes best."""

    text: str
    position: int = -1
    best: str | None = None


class Talk:
    """What was asked and said, by model; ``models`` are those that take part, in the order of their columns.

    ``masked``: their names are hidden. ``judged`` is called, in the app's thread, when an answer has been read.
    """

    def __init__(self, app: Running, judged: Callable[[Said], None]) -> None:
        self._app = app
        self._judged_listener = judged
        self._serial = 0
        self._events: SimpleQueue[tuple[str, Event]] = SimpleQueue()
        #: By their ids, those of conversations that were left among them.
        self._awaited: dict[str, Said] = {}
        self.sampling = Sampling()
        self.models: list[str] = app.model_names[:MOST]
        self._seen = set(app.model_names)
        self.masked = False
        self.blind = False
        self._clear()

    def _clear(self) -> None:
        self.chat: int | None = None
        self.questions: list[Question] = []
        self.said: dict[str, list[Said]] = {model: [] for model in self.models}

    # ── how it stands ──

    @property
    def empty(self) -> bool:
        return not self.questions

    @property
    def coming(self) -> list[Said]:
        """The answers that are still coming."""
        return [said for model in self.models if (said := self.last(model)) is not None and said.coming]

    def last(self, model: str) -> Said | None:
        """A model's newest answer."""
        said = self.said.get(model)
        return said[-1] if said else None

    def name(self, model: str) -> str:
        """What a model is called on the screen: its letter while the names are hidden."""
        return f"model {self.letter(model)}" if self.masked else model

    def title(self, model: str) -> str:
        """As ``name``; in a blind conversation the letter stays beside the name."""
        return f"{self.letter(model)} · {model}" if self.blind and not self.masked else self.name(model)

    def letter(self, model: str) -> str:
        return chr(ord("A") + self.models.index(model) % 26)

    def turns(self, said: Said) -> list[Turn]:
        """The conversation up to an answer, as its model knows it: what got no answer is left out."""
        turns: list[Turn] = []
        for earlier in self.said[said.model]:
            if earlier is said:
                break
            if earlier.answered is not None:
                turns += [Turn("user", earlier.question), Turn("assistant", earlier.text)]
        return [*turns, Turn("user", said.question)]

    # ── asking ──

    def ask(self, text: str) -> list[Said]:
        """Put a question to all models that take part; return the answers that are to come."""
        question = Question(text)
        self.questions.append(question)
        asked = [self._begin(model, text) for model in self.models]
        for said in asked:
            self.said[said.model].append(said)
            self._awaited[said.id] = said
        sampling, chat = self.sampling, self.chat
        requests = [(said, self.turns(said)) for said in asked]

        def asks() -> None:
            try:
                kept, position = Chats(self._app.desk.store).ask(chat, text, sampling)
            except ProbeError as fault:
                # A question that cannot be kept can be answered all the same.
                self._app.call_from_thread(self._app.say, f"this chat is not kept: {fault}", "error")
            else:
                self._app.call_from_thread(self._kept, question, asked, kept, position)
            for said, turns in requests:
                self._request(said, turns, sampling)

        self._app.in_background(asks)
        return asked

    def again(self, said: Said) -> Said:
        """Ask one model its newest question again; the new answer takes the place of the old one."""
        if self.questions and self.questions[-1].best == said.model:
            # It was another text that was liked.
            with contextlib.suppress(ProbeError):
                self.choose(said.model)
        fresh = self._begin(said.model, said.question)
        fresh.chat, fresh.position, fresh.again = said.chat, said.position, said.again + 1
        self.said[said.model][-1] = fresh
        self._awaited[fresh.id] = fresh
        turns, sampling = self.turns(fresh), self.sampling
        self._app.in_background(lambda: self._request(fresh, turns, sampling))
        return fresh

    def greedy(self, model: str) -> bool:
        """Whether asking again can only give the same answer."""
        return self.sampling.of(self._app.desk.model(model).settings).temperature == 0

    def _begin(self, model: str, text: str) -> Said:
        self._serial += 1
        return Said(f"chat-{self._serial}-{model}", model, text)

    def _request(self, said: Said, turns: list[Turn], sampling: Sampling) -> None:
        from vgpt_probe.runs.course import chat_request

        try:
            worker = self._app.desk.model(said.model)
        except ProbeError as fault:
            self._hear(said.model, Failed(said.id, str(fault)))
            return
        settings = sampling.of(worker.settings)
        # Else a seed would draw the same answer again.
        settings = msgspec.structs.replace(settings, seed=settings.seed + said.again)
        worker.ask([chat_request(turns, settings, id=said.id, stream=True)], partial(self._hear, said.model))
        if said.stopped:
            # That was before the model knew of it.
            worker.cancel([said.id])

    def _kept(self, question: Question, asked: list[Said], chat: int, position: int) -> None:
        if any(one is question for one in self.questions):
            self.chat = chat
        question.position = position
        for said in asked:
            said.chat, said.position = chat, position

    def stop(self, *models: str) -> None:
        """Stop the answers of some models; what they have said so far stays."""
        for said in self.coming:
            if said.model in models:
                said.stopped = True
            worker = self._app.desk.workers.get(said.model)
            if worker is not None and said.model in models:
                worker.cancel([said.id])

    # ── hearing ──

    def _hear(self, model: str, event: Event) -> None:
        self._events.put((model, event))

    def drain(self) -> tuple[set[str], bool]:
        """Take in what has been said since the last time: whose answers have grown, and whether any has ended."""
        touched: set[str] = set()
        ended = False
        while True:
            try:
                model, event = self._events.get_nowait()
            except Empty:
                return touched, ended
            for said in [one for one in self._awaited.values() if one.model == model]:
                if not isinstance(event, Died) and event.id != said.id:  # type: ignore[union-attr]
                    continue
                if said is self.last(model):
                    touched.add(model)
                if isinstance(event, Piece):
                    said.text += event.text
                    continue
                ended = True
                del self._awaited[said.id]
                if isinstance(event, Answered):
                    said.text, said.answered = event.text, event
                    self._judge(said)
                elif isinstance(event, Failed):
                    said.problem = event.message
                elif isinstance(event, Died):
                    said.problem = f"the model is gone: {event.message}. Ask again to load it again."

    def _judge(self, said: Said) -> None:
        """Keep a complete answer, read it and judge it, off the screen's thread: the catalog may have to be opened."""
        from vgpt_probe.runs.recorded import Recorded, grade_recorded

        assert said.answered is not None
        answered, chat = said.answered, said.chat
        said.reading = True

        def judges() -> None:
            graded: tuple[Graded, ...] | None = None
            try:
                if chat is not None:
                    # Before it is read: that may fail, and the answer is to stay.
                    Chats(self._app.desk.store).keep(chat, said.position, Reply(said.model, answered))
                recorded = [Recorded(0, said.question, said.text, said.model)]
                graded = tuple(grade_recorded(recorded, self._app.desk.grader))
                if chat is not None:
                    Chats(self._app.desk.store).keep(chat, said.position, Reply(said.model, answered, graded))
            finally:
                self._app.call_from_thread(self._judged, said, graded)

        self._app.in_background(judges)

    def _judged(self, said: Said, graded: tuple[Graded, ...] | None) -> None:
        said.graded, said.reading = graded, False
        self._judged_listener(said)

    # ── choosing ──

    def choose(self, model: str) -> None:
        """Call a model's newest answer the best; hidden names are shown. Raises ``StoreError``."""
        question = self.questions[-1]
        question.best = None if question.best == model else model
        self.masked = False
        if self.chat is not None and question.position >= 0:
            Chats(self._app.desk.store).choose(self.chat, question.position, question.best)

    def hide(self) -> None:
        """Begin a conversation in which the models are shuffled and their names hidden."""
        self.new()
        self.blind = self.masked = True
        self.models = shuffled(self.models)

    # ── other conversations ──

    def adopt(self, models: list[str]) -> bool:
        """Take in models that have come to the workspace since, as far as there is room; whether there were any."""
        fresh = [model for model in models if model not in self._seen]
        self._seen = set(models)
        room = MOST - len(self.models)
        for model in fresh[: max(0, room)]:
            self.take([*self.models, model])
        return bool(fresh[: max(0, room)])

    def take(self, models: list[str]) -> None:
        """Let these models take part from now on; what others have said stays in the store."""
        self.models = models
        for model in models:
            self.said.setdefault(model, [])

    def new(self) -> None:
        """Begin another conversation; the one so far is kept, with what has been said of answers that still came."""
        if count := len(self.coming):
            self.stop(*self.models)
            kept = "" if self.chat is None else f"; chat {self.chat} keeps what had come"
            self._app.say(f"{'1 answer is' if count == 1 else f'{count} answers are'} stopped{kept}")
        if self.blind:
            order = self._app.model_names
            self.models.sort(key=lambda model: order.index(model) if model in order else len(order))
        self.blind = self.masked = False
        self._clear()

    def open(self, chat: Chat) -> None:
        """Go on with a conversation of the store, with the models that have taken part and are still there."""
        self.new()
        known = self._app.model_names
        took_part = [model for model in known if model in chat.models]
        self.models = took_part or self.models
        self._clear()
        self.chat = chat.id
        for asked in chat.asked:
            self.questions.append(Question(asked.text, asked.position, asked.best))
            self.sampling = asked.sampling
            for model in self.models:
                self.said[model].append(self._again(model, asked.text, asked.position, asked.replies.get(model)))

    def _again(self, model: str, text: str, position: int, reply: Reply | None) -> Said:
        said = self._begin(model, text)
        said.chat, said.position = self.chat, position
        if reply is None:
            said.problem = "no answer was kept"
        else:
            said.text, said.answered, said.graded = reply.text, reply.answered, reply.graded
        return said


def shuffled(models: list[str]) -> list[str]:
    """The models in an order that nobody knows."""
    return random.SystemRandom().sample(models, len(models))
