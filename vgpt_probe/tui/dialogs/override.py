"""Gives an answer another verdict, with a note."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from vgpt_probe.runs.records import Answer
from vgpt_probe.text import one_line
from vgpt_probe.tui.dialogs.base import Dialog
from vgpt_probe.tui.words import VERDICTS

#: A model that did not answer is a fact, not an opinion.
_OFFERED = [name for name in VERDICTS if name != "error"]


class Override(Dialog[tuple[str, str]]):
    """Dismisses with (verdict, note), or None."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._answer = answer

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(f"What is {one_line(self._answer.model)}'s answer?", classes="title", markup=False)
            yield OptionList(*(Option(self._line(name)) for name in _OFFERED))
            yield Static("Note", classes="label", markup=False)
            yield Input(self._answer.note, placeholder="why (may be left empty)", compact=True)
            yield Static("Enter saves · Tab goes to the note · Esc closes", classes="hint", markup=False)

    def _line(self, name: str) -> Content:
        word = VERDICTS[name]
        now = " (now)" if name == self._answer.final else ""
        return Content.assemble(
            (f"{word.sign} {word.word:<14}", f"bold {word.tone}"),
            (word.meaning, "$text-muted"),
            (now, "bold"),
        )

    def on_mount(self) -> None:
        options = self.query_one(OptionList)
        now = self._answer.final
        options.highlighted = _OFFERED.index(now) if now in _OFFERED else 0
        options.focus()

    @on(OptionList.OptionSelected)
    @on(Input.Submitted)
    def _done(self) -> None:
        highlighted = self.query_one(OptionList).highlighted
        if highlighted is not None:
            self.dismiss((_OFFERED[highlighted], self.query_one(Input).value.strip()))
