"""The runner: puts a run's unanswered probes to its models, grades and stores what comes back."""

from __future__ import annotations

import itertools
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
from vgpt_probe.engine.messages import Answered, Died, Event, Failed, Request, Score, Scored, Turn
from vgpt_probe.engine.pool import Engine
from vgpt_probe.errors import ModelError, ProbeError
from vgpt_probe.probes import Battery, Probe
from vgpt_probe.runs.fingerprint import model_fingerprint
from vgpt_probe.runs.grade import Grader, failed, scored
from vgpt_probe.runs.openings import stored_openings
from vgpt_probe.runs.records import Answer, Mode, Openings, Run, RunModel, Snapshot
from vgpt_probe.runs.store import Store

_serials = itertools.count()

#: Answers that arrive within this time (seconds) are committed together.
GATHER = 0.05


class AnswersStored(msgspec.Struct, frozen=True):
    """These answers are durable now."""

    answers: tuple[Answer, ...]


class ModelStopped(msgspec.Struct, frozen=True):
    """A model's worker is gone; its unanswered probes wait for ``Runner.retry`` or a resume."""

    model: str
    message: str


class RunEnded(msgspec.Struct, frozen=True):
    """Nothing more will come: ``state`` is ``done`` or ``stopped``; ``problem`` names a fault of the run itself."""

    state: str
    problem: str | None = None


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
) -> Run:
    """Write a new run with a snapshot of all that decides its outcome.

    ``mode``: generate answers, only score denial margins, or both; ``exact``: each question evaluated alone.

    Raises ``ModelError`` when a model's file cannot be read.
    """
    settings = workspace.models(models)
    snapshot = Snapshot(
        battery=battery.fingerprint,
        catalog=catalog.fingerprint,
        models=tuple(
            RunModel(one.name, one.stage, model_fingerprint(one, store), _deciding(one)) for one in settings
        ),
        stages=tuple(workspace.stages),
        parents={stage.name: stage.parent for stage in workspace.config.stages if stage.parent},
        mode=mode,
        exact=exact,
        openings={} if mode == "generate" else _openings(workspace, store),
        versions=_versions(),
    )
    return store.run(store.create_run(battery, snapshot))


def check_resumable(store: Store, workspace: Workspace, run: Run) -> None:
    """Check that a run's models are still what they were.

    Raises ``ModelError`` when a file or a deciding setting has changed, ``UsageError`` when one is gone.
    """
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
            if was.get(key) != value:
                raise ModelError(
                    f"{key} of model '{known.name}' has changed since run {run.id} was started",
                    mend="set it back in config.toml, or start a new run",
                )


class Runner:
    """One run in progress, in a thread of its own.

    ``listener`` is called from that thread with each ``AnswersStored``, ``ModelStopped`` and finally
    ``RunEnded``; it hands over and returns.
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
    ) -> None:
        self.run = run
        self._store = store
        self._grader = grader or Grader(catalog)
        self._engine = engine
        self._listener = listener
        self._probes = store.probes(run.id)
        self._events: SimpleQueue[tuple[str, Event] | str] = SimpleQueue()
        self._serial = next(_serials)
        self._scores: dict[tuple[str, int], Scored] = {}
        self._unscored: dict[str, set[int]] = {}
        self._pending: dict[str, set[int]] = {}
        self._down: set[str] = set()
        self._stopping = False
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
        try:
            if self.run.snapshot.exact and not all(self._engine[model].exact for model in self.run.models):
                raise ModelError(
                    f"run {self.run.id} asks each question alone",
                    mend=f"go on with: vgpt-probe run --resume {self.run.id}",
                )
            self._store.set_state(self.run.id, "running")
            for model in self.run.models:
                self._ask(model)
            while any(self._pending.values()) and not self._stopping:
                self._handle(self._gather())
                if all(model in self._down for model, owed in self._pending.items() if owed):
                    break
            done = not any(self._pending.values())
            self._store.set_state(self.run.id, "done" if done else "stopped")
            self._listener(RunEnded("done" if done else "stopped"))
        except Exception as fault:
            for model in self.run.models:
                self._engine[model].cancel(self._request_ids(model))
            # A fault of our own must end the run with a word too, not leave it hanging in silence.
            known = isinstance(fault, ProbeError)
            self._listener(RunEnded("stopped", str(fault) if known else f"{type(fault).__name__}: {fault}"))

    def _ask(self, model: str) -> None:
        settings = self._engine[model].settings
        owed = sorted(set(range(len(self._probes))) - self._store.answered(self.run.id, model))
        self._pending[model] = set(owed)
        self._down.discard(model)
        if not owed:
            return
        unscored = {position for position in owed if (model, position) not in self._scores}
        self._unscored[model] = unscored if self._mode != "generate" else set()
        if self._unscored[model]:
            requests = [self._score_request(position, settings) for position in sorted(unscored)]
            self._engine[model].score(requests, self._listen(model))
        else:
            self._ask_text(model)

    def _ask_text(self, model: str) -> None:
        settings = self._engine[model].settings
        requests = [
            probe_request(self._probes[at], settings, id=self._request_id(at))
            for at in sorted(self._pending[model])
        ]
        self._engine[model].ask(requests, self._listen(model))

    def _listen(self, model: str) -> Callable[[Event], None]:
        return lambda event: self._events.put((model, event))

    @property
    def _mode(self) -> Mode:
        return self.run.snapshot.mode

    def _score_request(self, position: int, settings: ModelSettings) -> Score:
        probe = self._probes[position]
        known = self.run.snapshot.openings
        openings = known.get(probe.act) or known.get("") or Openings()
        asked = probe_request(probe, settings, id="")
        return Score(f"score-{self._request_id(position)}", asked.turns, *openings.of(probe.subject))

    def _request_id(self, position: int) -> str:
        # The serial tells this attempt's answers from late ones of an attempt that was stopped a moment ago.
        return f"run-{self.run.id}-{self._serial}-{position}"

    def _request_ids(self, model: str) -> list[str]:
        asked = [self._request_id(position) for position in self._pending.get(model, ())]
        return asked + [f"score-{name}" for name in asked]

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
                for model in self.run.models:
                    self._engine[model].cancel(self._request_ids(model))
            elif isinstance(event, str):
                self._ask(event)
            else:
                model, said = event
                if isinstance(said, Died):
                    self._down.add(model)
                    stopped.append(ModelStopped(model, said.message))
                elif isinstance(said, Answered | Scored | Failed) and (answer := self._judge(model, said)):
                    answers.append(answer)
        if answers:
            self._store.add_answers(answers)
            for answer in answers:
                self._pending[answer.model].discard(answer.position)
            self._listener(AnswersStored(tuple(answers)))
        for message in stopped:
            self._listener(message)

    def _judge(self, model: str, said: Answered | Scored | Failed) -> Answer | None:
        position = int(said.id.rsplit("-", 1)[1])
        if self._mode == "both" and said.id.startswith("score-"):
            self._keep_score(model, position, said)
            return None
        if isinstance(said, Failed):
            if said.stopped:
                return None
            return failed(said.message, run=self.run.id, model=model, position=position)
        if isinstance(said, Scored):
            return scored(
                self._probes[position], said.margin, run=self.run.id, model=model, position=position
            )
        if said.stop == "stopped":
            # Half an answer is none: the probe is asked again when the run is resumed.
            return None
        return self._grader.grade(
            self._probes[position],
            said.text,
            run=self.run.id,
            model=model,
            position=position,
            margin=margin.margin if (margin := self._scores.pop((model, position), None)) else None,
            prompt_tokens=said.prompt_tokens,
            tokens=said.tokens,
            first_token_seconds=said.first_token_seconds,
            seconds=said.seconds,
            stop=said.stop,
        )

    def _keep_score(self, model: str, position: int, said: Answered | Scored | Failed) -> None:
        """Remember a margin until the answer that it belongs to; after the last one the answers are asked for."""
        if isinstance(said, Scored):
            self._scores[model, position] = said
        self._unscored[model].discard(position)
        if not self._unscored[model] and not self._stopping:
            self._ask_text(model)


def probe_request(probe: Probe, settings: ModelSettings, *, id: str) -> Request:
    """Make the request that puts a probe to a model under the model's own settings."""
    return chat_request([Turn("user", probe.question)], settings, id=id)


def chat_request(turns: list[Turn], settings: ModelSettings, *, id: str, stream: bool = False) -> Request:
    """Make the request for the next turn of a conversation; the system prompt is put before it."""
    system = [Turn("system", settings.system_prompt)] if settings.system_prompt else []
    return Request(
        id=id,
        turns=(*system, *turns),
        max_tokens=settings.max_tokens,
        temperature=settings.temperature,
        top_p=settings.top_p,
        seed=settings.seed,
        stream=stream,
    )


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
    return {key: getattr(settings, key) for key in (*keys, *served)}


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
