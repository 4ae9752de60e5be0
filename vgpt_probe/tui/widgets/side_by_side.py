"""Panels side by side that share the width evenly, and scroll sideways when they get too narrow."""

from __future__ import annotations

from textual import events
from textual.containers import Container

#: Below this width of the screen panels that may be stacked are.
STACK = 100


class SideBySide(Container, can_focus=False):
    """Gives each panel the same width, at least ``least``; ``stacks`` puts them one below the other when narrow."""

    def __init__(self, *, least: int, stacks: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._least = least
        self._stacks = stacks

    def on_resize(self, event: events.Resize) -> None:
        stacked = self._stacks and self.screen.size.width < STACK
        self.set_class(stacked, "stacked")
        count = max(1, len(self.children))
        width = max(self._least, event.size.width // count)
        for panel in self.children:
            panel.styles.width = "100%" if stacked else width
        # They lie anew once the screen has been laid out with these widths: only then can the chosen one come into view.
        self.call_after_refresh(self.call_after_refresh, self.show_chosen)

    def show_chosen(self) -> None:
        """Bring the chosen panel into view."""
        for panel in self.children:
            if panel.has_class("chosen"):
                panel.scroll_visible(animate=False, top=self.has_class("stacked"))
