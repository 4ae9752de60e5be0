"""``runs`` and ``runs show``: what the store holds, as tables or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vgpt_probe.commands import output
from vgpt_probe.commands.choosing import choose_run
from vgpt_probe.config import Workspace
from vgpt_probe.errors import DONE

if TYPE_CHECKING:
    from rich.text import Text

    from vgpt_probe.runs.records import Case, Run
    from vgpt_probe.runs.store import Store


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
    run = choose_run(store, name)
    conditions = read_conditions(fail_on, run.models)
    if json:
        output.print_json(document(store, run))
    else:
        print_run(store, run)
    return gate(run, store.cases(run.id), conditions) if conditions else DONE


def print_run(store: Store, run: Run) -> None:
    """Print a run's matrix, then the rates of each model."""
    from vgpt_probe.runs.summary import lineage, since, tallies

    cases = store.cases(run.id)
    screen = output.console()
    line = lineage(run.snapshot)
    rows = (
        [
            case.probe.id[:6],
            case.probe.subject,
            "real" if case.probe.real else "fake",
            case.probe.wording,
            *(cell(case, model) for model in run.models),
            since(run, case.answers, line) or "",
        ]
        for case in cases
    )
    output.print_rows("probe", "subject", "", "wording", *run.models, "since", rows=rows)
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
    for model in run.models:
        said = [case.answers[model] for case in cases if model in case.answers]
        empty = sum(not one.text.strip() and one.stop not in ("scored", "error") for one in said)
        if empty:
            print(
                output.plain(f"{model}: {empty} of {len(said)} answers are empty; they count as unclear in its rates")
            )
    print_analysis(run, cases)


def print_analysis(run: Run, cases: list[Case]) -> None:
    """Print paired comparisons between stages, and denials by wording with the shortcuts called out."""
    from vgpt_probe.runs.analysis import compare_stages, house, wordings

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
        told = f"{found.denied_real}/{found.real} real, {found.denied_fake}/{found.fake} fake"
        by_wording.setdefault(found.wording, {})[found.model] = told + (
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
    for model, kept in house(cases, run.models).items():
        rules = ", ".join(f"{rule} {count}" for rule, count in kept.rules.items())
        told = f"{kept.broken} of {kept.sql} whole answers with SQL break a house rule" + (f" ({rules})" if rules else "")
        print(output.plain(f"{model}: {told}"))
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


def cell(case: Case, model: str) -> Text:
    answer = case.answers.get(model)
    return output.verdict_cell(answer.final) if answer else output.shown("·", "dim")
