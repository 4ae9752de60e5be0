"""``report``, and the gate ``--fail-on`` of ``run``, ``runs show`` and ``report``."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from vgpt_probe.commands import output
from vgpt_probe.commands.choosing import choose_run
from vgpt_probe.config import Workspace
from vgpt_probe.errors import DONE, FOUND, UsageError

if TYPE_CHECKING:
    from vgpt_probe.runs.records import Case, Run
    from vgpt_probe.runs.thresholds import Condition

#: The format that a file's ending asks for.
ENDINGS = {".html": "html", ".htm": "html", ".md": "markdown", ".xml": "junit", ".json": "json"}


def report(workspace: Workspace, options: Namespace) -> int:
    """Write a report of a run to a file, or to standard output; 1 when the run crosses ``--fail-on``."""
    from vgpt_probe.reports.write import run_report, write_report
    from vgpt_probe.runs.open import open_store

    out: Path | None = options.out
    kind = options.format or (ENDINGS.get(out.suffix.lower()) if out else None)
    if kind is None:
        what = f"'{out.name}' does not tell the format" if out else "no format was given"
        raise UsageError(what, mend="give --format html, markdown, junit or json")
    store = open_store(workspace)
    run = choose_run(store, options.run)
    conditions = read_conditions(options.fail_on, run.models)
    text = run_report(workspace, store, run, kind)
    if out is None:
        print(text, end="")
    else:
        write_report(out, text)
        output.say(f"run {run.id}: {kind} report in {out}")
    return gate(run, store.cases(run.id) if conditions else [], conditions)


def read_conditions(given: list[str] | None, models: Iterable[str]) -> list[Condition]:
    """Read what ``--fail-on`` was given, each time it was, for a run of these models.

    Raises ``UsageError`` when one is no condition, or is about another model.
    """
    if not given:
        return []
    from vgpt_probe.runs.thresholds import check_models, parse

    conditions = [condition for text in given for condition in parse(text)]
    check_models(conditions, models)
    return conditions


def gate(run: Run, cases: list[Case], conditions: list[Condition]) -> int:
    """Say on standard error which conditions a run meets; return 1 if it meets any."""
    if not conditions:
        return DONE
    from vgpt_probe.runs.summary import tallies
    from vgpt_probe.runs.thresholds import crossings

    found = crossings(conditions, run, tallies(cases, run.models))
    for one in found:
        output.say(f"✗ {one}")
    if not found:
        output.say(
            f"✓ run {run.id} passes: {', '.join(one.text for one in conditions)} is not met by any model"
        )
    return FOUND if found else DONE
