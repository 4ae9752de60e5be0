"""The pairs screen: what has been saved, to edit, delete and export."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import DataTable, Static

from vgpt_probe.errors import ProbeError
from vgpt_probe.pairs.pair import Pair, Status
from vgpt_probe.text import one_line, plain
from vgpt_probe.tui.actions import bindings
from vgpt_probe.tui.widgets.bars import KeyBar, TopBar
from vgpt_probe.tui.widgets.meter import Meter
from vgpt_probe.tui.widgets.pair_table import STATUSES, PairTable, cells_of

if TYPE_CHECKING:
    from vgpt_probe.pairs.balance import Balance
    from vgpt_probe.tui.app import ProbeApp
    from vgpt_probe.tui.dialogs.export import Wish


#: How many drafts a preview names.
PREVIEWED = 5

_ON_PAIR = {f"pairs_{name}" for name in ("edit", "accept", "dismiss", "delete", "copy")}


class PairsScreen(Screen[None]):
    """Shows what the store holds."""

    BINDINGS = bindings("pairs")

    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[Pair] = []
        self.status: Status | None = None
        self._before: list[list[Pair]] = []
        self._measured: tuple[list[Pair], int] | None = None
        self._filling = False

    @property
    def _app(self) -> ProbeApp:
        return cast("ProbeApp", self.app)

    def compose(self) -> ComposeResult:
        yield TopBar("pairs")
        yield Meter(id="balance")
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

    @property
    def shown(self) -> list[Pair]:
        """The pairs that the filter lets through."""
        return [pair for pair in self.pairs if self.status in (None, pair.status)]

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
        self._measure()
        self._show_count()
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
        columns = {"pair": 5, "state": 11, "kind": 11, "subject": 14}
        if width >= 78:
            columns["chosen by"] = 10
        taken = sum(columns.values()) + 2 * (len(columns) + 1) + 1
        table.clear(columns=True)
        for name, size in (*columns.items(), ("prompt", max(10, width - taken))):
            table.add_column(name, width=size, key=name)
        for pair in self.shown:
            cells = cells_of(pair)
            table.add_row(
                *(Text(cells[name], no_wrap=True, overflow="ellipsis") for name in (*columns, "prompt"))
            )
        if self.shown:
            table.move_cursor(row=min(row, len(self.shown) - 1))

    @property
    def pair(self) -> Pair | None:
        """The pair under the cursor."""
        row = self.query_one(PairTable).cursor_row
        shown = self.shown
        return shown[row] if 0 <= row < len(shown) else None

    def _show_count(self) -> None:
        states = Counter(pair.status for pair in self.pairs)
        count = " · ".join(f"{states[status]:,} {status}" for status in STATUSES if states[status])
        self.query_one(TopBar).say(f"{self.status} only · {count}" if self.status else count or "0 pairs")

    def _measure(self) -> None:
        """Measure what an export would hold, off the screen's thread: the catalog may have to be opened first."""
        kept = [pair for pair in self.pairs if pair.status in ("accepted", "exported")]
        drafts = sum(pair.status == "draft" for pair in self.pairs)
        if (kept, drafts) == self._measured:
            return
        self._measured = kept, drafts
        target = self._app.workspace.config.balance

        def measures() -> None:
            from vgpt_probe.pairs.balance import measure, missing

            balance = measure(kept, self._app.desk.catalog)
            self._app.call_from_thread(self._show_balance, balance, missing(balance, target))

        self._app.in_background(measures)

    def _show_balance(self, balance: Balance, missing: list[str]) -> None:
        if self.is_mounted:
            drafts = any(pair.status == "draft" for pair in self.pairs)
            accept, fill = self._app.key("pairs.accept_all"), self._app.key("pairs.fill")
            hint = f"{accept} accepts the drafts: " if drafts else f"{fill} drafts what is missing: "
            self.query_one(Meter).show(balance, missing, self._app.workspace.config.balance, hint)

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
        if action in _ON_PAIR:
            return True if self.shown else None
        if action in ("pairs_export", "pairs_filter", "pairs_fill"):
            return True if self.pairs else None
        if action == "pairs_accept_all":
            return True if any(pair.status == "draft" for pair in self.pairs) else None
        if action == "pairs_undo":
            return bool(self._before)
        return True

    def action_pairs_edit(self) -> None:
        if self.pair is not None:
            self._app.edit_pair(self.pair)

    def action_pairs_filter(self) -> None:
        present = [
            None,
            *(status for status in STATUSES if any(pair.status == status for pair in self.pairs)),
        ]
        at = present.index(self.status) if self.status in present else 0
        self.status = present[(at + 1) % len(present)]
        self._fill()
        self._show_count()
        self._preview()
        self.refresh_bindings()

    def action_pairs_accept(self) -> None:
        pair = self.pair
        if pair is None or pair.status == "accepted":
            return

        def looks() -> None:
            why = self._app.desk.guard.refusals(pair)
            self._app.call_from_thread(self._accept, pair, why)

        self._app.in_background(looks)

    def _accept(self, pair: Pair, why: list[str]) -> None:
        if why:
            self._app.say(f"pair {pair.id} is not accepted: {why[0]}", "warning")
        else:
            self._set_status(pair, "accepted")

    def action_pairs_dismiss(self) -> None:
        if self.pair is not None and self.pair.status != "dismissed":
            self._set_status(self.pair, "dismissed")

    def _set_status(self, pair: Pair, status: Status) -> None:
        self._change([pair], status)
        self._app.say(f"pair {pair.id} is {status}; {self._app.key('pairs.undo')} takes that back")

    def _change(self, pairs: list[Pair], status: Status) -> None:
        self._app.desk.store.set_statuses(pairs, status)
        self._before.append(list(pairs))
        self.load()

    def action_pairs_accept_all(self) -> None:
        drafts = [pair for pair in self.pairs if pair.status == "draft"]

        def looks() -> None:
            sound, refused = self._app.desk.guard.sift(drafts)
            self._app.call_from_thread(self._ask_to_accept, sound, refused)

        self._app.in_background(looks)

    def _ask_to_accept(self, sound: list[Pair], refused: list[tuple[Pair, list[str]]]) -> None:
        from vgpt_probe.tui.dialogs.confirm import Confirm

        if not sound:
            pair, why = refused[0]
            self._app.say(f"no draft can be accepted; pair {pair.id}: {why[0]}", "warning")
            return
        kinds = Counter(pair.kind for pair in sound)
        lines = [", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common())]
        lines += [f"  {one_line(pair.prompt)[:50]}" for pair in sound[:PREVIEWED]]
        if len(sound) > PREVIEWED:
            lines.append(f"  and {len(sound) - PREVIEWED:,} more")
        if refused:
            pair, why = refused[0]
            lines.append(f"{len(refused):,} stay drafts, such as pair {pair.id}: {why[0]}")

        def answered(yes: bool | None) -> None:
            if yes:
                self._change(sound, "accepted")

        count = "1 draft" if len(sound) == 1 else f"{len(sound):,} drafts"
        self.app.push_screen(
            Confirm(
                f"Accept {count}?", "\n".join(lines), yes="Accept", no="Cancel", hint="y accepts · n cancels"
            ),
            answered,
        )

    def action_pairs_fill(self) -> None:
        app = self._app
        policy = app.workspace.config.models[0].name
        if self._filling:
            app.say("what is missing is being drafted already")
            return
        self._filling = True
        app.say("drafting what is missing …")

        def fills() -> None:
            from vgpt_probe.runs.filling import draft_gaps, find_gaps, policy_voice

            store, guard = app.desk.store, app.desk.guard
            try:
                gaps = find_gaps(store, app.workspace, guard, policy, seed=0)
                drafted, _ = draft_gaps(gaps, policy_voice(store, app.workspace, guard, policy), guard)
                added = store.add_pairs([msgspec.structs.replace(pair, status="draft") for pair in drafted])
            finally:
                self._filling = False
            app.call_from_thread(self._filled, len(added), gaps.plan.pairs)

        app.in_background(fills)

    def _filled(self, added: int, planned: int) -> None:
        app = self._app
        if not planned:
            app.say("nothing is missing: drafts count, too; dismissed pairs do not")
            return
        if not added:
            missing = "1 pair is" if planned == 1 else f"{planned:,} pairs are"
            app.say(f"{missing} missing, but no new draft of them passes the checks", "warning")
            return
        count = "1 pair is" if added == 1 else f"{added:,} pairs are"
        few = "" if added == planned else f" ({planned:,} were planned; the others had no draft that passes)"
        app.say(f"{count} drafted{few}; {app.key('pairs.accept_all')} accepts what is sound")
        app.pairs_changed.publish(None)

    def action_pairs_delete(self) -> None:
        pair = self.pair
        if pair is None or pair.id is None:
            return
        self._app.desk.store.delete_pair(pair.id)
        self._before.append([pair])
        self._app.say(f"pair {pair.id} is deleted; {self._app.key('pairs.undo')} brings it back")
        self.load()

    def action_pairs_undo(self) -> None:
        before = self._before.pop()
        store = self._app.desk.store
        there = {pair.id for pair in store.pairs()}
        store.set_statuses(pair for pair in before if pair.id in there)
        back = store.add_pairs([pair for pair in before if pair.id not in there])
        if back:
            self._app.say(f"the pair is back, as pair {back[0].id}")
        else:
            count = "pair is" if len(before) == 1 else f"{len(before):,} pairs are"
            self._app.say(f"{count} as before")
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
                pairs, format=settings.format, folder=workspace.export_folder, dataset=settings.dataset
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
