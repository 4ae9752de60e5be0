"""Files that are killed while they are written are the old ones or the new ones, whole."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from tests.conftest import ROOT

OLD, NEW = "old " * 200_000, "new " * 200_000

#: Writes a large file over and over, and says each time that it is about to.
WRITER = (
    "import sys; from pathlib import Path; from vgpt_probe.files import write_atomically\n"
    "path, old, new = Path(sys.argv[1]), 'old ' * 200_000, 'new ' * 200_000\n"
    "print('ready', flush=True)\n"
    "while True:\n"
    "    write_atomically(path, new)\n"
    "    write_atomically(path, old)"
)

#: Exports pairs over and over, each time others.
EXPORTER = (
    "import sys; from pathlib import Path\n"
    "from vgpt_probe.catalog import load_catalog; from vgpt_probe.pairs.export import export_pairs\n"
    "from vgpt_probe.pairs.guard import Guard; from vgpt_probe.pairs.pair import Pair\n"
    "from vgpt_probe.probes import load_heldout\n"
    "catalog = load_catalog(Path('probes/vista_demo.sql'), cache=Path(sys.argv[2]))\n"
    "guard = Guard(catalog, load_heldout(Path('probes'), catalog))\n"
    "for turn in range(10 ** 6):\n"
    "    pairs = [Pair(f'Is there APTH? {turn} {at}', 'Yes, the table APTH exists.', 'No.', 'acceptance',"
    " subject='APTH') for at in range(200)]\n"
    "    export_pairs(pairs, guard, format='llamafactory', folder=Path(sys.argv[1]), dataset='d')\n"
    "    turn or print('ready', flush=True)"
)


def killed(script: str, *arguments: str, after: float) -> None:
    """Let a script work for so long, then end it without a word."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, cwd=ROOT, env=environment
    )
    assert process.stdout.readline().strip() == b"ready"
    time.sleep(after)
    assert process.poll() is None
    process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    process.wait()


def kill_writers(folder, times: int) -> None:
    path = folder / "config.toml"
    path.write_text(OLD, encoding="utf-8")
    chance = random.Random(1)
    for _ in range(times):
        killed(WRITER, str(path), after=chance.uniform(0, 0.1))
        assert path.read_text(encoding="utf-8") in (OLD, NEW)


def test_a_file_killed_in_mid_write_is_the_old_or_the_new_one(tmp_path):
    kill_writers(tmp_path, 5)


@pytest.mark.long
def test_files_killed_in_mid_write_many_times_are_whole(tmp_path):
    kill_writers(tmp_path, 200)


def kill_exporters(folder, times: int) -> None:
    chance = random.Random(2)
    for _ in range(times):
        killed(EXPORTER, str(folder / "out"), str(folder / "cache"), after=chance.uniform(0, 0.3))
        for path in (folder / "out").glob("*.json"):
            content = json.loads(path.read_text(encoding="utf-8"))
            if path.name == "d.json":
                assert len(content) == 200 and len({row["instruction"].split()[3] for row in content}) == 1
    assert (folder / "out" / "d.json").is_file()


def test_an_export_killed_in_the_middle_leaves_whole_files(tmp_path):
    kill_exporters(tmp_path, 2)


@pytest.mark.long
def test_exports_killed_many_times_leave_whole_files(tmp_path):
    kill_exporters(tmp_path, 50)
