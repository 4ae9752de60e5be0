"""A list of lines with a cursor; what Enter does is the screen's matter."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option


class Lines(OptionList, inherit_bindings=False):
    """Lines with a cursor that stays in its place when the lines are replaced."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("up,k", "cursor_up", "Up"),
        ("down,j", "cursor_down", "Down"),
        ("pageup", "page_up", "Page up"),
        ("pagedown", "page_down", "Page down"),
        ("home", "first", "First"),
        ("end", "last", "Last"),
    ]

    class Clicked(Message):
        """The line under the cursor was clicked again."""

    def show(self, lines: list[Content]) -> None:
        """Replace the lines."""
        at = self.highlighted
        self.clear_options()
        self.add_options([Option(line) for line in lines])
        self.highlighted = min(at or 0, len(lines) - 1) if lines else None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Clicked())
