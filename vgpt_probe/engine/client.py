"""The app's side of a model: load it, ask it, stop it, notice when it is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, Literal

import msgspec

from vgpt_probe.config import ModelSettings
from vgpt_probe.engine.messages import (
    Answered,
    Ask,
    AskScores,
    AskWeights,
    AtWork,
    Cancel,
    Count,
    Counted,
    Died,
    Event,
    Failed,
    Loaded,
    LoadFailed,
    ModelFacts,
    Piece,
    ReadWith,
    Report,
    Request,
    Score,
    Scored,
    Weigh,
    Weighed,
    never_begun,
)
from vgpt_probe.engine.process import PATIENCE, WorkerProcess
from vgpt_probe.log import note

State = Literal["unloaded", "waiting", "loading", "ready", "failed", "died"]
Listener = Callable[[Event], None]


class Worker:
    """One model in a worker process, which it may share with other models over the same base (``process``).

    ``state`` goes unloaded → (waiting for room in memory →) loading → ready, or to failed (it could not be loaded)
    or died (it stopped by itself); ``problem`` then says why. ``on_state`` is called at each change. Listeners
    and ``on_state`` run in the process's reader thread: they hand over and return.
    """

    def __init__(
        self,
        settings: ModelSettings,
        *,
        threads: int,
        log: Path,
        exact: bool = False,
        on_state: Callable[[Any], None] | None = None,
        process: WorkerProcess | None = None,
    ) -> None:
        self.settings = settings
        self.name = settings.name
        self.exact = exact
        self.state: State = "unloaded"
        self.problem: str | None = None
        self.facts: ModelFacts | None = None
        self._on_state = on_state or (lambda _worker: None)
        self._listeners: dict[str, Listener] = {}
        self._reader: ReadWith | None = None
        self._reader_sent = False
        self._early: list[Ask | AskScores | AskWeights] = []
        self._at: tuple[str, ...] = ()
        self._process = process or WorkerProcess(threads=threads, log=log, exact=exact)
        self._process.members.append(self)
        self._lock = self._process.lock

    @property
    def pid(self) -> int | None:
        return self._process.pid

    @property
    def threads(self) -> int:
        return self._process.threads

    @property
    def log(self) -> Path:
        return self._process.log

    @property
    def busy(self) -> int:
        """How many requests are unanswered."""
        return len(self._listeners)

    @property
    def stale(self) -> bool:
        """Whether the model's file has been replaced or changed since it was loaded."""
        return self._process.stale()

    def start(self) -> None:
        """Load the model; returns at once. A dead or unloaded worker starts afresh."""
        with self._lock:
            if self.state not in ("waiting", "loading", "ready"):
                self._process.start(self)

    def ask(
        self,
        requests: Iterable[Request],
        listener: Listener,
        *,
        more: bool | None = None,
        reader: ReadWith | None = None,
    ) -> None:
        """Hand over requests together; ``listener`` gets their pieces, answers and failures.

        A worker that is not loaded is started. When it dies, each unanswered request gets a ``Died``. ``more`` and
        ``reader``: see ``Ask``.
        """
        self._hand_over(list(requests), listener, partial(Ask, more=more, reader=reader))

    def score(self, requests: Iterable[Score], listener: Listener, *, more: bool | None = None) -> None:
        """Hand over questions to be scored; ``listener`` gets a ``Scored`` or ``Failed`` for each. See ``ask``."""
        self._hand_over(list(requests), listener, partial(AskScores, more=more))

    def _hand_over(
        self,
        requests: list[Any],
        listener: Listener,
        command: Callable[[list[Any]], Ask | AskScores | AskWeights],
    ) -> None:
        if self.state == "ready" and not self._process.busy and self.stale:
            # A model that was trained anew under the same name is another one.
            self._process.close()
        with self._lock:
            for request in requests:
                self._listeners[request.id] = listener
            if self.state == "ready":
                self._send(command(requests))
            else:
                self._early.append(command(requests))
                self.start()

    def weigh(self, requests: Iterable[Weigh], listener: Listener) -> None:
        """Hand over answers to be weighed; ``listener`` gets a ``Weighed`` or ``Failed`` for each. See ``ask``."""
        self._hand_over(list(requests), listener, AskWeights)

    def count(self, listener: Listener) -> None:
        """Ask a loaded model's process what it has evaluated so far; ``listener`` gets a ``Counted``."""
        with self._lock:
            self._listeners["count"] = listener
            self._process.send(self, Count("count"))

    def cancel(self, ids: list[str] | None = None) -> None:
        """Stop requests, or all; each still gets its ``Answered`` with what was said so far."""
        wanted = None if ids is None else set(ids)
        with self._lock:
            ends = []
            for number, command in enumerate(self._early):
                kept: list[Any] = []
                for one in command.requests:
                    if wanted is None or one.id in wanted:
                        ends.append((self._listeners.pop(one.id, None), never_begun(one)))
                    else:
                        kept.append(one)
                self._early[number] = msgspec.structs.replace(command, requests=kept)
            if self.state == "ready":
                self._process.send(self, Cancel(ids))
        for listener, end in ends:
            if listener is not None:
                listener(end)
        if ends:
            self._when_idle()

    def close(self, *, patience: float = PATIENCE) -> None:
        """Unload, and with it every model that shares its weights; a process that does not leave is killed."""
        self._process.close(patience=patience)

    def _send(self, command: Ask | AskScores | AskWeights) -> None:
        if isinstance(command, Ask):
            if command.reader is None and not self._reader_sent:
                # The process may be another one than that which was told: the model had to make room for a while.
                command = msgspec.structs.replace(command, reader=self._reader)
            self._reader = command.reader or self._reader
            self._reader_sent = self._reader_sent or command.reader is not None
        self._process.send(self, command)

    # ── what the process tells ──

    def handle(self, report: Report) -> None:
        """Take in what the process reports of this model."""
        if isinstance(report, Loaded):
            with self._lock:
                self.facts = report.facts
                self.now("ready")
                self._process.one_is_settled()
                early, self._early = self._early, []
                for command in early:
                    self._send(command)
        elif isinstance(report, LoadFailed):
            with self._lock:
                self.problem = report.message
                self.now("failed")
                tell = self._drop(report.message)
            self._process.one_is_settled()
            tell()
        elif isinstance(report, AtWork):
            # One process, one thing at a time: whatever another member was at is over.
            for member in self._process.members:
                member._at = ()
            self._at = report.ids
        elif isinstance(report, Piece):
            if listener := self._listeners.get(report.id):
                listener(report)
        elif isinstance(report, Answered | Scored | Weighed | Counted | Failed):
            listener = self._listeners.pop(report.id, None)
            if listener:
                listener(report)
            self._when_idle()

    def told_to_leave(self) -> Callable[[], None]:
        """The process was told to leave; return what tells those who still wait for an answer."""
        if self.state in ("waiting", "loading", "ready"):
            self.now("unloaded")
        return self._drop(f"model '{self.name}' was unloaded")

    def process_ended(self, how: str) -> Callable[[], None]:
        """The process has ended by itself; return what tells those who still wait for an answer."""
        if self.state == "loading":
            self.problem = how
            self.now("failed")
        elif self.state == "ready":
            others = [member.name for member in self._process.members if member is not self]
            self.problem = how + (f"; it shared its weights with {', '.join(others)}" if others else "")
            self.now("died")
            return self._drop(self.problem, by_itself=True)
        return self._drop(self.problem or how)

    def now(self, state: State) -> None:
        """Enter a state."""
        if state in ("waiting", "loading"):
            self.problem = None
            self.facts = None
            self._reader_sent = False
        self.state = state
        note(
            f"model {state}",
            level="error" if state in ("failed", "died") else "info",
            model=self.name,
            worker=self.pid,
            problem=self.problem,
        )
        self._on_state(self)

    def _drop(self, message: str, *, by_itself: bool = False) -> Callable[[], None]:
        orphans = list(dict.fromkeys(self._listeners.values()))
        died = Died(message, by_itself, tuple(id for id in self._at if by_itself and id in self._listeners))
        self._listeners = {}
        self._early = []
        self._at = ()

        def tell() -> None:
            for listener in orphans:
                listener(died)

        return tell

    def _when_idle(self) -> None:
        if not self._process.busy:
            self._process.idle()
