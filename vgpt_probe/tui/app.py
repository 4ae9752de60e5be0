"""The app: owns what the screens share, and turns what background threads tell into what they show."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from textual import on, work
from textual.app import App, SystemCommand
from textual.dom import DOMNode
from textual.screen import Screen
from textual.signal import Signal

from vgpt_probe.config import Workspace
from vgpt_probe.engine.pool import Engine, Model
from vgpt_probe.errors import ProbeError
from vgpt_probe.text import one_line, plain
from vgpt_probe.tui import messages
from vgpt_probe.tui.actions import ACTIONS, bindings
from vgpt_probe.tui.board import Board, Pace
from vgpt_probe.tui.desk import Desk, EngineFactory
from vgpt_probe.tui.screens.battery import BatteryScreen
from vgpt_probe.tui.theme import THEMES

if TYPE_CHECKING:
    from vgpt_probe.pairs.pair import Pair
    from vgpt_probe.runs.records import Answer, Run
    from vgpt_probe.runs.runner import Progress
    from vgpt_probe.runs.store import Store

#: The catalog's title where config.toml gives none.
UNNAMED = "this database"

Severity = Literal["information", "warning", "error"]


def _chat() -> Screen[None]:
    from vgpt_probe.tui.screens.chat import ChatScreen

    return ChatScreen()


def _pairs() -> Screen[None]:
    from vgpt_probe.tui.screens.pairs import PairsScreen

    return PairsScreen()


class ProbeApp(App[None]):
    """The terminal app on one workspace.

    ``engine_factory``, ``store`` and ``clock`` are for tests.
    """

    TITLE = "vgpt-probe"
    CSS_PATH = "app.tcss"
    BINDINGS = bindings("app")
    MODES: ClassVar = {"battery": BatteryScreen, "chat": _chat, "pairs": _pairs}
    DEFAULT_MODE = "battery"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (160, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (32, "-high")]
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        workspace: Workspace,
        *,
        engine_factory: EngineFactory = Engine,
        store: Store | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name
        self.workspace = workspace
        self.clock = clock
        self.board: Board | None = None
        self.active: Board | None = None
        self.status = ""
        self.farewell: list[str] = []
        self.model_names = [model.name for model in workspace.config.models]
        self.battery_name = workspace.config.batteries.default
        self.board_changed: Signal[Board | None] = Signal(self, "board changed")
        self.answers_stored: Signal[set[int]] = Signal(self, "answers stored")
        self.workers_changed: Signal[None] = Signal(self, "workers changed")
        self.pairs_changed: Signal[None] = Signal(self, "pairs changed")
        self.desk = Desk(
            workspace,
            engine_factory=engine_factory,
            store=store,
            on_worker=self._hear_worker,
            on_progress=self._hear_progress,
        )
        self._paces: dict[str, Pace] = {}
        self._told: set[tuple[str, str]] = set()
        self._leaving = False

    def on_mount(self) -> None:
        # After the first paint: nothing that is slow to import or to read comes before it.
        self.call_after_refresh(self._open)

    # ── what the screens ask ──

    @property
    def workspace_name(self) -> str:
        """What the database is called, else the folder of config.toml."""
        title = self.workspace.config.catalog.title
        return one_line(self.workspace.root.name if title in ("", UNNAMED) else title)

    def stage_of(self, model: str) -> str:
        for known in self.workspace.config.models:
            if known.name == model:
                return known.stage or known.name
        return ""

    def state_of(self, model: str) -> str:
        """The state of a model's worker, ``missing`` when config.toml does not have it."""
        worker = self.desk.workers.get(model)
        if worker is not None:
            return worker.state
        return "unloaded" if model in self.model_names else "missing"

    def pace_of(self, model: str) -> float | None:
        pace = self._paces.get(model)
        return pace.rate(self.clock()) if pace else None

    def is_asking(self, board: Board) -> bool:
        return self.active is not None and self.active.run.id == board.run.id and self.desk.running

    def since(self, board: Board, position: int) -> str | None:
        """The stage since which a case is wrong without a break."""
        if not board.flagged(position):
            return None
        from vgpt_probe.runs.summary import since

        answers = {
            answer.model: answer for answer in self.desk.store.answers(board.run.id, position=position)
        }
        return since(board.run, answers)

    def say(self, text: str, severity: Severity = "information") -> None:
        """Tell the person something in a line that goes away by itself."""
        self.notify(plain(text), severity=severity, markup=False, timeout=8 if severity == "error" else 5)

    # ── background work ──

    def _hear_worker(self, worker: Model) -> None:
        self.post_message(messages.WorkerChanged(worker.name))

    def _hear_progress(self, run: int, progress: Progress) -> None:
        self.post_message(messages.Progressed(run, progress))

    def in_background(self, does: Callable[[], None]) -> None:
        """Run something slow in a thread; what goes wrong becomes a line on the screen."""
        self._run_in_thread(does)

    @work(thread=True, exit_on_error=False)
    def _run_in_thread(self, does: Callable[[], None]) -> None:
        try:
            does()
        except ProbeError as fault:
            self.post_message(messages.Trouble(str(fault)))
        except Exception as fault:
            where = self.log_fault(fault)
            self.post_message(
                messages.Trouble(f"{type(fault).__name__}: {fault}; the details are in {where}")
            )

    def log_fault(self, fault: BaseException) -> str:
        """Write a traceback to the app's log; return the log's path."""
        path = self.workspace.log_folder / "app.log"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8", errors="replace") as log:
                log.write("".join(traceback.format_exception(fault)) + "\n")
        except OSError:
            return "no log: its folder cannot be written"
        return str(path)

    def _set_status(self, text: str) -> None:
        self.status = text
        self.workers_changed.publish(None)

    def _open(self) -> None:
        def opens() -> None:
            self.post_message(messages.StoreOpened(self.desk.newest()))
            _ = self.desk.engine
            _ = self.desk.catalog
            self.post_message(messages.CatalogOpened())

        self.in_background(opens)

    @on(messages.StoreOpened)
    def _store_opened(self, event: messages.StoreOpened) -> None:
        if self.board is None and event.board is not None:
            self._show(event.board)

    @on(messages.CatalogOpened)
    def _catalog_opened(self) -> None:
        self.workers_changed.publish(None)

    @on(messages.Trouble)
    def _trouble(self, event: messages.Trouble) -> None:
        self._set_status("")
        self.say(event.text, "error")

    # ── runs ──

    def run_battery(self, name: str) -> None:
        """Begin a new run of a battery on all models."""
        if self.desk.running or self.status:
            self.say("a run is in progress; s stops it", "warning")
            return
        self.battery_name = name
        self._set_status(f"Making ready ‘{one_line(name)}’: reading battery, catalog and model files …")
        self.in_background(lambda: self._hand_over(self.desk.begin(name)))

    def resume_run(self) -> None:
        """Ask what is missing in the run that is shown."""
        if self.board is None or self.desk.running or self.status:
            return
        run = self.board.run
        self._set_status(f"Taking up run {run.id} …")
        self.in_background(lambda: self._hand_over(self.desk.reopen(run)))

    def _hand_over(self, board: Board) -> None:
        _ = self.desk.engine, self.desk.grader
        self.post_message(messages.BoardOpened(board, ask=True))

    def show_run(self, run: Run) -> None:
        """Show another run."""
        if self.active is not None and self.active.run.id == run.id:
            self._show(self.active)
        else:
            self.in_background(lambda: self._open_board(run))

    def _open_board(self, run: Run) -> None:
        self.post_message(messages.BoardOpened(Board.load(self.desk.store, run)))

    @on(messages.BoardOpened)
    def _board_opened(self, event: messages.BoardOpened) -> None:
        self.status = ""
        if event.ask:
            self.active = event.board
            self._paces = {model: Pace() for model in event.board.models}
            self._told.clear()
            self.desk.ask(event.board)
        self._show(event.board)

    def _show(self, board: Board) -> None:
        self.board = board
        self.board_changed.publish(board)

    def stop_run(self) -> None:
        """Stop the run in progress."""
        if self.desk.runner is not None:
            self.desk.runner.stop()

    @on(messages.Progressed)
    def _progressed(self, event: messages.Progressed) -> None:
        from vgpt_probe.runs.runner import AnswersStored, RunEnded

        if self.active is None or event.run != self.active.run.id:
            return
        if isinstance(event.progress, AnswersStored):
            self._answers_stored(event.progress.answers)
        elif isinstance(event.progress, RunEnded):
            # The runner's thread is about to end; what depends on that is drawn once it has.
            if self.desk.runner is not None:
                self.desk.runner.join(2)
            self._run_ended(event.progress)

    def _answers_stored(self, answers: Iterable[Answer]) -> None:
        assert self.active is not None
        now = self.clock()
        for answer in answers:
            self.active.put(answer)
            if answer.model in self._paces:
                self._paces[answer.model].add(1, now)
        if self.board is self.active:
            self.answers_stored.publish({answer.position for answer in answers})

    def _run_ended(self, ended: Progress) -> None:
        assert self.active is not None
        run = self.active.run
        problem = getattr(ended, "problem", None)
        if problem:
            self.say(f"run {run.id} was stopped: {problem}", "error")
        elif self.active.complete:
            found = self.active.findings
            self.say(
                f"run {run.id} is done: {found:,} {'finding' if found == 1 else 'findings'}; f shows them alone"
            )
        else:
            self.say(f"run {run.id} is stopped; r resumes it", "warning")
        self.workers_changed.publish(None)

    def reviewed(self, answer: Answer) -> None:
        """A person has given a word on an answer: show it wherever the run is shown."""
        for board in {id(board): board for board in (self.board, self.active) if board is not None}.values():
            if board.run.id == answer.run:
                board.put(answer)
        self.answers_stored.publish({answer.position})

    # ── models ──

    @on(messages.WorkerChanged)
    def _worker_changed(self, event: messages.WorkerChanged) -> None:
        worker = self.desk.workers.get(event.model)
        if worker is not None:
            self._tell_of(worker)
        self.workers_changed.publish(None)

    def _tell_of(self, worker: Model) -> None:
        seen = (worker.name, worker.state)
        if worker.state in ("died", "failed") and seen not in self._told:
            what = "could not be loaded" if worker.state == "failed" else "died"
            self._told.add(seen)
            self.say(f"{worker.name} {what}: {worker.problem}. l reloads it. Its log: {worker.log}", "error")
        elif worker.state == "ready":
            self._told -= {(worker.name, "died"), (worker.name, "failed")}

    def reload_models(self) -> None:
        """Load every model again that has died or failed; a run that is waiting for one goes on."""
        broken = self.desk.broken()
        for worker in broken:
            self.desk.reload(worker)
        unfinished = self.board is not None and not self.board.complete
        if broken and unfinished and not self.desk.running:
            self.resume_run()

    # ── cases and pairs ──

    def open_case(self, position: int, positions: list[int], then: Callable[[int | None], None]) -> None:
        """Open a case of the run that is shown; ``positions`` are those to go through, ``then`` gets the last one."""
        from vgpt_probe.tui.screens.case import CaseScreen

        if self.board is not None:
            self.push_screen(CaseScreen(self.board, position, positions), then)

    def edit_pair(self, pair: Pair, then: Callable[[Pair], None] | None = None) -> None:
        """Let a person edit a pair, and save it: a new one is added, a known one changed."""
        from vgpt_probe.tui.dialogs.editor import PairEditor

        def edited(result: Pair | None) -> None:
            if result is None:
                return
            try:
                same = next((one for one in self.desk.store.pairs() if one.key == result.key), None)
                if same is not None and same.id != result.id:
                    self.say(f"pair {same.id} is the same; nothing was saved", "warning")
                    return
                if result.id is None:
                    result = self.desk.store.add_pair(result)
                    self.say(f"pair {result.id} is saved; 3 shows all pairs, e exports them there")
                else:
                    self.desk.store.update_pair(result)
                    self.say(f"pair {result.id} is saved")
            except ProbeError as fault:
                self.say(str(fault), "error")
                return
            self.pairs_changed.publish(None)
            if then is not None:
                then(result)

        self.push_screen(PairEditor(pair), edited)

    # ── actions ──

    async def run_action(self, *given: Any, **options: Any) -> bool:
        """Do what a key asks for; what a person can mend becomes a line on the screen."""
        try:
            return await super().run_action(*given, **options)
        except ProbeError as fault:
            self.say(str(fault), "error")
            return True

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action that makes sense now, from the registry, and the choice of a theme."""
        shown = {active.binding.id: active for active in screen.active_bindings.values() if active.enabled}
        for action in ACTIONS:
            active = shown.get(action.id)
            if active is not None and action.palette:

                def run(method: str = action.method, node: DOMNode = active.node) -> None:
                    self.call_later(self.run_action, method, node)

                yield SystemCommand(action.label, action.help, run)
        yield SystemCommand("Theme", "Change the colours.", self.action_change_theme)
        yield SystemCommand(
            "Screenshot",
            "Save a picture of the screen.",
            lambda: self.set_timer(0.1, self.deliver_screenshot),
        )

    def action_app_battery(self) -> None:
        self._go("battery")

    def action_app_chat(self) -> None:
        self._go("chat")

    def action_app_pairs(self) -> None:
        self._go("pairs")

    def _go(self, mode: str) -> None:
        from vgpt_probe.tui.screens.case import CaseScreen

        if self.screen.is_modal:
            return
        if self.current_mode != mode:
            self.switch_mode(mode)
        elif isinstance(self.screen, CaseScreen):
            self.screen.action_case_back()

    def action_app_palette(self) -> None:
        self.action_command_palette()

    def action_app_help(self) -> None:
        from vgpt_probe.tui.dialogs.help import Help

        if not self.screen.is_modal:
            self.push_screen(Help(type(self.screen).__name__.removesuffix("Screen").lower()))

    async def action_quit(self) -> None:
        self.action_app_quit()

    def action_app_quit(self) -> None:
        """Leave; ask once when work is going on."""
        from vgpt_probe.tui.dialogs.confirm import Confirm

        if self._leaving:
            return
        if isinstance(self.screen, Confirm):
            return
        if self.desk.running and self.active is not None:
            share = 100 * self.active.answers // max(1, self.active.total)
            question = f"Run {self.active.run.id} is at {share} %. Leave?"
            detail = "What has been answered is kept, and the run can be resumed."
        elif any(worker.busy for worker in self.desk.workers.values()):
            question, detail = "Answers are still coming. Leave?", "The conversation is not kept."
        else:
            self._leave()
            return
        self.push_screen(
            Confirm(question, detail, yes="Leave", no="Stay"), lambda yes: self._leave() if yes else None
        )

    def _leave(self) -> None:
        self._leaving = True
        if self.desk.running and self.active is not None:
            number = self.active.run.id
            self.farewell.append(
                f"Run {number} is unfinished. To resume it: r in the app, or vgpt-probe run --resume {number}"
            )
        self.say("closing the models …")

        def closes() -> None:
            try:
                self.desk.close()
            finally:
                self.call_from_thread(self.exit)

        self.in_background(closes)

    def _handle_exception(self, error: Exception) -> None:
        """A fault of the app itself: the traceback goes to the log, the person gets a line."""
        if not self.is_headless:
            where = self.log_fault(error)
            self.farewell.append(
                f"vgpt-probe stopped because of a fault of its own ({type(error).__name__}: {plain(str(error))}).\n"
                f"What was shown as done is kept. Details: {where}"
            )
            self._return_code = 1
            self.exit(return_code=1)
            return
        super()._handle_exception(error)


def _log(app: ProbeApp, fault: BaseException | None) -> None:
    if fault is not None:
        app.log_fault(fault)


def run_app(workspace: Workspace) -> int:
    """Open the app on a workspace; return the exit status."""
    app = ProbeApp(workspace)
    # What goes wrong in a thread must not be written over the screen.
    threading.excepthook = lambda fault: _log(app, fault.exc_value)
    app.run()
    for line in app.farewell:
        print(line, file=sys.stderr)
    return app.return_code or 0
