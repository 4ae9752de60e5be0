"""From an answer's text to a stored answer: the reader's stance, and the verdict against the catalog."""

from __future__ import annotations

from typing import Any

from vgpt_probe.catalog import Catalog
from vgpt_probe.probes import Probe
from vgpt_probe.runs.records import Answer


def grade(
    probe: Probe,
    text: str,
    catalog: Catalog,
    *,
    run: int = 0,
    model: str = "",
    position: int = 0,
    **facts: Any,
) -> Answer:
    """Read and judge what a model said to a probe; ``facts`` are further fields of ``Answer``."""
    from vgpt_probe.grading import judge, read_answer

    reading = read_answer(probe.question, text, probe.subject, catalog)
    return Answer(
        run=run,
        model=model,
        position=position,
        text=text,
        reading=reading.stance,
        verdict=judge(reading, probe.real, probe.expect),
        reason=reading.reason,
        evidence=reading.evidence,
        suggested=reading.suggested,
        unknown_suggested=reading.unknown_suggested,
        sql_tables=reading.sql_tables,
        unknown_tables=reading.unknown_tables,
        unknown_columns=reading.unknown_columns,
        **facts,
    )


def failed(message: str, *, run: int, model: str, position: int) -> Answer:
    """The answer that stands for a probe that could not be answered."""
    return Answer(
        run=run,
        model=model,
        position=position,
        text="",
        reading="silent",
        verdict="error",
        reason=message,
        stop="error",
    )
