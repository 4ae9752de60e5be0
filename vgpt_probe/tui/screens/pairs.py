"""The pairs screen: what has been saved, to edit, delete and export."""

from __future__ import annotations

import json
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


class PairTable(DataTable[Text], inherit_bindings=False):
    """The list of pairs; leaves Enter to the screen."""

    BINDINGS = [
        ("up,k", "cursor_up", "Up"),
        ("down,j", "cursor_down", "Down"),
        ("pageup", "page_up", "Page up"),
        ("pagedown", "page_down", "Page down"),
        ("home,g", "scroll_top", "First"),
        ("end,G", "scroll_bottom", "Last"),
    ]


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
            yield PairTable(id="table", cursor_type="row")
            yield Static(id="prompted", markup=False)
            with Container(id="preview"):
                for name in ("chosen", "rejected"):
                    with VerticalScroll(can_focus=False):
                        yield Static(id=f"the-{name}", markup=False)
        yield Static(id="none", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self._app.pairs_changed.subscribe(self, lambda _: self.load())
        self.load()
        self.query_one(PairTable).focus()

    def on_resize(self) -> None:
        self.call_after_refresh(self._fill)

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
        self.pairs = pairs
        self._fill()
        self.query_one("#list").display = bool(pairs)
        self.query_one("#balance").display = bool(pairs)
        none = self.query_one("#none", Static)
        none.display = not pairs
        none.update(self._none())
        self.query_one("#balance", Static).update(self._balance())
        count = "1 pair" if len(pairs) == 1 else f"{len(pairs):,} pairs"
        self.query_one(TopBar).say(count)
        self._preview()
        self.refresh_bindings()

    def _none(self) -> Content:
        key = self._app.key
        return Content.assemble(
            ("No pair has been saved yet.\n\n", "bold"),
            ("In the battery (", ""),
            (key("app.battery"), "bold $accent"),
            ("), show what is wrong with ", ""),
            (key("battery.flagged"), "bold $accent"),
            (", open a case with ", ""),
            (key("battery.open"), "bold $accent"),
            (", and save a pair with ", ""),
            (key("case.pair"), "bold $accent"),
            (".", ""),
        )

    def _fill(self) -> None:
        """Fill the table for its width: the prompt gets what the other columns leave."""
        table = self.query_one(PairTable)
        width, row = table.size.width, table.cursor_row
        if width == 0:
            return
        columns = {"pair": 4, "kind": 11, "subject": 14}
        if width >= 78:
            columns["chosen by"] = 10
        taken = sum(columns.values()) + 2 * (len(columns) + 1) + 1
        table.clear(columns=True)
        for name, size in (*columns.items(), ("prompt", max(10, width - taken))):
            table.add_column(name, width=size, key=name)
        for pair in self.pairs:
            cells = _cells(pair)
            table.add_row(
                *(Text(cells[name], no_wrap=True, overflow="ellipsis") for name in (*columns, "prompt"))
            )
        if self.pairs:
            table.move_cursor(row=min(row, len(self.pairs) - 1))

    @property
    def pair(self) -> Pair | None:
        """The pair under the cursor."""
        row = self.query_one(PairTable).cursor_row
        return self.pairs[row] if 0 <= row < len(self.pairs) else None

    def _balance(self) -> Content:
        kinds = Counter(pair.kind for pair in self.pairs)
        total = max(1, len(self.pairs))
        parts: list[tuple[str, str]] = [(" balance  ", "$text-muted")]
        for kind, count in kinds.most_common():
            parts += [
                (f"{kind} ", ""),
                (f"{count:,}", "bold"),
                (f" ({100 * count // total} %)   ", "$text-muted"),
            ]
        return Content.assemble(*parts)

    def _preview(self) -> None:
        pair = self.pair
        if pair is None:
            return
        label = "bold $accent"
        prompt: list[tuple[str, str]] = [(" prompt    ", label), (one_line(pair.prompt), "")]
        if pair.system:
            prompt += [("\n system    ", label), (one_line(pair.system), "")]
        self.query_one("#prompted", Static).update(Content.assemble(*prompt))
        for name in ("chosen", "rejected"):
            who = one_line(getattr(pair.source, name)) or "by hand"
            self.query_one(f"#the-{name}", Static).update(
                Content.assemble(
                    (name, label), (f"  {who}\n", "$text-muted"), (plain(getattr(pair, name)), "")
                )
            )

    @on(DataTable.RowHighlighted)
    def _moved(self) -> None:
        self._preview()

    # ── actions ──

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("pairs_edit", "pairs_delete", "pairs_copy", "pairs_export"):
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
        self._app.say(f"pair {pair.id} is deleted; {self._app.key('pairs.undo')} brings it back")
        self.load()

    def action_pairs_undo(self) -> None:
        try:
            pair = self._app.desk.store.add_pair(self._deleted.pop())
        except ProbeError as fault:
            self._app.say(str(fault), "error")
            return
        self._app.say(f"the pair is back, as pair {pair.id}")
        self.load()

    def action_pairs_copy(self) -> None:
        pair = self.pair
        if pair is not None:
            row = {name: getattr(pair, name) for name in ("system", "prompt", "chosen", "rejected")}
            self._app.copy(json.dumps(row, ensure_ascii=False, indent=2), f"pair {pair.id}")

    def action_pairs_export(self) -> None:
        from vgpt_probe.tui.dialogs.export import ExportDialog

        settings, workspace = self._app.workspace.config.export, self._app.workspace
        pairs = [pair for pair in self.pairs if pair.status in ("accepted", "exported")]

        def chosen(wish: Wish | None) -> None:
            if wish is not None:
                self._app.in_background(lambda: self._export(wish))

        self.app.push_screen(
            ExportDialog(
                len(pairs), format=settings.format, folder=workspace.export_folder, dataset=settings.dataset
            ),
            chosen,
        )

    def _export(self, wish: Wish) -> None:
        from vgpt_probe.runs.exporting import export_store

        folder = Path(wish.folder).expanduser()
        if not folder.is_absolute():
            folder = self._app.workspace.state / folder
        desk = self._app.desk
        done = export_store(
            desk.store,
            desk.guard,
            self._app.workspace.config.balance,
            format=wish.format,
            folder=folder,
            dataset=wish.dataset,
        )
        written = len(done.pairs)
        said = f"{'1 pair is' if written == 1 else f'{written:,} pairs are'} written to {done.files[0]}"
        if done.left_out:
            pair, why = done.left_out[0]
            said += f"; {len(done.left_out)} kept out (pair {pair.id}: {why[0]})"
        self._app.call_from_thread(self._app.say, said)
        self._app.call_from_thread(self.load)


def _cells(pair: Pair) -> dict[str, str]:
    return {
        "pair": str(pair.id),
        "kind": pair.kind,
        "subject": one_line(pair.subject),
        "prompt": one_line(pair.prompt),
        "chosen by": one_line(pair.source.chosen) or "by hand",
    }
