"""How quick the app feels, through a pseudo-terminal: ``screens.py [start] [keys] [matrix] [--cases N] [--json]``.

start   the first picture against that of an empty Textual app, and ``--help`` against ``python -c pass``: interleaved
        rounds, as ratios of time, and of processor time, which a busy machine does not change
keys    a key until the screen shows its effect, while a battery runs on four models and, in the chat, their answers
        stream in; beside it the same of an app that does nothing but count keys (what Python, Textual and the machine
        take anyhow)
matrix  two runs of 50,000 cases × 6 models (``--cases 166667``: a million answers each): opening, scrolling, filtering,
        sorting, grouping, comparing, memory; then ``runs``, ``runs show`` and ``runs compare`` of the same

Three minutes or so. Needs pyte (the ``dev`` extra) and a POSIX system.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from large_run import CASES, MODELS, fill_store, make_workspace
from terminal import Terminal

ROOT = Path(__file__).resolve().parent.parent
APP = ["-c", "import sys; from vgpt_probe.cli import main; sys.exit(main())"]
HELP = [*APP, "--help"]
EMPTY = [
    "-c",
    "from textual.app import App\nfrom textual.widgets import Static\n"
    "class Empty(App):\n    def compose(self):\n        yield Static('Home')\n"
    "Empty().run()",
]
COUNTER = [
    "-c",
    "from textual.app import App\nfrom textual.widgets import Static\n"
    "class Counter(App):\n    count = 0\n"
    "    def compose(self):\n        yield Static('keys: 0')\n"
    "    def on_key(self):\n        self.count += 1\n"
    "        self.query_one(Static).update(f'keys: {self.count}')\n"
    "Counter().run()",
]
ROUNDS, STREAMED = 11, 5
COMMANDS = (("runs",), ("runs", "show", "2"), ("runs", "show", "2", "--json"), ("runs", "compare", "1", "2"))
#: What issue 7 asks for.
TARGETS = {
    "first paint / empty app": 1.5,
    "--help / python -c pass": 5.0,
    "key in the matrix, p95 ms": 50.0,
    "key in the chat, p95 ms": 50.0,
    "keys without effect": 0.0,
}

Figures = dict[str, float]


def start() -> Figures:
    """The first picture, and ``--help``, as ratios."""
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        workspace = make_workspace(Path(folder), 3)
        for _ in range(ROUNDS):
            for name, arguments in (("empty", EMPTY), ("app", APP)):
                terminal = Terminal(arguments, folder=workspace)
                found.setdefault(name, []).append(terminal.shows("Home") - terminal.began)
                found.setdefault(f"{name} work", []).append(terminal.seconds_of_work())
                terminal.close()
            for name, arguments in (("pass", ["-c", "pass"]), ("help", HELP)):
                began = time.perf_counter()
                subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
                found.setdefault(name, []).append(time.perf_counter() - began)
    return {
        "first paint / empty app": ratio(found["app"], found["empty"]),
        "first paint / empty app, processor time": sum(found["app work"]) / sum(found["empty work"]),
        "first paint, s": statistics.median(found["app"]),
        "--help / python -c pass": ratio(found["help"], found["pass"]),
        "--help, s": statistics.median(found["help"]),
    }


def keys() -> Figures:
    """Milliseconds from a key to its effect while a battery runs on four models, and while the chat streams besides."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = make_workspace(Path(folder), 4)
        terminal, control = Terminal(APP, folder=workspace), Terminal(COUNTER)
        control.shows("keys: 0")
        terminal.shows("puts the battery")
        terminal.press("b")
        terminal.shows("running")
        terminal.shows("correct")
        matrix_keys, counted = Keys(terminal), Keys(control)
        for _ in range(5):
            matrix_keys.press(["j"] * 20 + ["k"] * 20, cursor)
            counted.press(["x"] * 20, everything)
        chat_keys = Keys(terminal)
        streamed = type_while_answers_stream(terminal, chat_keys)
        terminal.press("\x1bOR")  # F3, which shows the battery while text is typed, too
        terminal.shows(" probes · ")
        ran_on = any("running" in line for line in terminal.screen.display)
        control.close()
        terminal.close()
    if not ran_on:
        print("the run ended before the keys did: take a longer battery", file=sys.stderr)
    return {
        "key in the matrix, p95 ms": p95(matrix_keys.took),
        "key in the matrix, median ms": statistics.median(matrix_keys.took),
        "key in the chat, p95 ms": p95(chat_keys.took),
        "key in the chat, median ms": statistics.median(chat_keys.took),
        "keys pressed": float(matrix_keys.pressed + chat_keys.pressed),
        "of them while answers streamed": float(streamed),
        "keys without effect": float(matrix_keys.dropped + chat_keys.dropped),
        "key in an app that counts keys, p95 ms": p95(counted.took),
    }


def type_while_answers_stream(terminal: Terminal, keys: Keys) -> int:
    """Ask all models again and again, typing each question while the last one is answered; return the keys so pressed."""
    terminal.press("3")
    terminal.settle()
    terminal.press("00 Describe the APTH table")
    terminal.settle()
    terminal.press("\r")
    terminal.until(coming)
    streamed = 0
    for number in range(1, STREAMED):
        question = f"{number:02} Describe the APTH table structure"
        terminal.press(question[:2])
        terminal.until(lambda lines, typed=question[:2]: any(typed in line for line in lines))  # type: ignore[misc]
        for end in range(3, len(question) + 1):
            streamed += coming(terminal.screen.display)
            typed = question[:end].rstrip()
            if question[end - 1] == " ":
                terminal.press(" ")
                continue
            keys.press(
                [question[end - 1]], lambda lines, typed=typed: any(typed in line for line in lines)  # type: ignore[misc]
            )  # fmt: skip
        # A question is refused as long as the one before is answered, and that may still be so in a column not shown.
        terminal.until(lambda lines: not coming(lines))
        asked = f"› {question[:2]} "
        for _ in range(20):
            terminal.press("\r")
            with contextlib.suppress(TimeoutError):
                terminal.until(lambda lines, asked=asked: any(asked in line for line in lines), seconds=1)  # type: ignore[misc]
                break
        else:
            raise TimeoutError("a question was not asked")
    return streamed


def matrix(cases: int = CASES) -> Figures:
    """A store of so many cases × 6 models, twice: seconds to open it, milliseconds of each key, megabytes."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = make_workspace(Path(folder), MODELS)
        fill_store(workspace, cases, runs=2)
        empty = Terminal(EMPTY)
        bare = empty.shows("Home") - empty.began
        empty.close()
        terminal = Terminal(APP, folder=workspace)
        terminal.shows("Home")
        terminal.press("2")
        opened = terminal.shows("T00000", seconds=120) - terminal.began
        terminal.settle()
        page, ends, typed, filtered, sorted_, grouped = (Keys(terminal) for _ in range(6))
        page.press(["\x1b[6~"] * 50 + ["\x1b[5~"] * 50, top)
        ends.press(["G", "g"] * 10, top)
        terminal.press("/")
        terminal.settle()
        typed.press((list("t4999") + ["\x7f"] * 5) * 2, count)
        terminal.press("\r")
        terminal.settle()
        filtered.press(["f", "d"] * 6, count)
        sorted_.press(["o"] * 9, everything)
        grouped.press(["v", "z", "z", "v", "z", "z", "v"] * 2, everything)
        terminal.press("c")
        terminal.shows("with which?")
        compared = terminal.press("\r")
        compared = terminal.shows("fixed", seconds=120) - compared
        memory = terminal.megabytes()
        terminal.close()
        told = {" ".join(("command", *arguments)): command(workspace, *arguments) for arguments in COMMANDS}
    every = (page, ends, typed, filtered, sorted_, grouped)
    return {
        "open, s": opened,
        "open / first paint of an empty app": opened / bare,
        "page, p95 ms": p95(page.took),
        "first and last row, p95 ms": p95(ends.took),
        "letter of a search, p95 ms": p95(typed.took),
        "filter, p95 ms": p95(filtered.took),
        "sort, p95 ms": p95(sorted_.took),
        "group and fold, p95 ms": p95(grouped.took),
        "keys without effect": float(sum(one.dropped for one in every)),
        "memory, MB": memory,
        "compare, s": compared,
        "cases × models": float(cases * MODELS),
        **told,
    }


def command(workspace: Path, *arguments: str) -> float:
    """Seconds of the first line of a command, start included."""
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, *APP, *arguments], cwd=workspace, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        first = time.perf_counter() - began
        process.stdout.read()
    return first


class Keys:
    """Presses keys one after another: ``took`` milliseconds until what is looked at changed, ``dropped`` had no effect."""

    def __init__(self, terminal: Terminal) -> None:
        self.took: list[float] = []
        self.pressed = self.dropped = 0
        self._terminal = terminal

    def press(self, keys: Iterable[str], looks: Callable[[list[str]], object]) -> None:
        for key in keys:
            before = looks(self._terminal.screen.display)
            began = self._terminal.press(key)
            self.pressed += 1
            try:
                seen = self._terminal.until(
                    lambda lines, before=before: looks(lines) != before, seconds=5  # type: ignore[misc]
                )  # fmt: skip
            except TimeoutError:
                self.dropped += 1
            else:
                self.took.append(1000 * (seen - began))


def coming(lines: list[str]) -> bool:
    """Whether any model's answer in the chat is still coming."""
    return any(word in line for line in lines for word in ("answering …", "waiting …"))


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


def ratio(these: list[float], those: list[float]) -> float:
    """The median of the rounds' ratios."""
    return statistics.median(a / b for a, b in zip(these, those, strict=True))


def p95(took: list[float]) -> float:
    """The 95th percentile; fails when nothing was measured."""
    ordered = sorted(took)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


def main() -> None:
    """Measures what is named, or all, and prints a table, or JSON."""
    os.environ.setdefault("PYTHONPATH", str(ROOT))
    as_json = "--json" in sys.argv
    arguments = [name for name in sys.argv[1:] if name != "--json"]
    cases = CASES
    if "--cases" in arguments:
        at = arguments.index("--cases")
        cases = int(arguments[at + 1])
        del arguments[at : at + 2]
    measures = {"start": start, "keys": keys, "matrix": lambda: matrix(cases)}
    wanted = arguments or list(measures)
    load = os.getloadavg()[0]
    found: dict[str, Figures] = {}
    for name in wanted:
        found[name] = measures[name]()
        if as_json:
            continue
        for figure, value in found[name].items():
            target = TARGETS.get(figure)
            mark = "" if target is None else f"{'✓' if value <= target else '✗'} at most {target:g}"
            print(f"{name:<7} {figure:<42} {value:>10,.2f}  {mark}", flush=True)
    if as_json:
        print(json.dumps({"load": load, **found}, indent=2))
    else:
        print(f"load before: {load:.1f}")


if __name__ == "__main__":
    main()
