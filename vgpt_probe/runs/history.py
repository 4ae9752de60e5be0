"""How the models fared from run to run."""

from __future__ import annotations

import msgspec

from vgpt_probe.runs.records import Run
from vgpt_probe.runs.store import Store
from vgpt_probe.runs.summary import Tally
from vgpt_probe.runs.verdicts import read_tallies


class Past(msgspec.Struct):
    """A run and the counts of each of its models."""

    run: Run
    tallies: dict[str, Tally]

    def rate(self, model: str, verdict: str = "false_rejection") -> float | None:
        """A model's rate, None where nothing was answered."""
        if model not in self.tallies:
            return None
        k, n = self.tallies[model].rate(verdict)
        return k / n if n else None


class History:
    """The last runs of a store, newest first; what does not change any more is counted once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, int], Past] = {}

    def read(self, store: Store, limit: int = 20) -> list[Past]:
        """Read the last ``limit`` runs. Raises ``StoreError``."""
        found = []
        for run in store.runs()[:limit]:
            key = (run.id, run.answered, run.flagged)
            if key not in self._known:
                self._known[key] = Past(run, read_tallies(store, run))
            found.append(msgspec.structs.replace(self._known[key], run=run))
        return found
