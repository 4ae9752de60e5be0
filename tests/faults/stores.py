"""Stores and disks for the tests that damage them."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from vgpt_probe.probes import Battery, make_probe
from vgpt_probe.runs.records import Answer, RunModel, Snapshot
from vgpt_probe.runs.store import Store

SNAPSHOT = Snapshot("battery", "catalog", (RunModel("a", "sft", "1"),), ("sft",))


def fill(store: Store, catalog, answers: int = 200) -> int:
    probes = tuple(make_probe(f"Is there APTH, {at}?", "APTH", catalog, wording="w") for at in range(answers))
    run = store.create_run(Battery("small", "", probes, "battery"), SNAPSHOT)
    store.add_answers(answer(run, at) for at in range(answers))
    store.set_state(run, "done")
    return run


def filled(path: Path, catalog, answers: int = 200) -> int:
    """A closed store with one finished run at ``path``; return the run's number."""
    store = Store(path)
    run = fill(store, catalog, answers)
    store.close()
    return run


def answer(run: int, position: int) -> Answer:
    return Answer(run, "a", position, f"No, {position}. " + "x" * 200, "denies", "false_rejection")


@contextlib.contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Path]:
    """A small disk of its own at ``folder``; the test is skipped where none can be mounted."""
    folder.mkdir(exist_ok=True)
    done = None
    if shutil.which("mount"):
        done = subprocess.run(["mount", *options, str(folder)], capture_output=True, check=False)
    if done is None or done.returncode:
        pytest.skip("a disk can be mounted on Linux as root only")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nothing in ``folder`` can be written: its mode says so, and for root, who is above modes, a mount does."""
    if os.name == "nt":
        pytest.skip("modes are POSIX's")
    if os.geteuid() != 0:
        for path in folder.iterdir():
            path.chmod(0o444)
        folder.chmod(0o555)
        try:
            yield
        finally:
            folder.chmod(0o755)
        return
    with mounted(folder, "--bind", str(folder)):
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
        yield
