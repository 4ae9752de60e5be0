"""Finds an earlier chat by the words of its questions and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from vgpt_probe.text import one_line
from vgpt_probe.tui.dialogs.base import Dialog
from vgpt_probe.tui.words import when

if TYPE_CHECKING:
    from vgpt_probe.runs.chats import ChatLine
    from vgpt_probe.tui.app import ProbeApp

#: So many are listed; more words find the others.
SHOWN = 200


class FindChat(Dialog[int]):
    """Dismisses with the number of a chat, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("up", "move(-1)", "Up"),
        ("down", "move(1)", "Down"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[ChatLine] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="box large", id="find-chat"):
            yield Static("Earlier chats", classes="title", markup=False)
            yield Input(placeholder="words of questions or answers", compact=True)
            yield OptionList()
            yield Static("", classes="detail", markup=False)
            yield Static("↑ ↓ choose · Enter opens · Esc closes", classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False
        self.query_one(Input).focus()
        self._search("")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._search(event.value)

    @work(thread=True, exclusive=True, exit_on_error=False)
    def _search(self, words: str) -> None:
        from vgpt_probe.errors import ProbeError
        from vgpt_probe.runs.chats import Chats

        app = cast("ProbeApp", self.app)
        found: list[ChatLine] = []
        problem = ""
        try:
            found = Chats(app.desk.store, app.model_names).lines(words)
        except ProbeError as fault:
            problem = str(fault)
        if not get_current_worker().is_cancelled:
            app.call_from_thread(self._show, found, words, problem)

    def _show(self, found: list[ChatLine], words: str, problem: str) -> None:
        if not self.is_mounted:
            return
        self._lines = found[:SHOWN]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(_line(line)) for line in self._lines])
        options.highlighted = 0 if self._lines else None
        told = problem
        if not found and not problem:
            told = "no chat holds these words" if words.strip() else "there is no chat yet"
        elif len(found) > SHOWN:
            told = f"the newest {SHOWN} of {len(found):,}; more words find fewer"
        self.query_one(".detail", Static).update(Content(told))
        self.query_one(".detail", Static).display = bool(told)

    def action_move(self, step: int) -> None:
        options = self.query_one(OptionList)
        if step < 0:
            options.action_cursor_up()
        else:
            options.action_cursor_down()

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _done(self) -> None:
        highlighted = self.query_one(OptionList).highlighted
        if highlighted is not None:
            self.dismiss(self._lines[highlighted].id)


def _line(line: ChatLine) -> Content:
    more = f" +{line.questions - 1}" if line.questions > 1 else ""
    return Content.assemble(
        (f"{line.id:>4}  {when(line.started)}  ", "$text-muted"),
        (one_line(line.question), "bold"),
        (f"{more}  {one_line(', '.join(line.models))}", "$text-muted"),
    )
