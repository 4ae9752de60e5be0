"""Adds a model: a GGUF by its path, or found by browsing, with a name and a stage."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import DirectoryTree, Input, Static

from vgpt_probe.config import Workspace
from vgpt_probe.tui.dialogs.base import Dialog


class NewModel(msgspec.Struct, frozen=True):
    """What was typed: ``path`` as a person wrote it."""

    name: str
    path: str
    stage: str


class Files(DirectoryTree):
    """Folders, and the GGUF files in them; marked with signs that every font has."""

    ICON_NODE, ICON_NODE_EXPANDED, ICON_FILE = "▸ ", "▾ ", "  "

    def filter_paths(self, paths: Iterable[Path]) -> Iterable[Path]:
        return [
            path
            for path in paths
            if not path.name.startswith(".") and (path.suffix.lower() == ".gguf" or _is_folder(path))
        ]


class AddModel(Dialog[NewModel]):
    """Dismisses with a new model, or None."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        folder = workspace.root / "models"
        self._folder = folder if folder.is_dir() else workspace.root

    def compose(self) -> ComposeResult:
        with Vertical(classes="box large"):
            yield Static("Add a model", classes="title", markup=False)
            yield Static("GGUF file: type its path, or choose it below", classes="label", markup=False)
            yield Input(id="path", placeholder="models/dpo_v3.gguf", compact=True)
            yield Static("Name", classes="label", markup=False)
            yield Input(id="name", placeholder="dpo_v3", compact=True)
            yield Static("Stage (may be left empty)", classes="label", markup=False)
            yield Input(id="stage", placeholder="dpo_v3", compact=True)
            yield Files(self._folder, id="files")
            yield Static("Enter adds · Tab goes on · Esc closes", classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one("#path").focus()

    @on(DirectoryTree.FileSelected)
    def _selected(self, event: DirectoryTree.FileSelected) -> None:
        event.stop()
        self.query_one("#path", Input).value = str(event.path)
        self._suggest(event.path)
        self.query_one("#name").focus()

    @on(Input.Changed, "#path")
    def _typed(self, event: Input.Changed) -> None:
        if event.value.endswith(".gguf"):
            self._suggest(Path(event.value))

    def _suggest(self, path: Path) -> None:
        name, stage = self.query_one("#name", Input), self.query_one("#stage", Input)
        short = path.name.split(".")[0]
        if not name.value:
            name.value = short
        if not stage.value:
            stage.value = short

    @on(Input.Submitted)
    def _done(self) -> None:
        path, name, stage = (self.query_one(f"#{one}", Input) for one in ("path", "name", "stage"))
        for one in (path, name):
            if not one.value.strip():
                one.focus()
                return
        self.dismiss(NewModel(name.value.strip(), path.value.strip(), stage.value.strip()))


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False
