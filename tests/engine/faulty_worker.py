"""A real worker over real llama.cpp that fails at a word: ``python -m tests.engine.faulty_worker FAULT WORD``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from vgpt_probe.engine import worker
from vgpt_probe.engine.process import environment


def grief(fault: str) -> None:
    """Come to grief in the way that is named."""
    if fault == "dies":
        os.kill(os.getpid(), signal.SIGTERM)
    elif fault == "hangs":
        time.sleep(10_000)
    elif fault == "stopped":
        # As an out-of-memory daemon, a debugger or a laptop's sleep leaves it.
        os.kill(os.getpid(), signal.SIGSTOP)
    elif fault == "garbage":
        os.write(worker_pipe, b"\x03\0\0\0\xc1\xc1\xc1")
    elif fault == "prints":
        # What a library says on standard output is no message.
        print("\x03\0\0\0 hello", flush=True)
    elif fault == "wrong":
        os.write(worker_pipe, b"\x02\0\0\0\x91\x90")
    elif fault == "huge":
        os.write(worker_pipe, b"\xff\xff\xff\xff" + b"x" * 1000)
        os._exit(1)
    elif fault == "raises":
        raise RuntimeError("\x1b[2Jsomething of our own")
    elif fault == "memory":
        import resource

        # Room for a little more, then no more: as on a machine whose memory is used up.
        used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + 1_000_000, resource.RLIM_INFINITY))
        kept = []
        while True:
            kept.append(bytearray(1_000_000))


worker_pipe = -1


def main() -> None:
    global worker_pipe
    fault, word = sys.argv[1:3]
    from vgpt_probe.engine.batch import Scheduler
    from vgpt_probe.engine.template import ChatTemplate

    if fault == "renders":
        render = ChatTemplate.render

        def ending(self: ChatTemplate, turns: Any) -> str:
            if word in turns[-1].content:
                os._exit(1)
            return render(self, turns)

        ChatTemplate.render = ending  # type: ignore[method-assign]

    take = Scheduler._take

    def poisoned(self: Scheduler, sequence: Any, token: int) -> None:
        if word in sequence.request.turns[-1].content and sequence.tokens >= 2:
            grief(fault)
        take(self, sequence, token)

    Scheduler._take = poisoned  # type: ignore[method-assign]
    worker_pipe = os.dup(1)
    worker.main()


def spawner(fault: str, word: str) -> Callable[[IO[bytes], bool], subprocess.Popen[bytes]]:
    """What takes the place of ``engine.process._spawn``."""

    def spawn(log: IO[bytes], crowded: bool) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.engine.faulty_worker", fault, word],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, bufsize=0,
            env=environment(crowded),
        )  # fmt: skip

    return spawn


if __name__ == "__main__":
    main()
