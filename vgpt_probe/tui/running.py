"""The part of the app that runs batteries and watches models: what the screens show comes from here."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from textual import on
from textual.signal import Signal

from vgpt_probe.config import Workspace
from vgpt_probe.errors import ProbeError
from vgpt_probe.text import one_line
from vgpt_probe.tui import messages
from vgpt_probe.tui.actions import find, key_name
from vgpt_probe.tui.desk import Desk, EngineFactory, Setup, real_engine
from vgpt_probe.tui.shell import Shell

if TYPE_CHECKING:
    from vgpt_probe.engine.pool import Model
    from vgpt_probe.runs.records import Answer, Run
    from vgpt_probe.runs.runner import Progress
    from vgpt_probe.runs.store import Store
    from vgpt_probe.tui.board import Baseline, Board
    from vgpt_probe.tui.pace import Pace

#: Seconds after which a run that another process asks is looked at again.
LOOK = 1.0

#: The catalog's title where config.toml gives none.
UNNAMED = "this database"


class Running(Shell):
    """Owns the desk, the run that is shown and the run in progress, and publishes what changes.

    ``engine_factory``, ``store`` and ``clock`` are for tests.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        engine_factory: EngineFactory = real_engine,
        store: Store | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(workspace)
        self.clock = clock
        self.board: Board | None = None
        self.active: Board | None = None
        self.baseline: Baseline | None = None
        #: Why the run in progress ended before its time, as long as nothing else was begun.
        self.problem = ""
        self.setup = Setup(workspace.config.batteries.default)
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
        self._looking = False
        self.set_keymap(dict(workspace.config.keys))

    def on_mount(self) -> None:
        # After the first paint: nothing that is slow to import or to read comes before it.
        self.call_after_refresh(self._open)
        self.set_interval(LOOK, self._look_elsewhere)

    # ── what the screens ask ──

    @property
    def model_names(self) -> list[str]:
        return [model.name for model in self.workspace.config.models]

    @property
    def workspace_name(self) -> str:
        """What the database is called, else the folder of config.toml."""
        title = self.workspace.config.catalog.title
        return one_line(self.workspace.root.name if title in ("", UNNAMED) else title)

    def key(self, action: str) -> str:
        """The key of an action, as it is written on the screen."""
        return key_name(self.keys(action).split(",")[0])

    def keys(self, action: str) -> str:
        """The keys of an action, remapped ones included, as Textual names them."""
        return self.workspace.config.keys.get(action, find(action).keys)

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

    def use(self, workspace: Workspace) -> None:
        """Go on with a workspace that has more models than before."""
        self.workspace = workspace

        def takes_in() -> None:
            self.desk.use(workspace)
            self.call_from_thread(self.workers_changed.publish, None)

        self.in_background(takes_in)

    # ── background work ──

    def _hear_worker(self, worker: Model) -> None:
        self.post_message(messages.WorkerChanged(worker.name))

    def _hear_progress(self, run: int, progress: Progress) -> None:
        self.post_message(messages.Progressed(run, progress))

    def set_status(self, text: str) -> None:
        super().set_status(text)
        self.workers_changed.publish(None)

    def _open(self) -> None:
        self.read_styles()

        def opens() -> None:
            self.post_message(messages.StoreOpened(self.desk.newest()))
            _ = self.desk.engine
            _ = self.desk.catalog
            self.post_message(messages.CatalogOpened())
            if not self.is_headless:
                # What is here by now stays. Looking it through for garbage again and again would hold up keys.
                gc.collect()
                gc.freeze()

        self.in_background(opens)

    @on(messages.StoreOpened)
    def _store_opened(self, event: messages.StoreOpened) -> None:
        if self.board is None and event.board is not None:
            self._show(event.board)

    @on(messages.CatalogOpened)
    def _catalog_opened(self) -> None:
        self.workers_changed.publish(None)

    # ── runs ──

    def run_battery(self, setup: Setup | None = None) -> None:
        """Begin a new run, set up so or as the last one was, and show it."""
        if self.desk.running or self.status:
            self.say(f"a run is in progress; {self.key('battery.stop')} pauses it", "warning")
            return
        self.setup = setup or self.setup
        wanted = self.setup
        self.set_status(
            f"Making ready ‘{one_line(wanted.title)}’: reading battery, catalog and model files …"
        )
        self.in_background(lambda: self._hand_over(self.desk.begin(wanted)))

    def resume_run(self) -> None:
        """Ask what is missing in the run that is shown."""
        if self.board is None or self.desk.running or self.status:
            return
        run = self.board.run
        self.set_status(f"Taking up run {run.id} …")
        self.in_background(lambda: self._hand_over(self.desk.reopen(run)))

    def _look_elsewhere(self) -> None:
        """Show what another process has answered in the run that is shown."""
        board = self.board
        if board is None or not board.run.asked_by or self._looking:
            return
        self._looking = True

        def looks() -> None:
            try:
                self.call_from_thread(self._seen_elsewhere, board, *self.desk.news(board))
            finally:
                self._looking = False

        self.in_background(looks)

    def _seen_elsewhere(self, board: Board, run: Run, answers: list[Answer], last: int) -> None:
        ended = board.run.asked_by != run.asked_by
        board.run, board.seen = run, last
        for answer in answers:
            board.put(answer)
        if self.board is board and ended:
            self.board_changed.publish(board)
        elif self.board is board and answers:
            self.answers_stored.publish({answer.position for answer in answers})

    def _hand_over(self, board: Board) -> None:
        _ = self.desk.engine, self.desk.grader
        self.post_message(messages.BoardOpened(board, ask=True))

    def show_run(self, run: Run) -> None:
        """Show another run."""
        if self.active is not None and self.active.run.id == run.id:
            self._show(self.active)
        elif self.board is None or self.board.run.id != run.id:
            self.set_status(f"Opening run {run.id} …")
            self.in_background(lambda: self._open_board(run))

    def _open_board(self, run: Run) -> None:
        from vgpt_probe.tui.board import Board

        self.post_message(messages.BoardOpened(Board.load(self.desk.store, run)))

    def compare_with(self, run: Run | None) -> None:
        """Hold the run that is shown against an earlier one; None ends that."""
        board = self.board
        if run is None or board is None:
            self.baseline = None
            self.board_changed.publish(self.board)
            return
        self.set_status(f"Reading run {run.id} …")

        def compares() -> None:
            from vgpt_probe.tui.board import Baseline, Board

            baseline = Baseline(board, Board.load(self.desk.store, run))
            self.call_from_thread(self._compared, board, baseline)

        self.in_background(compares)

    def _compared(self, board: Board, baseline: Baseline) -> None:
        self.set_status("")
        if self.board is board:
            self.baseline = baseline
            self.board_changed.publish(board)

    @on(messages.BoardOpened)
    def _board_opened(self, event: messages.BoardOpened) -> None:
        from vgpt_probe.tui.pace import Pace

        self.status = ""
        if event.ask:
            self.problem = ""
            self.active = event.board
            self._paces = {model: Pace() for model in event.board.models}
            self._told.clear()
            try:
                self.desk.ask(event.board)
            except ProbeError as fault:
                self.problem = one_line(str(fault))
                self.say(self.problem, "error")
        self._show(event.board)

    def _show(self, board: Board) -> None:
        if self.board is None or self.board.run.id != board.run.id:
            self.baseline = None
        self.board = board
        self.board_changed.publish(board)

    def stop_run(self) -> None:
        """Pause the run in progress."""
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
        problem, fault = getattr(ended, "problem", None), getattr(ended, "fault", None)
        if problem:
            if fault is not None:
                problem = f"{problem}; the details are in {self.log_fault(fault)}"
            self.problem = one_line(problem)
            self.say(f"run {run.id} was stopped: {problem}", "error")
        elif self.active.complete:
            found = self.active.findings
            self.say(
                f"run {run.id} is done: {found:,} {'finding' if found == 1 else 'findings'};"
                f" {self.key('battery.flagged')} shows them alone"
            )
        else:
            self.say(f"run {run.id} is paused; {self.key('battery.resume')} resumes it", "warning")
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
            self.say(
                f"{worker.name} {what}: {worker.problem}. {self.key('battery.reload')} reloads it. Its log: {worker.log}",
                "error",
            )
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
