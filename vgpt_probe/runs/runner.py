"""The runner: puts a run's unanswered probes to its models, grades and stores what comes back."""

from __future__ import annotations

import contextlib
import os
import platform
import threading
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from queue import Empty, SimpleQueue

import msgspec

from vgpt_probe import __version__
from vgpt_probe.catalog import Catalog
from vgpt_probe.config import ModelSettings, Workspace
from vgpt_probe.engine.messages import Answered, Died, Event, Failed, Scored
from vgpt_probe.engine.pool import Engine
from vgpt_probe.errors import ModelError, ProbeError
from vgpt_probe.log import note
from vgpt_probe.probes import Battery
from vgpt_probe.runs.course import Course, chat_request, probe_request
from vgpt_probe.runs.fingerprint import model_fingerprint
from vgpt_probe.runs.grade import Grader
from vgpt_probe.runs.openings import stored_openings
from vgpt_probe.runs.records import Answer, Mode, Openings, Run, RunModel, Snapshot
from vgpt_probe.runs.store import Store, asked_elsewhere

#: Answers that arrive within this time (seconds) are committed together.
GATHER = 0.05


class AnswersStored(msgspec.Struct, frozen=True):
    """These answers are durable now."""

    answers: tuple[Answer, ...]


class ModelStopped(msgspec.Struct, frozen=True):
    """A model's worker is gone; its unanswered probes wait for ``Runner.retry`` or a resume.

    ``again``: the runner has it loaded again by itself.
    """

    model: str
    message: str
    again: bool = False


class RunEnded(msgspec.Struct, frozen=True):
    """Nothing more will come: ``state`` is ``done`` or ``stopped``; ``problem`` names a fault of the run itself.

    ``fault`` is set when that fault is one of ours.
    """

    state: str
    problem: str | None = None
    fault: Exception | None = None


Progress = AnswersStored | ModelStopped | RunEnded


def create_run(
    store: Store,
    workspace: Workspace,
    catalog: Catalog,
    battery: Battery,
    models: list[str] | None,
    *,
    mode: Mode = "generate",
    exact: bool = False,
    full: bool | None = None,
) -> Run:
    """Write a new run with a snapshot of all that decides its outcome.

    ``mode``: generate answers, only score denial margins, both, or sweep: score all and generate what the margin does
    not tell; ``exact``: each question evaluated alone; ``full``: each answer generated to its end (None: as
    config.toml says).

    Raises ``ModelError`` when a model's file cannot be read.
    """
    settings = workspace.models(models)
    snapshot = Snapshot(
        battery=battery.fingerprint,
        catalog=catalog.fingerprint,
        models=tuple(
            RunModel(one.name, one.stage, model_fingerprint(one, store), _deciding(one), _batching(one))
            for one in settings
        ),
        stages=tuple(workspace.stages),
        parents={stage.name: stage.parent for stage in workspace.config.stages if stage.parent},
        mode=mode,
        exact=exact,
        full=workspace.config.engine.full_answers if full is None else full,
        undecided=workspace.config.scoring.undecided,
        openings={} if mode == "generate" else _openings(workspace, store),
        versions=_versions(),
    )
    return store.run(store.create_run(battery, snapshot))


def check_resumable(store: Store, workspace: Workspace, run: Run) -> list[str]:
    """Check that a run's models are still what they were; return what else has changed, in words.

    Greedy text can depend on how questions are batched: other batching is no fault, but worth a word.

    Raises ``ModelError`` when a file or a deciding setting has changed, ``UsageError`` when one is gone or another
    process asks this run right now.
    """
    if run.asked_by:
        raise asked_elsewhere(run.id, run.asked_by)
    changed = []
    for known in run.snapshot.models:
        [now] = workspace.models([known.name])
        if model_fingerprint(now, store) != known.fingerprint:
            what = "what is served as" if now.url else "the file of"
            raise ModelError(
                f"{what} model '{known.name}' has changed since run {run.id} was started",
                mend="start a new run; answers of two models must not mix",
            )
        was = known.settings
        for key, value in _deciding(now).items():
            # What is empty may be missing: a setting that came later.
            if (was.get(key) or None) != (value or None):
                raise ModelError(
                    f"{key} of model '{known.name}' has changed since run {run.id} was started",
                    mend="set it back in config.toml, or start a new run",
                )
        for key, value in _batching(now).items():
            if key in known.batching and known.batching[key] != value:
                changed.append(
                    f"{key} of model '{known.name}' was {known.batching[key]} when run {run.id} was started and is"
                    f" {value} now; near-ties can turn out another way"
                )
    return changed


class Runner:
    """One run in progress, in a thread of its own.

    A worker that dies is loaded again ``restarts`` times by the runner itself. What it was at when it died is asked
    once more, then it gets the verdict ``error``. ``listener`` is called from that thread with each ``AnswersStored``,
    ``ModelStopped`` and finally ``RunEnded``; it hands over and returns.
    """

    def __init__(
        self,
        run: Run,
        *,
        store: Store,
        catalog: Catalog,
        engine: Engine,
        listener: Callable[[Progress], None],
        grader: Grader | None = None,
        restarts: int = 0,
    ) -> None:
        self.run = run
        self._store = store
        self._grader = grader or Grader(catalog)
        self._engine = engine
        self._listener = listener
        self._probes = store.probes(run.id)
        self._events: SimpleQueue[tuple[str, Event] | str] = SimpleQueue()
        self._courses = {
            model: Course(
                run,
                model,
                engine[model],
                self._probes,
                store=store,
                grader=self._grader,
                listen=self._listen(model),
            )
            for model in run.models
        }
        self._down: set[str] = set()
        self._restarts = dict.fromkeys(run.models, restarts)
        self._stopping = False
        self._first: float | None = None
        self._last = 0.0
        self._timed = 0
        self._thread = threading.Thread(target=self._work, name=f"run {run.id}", daemon=True)

    def start(self) -> None:
        """Ask every model what it has not answered yet; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Stop asking; what is stored stays, the run can be resumed."""
        self._events.put("stop")

    def retry(self, model: str) -> None:
        """Load a stopped model again and ask what it still owes."""
        self._events.put(model)

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end, at most ``timeout`` seconds."""
        self._thread.join(timeout)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def _work(self) -> None:
        claimed = False
        try:
            self._store.claim(self.run.id)
            claimed = True
            note("run begins", run=self.run.id, battery=self.run.battery, models=", ".join(self.run.models))
            if self.run.snapshot.exact and not all(self._engine[model].exact for model in self.run.models):
                raise ModelError(
                    f"run {self.run.id} asks each question alone",
                    mend=f"go on with: vgpt-probe run --resume {self.run.id}",
                )
            for course in self._courses.values():
                course.begin()
            while any(course.owed for course in self._courses.values()) and not self._stopping:
                if all(
                    course.exhausted or course.model in self._down
                    for course in self._courses.values()
                    if course.owed
                ):
                    break
                self._handle(self._gather())
            if self._timed:
                self._store.keep_session(self.run.id, self._timed, self._last - (self._first or 0.0))
            done = not any(course.owed for course in self._courses.values())
            self._store.set_state(self.run.id, "done" if done else "stopped")
            note("run ends", run=self.run.id, state="done" if done else "stopped")
            self._listener(RunEnded("done" if done else "stopped"))
        except Exception as fault:
            self._cancel()
            if claimed:
                # Where even this cannot be written, the run is taken for interrupted once this process is gone.
                with contextlib.suppress(Exception):
                    self._store.set_state(self.run.id, "stopped")
            # A fault of our own must end the run with a word too, not leave it hanging in silence.
            known = isinstance(fault, ProbeError)
            problem = str(fault) if known else f"{type(fault).__name__}: {fault}"
            note("run ends", level="error", run=self.run.id, state="stopped", problem=problem)
            self._listener(RunEnded("stopped", problem, None if known else fault))

    def _listen(self, model: str) -> Callable[[Event], None]:
        return lambda event: self._events.put((model, event))

    def _cancel(self) -> None:
        for model, course in self._courses.items():
            self._engine[model].cancel(course.request_ids)

    def _gather(self) -> list[tuple[str, Event] | str]:
        """Wait for one event, then take all that come within a moment."""
        events = [self._events.get()]
        until = time.monotonic() + GATHER
        while (left := until - time.monotonic()) > 0:
            try:
                events.append(self._events.get(timeout=left))
            except Empty:
                break
        return events

    def _handle(self, events: list[tuple[str, Event] | str]) -> None:
        answers: list[Answer] = []
        stopped: list[ModelStopped] = []
        for event in events:
            if event == "stop":
                self._stopping = True
                self._cancel()
            elif isinstance(event, str):
                self._down.discard(event)
                self._courses[event].begin()
            else:
                model, said = event
                if isinstance(said, Died):
                    note("model stopped", level="error", run=self.run.id, model=model, problem=said.message)
                    stopped.append(self._died(model, said, answers))
                elif isinstance(said, Answered | Scored | Failed) and (
                    answer := self._courses[model].take(said)
                ):
                    answers.append(answer)
        if answers:
            self._store.add_answers(answers)
            self._time(len(answers))
            for answer in answers:
                if answer.verdict == "error":
                    case = self._probes[answer.position].id
                    note(
                        "case failed",
                        level="warning",
                        run=self.run.id,
                        model=answer.model,
                        case=case,
                        problem=answer.reason,
                    )
            for answer in answers:
                self._courses[answer.model].settled(answer.position)
            self._listener(AnswersStored(tuple(answers)))
        for message in stopped:
            self._listener(message)
            if message.again:
                self._courses[message.model].begin()
        if not self._stopping:
            for model, course in self._courses.items():
                if model not in self._down:
                    course.feed()

    def _died(self, model: str, said: Died, answers: list[Answer]) -> ModelStopped:
        """A model's worker is gone: give up what it died over twice, and see whether it is loaded again."""
        again = False
        # One that could not be loaded, or was unloaded, died over no case; a server has retries of its own. What the
        # worker is by now says nothing of that: somebody may have had it loaded again.
        if said.by_itself:
            answers += self._courses[model].died(said.message, said.at)
            again = self._restarts[model] > 0 and not self._stopping
        if again:
            self._restarts[model] -= 1
        else:
            self._down.add(model)
            # Whoever had it loaded again has done so for these, too.
            self._engine[model].cancel(self._courses[model].request_ids)
        return ModelStopped(model, said.message, again)

    def _time(self, count: int) -> None:
        """Count answers from the first ones on; what came with those had to wait for the models to load."""
        self._last = time.monotonic()
        if self._first is None:
            self._first = self._last
        else:
            self._timed += count


def _openings(workspace: Workspace, store: Store) -> dict[str, Openings]:
    """The workspace's own openings, else those learnt from stored answers, by act."""
    own = workspace.config.scoring
    if own.denials:
        return {"": Openings(tuple(own.denials), tuple(own.affirmations))}
    return stored_openings(store)


def _deciding(settings: ModelSettings) -> dict[str, object]:
    """The settings that an answer's text depends on."""
    keys = ("max_tokens", "temperature", "top_p", "seed", "system_prompt", "chat_template", "context", "kv_cache")
    served = ("url", "model") if settings.url else ()
    # As the store gives it back.
    endings = {"stop_strings": list(settings.stop_strings)}
    return {key: getattr(settings, key) for key in (*keys, *served)} | endings


def _batching(settings: ModelSettings) -> dict[str, int]:
    """What decides how questions are evaluated beside each other, on which near-ties in greedy text can depend."""
    keys = ("parallel", "batch", "threads", "gpu_layers")
    return {key: getattr(settings, key) for key in keys} | {"cores": os.cpu_count() or 1}


def _versions() -> dict[str, str]:
    versions = {"vgpt_probe": __version__, "python": platform.python_version()}
    for package in ("llama-cpp-python", "sqlglot"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions


__all__ = [
    "AnswersStored",
    "ModelStopped",
    "Progress",
    "RunEnded",
    "Runner",
    "chat_request",
    "check_resumable",
    "create_run",
    "probe_request",
]
