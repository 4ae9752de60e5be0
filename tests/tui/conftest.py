"""The app on a small workspace with a scripted engine."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.conftest import ROOT
from tests.tui.fake import FakeEngine, write_workspace
from vgpt_probe.config import Workspace, load_workspace
from vgpt_probe.runs.open import open_catalog
from vgpt_probe.tui.app import ProbeApp

SIZE = (120, 40)


DDL = ROOT / "probes" / "vista_demo.sql"


@pytest.fixture(scope="session")
def read_catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache of a workspace that has read the demo catalog once: reading the DDL takes seconds."""
    workspace = load_workspace(write_workspace(tmp_path_factory.mktemp("catalog"), DDL))
    open_catalog(workspace)
    return workspace.cache_folder


@pytest.fixture
def workspace(tmp_path: Path, read_catalog: Path) -> Workspace:
    workspace = load_workspace(write_workspace(tmp_path / "workspace", DDL))
    shutil.copytree(read_catalog, workspace.cache_folder)
    return workspace


@pytest.fixture
def app(workspace: Workspace) -> ProbeApp:
    return ProbeApp(workspace, engine_factory=FakeEngine, clock=lambda: 0.0)


async def until(pilot: Pilot[None], holds: Callable[[], object], *, seconds: float = 60) -> None:
    """Let the app work until something holds; fail when it does not within so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            await pilot.pause()
            return
        await pilot.pause(0.01)
    raise AssertionError("it did not come about")


async def opened(pilot: Pilot[None]) -> None:
    """Wait until store, engine and catalog are open."""
    await until(pilot, lambda: pilot.app.desk.catalog_is_open and pilot.app.desk.workers)  # type: ignore[attr-defined]


async def ran(pilot: Pilot[None]) -> None:
    """Run the battery to its end."""
    await opened(pilot)
    await pilot.press("b")
    app: ProbeApp = pilot.app  # type: ignore[assignment]
    await until(pilot, lambda: app.active is not None and app.active.complete and not app.desk.running)


async def drafts(app: ProbeApp, pilot: Pilot[None]) -> int:
    """Run the battery, draft pairs from what is wrong with all models, show them; return how many they are."""
    await ran(pilot)
    await pilot.press("f", "P", "enter")
    await until(pilot, lambda: "drafted" in said(app))
    count = len(app.desk.store.pairs())
    await pilot.press("4")
    await until(pilot, lambda: len(app.screen.pairs) == count)  # type: ignore[attr-defined]
    return count


def said(app: ProbeApp) -> str:
    """Everything that the app has told in toasts."""
    return "\n".join(str(one.message) for one in app._notifications)
