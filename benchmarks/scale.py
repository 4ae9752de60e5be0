"""How cost and memory grow with probes: `python benchmarks/scale.py [--gguf FILE] [--counts 1000,10000,100000]`.

Runs batteries of so many probes on one model in score mode (the cheapest, so that what is not evaluation shows), with
grading and the store, and prints for each the time a probe and the memory of the worker and of this process. What a
probe costs is judged by processor time, which other programs disturb little, and told as a ratio to the first count.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import msgspec
import psutil

from vgpt_probe.config import Workspace, open_workspace
from vgpt_probe.engine.pool import Engine
from vgpt_probe.probes import Battery, make_probe
from vgpt_probe.runs.open import open_catalog
from vgpt_probe.runs.runner import RunEnded, Runner, create_run
from vgpt_probe.runs.store import Store

#: Short openings: what is not evaluation is to show.
DENIALS, AFFIRMATIONS = ["There is no"], ["Yes,"]

WORDINGS = ("Is there a table named {}?", "Describe the {} table", "What columns does {} have?")


def battery(count: int, catalog: Any) -> Battery:
    """A battery of so many probes about names that are all different."""
    probes = []
    for number in range(count):
        name = "".join(chr(65 + number // 26**place % 26) for place in range(4))
        wording = WORDINGS[number % len(WORDINGS)]
        probes.append(make_probe(wording.format(name), name, catalog, wording=wording[:8], act="exists"))
    return Battery("scale", "", tuple(probes), f"scale {count}")


def measure(
    workspace: Workspace, catalog: Any, engine: Engine, count: int, mode: Any, first: float | None
) -> float:
    """Run one battery and print what it took; return its processor time a probe (ms), ``first`` that of the first one."""
    [name] = engine.workers
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "scale.db")
        run = create_run(store, workspace, catalog, battery(count, catalog), None, mode=mode)
        events: SimpleQueue[Any] = SimpleQueue()
        pids = (engine[name].pid, os.getpid())
        used = [_processor(pid) for pid in pids]
        began = time.perf_counter()
        Runner(run, store=store, catalog=catalog, engine=engine, listener=events.put).start()
        worker, own, answered = [0, 0], [0, 0], 0
        while not isinstance(event := events.get(), RunEnded):
            answered += len(getattr(event, "answers", ()))
            half = answered > count // 2
            worker[half] = max(worker[half], _rss(pids[0]))
            own[half] = max(own[half], _rss(pids[1]))
        seconds = time.perf_counter() - began
        costs = [1e3 * (_processor(pid) - was) / count for pid, was in zip(pids, used, strict=True)]
        store.close()
    cost = sum(costs)
    print(
        f"{count} probes: {event.state}, {1e3 * seconds / count:.3f} ms each; processor time {cost:.3f} ms each"
        f" (worker {costs[0]:.3f}, here {costs[1]:.3f}), {cost / (first or cost):.3f} times the first; memory in the first"
        f" and the second half: worker {worker[0]} and {worker[1]} MB, here {own[0]} and {own[1]} MB",
        flush=True,
    )
    return cost


def _rss(pid: int) -> int:
    return psutil.Process(pid).memory_info().rss // 2**20


def _processor(pid: int) -> float:
    """Processor time of a process so far, in seconds."""
    return sum(psutil.Process(pid).cpu_times()[:2])


def main() -> None:
    """Measure batteries of growing size on one model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--gguf", type=Path, help="a small model (default: the workspace's first)")
    parser.add_argument("--counts", default="1000,10000,100000")
    parser.add_argument("--mode", default="score", choices=("score", "generate"))
    options = parser.parse_args()
    workspace = open_workspace(options.config)
    catalog = open_catalog(workspace)
    model = workspace.config.models[0]
    if options.gguf:
        model = msgspec.structs.replace(model, path=str(options.gguf.resolve()), adapter="")
    scoring = msgspec.structs.replace(
        workspace.config.scoring, denials=DENIALS, affirmations=AFFIRMATIONS
    )
    config = msgspec.structs.replace(workspace.config, models=[model], scoring=scoring)
    workspace = Workspace(config, workspace.path, workspace.state)
    engine = Engine(workspace)
    try:
        # The first hundred only warm up.
        measure(workspace, catalog, engine, 100, options.mode, None)
        first = None
        for count in map(int, options.counts.split(",")):
            cost = measure(workspace, catalog, engine, count, options.mode, first)
            first = first or cost
    finally:
        engine.close()


if __name__ == "__main__":
    main()
