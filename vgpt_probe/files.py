"""Reading and writing files so that nothing is half-written."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from vgpt_probe.errors import ProbeError, at, nearest

# A temporary file is its owner's alone; what is written is to be as readable as any new file.
_UMASK = os.umask(0o077)
os.umask(_UMASK)


def write_atomically(path: Path, text: str) -> None:
    """Write UTF-8 text with LF line ends so that a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o666 & ~_UMASK)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def is_file(path: Path) -> bool:
    """Whether there is such a file; a name that no file can have (too long, with a NUL, in a loop) names none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def resolved(root: Path, name: str) -> Path:
    """A path as config.toml gives it: relative to ``root``, with ``~`` for a home folder if there is such a user."""
    path = Path(name)
    try:
        path = path.expanduser()
        return (root / path).resolve()
    except (OSError, RuntimeError, ValueError):
        return root / path


def below(root: Path, path: Path) -> str:
    """How a file is named to somebody else: its path below ``root``, with ``/``, or its name where it lies elsewhere."""
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except (OSError, RuntimeError, ValueError):
        return path.name


def nearest_file(root: Path, name: str) -> str | None:
    """Return the sentence ``did you mean 'x'?`` for the file whose name is nearest, in the folder that ``name`` is in."""
    folder = resolved(root, name).parent
    try:
        names = [entry.name for entry in folder.iterdir() if entry.is_file()]
    except (OSError, ValueError):
        return None
    return nearest(Path(name).name[:200], names)


def read_text(path: Path, error: type[ProbeError]) -> str:
    """Read a text file as UTF-8, or as UTF-16 when it is that.

    Raises ``error`` with one clear line when the file is missing, a folder, unreadable or not text.
    """
    return as_text(read_bytes(path, error), path, error)


def read_bytes(path: Path, error: type[ProbeError]) -> bytes:
    """Read a file whole.

    Raises ``error`` with one clear line when the file is missing, a folder or unreadable.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise error("no such file", where=at(path)) from None
    except IsADirectoryError:
        raise error("this is a folder, not a file", where=at(path)) from None
    except (OSError, ValueError) as fault:
        # A ValueError is that of a name with a NUL.
        raise error(f"cannot be read: {getattr(fault, 'strerror', None) or fault}", where=at(path)) from None


def as_text(data: bytes, path: Path, error: type[ProbeError]) -> str:
    """Decode what was read from ``path``: UTF-8, or UTF-16 with a byte order mark or with zeros where ASCII has them.

    Raises ``error`` with the line where the file is not text.
    """
    encoding = "utf-8-sig"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    elif data[1:8:2] == b"\0\0\0\0" or data[0:8:2] == b"\0\0\0\0":
        encoding = "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        what = "is not UTF-8 text" if encoding == "utf-8-sig" else "is not UTF-16 text"
        raise error(what, where=at(path, line), mend="save it as UTF-8") from None


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
    except RecursionError:
        raise error("is not valid TOML: it is nested too deeply", where=at(path)) from None
    except ValueError as fault:
        # tomllib lets through what Python says of a number or a date.
        raise error(f"is not valid TOML: {fault}", where=at(path)) from None


def read_json(path: Path, error: type[ProbeError]) -> tuple[Any, bool]:
    """Read a JSON document, or JSON lines as a list; return the content and whether it was JSON lines.

    Raises ``error`` naming the file and the line where it is neither.
    """
    return parse_json(read_text(path, error), path, error)


def parse_json(text: str, path: Path, error: type[ProbeError]) -> tuple[Any, bool]:
    """As ``read_json``, for the text that was read from ``path``."""
    try:
        return json.loads(text), False
    except (ValueError, RecursionError) as fault:
        whole = fault
    rows = []
    # Not splitlines(), which also cuts at line separators inside a JSON string.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                rows.append(json.loads(line))
            except (ValueError, RecursionError) as fault:
                # One document that is broken, or lines of which one is: name the place that fits.
                what, place = _json_fault(whole) if not rows else (_json_fault(fault)[0], number)
                raise error(f"is not JSON or JSON lines: {what}", where=at(path, place)) from None
    return rows, True


def dump_json(value: Any, *, indent: int | None = None) -> str:
    """A JSON document that a file can hold, with letters of all scripts as they are."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        # A lone half of a surrogate pair is no text that UTF-8 could hold; escaped, it stays what it was.
        return json.dumps(value, ensure_ascii=True, indent=indent)
    return text


def _json_fault(fault: Exception) -> tuple[str, int | None]:
    """Say what is wrong with a JSON text, and in which line."""
    if isinstance(fault, json.JSONDecodeError):
        return fault.msg, fault.lineno
    return ("it is nested too deeply" if isinstance(fault, RecursionError) else str(fault)), None
