"""Asks how and where the pairs are to be written."""

from __future__ import annotations

from pathlib import Path

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from vgpt_probe.pairs.export import picture
from vgpt_probe.pairs.formats import FORMATS
from vgpt_probe.pairs.pair import Pair
from vgpt_probe.text import plain
from vgpt_probe.tui.dialogs.base import Dialog

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
    """Dismisses with a wish, or None."""

    def __init__(self, pairs: list[Pair], *, format: str, folder: Path, dataset: str) -> None:
        super().__init__()
        self._pairs = pairs
        self._format = format
        self._folder = folder
        self._dataset = dataset

    def compose(self) -> ComposeResult:
        count = "1 pair" if len(self._pairs) == 1 else f"{len(self._pairs):,} pairs"
        with Vertical(classes="box", id="export"):
            yield Static(f"Export {count}", classes="title", markup=False)
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
            yield Static(
                "Enter exports · Tab goes to folder and name · Esc closes", classes="hint", markup=False
            )

    def on_mount(self) -> None:
        options = self.query_one(OptionList)
        options.highlighted = FORMATS.index(self._format) if self._format in FORMATS else 0
        options.focus()

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        self.query_one("#picture", Static).update(
            Content(plain(picture(self._pairs, FORMATS[event.option_index])))
        )

    @on(OptionList.OptionSelected)
    @on(Input.Submitted)
    def _done(self) -> None:
        highlighted = self.query_one(OptionList).highlighted
        folder, dataset = self.query_one("#folder", Input).value, self.query_one("#dataset", Input).value
        if highlighted is not None and folder.strip():
            self.dismiss(Wish(FORMATS[highlighted], folder.strip(), dataset.strip()))
