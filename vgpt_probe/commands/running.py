"""``run`` and ``demo --headless``."""

from __future__ import annotations

import contextlib
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from queue import SimpleQueue
from typing import TYPE_CHECKING

from vgpt_probe.commands import output
from vgpt_probe.config import Workspace
from vgpt_probe.errors import DONE, INTERRUPTED, ModelError, ProbeError, UsageError

if TYPE_CHECKING:
    from vgpt_probe.runs.records import Run
    from vgpt_probe.runs.runner import Progress, Runner


#: So often a model that stops in the middle of a run is loaded again: nobody is there to ask for it.
RESTARTS = 3


def run_battery(workspace: Workspace, options: Namespace, *, resume: str | None) -> int:
    """Run a battery (or finish a run) and print its matrix, or its JSON document.

    The first Ctrl+C stops, keeps what is there and prints the command that resumes; the second leaves at once.
    """
    from vgpt_probe.commands.models import plan_in_words
    from vgpt_probe.commands.reporting import gate, read_conditions
    from vgpt_probe.commands.showing import print_run
    from vgpt_probe.engine.pool import Engine
    from vgpt_probe.runs.forecast import forecast
    from vgpt_probe.runs.grade import open_grader
    from vgpt_probe.runs.open import open_battery, open_catalog, open_store
    from vgpt_probe.runs.runner import Runner, check_resumable, create_run
    from vgpt_probe.runs.summary import document

    given = (options.battery, options.models, options.limit, options.mode, options.exact, options.full)
    if resume and (any(given) or options.seed is not None):
        raise UsageError("--resume goes on with what the run asked", mend="leave out the other options")
    catalog, store = open_catalog(workspace), open_store(workspace)
    grader = open_grader(workspace, catalog)
    # Whatever can go wrong beforehand does so before a run is written.
    if resume:
        run = store.run(resume)
        conditions = read_conditions(options.fail_on, run.models)
        for change in check_resumable(store, workspace, run):
            output.say(change)
        engine = Engine(workspace, list(run.models), exact=run.snapshot.exact)
    else:
        asked = [model.name for model in workspace.models(options.models)]
        conditions = read_conditions(options.fail_on, asked)
        battery = open_battery(workspace, catalog, options.battery, seed=options.seed).limited(options.limit)
        engine = Engine(workspace, asked, exact=options.exact)
        run = create_run(
            store,
            workspace,
            catalog,
            battery,
            options.models,
            mode=options.mode or "generate",
            exact=options.exact,
            full=options.full or None,
        )
    owed = run.owed
    expected = forecast(
        store,
        workspace.models(run.models),
        -(-owed // len(run.models)),
        mode=run.snapshot.mode,
        exact=run.snapshot.exact,
    )
    output.say(
        f"run {run.id}: battery {run.battery}, {run.probes} probes × {len(run.models)} models, {owed} to ask: "
        f"{expected.told}"
    )
    events: SimpleQueue[Progress] = SimpleQueue()
    if (len(engine.plan.groups) > 1 and engine.plan.residency == "one") or not engine.plan.fits:
        output.say(f"memory: {plan_in_words(engine.plan)}")
    runner = Runner(run, store=store, catalog=catalog, engine=engine, listener=events.put, grader=grader, restarts=RESTARTS)
    down: dict[str, str] = {}
    try:
        with progress(run, {model: len(store.answered(run.id, model, errors=False)) for model in run.models}) as advance:
            interrupted, problem = follow(runner, events, advance, down)
    except Exception:
        with contextlib.suppress(ProbeError):
            store.drop_if_empty(run.id)
        raise
    finally:
        engine.close()
    for model, message in down.items():
        output.say(f"model '{model}' stopped: {message} (its log: {engine[model].log})")
    if store.read_only is None and store.drop_if_empty(run.id):
        output.say(f"nothing was answered; run {run.id} is not kept")
        if interrupted:
            return INTERRUPTED
        raise ProbeError(problem or "no model could answer")
    run = store.run(run.id)
    if options.json:
        output.print_json(document(store, run))
    else:
        print_run(store, run)
    status = gate(run, store.cases(run.id), conditions) if conditions else DONE
    store.close()
    if problem:
        raise ProbeError(problem)
    if run.state != "done":
        output.say(f"run {run.id} is not finished; to go on: vgpt-probe run --resume {run.id}")
    if interrupted:
        return INTERRUPTED
    if down:
        raise ModelError(f"{len(down)} of {len(run.models)} models stopped before the run was finished")
    return status


def follow(
    runner: Runner, events: SimpleQueue[Progress], advance: Callable[[str], None], down: dict[str, str]
) -> tuple[bool, str | None]:
    """Pass on progress until the run ends; return whether it was interrupted, and what went wrong."""
    from vgpt_probe.runs.runner import AnswersStored, ModelStopped, RunEnded

    interrupted = False
    runner.start()
    while True:
        try:
            event = events.get()
        except KeyboardInterrupt:
            if interrupted:
                raise
            interrupted = True
            runner.stop()
            output.say("stopping; what is answered is kept (Ctrl+C again leaves at once)")
            continue
        if isinstance(event, AnswersStored):
            for answer in event.answers:
                advance(answer.model)
        elif isinstance(event, ModelStopped) and event.again:
            output.say(f"model '{event.model}' stopped: {event.message}; it is loaded again")
        elif isinstance(event, ModelStopped):
            down[event.model] = event.message
        elif isinstance(event, RunEnded):
            if event.fault is not None:
                raise event.fault
            return interrupted, event.problem


@contextlib.contextmanager
def progress(run: Run, already: Mapping[str, int]) -> Iterator[Callable[[str], None]]:
    """Show a bar for each model on standard error when it is a terminal; ``already``: what each has answered."""
    if not sys.stderr.isatty():
        yield lambda _model: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=output.console(errors=True), transient=True) as progress:
        width = max(len(model) for model in run.models)
        tasks = {
            model: progress.add_task(model.ljust(width), total=run.total // len(run.models))
            for model in run.models
        }
        for model in run.models:
            progress.advance(tasks[model], already.get(model, 0))
        yield lambda model: progress.advance(tasks[model])
