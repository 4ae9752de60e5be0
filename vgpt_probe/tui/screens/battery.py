"""The battery screen: the matrix of verdicts, filling live, under the models' head lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from vgpt_probe.runs.records import Run
from vgpt_probe.text import one_line
from vgpt_probe.tui.actions import bindings
from vgpt_probe.tui.board import Board, Filter, Rows
from vgpt_probe.tui.dialogs.picker import Choice, Picker
from vgpt_probe.tui.widgets.bars import KeyBar, TopBar
from vgpt_probe.tui.widgets.heads import Head, Heads
from vgpt_probe.tui.widgets.matrix import Matrix
from vgpt_probe.tui.words import when

if TYPE_CHECKING:
    from vgpt_probe.tui.app import ProbeApp

#: Times a second that head lines, and changed rows, are drawn while a run is in progress.
HEADS, ROWS = 4, 8


class BatteryScreen(Screen[None]):
    """Shows ``app.board``; everything it knows comes from there."""

    BINDINGS = bindings("battery")

    def __init__(self) -> None:
        super().__init__()
        self.filter = Filter()
        self._changed: set[int] = set()
        self._banner: list[list[tuple[str, str]]] | None = None

    @property
    def _app(self) -> ProbeApp:
        return cast("ProbeApp", self.app)

    def compose(self) -> ComposeResult:
        yield TopBar("battery")
        yield Heads(id="heads")
        yield Static(id="banner", markup=False)
        with Vertical(id="cases"):
            yield Static(id="filters", markup=False)
            yield Matrix(id="matrix")
            yield Static(id="empty", markup=False)
        yield Static(id="detail", markup=False)
        yield Input(id="search", placeholder="search subjects and questions", compact=True)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#search").display = False
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

    def _board_changed(self, board: Board | None) -> None:
        same = (
            self._matrix.rows is not None
            and board is not None
            and self._matrix.rows.board.run.id == board.run.id
        )
        if not same:
            self.filter = Filter()
        self._changed.clear()
        if board is not None:
            self._matrix.show(Rows(board, self.filter))
        self._show_heads()
        self._show_filters()
        self._show_detail(self._matrix.position)

    def _answers_stored(self, positions: set[int]) -> None:
        self._changed |= positions

    def _show_changed(self) -> None:
        """Draw what has changed since the last time, all at once."""
        positions, self._changed = self._changed, set()
        if not positions:
            return
        self._matrix.changed(positions)
        self._show_filters()
        if self._matrix.position in positions:
            self._show_detail(self._matrix.position)

    def _tick(self) -> None:
        if self.is_current and self._app.desk.running:
            self._show_heads()

    def _show_heads(self) -> None:
        app = self._app
        board = app.board
        self.query_one(Heads).show(
            [self._head(model) for model in (board.models if board else app.model_names)]
        )
        self._show_banner()
        self.query_one(TopBar).say(self._status(board))
        self.refresh_bindings()

    def _head(self, model: str) -> Head:
        app, board = self._app, self._app.board
        if board is None:
            return Head(model, app.stage_of(model), app.state_of(model), _NOTHING, _NOTHING)
        tally = board.tallies[model]
        here = app.is_asking(board)
        state = app.state_of(model)
        pace = app.pace_of(model) if here and state == "ready" else None
        owed = len(board.probes) - tally.probes
        if here and state == "ready" and owed:
            state = "answering"
        return Head(
            model,
            board.stages[model],
            state,
            _values(tally.interval("false_rejection")),
            _values(tally.interval("false_acceptance")),
            tally.probes,
            len(board.probes),
            pace if owed else None,
            owed / pace if pace and owed else None,
        )

    def _status(self, board: Board | None) -> str:
        app = self._app
        if board is None:
            return app.status or app.workspace_name
        share = 100 * board.answers // board.total if board.total else 100
        state = "running" if app.is_asking(board) else "done" if board.complete else "unfinished"
        words = f"{one_line(board.run.battery)} · run {board.run.id} · {state}"
        return words if board.complete else f"{words} · {share} %"

    def _show_banner(self) -> None:
        app, board = self._app, self._app.board
        lines: list[list[tuple[str, str]]] = []
        for worker in app.desk.broken():
            what = "could not be loaded" if worker.state == "failed" else "died"
            lines.append(
                [
                    (f" ✗ {one_line(worker.name)} {what}: {one_line(worker.problem or '')}. ", "bold $error"),
                    ("l reloads it; the others go on." if app.desk.running else "l reloads it.", ""),
                ]
            )
        if app.status:
            lines.append([(f" {app.status} ", "")])
        elif board is not None and not board.complete and not app.is_asking(board):
            missing = board.total - board.answers
            answers = "answer is" if missing == 1 else "answers are"
            lines.append(
                [
                    (f" Run {board.run.id} is unfinished: {missing:,} {answers} missing. ", "bold $warning"),
                    ("r resumes; nothing is asked twice.", ""),
                ]
            )
        # An unchanged banner is left alone: each update lays the whole screen out again.
        if lines != self._banner:
            self._banner = lines
            banner = self.query_one("#banner", Static)
            banner.display = bool(lines)
            banner.update(Content("\n").join(Content.assemble(*line) for line in lines))

    def _show_filters(self) -> None:
        board, rows = self._app.board, self._matrix.rows
        empty = self.query_one("#empty", Static)
        line = self.query_one("#filters", Static)
        if board is None or rows is None:
            self._matrix.display = line.display = False
            empty.display = True
            empty.update(self._welcome())
            return
        line.display = True
        self._matrix.display = len(rows) > 0
        empty.display = not self._matrix.display
        if empty.display:
            empty.update(Content.assemble(("No case fits. ", "bold"), ("Esc shows all.", "$text-muted")))
        chips = self._chips()
        cases = "finding" if board.findings == 1 else "findings"
        count = f"{len(rows):,} of {len(board.probes):,} probes · {board.findings:,} {cases}"
        room = self.size.width - len(count) - 2
        left = Content.assemble(*chips)
        if left.cell_length > room:
            left = left.truncate(max(0, room), ellipsis=True)
        gap = " " * max(0, room - left.cell_length)
        line.update(Content.assemble(" ", left, gap, (count, "$text-muted")), layout=False)

    def _chips(self) -> list[tuple[str, str]]:
        chosen = self.filter
        words = []
        if chosen.flagged:
            words.append("flagged only")
        if chosen.differs:
            words.append("models differ")
        if chosen.module is not None:
            words.append(f"module {one_line(chosen.module)}")
        if chosen.wording is not None:
            words.append(f"wording {chosen.wording}")
        if chosen.text:
            words.append(f"“{one_line(chosen.text)}”")
        if not words:
            return [("all cases", "$text-muted")]
        parts: list[tuple[str, str]] = []
        for word in words:
            parts += [(f" {word} ", "bold $background on $accent"), (" ", "")]
        return parts

    def _welcome(self) -> Content:
        app = self._app
        if app.status:
            return Content(app.status)
        models = ", ".join(one_line(name) for name in app.model_names)
        return Content.assemble(
            ("Nothing has been asked yet.\n\n", "bold"),
            (" b ", "bold $accent"),
            (f"puts the battery ‘{one_line(app.battery_name)}’ to {models}\n", ""),
            (" B ", "bold $accent"),
            ("chooses another battery\n", ""),
            (" 2 ", "bold $accent"),
            ("asks them something of your own\n", ""),
            (" ? ", "bold $accent"),
            ("explains keys and signs", ""),
        )

    def _show_detail(self, position: int | None) -> None:
        board = self._app.board
        line = self.query_one("#detail", Static)
        if board is None or position is None:
            line.update("", layout=False)
            return
        probe = board.probes[position]
        wrong = self._app.since(board, position)
        parts: list[tuple[str, str]] = [(" ", ""), (one_line(probe.question), "")]
        if wrong:
            parts += [("   wrong since ", "$text-muted"), (one_line(wrong), "bold $error")]
        line.update(Content.assemble(*parts), layout=False)

    @on(Matrix.Moved)
    def _moved(self, event: Matrix.Moved) -> None:
        self._show_detail(event.position)

    def on_resize(self) -> None:
        self.call_after_refresh(self._show_filters)

    # ── filtering ──

    def _set_filter(self, chosen: Filter) -> None:
        board = self._app.board
        if board is None:
            return
        self.filter = chosen
        self._matrix.show(Rows(board, chosen))
        self._show_filters()
        self.refresh_bindings()

    def action_battery_flagged(self) -> None:
        self._set_filter(msgspec.structs.replace(self.filter, flagged=not self.filter.flagged))

    def action_battery_differs(self) -> None:
        self._set_filter(msgspec.structs.replace(self.filter, differs=not self.filter.differs))

    def action_battery_clear(self) -> None:
        if self.query_one("#search").display:
            self._leave_search()
            self._set_filter(msgspec.structs.replace(self.filter, text=""))
        else:
            self._set_filter(Filter())

    def action_battery_module(self) -> None:
        board = self._app.board
        assert board is not None
        self._pick_group("Which module?", "module", board.modules())

    def action_battery_wording(self) -> None:
        board = self._app.board
        assert board is not None
        self._pick_group("Which wording?", "wording", board.wordings())

    def _pick_group(self, title: str, field: str, groups: dict[str, tuple[int, int]]) -> None:
        choices: list[Choice[str | None]] = [Choice(None, "all")]
        choices += [
            Choice(name, name, f"{size:,} probes, {flagged:,} flagged")
            for name, (size, flagged) in groups.items()
        ]

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
        if event.input.display:
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
        if action == "battery_run":
            return None if app.desk.running or app.status else True
        if action == "battery_stop":
            return app.desk.running
        if action == "battery_resume":
            return board is not None and not board.complete and not app.desk.running and not app.status
        if action == "battery_reload":
            return bool(app.desk.broken())
        if action == "battery_clear":
            return bool(self.filter) or self.query_one("#search").display
        if action == "battery_runs":
            return True
        if action == "battery_open" and self.query_one("#search").display:
            return False
        if action in _NEED_CASES:
            return True if board is not None else None
        return True

    def action_battery_run(self) -> None:
        self._app.run_battery(self._app.battery_name)

    def action_battery_stop(self) -> None:
        self._app.stop_run()

    def action_battery_resume(self) -> None:
        self._app.resume_run()

    def action_battery_reload(self) -> None:
        self._app.reload_models()

    def action_battery_choose(self) -> None:
        from vgpt_probe.probes import battery_names

        if self._app.desk.running:
            self._app.say("a run is in progress; s stops it", "warning")
            return
        names = battery_names(self._app.workspace.battery_folder)
        choices = [Choice(name, name, _describe(self._app, name)) for name in names]

        def chosen(choice: Choice[str] | None) -> None:
            if choice is not None:
                self._app.run_battery(choice.value)

        self.app.push_screen(Picker("Run which battery?", choices, at=self._app.battery_name), chosen)

    def action_battery_runs(self) -> None:
        runs = self._app.desk.store.runs()
        if not runs:
            self._app.say("there is no run yet; b makes one")
            return
        board = self._app.board

        def chosen(choice: Choice[Run] | None) -> None:
            if choice is not None:
                self._app.show_run(choice.value)

        at = next((run for run in runs if board is not None and run.id == board.run.id), None)
        self.app.push_screen(
            Picker("Show which run?", [Choice(run, f"{run.id}", _run_line(run)) for run in runs], at=at),
            chosen,
        )

    # ── cases ──

    def action_battery_open(self) -> None:
        if self.query_one("#search").display:
            self._leave_search()
        elif (position := self._matrix.position) is not None:
            self._open(position)

    def _open(self, position: int) -> None:
        assert self._matrix.rows is not None

        def closed(last: int | None) -> None:
            if last is not None:
                self._matrix.go_to(last)

        self._app.open_case(position, list(self._matrix.rows.positions), closed)

    @on(Matrix.Chosen)
    def _clicked(self, event: Matrix.Chosen) -> None:
        self._open(event.position)


_NOTHING = (None, None, None)
_NEED_CASES = {f"battery_{name}" for name in ("open", "flagged", "differs", "module", "wording", "search")}


def _values(interval: dict[str, float | None]) -> tuple[float | None, float | None, float | None]:
    return interval["value"], interval["low"], interval["high"]


def _run_line(run: Run) -> str:
    state = "done" if run.answered == run.total else f"{run.answered:,} of {run.total:,} answered"
    models = ", ".join(run.models)
    return f"{when(run.started)}  {run.battery}  {state}, {run.flagged:,} wrong  {models}"


def _describe(app: ProbeApp, name: str) -> str:
    """A battery's own description, from the head of its file; nothing when it cannot be read."""
    from vgpt_probe.errors import BatteryError, ProbeError
    from vgpt_probe.files import read_toml

    try:
        data, _ = read_toml(app.workspace.battery_folder / f"{name}.toml", BatteryError)
    except ProbeError as fault:
        return str(fault.what)
    return str(data.get("description", ""))
