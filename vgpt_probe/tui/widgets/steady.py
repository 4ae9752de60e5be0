"""Text that changes often."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class Steady(Static):
    """Draws nothing for the same text, and lays the screen out again only when it needs another height."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes, markup=False)
        self._said = Content()

    def say(self, content: Content) -> None:
        """Show a text."""
        if content.is_same(self._said):
            return
        self._said = content
        width, height = self.size
        self.update(content, layout=not width or content.get_height(self.styles, width) != height)  # type: ignore[arg-type]
