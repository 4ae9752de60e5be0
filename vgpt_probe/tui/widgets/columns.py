"""The columns of a chat side by side, or one of them below a line of tabs where the screen is too narrow."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.containers import Container
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from vgpt_probe.text import one_line
from vgpt_probe.tui.widgets.column import ChatColumn

#: A column is no narrower than this, in cells.
LEAST = 32

#: A tab: what it is called, the sign and tone of how it stands, and whether it is the chosen one.
Tab = tuple[str, str, str, bool]


class Columns(Container, can_focus=False):
    """Gives each column the same width; shows the chosen one alone when they would get too narrow, or when asked to."""

    def __init__(self) -> None:
        super().__init__(id="columns")
        self.chosen = 0
        #: None: as the width allows.
        self.alone: bool | None = None

    @property
    def single(self) -> bool:
        """Whether only the chosen column is shown."""
        count = len(self.query(ChatColumn))
        if self.alone is not None:
            return self.alone and count > 1
        return count > 1 and self.screen.size.width // count < LEAST

    def share_out(self) -> None:
        """Share the width out again."""
        columns = list(self.query(ChatColumn))
        single = self.single
        width = max(LEAST, self.screen.size.width // max(1, len(columns)))
        for number, column in enumerate(columns):
            column.display = number == self.chosen or not single
            # The last one takes what does not divide evenly.
            rest = number == len(columns) - 1 and width * len(columns) <= self.screen.size.width
            column.styles.width = "100%" if single else "1fr" if rest else width

    def on_resize(self, _event: events.Resize) -> None:
        self.share_out()


class Tabs(Widget):
    """The models' names in a line, with how each stands."""

    class Picked(Message):
        """A tab was clicked."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self) -> None:
        super().__init__(id="tabs")
        self._tabs: list[Tab] = []

    def show(self, tabs: list[Tab]) -> None:
        if tabs != self._tabs:
            self._tabs = tabs
            self.refresh()

    def render(self) -> Content:
        parts: list[tuple[str, str]] = []
        for name, sign, tone, chosen in self._tabs:
            look = "bold reverse" if chosen else "$text-muted"
            parts += [(f" {'▸' if chosen else ' '}{one_line(name)} ", look), (f"{sign} ", tone)]
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        at = 0
        for number, (name, sign, _, _) in enumerate(self._tabs):
            at += cell_len(one_line(name)) + cell_len(sign) + 4
            if event.x < at:
                self.post_message(self.Picked(number))
                return
