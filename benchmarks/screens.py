"""How quick the app feels, measured through a pseudo-terminal: ``python benchmarks/screens.py [paint] [keys] [matrix]``.

paint   the first picture of the app against that of an empty Textual app, interleaved rounds, as a ratio
keys    a key until the screen shows its effect, while four models answer a battery
matrix  50,000 cases × 6 models: opening, scrolling, searching, memory

Needs pyte (the ``dev`` extra) and a POSIX system.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from terminal import Terminal

from vgpt_probe.config import load_workspace
from vgpt_probe.probes import Battery, Probe
from vgpt_probe.runs.open import open_catalog
from vgpt_probe.runs.records import Answer, RunModel, Snapshot
from vgpt_probe.runs.store import Store

ROOT = Path(__file__).resolve().parent.parent
APP = ["-c", "import sys; from vgpt_probe.cli import main; sys.exit(main())"]
EMPTY = [
    "-c",
    "from textual.app import App\nfrom textual.widgets import Static\n"
    "class Empty(App):\n    def compose(self):\n        yield Static('Home')\n"
    "Empty().run()",
]
ROUNDS, KEYS, CASES, MODELS = 7, 200, 50_000, 6


def paint() -> dict[str, float]:
    """Median seconds to the first picture of both, and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = make_workspace(Path(folder), 3)
        took: dict[str, list[float]] = {"empty": [], "app": []}
        for _ in range(ROUNDS):
            for name, arguments in (("empty", EMPTY), ("app", APP)):
                terminal = Terminal(arguments, folder=workspace)
                took[name].append(terminal.shows("Home") - terminal.began)
                terminal.close()
    empty, app = (statistics.median(took[name]) for name in ("empty", "app"))
    ratios = [a / b for a, b in zip(took["app"], took["empty"], strict=True)]
    return {"empty_s": empty, "app_s": app, "ratio": statistics.median(ratios)}


def keys() -> dict[str, float]:
    """Milliseconds from a key to the moved cursor while a battery runs, and how many keys had no effect."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = make_workspace(Path(folder), 4)
        terminal = Terminal(APP, folder=workspace)
        terminal.shows("puts the battery")
        terminal.press("b")
        terminal.shows("running")
        terminal.shows("correct")
        took, dropped = press_and_watch(terminal, ["j"] * 12 + ["k"] * 12, cursor, KEYS)
        running = any("running" in line for line in terminal.screen.display)
        terminal.close()
    if not running:
        print("the run ended before the keys did: take a longer battery", file=sys.stderr)
    return percentiles(took) | {"keys": float(KEYS), "dropped": float(dropped)}


def matrix() -> dict[str, float]:
    """A store of 50,000 cases × 6 models: seconds to open it, milliseconds of scrolling and searching, megabytes."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = make_workspace(Path(folder), MODELS)
        fill_store(workspace)
        terminal = Terminal(APP, folder=workspace)
        terminal.press("2")
        opened = terminal.shows("T00000", seconds=120) - terminal.began
        terminal.settle()
        page, _ = press_and_watch(terminal, ["\x1b[6~"] * 50 + ["\x1b[5~"] * 50, top, 100)
        ends, _ = press_and_watch(terminal, ["G", "g"], top, 20)
        terminal.press("/")
        terminal.settle()
        typed, _ = press_and_watch(terminal, list("t4999") + ["\x7f"] * 5, count, 20)
        terminal.press("\x1b")
        terminal.settle()
        grouped, _ = press_and_watch(terminal, ["v"], everything, 6)
        memory = psutil.Process(terminal.pid).memory_info().rss / 1e6
        terminal.close()
    return {
        "open_s": opened,
        "page_p95_ms": percentiles(page)["p95_ms"],
        "first_and_last_p95_ms": percentiles(ends)["p95_ms"],
        "search_letter_p95_ms": percentiles(typed)["p95_ms"],
        "group_p95_ms": percentiles(grouped)["p95_ms"],
        "memory_mb": memory,
    }


def press_and_watch(
    terminal: Terminal, pressed: list[str], looks: Callable[[list[str]], object], times: int
) -> tuple[list[float], int]:
    """Press keys one after another; the milliseconds until what ``looks`` sees has changed, and the keys without effect."""
    took, dropped = [], 0
    for number in range(times):
        before = looks(terminal.screen.display)
        began = time.perf_counter()
        terminal.press(pressed[number % len(pressed)])
        try:
            seen = terminal.until(lambda lines, before=before: looks(lines) != before, seconds=5)  # type: ignore[misc]
        except TimeoutError:
            dropped += 1
        else:
            took.append(1000 * (seen - began))
    return took, dropped


def cursor(lines: list[str]) -> int:
    """The line of the matrix's cursor."""
    return next((at for at, line in enumerate(lines) if line.startswith("▌")), -1)


def top(lines: list[str]) -> str:
    """The first case on the screen."""
    head = next((at for at, line in enumerate(lines) if line.startswith(" subject")), 0)
    return lines[head + 1]


def count(lines: list[str]) -> str:
    """The line that says how many cases are shown."""
    return next((line for line in lines if " probes · " in line), "")


def everything(lines: list[str]) -> str:
    return "\n".join(lines)


def percentiles(took: list[float]) -> dict[str, float]:
    ordered = sorted(took) or [float("nan")]
    return {
        "p50_ms": statistics.median(ordered),
        "p95_ms": ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))],
        "max_ms": ordered[-1],
    }


def make_workspace(folder: Path, models: int) -> Path:
    """A workspace on the demo's catalog and models, these taken again under other names when there are not enough."""
    shutil.copytree(ROOT / "probes", folder / "probes")
    text = '[catalog]\nsource = "probes/vista_demo.sql"\ntitle = "Viewpoint Vista"\n'
    stages = ["sft", "dpo_v1", "dpo_v2"]
    for number in range(models):
        name = stages[number] if number < 3 else f"more_{number}"
        file = ROOT / "models" / "demo" / f"{stages[number % 3]}.gguf"
        text += f'[[stages]]\nname = "{name}"\n[[models]]\nname = "{name}"\nstage = "{name}"\n'
        # Differing settings keep models over one file in processes of their own.
        text += f"path = {json.dumps(file.as_posix())}\ncontext = {4096 + number}\n"
    (folder / "config.toml").write_text(text, encoding="utf-8")
    open_catalog(load_workspace(folder / "config.toml"))
    return folder


def fill_store(folder: Path) -> None:
    """Write a finished run of 50,000 cases × 6 models, half of the subjects real, one answer in five wrong."""
    chooser = random.Random(1)
    workspace = load_workspace(folder / "config.toml")
    wordings = ["exists", "describe", "structure", "columns", "query", "show", "join", "list", "which", "how"]
    probes = []
    for number in range(CASES):
        subject, wording = f"T{number // 10:05}", wordings[number % 10]
        real = number // 10 % 2 == 0
        module = ["AP", "AR", "EM", "GL", "HQ", "IN", "JC", "PO", "PR", "SL"][number // 100 % 10]
        probes.append(
            Probe(
                str(number), f"{wording} the {subject} table?", subject, wording, "describe", module, real,
                "affirm" if real else "deny",
            )
        )  # fmt: skip
    store = Store(workspace.store_path)
    names = [model.name for model in workspace.config.models]
    snapshot = Snapshot("", "", tuple(RunModel(name, name, "") for name in names), stages=tuple(names))
    run = store.create_run(Battery("large", "", tuple(probes), ""), snapshot)
    for name in names:
        store.add_answers(
            Answer(
                run, name, position, f"The {probe.subject} table has the columns Co, Mth and Seq.", "affirms",
                "correct" if chooser.random() < 0.8 else "false_rejection" if probe.real else "false_acceptance",
                tokens=20, seconds=0.4,
            )
            for position, probe in enumerate(probes)
        )  # fmt: skip
    store.set_state(run, "done")
    store.close()


def main() -> None:
    """Runs what is named, or all, and prints the figures as JSON."""
    os.environ.setdefault("PYTHONPATH", str(ROOT))
    wanted = sys.argv[1:] or ["paint", "keys", "matrix"]
    measures = {"paint": paint, "keys": keys, "matrix": matrix}
    for name in wanted:
        found = {key: round(value, 3) for key, value in measures[name]().items()}
        print(json.dumps({name: found}), flush=True)


if __name__ == "__main__":
    main()
