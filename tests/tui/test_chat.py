"""The chat screen: streaming side by side, stopping, judging, pairs."""

from __future__ import annotations

from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.conftest import SIZE, opened, until
from vgpt_probe.tui.app import ProbeApp
from vgpt_probe.tui.dialogs.editor import PairEditor
from vgpt_probe.tui.screens.chat import ChatScreen
from vgpt_probe.tui.widgets.column import ChatColumn, Exchange

QUESTION = "Is there a table named APTL?"


async def chat(pilot: Pilot[None]) -> ChatScreen:
    await opened(pilot)
    await pilot.press("3")
    await until(pilot, lambda: isinstance(pilot.app.screen, ChatScreen))
    return pilot.app.screen  # type: ignore[return-value]


async def ask(pilot: Pilot[None], question: str = QUESTION) -> None:
    pilot.app.screen.query_one("#prompt", Input).value = question
    await pilot.press("enter")


def shown(column: ChatColumn) -> str:
    exchange = column.query(Exchange).last()
    return "\n".join(str(part.content) for part in exchange.query("Static"))  # type: ignore[attr-defined]


async def test_one_prompt_goes_to_all_models_and_each_answer_is_judged(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        await ask(pilot)
        await until(pilot, lambda: all(column.last and column.last.graded for column in screen.columns))
        await until(pilot, lambda: "✗ denies real  APTL" in shown(screen.columns[2]))
        assert "✓ correct  APTL" in shown(screen.columns[0])
        assert "tokens/s · first 20 ms" in shown(screen.columns[0])
        assert [request.stream for request in app.desk.engine["sft"].asked] == [True]


async def test_a_second_turn_carries_the_conversation(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        await ask(pilot)
        await until(pilot, lambda: not screen.coming)
        await ask(pilot, "Are you sure about APTL?")
        await until(pilot, lambda: len(app.desk.engine["sft"].asked) == 2 and not screen.coming)
        roles = [turn.role for turn in app.desk.engine["sft"].asked[1].turns]
        assert roles == ["user", "assistant", "user"]
        await pilot.press("escape", "n")
        await ask(pilot)
        await until(pilot, lambda: len(app.desk.engine["sft"].asked) == 3)
        assert len(app.desk.engine["sft"].asked[2].turns) == 1


async def test_stop_one_and_stop_all(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        for worker in app.desk.engine.workers.values():
            worker.patience = 0
        await ask(pilot)
        await until(pilot, lambda: all(worker.busy for worker in app.desk.engine.workers.values()))
        screen.set_focus(None)
        await pilot.press("right", "s")
        await until(pilot, lambda: screen.columns[1].last.answered is not None)
        assert screen.columns[1].last.answered.stop == "stopped" and screen.columns[0].last.coming
        await pilot.press("escape")
        await until(pilot, lambda: not screen.coming)
        assert "stopped" in shown(screen.columns[0])


async def test_a_model_that_dies_says_so_and_answers_the_next_prompt(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        worker = app.desk.engine["dpo_v1"]
        worker.patience = 0
        await ask(pilot)
        await until(pilot, lambda: worker.busy)
        worker.die()
        await until(pilot, lambda: "the model is gone" in shown(screen.columns[1]))
        worker.patience = None
        await until(pilot, lambda: not screen.coming)
        await ask(pilot)
        await until(pilot, lambda: screen.columns[1].last.answered is not None)
        assert len(worker.asked[-1].turns) == 1


async def test_a_chat_answer_becomes_a_pair(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        await ask(pilot)
        await until(pilot, lambda: all(column.last and column.last.graded for column in screen.columns))
        await pilot.press("escape", "left", "p")
        await until(pilot, lambda: isinstance(app.screen, PairEditor))
        await pilot.press("f2")
        await until(pilot, app.desk.store.pairs)
        [pair] = app.desk.store.pairs()
        assert pair.prompt == QUESTION and pair.subject == "APTL" and pair.source.rejected == "dpo_v2"


async def test_keys_are_text_while_the_prompt_is_typed(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        await pilot.press(*"q1s?")
        assert screen.query_one("#prompt", Input).value == "q1s?"
        bar = app.screen.query_one("KeyBar").render().plain
        assert "Ctrl+Q Quit" in bar and "F1 Help" in bar
