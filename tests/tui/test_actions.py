"""Every action of the registry is done once by its key; one without a scenario here fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.conftest import SIZE, drafts, opened, ran, said, until
from tests.tui.fake import FakeEngine
from vgpt_probe.config import Workspace, load_workspace
from vgpt_probe.errors import ConfigError
from vgpt_probe.tui.actions import ACTIONS, check_keys
from vgpt_probe.tui.app import ProbeApp
from vgpt_probe.tui.dialogs.confirm import Confirm
from vgpt_probe.tui.dialogs.editor import PairEditor
from vgpt_probe.tui.dialogs.setup import SetupDialog
from vgpt_probe.tui.screens.case import CaseScreen

Scenario = Callable[[ProbeApp, Pilot[None]], Awaitable[None]]


async def everywhere(app: ProbeApp, pilot: Pilot[None]) -> None:
    await opened(pilot)
    for key, mode in zip("234561", ["battery", "chat", "pairs", "models", "catalog", "home"], strict=True):
        await pilot.press(*(["escape", key] if app.current_mode == "chat" else [key]))
        assert app.current_mode == mode
    await pilot.press("question_mark", "escape", "ctrl+p", "escape")
    await pilot.press("q")
    await until(pilot, lambda: app._exit)


async def home(app: ProbeApp, pilot: Pilot[None]) -> None:
    await opened(pilot)
    app.desk.engine["sft"].patience = 3
    await pilot.press("b")
    await until(pilot, lambda: app.board is not None and app.board.answers == 23)
    await pilot.press("s")
    await until(pilot, lambda: not app.desk.running)
    app.desk.engine["sft"].patience = None
    await pilot.press("1", "r")
    await until(pilot, lambda: app.board.complete and not app.desk.running)
    await pilot.press("1")
    await until(pilot, lambda: app.screen.past)
    await pilot.press("enter")
    assert app.current_mode == "battery"


async def running(app: ProbeApp, pilot: Pilot[None]) -> None:
    await opened(pilot)
    workers = app.desk.engine.workers
    workers["dpo_v2"].patience = 3
    await pilot.press("2", "b")
    await until(pilot, lambda: app.board is not None and app.board.answers == 23)
    workers["dpo_v2"].die()
    await until(pilot, lambda: not app.desk.running)
    workers["dpo_v2"].patience = 2
    await pilot.press("l")
    await until(pilot, lambda: app.board.answers == 25)
    await pilot.press("s")
    await until(pilot, lambda: not app.desk.running)
    workers["dpo_v2"].patience = None
    await pilot.press("r")
    await until(pilot, lambda: app.board.complete and not app.desk.running)
    await pilot.press("B")
    await until(pilot, lambda: isinstance(app.screen, SetupDialog))
    await pilot.press("up", "down", "right", "left", "enter")
    await until(pilot, lambda: app.active.run.id == 2 and app.active.complete and not app.desk.running)


async def battery(app: ProbeApp, pilot: Pilot[None]) -> None:
    await ran(pilot)
    await pilot.press("b")
    await until(pilot, lambda: app.active.run.id == 2 and app.active.complete and not app.desk.running)
    await pilot.press("f", "d", "v", "z", "o", "h", "escape")
    assert app.screen.view.grouped == "subject" and app.screen.view.order == "disagreement"
    await pilot.press("slash", "escape", "m", "escape", "w", "escape", "S", "escape", "e", "escape")
    await pilot.press("c", "enter")
    await until(pilot, lambda: app.baseline is not None)
    await pilot.press("C", "C", "C", "C", "v", "v", "f")
    await pilot.press("R")
    report = app.workspace.state / "reports" / "run_2.html"
    await until(pilot, lambda: str(report) in said(app))
    assert "dpo_v2" in report.read_text(encoding="utf-8")
    await pilot.press("P", "enter")
    await until(pilot, app.desk.store.pairs)
    assert {pair.status for pair in app.desk.store.pairs()} == {"draft"}
    await pilot.press("down", "up", "pagedown", "pageup", "end", "home", "enter")
    await until(pilot, lambda: isinstance(app.screen, CaseScreen))


async def case(app: ProbeApp, pilot: Pilot[None]) -> None:
    await ran(pilot)
    await pilot.press("f", "enter")
    await until(pilot, lambda: isinstance(app.screen, CaseScreen))
    screen = app.screen
    await pilot.press("c")
    assert screen.answer.review == "confirmed"
    await pilot.press("t")
    await until(pilot, lambda: app.screen.query(Input))
    await pilot.press(*"odd", "enter")
    await until(pilot, lambda: app.screen is screen)
    stored = {one.model: one.note for one in app.desk.store.answers(1, position=screen.position)}
    assert stored == {"sft": "", "dpo_v1": "", "dpo_v2": "odd"}
    assert screen.answer.review == "confirmed"
    await pilot.press("x", "u", "o", "escape", "w")
    assert "no training file" in said(app)
    await pilot.press("y")
    assert screen.answer.text == (app.workspace.state / ".vgpt_probe" / "copied.txt").read_text(encoding="utf-8")
    await app.run_action("case_copy_sql", screen)
    await pilot.press("left", "right", "down", "up", "n", "N", "p")
    await until(pilot, lambda: isinstance(app.screen, PairEditor))
    await pilot.press("f2")
    await until(pilot, app.desk.store.pairs)
    await pilot.press("escape")
    await until(pilot, lambda: not isinstance(app.screen, CaseScreen))


async def chat(app: ProbeApp, pilot: Pilot[None]) -> None:
    await opened(pilot)
    await pilot.press("3")
    screen = app.screen
    await until(pilot, lambda: screen.query("ChatColumn"))
    await pilot.press(*"Is", "ctrl+n", *"APTL?", "up", "down", "enter")
    await until(pilot, lambda: all(one.last and one.last.graded for one in screen.columns))
    await pilot.press("up", "up", "down", "down", "pageup", "pagedown", "escape")
    assert not screen.prompt.has_focus
    await pilot.press("i", "tab", "left", "right", "up", "down", "y", "m", "d", "t", "v", "r")
    assert screen.look.reference == "sft" and not screen.look.markdown and screen.together
    await until(pilot, lambda: not screen.coming)
    await app.run_action("chat_copy_sql", screen)
    await pilot.press("p")
    await until(pilot, lambda: isinstance(app.screen, PairEditor))
    await pilot.press("escape", "o")
    await until(pilot, lambda: app.screen.query("#temperature"))
    await pilot.press("f2", "f", "escape", "e", "escape", "c")
    await until(pilot, lambda: app.screen is screen and screen.talk.questions[-1].best == "sft")
    for worker in app.desk.engine.workers.values():
        worker.patience = 0
    await pilot.press("i", *"APTH?", "enter", "tab")
    await until(pilot, lambda: all(worker.busy for worker in app.desk.engine.workers.values()))
    await pilot.press("escape", "s")
    await until(pilot, lambda: not screen.coming)
    app.desk.engine["sft"].die()
    await until(pilot, app.desk.broken)
    await pilot.press("l")
    await until(pilot, lambda: not app.desk.broken())
    await pilot.press("n")
    await until(pilot, lambda: screen.talk.empty and screen.prompt.has_focus)
    await pilot.press("tab", "b")
    await until(pilot, lambda: screen.talk.masked)


async def pairs(app: ProbeApp, pilot: Pilot[None]) -> None:
    drafted = await drafts(app, pilot)
    await pilot.press("a")
    await until(pilot, lambda: app.desk.store.pairs()[0].status == "accepted")
    await pilot.press("x", "u")
    assert app.desk.store.pairs()[0].status == "accepted"
    await pilot.press("A")
    await until(pilot, lambda: isinstance(app.screen, Confirm))
    await pilot.press("y")
    await until(pilot, lambda: all(pair.status == "accepted" for pair in app.desk.store.pairs()))
    await pilot.press("u")
    assert sum(pair.status == "draft" for pair in app.desk.store.pairs()) == drafted - 1
    await pilot.press("f")
    assert app.screen.status == "draft" and len(app.screen.shown) == drafted - 1
    await pilot.press("y", "delete", "u")
    assert len(app.desk.store.pairs()) == drafted
    await pilot.press("F")
    await until(pilot, lambda: len(app.desk.store.pairs()) > drafted)
    added = app.desk.store.pairs()[drafted:]
    assert {pair.status for pair in added} == {"draft"} and "style" in {pair.kind for pair in added}
    await pilot.press("e", "escape", "enter")
    await until(pilot, lambda: isinstance(app.screen, PairEditor))
    await pilot.press("escape")


async def models(app: ProbeApp, pilot: Pilot[None]) -> None:
    await opened(pilot)
    await pilot.press("5", "enter")
    await until(pilot, lambda: app.state_of("sft") == "ready")
    await pilot.press("l")
    await until(pilot, lambda: app.state_of("sft") == "ready")
    await pilot.press("u")
    await until(pilot, lambda: app.state_of("sft") == "unloaded")
    await pilot.press("g", "g", "a", "escape")


async def catalog(app: ProbeApp, pilot: Pilot[None]) -> None:
    await opened(pilot)
    await pilot.press("6", "slash", *"aptl", "enter")
    await until(pilot, lambda: app.screen.name_under_cursor == "APTL")
    await pilot.press("y", "p")
    await until(pilot, lambda: app.active is not None and app.active.complete and not app.desk.running)
    await pilot.press("6", "escape")


SCENARIOS: dict[Scenario, set[str]] = {
    everywhere: {action.id for action in ACTIONS if action.place == "app"} | {"dialog.cancel"},
    home: {"home.run", "home.resume", "home.open", "battery.stop"},
    running: {f"battery.{name}" for name in ["run", "reload", "stop", "resume", "setup"]}
    | {action.id for action in ACTIONS if action.place == "run"},
    battery: {action.id for action in ACTIONS if action.place in ("battery", "matrix")}
    - {f"battery.{name}" for name in ["reload", "stop", "resume", "setup"]},
    case: {action.id for action in ACTIONS if action.place in ("case", "editor")},
    chat: {action.id for action in ACTIONS if action.place in ("prompt", "chat", "options")},
    pairs: {action.id for action in ACTIONS if action.place == "pairs"},
    models: {action.id for action in ACTIONS if action.place == "models"},
    catalog: {action.id for action in ACTIONS if action.place == "catalog"},
}


def test_every_action_has_a_scenario() -> None:
    assert {action.id for action in ACTIONS} == set().union(*SCENARIOS.values())


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
async def test_actions_are_done_by_their_keys(
    app: ProbeApp, scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: set[str] = set()
    run_action = ProbeApp.run_action

    async def noted(self: ProbeApp, action: object, *given: object, **options: object) -> bool:
        done.add(str(action))
        return await run_action(self, action, *given, **options)

    monkeypatch.setattr(ProbeApp, "run_action", noted)
    monkeypatch.setattr("vgpt_probe.tui.clipboard.to_clipboard", lambda _text: True)
    async with app.run_test(size=SIZE) as pilot:
        await scenario(app, pilot)
    wanted = {name.replace(".", "_") for name in SCENARIOS[scenario]}
    assert wanted <= done, f"not done: {sorted(wanted - done)}"


async def test_keys_are_remapped_by_config_toml(workspace: Workspace) -> None:
    text = workspace.path.read_text(encoding="utf-8") + '[keys]\n"battery.flagged" = "ctrl+f"\n'
    workspace.path.write_text(text, encoding="utf-8")
    app = ProbeApp(load_workspace(workspace.path), engine_factory=FakeEngine, clock=lambda: 0.0)
    async with app.run_test(size=SIZE) as pilot:
        await ran(pilot)
        await pilot.press("f")
        assert not app.screen.filter.flagged
        await pilot.press("ctrl+f")
        assert app.screen.filter.flagged
        assert "Ctrl+F Flagged" in app.screen.query_one("KeyBar").render().plain


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"battery.flaged": "x"}, "battery.flagged"),
        ({"battery.flagged": "d"}, "battery.differs"),
        ({"battery.flagged": "q"}, "app.quit"),
    ],
)
def test_keys_that_cannot_be_are_refused(keys: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        check_keys(keys)
