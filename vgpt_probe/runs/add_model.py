"""Adding a model to a workspace's config.toml, its comments left as they are."""

from __future__ import annotations

import json
from pathlib import Path

from vgpt_probe.config import Workspace, load_workspace
from vgpt_probe.engine.gguf_file import read_gguf
from vgpt_probe.errors import ConfigError, at
from vgpt_probe.files import write_atomically


def add_model(workspace: Workspace, *, name: str, path: str, stage: str = "") -> Workspace:
    """Append a ``[[models]]`` table to config.toml and return the workspace read again.

    ``path``: a GGUF file, relative to the current folder or absolute; ``stage`` may be one that is not listed yet.

    Raises ``ModelError`` when the file is no sound GGUF, ``ConfigError`` when the name is taken or config.toml
    cannot be written; it is then as it was.
    """
    file = Path(path).expanduser().resolve()
    read_gguf(file)
    config = workspace.path
    if any(model.name == name for model in workspace.config.models):
        raise ConfigError(
            f"there is a model named '{name}' already", where=at(config), mend="give it another name"
        )
    before = config.read_text(encoding="utf-8")
    try:
        written = file.relative_to(workspace.root).as_posix()
    except ValueError:
        written = file.as_posix()
    added = ""
    known = [one.name for one in workspace.config.stages]
    if stage and known and stage not in known:
        added += f"\n[[stages]]\nname = {_quoted(stage)}\nparent = {_quoted(known[-1])}\n"
    added += f"\n[[models]]\nname = {_quoted(name)}\npath = {_quoted(written)}\n"
    if stage:
        added += f"stage = {_quoted(stage)}\n"
    try:
        write_atomically(config, before.rstrip("\n") + "\n" + added)
    except OSError as fault:
        mend = "make a workspace of your own: vgpt-probe init DIR"
        raise ConfigError(
            f"cannot be written: {fault.strerror or fault}", where=at(config), mend=mend
        ) from None
    try:
        return load_workspace(config, state=workspace.state)
    except ConfigError:
        write_atomically(config, before)
        raise


def _quoted(text: str) -> str:
    # A JSON string is a TOML basic string.
    return json.dumps(text, ensure_ascii=False)
