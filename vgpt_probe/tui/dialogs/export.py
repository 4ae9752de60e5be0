"""Asks how and where the pairs are to be written."""

from __future__ import annotations

from collections.abc import Sized
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from vgpt_probe.errors import ProbeError
from vgpt_probe.pairs.export import chosen, picture
from vgpt_probe.pairs.formats import FORMATS
from vgpt_probe.pairs.pair import Pair
from vgpt_probe.text import plain
from vgpt_probe.tui.dialogs.base import Dialog

if TYPE_CHECKING:
    from vgpt_probe.tui.app import ProbeApp

_MEANING = {
    "llamafactory": "LLaMA-Factory, as alpaca rows",
    "llamafactory-sharegpt": "LLaMA-Factory, as sharegpt rows",
    "trl": "TRL, plain strings",
    "trl-conversational": "TRL, messages",
    "kto": "LLaMA-Factory, two labelled rows a pair",
    "trl-kto": "TRL, two labelled rows a pair",
}


class Wish(msgspec.Struct, frozen=True):
    """What is to be written: ``folder`` as it was typed."""

    format: str
    folder: str
    dataset: str


class ExportDialog(Dialog[Wish]):
    """Dismisses with a wish, or None; counts only the pairs that the export will write, as soon as they are checked."""

    def __init__(self, pairs: list[Pair], *, format: str, folder: Path, dataset: str) -> None:
        super().__init__()
        self._pairs = pairs
        self._format = format
        self._folder = folder
        self._dataset = dataset
        self._refusals: dict[int | None, list[str]] | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="box", id="export"):
            yield Static(f"Export {_count(self._pairs)} · checking …", classes="title", id="title", markup=False)
            yield OptionList(
                *(
                    Option(Content.assemble((f"{name:<23}", "bold"), (_MEANING.get(name, ""), "$text-muted")))
                    for name in FORMATS
                )
            )
            yield Static("Folder", classes="label", markup=False)
            yield Input(str(self._folder), id="folder", compact=True)
            yield Static("Name of the data set", classes="label", markup=False)
            yield Input(self._dataset, id="dataset", compact=True)
            yield Static("What training would see", classes="label", markup=False)
            with VerticalScroll(id="seen"):
                yield Static(id="picture", markup=False)
            yield Static(id="left-out", classes="hint", markup=False)
            yield Static(
                "Enter exports · Tab goes to folder and name · Esc closes", classes="hint", markup=False
            )

    def on_mount(self) -> None:
        options = self.query_one(OptionList)
        options.highlighted = FORMATS.index(self._format) if self._format in FORMATS else 0
        options.focus()
        self.query_one("#left-out").display = False
        self._check()

    @property
    def _app(self) -> ProbeApp:
        return cast("ProbeApp", self.app)

    @work(thread=True, exit_on_error=False)
    def _check(self) -> None:
        try:
            guard = self._app.desk.guard
            found = {pair.id: guard.refusals(pair) for pair in self._pairs}
        except ProbeError as fault:
            self._app.call_from_thread(self._app.say, str(fault), "error")
            return
        except Exception as fault:
            self._app.tell_fault(fault)
            return
        self._app.call_from_thread(self._checked, found)

    def _checked(self, found: dict[int | None, list[str]]) -> None:
        if self.is_mounted:
            self._refusals = found
            self._show()

    @on(OptionList.OptionHighlighted)
    def _show(self) -> None:
        """Show what would be written in the chosen format, and say what is kept out."""
        highlighted = self.query_one(OptionList).highlighted
        if highlighted is None:
            return
        pairs, known, format = self._pairs, self._refusals, FORMATS[highlighted]
        if known is not None:
            pairs, left_out = chosen(pairs, format, lambda pair: known[pair.id])
            self.query_one("#title", Static).update(f"Export {_count(pairs)}")
            kept_out = self.query_one("#left-out", Static)
            kept_out.display = bool(left_out)
            if left_out:
                pair, why = left_out[0]
                kept_out.update(plain(f"{_count(left_out)} kept out, such as pair {pair.id}: {why[0]}"))
        self.query_one("#picture", Static).update(Content(plain(picture(pairs, format))))

    @on(OptionList.OptionSelected)
    @on(Input.Submitted)
    def _done(self) -> None:
        highlighted = self.query_one(OptionList).highlighted
        folder, dataset = self.query_one("#folder", Input).value, self.query_one("#dataset", Input).value
        if highlighted is not None and folder.strip():
            self.dismiss(Wish(FORMATS[highlighted], folder.strip(), dataset.strip()))


def _count(pairs: Sized) -> str:
    return "1 pair" if len(pairs) == 1 else f"{len(pairs):,} pairs"
