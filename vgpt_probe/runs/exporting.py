"""Exporting the store's pairs: where they came from goes into the manifest, and they are marked as exported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from vgpt_probe.config_tables import BalanceConfig
from vgpt_probe.log import note
from vgpt_probe.pairs.export import Exported, export_pairs
from vgpt_probe.pairs.guard import Guard
from vgpt_probe.pairs.pair import Pair
from vgpt_probe.runs.store import Store


def export_store(
    store: Store,
    guard: Guard,
    target: BalanceConfig,
    *,
    format: str,
    folder: Path,
    dataset: str,
    staged: bool = False,
) -> Exported:
    """Write the accepted pairs of a store (see ``export_pairs``) and mark them as exported."""
    pairs = store.pairs()
    done = export_pairs(
        pairs,
        guard,
        format=format,
        folder=folder,
        dataset=dataset,
        staged=staged,
        target=target,
        sources=_sources(store, pairs),
    )
    store.change_pairs(done.pairs, _exported)
    note("pairs exported", pairs=len(done.pairs), left_out=len(done.left_out), folder=folder)
    return done


def _exported(now: Pair, sent: Pair) -> Pair:
    """Only what was written is marked: not a pair that somebody has reworded or dismissed meanwhile."""
    same = (now.key, now.status) == (sent.key, sent.status)
    return msgspec.structs.replace(now, status="exported") if same else now


def _sources(store: Store, pairs: list[Pair]) -> list[dict[str, Any]]:
    """The runs that pairs came from, with the fingerprints of the models that were asked."""
    wanted = {pair.source.run for pair in pairs if pair.source.run is not None}
    return [
        {
            "run": run.id,
            "battery": run.battery,
            "battery_sha256": run.snapshot.battery,
            "models": {model.name: model.fingerprint for model in run.snapshot.models},
        }
        for run in sorted(store.runs(), key=lambda run: run.id)
        if run.id in wanted
    ]
