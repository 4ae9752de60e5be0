"""The frame that all dialogs share."""

from __future__ import annotations

from typing import TypeVar

from textual.screen import ModalScreen

from vgpt_probe.tui.actions import bindings

Result = TypeVar("Result")


class Dialog(ModalScreen[Result | None]):
    """A box over the screen; Escape closes it with None."""

    BINDINGS = bindings("dialog")

    def action_dialog_cancel(self) -> None:
        self.dismiss(None)
