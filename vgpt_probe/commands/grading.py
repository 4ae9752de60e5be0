"""``grade``: recorded answers of other tools, without any model."""

from __future__ import annotations

from pathlib import Path

from vgpt_probe.commands import output
from vgpt_probe.config import Workspace


def grade_file(workspace: Workspace, path: Path, *, model: str | None, json: bool) -> None:
    """Read and judge the answers of a file; print a line for each answer and subject."""
    from vgpt_probe.runs.open import open_catalog
    from vgpt_probe.runs.recorded import grade_recorded, read_recorded
    from vgpt_probe.runs.summary import Tally

    records = read_recorded(path)
    graded = list(grade_recorded(records, open_catalog(workspace), model=model))
    silent = len(records) - len({one.record for one in graded})
    if json:
        output.print_json(graded, lines=True)
    else:
        listed = output.table("record", "model", "subject", "", "verdict", "because", numbers=("record",))
        tallies: dict[str, Tally] = {}
        for one in graded:
            kind = {True: "real", False: "fake", None: "not known"}[one.real]
            listed.add_row(
                str(one.record),
                output.shown(one.model or ""),
                output.shown(one.subject),
                kind,
                output.verdict_cell(one.verdict),
                output.shown(one.reason),
            )
            if one.real is not None:
                tallies.setdefault(one.model or "", Tally()).add(one.real, one.verdict)
        screen = output.console()
        screen.print(listed)
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
    if silent:
        output.say(
            f"{silent} of {len(records)} records ask about no table, view or column that could be found"
        )
