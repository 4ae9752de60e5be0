"""The first and the last line of every screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.keys import key_to_character
from textual.widget import Widget

from vgpt_probe.tui.actions import ACTIONS, find, key_name

if TYPE_CHECKING:
    from textual.screen import Screen

    from vgpt_probe.tui.app import ProbeApp

_PLACES = ("app.home", "app.battery", "app.chat", "app.pairs", "app.models", "app.catalog")
#: What stays on the key bar however narrow the screen is.
_ALWAYS = ("app.help", "app.quit")


class TopBar(Widget):
    """The program's name, the screens with their keys, and on the right what is shown."""

    def __init__(self, current: str) -> None:
        super().__init__()
        self._current = current
        self._right = ""

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, lambda _screen: self.refresh())

    def _key(self, name: str) -> str:
        """The key of a screen that works now: while text is typed, one that is no text."""
        keys = cast("ProbeApp", self.app).keys(name).split(",")
        focused = self.screen.focused
        if focused is not None:
            free = [key for key in keys if not focused.check_consume_key(key, key_to_character(key))]
            keys = free or keys
        return key_name(keys[0])

    def say(self, text: str) -> None:
        """Set the text on the right."""
        if text != self._right:
            self._right = text
            self.refresh()

    def render(self) -> Content:
        wide = self.size.width >= 100
        parts: list[tuple[str, str]] = [(" vgpt-probe  ", "bold $accent") if wide else (" ", "")]
        for name in _PLACES:
            here = name == f"app.{self._current}"
            key = f" {self._key(name)} " if wide else f"{self._key(name)} "
            parts.append((key, "$accent" if here else "$text-muted"))
            parts.append((f"{find(name).label} ", "bold $foreground" if here else "$text-muted"))
        used = sum(cell_len(text) for text, _ in parts)
        room = self.size.width - used - 1
        right = self._right if cell_len(self._right) <= room else self._right[: max(0, room - 1)] + "…"
        if room > 4:
            parts += [(" " * (room - cell_len(right)), ""), (right, "$text-muted")]
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        """A click on a screen's name goes there."""
        app = cast("ProbeApp", self.app)
        at = 13 if self.size.width >= 100 else 1
        for name in _PLACES:
            at += len(self._key(name)) + (2 if self.size.width >= 100 else 1) + len(find(name).label) + 1
            if event.x < at:
                app.go(name.removeprefix("app."))
                return


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
        focused = self.screen.focused
        found: dict[str, list[tuple[str, str, bool]]] = {}
        for key, (_, binding, enabled, _) in self.screen.active_bindings.items():
            typed = focused is not None and focused.check_consume_key(key, key_to_character(key))
            if binding.show and binding.id and not typed:
                found.setdefault(binding.id, []).append((key, binding.description, enabled))
        entries = []
        for action in ACTIONS:
            if keys := found.get(action.id):
                order = cast("ProbeApp", self.app).keys(action.id).split(",")
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
