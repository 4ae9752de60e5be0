"""``bench``: the engine against the plain llama-cpp-python loop, interleaved, as ratios."""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import msgspec

from vgpt_probe.commands import output
from vgpt_probe.config import ModelSettings, Workspace
from vgpt_probe.engine.frames import read_frame, write_frame
from vgpt_probe.engine.messages import (
    Answered,
    Counted,
    Event,
    LoopDone,
    LoopStart,
    Piece,
    Request,
    Score,
    Scored,
)
from vgpt_probe.engine.pool import Engine
from vgpt_probe.engine.process import environment
from vgpt_probe.errors import DONE, ModelError, UsageError
from vgpt_probe.files import is_file
from vgpt_probe.probes import Probe
from vgpt_probe.runs.course import probe_request, sweep_openings
from vgpt_probe.runs.records import Answer, Openings

#: For a file that holds no chat template, where none is given.
PLAIN_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}assistant:"
)

#: The modes in the order in which a round takes them.
MODES = ("generate", "early_stop", "score", "sweep")


class Round(msgspec.Struct, frozen=True):
    """One mode in one round: ``prompts`` in ``seconds``; ``evaluated`` tokens; share of the time in ``llama_decode``."""

    prompts: int
    seconds: float
    evaluated: int
    decode_share: float | None = None

    @property
    def speed(self) -> float:
        """Prompts per second."""
        return self.prompts / self.seconds


def bench(workspace: Workspace, options: Namespace) -> int:
    """Measure and print the ratios; progress goes to standard error.

    Raises ``ModelError`` when the model cannot be loaded, ``UsageError`` when it is a served one.
    """
    from vgpt_probe.runs.grade import open_grader
    from vgpt_probe.runs.open import open_battery, open_catalog

    catalog = open_catalog(workspace)
    grader = open_grader(workspace, catalog)
    battery = open_battery(workspace, catalog, options.battery)
    workspace = _only(workspace, options)
    [settings] = workspace.models()
    asked = battery.limited(options.prompts)
    told: dict[str, Any] = {}
    engine = Engine(workspace)
    worker = engine[settings.name]
    rounds: dict[str, list[Round]] = {"loop": [], **{mode: [] for mode in MODES}}
    try:
        began = time.perf_counter()
        first = probe_request(asked.probes[0], settings, id="first")
        events: SimpleQueue[Event] = SimpleQueue()
        worker.ask([msgspec.structs.replace(first, stream=True)], events.put)
        while isinstance(event := events.get(), Piece):
            told.setdefault("first_token_seconds", round(time.perf_counter() - began, 3))
        if not isinstance(event, Answered):
            raise ModelError(f"the model gave no answer: {getattr(event, 'message', event)}")
        with _loop(settings, worker.threads) as loop:
            full = [probe_request(one, settings, id=str(at)) for at, one in enumerate(asked.probes)]
            watched = [msgspec.structs.replace(one, subject=p.subject) for one, p in zip(full, asked.probes)]  # noqa: B905
            loop(full[:2])
            _measure(worker, watched[:2], grader.read_with)
            scores: list[Score] = []
            for number in range(options.rounds):
                output.say(f"round {number + 1} of {options.rounds}: {len(full)} prompts")
                rounds["loop"].append(loop(full))
                done, answers = _measure(worker, full, None)
                rounds["generate"].append(done)
                done, stopped = _measure(worker, watched, grader.read_with)
                rounds["early_stop"].append(done)
                graded = [
                    [grader.grade(probe, said[str(at)].text) for at, probe in enumerate(asked.probes)]
                    for said in (answers, stopped)
                ]
                if not scores:
                    told["verdicts_unchanged_by_early_stop"] = _same(*graded)
                    scores, told["openings"] = _scores(asked.probes, graded[0], full)
                rounds["score"].append(_measure(worker, scores, None)[0])
                if not options.no_sweep:
                    rounds["sweep"].append(_sweep(workspace, engine, catalog, grader, battery, told))
    finally:
        engine.close()
    _tell(settings, rounds, told, len(full), worker.threads, options)
    return DONE


def _only(workspace: Workspace, options: Namespace) -> Workspace:
    """The workspace with nothing but the model that is measured."""
    config = workspace.config
    # Complains of a name that config.toml does not have.
    [wanted] = workspace.models([options.model or config.models[0].name])
    model = next(one for one in config.models if one.name == wanted.name)
    if model.url:
        raise UsageError("a served model cannot be measured", mend="name a model with a 'path'")
    changes: dict[str, Any] = {}
    if options.gguf:
        if not is_file(options.gguf):
            raise UsageError(f"no such file: {options.gguf}")
        changes |= {"name": options.gguf.stem[:60], "path": str(options.gguf.resolve()), "adapter": "", "stage": ""}
    if options.max_tokens:
        changes["max_tokens"] = options.max_tokens
    if options.stop_string:
        changes["stop_strings"] = tuple(one.replace("\\n", "\n") for one in options.stop_string)
    if options.parallel:
        changes["parallel"] = options.parallel
    model = msgspec.structs.replace(model, **changes)
    template = options.chat_template
    if not template and not model.chat_template and not _has_template(workspace.root / model.path):
        folder = Path(tempfile.mkdtemp(prefix="vgpt_probe"))
        template = folder / "plain.jinja"
        template.write_text(PLAIN_TEMPLATE, encoding="utf-8")
        output.say("the file holds no chat template: a plain one is used")
    if template:
        model = msgspec.structs.replace(model, chat_template=str(Path(template).resolve()))
    config = msgspec.structs.replace(config, models=[model])
    return Workspace(config, workspace.path, workspace.state)


def _has_template(path: Path) -> bool:
    from vgpt_probe.engine.gguf_file import read_gguf

    return read_gguf(path).chat_template


@contextlib.contextmanager
def _loop(settings: ModelSettings, threads: int) -> Iterator[Any]:
    """Start the plain loop; yields a function that answers requests one by one and returns the ``Round``."""
    process = subprocess.Popen(
        [sys.executable, "-m", "vgpt_probe.engine.loop"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        env=environment(crowded=False),
    )
    assert process.stdin is not None and process.stdout is not None
    start = LoopStart(
        settings.path, settings.chat_template, settings.context, threads, settings.batch, settings.gpu_layers
    )

    def exchange(message: Any) -> LoopDone:
        assert process.stdin is not None and process.stdout is not None
        write_frame(process.stdin, msgspec.msgpack.encode(message))
        data = read_frame(process.stdout)
        if data is None:
            raise ModelError("the plain llama-cpp-python loop has died")
        return msgspec.msgpack.decode(data, type=LoopDone)

    def answer(requests: Sequence[Request]) -> Round:
        done = exchange(list(requests))
        return Round(len(requests), done.seconds, done.evaluated)

    try:
        exchange(start)
        yield answer
    finally:
        process.stdin.close()
        process.kill()
        process.wait()
        process.stdout.close()


def _count(worker: Any) -> Counted:
    events: SimpleQueue[Event] = SimpleQueue()
    worker.count(events.put)
    counted = events.get()
    if not isinstance(counted, Counted):
        raise ModelError(f"the model stopped: {getattr(counted, 'message', counted)}")
    return counted


def _measure(worker: Any, requests: Sequence[Request | Score], reader: Any) -> tuple[Round, dict[str, Any]]:
    """Put requests to a worker; return the round and what came back by id."""
    events: SimpleQueue[Event] = SimpleQueue()
    before = _count(worker)
    began = time.perf_counter()
    if isinstance(requests[0], Score):
        worker.score(requests, events.put)
    else:
        worker.ask(requests, events.put, reader=reader)
    said: dict[str, Any] = {}
    while len(said) < len(requests):
        event = events.get()
        if not isinstance(event, Answered | Scored):
            raise ModelError(f"a question went unanswered: {getattr(event, 'message', event)}")
        said[event.id] = event
    seconds = time.perf_counter() - began
    return _round(len(requests), seconds, before, _count(worker)), said


def _round(prompts: int, seconds: float, before: Counted, after: Counted) -> Round:
    share = (after.decode_seconds - before.decode_seconds) / max(1e-9, after.busy_seconds - before.busy_seconds)
    return Round(prompts, seconds, after.evaluated - before.evaluated, share)


def _scores(
    probes: Sequence[Probe], graded: Sequence[Answer], requests: Sequence[Request]
) -> tuple[list[Score], dict[str, Any]]:
    """The prompts to be scored, with the openings that the generated answers teach, else the built-in ones."""
    learnt = sweep_openings(list(zip(probes, graded, strict=True)))
    scores = []
    sides = []
    for probe, request in zip(probes, requests, strict=True):
        openings = learnt.get(probe.act) or learnt.get("") or Openings()
        if min(len(openings.denials), len(openings.affirmations)) < 2:
            openings = learnt.get("") or Openings()
        sides.append((len(openings.denials), len(openings.affirmations)))
        scores.append(Score(request.id, request.turns, *openings.of(probe.subject), cut=openings.cut))
    return scores, {
        "learnt": bool(learnt),
        "denials": statistics.mean(one for one, _ in sides),
        "affirmations": statistics.mean(other for _, other in sides),
    }


def _sweep(
    workspace: Workspace, engine: Engine, catalog: Any, grader: Any, battery: Any, told: dict[str, Any]
) -> Round:
    """Run the whole battery as a two-step sweep into a store of its own; the first time, compare with generating all."""
    from vgpt_probe.runs.runner import RunEnded, Runner, create_run
    from vgpt_probe.runs.store import Store

    [name] = engine.workers
    with tempfile.TemporaryDirectory(prefix="vgpt_probe") as folder:
        store = Store(Path(folder) / "bench.db")

        def answers(mode: Any, full: bool) -> dict[int, Answer]:
            run = create_run(store, workspace, catalog, battery, None, mode=mode, full=full)
            events: SimpleQueue[Any] = SimpleQueue()
            Runner(
                run, store=store, catalog=catalog, engine=engine, grader=grader, listener=events.put
            ).start()
            while not isinstance(event := events.get(), RunEnded):
                pass
            if event.state != "done":
                raise ModelError(f"the sweep stopped: {event.problem or 'the model stopped'}")
            return {answer.position: answer for answer in store.answers(run.id)}

        try:
            before = _count(engine[name])
            began = time.perf_counter()
            swept = answers("sweep", False)
            seconds = time.perf_counter() - began
            done = _round(len(battery.probes), seconds, before, _count(engine[name]))
            if "verdicts_unchanged_by_sweep" not in told:
                whole = answers("generate", True)
                order = sorted(whole)
                told["verdicts_unchanged_by_sweep"] = _same(
                    [swept[at] for at in order], [whole[at] for at in order]
                )
                told["share_generated_by_sweep"] = round(
                    sum(answer.stop != "scored" for answer in swept.values()) / len(swept), 4
                )
        finally:
            store.close()
    return done


def _same(one: Sequence[Answer], other: Sequence[Answer]) -> float:
    same = sum(a.verdict == b.verdict for a, b in zip(one, other, strict=True))
    return round(same / len(one), 4)


def _tell(
    settings: ModelSettings,
    rounds: dict[str, list[Round]],
    told: dict[str, Any],
    prompts: int,
    threads: int,
    options: Namespace,
) -> None:
    loops = rounds["loop"]

    def median(mode: str, figure: Any) -> float:
        return round(statistics.median(figure(one) for one in rounds[mode]), 4)

    modes = [mode for mode in MODES if rounds[mode]]
    found = {
        "model": settings.name,
        "prompts": prompts,
        "threads": threads,
        "parallel": settings.parallel,
        "max_tokens": settings.max_tokens,
        "rounds": options.rounds,
        "ratios": {
            mode: round(
                statistics.median(
                    one.speed / loop.speed for one, loop in zip(rounds[mode], loops, strict=True)
                ),
                3,
            )
            for mode in modes
        },
        "loop_prompts_per_second": median("loop", lambda one: one.speed),
        "prompts_per_second": {mode: median(mode, lambda one: one.speed) for mode in modes},
        "evaluated_per_verdict": {
            mode: median(mode, lambda one: one.evaluated / one.prompts) for mode in ("loop", *modes)
        },
        "decode_share": {mode: median(mode, lambda one: one.decode_share) for mode in modes},
        **told,
    }
    if options.json:
        output.print_json(found)
        return
    listed = output.table(
        "mode", "× the loop", "prompts/s", "tokens evaluated a verdict", "time in llama_decode",
        numbers=("× the loop", "prompts/s", "tokens evaluated a verdict", "time in llama_decode"),
    )  # fmt: skip
    for mode in ("loop", *modes):
        ratio = "1" if mode == "loop" else f"{found['ratios'][mode]:.2f}"
        share = "" if mode == "loop" else f"{found['decode_share'][mode]:.1%}"
        evaluated = found["evaluated_per_verdict"][mode]
        speed = median(mode, lambda one: one.speed)
        listed.add_row(mode.replace("_", " "), ratio, f"{speed:.2f}", f"{evaluated:.1f}", share)
    output.console().print(listed)
    for name, value in told.items():
        print(output.plain(f"{name.replace('_', ' ')}: {value}"))
