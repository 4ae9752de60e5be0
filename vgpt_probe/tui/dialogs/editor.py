"""Edits a pair: chosen and rejected side by side, with what would be wrong with it said as you type."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Button, Static, TextArea
from textual.worker import get_current_worker

from vgpt_probe.pairs.pair import Pair
from vgpt_probe.text import one_line, plain
from vgpt_probe.tui.actions import bindings
from vgpt_probe.tui.dialogs.base import Dialog

if TYPE_CHECKING:
    from vgpt_probe.tui.app import ProbeApp

#: Seconds after the last key until a pair is read again.
PAUSE = 0.25


class PairEditor(Dialog[Pair]):
    """Dismisses with the pair to be saved, or None.

    A pair that no export would take is refused with the reason; asked to save the same text again, it becomes a draft.
    What cannot be shown safely stands in the text as a visible picture; a text that was not touched is saved as it
    came, to the last byte.
    """

    BINDINGS = bindings("editor")

    def __init__(self, pair: Pair) -> None:
        super().__init__()
        self._pair = pair
        self._timer: Timer | None = None
        self._refused: tuple[str, ...] | None = None

    def compose(self) -> ComposeResult:
        pair = self._pair
        with Vertical(classes="box large", id="editor"):
            title = "New pair" if pair.id is None else f"Pair {pair.id}"
            yield Static(f"{title} · {pair.kind}", classes="title", markup=False)
            yield Static(
                Content.assemble(("prompt  ", "$text-muted"), (plain(pair.prompt), "")),
                classes="detail",
                markup=False,
            )
            with Container(id="texts"):
                for name, text in (("chosen", pair.chosen), ("rejected", pair.rejected)):
                    area = TextArea(plain(text), id=name, soft_wrap=True, show_line_numbers=False)
                    area.border_title = Content(f"{name} · {self._whose(name)}")
                    yield area
            yield Static(id="problems", markup=False)
            with Horizontal(classes="buttons"):
                yield Static("F2 saves · Tab goes on · Esc closes", classes="hint", markup=False)
                yield Button("Cancel", id="cancel", compact=True)
                yield Button("Save", id="save", compact=True)

    def _whose(self, name: str) -> str:
        who = getattr(self._pair.source, name)
        if name == "chosen" and who == "catalog":
            return "drafted from the catalog"
        return one_line(who) if who else "written by hand"

    @property
    def _app(self) -> ProbeApp:
        return cast("ProbeApp", self.app)

    def on_mount(self) -> None:
        self.query_one("#save", Button).focus()
        self._check(self.pair)

    @property
    def pair(self) -> Pair:
        """The pair as it stands in the editor."""
        chosen, rejected = self._text("chosen"), self._text("rejected")
        source = self._pair.source
        if chosen != self._pair.chosen:
            source = msgspec.structs.replace(source, chosen="edited")
        edited = msgspec.structs.replace(self._pair, chosen=chosen, rejected=rejected, source=source)
        # What was measured of another text is not known of this one.
        return edited if edited.key == self._pair.key else msgspec.structs.replace(edited, worth=None)

    def _text(self, name: str) -> str:
        shown = self.query_one(f"#{name}", TextArea).text
        before: str = getattr(self._pair, name)
        return before if shown == plain(before) else shown

    @on(TextArea.Changed)
    def _typed(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(PAUSE, lambda: self._check(self.pair))

    @work(thread=True, exclusive=True, exit_on_error=False)
    def _check(self, pair: Pair) -> None:
        found = self._problems(pair)
        if not get_current_worker().is_cancelled:
            self._app.call_from_thread(self._show_problems, found)

    @work(thread=True, exclusive=True, group="save", exit_on_error=False)
    def _check_to_save(self, pair: Pair) -> None:
        found = self._problems(pair)
        if not get_current_worker().is_cancelled:
            self._app.call_from_thread(self._save, pair, found)

    def _problems(self, pair: Pair) -> list[str]:
        from vgpt_probe.errors import ProbeError

        try:
            return self._app.desk.guard.refusals(pair)
        except ProbeError as fault:
            return [str(fault)]
        except Exception as fault:
            self._app.tell_fault(fault)
            return ["it could not be checked"]

    def _save(self, pair: Pair, found: list[str]) -> None:
        if not self.is_current:
            return
        if not found:
            self.dismiss(pair)
        elif self._refused == pair.key:
            self.dismiss(msgspec.structs.replace(pair, status="draft"))
        else:
            self._refused = pair.key
            self._show_problems(found)
            again = self._app.key("editor.save")
            self._app.say(f"not saved: {found[0]}; {again} again keeps it as a draft, which no export takes", "warning")

    def _show_problems(self, found: list[str]) -> None:
        if not self.is_mounted:
            return
        lines = [[("! ", "bold $warning"), (plain(one), "$warning")] for one in found]
        if not lines:
            lines = [[("✓ ", "bold $success"), ("nothing wrong found with this pair", "$text-muted")]]
        self.query_one("#problems", Static).update(
            Content("\n").join(Content.assemble(*line) for line in lines)
        )

    def action_editor_save(self) -> None:
        pair = self.pair
        for name in ("chosen", "rejected"):
            if not getattr(pair, name).strip():
                self._app.say(f"{name} is empty: a pair needs both texts", "warning")
                self.query_one(f"#{name}", TextArea).focus()
                return
        self._check_to_save(pair)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "save":
            self.action_editor_save()
        else:
            self.dismiss(None)
