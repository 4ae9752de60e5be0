"""What happened, a line of JSON each: what, which model, which run and case; never an answer's text, never a key.

Several programs may write to one log: each line is one write, and the file is named anew when it has grown large.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import traceback
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal

NAME = "vgpt_probe.log"
#: A log of this size (bytes) is put aside; so many older ones stay.
LARGE, KEPT = 1_000_000, 2
#: Longer than this (characters) nothing is repeated.
_LONG = 2000


class _Log:
    def __init__(self) -> None:
        self.path: Path | None = None
        self.secrets: tuple[str, ...] = ()
        self.lock = threading.Lock()


_log = _Log()


def open_log(folder: Path, secrets: Iterable[str] = ()) -> Path:
    """Write to the log of this folder from now on; ``secrets`` are cut out of whatever is written. Return its path."""
    _log.path = folder / NAME
    _log.secrets = tuple(secret for secret in secrets if secret)
    return _log.path


def note(what: str, *, level: Literal["info", "warning", "error"] = "info", **facts: object) -> None:
    """Write a line; where no log is open, or it cannot be written, nothing happens."""
    if _log.path is None:
        return
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line: dict[str, object] = {"at": now, "level": level, "process": os.getpid(), "what": what}
    line |= {name: _short(fact) for name, fact in facts.items() if fact not in (None, "")}
    data = (blank(json.dumps(line, ensure_ascii=True), _log.secrets) + "\n").encode("ascii")
    # What cannot be logged must not stop what is logged.
    with _log.lock, contextlib.suppress(OSError):
        _log.path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):
            _rotate(_log.path)
        with _log.path.open("ab", buffering=0) as stream:
            stream.write(data)


def blank(text: str, secrets: Iterable[str]) -> str:
    """The text without the secrets, as they are and as JSON and Python write them."""
    for secret in secrets:
        for written in (secret, json.dumps(secret)[1:-1], repr(secret)[1:-1]):
            text = text.replace(written, "[secret]")
    return text


def blanked(text: str) -> str:
    """The text without the secrets that ``open_log`` was told."""
    return blank(text, _log.secrets)


def traceback_of(fault: BaseException) -> str:
    """The traceback of a fault for a file or a screen: what libraries put into their messages may hold a key."""
    return blanked("".join(traceback.format_exception(fault)))


def _rotate(path: Path) -> None:
    if not path.is_file() or path.stat().st_size < LARGE:
        return
    for number in range(KEPT, 0, -1):
        newer = path.with_name(f"{path.name}.{number - 1}") if number > 1 else path
        if newer.is_file():
            # On Windows this waits until no other program has it open: the log grows a little meanwhile.
            newer.replace(path.with_name(f"{path.name}.{number}"))


def _short(fact: object) -> object:
    if isinstance(fact, str):
        # Before it is cut: of a key that the end runs through, a part would stay.
        fact = blanked(fact)
        return fact if len(fact) <= _LONG else fact[:_LONG] + " …"
    return fact if isinstance(fact, int | float | bool) else _short(str(fact))
