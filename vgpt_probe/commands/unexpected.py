"""What ends a command without being foreseen: said in one line, with the details in a file to send along."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from vgpt_probe.errors import BAD_INPUT, INTERNAL
from vgpt_probe.log import blanked, traceback_of
from vgpt_probe.text import one_line


def told(fault: Exception) -> int:
    """Tell of a fault that is no ``ProbeError``; return the exit status.

    The machine's own faults (a full disk, a folder that may not be written) are the user's to mend: status 2. Any other
    is a fault of this program: status 70, and its traceback goes to a file.
    """
    if isinstance(fault, OSError):
        where = f"{fault.filename}: " if fault.filename else ""
        _say(f"{where}{fault.strerror or fault}")
        return BAD_INPUT
    if isinstance(fault, MemoryError):
        _say("there is not enough memory")
        return BAD_INPUT
    said = f"{type(fault).__name__}: {fault}" if str(fault) else type(fault).__name__
    _say(f"this is a fault of vgpt-probe: {blanked(said)[:300]} ({_kept(fault)}); what was stored is kept")
    return INTERNAL


def _say(line: str) -> None:
    print(f"vgpt-probe: {one_line(blanked(line))}", file=sys.stderr)


def _kept(fault: Exception) -> str:
    """Write the traceback into a file of the user's own; say where it is."""
    from vgpt_probe import __version__

    text = f"vgpt-probe {__version__}, Python {sys.version}\n\n" + traceback_of(fault)
    try:
        with tempfile.NamedTemporaryFile(
            "w",
            encoding="utf-8",
            errors="backslashreplace",
            prefix=time.strftime("vgpt_probe-%Y%m%d-%H%M%S-"),
            suffix=".txt",
            delete=False,
        ) as file:
            file.write(text)
        return f"please report it with {Path(file.name)}"
    except OSError:
        return "please report it"
