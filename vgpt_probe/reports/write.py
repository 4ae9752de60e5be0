"""The report of a run of the store, in any format, and its file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from vgpt_probe.config import Workspace
from vgpt_probe.errors import UsageError, at
from vgpt_probe.text import json_escaped

if TYPE_CHECKING:
    from vgpt_probe.reports.facts import Report
    from vgpt_probe.reports.training import TrainingFacts
    from vgpt_probe.runs.records import Case, Run
    from vgpt_probe.runs.store import Store


def run_report(workspace: Workspace, store: Store, run: Run, kind: str) -> str:
    """The report of a run: ``kind`` is html, markdown, junit or json."""
    cases = store.cases(run.id)
    if kind == "json":
        import msgspec

        from vgpt_probe.runs.summary import document

        whole = {**document(store, run), "training": _training(workspace, run)}
        return json_escaped(json.dumps(msgspec.to_builtins(whole), ensure_ascii=False, indent=2)) + "\n"
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

    training = _training(workspace, run)
    pairs = [pair for pair in store.pairs() if pair.status != "dismissed"]
    if not pairs:
        return gather(run, cases, training=training)
    balance = measure(pairs, open_catalog(workspace))
    shares = [
        ("deny an invented subject", balance.denials),
        ("affirm a real one", balance.affirmations),
        ("teach style", balance.style),
        ("teach something else", balance.count("other")),
    ]
    return gather(
        run,
        cases,
        pairs=balance.pairs,
        shares=shares,
        missing=missing(balance, workspace.config.balance),
        training=training,
    )


def _training(workspace: Workspace, run: Run) -> list[TrainingFacts]:
    from vgpt_probe.reports.training import trained_on

    return trained_on(workspace, (model.stage for model in run.snapshot.models))


def write_report(path: Path, text: str) -> None:
    """Write a report, whole or not at all. Raises ``UsageError`` when it cannot be written."""
    from vgpt_probe.files import write_atomically

    if path.is_dir():
        raise UsageError("this is a folder", where=at(path), mend="name a file in it")
    try:
        # What UTF-8 cannot hold must not keep the report from being written.
        write_atomically(path, text.encode("utf-8", errors="replace").decode("utf-8"))
    except OSError as fault:
        raise UsageError(f"cannot be written: {fault.strerror or fault}", where=at(path)) from None
