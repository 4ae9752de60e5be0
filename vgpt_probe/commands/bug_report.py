"""``doctor --report``: one file with what a bug report needs, and none of its writer's secrets."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from vgpt_probe.errors import UsageError, at
from vgpt_probe.files import write_atomically
from vgpt_probe.log import NAME, blank
from vgpt_probe.text import plain

if TYPE_CHECKING:
    from vgpt_probe.commands.doctor import Check
    from vgpt_probe.config import Workspace

PACKAGES = ("llama-cpp-python", "textual", "rich", "msgspec", "sqlglot", "numpy", "gguf", "psutil", "httpx")
#: So much of the end of each log is taken (characters).
TAIL = 20_000

#: Values of keys that may hold a secret, and what stands before the @ of an address.
_SECRET = re.compile(r"(?im)^(\s*[\w.-]*(?:key|(?<!max_)token|secret|password|authorization)\w*\s*=\s*)(?!\s*$).*$")
_KEY = re.compile(r"""api_key_env\s*=\s*["']([^"']+)["']""")
_NAMED = re.compile(r"(?im)^\s*api_key_env\s*=")
_USER = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^/\s\"'@]+@")
_QUERY = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://[^\s\"'?]+)\?[^\s\"']+")


def write_report(path: Path, checks: list[Check], workspace: Workspace | None, config: Path | None) -> None:
    """Write checks, versions, config.toml with secrets blanked, and the ends of the logs.

    Raises ``UsageError`` when the file cannot be written.
    """
    secrets = workspace.secrets if workspace else []
    parts = [("checks", "\n".join(f"{_mark(one.ok)} {one.what}: {one.found} {one.mend}".rstrip() for one in checks))]
    parts.append(("versions", "\n".join(_versions())))
    source = workspace.path if workspace else config
    if source is not None:
        written = _tail(source)
        # A config.toml that cannot be read as one names its keys all the same.
        secrets += [os.environ.get(name, "").strip() for name in _KEY.findall(written)]
        parts.append((str(source), without_secrets(written)))
    if workspace is not None:
        logs = sorted(workspace.log_folder.glob("*.log"), key=lambda log: (log.name != NAME, log.name))
        parts += [(str(log), _tail(log)) for log in logs]
    text = "\n\n".join(f"## {title}\n\n{plain(content)}" for title, content in parts) + "\n"
    try:
        write_atomically(path, hide(text, [secret for secret in secrets if secret]))
    except OSError as fault:
        raise UsageError(f"cannot be written: {fault.strerror or fault}", where=at(path)) from None


def hide(text: str, secrets: Iterable[str]) -> str:
    """Cut out keys, and what addresses carry besides where they lead."""
    return _QUERY.sub(r"\1?[hidden]", _USER.sub(r"\1[hidden]@", blank(text, secrets)))


def without_secrets(text: str) -> str:
    """A config.toml in which the values of keys that may hold a secret are blanked."""
    lines = (line if _NAMED.match(line) else _SECRET.sub(r'\1"[hidden]"', line) for line in text.splitlines())
    return "\n".join(lines)


def _mark(ok: bool | None) -> str:
    return {True: "ok     ", False: "FAILED ", None: "       "}[ok]


def _versions() -> list[str]:
    found = [f"SQLite {sqlite3.sqlite_version}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} is not installed")
    return found


def _tail(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as fault:
        return f"cannot be read: {fault.strerror or fault}"
    # Without the line that is cut: half of a key would not be known as one.
    return text if len(text) <= TAIL else text[-TAIL:].partition("\n")[2]
