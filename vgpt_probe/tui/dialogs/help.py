"""The help page: the keys, from the registry of actions, and what the signs mean."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from vgpt_probe.tui.actions import ACTIONS, PLACES, key_names
from vgpt_probe.tui.dialogs.base import Dialog
from vgpt_probe.tui.words import REVIEWS, VERDICTS

if TYPE_CHECKING:
    from vgpt_probe.tui.app import ProbeApp

#: Which places' keys a screen's help shows first.
_FIRST = {
    "home": ("home",),
    "battery": ("battery", "matrix"),
    "case": ("case",),
    "chat": ("prompt", "chat"),
    "pairs": ("pairs", "editor"),
    "models": ("models",),
    "catalog": ("catalog",),
}

#: The width of the keys' column.
KEYS = 17

Line = list[tuple[str, str]]


class Help(Dialog[None]):
    """All keys, those of the current screen first."""

    BINDINGS: ClassVar[list[BindingType]] = [("question_mark,f1,q", "dialog_cancel", "Close")]

    def __init__(self, place: str) -> None:
        super().__init__()
        self._place = place

    def compose(self) -> ComposeResult:
        with Vertical(classes="box large"):
            yield Static("Help", classes="title", markup=False)
            with VerticalScroll():
                yield Static(id="help", markup=False)
            yield Static("↑ ↓ scroll · Esc closes", classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        help = self.query_one("#help", Static)
        help.update(self._text(help.size.width))

    def _text(self, width: int) -> Content:
        app = cast("ProbeApp", self.app)
        first = _FIRST.get(self._place, (self._place,))
        places = [*first, "app", *(place for place in PLACES if place not in (*first, "app"))]
        lines: list[Line] = []
        for place in places:
            lines.append([(PLACES[place], "bold $accent")])
            for action in ACTIONS:
                if action.place == place:
                    wrapped = (
                        textwrap.wrap(action.help, max(20, width - KEYS - 1)) if width else [action.help]
                    )
                    text = ("\n" + " " * KEYS).join(wrapped)
                    keys = key_names(app.keys(action.id))
                    lines.append([(f"  {keys} ".ljust(KEYS), "bold"), (text, "")])
            lines.append([])
            if place == first[-1]:
                lines += _signs()
        return Content("\n").join(Content.assemble(*line) for line in lines)


def _signs() -> list[Line]:
    lines: list[Line] = [[("Signs", "bold $accent")]]
    for word in VERDICTS.values():
        lines.append([(f"  {word.sign} {word.word:<13} ", f"bold {word.tone}"), (word.meaning, "")])
    lines.append([("  ·               ", "$text-muted"), ("not answered yet", "")])
    marks = {
        "▸": "turned wrong at this stage: introduced here",
        "▹": "turned right at this stage: mended here",
        "+": "fixed since the run that is compared with",
        "-": "regressed since the run that is compared with",
        "~": "wrong in another way since then",
    }
    lines += [[(f"  {mark}               ", "bold"), (meaning, "")] for mark, meaning in marks.items()]
    for mark, meaning in REVIEWS.values():
        lines.append([(f"  {mark}               ", "bold"), (f"{meaning} by a person", "")])
    lines.append([])
    return lines
