"""The course of a run for one model: what it is asked, in which order, a part at a time."""

from __future__ import annotations

import itertools
import math
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from vgpt_probe.config import ModelSettings
from vgpt_probe.engine.messages import Answered, Event, Failed, Request, Score, Scored, Turn
from vgpt_probe.engine.pool import Model
from vgpt_probe.errors import ModelError
from vgpt_probe.probes import Probe
from vgpt_probe.runs.calibration import Calibration, calibrate, sample
from vgpt_probe.runs.fingerprint import model_fingerprint
from vgpt_probe.runs.grade import Grader, failed, scored
from vgpt_probe.runs.openings import learn_openings
from vgpt_probe.runs.records import Answer, Openings, Run
from vgpt_probe.runs.store import Store

_serials = itertools.count()

#: Requests of one part, for each that a model answers at a time; the next part follows when half are answered.
PART = 16

#: So often a case is asked whose worker dies over it.
TRIES = 2

#: A sweep does not trust the margin where all known openings together are less likely than this.
COVERED = math.log(0.1)

#: A kind of asking and the positions to be asked; the next line begins when this one is answered.
Line = tuple[Literal["text", "margin"], Sequence[int]]


class Course:
    """One model's way through a run.

    ``owed``: the positions without a stored answer, those whose question failed in an earlier session included (once);
    ``exhausted``: there is nothing more to ask. Each beginning has a serial number of its own, which tells its answers
    from late ones of an attempt that was stopped a moment ago. Lines of requests are handed to the worker in parts, so
    that neither side holds a whole battery of them; a worker waits for the next part rather than leave a slot empty, so
    parts do not change what is asked beside what. What a worker was at when it died is asked first and alone, so that a
    second death is put down to one case.
    """

    def __init__(
        self,
        run: Run,
        model: str,
        worker: Model,
        probes: Sequence[Probe],
        *,
        store: Store,
        grader: Grader,
        listen: Callable[[Event], None],
    ) -> None:
        self.model = model
        self.owed: set[int] = set()
        self._run = run
        self._worker = worker
        self._probes = probes
        self._serial = -1
        self._store = store
        self._grader = grader
        self._listen = listen
        self._openings = run.snapshot.openings
        self._margins: dict[int, float] = {}
        self._calibration: Calibration | None = None
        self._unsure: list[int] = []
        self._lines: Iterator[Line] = iter(())
        self._kind: Literal["text", "margin"] = "text"
        self._queue: deque[int] = deque()
        self._out: set[int] = set()
        self._deaths: Counter[int] = Counter()
        self._suspects: set[int] = set()
        self._begun = False
        self._checked = False
        self._again = store.answered(run.id, model) - store.answered(run.id, model, errors=False)
        self.exhausted = False

    @property
    def request_ids(self) -> list[str]:
        """The requests that are out."""
        return [self._id(position) for position in sorted(self._out)]

    def begin(self) -> None:
        """Ask what has no stored answer, from the start."""
        if self._out:
            # Handed over after the last death, before it was heard of here.
            self._worker.cancel(self.request_ids)
        self._serial = next(_serials)
        answered = self._store.answered(self._run.id, self.model)
        self.owed = set(range(len(self._probes))) - (answered - self._again)
        self._lines = self._plan()
        self._queue.clear()
        self._out.clear()
        self._begun = self._checked = self.exhausted = False
        self.feed()

    def settled(self, position: int) -> None:
        """The answer to a question is in the store."""
        self.owed.discard(position)
        self._again.discard(position)
        self._suspects.discard(position)

    def feed(self) -> None:
        """Hand over the next part, when the worker has answered enough of the last one."""
        part = max(256, PART * max(1, self._worker.settings.parallel))
        while not self._out and not self._queue:
            line = next(self._lines, None)
            if line is None:
                self.exhausted = True
                return
            self._kind = line[0]
            self._queue = deque(sorted(line[1], key=lambda at: at not in self._suspects))
        alone = bool(self._queue) and self._queue[0] in self._suspects
        if not self._queue or len(self._out) > (0 if alone or self._out & self._suspects else part // 2):
            return
        positions = [self._queue.popleft() for _ in range(1 if alone else min(part, len(self._queue)))]
        self._out.update(positions)
        settings, more = self._worker.settings, bool(self._queue) and not alone
        if self._kind == "margin":
            self._worker.score(
                [self._score_request(at, settings) for at in positions], self._listen, more=more
            )
            return
        watched = not self._run.snapshot.full
        reader = self._grader.read_with if watched and not self._begun else None
        self._begun = True
        requests = [
            probe_request(self._probes[at], settings, id=self._id(at), watched=watched) for at in positions
        ]
        self._worker.ask(requests, self._listen, more=more, reader=reader)

    def died(self, message: str, at: Iterable[str]) -> list[Answer]:
        """The worker has died over these requests; return the errors of those that it died over once before."""
        over = [position for position in map(self._position, at) if position is not None]
        self._deaths.update(over)
        self._suspects.update(over)
        what = f"its model stopped each of the {TRIES} times that this was asked: {message}"
        return [
            failed(what, run=self._run.id, model=self.model, position=position)
            for position in over
            if self._deaths[position] >= TRIES
        ]

    def take(self, said: Answered | Scored | Failed) -> Answer | None:
        """Take in what came back; return the answer to be stored, if it is one.

        Raises ``ModelError`` when the file that was loaded is not the one that the run was started with.
        """
        position = self._position(said.id)
        if position is None:
            return None
        kind = self._kind
        self._out.discard(position)
        if not self._checked:
            self._check_file()
        probe = self._probes[position]
        if isinstance(said, Failed):
            if said.stopped or (kind == "margin" and self._run.snapshot.mode in ("both", "sweep")):
                # It goes without a margin: a text is asked for all the same.
                if not said.stopped:
                    self._unsure.append(position)
                return None
            return failed(said.message, run=self._run.id, model=self.model, position=position)
        if isinstance(said, Scored):
            return self._weigh(probe, position, said)
        if said.stop == "stopped":
            # Half an answer is none: the probe is asked again when the run is resumed.
            return None
        return self._grader.grade(
            probe,
            said.text,
            run=self._run.id,
            model=self.model,
            position=position,
            margin=self._margins.pop(position, None),
            prompt_tokens=said.prompt_tokens,
            tokens=said.tokens,
            first_token_seconds=said.first_token_seconds,
            seconds=said.seconds,
            stop=said.stop,
        )

    def _check_file(self) -> None:
        """The file may have been replaced between the start of the run and its loading, which is over by now."""
        self._checked = True
        settings = self._worker.settings
        [asked] = [one for one in self._run.snapshot.models if one.name == self.model]
        if not settings.url and (
            self._worker.stale or model_fingerprint(settings, self._store) != asked.fingerprint
        ):
            raise ModelError(
                f"the file of model '{self.model}' was changed after run {self._run.id} was started",
                mend="start a new run; answers of two models must not mix",
            )

    def _plan(self) -> Iterator[Line]:
        mode = self._run.snapshot.mode
        owed = sorted(self.owed)
        if mode == "generate":
            yield "text", owed
        elif mode == "score":
            yield "margin", owed
        elif mode == "both":
            yield "margin", [at for at in owed if at not in self._margins]
            yield "text", sorted(self.owed)
        else:
            yield from self._sweep()

    def _sweep(self) -> Iterator[Line]:
        """Generate a sample, learn from it, score the rest, and generate only what its margin does not tell."""
        first = sample(self._probes)
        yield "text", [at for at in first if at in self.owed]
        known = self._known(first)
        if not any(self._openings.values()):
            self._openings = sweep_openings(known)
        unweighed = [answer.position for _, answer in known if answer.margin is None]
        yield "margin", unweighed
        weighed = [
            msgspec.structs.replace(answer, margin=self._margins.pop(answer.position, None))
            for _, answer in known
            if answer.margin is None
        ]
        self._store.replace_verdicts(weighed)
        self._calibration = calibrate(self._known(first), self._run.snapshot.undecided)
        told = {
            at for at in self.owed if self._calibration.threshold(self._probes[at].wording) is not None
        }
        self._unsure = sorted(self.owed - told)
        yield "margin", sorted(told)
        yield "text", sorted(self._unsure)

    def _known(self, positions: Sequence[int]) -> list[tuple[Probe, Answer]]:
        wanted = set(positions)
        return [
            (self._probes[answer.position], answer)
            for answer in self._store.answers_of(self._run.id, self.model, wanted)
        ]

    def _weigh(self, probe: Probe, position: int, said: Scored) -> Answer | None:
        """Keep a margin for the answer that it belongs to, or make it the answer."""
        predicted = scored(probe, said.margin, run=self._run.id, model=self.model, position=position)
        if self._run.snapshot.mode == "score":
            return predicted
        if self._calibration is not None:
            covered = max(said.denial, said.affirmation) > COVERED
            if covered and self._calibration.certain(probe.wording, said.margin):
                return predicted
            self._unsure.append(position)
        self._margins[position] = said.margin
        return None

    def _score_request(self, position: int, settings: ModelSettings) -> Score:
        probe = self._probes[position]
        openings = self._openings.get(probe.act) or self._openings.get("") or Openings()
        asked = probe_request(probe, settings, id="")
        return Score(
            self._id(position, "margin"), asked.turns, *openings.of(probe.subject), cut=openings.cut
        )

    def _position(self, id: str) -> int | None:
        """The position that a request of this attempt asks, while it is out; None for any other."""
        *ours, position = id.rsplit("-", 3)
        if ours != [f"run {self._run.id}", self._kind, str(self._serial)]:
            return None
        return int(position) if int(position) in self._out else None

    def _id(self, position: int, kind: str | None = None) -> str:
        return f"run {self._run.id}-{kind or self._kind}-{self._serial}-{position}"


def sweep_openings(known: Sequence[tuple[Probe, Answer]]) -> dict[str, Openings]:
    """Learn openings from a sample, for each act and for all; a side that is too rare keeps the built-in ones."""
    told: dict[str, list[tuple[Probe, Answer]]] = {"": list(known)}
    for probe, answer in known:
        told.setdefault(probe.act, []).append((probe, answer))
    learnt = {act: learn_openings(rows, least=3, fall_back=not act) for act, rows in told.items()}
    return {act: openings for act, openings in learnt.items() if openings is not None}


def probe_request(probe: Probe, settings: ModelSettings, *, id: str, watched: bool = False) -> Request:
    """Make the request that puts a probe to a model under the model's own settings.

    ``watched``: its answer may end as soon as its stance is settled.
    """
    asked = chat_request([Turn("user", probe.question)], settings, id=id)
    return msgspec.structs.replace(asked, subject=probe.subject) if watched else asked


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
        stop_strings=settings.stop_strings,
    )
