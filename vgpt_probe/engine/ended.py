"""How a worker process came to its end, in words: by its exit status and the last lines of its log."""

from __future__ import annotations

import re
from pathlib import Path

from vgpt_probe.text import one_line

#: How much of the log's end is looked at, and how much of a line is repeated.
_TAIL, _LONGEST = 16_384, 300
#: Windows ends a process by these statuses where a POSIX system sends a signal.
_WINDOWS = {
    0xC0000005: "an access violation",
    0xC0000409: "an abort",
    0xC0000017: "a lack of memory",
    3: "an abort",
}
_ASSERTION = re.compile(
    r"^.*?((?:GGML_ASSERT|GGML_ABORT).*|.*(?:terminate called|what\(\):).*)$", re.MULTILINE
)
_EXCEPTION = re.compile(r"^(?:\w+\.)*(\w*(?:Error|Exception)\b.*)$", re.MULTILINE)
_TOO_SLOW = re.compile(r"^Timeout \((\d+):(\d+):(\d+)\)!", re.MULTILINE)


def how_it_ended(status: int, log: Path) -> str:
    """Say how a process ended: ``status`` as ``Popen.returncode`` has it, ``log`` its standard error."""
    tail = _tail(log)
    if found := _TOO_SLOW.search(tail):
        hours, minutes, seconds = map(int, found.groups())
        return f"its chat template took longer than {3600 * hours + 60 * minutes + seconds} s and was stopped"
    if status < 0:
        import signal

        try:
            name = signal.Signals(-status).name
        except ValueError:
            name = f"signal {-status}"
        how = f"its process was ended by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")
    elif status in _WINDOWS:
        how = f"its process was ended by {_WINDOWS[status]}"
    else:
        how = f"its process ended with status {status}"
    said = _ASSERTION.findall(tail) or _EXCEPTION.findall(tail)
    if any("bad_alloc" in one or "MemoryError" in one for one in said):
        return f"{how}: there was not enough memory"
    return f"{how}: {one_line(said[-1])[:_LONGEST]}" if said else how


def _tail(log: Path) -> str:
    try:
        with log.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(max(0, size - _TAIL))
            return stream.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
