"""Chooses whom the chat asks, and how answers are drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, OptionList, Static, TextArea
from textual.widgets.option_list import Option

from vgpt_probe.config import ModelSettings
from vgpt_probe.runs.chats import Sampling
from vgpt_probe.text import one_line, plain
from vgpt_probe.tui.actions import bindings
from vgpt_probe.tui.dialogs.base import Dialog
from vgpt_probe.tui.talk import MOST

#: The numbers: their names here, their labels, what they are, and how they are read.
_FIELDS: dict[str, tuple[str, str, type[Any]]] = {
    "temperature": ("temperature", "a number from 0 (greedy) to 5", float),
    "top_p": ("top-p", "a number above 0, 1 at most", float),
    "seed": ("seed", "a whole number from 0", int),
    "max_tokens": ("max. tokens", "a whole number from 1", int),
}


class Options(msgspec.Struct, frozen=True):
    """Which models take part, and how they are asked."""

    models: tuple[str, ...]
    sampling: Sampling


class Marked(OptionList):
    """Names with a sign before those that are taken; Space or Enter takes one in or out."""

    BINDINGS: ClassVar[list[BindingType]] = [("space", "select", "Take")]

    def __init__(self, names: list[str], taken: Iterable[str]) -> None:
        super().__init__(compact=True)
        self.names = names
        self.taken = set(taken)

    def on_mount(self) -> None:
        self.add_options([Option(self._line(name)) for name in self.names])
        self.highlighted = 0

    def _line(self, name: str) -> Content:
        taken = name in self.taken
        return Content.assemble(
            ("✓ " if taken else "· ", "bold $success" if taken else "$text-muted"),
            (one_line(name), "bold" if taken else ""),
            ("" if taken else "  left out", "$text-muted"),
        )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        name = self.names[event.option_index]
        self.taken ^= {name}
        self.replace_option_prompt_at_index(event.option_index, self._line(name))


class ChatOptions(Dialog[Options]):
    """Dismisses with options, or None. A field that is left empty is as config.toml has it.

    ``settings``: the first model's, for what config.toml has. ``blind``: who takes part cannot be changed now.
    """

    BINDINGS = bindings("options")

    def __init__(self, names: list[str], given: Options, settings: ModelSettings, *, blind: bool) -> None:
        super().__init__()
        self._names = names
        self._given = given
        self._settings = settings
        self._blind = blind

    def compose(self) -> ComposeResult:
        sampling = self._given.sampling
        with Vertical(classes="box", id="chat-options"):
            yield Static("How the chat asks", classes="title", markup=False)
            if not self._blind:
                yield Marked(self._names, self._given.models)
            with Horizontal(id="numbers"):
                for name, (label, _, _) in _FIELDS.items():
                    value = getattr(sampling, name)
                    with Vertical():
                        yield Static(label, classes="label", markup=False)
                        yield Input(
                            "" if value is None else f"{value:g}",
                            placeholder=f"{getattr(self._settings, name):g}",
                            id=name,
                            compact=True,
                        )
            yield Static("system prompt", classes="label", markup=False)
            yield TextArea(
                plain(self._system), id="system", soft_wrap=True, show_line_numbers=False, compact=True
            )
            yield Static("", id="wrong", markup=False)
            with Horizontal(classes="buttons"):
                yield Static(
                    "F2 takes it · Tab goes on · Space chooses models · Esc closes", classes="hint", markup=False
                )
                yield Button("OK", id="ok", compact=True)

    @property
    def _system(self) -> str:
        own = self._given.sampling.system
        return self._settings.system_prompt if own is None else own

    def on_mount(self) -> None:
        self.query_one("#temperature" if self._blind else Marked).focus()
        self.query_one("#wrong").display = False

    @on(Input.Submitted)
    @on(Button.Pressed)
    def action_options_take(self) -> None:
        try:
            self.dismiss(Options(self._models(), self._sampling()))
        except ValueError as fault:
            wrong = self.query_one("#wrong", Static)
            wrong.update(Content.assemble((f"! {fault}", "$warning")))
            wrong.display = True

    def _models(self) -> tuple[str, ...]:
        if self._blind:
            return self._given.models
        chosen = self.query_one(Marked).taken
        if not 1 <= len(chosen) <= MOST:
            raise ValueError(f"choose 1 to {MOST} models; {len(chosen)} are chosen")
        return tuple(name for name in self._names if name in chosen)

    def _sampling(self) -> Sampling:
        given: dict[str, Any] = {}
        for name, (label, what, kind) in _FIELDS.items():
            field = self.query_one(f"#{name}", Input)
            text = field.value.strip().replace(",", ".")
            if text:
                try:
                    given[name] = kind(text)
                    msgspec.convert({name: given[name]}, Sampling)
                except (ValueError, OverflowError):
                    field.focus()
                    raise ValueError(f"{label} must be {what}, not '{plain(text)}'") from None
        system = self.query_one("#system", TextArea).text
        if system != plain(self._settings.system_prompt) or self._given.sampling.system is not None:
            given["system"] = system if system.strip() else ""
        return msgspec.convert(given, Sampling)
