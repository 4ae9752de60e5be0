"""``runs compare``: what changed from one run to another."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from vgpt_probe.commands import output
from vgpt_probe.commands.choosing import choose_run
from vgpt_probe.commands.showing import cell, print_analysis
from vgpt_probe.config import Workspace
from vgpt_probe.errors import UsageError

if TYPE_CHECKING:
    from vgpt_probe.runs.records import Run
    from vgpt_probe.runs.store import Store


def compare(workspace: Workspace, before: str, after: str, *, json: bool) -> None:
    """Show, for each model that two runs share, which probes were fixed and which regressed.

    Runs of different models (recorded answers of two stages, say) are put side by side instead.
    """
    from vgpt_probe.runs.analysis import compare_runs
    from vgpt_probe.runs.open import open_store

    store = open_store(workspace)
    one, other = choose_run(store, before), choose_run(store, after)
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
    if changes:
        rows = (
            [one.model, one.question, output.verdict_cell(one.before), output.verdict_cell(one.after), one.kind]
            for one in changes
        )
        output.print_rows("model", "question", "before", "after", "", rows=rows)
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
    rows = (
        [
            case.probe.subject,
            "real" if case.probe.real else "fake",
            case.probe.question,
            *(cell(case, model) for model in run.models),
            path(run, case.answers),
        ]
        for case in cases
    )
    output.print_rows("subject", "", "question", *run.models, "path", rows=rows)
    print_analysis(run, cases)
