"""One after another: which model may lie in memory when they do not fit beside each other."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vgpt_probe.engine.process import WorkerProcess

#: Seconds that a model keeps its place after its last answer: its owner may be about to ask more.
GRACE = 1.0


class Gate:
    """Lets one worker process in at a time; one that has nothing left to answer makes room for the next.

    The process that leaves has ended before the next one starts: its memory is back.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: WorkerProcess | None = None
        self._queue: deque[WorkerProcess] = deque()
        self._closed = False

    def enter(self, process: WorkerProcess) -> bool:
        """Whether the process may start now; else ``WorkerProcess.admitted`` is called when it may."""
        with self._lock:
            if not self._closed and (
                self._holder is None or (self._holder is process and not process.closing)
            ):
                self._holder = process
                return True
            if process not in self._queue:
                self._queue.append(process)
            holder = self._holder
        if holder is not None:
            self.idle(holder)
        return False

    def idle(self, process: WorkerProcess) -> None:
        """A process may have nothing left to answer."""
        with self._lock:
            if process is not self._holder or not self._queue:
                return
        timer = threading.Timer(GRACE, self._make_room, args=(process,))
        timer.daemon = True
        timer.start()

    def release(self, process: WorkerProcess) -> WorkerProcess | None:
        """A process has ended; return the one to be let in now."""
        with self._lock:
            if process is self._holder:
                self._holder = self._queue.popleft() if self._queue else None
                return self._holder
            return None

    def left(self, process: WorkerProcess) -> None:
        """A process does not want its place any more."""
        if (following := self.release(process)) is not None:
            following.admitted()

    def close(self) -> None:
        """Let nobody in any more."""
        with self._lock:
            self._closed = True
            self._queue.clear()

    def _make_room(self, process: WorkerProcess) -> None:
        with self._lock:
            wanted = process is self._holder and bool(self._queue)
        if wanted:
            process.close(only_if_idle=True)
