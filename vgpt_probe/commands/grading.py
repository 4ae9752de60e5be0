"""``grade`` and ``runs regrade``: reading stored and recorded answers, without any model."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from vgpt_probe.commands import output
from vgpt_probe.commands.choosing import choose_run
from vgpt_probe.config import Workspace
from vgpt_probe.errors import UsageError


def grade_file(workspace: Workspace, options: Namespace) -> None:
    """Read and judge the answers of a file; a line for each answer and subject; ``--save`` keeps them as a run."""
    from vgpt_probe.runs.grade import open_grader
    from vgpt_probe.runs.open import open_catalog, open_store
    from vgpt_probe.runs.recorded import grade_recorded, read_recorded, save_recorded
    from vgpt_probe.runs.summary import Tally

    path: Path = options.file
    grader = open_grader(workspace, open_catalog(workspace))
    records = read_recorded(path)
    graded = list(grade_recorded(records, grader, model=options.model))
    if options.save and not options.model and any(one.model is None for one in graded):
        raise UsageError(
            "the file does not say whose answers these are", mend="give --model NAME with --save"
        )
    if options.stage and not options.save:
        raise UsageError("--stage needs --save")
    silent = len(records) - len({one.record for one in graded})
    if options.json:
        output.print_json(graded, lines=True)
    else:
        rows = []
        tallies: dict[str, Tally] = {}
        for one in graded:
            kind = {True: "real", False: "fake", None: "not known"}[one.real]
            verdict = output.verdict_cell(one.verdict)
            rows.append([str(one.record), one.model or "", one.subject, kind, verdict, one.reason])
            if one.real is not None:
                tallies.setdefault(one.model or "", Tally()).add(one.real, one.verdict)
        output.print_rows(
            "record", "model", "subject", "", "verdict", "because", rows=rows, numbers=("record",)
        )
        screen = output.console()
        rates = output.table(
            "model",
            "answers",
            "correct",
            "false rejection (95 %)",
            "false acceptance (95 %)",
            numbers=("answers", "correct"),
        )
        for name, tally in tallies.items():
            rates.add_row(
                output.shown(name or "–"),
                str(tally.probes),
                str(tally["correct"]),
                output.percent(tally.interval("false_rejection")),
                output.percent(tally.interval("false_acceptance")),
            )
        screen.print(rates)
    if empty := sum(not one.answer.strip() for one in records):
        output.say(f"{empty} of {len(records)} answers are empty: they count as unclear, neither denial nor affirmation")
    if silent:
        output.say(
            f"{silent} of {len(records)} records ask about no table, view or column that could be found"
        )
    if options.save and graded:
        store = open_store(workspace)
        run, left_out = save_recorded(
            store,
            graded,
            grader,
            name=path.stem,
            model=options.model or "",
            stage=options.stage or "",
            stages=workspace.stages,
        )
        store.close()
        output.say(f"saved as run {run}")
        if left_out:
            output.say(
                f"{left_out} answers left out: repeated, or about columns that the catalog cannot know"
            )


def regrade_runs(workspace: Workspace, name: str | None, *, every: bool, json: bool) -> None:
    """Apply today's reader to the stored answers of a run, or of all, and show what changed."""
    from vgpt_probe.runs.grade import open_grader, regrade
    from vgpt_probe.runs.open import open_catalog, open_store

    if every == bool(name):
        raise UsageError("name one run, or give --all")
    store = open_store(workspace)
    grader = open_grader(workspace, open_catalog(workspace))
    runs = store.runs() if every else [choose_run(store, name or "latest")]
    rows = []
    for run in runs:
        probes = store.probes(run.id)
        for before, after in regrade(store, run.id, grader):
            rows.append(
                {
                    "run": run.id,
                    "model": before.model,
                    "question": probes[before.position].question,
                    "subject": probes[before.position].subject,
                    "before": before.verdict,
                    "after": after.verdict,
                    "reason": after.reason,
                }
            )
    if json:
        output.print_json(rows)
        return
    listed = (
        [
            str(row["run"]),
            str(row["model"]),
            str(row["question"]),
            output.verdict_cell(str(row["before"])),
            output.verdict_cell(str(row["after"])),
            str(row["reason"]),
        ]
        for row in rows
    )
    if rows:
        headings = ("run", "model", "question", "before", "after", "because")
        output.print_rows(*headings, rows=listed, numbers=("run",))
    output.say(
        f"{sum(run.answered for run in runs)} answers of {_count(len(runs), 'run')} read again,"
        f" {_count(len(rows), 'verdict')} changed"
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
