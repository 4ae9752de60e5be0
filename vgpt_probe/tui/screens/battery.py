"""The battery screen: the matrix of verdicts, filling live, under the models' head lines."""

from __future__ import annotations

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from vgpt_probe.runs.records import FLAGGED
from vgpt_probe.text import one_line
from vgpt_probe.tui.actions import bindings
from vgpt_probe.tui.board import Board
from vgpt_probe.tui.dialogs.picker import Choice, Picker
from vgpt_probe.tui.rows import GROUPS, ORDERS, Filter, Rows, View
from vgpt_probe.tui.screens.battery_runs import BatteryRuns
from vgpt_probe.tui.standing import banner, heads, status, welcome
from vgpt_probe.tui.widgets.bars import KeyBar, TopBar
from vgpt_probe.tui.widgets.filters import FilterLine
from vgpt_probe.tui.widgets.heads import Heads
from vgpt_probe.tui.widgets.heat import Heat
from vgpt_probe.tui.widgets.matrix import Matrix

#: Times a second that head lines, and changed rows, are drawn while a run is in progress.
HEADS, ROWS = 4, 8

#: What the ‘changed’ key shows, one after another.
_CHANGES = (None, "regressed", "fixed", "any")


class BatteryScreen(BatteryRuns):
    """Shows ``app.board``; everything it knows comes from there."""

    BINDINGS = bindings("battery")

    def __init__(self) -> None:
        super().__init__()
        self.filter = Filter()
        self.view = View()
        self._changed: set[int] = set()
        self._banner: list[list[tuple[str, str]]] | None = None

    def compose(self) -> ComposeResult:
        yield TopBar("battery")
        yield Heads(id="heads")
        yield Static(id="banner", markup=False)
        yield Heat(id="heat")
        with Vertical(id="cases"):
            yield FilterLine(id="filters")
            yield Matrix(id="matrix")
            yield Static(id="empty", markup=False)
        yield Static(id="detail", markup=False)
        yield Input(id="search", placeholder="subject, question, wording or module", compact=True)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#search").display = False
        self.query_one(Heat).display = False
        app = self._app
        app.board_changed.subscribe(self, self._board_changed)
        app.answers_stored.subscribe(self, self._answers_stored)
        app.workers_changed.subscribe(self, lambda _: self._show_heads())
        self.set_interval(1 / HEADS, self._tick)
        self.set_interval(1 / ROWS, self._show_changed)
        self.query_one(Matrix).focus()
        self._board_changed(app.board)

    def on_screen_resume(self) -> None:
        self._show_changed()
        self._show_heads()

    # ── showing ──

    @property
    def _matrix(self) -> Matrix:
        return self.query_one(Matrix)

    @property
    def rows(self) -> Rows | None:
        return self._matrix.rows

    def _board_changed(self, board: Board | None) -> None:
        rows = self.rows
        same = rows is not None and board is not None and rows.board.run.id == board.run.id
        if not same:
            self.filter = Filter()
            if board is not None and not board.scored and self.view.order == "margin":
                self.view = msgspec.structs.replace(self.view, order="asked")
        elif self._app.baseline is None and self.filter.change is not None:
            self.filter = msgspec.structs.replace(self.filter, change=None)
        self._changed.clear()
        if board is not None:
            self._lay_out(folded=rows.folded if same and rows is not None else ())
        self._show_heads()
        self._show_filters()
        self._show_detail()

    def _lay_out(self, *, folded: object = ()) -> None:
        board = self._app.board
        if board is not None:
            self._matrix.show(
                Rows(board, self.filter, self.view, baseline=self._app.baseline, folded=folded)  # type: ignore[arg-type]
            )

    def _answers_stored(self, positions: set[int]) -> None:
        self._changed |= positions

    def _show_changed(self) -> None:
        """Draw what has changed since the last time, all at once; what nobody sees waits."""
        if not self.is_current:
            return
        positions, self._changed = self._changed, set()
        if not positions or self.rows is None or self.rows.board is not self._app.board:
            return
        self._matrix.changed(positions)
        self._show_filters()
        if self._matrix.position in positions or self._matrix.position is None:
            self._show_detail()

    def _tick(self) -> None:
        if self.is_current and self._app.desk.running:
            self._show_heads()

    def _show_heads(self) -> None:
        self.query_one(Heads).show(heads(self._app))
        heat = self.query_one(Heat)
        if heat.display:
            heat.show(self._app.board)
        # An unchanged banner is left alone: each update lays the whole screen out again.
        lines = banner(self._app)
        if lines != self._banner:
            self._banner = lines
            line = self.query_one("#banner", Static)
            line.display = bool(lines)
            line.update(Content("\n").join(Content.assemble(*parts) for parts in lines))
        self.query_one(TopBar).say(status(self._app))
        self.refresh_bindings()

    def _show_filters(self) -> None:
        board, rows = self._app.board, self.rows
        empty = self.query_one("#empty", Static)
        line = self.query_one(FilterLine)
        if board is None or rows is None:
            self._matrix.display = line.display = False
            empty.display = True
            empty.update(welcome(self._app))
            return
        line.display = True
        self._matrix.display = len(rows) > 0
        empty.display = not self._matrix.display
        if empty.display:
            clear = self._app.key("battery.clear")
            empty.update(Content.assemble(("No case fits. ", "bold"), (f"{clear} shows all.", "$text-muted")))
        line.show(rows)

    def _show_detail(self) -> None:
        board, rows, position = self._app.board, self.rows, self._matrix.position
        line = self.query_one("#detail", Static)
        if board is None or rows is None or not len(rows):
            line.update("", layout=False)
            return
        parts: list[tuple[str, str]] = [(" ", "")]
        if position is None:
            key = self._app.key("battery.open")
            parts.append(
                (f"{key} folds and unfolds a group, {self._app.key('battery.fold')} all", "$text-muted")
            )
        else:
            parts.append((one_line(board.probes[position].question), ""))
            if wrong := board.since(position):
                parts += [("   wrong since ", "$text-muted"), (one_line(wrong), "bold $error")]
            if (margin := board.margin(position)) is not None:
                parts.append((f"   denial margin {margin:+.1f} nats", "$text-muted"))
        line.update(Content.assemble(*parts), layout=False)

    @on(Matrix.Moved)
    def _moved(self) -> None:
        self._show_detail()

    # ── choosing what is shown ──

    def _set_filter(self, chosen: Filter) -> None:
        if self._app.board is None:
            return
        self.filter = chosen
        self._lay_out(folded=self.rows.folded if self.rows is not None else ())
        self._show_filters()
        self.refresh_bindings()

    def _set_view(self, view: View) -> None:
        same = view.grouped == self.view.grouped
        self.view = view
        self._lay_out(folded=self.rows.folded if same and self.rows is not None else ())
        self._show_filters()
        self._show_detail()
        self.refresh_bindings()

    def action_battery_flagged(self) -> None:
        self._set_filter(msgspec.structs.replace(self.filter, flagged=not self.filter.flagged))

    def action_battery_differs(self) -> None:
        self._set_filter(msgspec.structs.replace(self.filter, differs=not self.filter.differs))

    def action_battery_changed(self) -> None:
        after = _CHANGES[(_CHANGES.index(self.filter.change) + 1) % len(_CHANGES)]
        self._set_filter(msgspec.structs.replace(self.filter, change=after))

    def action_battery_clear(self) -> None:
        if self.query_one("#search").display:
            self._leave_search()
            self._set_filter(msgspec.structs.replace(self.filter, text=""))
        else:
            self._set_filter(Filter())

    def action_battery_group(self) -> None:
        after = GROUPS[(GROUPS.index(self.view.grouped) + 1) % len(GROUPS)]
        self._set_view(msgspec.structs.replace(self.view, grouped=after))

    def action_battery_order(self) -> None:
        board = self._app.board
        orders = [order for order in ORDERS if order != "margin" or (board is not None and board.scored)]
        if len(orders) < len(ORDERS) and self.view.order == "asked":
            self._app.say("this run has no denial margins; set one up with mode ‘score’ or ‘both’")
        at = orders.index(self.view.order) if self.view.order in orders else 0
        self._set_view(msgspec.structs.replace(self.view, order=orders[(at + 1) % len(orders)]))

    def action_battery_fold(self) -> None:
        rows = self.rows
        if rows is None or rows.groups is None:
            return
        every = set(range(len(rows.groups.names)))
        self._matrix.fold(every - rows.folded or every)
        self._show_detail()

    def action_battery_heat(self) -> None:
        heat = self.query_one(Heat)
        heat.display = not heat.display
        self._show_heads()

    @on(Heat.Chosen)
    def _field_chosen(self, event: Heat.Chosen) -> None:
        self._set_filter(msgspec.structs.replace(self.filter, module=event.module, wording=event.wording))

    def action_battery_module(self) -> None:
        board = self._app.board
        assert board is not None
        self._pick_group("Which module?", "module", board.modules())

    def action_battery_wording(self) -> None:
        board = self._app.board
        assert board is not None
        self._pick_group("Which wording?", "wording", board.wordings())

    def action_battery_since(self) -> None:
        board = self._app.board
        assert board is not None
        stages = board.since_stages()
        if not stages:
            self._app.say("no case is wrong in this run")
            return
        choices: list[Choice[str | None]] = [Choice(None, "all")]
        for stage, (cases, subjects) in stages.items():
            counts = f"{cases:,} {'case' if cases == 1 else 'cases'} of {subjects:,} names"
            choices.append(Choice(stage, stage, counts))
        self._pick("Wrong since which stage?", "since", choices)

    def _pick_group(self, title: str, field: str, groups: dict[str, tuple[int, int]]) -> None:
        choices: list[Choice[str | None]] = [Choice(None, "all")]
        choices += [
            Choice(name, name, f"{size:,} probes, {flagged:,} flagged")
            for name, (size, flagged) in groups.items()
        ]
        self._pick(title, field, choices)

    def _pick(self, title: str, field: str, choices: list[Choice[str | None]]) -> None:
        def chosen(choice: Choice[str | None] | None) -> None:
            if choice is not None:
                self._set_filter(msgspec.structs.replace(self.filter, **{field: choice.value}))

        self.app.push_screen(Picker(title, choices, at=getattr(self.filter, field)), chosen)

    def action_battery_search(self) -> None:
        search = self.query_one("#search", Input)
        search.display = True
        search.value = self.filter.text
        search.focus()

    @on(Input.Changed, "#search")
    def _typed(self, event: Input.Changed) -> None:
        if event.input.display and event.value != self.filter.text:
            self._set_filter(msgspec.structs.replace(self.filter, text=event.value))

    @on(Input.Submitted, "#search")
    def _searched(self) -> None:
        self._leave_search()

    def _leave_search(self) -> None:
        self.query_one("#search").display = False
        self._matrix.focus()

    # ── running ──

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if not self.is_mounted:
            return True
        app, board = self._app, self._app.board
        searching = self.query_one("#search").display
        if action in ("battery_run", "battery_setup"):
            return None if app.desk.running or app.status else True
        if action == "battery_stop":
            return app.desk.running
        if action == "battery_resume":
            return board is not None and board.owes and not app.desk.running and not app.status
        if action == "battery_reload":
            return bool(app.desk.broken())
        if action == "battery_clear":
            return bool(self.filter) or searching
        if action == "battery_changed":
            return app.baseline is not None
        if action == "battery_fold":
            return self.view.grouped != "none" and board is not None
        if action == "battery_open" and searching:
            return False
        if action in _NEED_CASES:
            return True if board is not None else None
        return True

    # ── cases ──

    def action_battery_open(self) -> None:
        position, group = self._matrix.position, self._matrix.group
        if position is not None:
            self._open(position)
        elif group is not None:
            self._matrix.fold([group])
            self._show_detail()

    def action_battery_draft(self) -> None:
        app, board, rows = self._app, self._app.board, self.rows
        assert board is not None and rows is not None
        shown = set(rows.positions)
        counts = {
            model: sum(
                board.verdict(model, at) in FLAGGED and board.review(model, at) != "dismissed" for at in shown
            )
            for model in board.models
        }
        choices: list[Choice[str | None]] = [
            Choice(model, model, f"{count:,} wrong") for model, count in reversed(counts.items()) if count
        ]
        if not choices:
            app.say("no wrong answer is shown")
            return
        if len(choices) > 1:
            choices.append(Choice(None, "all", f"{sum(counts.values()):,} wrong"))

        def chosen(choice: Choice[str | None] | None) -> None:
            if choice is not None:
                app.draft_pairs(board.run, shown, choice.value)

        app.push_screen(Picker("Draft pairs from whose wrong answers?", choices), chosen)

    def _open(self, position: int) -> None:
        assert self.rows is not None

        def closed(last: int | None) -> None:
            if last is not None:
                self._matrix.go_to(last)

        self._app.open_case(position, self.rows.positions, closed)

    @on(Matrix.Chosen)
    def _clicked(self, event: Matrix.Chosen) -> None:
        self._open(event.position)


_NEED_CASES = {
    f"battery_{name}"
    for name in [
        "open",
        "flagged",
        "differs",
        "module",
        "wording",
        "since",
        "search",
        "group",
        "order",
        "heat",
        "compare",
        "report",
    ]
}
