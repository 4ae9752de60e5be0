"""What batching changes: `python benchmarks/exactness.py [--config PATH] [--limit N]`.

Puts a battery to each model twice, batched and with each question evaluated alone, full answers both times, and prints
the share of identical texts, of identical verdicts, and of margins with the same sign.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from vgpt_probe.config import open_workspace
from vgpt_probe.engine.messages import Answered, Score, Scored
from vgpt_probe.engine.pool import Engine
from vgpt_probe.probes import Battery
from vgpt_probe.runs.course import probe_request, sweep_openings
from vgpt_probe.runs.grade import Grader, open_grader
from vgpt_probe.runs.open import open_battery, open_catalog
from vgpt_probe.runs.records import Openings


def texts(worker: Any, battery: Battery) -> list[str]:
    """The answers of a model to a battery, in order."""
    events: SimpleQueue[Any] = SimpleQueue()
    requests = [probe_request(one, worker.settings, id=str(at)) for at, one in enumerate(battery.probes)]
    worker.ask(requests, events.put)
    said = [events.get() for _ in requests]
    assert all(isinstance(one, Answered) for one in said), said[0]
    return [one.text for one in sorted(said, key=lambda one: int(one.id))]


def margins(worker: Any, battery: Battery, openings: dict[str, Openings]) -> list[float]:
    """The denial margins of a model for a battery, in order."""
    events: SimpleQueue[Any] = SimpleQueue()
    requests = []
    for at, probe in enumerate(battery.probes):
        found = openings.get(probe.act) or openings.get("") or Openings()
        asked = probe_request(probe, worker.settings, id="")
        requests.append(Score(str(at), asked.turns, *found.of(probe.subject), cut=found.cut))
    worker.score(requests, events.put)
    said = [events.get() for _ in requests]
    assert all(isinstance(one, Scored) for one in said), said[0]
    return [one.margin for one in sorted(said, key=lambda one: int(one.id))]


def compare(name: str, battery: Battery, grader: Grader, engines: list[Engine]) -> None:
    """Print one model's shares."""
    said = [texts(engine[name], battery) for engine in engines]
    graded = [[grader.grade(p, text) for p, text in zip(battery.probes, one, strict=True)] for one in said]
    openings = sweep_openings(list(zip(battery.probes, graded[0], strict=True)))
    weighed = [margins(engine[name], battery, openings) for engine in engines]
    count = len(battery.probes)
    same = sum(a == b for a, b in zip(*said, strict=True)) / count
    verdicts = sum(a.verdict == b.verdict for a, b in zip(*graded, strict=True)) / count
    signs = sum((a > 0) == (b > 0) for a, b in zip(*weighed, strict=True)) / count
    apart = max(abs(a - b) for a, b in zip(*weighed, strict=True))
    print(
        f"{name}: {count} probes, identical texts {same:.1%}, verdicts {verdicts:.2%}, signs of margins {signs:.2%}"
        f" (margins at most {apart:.3f} nats apart)"
    )


def main() -> None:
    """Compare batched and exact for each model of a workspace."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--battery")
    parser.add_argument("--limit", type=int)
    options = parser.parse_args()
    workspace = open_workspace(options.config)
    catalog = open_catalog(workspace)
    battery = open_battery(workspace, catalog, options.battery).limited(options.limit)
    engines = [Engine(workspace), Engine(workspace, exact=True)]
    try:
        for name in engines[0].workers:
            compare(name, battery, open_grader(workspace, catalog), engines)
    finally:
        for engine in engines:
            engine.close()


if __name__ == "__main__":
    main()
