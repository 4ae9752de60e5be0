"""The worker process: loads one set of weights, answers requests until it is told to close or its owner is gone.

Started as ``python -m vgpt_probe.engine.worker``: commands come in on standard input, reports go out on what was
standard output. Whatever llama.cpp prints goes to standard error, which the owner has pointed at a log file.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from collections import Counter
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, TYPE_CHECKING

import msgspec

from vgpt_probe.engine.frames import RUBBISH, read_frame, write_frame
from vgpt_probe.engine.gguf_file import read_gguf
from vgpt_probe.engine.messages import (
    Ask,
    AskScores,
    AskWeights,
    AtWork,
    Cancel,
    Close,
    Count,
    FromMember,
    LoadFailed,
    Reload,
    Report,
    Start,
    ToMember,
)
from vgpt_probe.engine.plan import check_room
from vgpt_probe.errors import ModelError

if TYPE_CHECKING:
    from vgpt_probe.engine.seats import Seats

#: Streamed pieces and answers are gathered this long (seconds) and sent together.
GATHER = 0.03
#: Seconds after which a worker that is at work gives a sign of life, if it has nothing else to say.
BEAT = 2.0


def work(commands: IO[bytes], reports: IO[bytes]) -> None:
    """Serve one set of weights; the first message of ``commands`` is a ``Start``, the others are commands."""
    first = read_frame(commands)
    if first is None:
        return
    start = msgspec.msgpack.decode(first, type=Start)
    outbox = _Outbox(reports)
    try:
        # Before llama.cpp sees the file, and before it is even imported.
        check_room(read_gguf(Path(start.path)), start)
        from vgpt_probe.engine.context import LoadedModel
        from vgpt_probe.engine.seats import Seats

        model = LoadedModel(start)
    except (ModelError, MemoryError) as fault:
        for member in range(len(start.members)):
            outbox.put(member, LoadFailed(str(fault) or "there is not enough memory"))
        outbox.flush()
        return
    seats = Seats(model, start, outbox.put)
    for member in range(len(start.members)):
        seats.load(member)
    outbox.flush()
    if not len(seats):
        return
    inbox = _Inbox(commands, seats)
    # It is asked in the middle of a step, many times: that is a sign of life too.
    model.abort_when(lambda: inbox.must_stop() or outbox.beat())
    try:
        _serve(inbox, outbox, seats)
    except OSError:
        # The app is gone: nobody is left to answer.
        return
    finally:
        model.close()


def _serve(inbox: _Inbox, outbox: _Outbox, seats: Seats) -> None:
    busy = 0.0
    since = time.perf_counter()
    while True:
        rests = seats.idle or seats.hungry
        if rests:
            busy += time.perf_counter() - since
        sent = inbox.take(wait=rests, limit=None if seats.idle else BEAT)
        if rests:
            since = time.perf_counter()
        while sent is not None:
            member, command = sent.member, sent.command
            if isinstance(command, Close):
                return
            if isinstance(command, Ask | AskScores | AskWeights):
                seats.ask(member, command)
            elif isinstance(command, Count):
                outbox.put(member, seats.count(command.id, busy))
            elif isinstance(command, Reload):
                seats.load(member)
            else:
                seats.cancel(member, command.ids)
                if command.ids is None:
                    inbox.cancelled(member)
            sent = inbox.take(wait=False)
        if not seats.idle and not seats.hungry:
            seats.step()
        outbox.flush_when_due(idle=seats.idle or seats.hungry)
        outbox.beat()


class _Inbox:
    """Reads commands in a thread, so that a stop reaches a model in the middle of a step."""

    def __init__(self, pipe: IO[bytes], seats: Seats, *, start: bool = True) -> None:
        self._pipe = pipe
        self._seats = seats
        self._commands: SimpleQueue[ToMember] = SimpleQueue()
        self._stops: Counter[int] = Counter()
        self._closing = False
        self._lock = threading.Lock()
        if start:
            threading.Thread(target=self._read, name="commands", daemon=True).start()

    def must_stop(self) -> bool:
        """Whether the evaluation that is going on is wanted no more."""
        return self._closing or self._stops[self._seats.turn] > 0

    def _read(self) -> None:
        decoder = msgspec.msgpack.Decoder(ToMember)
        while not self._closing:
            data = read_frame(self._pipe)
            try:
                sent = ToMember(0, Close()) if data is None else decoder.decode(data)
            except RUBBISH:
                # Whoever says this is not the app, or not the one that started this worker.
                sent = ToMember(0, Close())
            with self._lock:
                if isinstance(sent.command, Close):
                    self._closing = True
                elif isinstance(sent.command, Cancel) and sent.command.ids is None:
                    self._stops[sent.member] += 1
            self._commands.put(sent)

    def take(self, *, wait: bool, limit: float | None = None) -> ToMember | None:
        try:
            return self._commands.get(block=wait, timeout=limit)
        except Empty:
            return None

    def cancelled(self, member: int) -> None:
        """Let evaluation go on once every stop that was asked for has been carried out."""
        with self._lock:
            self._stops[member] = max(0, self._stops[member] - 1)


class _Outbox:
    """Gathers reports and sends them together, so that the pipe is not written once a token."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._encoder = msgspec.msgpack.Encoder()
        self._reports: list[FromMember] = []
        self._sent = time.perf_counter()

    def put(self, member: int, report: Report) -> None:
        self._reports.append(FromMember(member, report))
        if isinstance(report, AtWork):
            # If this process dies over it, nothing that is gathered is ever sent.
            self.flush()

    def flush_when_due(self, *, idle: bool) -> None:
        if self._reports and (idle or time.perf_counter() - self._sent >= GATHER):
            self.flush()

    def beat(self) -> bool:
        """Give a sign of life when it is time; whether nobody is left to hear it."""
        if time.perf_counter() - self._sent >= BEAT:
            try:
                write_frame(self._pipe, self._encoder.encode(self._reports))
            except OSError:
                return True
            self._reports = []
            self._sent = time.perf_counter()
        return False

    def flush(self) -> None:
        if self._reports:
            write_frame(self._pipe, self._encoder.encode(self._reports))
            self._reports = []
        self._sent = time.perf_counter()


def main() -> None:
    commands = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115 (stays open as long as the process)
    # Reports get the pipe to themselves: what anybody prints to standard output goes to the log instead.
    reports = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    status = 1
    try:
        work(commands, reports)
        status = 0
    except BaseException:
        # Into the log, where the app looks for the reason.
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        # The thread that reads commands still waits on its pipe; do not wait for it.
        os._exit(status)


if __name__ == "__main__":
    main()
