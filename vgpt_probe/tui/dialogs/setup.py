"""Sets up a run: battery, models, mode, limit; arrows choose, Enter starts."""

from __future__ import annotations

from typing import ClassVar, get_args

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from vgpt_probe.runs.records import Mode
from vgpt_probe.text import one_line
from vgpt_probe.tui.actions import bindings
from vgpt_probe.tui.desk import Setup
from vgpt_probe.tui.dialogs.base import Dialog

MODES: tuple[Mode, ...] = get_args(Mode)
_MEANING = {
    "generate": "the models answer, the answers are read",
    "score": "only how likely a denial is: quick, no text",
    "both": "the answers, and the denial margin of each",
}
#: The width of the labels.
LABEL = 10


class Form(Widget, can_focus=True):
    """The lines of the form; the chosen one is changed by arrows, blank and digits."""

    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, batteries: dict[str, str], models: list[str], setup: Setup) -> None:
        super().__init__()
        self._batteries = batteries
        self._models = models
        self._chosen = {model: setup.models is None or model in setup.models for model in models}
        names = list(batteries)
        self._battery = names.index(setup.battery) if setup.battery in batteries else 0
        self._mode = MODES.index(setup.mode)
        self._limit = str(setup.limit or "")
        self.line = 0

    @property
    def lines(self) -> int:
        return 3 + len(self._models)

    @property
    def setup(self) -> Setup | None:
        """The run as it is set up; None without a model."""
        models = tuple(model for model in self._models if self._chosen[model])
        if not models:
            return None
        return Setup(
            list(self._batteries)[self._battery],
            None if len(models) == len(self._models) else models,
            MODES[self._mode],
            int(self._limit) if self._limit and int(self._limit) else None,
        )

    def move(self, step: int) -> None:
        self.line = (self.line + step) % self.lines
        self.refresh()

    def change(self, step: int) -> None:
        """Choose the next value of the line, or the one before."""
        model = self.line - 1
        if self.line == 0:
            self._battery = (self._battery + step) % len(self._batteries)
        elif model < len(self._models):
            name = self._models[model]
            self._chosen[name] = not self._chosen[name]
        elif self.line == self.lines - 2:
            self._mode = (self._mode + step) % len(MODES)
        else:
            self._limit = str(max(0, int(self._limit or 0) + 10 * step) or "")
        self.refresh()

    def on_key(self, event: events.Key) -> None:
        if self.line == self.lines - 1 and event.character is not None and event.character.isdigit():
            self._limit = (self._limit + event.character)[:6].lstrip("0")
        elif self.line == self.lines - 1 and event.key in ("backspace", "delete"):
            self._limit = self._limit[:-1]
        else:
            return
        event.stop()
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        if 0 <= event.y < self.lines:
            same = event.y == self.line
            self.line = event.y
            if same or 0 < self.line <= len(self._models):
                self.change(1)
            self.refresh()

    def get_content_height(self, *_given: object) -> int:
        return self.lines

    def render(self) -> Content:
        battery = list(self._batteries)[self._battery]
        lines = [("battery", f"‹ {one_line(battery)} ›", self._batteries[battery])]
        for number, model in enumerate(self._models):
            taken = self._chosen[model]
            lines.append(
                (
                    "models" if not number else "",
                    f"{'✓' if taken else '·'} {one_line(model)}",
                    "" if taken else "left out",
                )
            )
        mode = MODES[self._mode]
        lines.append(("mode", f"‹ {mode} ›", _MEANING[mode]))
        lines.append(
            (
                "limit",
                self._limit or "none",
                "probes, spread over the battery" if self._limit else "digits set one",
            )
        )
        shown = []
        for number, (label, value, detail) in enumerate(lines):
            here = number == self.line
            shown.append(
                Content.assemble(
                    ("▌" if here else " ", "$accent"),
                    (label.ljust(LABEL), "$text-muted"),
                    (value.ljust(18), "bold $accent" if here else "bold"),
                    (f" {one_line(detail)}", "$text-muted"),
                )
            )
        return Content("\n").join(shown)


class SetupDialog(Dialog[Setup]):
    """Dismisses with a set-up, or None."""

    BINDINGS = bindings("run")

    def __init__(self, batteries: dict[str, str], models: list[str], setup: Setup) -> None:
        super().__init__()
        self._form = Form(batteries, models, setup)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static("Set up a run", classes="title", markup=False)
            yield self._form
            yield Static(
                "↑ ↓ line · ← → or Space change · Enter starts · Esc closes", classes="hint", markup=False
            )

    def on_mount(self) -> None:
        self._form.focus()

    def action_run_up(self) -> None:
        self._form.move(-1)

    def action_run_down(self) -> None:
        self._form.move(1)

    def action_run_less(self) -> None:
        self._form.change(-1)

    def action_run_more(self) -> None:
        self._form.change(1)

    def action_run_start(self) -> None:
        setup = self._form.setup
        if setup is None:
            self.app.notify("take at least one model", severity="warning")
        else:
            self.dismiss(setup)
