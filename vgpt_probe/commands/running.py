"""``run``, ``demo --headless``, ``runs`` and ``runs show``."""

from __future__ import annotations

import contextlib
import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import TYPE_CHECKING

import msgspec

from vgpt_probe.commands import output
from vgpt_probe.config import Workspace
from vgpt_probe.errors import DONE, INTERRUPTED, ModelError, ProbeError, UsageError

if TYPE_CHECKING:
    from rich.text import Text

    from vgpt_probe.runs.records import Case, Run
    from vgpt_probe.runs.runner import Progress, Runner
    from vgpt_probe.runs.store import Store


def run_battery(workspace: Workspace, options: Namespace, *, resume: str | None) -> int:
    """Run a battery (or finish a run) and print its matrix, or its JSON document.

    The first Ctrl+C stops, keeps what is there and prints the command that resumes; the second leaves at once.
    """
    from vgpt_probe.commands.models import plan_in_words
    from vgpt_probe.commands.reporting import gate, read_conditions
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
    if resume:
        run = store.run(resume)
        conditions = read_conditions(options.fail_on, run.models)
        for change in check_resumable(store, workspace, run):
            output.say(change)
    else:
        asked = [model.name for model in workspace.models(options.models)]
        conditions = read_conditions(options.fail_on, asked)
        battery = open_battery(workspace, catalog, options.battery, seed=options.seed).limited(options.limit)
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
    owed = run.total - run.answered
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
    engine = Engine(workspace, list(run.models), exact=run.snapshot.exact)
    if (len(engine.plan.groups) > 1 and engine.plan.residency == "one") or not engine.plan.fits:
        output.say(f"memory: {plan_in_words(engine.plan)}")
    runner = Runner(run, store=store, catalog=catalog, engine=engine, listener=events.put, grader=grader)
    down: dict[str, str] = {}
    try:
        with progress(run) as advance:
            interrupted, problem = follow(runner, events, advance, down)
    finally:
        engine.close()
    run = store.run(run.id)
    if options.json:
        output.print_json(document(store, run))
    else:
        print_run(store, run)
    status = gate(run, store.cases(run.id), conditions) if conditions else DONE
    store.close()
    for model, message in down.items():
        output.say(f"model '{model}' stopped: {message} (its log: {engine[model].log})")
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
        elif isinstance(event, ModelStopped):
            down[event.model] = event.message
        elif isinstance(event, RunEnded):
            return interrupted, event.problem


@contextlib.contextmanager
def progress(run: Run) -> Iterator[Callable[[str], None]]:
    """Show a bar for each model on standard error when it is a terminal."""
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
            progress.advance(tasks[model], run.answered // len(run.models))
        yield lambda model: progress.advance(tasks[model])


def list_runs(workspace: Workspace, *, json: bool) -> None:
    """List the runs of the workspace, newest first."""
    from vgpt_probe.runs.open import open_store

    runs = open_store(workspace).runs()
    if json:
        output.print_json(
            [
                {
                    "run": run.id,
                    "started": run.started,
                    "battery": run.battery,
                    "state": run.state,
                    "models": run.models,
                    "probes": run.probes,
                    "answered": run.answered,
                    "flagged": run.flagged,
                }
                for run in runs
            ]
        )
        return
    if not runs:
        output.say("there is no run yet; start one with 'vgpt-probe run'")
        return
    listed = output.table(
        "run",
        "started",
        "battery",
        "state",
        "models",
        "answers",
        "flagged",
        numbers=("run", "answers", "flagged"),
    )
    for run in runs:
        listed.add_row(
            str(run.id),
            run.started,
            output.shown(run.battery),
            run.state,
            output.shown(", ".join(run.models)),
            f"{run.answered}/{run.total}",
            str(run.flagged),
        )
    output.console().print(listed)


def show_run(workspace: Workspace, name: str, *, json: bool, fail_on: list[str] | None = None) -> int:
    """Show a run: its rates and its matrix; 1 when it crosses ``fail_on``."""
    from vgpt_probe.commands.reporting import gate, read_conditions
    from vgpt_probe.runs.open import open_store
    from vgpt_probe.runs.summary import document

    store = open_store(workspace)
    run = store.run(name)
    conditions = read_conditions(fail_on, run.models)
    if json:
        output.print_json(document(store, run))
    else:
        print_run(store, run)
    return gate(run, store.cases(run.id), conditions) if conditions else DONE


def print_run(store: Store, run: Run) -> None:
    """Print a run's matrix, then the rates of each model."""
    from vgpt_probe.runs.summary import since, tallies

    cases = store.cases(run.id)
    screen = output.console()
    matrix = output.table("probe", "subject", "", "wording", *run.models, "since")
    for case in cases:
        matrix.add_row(
            case.probe.id[:6],
            output.shown(case.probe.subject),
            "real" if case.probe.real else "fake",
            case.probe.wording,
            *(_cell(case, model) for model in run.models),
            since(run, case.answers) or "",
        )
    screen.print(matrix)
    rates = output.table(
        "model",
        "probes",
        "correct",
        "denies real",
        "accepts fake",
        "contradicts",
        "unclear",
        "error",
        "false rejection (95 %)",
        "false acceptance (95 %)",
        numbers=("probes", "correct", "denies real", "accepts fake", "contradicts", "unclear", "error"),
    )
    for model, tally in tallies(cases, run.models).items():
        rates.add_row(
            output.shown(model),
            *(
                str(number)
                for number in (
                    tally.probes,
                    tally["correct"],
                    tally["false_rejection"],
                    tally["false_acceptance"],
                    tally["contradiction"],
                    tally["unclear"],
                    tally["error"],
                )
            ),
            output.percent(tally.interval("false_rejection")),
            output.percent(tally.interval("false_acceptance")),
        )
    screen.print(rates)
    _print_analysis(run, cases)


def compare(workspace: Workspace, before: str, after: str, *, json: bool) -> None:
    """Show, for each model that two runs share, which probes were fixed and which regressed.

    Runs of different models (recorded answers of two stages, say) are put side by side instead.
    """
    from vgpt_probe.runs.analysis import compare_runs
    from vgpt_probe.runs.open import open_store

    store = open_store(workspace)
    one, other = store.run(before), store.run(after)
    shared = [model for model in one.models if model in other.models]
    if not shared:
        _compare_models(store, one, other, json=json)
        return
    was, now = store.cases(one.id), store.cases(other.id)
    both = len({case.probe.id for case in was} & {case.probe.id for case in now})
    if not both:
        raise UsageError(
            f"runs {one.id} and {other.id} have no probe in common", mend="compare two runs of one battery"
        )
    changes = compare_runs(was, now)
    output.say(f"{both} probes are in both runs")
    if json:
        kinds = [{"kind": change.kind} | msgspec.structs.asdict(change) for change in changes]
        output.print_json({"before": one.id, "after": other.id, "models": shared, "changes": kinds})
        return
    listed = output.table("model", "question", "before", "after", "")
    for change in changes:
        listed.add_row(
            output.shown(change.model),
            output.shown(change.question),
            output.verdict_cell(change.before),
            output.verdict_cell(change.after),
            change.kind,
        )
    if changes:
        output.console().print(listed)
    for model in shared:
        counts = Counter(change.kind for change in changes if change.model == model)
        told = ", ".join(f"{counts[kind]} {kind}" for kind in ("fixed", "regressed", "changed"))
        print(output.plain(f"{model}: {told}"))


def _compare_models(store: Store, one: Run, other: Run, *, json: bool) -> None:
    """Show the path of each case that two runs of different models have in common, and their paired table."""
    from vgpt_probe.runs.analysis import compare_stages, join, path

    run, cases = join(one, other, store.cases(one.id), store.cases(other.id))
    if not cases:
        raise UsageError(f"runs {one.id} and {other.id} have no model and no question in common")
    if json:
        output.print_json({
            "before": one.id,
            "after": other.id,
            "models": run.models,
            "cases": [
                {
                    "question": case.probe.question,
                    "subject": case.probe.subject,
                    "real": case.probe.real,
                    "verdicts": {model: answer.final for model, answer in case.answers.items()},
                    "path": path(run, case.answers),
                }
                for case in cases
            ],
            "comparisons": compare_stages(run, cases),
        })  # fmt: skip
        return
    listed = output.table("subject", "", "question", *run.models, "path")
    for case in cases:
        listed.add_row(
            output.shown(case.probe.subject),
            "real" if case.probe.real else "fake",
            output.shown(case.probe.question),
            *(_cell(case, model) for model in run.models),
            output.shown(path(run, case.answers)),
        )
    output.console().print(listed)
    _print_analysis(run, cases)


def _print_analysis(run: Run, cases: list[Case]) -> None:
    """Print paired comparisons between stages, and denials by wording with the shortcuts called out."""
    from vgpt_probe.runs.analysis import compare_stages, wordings

    screen = output.console()
    paired = output.table(
        "paired", "both right", "only the first", "only the second", "both wrong", "McNemar p",
        numbers=("both right", "only the first", "only the second", "both wrong", "McNemar p"),
    )  # fmt: skip
    compared = compare_stages(run, cases)
    for one in compared:
        counts = (str(count) for count in (one.both, one.only_a, one.only_b, one.neither))
        paired.add_row(output.shown(f"{one.a} and {one.b}"), *counts, f"{one.p:.2g}")
    if compared:
        screen.print(paired)
    listed = output.table("denials by wording", *run.models)
    by_wording: dict[str, dict[str, str]] = {}
    shortcuts = []
    for found in wordings(run, cases):
        cell = f"{found.denied_real}/{found.real} real, {found.denied_fake}/{found.fake} fake"
        by_wording.setdefault(found.wording, {})[found.model] = cell + (
            " ← shortcut" if found.shortcut else ""
        )
        if found.shortcut:
            shortcuts.append(
                f"{found.model} denies whatever it is asked about under the wording '{found.wording}'"
            )
    for wording, cells in by_wording.items():
        listed.add_row(wording, *(cells.get(model, "") for model in run.models))
    screen.print(listed)
    for shortcut in shortcuts:
        print(output.plain(shortcut))
    _print_calibration(run, cases)


def _print_calibration(run: Run, cases: list[Case]) -> None:
    """Say how well each model's denial margin tells what it said, and what was not generated for it."""
    from vgpt_probe.runs.calibration import by_model

    for model, found in by_model(run, cases).items():
        if found.agreement is None:
            told = "no answer with a margin affirms or denies"
        else:
            auc = "no AUC, one side is missing" if found.auc is None else f"AUC {found.auc:.3f}"
            told = (
                f"the margin's sign tells {found.agreement:.1%} of {found.decided} answers that affirm or deny"
                f" (of {found.answers}), {auc}"
            )
        print(output.plain(f"{model}: {told}"))
    for model in run.models:
        count = sum(case.answers[model].stop == "scored" for case in cases if model in case.answers)
        if count and run.snapshot.mode == "sweep":
            asked = sum(model in case.answers for case in cases)
            print(
                output.plain(f"{model}: {count} of {asked} verdicts are predicted by the margin, the others generated")
            )


def _cell(case: Case, model: str) -> Text:
    answer = case.answers.get(model)
    return output.verdict_cell(answer.final) if answer else output.shown("·", "dim")
