"""Chooses one of a list."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from vgpt_probe.text import one_line
from vgpt_probe.tui.dialogs.base import Dialog

Value = TypeVar("Value")


class Choice(msgspec.Struct, Generic[Value], frozen=True):
    """One line of a picker: what it stands for, its name, and a few words beside it."""

    value: Value
    name: str
    detail: str = ""


class Picker(Dialog[Choice[Value]]):
    """Dismisses with the chosen line, or None."""

    def __init__(self, title: str, choices: list[Choice[Value]], *, at: Value | None = None) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._at = next((number for number, choice in enumerate(choices) if choice.value == at), 0)

    def compose(self) -> ComposeResult:
        width = max((len(choice.name) for choice in self._choices), default=0) + 3
        with Vertical(classes="box"):
            yield Static(self._title, classes="title", markup=False)
            yield OptionList(
                *(
                    Option(
                        Content.assemble(
                            (one_line(choice.name).ljust(width), "bold"),
                            (one_line(choice.detail), "$text-muted"),
                        )
                    )
                    for choice in self._choices
                )
            )
            yield Static("Enter chooses · Esc closes", classes="hint", markup=False)

    def on_mount(self) -> None:
        options = self.query_one(OptionList)
        options.highlighted = self._at if self._choices else None
        options.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._choices[event.option_index])
