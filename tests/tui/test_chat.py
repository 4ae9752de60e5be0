"""The chat screen: streaming side by side, stopping, judging, drawing again, looking, pairs."""

from __future__ import annotations

import pytest
from textual import events
from textual.pilot import Pilot

from tests.tui.conftest import SIZE, opened, said, until
from vgpt_probe.runs.chats import Sampling
from vgpt_probe.tui.app import ProbeApp
from vgpt_probe.tui.dialogs.editor import PairEditor
from vgpt_probe.tui.screens.chat import ChatScreen
from vgpt_probe.tui.widgets.column import ChatColumn, Exchange
from vgpt_probe.tui.widgets.columns import Tabs

QUESTION = "Is there a table named APTL?"


async def chat(pilot: Pilot[None]) -> ChatScreen:
    await opened(pilot)
    await pilot.press("3")
    await until(pilot, lambda: isinstance(pilot.app.screen, ChatScreen) and bool(pilot.app.screen.columns))
    return pilot.app.screen  # type: ignore[return-value]


async def ask(pilot: Pilot[None], question: str = QUESTION, *, wait: bool = True) -> None:
    screen: ChatScreen = pilot.app.screen  # type: ignore[assignment]
    screen.prompt.focus()
    screen.prompt.text = question
    await pilot.press("enter")
    if wait:
        await until(pilot, lambda: all(one.last and one.last.graded is not None for one in screen.columns))


def shown(column: ChatColumn) -> str:
    exchange = column.query(Exchange).last()
    return "\n".join(str(part.content) for part in exchange.query("Static"))  # type: ignore[attr-defined]


async def test_one_prompt_goes_to_all_models_and_each_answer_is_judged(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        await ask(pilot)
        await until(pilot, lambda: "✗ denies real  APTL" in shown(screen.columns[2]))
        assert "✓ correct  APTL" in shown(screen.columns[0])
        assert "tokens/s · first after 20 ms" in shown(screen.columns[0])
        assert [request.stream for request in app.desk.engine["sft"].asked] == [True]


async def test_a_verdict_that_comes_after_the_next_question_stands_below_its_own_answer(
    app: ProbeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    from threading import Event

    from vgpt_probe.runs import recorded

    goes_on, grade = Event(), recorded.grade_recorded

    def late(*given: object) -> object:
        goes_on.wait(30)
        return grade(*given)  # type: ignore[arg-type]

    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        monkeypatch.setattr(recorded, "grade_recorded", late)
        await ask(pilot, wait=False)
        await until(pilot, lambda: screen.columns[0].last is not None and not screen.coming)
        await until(pilot, lambda: "reading …" in shown(screen.columns[0]))
        await ask(pilot, "And APTH?", wait=False)
        await until(pilot, lambda: len(screen.columns[2].exchanges) == 2 and not screen.coming)
        goes_on.set()
        facts = screen.columns[2].exchanges[0].query_one(".facts")
        await until(pilot, lambda: "✗ denies real  APTL" in str(facts.content))  # type: ignore[attr-defined]


async def test_a_second_turn_carries_the_conversation(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        await ask(pilot)
        await ask(pilot, "Are you sure about APTL?", wait=False)
        await until(pilot, lambda: len(app.desk.engine["sft"].asked) == 2 and not screen.coming)
        roles = [turn.role for turn in app.desk.engine["sft"].asked[1].turns]
        assert roles == ["user", "assistant", "user"]
        await pilot.press("tab", "n")
        await ask(pilot, wait=False)
        await until(pilot, lambda: len(app.desk.engine["sft"].asked) == 3)
        assert len(app.desk.engine["sft"].asked[2].turns) == 1


async def test_escape_stops_the_chosen_answer_and_in_the_prompt_all(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        workers = app.desk.engine.workers.values()
        for worker in workers:
            worker.patience = 0
        await ask(pilot, wait=False)
        await until(pilot, lambda: all(worker.busy for worker in workers))
        await pilot.press("tab", "right", "escape")
        await until(pilot, lambda: screen.columns[1].last.answered is not None)
        assert screen.columns[1].last.answered.stop == "stopped" and screen.columns[0].last.coming
        await pilot.press("i", "escape")
        await until(pilot, lambda: not screen.coming)
        assert screen.prompt.has_focus
        await until(pilot, lambda: "stopped by you" in shown(screen.columns[0]))
        await pilot.press("escape")
        assert not screen.prompt.has_focus


async def test_a_model_that_dies_says_so_and_answers_the_next_prompt(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        worker = app.desk.engine["dpo_v1"]
        worker.patience = 0
        await ask(pilot, wait=False)
        await until(pilot, lambda: worker.busy)
        worker.die()
        await until(pilot, lambda: "the model is gone" in shown(screen.columns[1]))
        worker.patience = None
        await until(pilot, lambda: not screen.coming)
        await ask(pilot, wait=False)
        await until(pilot, lambda: screen.columns[1].last.answered is not None)
        assert len(worker.asked[-1].turns) == 1


async def test_a_chat_answer_becomes_a_pair(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await chat(pilot)
        await ask(pilot)
        await pilot.press("tab", "left", "p")
        await until(pilot, lambda: isinstance(app.screen, PairEditor))
        await pilot.press("f2")
        await until(pilot, app.desk.store.pairs)
        [pair] = app.desk.store.pairs()
        assert pair.prompt == QUESTION and pair.subject == "APTL" and pair.source.rejected == "dpo_v2"


async def test_keys_are_text_while_the_prompt_is_typed_and_the_bars_say_which_keys_work(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        await pilot.press(*"q1s?d")
        assert screen.prompt.text == "q1s?d"
        bar = screen.query_one("KeyBar").render().plain
        assert "Ctrl+Q Quit" in bar and "F1 Help" in bar and "Tab Answers" in bar
        assert "F2 Home" in screen.query_one("TopBar").render().plain
        await pilot.press("tab")
        assert "1 Home" in screen.query_one("TopBar").render().plain
        await pilot.press("1")
        assert app.current_mode == "home"


async def test_after_a_dialog_the_keys_are_still_the_answers(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        await pilot.press("tab", "o")
        await until(pilot, lambda: app.screen is not screen)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        await pilot.pause()
        await pilot.press("m")
        assert not screen.prompt.has_focus and not screen.look.markdown and screen.prompt.text == ""


# ── the prompt ──


async def test_pasted_lines_are_one_question(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        screen.prompt.post_message(events.Paste("Is there\r\na table \x1b[31mAPTL?\n"))
        await pilot.pause()
        assert screen.prompt.text == "Is there\na table ␛[31mAPTL?" and screen.talk.empty
        await pilot.press("enter")
        await until(pilot, lambda: app.desk.engine["sft"].asked)
        assert app.desk.engine["sft"].asked[0].turns[-1].content == "Is there\na table ␛[31mAPTL?"


async def test_keys_that_come_faster_than_they_are_drawn_stay_in_order(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        for key in [*"one", "ctrl+n", *"two", "enter", *"three"]:
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: app.desk.engine["sft"].asked and screen.prompt.text == "three")
        assert app.desk.engine["sft"].asked[0].turns[-1].content == "one\ntwo"
        await until(pilot, lambda: not screen.coming)
        for key in ["x", "tab", "i", "y"]:
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: screen.prompt.text == "threexy")


async def test_a_question_may_have_lines_of_its_own(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        await pilot.press("a", "ctrl+n", "b", "up", "x", "down", "y")
        assert screen.prompt.text == "ax\nby"


async def test_questions_come_back_by_arrows_earlier_starts_included(app: ProbeApp) -> None:
    from vgpt_probe.runs.chats import Chats

    old, _ = Chats(app.desk.store).ask(None, "from yesterday", Sampling())
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        await until(pilot, lambda: screen.prompt._history)
        await ask(pilot)
        await pilot.press(*"draft", "up")
        assert screen.prompt.text == QUESTION
        await pilot.press("up", "up")
        assert screen.prompt.text == "from yesterday"
        await pilot.press("down", "down")
        assert screen.prompt.text == "draft"
    assert Chats(app.desk.store).open("latest").id == old + 1


# ── looking ──


async def test_answers_are_drawn_as_markdown_or_shown_as_written(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        for worker in app.desk.engine.workers.values():
            worker._answer = lambda _model, _question: "**APTL** exists:\n```sql\nSELECT 1\n```"
        await ask(pilot)
        assert "APTL exists:\n\nSELECT 1" in shown(screen.columns[0])
        await pilot.press("tab", "m")
        assert "**APTL** exists:\n```sql" in shown(screen.columns[0])


async def test_differences_from_the_chosen_answer_are_marked_by_signs(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        await ask(pilot)
        await pilot.press("tab", "d")
        assert "= the same words" in shown(screen.columns[1])
        assert "{+" in shown(screen.columns[2]) and "[-" in shown(screen.columns[2])
        assert "{+" not in shown(screen.columns[0])
        await pilot.press("d")
        assert "{+" not in shown(screen.columns[2])


async def test_answers_scroll_together_or_each_by_itself(app: ProbeApp) -> None:
    async with app.run_test(size=(120, 24)) as pilot:
        screen = await chat(pilot)
        for worker in app.desk.engine.workers.values():
            worker._answer = lambda model, _question: "\n\n".join(["line"] * (60 if model == "sft" else 40))
        await ask(pilot)
        await pilot.press("tab", "t")
        await pilot.press("pageup", "pageup", "pageup", "pageup", "up")
        await pilot.pause()
        assert screen.columns[1].place == screen.columns[0].place == screen.columns[2].place
        await pilot.press("t", "pageup")
        await pilot.pause()
        assert screen.columns[1].place != screen.columns[0].place


async def test_a_narrow_screen_shows_one_answer_below_tabs(app: ProbeApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await chat(pilot)
        await ask(pilot)
        assert [column.display for column in screen.columns] == [True, False, False]
        tabs = screen.query_one(Tabs)
        assert tabs.display
        await pilot.press("tab", "left")
        assert [column.display for column in screen.columns] == [False, False, True]
        await until(pilot, lambda: "▸dpo_v2 ✗" in tabs.render().plain)
        await pilot.press("v")
        assert all(column.display for column in screen.columns) and not tabs.display


# ── drawing again ──


async def test_an_answer_is_drawn_again_with_another_seed(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        await ask(pilot)
        worker = app.desk.engine["sft"]
        await pilot.press("tab", "r")
        await until(pilot, lambda: "the same answer" in said(app))
        # While an answer is coming it is not drawn again.
        await until(pilot, lambda: len(worker.asked) == 2 and not screen.coming)
        screen.talk.sampling = Sampling(temperature=0.8, seed=5, system="Be brief.")
        await pilot.press("r")
        await until(pilot, lambda: len(worker.asked) == 3 and not screen.coming)
        request = worker.asked[2]
        assert (request.temperature, request.seed) == (0.8, 5 + 2)
        assert [(turn.role, turn.content) for turn in request.turns] == [("system", "Be brief."), ("user", QUESTION)]
        await until(pilot, lambda: "drawn 3 times" in shown(screen.columns[0]))
        assert len(app.desk.engine["dpo_v1"].asked) == 1


@pytest.mark.parametrize("size", [(20, 6), (40, 10), (300, 90)])
async def test_chat_stands_any_size(app: ProbeApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        screen = await chat(pilot)
        await ask(pilot)
        await pilot.press("tab", "right", "d", "m", "t", "v", "o", "escape", "f", "escape", "b")
        await until(pilot, lambda: screen.talk.masked)
