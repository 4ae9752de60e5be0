"""Home, models and catalog: what is there, and what to do next."""

from __future__ import annotations

import shutil

from textual.widgets import Input, Static

from tests.conftest import DEMO_MODELS
from tests.tui.conftest import SIZE, opened, ran, said, until
from vgpt_probe.config import Workspace, load_workspace
from vgpt_probe.tui.app import ProbeApp
from vgpt_probe.tui.dialogs.add_model import AddModel
from vgpt_probe.tui.screens.battery import BatteryScreen
from vgpt_probe.tui.screens.catalog import CatalogScreen
from vgpt_probe.tui.screens.home import HomeScreen
from vgpt_probe.tui.screens.models import ModelsScreen
from vgpt_probe.tui.widgets.lines import Lines


def text_of(app: ProbeApp, selector: str) -> str:
    return str(app.screen.query_one(selector, Static).content)


async def test_home_lists_runs_with_their_rates_and_opens_one(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await ran(pilot)
        await pilot.press("b")
        await until(pilot, lambda: app.active.run.id == 2 and app.active.complete and not app.desk.running)
        await pilot.press("1")
        screen = app.screen
        assert isinstance(screen, HomeScreen)
        await until(pilot, lambda: len(screen.past) == 2)
        assert "8 findings of run 2" in text_of(app, "#next")
        assert "dpo_v2" in text_of(app, "#plots") and "▆▆  66.7 %" in text_of(app, "#plots")
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(app.screen, BatteryScreen) and app.board.run.id == 1)


async def test_home_says_what_each_model_does_while_a_run_is_in_progress(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        app.desk.engine["sft"].patience = 2
        await pilot.press("b")
        await until(pilot, lambda: app.board is not None and app.board.answers == 22)
        await pilot.press("1")
        await until(pilot, lambda: "watches run 1 fill: 73 %" in text_of(app, "#next"))


async def test_models_are_loaded_and_unloaded_one_by_one(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("5")
        screen = app.screen
        assert isinstance(screen, ModelsScreen)
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.state_of("dpo_v1") == "ready")
        assert app.state_of("sft") == "unloaded"
        await pilot.press("u")
        await until(pilot, lambda: app.state_of("dpo_v1") == "unloaded")
        # The workspace's files are no GGUF files: what is wrong with them is a line, not a fault.
        await until(pilot, lambda: "is no GGUF file" in text_of(app, "#about-model"))


async def test_a_gguf_is_added_to_config_toml_and_its_comments_stay(
    app: ProbeApp, workspace: Workspace
) -> None:
    before = "# ours\n" + workspace.path.read_text(encoding="utf-8")
    workspace.path.write_text(before, encoding="utf-8")
    shutil.copy(DEMO_MODELS / "sft.gguf", workspace.root / "dpo_v3.gguf")
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("5", "a")
        await until(pilot, lambda: isinstance(app.screen, AddModel))
        app.screen.query_one("#path", Input).value = str(workspace.root / "dpo_v3.gguf")
        await pilot.pause()
        assert app.screen.query_one("#name", Input).value == "dpo_v3"
        await pilot.press("enter")
        await until(pilot, lambda: app.model_names == ["sft", "dpo_v1", "dpo_v2", "dpo_v3"])
        assert app.state_of("dpo_v3") == "unloaded" and "dpo_v3 is in config.toml" in said(app)
        assert len(app.screen.query_one(Lines).options) == 4
        await until(pilot, lambda: "4.3 M parameters" in text_of(app, "#about-model"))
        assert "fits" in text_of(app, "#about-model")
    written = workspace.path.read_text(encoding="utf-8")
    assert written.startswith(before)
    again = load_workspace(workspace.path)
    assert [model.path for model in again.config.models][-1] == "dpo_v3.gguf"
    assert again.stages == ["sft", "dpo_v1", "dpo_v2", "dpo_v3"]


async def test_a_file_that_is_no_gguf_is_refused_and_config_toml_stays(
    app: ProbeApp, workspace: Workspace
) -> None:
    before = workspace.path.read_bytes()
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("5", "a")
        await until(pilot, lambda: isinstance(app.screen, AddModel))
        app.screen.query_one("#path", Input).value = str(workspace.root / "sft.gguf")
        app.screen.query_one("#name", Input).value = "other"
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: "is no GGUF file" in said(app))
    assert workspace.path.read_bytes() == before


async def test_the_catalog_is_searched_and_a_table_is_probed_at_once(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("6")
        screen = app.screen
        assert isinstance(screen, CatalogScreen)
        await pilot.press("slash", *"aptl", "enter")
        await until(pilot, lambda: screen.name_under_cursor == "APTL")
        await until(pilot, lambda: "dbo.APTL" in text_of(app, "#about-relation"))
        assert "near misses" in text_of(app, "#about-relation") and "APLine" in text_of(
            app, "#about-relation"
        )
        await pilot.press("p")
        await until(pilot, lambda: app.active is not None and app.active.complete and not app.desk.running)
        assert isinstance(app.screen, BatteryScreen)
        assert [probe.question for probe in app.board.probes] == [
            "Is there a table named APTL?",
            "Describe the APTL table",
        ]
        assert app.board.run.battery == "APTL"


async def test_the_catalog_is_browsed_by_module(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("6")
        screen = app.screen
        assert isinstance(screen, CatalogScreen)
        await until(pilot, lambda: "opens a module" in text_of(app, "#about-relation"))
        await pilot.press("enter", "down")
        await until(
            pilot, lambda: screen.name_under_cursor in {one.name for one in app.desk.catalog.modules["AP"]}
        )


async def test_a_search_by_misspelling_finds_near_misses(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("6", "slash", *"APTHX", "enter")
        await until(pilot, lambda: app.screen.name_under_cursor == "APTH")
        await pilot.press("escape")
        assert not app.screen.query_one("#find", Input).value
