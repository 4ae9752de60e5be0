"""Verdicts without their texts, for views of many answers at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vgpt_probe.runs.records import Run
from vgpt_probe.runs.store import Store
from vgpt_probe.runs.summary import Tally


class Cell(NamedTuple):
    """One answer's verdict that counts, a person's word on it, and its denial margin in nats."""

    position: int
    model: str
    verdict: str
    review: str | None
    margin: float | None


def read_cells(store: Store, run: Run) -> Iterator[Cell]:
    """Read the verdicts of a run, a few microseconds each; texts and evidence stay in the store."""
    reviews = {
        (position, model): (review, verdict)
        for position, model, review, verdict in store.rows(
            "SELECT position, model, review, verdict FROM reviews WHERE run = ? ORDER BY id", (run.id,)
        )
    }
    for position, model, verdict, nats in store.rows(
        "SELECT position, model, verdict, margin FROM answers WHERE run = ?", (run.id,)
    ):
        review, override = reviews.get((position, model), (None, None)) if reviews else (None, None)
        final = override if review == "overridden" and override else verdict
        yield Cell(position, model, final, review, nats)


def read_tallies(store: Store, run: Run) -> dict[str, Tally]:
    """Count the verdicts of each model of a run."""
    tallies = {model: Tally() for model in run.models}
    for model, real, verdict, count in store.rows(
        "SELECT model, real, verdict, count(*) FROM answers WHERE run = ? GROUP BY model, real, verdict", (run.id,)
    ):
        if model in tallies:
            tallies[model].add(bool(real), verdict, count)
    for model, real, verdict, override in store.rows(
        "SELECT a.model, a.real, a.verdict, r.verdict FROM reviews r JOIN answers a USING (run, position, model)"
        " WHERE r.run = ? AND r.review = 'overridden' AND r.id = (SELECT max(id) FROM reviews"
        " WHERE run = r.run AND position = r.position AND model = r.model)",
        (run.id,),
    ):
        if model in tallies and override:
            tallies[model].add(bool(real), verdict, -1)
            tallies[model].add(bool(real), override)
    return tallies
