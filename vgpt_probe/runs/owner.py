"""Who is asking a run: a process, named so that another one can tell whether it is still there."""

from __future__ import annotations

import os
from functools import cache

#: Seconds by which the time of a process's start may seem to move when the clock is set.
DRIFT = 10.0


@cache
def _started(pid: int) -> float:
    import psutil

    return float(psutil.Process(pid).create_time())


def this_process() -> str:
    """This process: its number, and when it started, for numbers are given again."""
    pid = os.getpid()
    return f"{pid} {_started(pid):.0f}"


def is_there(owner: str) -> bool:
    """Whether the process that ``this_process`` named is still running."""
    import psutil

    number, _, started = owner.partition(" ")
    try:
        process = psutil.Process(int(number))
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE and (
            abs(process.create_time() - float(started)) <= DRIFT
        )
    except psutil.AccessDenied:
        return True
    except (psutil.Error, ValueError):
        return False
