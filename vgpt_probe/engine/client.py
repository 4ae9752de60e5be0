"""The app's side of a worker: start it, ask it, stop it, notice when it dies."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any, Literal

import msgspec

from vgpt_probe.config import ModelSettings
from vgpt_probe.engine.frames import read_frame, write_frame
from vgpt_probe.engine.messages import (
    Answered,
    Ask,
    AskScores,
    AskWeights,
    Cancel,
    Close,
    Command,
    Died,
    Event,
    Failed,
    Loaded,
    LoadFailed,
    ModelFacts,
    Piece,
    Report,
    Request,
    Score,
    Scored,
    Start,
    Weigh,
    Weighed,
)

State = Literal["unloaded", "loading", "ready", "failed", "died"]
Listener = Callable[[Event], None]

#: Seconds that a worker has to leave by itself after it was told to close.
PATIENCE = 5.0


class Worker:
    """One model in a process of its own.

    ``state`` goes unloaded → loading → ready, or to failed (it could not be loaded) or died (it stopped by
    itself); ``problem`` then says why. ``on_state`` is called at each change. Listeners and ``on_state`` run in
    the worker's reader thread: they hand over and return.
    """

    def __init__(
        self,
        settings: ModelSettings,
        *,
        threads: int,
        log: Path,
        exact: bool = False,
        on_state: Callable[[Worker], None] | None = None,
    ) -> None:
        self.settings = settings
        self.name = settings.name
        self.threads = threads
        self.log = log
        self.exact = exact
        self.state: State = "unloaded"
        self.problem: str | None = None
        self.facts: ModelFacts | None = None
        self._on_state = on_state or (lambda _worker: None)
        self._process: subprocess.Popen[bytes] | None = None
        self._listeners: dict[str, Listener] = {}
        self._early: list[Command] = []
        self._lock = threading.RLock()
        self._timer: threading.Timer | None = None
        self._closing = False

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def busy(self) -> int:
        """How many requests are unanswered."""
        return len(self._listeners)

    def start(self) -> None:
        """Start the process and load the model; returns at once. A dead or unloaded worker starts afresh."""
        with self._lock:
            if self.state in ("loading", "ready"):
                return
            self.log.parent.mkdir(parents=True, exist_ok=True)
            settings = self.settings
            first = Start(
                path=settings.path,
                adapter=settings.adapter,
                chat_template=settings.chat_template,
                context=settings.context,
                parallel=settings.parallel,
                threads=self.threads,
                batch=settings.batch,
                gpu_layers=settings.gpu_layers,
                exact=self.exact,
            )
            self._closing = False
            self.problem = None
            self.facts = None
            self._early = []
            with self.log.open("wb") as log:
                self._process = _spawn(log)
            process = self._process
            self._set("loading")
            self._write(process, msgspec.msgpack.encode(first))
            threading.Thread(
                target=self._read, args=(process,), name=f"worker {self.name}", daemon=True
            ).start()
            self._timer = threading.Timer(settings.load_timeout, self._too_slow, args=(process,))
            self._timer.daemon = True
            self._timer.start()

    def ask(self, requests: Iterable[Request], listener: Listener) -> None:
        """Hand over requests together; ``listener`` gets their pieces, answers and failures.

        A worker that is not loaded is started. When it dies, each unanswered request gets a ``Died``.
        """
        self._hand_over(list(requests), listener, Ask)

    def _hand_over(
        self, requests: list[Any], listener: Listener, command: Callable[[list[Any]], Command]
    ) -> None:
        with self._lock:
            if self.state not in ("loading", "ready"):
                self.start()
            for request in requests:
                self._listeners[request.id] = listener
            self._send(command(requests))

    def score(self, requests: Iterable[Score], listener: Listener) -> None:
        """Hand over questions to be scored; ``listener`` gets a ``Scored`` or ``Failed`` for each. See ``ask``."""
        self._hand_over(list(requests), listener, AskScores)

    def weigh(self, requests: Iterable[Weigh], listener: Listener) -> None:
        """Hand over answers to be weighed; ``listener`` gets a ``Weighed`` or ``Failed`` for each. See ``ask``."""
        self._hand_over(list(requests), listener, AskWeights)

    def cancel(self, ids: list[str] | None = None) -> None:
        """Stop requests, or all; each still gets its ``Answered`` with what was said so far."""
        with self._lock:
            if self.state in ("loading", "ready"):
                self._send(Cancel(ids))

    def close(self, *, patience: float = PATIENCE) -> None:
        """Unload: tell the process to leave and wait for it; after ``patience`` seconds it is killed."""
        with self._lock:
            process = self._process
            if process is None or process.poll() is not None:
                return
            self._closing = True
            self._write(process, msgspec.msgpack.encode(Close()))
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _send(self, command: Command) -> None:
        if self.state == "loading":
            self._early.append(command)
        elif self._process is not None:
            self._write(self._process, msgspec.msgpack.encode(command))

    def _write(self, process: subprocess.Popen[bytes], data: bytes) -> None:
        try:
            assert process.stdin is not None
            write_frame(process.stdin, data)
        except OSError:
            # It has just died; the reader thread finds out and tells.
            return

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        decoder = msgspec.msgpack.Decoder(list[Report])
        assert process.stdout is not None
        rubbish: str | None = None
        while (data := read_frame(process.stdout)) is not None:
            try:
                reports = decoder.decode(data)
            except msgspec.MsgspecError as fault:
                rubbish = f"it sent something unreadable ({fault})"
                process.kill()
                break
            for report in reports:
                self._handle(report)
        status = process.wait()
        self._ended(process, rubbish or _how_it_ended(status))

    def _handle(self, report: Report) -> None:
        if isinstance(report, Loaded):
            with self._lock:
                self._stop_timer()
                self.facts = report.facts
                self._set("ready")
                early, self._early = self._early, []
                for command in early:
                    self._send(command)
        elif isinstance(report, LoadFailed):
            self.problem = report.message
        elif isinstance(report, Piece):
            if listener := self._listeners.get(report.id):
                listener(report)
        elif isinstance(report, Answered | Scored | Weighed | Failed) and (
            listener := self._listeners.pop(report.id, None)
        ):
            listener(report)

    def _ended(self, process: subprocess.Popen[bytes], how: str) -> None:
        with self._lock:
            if process is not self._process:
                return
            self._stop_timer()
            was, failed = self.state, self.problem
            orphans = list(dict.fromkeys(self._listeners.values()))
            self._listeners = {}
            self._early = []
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    _close_quietly(pipe)
            if self._closing:
                self._set("unloaded")
                message = f"model '{self.name}' was unloaded"
            elif was == "loading":
                self.problem = message = failed or f"it stopped while loading: {how}"
                self._set("failed")
            else:
                self.problem = message = how
                self._set("died")
        for listener in orphans:
            listener(Died(message))

    def _too_slow(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            if self.state == "loading" and process is self._process:
                self.problem = f"it was not loaded within {self.settings.load_timeout} s (see 'load_timeout')"
                process.kill()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set(self, state: State) -> None:
        self.state = state
        self._on_state(self)


def _spawn(log: IO[bytes]) -> subprocess.Popen[bytes]:
    # OpenMP threads that spin while they wait starve the other workers of this machine.
    environment = os.environ | {"OMP_WAIT_POLICY": "passive", "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "vgpt_probe.engine.worker"]
    # A Ctrl+C in the terminal is for the app; it tells its workers what to do.
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        bufsize=0,
        env=environment,
        creationflags=flags,
        start_new_session=sys.platform != "win32",
    )


def _close_quietly(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except OSError:
        return


def _how_it_ended(status: int) -> str:
    if status < 0:
        import signal

        try:
            name = signal.Signals(-status).name
        except ValueError:
            name = f"signal {-status}"
        hint = " (out of memory?)" if name == "SIGKILL" else ""
        return f"its process was ended by {name}{hint}"
    return f"its process ended with status {status}"
