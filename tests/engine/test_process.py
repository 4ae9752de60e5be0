"""A worker process that does not do as it should: when it is taken for hung, and that nobody waits for it for ever."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from queue import SimpleQueue
from types import SimpleNamespace

import pytest

from tests.engine.test_client import PATIENCE, make_worker, request, tiny, wait_until_loaded  # noqa: F401
from vgpt_probe.engine import process
from vgpt_probe.engine.messages import Answered

LIMIT = 8


class Watched:
    """A process that owes an answer, and a clock that goes on only while its watcher sleeps."""

    def __init__(self, worker, monkeypatch, looks: int) -> None:
        self.process = worker._process
        self.now, self.left, self.killed = 100.0, looks, 0
        self.meanwhile = lambda look: None
        self.process._popen = SimpleNamespace(poll=self._poll, kill=self._kill, pid=1)
        self.process._heard = self.now
        worker.state = "ready"
        worker._listeners["a"] = lambda event: None
        monkeypatch.setattr(process, "time", SimpleNamespace(sleep=self._sleep, monotonic=lambda: self.now))

    def _poll(self):
        self.left -= 1
        return None if self.left >= 0 and not self.killed else 0

    def _kill(self):
        self.killed += 1

    def _sleep(self, seconds):
        self.now += seconds
        self.meanwhile(self.left)

    def listen(self):
        """Let the watcher look; return how often it slept before it killed the process, None if it never did."""
        self.process._listen(self.process._popen, LIMIT)
        return self.killed


@pytest.fixture
def watched(make_worker, monkeypatch):  # noqa: F811
    worker = make_worker("x.gguf")
    yield lambda looks: Watched(worker, monkeypatch, looks)
    worker._process._popen = None


def test_silence_for_long_enough_at_two_looks_is_a_hang(watched):
    found = watched(50)
    assert found.listen() == 1
    # It looks every 2 seconds: the first time that it is late is after more than 8.
    assert found.now == 100.0 + 12 and "no sign of life for 8 s" in found.process._too_late


def test_a_pause_of_the_whole_machine_is_none(watched):
    """After it the signs of life lie in the pipe, unread: they are heard before the second look."""
    found = watched(20)

    def meanwhile(look):
        if look == 15:
            found.now += 3600
        elif look in (14, 10, 6, 2):
            found.process._heard = found.now

    found.meanwhile = meanwhile
    assert found.listen() == 0 and found.left < 0


@pytest.mark.parametrize("what", ["idle", "loading", "closing"])
def test_who_owes_nothing_or_is_still_loading_does_not_hang(watched, what):
    found = watched(20)
    [worker] = found.process.members
    if what == "idle":
        worker._listeners.clear()
    elif what == "loading":
        worker.state = "loading"
    else:
        found.process.closing = True
    assert found.listen() == 0 and found.left < 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows stops no process")
@pytest.mark.parametrize("who", ["another thread", "close itself"])
def test_closing_a_process_that_reads_no_more_comes_to_an_end(tiny, make_worker, who):  # noqa: F811
    worker = make_worker(tiny, answer_timeout=3600)
    events = SimpleQueue()
    worker.ask([request("a")], events.put)
    assert isinstance(events.get(timeout=PATIENCE), Answered)
    popen = worker._process._popen
    os.kill(popen.pid, signal.SIGSTOP)
    asking = threading.Thread(target=lambda: worker.ask([request("b", text="x" * 5_000_000)], events.put), daemon=True)
    if who == "another thread":
        asking.start()
        while not worker.busy:
            time.sleep(0.01)
        time.sleep(0.2)
        assert asking.is_alive(), "it waits, and holds the lock"
    else:
        os.set_blocking(popen.stdin.fileno(), False)
        while popen.stdin.write(b"x" * 65536):
            pass
        os.set_blocking(popen.stdin.fileno(), True)
    closing = threading.Thread(target=lambda: worker.close(patience=0.5), daemon=True)
    closing.start()
    closing.join(PATIENCE)
    assert not closing.is_alive() and popen.poll() is not None
    if who == "another thread":
        asking.join(PATIENCE)
        assert not asking.is_alive() and not worker.busy
    wait_until_loaded([worker])
    worker.ask([request("c")], events.put)
    while not isinstance(event := events.get(timeout=PATIENCE), Answered):
        pass
    assert event.id == "c", "it is loaded again when it is asked again"
