"""Asks yes or no."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from vgpt_probe.tui.dialogs.base import Dialog


class Confirm(Dialog[bool]):
    """Dismisses with True for yes, False or None for no; no is what Enter means at first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("y", "yes", "Yes"),
        ("n", "no", "No"),
        ("left,right", "other", "Other"),
    ]

    def __init__(
        self, question: str, detail: str, *, yes: str, no: str, hint: str = "y leaves · n stays"
    ) -> None:
        super().__init__()
        self._question = question
        self._detail = detail
        self._yes = yes
        self._no = no
        self._hint = hint

    def compose(self) -> ComposeResult:
        with Vertical(classes="box small"):
            yield Static(self._question, classes="title", markup=False)
            yield Static(self._detail, classes="detail", markup=False)
            with Horizontal(classes="buttons"):
                yield Static(self._hint, classes="hint", markup=False)
                yield Button(self._no, id="no", compact=True)
                yield Button(self._yes, id="yes", compact=True)

    def on_mount(self) -> None:
        self.query_one("#no", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_yes(self) -> None:
        self.dismiss(True)

    def action_no(self) -> None:
        self.dismiss(False)

    def action_other(self) -> None:
        self.focus_next()
