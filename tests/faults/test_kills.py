"""kill -9 at random instants of runs: nothing that was shown is lost, nothing is asked twice, a resume finishes."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pytest

from tests.faults.killing import kill_apps_until_done, kill_until_done, make_workspace, undisturbed

#: How often each of the four is killed in the long run; together 200 times.
LONG = int(os.environ.get("VGPT_PROBE_KILLS", "200")) // 4


@pytest.mark.parametrize("victim", ["asker", "worker"])
def test_a_run_that_is_killed_loses_nothing_and_is_finished_later(tmp_path: Path, victim: str) -> None:
    kill(tmp_path, "generate" if victim == "asker" else "score", victim, times=2)


@pytest.mark.long
@pytest.mark.parametrize("victim", ["asker", "worker"])
@pytest.mark.parametrize("mode", ["generate", "score"])
def test_runs_killed_at_many_random_instants_lose_nothing(tmp_path: Path, mode: str, victim: str) -> None:
    kill(tmp_path, mode, victim, times=LONG)


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of our own is POSIX's")
def test_an_app_that_is_killed_has_shown_nothing_that_is_lost(tmp_path: Path) -> None:
    assert kill_apps_until_done(make_workspace(tmp_path), random.Random(5), most=2) >= 1


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of our own is POSIX's")
def test_an_app_that_is_killed_many_times_has_shown_nothing_that_is_lost(tmp_path: Path) -> None:
    chance, kills = random.Random(6), 0
    workspace = make_workspace(tmp_path)
    while kills < LONG:
        kills += kill_apps_until_done(workspace, chance, most=12)
        with (tmp_path / "kills.txt").open("a", encoding="utf-8") as told:
            told.write(f"app: {kills}\n")


def kill(folder: Path, mode: str, victim: str, *, times: int) -> None:
    workspace = make_workspace(folder, ("one",) if victim == "asker" else ("one", "two"))
    expected, seconds = undisturbed(workspace, mode)
    chance = random.Random(f"{mode} {victim}")
    kills = tries = 0
    while kills < times:
        kills += kill_until_done(
            workspace, mode, expected, seconds, chance, most=min(6, times - kills), workers=victim == "worker"
        )
        tries += 1
        assert tries < 10 * times, "it is over before it can be killed"
        with (folder / "kills.txt").open("a", encoding="utf-8") as told:
            told.write(f"{mode} {victim}: {kills}\n")
