"""What background threads tell the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from vgpt_probe.runs.runner import Progress
    from vgpt_probe.tui.board import Board


class StoreOpened(Message):
    """The store is open; ``board`` is its newest run, or None."""

    def __init__(self, board: Board | None) -> None:
        super().__init__()
        self.board = board


class CatalogOpened(Message):
    """The catalog is at hand."""


class BoardOpened(Message):
    """A run is at hand to be shown; ``ask`` says whether its models are to be asked what is missing."""

    def __init__(self, board: Board, *, ask: bool = False) -> None:
        super().__init__()
        self.board = board
        self.ask = ask


class Progressed(Message):
    """The run of that number has something to tell."""

    def __init__(self, run: int, progress: Progress) -> None:
        super().__init__()
        self.run = run
        self.progress = progress


class WorkerChanged(Message):
    """A model's worker is in another state."""

    def __init__(self, model: str) -> None:
        super().__init__()
        self.model = model


class Trouble(Message):
    """Something did not work; ``text`` is one clear line."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
