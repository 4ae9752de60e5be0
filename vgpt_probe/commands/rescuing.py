"""``runs rescue``: what can still be read of a damaged store, in a new one."""

from __future__ import annotations

from pathlib import Path

from vgpt_probe.commands import output
from vgpt_probe.config import Workspace


def rescue_store(workspace: Workspace, out: Path) -> None:
    """Write what can be read of the workspace's store to a new one, and say how much that is."""
    from vgpt_probe.runs.rescue import rescue

    def tell(table: str, rows: int) -> None:
        output.say(f"{table}: {rows:,} saved so far" if rows else f"reading {table} …")

    counts = rescue(workspace.store_path, out, tell)
    told = ", ".join(f"{counts[table]:,} {table}" for table in ("runs", "probes", "answers", "reviews", "pairs"))
    print(out)
    output.say(f"saved {told}; to go on with them, put it in the place of {workspace.store_path}")
