"""The review queue on the command line: what the reader flagged or could not read, and what people said of it."""

from __future__ import annotations

import argparse
from typing import Any

from vgpt_probe.commands import output
from vgpt_probe.commands.choosing import choose_run
from vgpt_probe.config import Workspace
from vgpt_probe.errors import UsageError
from vgpt_probe.runs.records import Answer, Case, Review, Run
from vgpt_probe.runs.store import Store


def list_findings(workspace: Workspace, name: str, options: argparse.Namespace) -> None:
    """Print the findings of a run: wrong, contradictory and unclear answers, each with its state and history."""
    from vgpt_probe.runs.open import open_store

    store = open_store(workspace)
    run = choose_run(store, name, model=options.model)
    found = [
        (case, answer)
        for case in store.cases(run.id)
        for answer in case.answers.values()
        if answer.finding is not None
        and options.state in (None, answer.finding)
        and options.model in (None, answer.model)
    ]
    if options.json:
        output.print_json({"run": run.id, "findings": [_finding(store, *one) for one in found]})
        return
    rows = (
        [
            case.probe.id[:6],
            answer.model,
            case.probe.subject,
            "real" if case.probe.real else "fake",
            output.verdict_cell(answer.verdict),
            f"{answer.finding}: {output.MARKS[answer.override][1]}" if answer.override else str(answer.finding),
            answer.note or answer.reason,
        ]
        for case, answer in found
    )
    if found:
        output.print_rows("probe", "model", "subject", "", "reader", "state", "because", rows=rows)
    still = sum(answer.finding == "open" for _, answer in found)
    output.say(f"{len(found)} findings, {still} open")


def review(workspace: Workspace, name: str, options: argparse.Namespace) -> None:
    """Store a person's word on one answer, beside all earlier ones."""
    from vgpt_probe.runs.open import open_store

    store = open_store(workspace)
    run = choose_run(store, name, model=options.model if name == "latest" else None)
    answer = _answer(store, run, options.probe, options.model)
    word: Review | None = "overridden" if options.override else options.word
    if options.override and not options.note:
        raise UsageError("an override needs its reason", mend="give --note WHY")
    if word is None and answer.review is None:
        raise UsageError("there is no word to take back", mend="see 'runs findings'")
    reviewed = store.review(answer, word, verdict=options.override, note=options.note or "")
    output.say(
        f"{answer.model} on {options.probe}: {reviewed.finding or 'no finding'}; the verdict is {reviewed.final}"
    )


def _answer(store: Store, run: Run, probe: str, model: str | None) -> Answer:
    cases = [case for case in store.cases(run.id) if case.probe.id.startswith(probe)]
    if len({case.probe.id for case in cases}) != 1:
        what = "no probe" if not cases else "several probes"
        raise UsageError(f"run {run.id} has {what} '{probe}'", mend="take an id from 'runs findings'")
    answers = cases[0].answers
    if model is None and len(answers) == 1:
        return next(iter(answers.values()))
    if model not in answers:
        known = ", ".join(answers) or "none"
        raise UsageError(f"no answer of '{model or ''}' to that probe", mend=f"--model is one of {known}")
    return answers[model]


def _finding(store: Store, case: Case, answer: Answer) -> dict[str, Any]:
    return {
        "probe": case.probe.id,
        "question": case.probe.question,
        "subject": case.probe.subject,
        "real": case.probe.real,
        "model": answer.model,
        "text": answer.text,
        "reading": answer.reading,
        "evidence": answer.evidence,
        "reason": answer.reason,
        "verdict": answer.verdict,
        "state": answer.finding,
        "final": answer.final,
        "history": [
            {"at": at, "who": who, "review": word, "verdict": verdict, "note": note}
            for at, who, word, verdict, note in store.reviews(answer)
        ],
    }
