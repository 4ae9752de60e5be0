"""``report``, and the gate ``--fail-on`` of ``run``, ``runs show`` and ``report``."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from vgpt_probe.commands import output
from vgpt_probe.commands.choosing import choose_run
from vgpt_probe.config import Workspace
from vgpt_probe.errors import DONE, FOUND, UsageError, at
from vgpt_probe.text import json_escaped

if TYPE_CHECKING:
    from vgpt_probe.reports.facts import Report
    from vgpt_probe.runs.records import Case, Run
    from vgpt_probe.runs.store import Store
    from vgpt_probe.runs.thresholds import Condition

#: The format that a file's ending asks for.
ENDINGS = {".html": "html", ".htm": "html", ".md": "markdown", ".xml": "junit", ".json": "json"}


def report(workspace: Workspace, options: Namespace) -> int:
    """Write a report of a run to a file, or to standard output; 1 when the run crosses ``--fail-on``."""
    from vgpt_probe.runs.open import open_store

    out: Path | None = options.out
    kind = options.format or (ENDINGS.get(out.suffix.lower()) if out else None)
    if kind is None:
        what = f"'{out.name}' does not tell the format" if out else "no format was given"
        raise UsageError(what, mend="give --format html, markdown, junit or json")
    store = open_store(workspace)
    run = choose_run(store, options.run)
    conditions = read_conditions(options.fail_on, run.models)
    cases = store.cases(run.id)
    text = _text(workspace, store, run, cases, kind)
    if out is None:
        print(text, end="")
    else:
        _write(out, text)
        output.say(f"run {run.id}: {kind} report in {out}")
    return gate(run, cases, conditions)


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


def _text(workspace: Workspace, store: Store, run: Run, cases: list[Case], kind: str) -> str:
    if kind == "json":
        import msgspec

        from vgpt_probe.runs.summary import document

        return json_escaped(json.dumps(msgspec.to_builtins(document(store, run)), ensure_ascii=False, indent=2)) + "\n"
    if kind == "junit":
        from vgpt_probe.reports.junit import junit

        return junit(run, cases)
    facts = _facts(workspace, store, run, cases)
    if kind == "markdown":
        from vgpt_probe.reports.markdown import markdown

        return markdown(facts)
    from vgpt_probe.reports.page import html

    return html(facts)


def _facts(workspace: Workspace, store: Store, run: Run, cases: list[Case]) -> Report:
    from vgpt_probe.pairs.balance import measure, missing
    from vgpt_probe.reports.facts import gather
    from vgpt_probe.runs.open import open_catalog

    pairs = [pair for pair in store.pairs() if pair.status != "dismissed"]
    if not pairs:
        return gather(run, cases)
    balance = measure(pairs, open_catalog(workspace))
    shares = [
        ("deny an invented subject", balance.denials),
        ("affirm a real one", balance.affirmations),
        ("teach style", balance.style),
        ("teach something else", balance.count("other")),
    ]
    return gather(
        run, cases, pairs=balance.pairs, shares=shares, missing=missing(balance, workspace.config.balance)
    )


def _write(path: Path, text: str) -> None:
    from vgpt_probe.files import write_atomically

    if path.is_dir():
        raise UsageError("this is a folder", where=at(path), mend="name a file in it")
    try:
        # What UTF-8 cannot hold must not keep the report from being written.
        write_atomically(path, text.encode("utf-8", errors="replace").decode("utf-8"))
    except OSError as fault:
        raise UsageError(f"cannot be written: {fault.strerror or fault}", where=at(path)) from None
