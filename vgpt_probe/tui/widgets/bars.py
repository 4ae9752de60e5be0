"""The first and the last line of every screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input

from vgpt_probe.tui.actions import ACTIONS, find, key_name

if TYPE_CHECKING:
    from textual.screen import Screen

_PLACES = ("app.battery", "app.chat", "app.pairs")
#: What stays on the key bar however narrow the screen is.
_ALWAYS = ("app.help", "app.quit")


class TopBar(Widget):
    """The program's name, the screens with their keys, and on the right what is shown."""

    def __init__(self, current: str) -> None:
        super().__init__()
        self._current = current
        self._right = ""

    def say(self, text: str) -> None:
        """Set the text on the right."""
        if text != self._right:
            self._right = text
            self.refresh()

    def render(self) -> Content:
        parts: list[tuple[str, str]] = [(" vgpt-probe ", "bold $accent"), (" ", "")]
        for name in _PLACES:
            action = find(name)
            here = name == f"app.{self._current}"
            parts.append((f" {key_name(action.keys.split(',')[0])} ", "$accent" if here else "$text-muted"))
            parts.append((f"{action.label} ", "bold $foreground" if here else "$text-muted"))
        used = sum(cell_len(text) for text, _ in parts)
        room = self.size.width - used - 1
        right = self._right if cell_len(self._right) <= room else self._right[: max(0, room - 1)] + "…"
        if room > 4:
            parts += [(" " * (room - cell_len(right)), ""), (right, "$text-muted")]
        return Content.assemble(*parts)


class KeyBar(Widget):
    """The keys that work now, most useful first; what does not fit is left to the help page."""

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._updated)

    def _updated(self, _screen: Screen[object]) -> None:
        self.refresh()

    def render(self) -> Content:
        entries = self._entries()
        kept = [entry for entry in entries if entry[0] in _ALWAYS]
        room = self.size.width - sum(_length(entry) for entry in kept)
        shown = []
        for entry in entries:
            if entry[0] in _ALWAYS:
                continue
            if _length(entry) > room:
                break
            room -= _length(entry)
            shown.append(entry)
        parts: list[tuple[str, str]] = []
        for entry in shown:
            parts += self._draw(entry)
        parts.append((" " * room, ""))
        for entry in kept:
            parts += self._draw(entry)
        return Content.assemble(*parts)

    def _entries(self) -> list[tuple[str, str, str, bool]]:
        """(action, key, label, enabled) in the registry's order; while text is typed, only keys that are no text."""
        typing = isinstance(self.screen.focused, Input)
        found: dict[str, list[tuple[str, str, bool]]] = {}
        for key, (_, binding, enabled, _) in self.screen.active_bindings.items():
            if binding.show and binding.id and not (typing and _is_text(key)):
                found.setdefault(binding.id, []).append((key, binding.description, enabled))
        entries = []
        for action in ACTIONS:
            if keys := found.get(action.id):
                order = action.keys.split(",")
                key, label, enabled = min(
                    keys, key=lambda entry: order.index(entry[0]) if entry[0] in order else -1
                )
                entries.append((action.id, key_name(key), label, enabled))
        return entries

    @staticmethod
    def _draw(entry: tuple[str, str, str, bool]) -> list[tuple[str, str]]:
        _, key, label, enabled = entry
        return [
            (f" {key} ", "bold $accent" if enabled else "$text-disabled"),
            (f"{label} ", "$foreground" if enabled else "$text-disabled"),
        ]


def _length(entry: tuple[str, str, str, bool]) -> int:
    return cell_len(entry[1]) + cell_len(entry[2]) + 3


def _is_text(key: str) -> bool:
    return len(key) == 1 or key in ("slash", "question_mark")
