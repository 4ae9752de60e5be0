"""What holds for the whole app: the registry of actions, leaving, help, start-up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from textual.widgets import Static

from tests.conftest import ROOT
from tests.tui.conftest import SIZE, opened, ran, said, until
from vgpt_probe.config import Workspace
from vgpt_probe.errors import INTERNAL, StoreError
from vgpt_probe.tui.actions import ACTIONS, PLACES, bindings, key_table
from vgpt_probe.tui.app import ProbeApp, run_app
from vgpt_probe.tui.dialogs.base import Dialog
from vgpt_probe.tui.dialogs.chat_options import ChatOptions
from vgpt_probe.tui.dialogs.confirm import Confirm
from vgpt_probe.tui.dialogs.editor import PairEditor
from vgpt_probe.tui.dialogs.help import Help
from vgpt_probe.tui.dialogs.setup import SetupDialog
from vgpt_probe.tui.screens.battery import BatteryScreen
from vgpt_probe.tui.screens.case import CaseScreen
from vgpt_probe.tui.screens.catalog import CatalogScreen
from vgpt_probe.tui.screens.chat import ChatScreen
from vgpt_probe.tui.screens.home import HomeScreen
from vgpt_probe.tui.screens.models import ModelsScreen
from vgpt_probe.tui.screens.pairs import PairsScreen
from vgpt_probe.tui.widgets.matrix import Matrix
from vgpt_probe.tui.widgets.prompt import Prompt

OWNERS = {
    "app": ProbeApp,
    "home": HomeScreen,
    "models": ModelsScreen,
    "catalog": CatalogScreen,
    "run": SetupDialog,
    "battery": BatteryScreen,
    "matrix": Matrix,
    "case": CaseScreen,
    "prompt": Prompt,
    "chat": ChatScreen,
    "options": ChatOptions,
    "pairs": PairsScreen,
    "editor": PairEditor,
    "dialog": Dialog,
}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_can_be_done_and_is_documented(action) -> None:  # type: ignore[no-untyped-def]
    assert action.place in PLACES
    assert callable(getattr(OWNERS[action.place], f"action_{action.method}"))
    assert action.help.endswith(".") and action.label
    assert action.help in (ROOT / "docs" / "keys.md").read_text(encoding="utf-8")
    assert not {"ctrl+a", "ctrl+b", "ctrl+j", "ctrl+o", "ctrl+s"} & set(action.keys.split(","))


def test_the_key_table_of_the_documentation_is_up_to_date() -> None:
    assert key_table() in (ROOT / "docs" / "keys.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("place", PLACES)
def test_no_key_means_two_things_in_one_place(place: str) -> None:
    keys = [key for binding in bindings(place) for key in binding.key.split(",")]
    assert len(keys) == len(set(keys))


def test_nothing_slow_is_imported_before_the_first_paint() -> None:
    code = (
        "import sys; from vgpt_probe.tui.app import ProbeApp; "
        "print([name for name in ('sqlglot', 'llama_cpp', 'rapidfuzz', 'numpy', 'jinja2') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


async def test_help_shows_every_action_and_sign(app: ProbeApp) -> None:
    async with app.run_test(size=(200, 60)) as pilot:
        await opened(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, Help))
        await until(pilot, lambda: str(app.screen.query_one("#help", Static).content))
        text = " ".join(str(app.screen.query_one("#help", Static).content).split())
        for action in ACTIONS:
            assert action.help in text
        for word in (
            "denies real",
            "accepts fake",
            "contradicts",
            "unclear",
            "no answer",
            "overridden by a person",
        ):
            assert word in text
        await pilot.press("escape")
        assert isinstance(app.screen, HomeScreen)


async def test_the_palette_offers_the_actions_of_the_screen(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await ran(pilot)
        offered = {command.title: command for command in app.get_system_commands(app.screen)}
        assert {"Run", "Flagged", "Search", "Chat", "Pairs", "Help", "Quit", "Theme"} <= set(offered)
        assert "Resume" not in offered
        offered["Flagged"].callback()
        await until(pilot, lambda: app.screen.filter.flagged)


async def test_screens_are_reached_and_left_by_keys(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await ran(pilot)
        for key, kind in (
            ("4", PairsScreen),
            ("3", ChatScreen),
            ("f3", BatteryScreen),
            ("5", ModelsScreen),
            ("6", CatalogScreen),
            ("1", HomeScreen),
            ("f5", PairsScreen),
        ):
            await pilot.press(key)
            await until(pilot, lambda kind=kind: isinstance(app.screen, kind))
        await pilot.press("2", "enter")
        await until(pilot, lambda: isinstance(app.screen, CaseScreen))
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, BatteryScreen))


async def test_leaving_asks_once_while_a_run_is_in_progress(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        app.desk.engine["sft"].patience = 2
        await pilot.press("b")
        await until(pilot, lambda: app.board is not None and app.board.answers == 22)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, BatteryScreen))
        assert app.desk.running
        await pilot.press("q", "y")
        await until(pilot, lambda: app._exit)
    assert app.farewell == ["Run 1 is unfinished. To resume it: r in the app, or vgpt-probe run --resume 1"]
    assert app.return_code == 0


async def test_leaving_without_work_asks_nothing(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await ran(pilot)
        await pilot.press("q")
        await until(pilot, lambda: app._exit)
    assert app.farewell == []


async def test_a_store_that_cannot_be_opened_is_a_line(app: ProbeApp, workspace: Workspace) -> None:
    workspace.store_path.write_text(
        "this is no database, and long enough to be taken for one" * 20, encoding="utf-8"
    )
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "vgpt_probe.db" in said(app))
        assert isinstance(app.screen, HomeScreen)


def test_a_fault_of_the_app_ends_it_with_a_line_and_a_log(workspace: Workspace, capsys, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    def run(app: ProbeApp) -> None:
        monkeypatch.setattr(ProbeApp, "is_headless", False)
        app._handle_exception(RuntimeError("boom"))

    monkeypatch.setattr(ProbeApp, "run", run)
    monkeypatch.setattr(ProbeApp, "exit", lambda app, **options: None)
    assert run_app(workspace) == INTERNAL
    told = capsys.readouterr().err
    assert "boom" in told and "Traceback" not in told
    assert "RuntimeError: boom" in (workspace.log_folder / "app.log").read_text(encoding="utf-8")


async def test_a_key_within_a_fault_reaches_neither_the_screen_nor_the_log(app: ProbeApp, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("vgpt_probe.log._log.secrets", ("sk-very-secret-123",))

    def does() -> None:
        raise RuntimeError("401 for Bearer sk-very-secret-123")

    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        app.in_background(does)
        await until(pilot, lambda: "RuntimeError: 401 for Bearer [secret]" in said(app))
        written = (app.workspace.log_folder / "app.log").read_text(encoding="utf-8")
        assert "RuntimeError: 401 for Bearer [secret]" in written and "very-secret" not in written + said(app)


def test_an_error_says_its_place_and_mend() -> None:
    assert (
        str(StoreError("is damaged", where="x.db", mend="move it away")) == "x.db: is damaged (move it away)"
    )
    assert Path(ROOT / "docs" / "keys.md").is_file()


async def test_a_store_that_fails_later_is_a_line_and_the_app_goes_on(app: ProbeApp, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    def fail() -> None:
        raise StoreError("the disk is full", where="vgpt_probe.db", mend="free some space")

    async with app.run_test(size=SIZE) as pilot:
        await ran(pilot)
        monkeypatch.setattr(app.desk.store, "runs", fail)
        await pilot.press("e")
        await until(pilot, lambda: "vgpt_probe.db: the disk is full (free some space)" in said(app))
        await pilot.press("f")
        assert app.screen.filter.flagged


@pytest.mark.parametrize("size", [(20, 6), (40, 10), (300, 90)])
async def test_every_screen_stands_any_size(app: ProbeApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        await ran(pilot)
        for keys in (
            ["enter"],
            ["p"],
            ["escape"],
            ["escape"],
            ["question_mark"],
            ["escape"],
            ["h", "v", "z"],
            ["B"],
            ["escape"],
            ["1"],
            ["5"],
            ["a"],
            ["escape"],
            ["6"],
            ["3"],
            ["escape", "4"],
        ):
            await pilot.press(*keys)
            await pilot.pause()
        assert isinstance(app.screen, PairsScreen)


async def test_a_theme_reaches_the_screens_that_were_open_and_those_that_open_later(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await ran(pilot)
        await pilot.press("1")
        dark = app.screen.styles.background
        app.theme = "probe-light"
        await pilot.pause()
        for key in ("1", "2", "6"):
            await pilot.press(key)
            await until(pilot, lambda: app.screen.styles.background.hex == "#FBFBF9")
        app.theme = "probe-dark"
        await pilot.press("2")
        await until(pilot, lambda: app.screen.styles.background == dark)
