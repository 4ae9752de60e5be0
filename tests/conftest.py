"""Shared fixtures: the demo catalog, and workspaces that keep their store in a temporary folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from vgpt_probe.catalog import Catalog, load_catalog
from vgpt_probe.config import Workspace, load_workspace

# The same examples every time: a suite that is green for one person is green for the next. To search further:
# HYPOTHESIS_PROFILE=default, with which Hypothesis draws anew.
# A busy machine is no fault of the code: no deadline, no complaint of slow drawing.
settings.register_profile(
    "steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

ROOT = Path(__file__).parent.parent
DEMO_MODELS = ROOT / "models" / "demo"

#: The tests that make faults happen, by the beginnings of their paths: -m reliability (docs/reliability.md).
RELIABILITY = (
    "faults/", "fuzz/", "engine/test_client.py", "engine/test_damaged.py", "engine/test_endpoint.py",
    "engine/test_process.py", "engine/test_template_bounds.py", "reports/test_in_a_browser.py",
    "reports/test_page.py", "runs/test_faults.py", "runs/test_pair_table.py", "runs/test_store.py", "test_errors.py",
    "test_log.py", "test_output.py", "test_shows_never_obeys.py",
)  # fmt: skip

MakeWorkspace = Callable[..., Workspace]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of docs/reliability.md."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and item.path.relative_to(here).as_posix().startswith(RELIABILITY):
            item.add_marker(pytest.mark.reliability)


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The demo catalog."""
    return load_catalog(ROOT / "probes" / "vista_demo.sql", title="Viewpoint Vista")


@pytest.fixture
def make_workspace(tmp_path: Path) -> MakeWorkspace:
    """Make a workspace on the demo catalog and batteries; ``models`` gives name and file of each model."""

    def make(models: dict[str, Path] | None = None, extra: str = "") -> Workspace:
        if models is None:
            models = {name: DEMO_MODELS / f"{name}.gguf" for name in ("sft", "dpo_v1", "dpo_v2")}
        text = f'[catalog]\nsource = "{(ROOT / "probes" / "vista_demo.sql").as_posix()}"\n'
        text += f'[batteries]\nfolder = "{(ROOT / "probes").as_posix()}"\n[engine]\nmax_tokens = 48\n{extra}\n'
        for name in models:
            text += f'[[stages]]\nname = "{name}"\n'
        for name, path in models.items():
            text += f'[[models]]\nname = "{name}"\nstage = "{name}"\npath = "{path.as_posix()}"\n'
        folder = tmp_path / "workspace"
        folder.mkdir(exist_ok=True)
        (folder / "config.toml").write_text(text, encoding="utf-8")
        return load_workspace(folder / "config.toml")

    return make
