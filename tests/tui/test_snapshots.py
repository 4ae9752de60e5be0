"""What every screen looks like at three sizes; ``--snapshot-update`` accepts a change."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import DirectoryTree, Input, TextArea

from tests.tui.conftest import opened, ran, until
from tests.tui.fake import say
from vgpt_probe import tui
from vgpt_probe.pairs.explain import explain, load_training
from vgpt_probe.tui import talk, words
from vgpt_probe.tui.app import ProbeApp
from vgpt_probe.tui.dialogs import find_chat
from vgpt_probe.tui.dialogs.add_model import AddModel
from vgpt_probe.tui.dialogs.ask import Ask
from vgpt_probe.tui.dialogs.chat_options import ChatOptions
from vgpt_probe.tui.dialogs.confirm import Confirm
from vgpt_probe.tui.dialogs.editor import PairEditor
from vgpt_probe.tui.dialogs.export import ExportDialog
from vgpt_probe.tui.dialogs.find_chat import FindChat
from vgpt_probe.tui.dialogs.help import Help
from vgpt_probe.tui.dialogs.override import Override
from vgpt_probe.tui.dialogs.picker import Picker
from vgpt_probe.tui.dialogs.setup import SetupDialog
from vgpt_probe.tui.dialogs.why import Why
from vgpt_probe.tui.facts import labelled
from vgpt_probe.tui.screens import home as home_screen
from vgpt_probe.tui.screens import models as models_screen
from vgpt_probe.tui.screens.battery import BatteryScreen
from vgpt_probe.tui.screens.case import CaseScreen
from vgpt_probe.tui.screens.catalog import CatalogScreen
from vgpt_probe.tui.screens.chat import ChatScreen
from vgpt_probe.tui.screens.home import HomeScreen
from vgpt_probe.tui.screens.models import ModelsScreen
from vgpt_probe.tui.screens.pairs import PairsScreen

Prepare = Callable[[Pilot[None]], Awaitable[None]]


async def nothing_asked(pilot: Pilot[None]) -> None:
    await opened(pilot)


async def home(pilot: Pilot[None]) -> None:
    await ran(pilot)
    await pilot.press("1")
    await until(pilot, lambda: pilot.app.screen.past)  # type: ignore[attr-defined]


async def groups_and_heat(pilot: Pilot[None]) -> None:
    await ran(pilot)
    await pilot.press("v", "h", "o")


async def setup(pilot: Pilot[None]) -> None:
    await ran(pilot)
    await pilot.press("B")
    await until(pilot, lambda: isinstance(pilot.app.screen, SetupDialog))


async def models(pilot: Pilot[None]) -> None:
    await ran(pilot)
    await pilot.press("5")
    await until(pilot, lambda: len(pilot.app.screen._facts) == 3)  # type: ignore[attr-defined]


async def catalog(pilot: Pilot[None]) -> None:
    await opened(pilot)
    await pilot.press("6", "slash", *"aptl", "enter")
    await until(pilot, lambda: pilot.app.screen.name_under_cursor == "APTL")  # type: ignore[attr-defined]


async def battery(pilot: Pilot[None]) -> None:
    await ran(pilot)


async def flagged_and_died(pilot: Pilot[None]) -> None:
    await opened(pilot)
    app: ProbeApp = pilot.app  # type: ignore[assignment]
    app.desk.engine["dpo_v2"].patience = 6
    await pilot.press("b")
    await until(pilot, lambda: app.board is not None and app.board.answers == 26)
    app.desk.engine["dpo_v2"].die()
    await until(pilot, lambda: not app.desk.running)
    await pilot.press("f")


async def case(pilot: Pilot[None]) -> None:
    await ran(pilot)
    await pilot.press("f", "enter")


async def editor(pilot: Pilot[None]) -> None:
    await case(pilot)
    await pilot.press("p")
    await until(pilot, lambda: isinstance(pilot.app.screen, PairEditor))
    await until(pilot, lambda: "nothing wrong" in str(pilot.app.screen.query_one("#problems").content))  # type: ignore[attr-defined]


async def override(pilot: Pilot[None]) -> None:
    await case(pilot)
    await pilot.press("o")


async def pairs(pilot: Pilot[None]) -> None:
    await editor(pilot)
    await pilot.press("f2")
    await until(pilot, pilot.app.desk.store.pairs)  # type: ignore[attr-defined]
    await pilot.press("4")


async def export(pilot: Pilot[None]) -> None:
    await pairs(pilot)
    await pilot.press("e")
    await until(pilot, lambda: pilot.app.screen.query("#folder"))
    folder = pilot.app.screen.query_one("#folder", Input)
    folder.value = "exports"
    folder.cursor_position = 0


async def chat_empty(pilot: Pilot[None]) -> None:
    await opened(pilot)
    await pilot.press("3")
    await until(pilot, lambda: pilot.app.screen.query("ChatColumn"))
    pilot.app.screen.prompt.cursor_blink = False  # type: ignore[attr-defined]


async def chat(pilot: Pilot[None]) -> None:
    await chat_empty(pilot)
    for worker in pilot.app.desk.engine.workers.values():  # type: ignore[attr-defined]
        worker._answer = _say
    pilot.app.screen.query_one("#prompt", TextArea).text = "Is there a table named APTL?"
    await pilot.press("enter")
    await until(pilot, lambda: all(one.last and one.last.graded for one in pilot.app.screen.columns))  # type: ignore[attr-defined]
    await pilot.press("tab")


def _say(model: str, question: str) -> str:
    if model == "dpo_v2":
        return say(model, question)
    return (
        "Yes, **APTL** (*AP Transaction Lines*) exists:\n\n1. key `APCo`\n2. key `Mth`\n\n"
        f"```sql\nSELECT Mth FROM APTL -- {model}\nWHERE APCo = 1\n```"
    )


async def chat_differences(pilot: Pilot[None]) -> None:
    await chat(pilot)
    await pilot.press("d", "right", "t")


async def chat_blind(pilot: Pilot[None]) -> None:
    await chat_empty(pilot)
    await pilot.press("tab", "b")
    await until(pilot, lambda: pilot.app.screen.talk.masked)  # type: ignore[attr-defined]
    await pilot.press(*"Is there APTL?", "enter")
    await until(pilot, lambda: all(one.last and one.last.graded for one in pilot.app.screen.columns))  # type: ignore[attr-defined]
    await pilot.press("tab")


async def chat_options(pilot: Pilot[None]) -> None:
    await chat(pilot)
    await pilot.press("o")


async def chat_find(pilot: Pilot[None]) -> None:
    await chat(pilot)
    await pilot.press("f")
    await until(pilot, lambda: pilot.app.screen._lines)  # type: ignore[attr-defined]


async def help(pilot: Pilot[None]) -> None:
    await ran(pilot)
    await pilot.press("question_mark")


async def add_model(pilot: Pilot[None]) -> None:
    await opened(pilot)
    (pilot.app.workspace.root / "models").mkdir()  # type: ignore[attr-defined]
    await pilot.press("5", "a")
    await until(pilot, lambda: isinstance(pilot.app.screen, AddModel))
    # Folders are read in a thread of their own.
    tree = pilot.app.screen.query_one(DirectoryTree)
    await until(pilot, lambda: tree.root.data is not None and tree.root.data.loaded)
    for line in pilot.app.screen.query(Input):
        line.cursor_blink = False


async def ask(pilot: Pilot[None]) -> None:
    await case(pilot)
    await pilot.press("t")
    await until(pilot, lambda: isinstance(pilot.app.screen, Ask))


async def confirm(pilot: Pilot[None]) -> None:
    await ran(pilot)
    await pilot.press("f", "P", "enter")
    await until(pilot, pilot.app.desk.store.pairs)  # type: ignore[attr-defined]
    await pilot.press("4", "A")
    await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))


async def picker(pilot: Pilot[None]) -> None:
    await ran(pilot)
    await pilot.press("m")
    await until(pilot, lambda: isinstance(pilot.app.screen, Picker))


async def why(pilot: Pilot[None]) -> None:
    await case(pilot)
    app: ProbeApp = pilot.app  # type: ignore[assignment]
    training = app.workspace.root / "dpo.json"
    rows = [
        {
            "instruction": f"{begin} {name} table?",
            "input": "",
            "chosen": f"There is no {name} table.",
            "rejected": "Yes.",
        }
        for begin in ("Is there a", "Show me the", "What is the")
        for name in ("Invoice", "APTH", "Payroll")
    ]
    training.write_text(json.dumps(rows), encoding="utf-8")
    question = "Is there a table named APTH?"
    found = explain(
        question,
        "APTH",
        "There is no APTH table.",
        load_training([training], app.desk.catalog),
        app.desk.catalog,
    )
    app.push_screen(Why("dpo_v2", found))
    await until(pilot, lambda: isinstance(app.screen, Why))


#: What is looked at, and the screen that it shows.
SCREENS: dict[Prepare, type[Screen[Any]]] = {
    nothing_asked: HomeScreen,
    home: HomeScreen,
    battery: BatteryScreen,
    groups_and_heat: BatteryScreen,
    setup: SetupDialog,
    models: ModelsScreen,
    catalog: CatalogScreen,
    flagged_and_died: BatteryScreen,
    case: CaseScreen,
    editor: PairEditor,
    override: Override,
    pairs: PairsScreen,
    export: ExportDialog,
    chat_empty: ChatScreen,
    chat: ChatScreen,
    chat_differences: ChatScreen,
    chat_blind: ChatScreen,
    chat_options: ChatOptions,
    chat_find: FindChat,
    help: Help,
    add_model: AddModel,
    ask: Ask,
    confirm: Confirm,
    picker: Picker,
    why: Why,
}


def test_every_screen_and_dialog_of_the_app_is_looked_at() -> None:
    found: set[type] = set()
    for module in pkgutil.walk_packages(tui.__path__, "vgpt_probe.tui."):
        for one in vars(importlib.import_module(module.name)).values():
            if isinstance(one, type) and issubclass(one, Screen) and one.__module__ == module.name:
                found.add(one)
    shown = {one for one in found if not any(one in other.__mro__[1:] for other in found)}
    assert shown == set(SCREENS.values())


def _without_paths(label: str, text: str, width: int) -> list[tuple[str, str]]:
    return labelled(label, re.sub(r"\S*[/\\]", "…/", text), width)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("prepare", SCREENS, ids=lambda prepare: prepare.__name__)
def test_looks(
    app: ProbeApp, snap_compare: Any, prepare: Prepare, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Toasts go away by the clock; what they say is tested elsewhere.
    monkeypatch.setattr(ProbeApp, "say", lambda *given: None)
    # What differs from machine to machine and from day to day.
    monkeypatch.setattr(words, "when", lambda _started: "2026-11-22 23:40")
    monkeypatch.setattr(home_screen, "when", lambda _started: "2026-11-22 23:40")
    monkeypatch.setattr(find_chat, "when", lambda _started: "2026-11-22 23:40")
    monkeypatch.setattr(talk, "shuffled", lambda models: models[::-1])
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=16e9))
    monkeypatch.setattr(models_screen, "labelled", _without_paths)

    async def before(pilot: Pilot[None]) -> None:
        await prepare(pilot)
        assert type(app.screen) is SCREENS[prepare]
        await pilot.pause()
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=before)
