"""The pairs screen: what has been saved, to edit, delete and export."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import DataTable, Static

from vgpt_probe.errors import ProbeError
from vgpt_probe.pairs.pair import Pair
from vgpt_probe.text import one_line, plain
from vgpt_probe.tui.actions import bindings
from vgpt_probe.tui.widgets.bars import KeyBar, TopBar

if TYPE_CHECKING:
    from vgpt_probe.tui.app import ProbeApp
    from vgpt_probe.tui.dialogs.export import Wish


class PairsScreen(Screen[None]):
    """Shows what the store holds."""

    BINDINGS = bindings("pairs")

    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[Pair] = []
        self._deleted: list[Pair] = []

    @property
    def _app(self) -> ProbeApp:
        return cast("ProbeApp", self.app)

    def compose(self) -> ComposeResult:
        yield TopBar("pairs")
        yield Static(id="balance", markup=False)
        with Container(id="list"):
            yield DataTable(id="table", cursor_type="row", zebra_stripes=False)
            with VerticalScroll(id="preview", can_focus=False):
                yield Static(id="pair", markup=False)
        yield Static(id="none", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        for name, width in (("pair", 5), ("kind", 11), ("subject", 16), ("prompt", 34), ("chosen by", 12)):
            table.add_column(name, width=width, key=name)
        self._app.pairs_changed.subscribe(self, lambda _: self.load())
        self.load()
        table.focus()

    def on_screen_resume(self) -> None:
        self.load()

    def load(self) -> None:
        """Read the pairs again; the cursor stays on its row."""
        if not self.is_mounted:
            return
        try:
            pairs = self._app.desk.store.pairs()
        except ProbeError as fault:
            self._app.say(str(fault), "error")
            return
        table = self.query_one(DataTable)
        if pairs != self.pairs or not table.row_count:
            row = table.cursor_row
            self.pairs = pairs
            table.clear()
            for pair in pairs:
                table.add_row(*(Text(cell, no_wrap=True, overflow="ellipsis") for cell in _cells(pair)), key=str(pair.id))
            if pairs:
                table.move_cursor(row=min(row, len(pairs) - 1))
        self.query_one("#list").display = bool(pairs)
        self.query_one("#balance").display = bool(pairs)
        none = self.query_one("#none", Static)
        none.display = not pairs
        none.update(_NONE)
        self.query_one("#balance", Static).update(self._balance())
        count = "1 pair" if len(pairs) == 1 else f"{len(pairs):,} pairs"
        self.query_one(TopBar).say(count)
        self._preview()
        self.refresh_bindings()

    @property
    def pair(self) -> Pair | None:
        """The pair under the cursor."""
        row = self.query_one(DataTable).cursor_row
        return self.pairs[row] if 0 <= row < len(self.pairs) else None

    def _balance(self) -> Content:
        kinds = Counter(pair.kind for pair in self.pairs)
        total = max(1, len(self.pairs))
        parts: list[tuple[str, str]] = [(" balance  ", "$text-muted")]
        for kind, count in kinds.most_common():
            parts += [(f"{kind} ", ""), (f"{count:,}", "bold"), (f" ({100 * count // total} %)   ", "$text-muted")]
        return Content.assemble(*parts)

    def _preview(self) -> None:
        pair = self.pair
        if pair is None:
            return
        label = "bold $accent"
        parts = [
            ("prompt\n", label),
            (f"{plain(pair.prompt)}\n\n", ""),
            ("chosen", label),
            (f"  {one_line(pair.source.chosen) or 'by hand'}\n", "$text-muted"),
            (f"{plain(pair.chosen)}\n\n", ""),
            ("rejected", label),
            (f"  {one_line(pair.source.rejected) or 'by hand'}\n", "$text-muted"),
            (plain(pair.rejected), ""),
        ]
        if pair.system:
            parts = [("system prompt\n", label), (f"{plain(pair.system)}\n\n", ""), *parts]
        self.query_one("#pair", Static).update(Content.assemble(*parts))

    @on(DataTable.RowHighlighted)
    def _moved(self) -> None:
        self._preview()

    @on(DataTable.RowSelected)
    def _chosen(self) -> None:
        self.action_pairs_edit()

    # ── actions ──

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("pairs_edit", "pairs_delete", "pairs_export"):
            return True if self.pairs else None
        if action == "pairs_undo":
            return bool(self._deleted)
        return True

    def action_pairs_edit(self) -> None:
        if self.pair is not None:
            self._app.edit_pair(self.pair)

    def action_pairs_delete(self) -> None:
        pair = self.pair
        if pair is None or pair.id is None:
            return
        try:
            self._app.desk.store.delete_pair(pair.id)
        except ProbeError as fault:
            self._app.say(str(fault), "error")
            return
        self._deleted.append(pair)
        self._app.say(f"pair {pair.id} is deleted; u brings it back")
        self.load()

    def action_pairs_undo(self) -> None:
        try:
            pair = self._app.desk.store.add_pair(self._deleted.pop())
        except ProbeError as fault:
            self._app.say(str(fault), "error")
            return
        self._app.say(f"the pair is back, as pair {pair.id}")
        self.load()

    def action_pairs_export(self) -> None:
        from vgpt_probe.tui.dialogs.export import ExportDialog

        settings, workspace = self._app.workspace.config.export, self._app.workspace
        pairs = [pair for pair in self.pairs if pair.status != "dismissed"]

        def chosen(wish: Wish | None) -> None:
            if wish is not None:
                self._app.in_background(lambda: self._export(pairs, wish))

        self.app.push_screen(
            ExportDialog(
                len(pairs), format=settings.format, folder=workspace.export_folder, dataset=settings.dataset
            ),
            chosen,
        )

    def _export(self, pairs: list[Pair], wish: Wish) -> None:
        from vgpt_probe.pairs.export import export_pairs

        folder = Path(wish.folder).expanduser()
        if not folder.is_absolute():
            folder = self._app.workspace.state / folder
        path = export_pairs(pairs, format=wish.format, folder=folder, dataset=wish.dataset)
        count = "1 pair is" if len(pairs) == 1 else f"{len(pairs):,} pairs are"
        self._app.call_from_thread(self._app.say, f"{count} written to {path}")


def _cells(pair: Pair) -> tuple[str, ...]:
    return (
        str(pair.id),
        pair.kind,
        one_line(pair.subject),
        one_line(pair.prompt),
        one_line(pair.source.chosen) or "by hand",
    )


_NONE = Content.assemble(
    ("No pair has been saved yet.\n\n", "bold"),
    ("In the battery (", ""),
    ("1", "bold $accent"),
    ("), show what is wrong with ", ""),
    ("f", "bold $accent"),
    (", open a case with ", ""),
    ("Enter", "bold $accent"),
    (", and save a pair with ", ""),
    ("p", "bold $accent"),
    (".", ""),
)
