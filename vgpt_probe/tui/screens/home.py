"""The home screen: what is loaded, what to do next, and how the last runs went."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from vgpt_probe.text import one_line
from vgpt_probe.tui.actions import bindings
from vgpt_probe.tui.standing import banner, heads
from vgpt_probe.tui.widgets.bars import KeyBar, TopBar
from vgpt_probe.tui.widgets.heads import Heads
from vgpt_probe.tui.widgets.lines import Lines
from vgpt_probe.tui.words import spark, when

if TYPE_CHECKING:
    from vgpt_probe.runs.history import History, Past
    from vgpt_probe.tui.app import ProbeApp

Part = tuple[str, str]

#: Times a second that the models' states are drawn while a run is in progress.
HEADS = 4
#: The width of the keys of the hints.
HINT = 6
#: How many runs a plot shows.
PLOTTED = 16


_PURPOSE = (
    "Asks your models whether tables exist, holds every answer against the schema, and shows which real tables"
    " a model denies, under which wordings, and since which training stage."
)


class HomeScreen(Screen[None]):
    """Where one begins, and comes back to."""

    BINDINGS = bindings("home")

    def __init__(self) -> None:
        super().__init__()
        self.past: list[Past] = []
        self._history: History | None = None
        self._pairs = 0

    @property
    def _app(self) -> ProbeApp:
        return cast("ProbeApp", self.app)

    def compose(self) -> ComposeResult:
        yield TopBar("home")
        yield Heads(id="heads")
        with VerticalScroll(id="home", can_focus=False):
            yield Static(_PURPOSE, id="purpose", markup=False)
            yield Static("Next", classes="title", markup=False)
            yield Static(id="next", markup=False)
            yield Static("Runs", id="runs-title", classes="title", markup=False)
            yield Static(id="runs-head", markup=False)
            yield Lines(id="runs", compact=True)
            yield Static("False rejection over time", id="plots-title", classes="title", markup=False)
            yield Static(id="plots", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        app = self._app
        app.board_changed.subscribe(self, lambda _: self._reload())
        app.workers_changed.subscribe(self, lambda _: self._show())
        app.pairs_changed.subscribe(self, lambda _: self._reload())
        self.set_interval(1 / HEADS, self._tick)
        self._show()
        self._show_runs()

    def on_screen_resume(self) -> None:
        self._show()
        self._reload()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)
        self.call_after_refresh(self._show_runs)

    def _tick(self) -> None:
        if self.is_current and self._app.desk.running:
            self._show()

    def _reload(self) -> None:
        if not self.is_current:
            return
        app = self._app

        def reads() -> None:
            from vgpt_probe.runs.history import History

            self._history = self._history or History()
            past = self._history.read(app.desk.store)
            pairs = len(app.desk.store.pairs())
            app.call_from_thread(self._loaded, past, pairs)

        app.in_background(reads)

    def _loaded(self, past: list[Past], pairs: int) -> None:
        self.past, self._pairs = past, pairs
        self._show()
        self._show_runs()

    # ── showing ──

    def _show(self) -> None:
        if not self.is_mounted:
            return
        app = self._app
        self.query_one(Heads).show(heads(app))
        lines = [Content.assemble(*parts) for parts in banner(app)]
        lines += [self._hint(key, parts) for key, parts in self._next()]
        self.query_one("#next", Static).update(Content("\n").join(lines))
        self.query_one(TopBar).say(app.workspace_name)
        self.refresh_bindings()

    def _hint(self, key: str, parts: list[Part]) -> Content:
        """A key and what it does, which wraps beside the key, not under it."""
        does = Content.assemble(*parts)
        lines = does.wrap(max(20, self.query_one("#next").size.width - HINT)) if self.size.width else [does]
        pieces: list[Content | tuple[str, str]] = [(f"  {key:<{HINT - 2}}", "bold $accent")]
        for number, line in enumerate(lines):
            pieces += [("\n" + " " * HINT, ""), line] if number else [line]
        return Content.assemble(*pieces)

    def _next(self) -> list[tuple[str, list[Part]]]:
        """What makes sense now: a key, and what it does."""
        app, board = self._app, self._app.board
        battery, key = one_line(app.setup.battery), app.key
        found: list[tuple[str, list[Part]]] = []
        if board is not None and app.is_asking(board):
            share = 100 * board.answers // max(1, board.total)
            found.append((key("app.battery"), [(f"watches run {board.run.id} fill: {share} %", "")]))
        elif not app.status:
            models = ", ".join(one_line(name) for name in app.model_names)
            again = "" if board is None else " again"
            found.append((key("home.run"), [(f"puts the battery ‘{battery}’ to {models}{again}", "")]))
        if board is not None and board.findings:
            one = board.findings == 1
            found.append(
                (
                    key("app.battery"),
                    [
                        (f"{board.findings:,} finding{'' if one else 's'} of run {board.run.id}", "bold"),
                        (f"; there {key('battery.flagged')} shows them alone,", "$text-muted"),
                        (f" {key('battery.open')} opens one, {key('case.pair')} saves a pair", "$text-muted"),
                    ],
                )
            )
        if self._pairs:
            found.append(
                (
                    key("app.pairs"),
                    [
                        (f"{self._pairs:,} pair{'' if self._pairs == 1 else 's'} saved", "bold"),
                        (f"; there {key('pairs.export')} writes them for the trainer", "$text-muted"),
                    ],
                )
            )
        found.append((key("app.chat"), [("asks all models something of your own", "")]))
        if board is None:
            found.append((key("app.models"), [("adds models, and shows whether they fit into memory", "")]))
            found.append((key("app.catalog"), [("shows what is real: tables, columns, keys", "")]))
        found.append((key("app.help"), [("explains keys and signs", "")]))
        return found

    def _show_runs(self) -> None:
        runs = bool(self.past)
        self.query_one("#purpose").display = not runs
        for name in ("runs-title", "runs-head", "runs", "plots-title", "plots"):
            self.query_one(f"#{name}").display = runs
        if not runs:
            return
        models = self._models()
        head: list[Part] = [(f" {'run':>4}  {'started':<16}  {'battery':<16} {'answers':<10}", "$text-muted")]
        head += [(one_line(model)[:10].rjust(12), "$text-muted") for model in models]
        self.query_one("#runs-head", Static).update(Content.assemble(*head))
        lines = []
        for past in self.past:
            run = past.run
            share = 100 * run.answered // max(1, run.total)
            line: list[Part] = [
                (f" {run.id:>4}  ", "bold"),
                (f"{when(run.started)}  ", "$text-muted"),
                (f"{one_line(run.battery)[:16]:<16} ", ""),
                (f"{'done' if share == 100 else f'{share} %':<10}", "" if share == 100 else "$warning"),
            ]
            for model in models:
                rate = past.rate(model)
                text = "–" if rate is None else f"{100 * rate:.1f} %"
                line.append((text.rjust(12), "$text-muted" if not rate else "$error"))
            lines.append(Content.assemble(*line))
        self.query_one(Lines).show(lines)
        if self.focused is None:
            self.query_one(Lines).focus()
        self._show_plots(models)

    def _models(self) -> list[str]:
        """The models whose rates are shown: as many as fit, those of the workspace first."""
        names = list(
            dict.fromkeys([*self._app.model_names, *(one for past in self.past for one in past.tallies)])
        )
        return names[: max(1, (self.size.width - 54) // 12)]

    def _show_plots(self, models: list[str]) -> None:
        battery = self.past[0].run.battery
        runs = [past for past in reversed(self.past) if past.run.battery == battery][-PLOTTED:]
        lines = []
        for model in models:
            rates = [past.rate(model) for past in runs]
            if not any(rate is not None for rate in rates):
                continue
            last = next(rate for rate in reversed(rates) if rate is not None)
            lines.append(
                Content.assemble(
                    (f"  {one_line(model)[:20]:<22}", "bold"),
                    (spark(rates), "$error"),
                    (f"  {100 * last:.1f} %", ""),
                )
            )
        title = f"False rejection in ‘{one_line(battery)}’, the last {len(runs)} runs"
        self.query_one("#plots-title", Static).update(title)
        for name in ("plots-title", "plots"):
            self.query_one(f"#{name}").display = len(runs) > 1
        self.query_one("#plots", Static).update(Content("\n").join(lines))

    # ── actions ──

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "home_run":
            return None if self._app.desk.running or self._app.status else True
        if action == "home_resume":
            app, board = self._app, self._app.board
            return board is not None and board.owes and not app.desk.running and not app.status
        if action == "home_open":
            return True if self.past else None
        return True

    def action_home_run(self) -> None:
        self._app.run_battery()

    def action_home_resume(self) -> None:
        self._app.resume_run()
        self._app.go("battery")

    def action_home_open(self) -> None:
        at = self.query_one(Lines).highlighted
        if at is not None and at < len(self.past):
            self._app.show_run(self.past[at].run)
            self._app.go("battery")

    @on(Lines.Clicked)
    def _clicked(self) -> None:
        self.action_home_open()
