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

import pyte


class Terminal:
    """A child process whose terminal is ours; POSIX only."""

    def __init__(
        self, arguments: list[str], *, size: tuple[int, int] = (120, 40), folder: Path | None = None
    ) -> None:
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self.began = time.perf_counter()
        self.pid, self._file = pty.fork()
        if self.pid == 0:
            os.chdir(folder or Path.cwd())
            # The terminal has its size before the program looks.
            time.sleep(0.05)
            os.execvpe(sys.executable, [sys.executable, *arguments], os.environ | {"TERM": "xterm-256color"})
        fcntl.ioctl(self._file, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

    def press(self, keys: str) -> None:
        """Type keys, as a terminal sends them."""
        os.write(self._file, keys.encode())

    def until(self, holds: Callable[[list[str]], object], *, seconds: float = 60) -> float:
        """Read what the program draws until something holds of the screen's lines; return when (perf_counter)."""
        end = time.perf_counter() + seconds
        while True:
            if holds(self.screen.display):
                return time.perf_counter()
            left = end - time.perf_counter()
            if left <= 0:
                raise TimeoutError("the screen did not come so far:\n" + "\n".join(self.screen.display))
            if select.select([self._file], [], [], min(left, 0.05))[0]:
                try:
                    self._stream.feed(os.read(self._file, 65536))
                except OSError:
                    raise TimeoutError("the program has ended:\n" + "\n".join(self.screen.display)) from None

    def shows(self, text: str, *, seconds: float = 60) -> float:
        """Wait for a text anywhere on the screen."""
        return self.until(lambda lines: any(text in line for line in lines), seconds=seconds)

    def settle(self, seconds: float = 0.2) -> None:
        """Read until nothing is drawn for so long."""
        while select.select([self._file], [], [], seconds)[0]:
            self._stream.feed(os.read(self._file, 65536))

    def close(self) -> None:
        """End the program."""
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        os.close(self._file)
