"""Every exception that can reach a user, with its exit status.

ProbeError                  2   the base: one clear line, never a traceback
├── ConfigError             2   config.toml: file, line, key, what is wrong, the mend
├── BatteryError            2   a battery file under probes/
├── CatalogError            2   a schema source that cannot be read
├── RecordError             2   a file of recorded answers or pairs that cannot be read
├── ModelError              2   a model that cannot be loaded or has stopped
├── StoreError              2   the run store: damaged, newer, locked, read-only
└── UsageError              2   wrong use of a command
OSError, MemoryError        2   the machine does not give what is needed: a full disk, a folder that may not be written
KeyboardInterrupt         130   Ctrl+C; what was stored is kept
any other                  70   a fault of this program: one line, and a file with the traceback to report
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

#: Exit statuses: done; done and something was found; wrong use or bad input; a fault of this program (as sysexits.h
#: has it); interrupted by Ctrl+C.
DONE, FOUND, BAD_INPUT, INTERNAL, INTERRUPTED = 0, 1, 2, 70, 130


#: A file may name things of any length; a line that is to be read may not. Its beginning and end stay.
LONGEST = 4000


class ProbeError(Exception):
    """A fault that the user can mend; its text is one clear line.

    ``where`` names the file (and line), ``mend`` says what to do; both may be None.
    """

    exit_status = BAD_INPUT

    def __init__(self, what: str, *, where: str | None = None, mend: str | None = None) -> None:
        self.what = what
        self.where = where
        self.mend = mend
        super().__init__(what)

    def __str__(self) -> str:
        what = self.what
        if len(what) > LONGEST:
            what = f"{what[: LONGEST * 3 // 4]} … {what[-LONGEST // 4 :]}"
        text = f"{self.where}: {what}" if self.where else what
        return f"{text} ({self.mend})" if self.mend else text


class ConfigError(ProbeError):
    """config.toml is missing, malformed or names something that is not there."""


class BatteryError(ProbeError):
    """A battery file is missing, malformed or cannot be expanded against the catalog."""


class CatalogError(ProbeError):
    """A schema source cannot be read."""


class RecordError(ProbeError):
    """A file of recorded answers or of pairs cannot be read."""


class ModelError(ProbeError):
    """A model cannot be loaded, or its worker has stopped."""


class StoreError(ProbeError):
    """The run store cannot be opened, read or written."""


class UsageError(ProbeError):
    """A command was used wrongly."""


def at(path: Path, line: int | None = None) -> str:
    """Name a file, and a line of it (1-based), as editors understand it: ``file:line``."""
    return f"{path}:{line}" if line else str(path)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the sentence ``did you mean 'x'?`` for the nearest of ``known``, or None."""
    names = list(known)
    lowered = {candidate.lower(): candidate for candidate in names}
    match = difflib.get_close_matches(name.lower(), list(lowered), n=1, cutoff=0.6)
    return f"did you mean '{lowered[match[0]]}'?" if match else None
