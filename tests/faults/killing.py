"""A run in a process of its own that is killed at any instant, and what must hold of the store afterwards."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import psutil

from tests.conftest import ROOT
from tests.tiny_gguf import write_tiny_gguf
from vgpt_probe.config import Workspace, load_workspace
from vgpt_probe.runs.open import open_catalog, open_store
from vgpt_probe.runs.records import Run
from vgpt_probe.runs.store import Store

PROBES = 30
PATIENCE = 300.0

_COUNT = re.compile(rb"(\d+)/%d" % PROBES)


def make_workspace(folder: Path, models: tuple[str, ...] = ("one", "two")) -> Workspace:
    """Tiny models, asked two questions at a time, so that answers come one by one."""
    text = f'[catalog]\nsource = "{(ROOT / "probes" / "vista_demo.sql").as_posix()}"\n'
    text += f'[batteries]\nfolder = "{(ROOT / "probes").as_posix()}"\n'
    text += "[engine]\nmax_tokens = 24\nparallel = 2\nthreads = 1\ncontext = 1024\n"
    for name in models:
        write_tiny_gguf(folder / f"{name}.gguf")
        text += f'[[models]]\nname = "{name}"\nstage = "{name}"\npath = "{name}.gguf"\n'
    (folder / "config.toml").write_text(text, encoding="utf-8")
    workspace = load_workspace(folder / "config.toml")
    open_catalog(workspace)
    return workspace


class Victim:
    """The command line at work in another process; what it draws is read along.

    Where it can be, the process is forked off this one, which has imported everything: many more can be killed in a
    minute. No store may be open here meanwhile, for SQLite must not be carried into another process.
    """

    def __init__(self, workspace: Workspace, *options: str, command: tuple[str, ...] = ("run",)) -> None:
        self.drawn = b""
        self._status: int | None = None
        arguments = [*command, "--config", str(workspace.path), *options]
        os.environ["OMP_WAIT_POLICY"] = "passive"
        if sys.platform == "win32":
            command = [sys.executable, "-m", "vgpt_probe", *arguments]
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.pid = self.process.pid
            return
        import vgpt_probe.commands.running
        import vgpt_probe.engine.pool
        import vgpt_probe.runs.runner  # noqa: F401
        from vgpt_probe.grading import judge, read_answer  # noqa: F401

        # A terminal, for progress is drawn on nothing else.
        self._master, slave = os.openpty()
        self.pid = os.fork()
        if self.pid == 0:
            _become(arguments, slave)
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while data := os.read(self._master, 65536):
                self.drawn += data

    @property
    def shown(self) -> int:
        """The highest count of a model's answers that was drawn."""
        return max((int(found) for found in _COUNT.findall(self.drawn)), default=0)

    def poll(self) -> int | None:
        """The status that it has ended with, None while it runs."""
        if sys.platform == "win32":
            return self.process.poll()
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._status = os.waitstatus_to_exitcode(status)
        return self._status

    def wait(self) -> int:
        """Wait until it has ended and everything it drew is read; return its status."""
        end = time.monotonic() + PATIENCE
        while (status := self.poll()) is None:
            assert time.monotonic() < end, "it does not end"
            time.sleep(0.005)
        if sys.platform != "win32":
            self._reader.join(10)
            os.close(self._master)
        return status

    def kill(self) -> None:
        """End it as a power cut or the kernel would: without a word."""
        os.kill(self.pid, getattr(signal, "SIGKILL", signal.SIGTERM))

    def kill_a_worker(self) -> None:
        """End one of its workers; it notices, and goes on with the others."""
        with contextlib.suppress(psutil.Error):
            workers = psutil.Process(self.pid).children()
            if workers:
                random.choice(workers).kill()


def _become(arguments: list[str], terminal: int) -> NoReturn:
    """Go on as the command line, in a session and a terminal of its own."""
    import fcntl
    import struct
    import termios

    status = 70
    try:
        os.setsid()
        nothing = os.open(os.devnull, os.O_WRONLY)
        # The app draws on all three; a run's table goes nowhere.
        out = nothing if arguments[0] == "run" else terminal
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        for theirs, ours in ((terminal, 0), (out, 1), (terminal, 2)):
            os.dup2(theirs, ours)
        sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
        from vgpt_probe.cli import main

        status = main(arguments)
    finally:
        os._exit(status)


@contextlib.contextmanager
def looking(workspace: Workspace) -> Iterator[Store]:
    store = open_store(workspace)
    try:
        yield store
    finally:
        store.close()


def newest(store: Store) -> Run | None:
    runs = store.runs()
    return runs[0] if runs else None


def content(store: Store, run: int) -> dict[tuple[str, int], tuple[str, str, float | None]]:
    """What a run holds: text, verdict and margin of each answer."""
    return {
        (answer.model, answer.position): (
            answer.text,
            answer.verdict,
            None if answer.margin is None else round(answer.margin, 3),
        )
        for answer in store.answers(run)
    }


def undisturbed(workspace: Workspace, mode: str) -> tuple[dict[tuple[str, int], object], float]:
    """Run to the end without a fault; return what it holds, and how many seconds it took."""
    began = time.monotonic()
    victim = Victim(workspace, "--exact", "--mode", mode, "--limit", str(PROBES))
    assert victim.wait() == 0, victim.drawn.decode("utf-8", "replace")
    seconds = time.monotonic() - began
    with looking(workspace) as store:
        run = store.run("latest")
        found = content(store, run.id)
    assert run.state == "done" and len(found) == run.total and victim.shown <= PROBES
    return dict(found), seconds


def kill_until_done(
    workspace: Workspace,
    mode: str,
    expected: dict[tuple[str, int], object],
    seconds: float,
    chance: random.Random,
    *,
    most: int,
    workers: bool = False,
) -> int:
    """Begin a run and kill whoever asks it again and again, at most so often; check each time; return the kills.

    ``workers``: a model's process is killed, not the one that asks it.
    """
    with looking(workspace) as store:
        before = newest(store)
    kills, run = 0, before
    while True:
        fresh = run is None or (before is not None and run.id == before.id)
        options = ["--exact", "--mode", mode, "--limit", str(PROBES)] if fresh else ["--resume", "latest"]
        victim = Victim(workspace, *options)
        if kills < most:
            _wait(victim, workspace, 0 if fresh or run is None else run.answered, seconds, chance)
            alive = victim.poll() is None
            if alive:
                victim.kill_a_worker() if workers else victim.kill()
            kills += alive
        status = victim.wait()
        with looking(workspace) as store:
            run = newest(store)
            if run is None or (before is not None and run.id == before.id):
                assert victim.shown == 0
                continue
            held = content(store, run.id)
        # Nothing that was shown is lost, nothing is there that an undisturbed run would not hold.
        most_of_one = max(sum(model == name for model, _ in held) for name in run.models)
        assert victim.shown <= most_of_one, "an answer was shown that is not in the store"
        assert held.items() <= expected.items()
        assert run.answered == len(held)
        if status == 0:
            assert run.state == "done"
            assert held == expected
            return kills
        assert run.state in ("interrupted", "stopped", "done")
        assert run.state != "interrupted" or not workers


def _wait(
    victim: Victim, workspace: Workspace, answered: int, seconds: float, chance: random.Random
) -> None:
    """Wait for a random instant: anywhere from the start on, or while answers come in."""
    began = time.monotonic()
    if chance.random() < 0.3:
        until = began + chance.uniform(0, seconds)
        while victim.poll() is None and time.monotonic() < until:
            time.sleep(0.005)
        return
    more = chance.randint(1, 8)
    with looking(workspace) as store:
        while victim.poll() is None and time.monotonic() < began + PATIENCE:
            run = newest(store)
            if run is not None and run.state == "running" and run.answered >= answered + more:
                break
            time.sleep(0.01)
    time.sleep(chance.uniform(0, 0.05))


class AppVictim(Victim):
    """The app in a terminal: it goes on with the newest run, and what it shows is read off its screen."""

    def __init__(self, workspace: Workspace) -> None:
        import pyte

        self._screen = pyte.Screen(120, 40)
        self._feed = pyte.ByteStream(self._screen).feed
        self._fed = 0
        super().__init__(workspace, command=())

    def press(self, keys: str) -> None:
        """Type keys, as a terminal sends them."""
        os.write(self._master, keys.encode("ascii"))

    @property
    def lines(self) -> list[str]:
        """What is on the screen now."""
        data = self.drawn
        self._feed(data[self._fed :])
        self._fed = len(data)
        return list(self._screen.display)

    @property
    def shown(self) -> int:
        """The sum of the models' answers that the screen shows."""
        return sum(int(found) for line in self.lines for found in re.findall(rf"(\d+)/{PROBES}\b", line))


def kill_apps_until_done(workspace: Workspace, chance: random.Random, most: int) -> int:
    """Let the app go on with a run and kill it, at most so often, until the run is done; return the kills."""
    from vgpt_probe.runs.open import open_battery
    from vgpt_probe.runs.runner import create_run

    with looking(workspace) as store:
        catalog = open_catalog(workspace)
        run = create_run(store, workspace, catalog, open_battery(workspace, catalog).limited(PROBES), None)
        store.set_state(run.id, "stopped")
    held: dict[tuple[str, int], tuple[str, str, float | None]] = {}
    kills = 0
    while True:
        app = AppVictim(workspace)
        end = time.monotonic() + PATIENCE
        while not any("is unfinished" in line for line in app.lines):
            assert time.monotonic() < end and app.poll() is None, "\n".join(app.lines)
            time.sleep(0.02)
        app.press("2r")
        until = min(len(held) + chance.randint(1, 12), 2 * PROBES) if kills < most else 2 * PROBES
        while app.shown < until:
            assert time.monotonic() < end and app.poll() is None, "\n".join(app.lines)
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.05))
        app.kill()
        app.wait()
        kills += 1
        with looking(workspace) as store:
            run = store.run(run.id)
            now = content(store, run.id)
        assert app.shown <= len(now), "an answer was shown that is not in the store"
        assert held.items() <= now.items()
        held = now
        if len(held) == 2 * PROBES:
            return kills
        assert run.state == "interrupted"
