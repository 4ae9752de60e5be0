"""What the screens share: the catalog, the store, the models, and the run in progress. Knows no widget."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from vgpt_probe.config import Workspace
from vgpt_probe.errors import ModelError, ProbeError

if TYPE_CHECKING:
    from vgpt_probe.catalog import Catalog
    from vgpt_probe.engine.pool import Engine, Model
    from vgpt_probe.pairs.explain import TrainingSet
    from vgpt_probe.pairs.guard import Guard
    from vgpt_probe.runs.grade import Grader
    from vgpt_probe.runs.records import Answer, Mode, Run
    from vgpt_probe.runs.runner import Progress, Runner
    from vgpt_probe.runs.store import Store
    from vgpt_probe.tui.board import Board

EngineFactory = Callable[..., "Engine"]


def real_engine(*given: Any, **options: Any) -> Engine:
    """The engine over llama.cpp and servers, imported when it is made: the first paint does without."""
    from vgpt_probe.engine.pool import Engine

    return Engine(*given, gives_way=True, **options)


class Setup(msgspec.Struct, frozen=True):
    """What a run is made of: ``models`` None for all, ``limit`` None for the whole battery.

    ``subject``: only this name is asked about, in every wording of the battery.
    """

    battery: str
    models: tuple[str, ...] | None = None
    mode: Mode = "generate"
    limit: int | None = None
    subject: str = ""

    @property
    def title(self) -> str:
        """What is asked, in a few words."""
        return self.subject or self.battery


class Desk:
    """Opens things when they are first needed; every method may be called from any thread and may take its time.

    ``on_worker`` and ``on_progress`` are called from background threads.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        engine_factory: EngineFactory,
        store: Store | None,
        on_worker: Callable[[Model], None],
        on_progress: Callable[[int, Progress], None],
    ) -> None:
        self.workspace = workspace
        self.runner: Runner | None = None
        self._engine_factory = engine_factory
        self._store = store
        self._catalog: Catalog | None = None
        self._grader: Grader | None = None
        self._guard: Guard | None = None
        self._training: dict[Path, TrainingSet] = {}
        self._engine: Engine | None = None
        self._outdated = False
        self._on_worker = on_worker
        self._on_progress = on_progress
        # One lock each: reading a large catalog must not keep the screens from the store.
        self._store_lock = threading.Lock()
        self._catalog_lock = threading.Lock()
        self._grader_lock = threading.Lock()
        self._engine_lock = threading.Lock()

    @property
    def store(self) -> Store:
        """The run store. Raises ``StoreError``."""
        from vgpt_probe.runs.open import open_store

        with self._store_lock:
            if self._store is None:
                self._store = open_store(self.workspace)
            return self._store

    @property
    def catalog(self) -> Catalog:
        """The catalog. Raises ``CatalogError``."""
        from vgpt_probe.runs.open import open_catalog

        with self._catalog_lock:
            if self._catalog is None:
                self._catalog = open_catalog(self.workspace)
            return self._catalog

    @property
    def catalog_is_open(self) -> bool:
        return self._catalog is not None

    @property
    def grader(self) -> Grader:
        """What reads and judges answers. Raises ``CatalogError``, ``ConfigError``."""
        from vgpt_probe.runs.grade import open_grader

        with self._grader_lock:
            if self._grader is None:
                self._grader = open_grader(self.workspace, self.catalog)
            return self._grader

    @property
    def guard(self) -> Guard:
        """What keeps pairs out that are held out or teach what is wrong. Raises as ``grader``, and ``BatteryError``."""
        from vgpt_probe.runs.pairing import open_guard

        grader = self.grader
        with self._grader_lock:
            if self._guard is None:
                self._guard = open_guard(self.workspace, self.catalog, grader)
            return self._guard

    def training(self, files: list[Path]) -> list[TrainingSet]:
        """Training files, each read once. Raises ``RecordError``."""
        from vgpt_probe.pairs.explain import load_training

        catalog, phrases = self.catalog, self.grader.phrases
        with self._grader_lock:
            wanted = [path for path in files if path not in self._training]
            if wanted:
                self._training.update(
                    {one.path: one for one in load_training(wanted, catalog, phrases=phrases)}
                )
            return [self._training[path] for path in files if path in self._training]

    @property
    def engine(self) -> Engine:
        """The models; none is loaded before it is asked."""
        with self._engine_lock:
            if self._outdated and self._engine is not None and not self._busy:
                # Every model is planned for anew: threads, shared weights, and what fits into memory together.
                self._engine.close()
                self._engine = None
            if self._engine is None:
                self._outdated = False
                self._engine = self._engine_factory(self.workspace, None, on_state=self._on_worker)
            return self._engine

    @property
    def _busy(self) -> bool:
        return self.running or any(worker.busy for worker in self.workers.values())

    def model(self, name: str) -> Model:
        """What answers for a model. Raises ``ModelError`` for one that has been added while others answer."""
        engine = self.engine
        if name not in engine.workers:
            raise ModelError(
                f"model '{name}' is new", mend="it can be asked as soon as what is being answered has ended"
            )
        return engine[name]

    @property
    def workers(self) -> dict[str, Model]:
        """The workers by model name, empty as long as the engine has not been made."""
        return self._engine.workers if self._engine is not None else {}

    @property
    def running(self) -> bool:
        """Whether a run is in progress."""
        return self.runner is not None and self.runner.alive

    def newest(self) -> Board | None:
        """The newest run of the store, or None."""
        from vgpt_probe.tui.board import Board

        runs = self.store.runs()
        return Board.load(self.store, runs[0]) if runs else None

    def begin(self, setup: Setup) -> Board:
        """Make a new run; ``ask`` starts it."""
        from vgpt_probe.probes.one import subject_battery
        from vgpt_probe.runs.open import open_battery
        from vgpt_probe.runs.runner import create_run
        from vgpt_probe.tui.board import Board

        if setup.subject:
            found = subject_battery(self.workspace.battery_folder, setup.battery, setup.subject, self.catalog)
        else:
            found = open_battery(self.workspace, self.catalog, setup.battery).limited(setup.limit)
        models = list(setup.models) if setup.models is not None else None
        # Whatever can go wrong beforehand does so before a run is written.
        _ = self.engine, self.grader
        run = create_run(self.store, self.workspace, self.catalog, found, models, mode=setup.mode)
        return Board(run, list(found.probes))

    def reopen(self, run: Run) -> Board:
        """Take up an unfinished run, as it stands in the store; ``ask`` goes on with it."""
        from vgpt_probe.runs.runner import check_resumable
        from vgpt_probe.tui.board import Board

        check_resumable(self.store, self.workspace, run)
        return Board.load(self.store, self.store.run(run.id))

    def news(self, board: Board) -> tuple[Run, list[Answer], int]:
        """A run that another process asks: how it stands now, and what has been answered since the board looked."""
        run = self.store.run(board.run.id)
        return run, *self.store.answers_since(run.id, board.seen)

    def ask(self, board: Board) -> None:
        """Put what is unanswered to the models; returns at once."""
        from vgpt_probe.runs.runner import Runner

        number = board.run.id
        self.runner = Runner(
            board.run,
            store=self.store,
            catalog=self.catalog,
            engine=self.engine,
            grader=self.grader,
            listener=lambda progress: self._on_progress(number, progress),
        )
        self.runner.start()

    def broken(self) -> list[Model]:
        """The workers that have died or could not be loaded."""
        return [worker for worker in self.workers.values() if worker.state in ("died", "failed")]

    def reload(self, worker: Model) -> None:
        """Load a broken model again; a run in progress asks it what it still owes."""
        if self.runner is not None and self.runner.alive and worker.name in self.runner.run.models:
            self.runner.retry(worker.name)
        else:
            worker.start()

    def settled(self, worker: Model, seconds: float = 10.0) -> None:
        """Wait until a worker that was told to leave is seen to have left."""
        end = time.monotonic() + seconds
        while worker.state in ("ready", "loading") and time.monotonic() < end:
            time.sleep(0.02)

    def use(self, workspace: Workspace) -> None:
        """Take in the models that a workspace has more of than before, as soon as nothing is being answered.

        What was loaded is unloaded then, for each gets its share of threads and memory by how many there are.
        """
        self.workspace = workspace
        with self._engine_lock:
            self._outdated = self._engine is not None
        if self._outdated:
            _ = self.engine

    def close(self) -> None:
        """Stop the run, unload the models, close the store."""
        if self.runner is not None and self.runner.alive:
            self.runner.stop()
            self.runner.join(5)
        if self.runner is not None and self._store is not None and self._store.read_only is None:
            # A run that was begun and never answered is no run.
            with contextlib.suppress(ProbeError):
                self._store.drop_if_empty(self.runner.run.id)
        if self._engine is not None:
            self._engine.close()
        if self._store is not None:
            self._store.close()
