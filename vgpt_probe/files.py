"""Reading and writing files so that nothing is half-written."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from vgpt_probe.errors import ProbeError, at


def write_atomically(path: Path, text: str) -> None:
    """Write UTF-8 text with LF line ends so that a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_text(path: Path, error: type[ProbeError]) -> str:
    """Read a text file as UTF-8, or UTF-16 when it starts with that byte order mark.

    Raises ``error`` with one clear line when the file is missing, a folder, unreadable or not text.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise error("no such file", where=at(path)) from None
    except IsADirectoryError:
        raise error("this is a folder, not a file", where=at(path)) from None
    except OSError as fault:
        raise error(f"cannot be read: {fault.strerror or fault}", where=at(path)) from None
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise error("is not UTF-8 text", where=at(path, line), mend="save it as UTF-8") from None


def read_toml(path: Path, error: type[ProbeError]) -> tuple[dict[str, Any], str]:
    """Read a TOML file; return its content and its text.

    Raises ``error`` naming the file and the line where the TOML is malformed.
    """
    text = read_text(path, error)
    try:
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as fault:
        message = str(fault)
        what, _, place = message.partition(" (at ")
        line = None
        if place.startswith("line "):
            line = int(place.removeprefix("line ").split(",")[0])
        elif place:
            line = text.count("\n") + 1
        raise error(f"is not valid TOML: {what}", where=at(path, line)) from None
