"""A real program in a pseudo-terminal, its screen kept by pyte: what the benchmarks of the app measure through."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pyte


class Terminal:
    """A child process whose terminal is ours; POSIX only, answers no query."""

    def __init__(
        self, arguments: list[str], *, size: tuple[int, int] = (120, 40), folder: Path | None = None
    ) -> None:
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        start, begin = os.pipe()
        self.pid, self._file = pty.fork()
        if self.pid == 0:
            os.chdir(folder or Path.cwd())
            # The terminal has its size before the program looks.
            os.read(start, 1)
            os.execvpe(sys.executable, [sys.executable, *arguments], os.environ | {"TERM": "xterm-256color"})
        fcntl.ioctl(self._file, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        os.close(start)
        self.began = time.perf_counter()
        os.write(begin, b"!")
        os.close(begin)

    def press(self, keys: str) -> float:
        """Type keys, as a terminal sends them; return when (perf_counter)."""
        at = time.perf_counter()
        os.write(self._file, keys.encode())
        return at

    def until(self, holds: Callable[[list[str]], object], *, seconds: float = 60) -> float:
        """Read what the program draws until something holds of the screen's lines.

        Returns when (perf_counter) the bytes that made it hold were read: working them off is our time, not the program's.
        """
        end = time.perf_counter() + seconds
        came = time.perf_counter()
        while not holds(self.screen.display):
            left = end - time.perf_counter()
            if left <= 0:
                raise TimeoutError("the screen did not come so far:\n" + "\n".join(self.screen.display))
            came = self._read(min(left, 0.05)) or came
        return came

    def shows(self, text: str, *, seconds: float = 60) -> float:
        """Wait for a text anywhere on the screen."""
        return self.until(lambda lines: any(text in line for line in lines), seconds=seconds)

    def settle(self, quiet: float = 0.2, *, at_most: float = 2.0) -> None:
        """Read until nothing is drawn for so many seconds; what runs on draws for ever, so at most for so long."""
        end = time.perf_counter() + at_most
        while time.perf_counter() < end and self._read(quiet):
            pass

    def seconds_of_work(self) -> float:
        """The processor time that the program has taken so far: it does not depend on what else the machine does."""
        times = psutil.Process(self.pid).cpu_times()
        return times.user + times.system

    def megabytes(self) -> float:
        """The program's resident memory, without its child processes."""
        return float(psutil.Process(self.pid).memory_info().rss) / 1e6

    def close(self) -> None:
        """End the program and the processes that it has started."""
        try:
            children = psutil.Process(self.pid).children(recursive=True)
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            for child in children:
                child.kill()
        except (ProcessLookupError, ChildProcessError, psutil.NoSuchProcess):
            pass
        os.close(self._file)

    def _read(self, seconds: float) -> float | None:
        """Take in what is there; return when it was read, None when nothing came within so many seconds."""
        if not select.select([self._file], [], [], seconds)[0]:
            return None
        try:
            data = os.read(self._file, 65536)
        except OSError:
            raise TimeoutError("the program has ended:\n" + "\n".join(self.screen.display)) from None
        came = time.perf_counter()
        self._stream.feed(data)
        return came
