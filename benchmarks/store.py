"""How a full store feels: `python benchmarks/store.py [--answers 1000000] [--keep FOLDER]`.

Fills a store with runs of six models until it holds so many answers, then measures (seconds) what the app and the
command line do with it: open it, list the runs, show the newest, filter, hold against an earlier run, count rates,
resume, report and export. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from vgpt_probe.probes import Probe
from vgpt_probe.probes.battery import Battery
from vgpt_probe.runs.history import History
from vgpt_probe.runs.records import Answer, RunModel, Snapshot
from vgpt_probe.runs.store import Store
from vgpt_probe.runs.summary import document
from vgpt_probe.tui.board import Baseline, Board
from vgpt_probe.tui.rows import Filter, Rows, View

MODELS = [f"stage_{number}" for number in range(6)]
PROBES = 16_667


def fill(path: Path, answers: int) -> None:
    """Write runs of 16,667 probes × 6 models, one answer in five wrong."""
    chooser = random.Random(1)
    wordings = ["exists", "describe", "structure", "columns", "query", "show", "join", "list", "which", "how"]
    probes = tuple(
        Probe(
            str(number), f"{wordings[number % 10]} the T{number // 10:05} table?", f"T{number // 10:05}",
            wordings[number % 10], "describe", f"M{number // 100 % 20}", number // 10 % 2 == 0,
            "affirm" if number // 10 % 2 == 0 else "deny",
        )
        for number in range(PROBES)
    )  # fmt: skip
    snapshot = Snapshot("", "", tuple(RunModel(name, name, "") for name in MODELS), stages=tuple(MODELS))
    store = Store(path)
    left = answers
    while left > 0:
        run = store.create_run(Battery("large", "", probes, ""), snapshot)
        for name in MODELS:
            store.add_answers(
                Answer(
                    run, name, position, f"The {probe.subject} table has the columns Co, Mth and Seq. " * 4, "affirms",
                    "correct" if chooser.random() < 0.8 else "false_rejection" if probe.real else "false_acceptance",
                    tokens=20, seconds=0.4,
                )
                for position, probe in enumerate(probes[: max(0, left)])
            )  # fmt: skip
            left -= min(left, PROBES)
        store.set_state(run, "done")
    store.close()


def timed(found: dict[str, Any], name: str, does: Callable[[], Any]) -> Any:
    """Do something and note how long it took."""
    began = time.perf_counter()
    result = does()
    found[name] = round(time.perf_counter() - began, 3)
    return result


def measure(path: Path) -> dict[str, Any]:
    """What people wait for, in seconds."""
    found: dict[str, Any] = {"megabytes": round(path.stat().st_size / 1e6)}
    store = timed(found, "open", lambda: Store(path))
    runs = timed(found, "list the runs", store.runs)
    found |= {"runs": len(runs), "answers": sum(run.answered for run in runs)}
    timed(found, "rates of the last 20 runs (home)", lambda: History().read(store))
    board = timed(found, "show the newest run (app)", lambda: Board.load(store, runs[0]))
    timed(found, "filter: flagged", lambda: Rows(board, Filter(flagged=True), View()))
    timed(found, "filter: a search", lambda: Rows(board, Filter(text="t0012"), View()))
    earlier = timed(found, "show an earlier run (app)", lambda: Board.load(store, runs[-1]))
    timed(found, "hold against it", lambda: Baseline(board, earlier).counts())
    timed(found, "one case", lambda: store.answers(runs[0].id, position=123))
    timed(found, "what is unanswered (resume)", lambda: [store.answered(runs[0].id, name) for name in MODELS])
    timed(found, "newest run of a model", lambda: store.latest_answered(MODELS[-1]))
    answer = store.answers(runs[0].id, position=5)[0]
    timed(found, "add an answer", lambda: store.add_answers([answer]))
    timed(found, "review an answer", lambda: store.review(answer, "confirmed"))
    timed(found, "runs show --json", lambda: json.dumps(document(store, runs[0]), default=str))
    found["megabytes of memory at the end"] = round(psutil.Process().memory_info().rss / 1e6)
    store.close()
    return found


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="a folder that keeps the store for another time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = (options.keep or Path(folder)) / f"{options.answers}.db"
        if not path.is_file():
            fill(path, options.answers)
        print(json.dumps(measure(path), indent=2))


if __name__ == "__main__":
    main()
