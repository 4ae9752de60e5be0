"""The system's clipboard, by the program that the system has for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys


def to_clipboard(text: str) -> bool:
    """Put a text on the clipboard; False where this machine has none (over SSH the terminal's is wanted)."""
    command = _command()
    if command is None:
        return False
    encoding = "utf-16-le" if command[0].endswith("clip.exe") or sys.platform == "win32" else "utf-8"
    try:
        done = subprocess.run(
            command,
            input=text.encode(encoding, errors="replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=2,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _command() -> list[str] | None:
    if os.environ.get("SSH_CONNECTION"):
        return None
    if sys.platform == "win32":
        wanted = [["clip"]]
    elif sys.platform == "darwin":
        wanted = [["pbcopy"]]
    else:
        wanted = []
        if os.environ.get("WAYLAND_DISPLAY"):
            wanted.append(["wl-copy"])
        if os.environ.get("DISPLAY"):
            wanted += [["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"]]
    for command in wanted:
        if found := shutil.which(command[0]):
            return [found, *command[1:]]
    return None
