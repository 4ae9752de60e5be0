"""Whole chats: kept, found, gone on with, exported; options; blind choices and the pairs they make."""

from __future__ import annotations

import pytest
from textual.widgets import Input, TextArea

from tests.tui.conftest import SIZE, said, until
from tests.tui.test_chat import QUESTION, ask, chat, shown
from vgpt_probe.errors import StoreError
from vgpt_probe.runs.chats import Chats, Sampling
from vgpt_probe.tui.app import ProbeApp
from vgpt_probe.tui.dialogs.chat_options import ChatOptions
from vgpt_probe.tui.dialogs.editor import PairEditor
from vgpt_probe.tui.dialogs.find_chat import FindChat


async def test_a_chat_is_kept_found_by_its_words_and_gone_on_with(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        await ask(pilot)
        await pilot.press("tab", "n")
        await ask(pilot, "Describe JCJM")
        assert [line.question for line in Chats(app.desk.store).lines()] == ["Describe JCJM", QUESTION]
        await pilot.press("tab", "f")
        await until(pilot, lambda: isinstance(app.screen, FindChat) and len(app.screen._lines) == 2)
        await pilot.press(*"aptl not")
        await until(pilot, lambda: len(app.screen._lines) == 1)
        await pilot.press("enter")
        await until(pilot, lambda: [one.last and one.last.chat for one in screen.columns] == [1, 1, 1])
        await until(pilot, lambda: "✗ denies real  APTL" in shown(screen.columns[2]))
        await ask(pilot, "Sure?", wait=False)
        await until(pilot, lambda: len(app.desk.engine["sft"].asked[-1].turns) == 3 and not screen.coming)
        await until(pilot, lambda: len(Chats(app.desk.store).open(1).asked[-1].replies) == 3)


async def test_a_stopped_answer_is_kept_as_far_as_it_came(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        app.desk.engine["sft"].patience = 0
        await ask(pilot, wait=False)
        await until(pilot, lambda: app.desk.engine["sft"].busy)
        await pilot.press("escape")
        await until(pilot, lambda: not screen.coming)
        await until(pilot, lambda: len(Chats(app.desk.store).open(1).asked[0].replies) == 3)
        assert Chats(app.desk.store).open(1).asked[0].replies["sft"].answered.stop == "stopped"


@pytest.mark.parametrize("key", ["n", "b"])
async def test_answers_that_still_come_when_the_chat_is_left_are_stopped_and_kept(app: ProbeApp, key: str) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        for model in ("sft", "dpo_v1"):
            app.desk.engine[model].patience = 0
        await ask(pilot, wait=False)
        await until(pilot, lambda: app.desk.engine["sft"].busy and app.desk.engine["dpo_v1"].busy)
        await until(pilot, lambda: screen.talk.last("dpo_v2").graded)
        await pilot.press("tab", key)
        assert "2 answers are stopped; chat 1 keeps what had come" in said(app)
        assert screen.talk.empty and screen.talk.chat is None
        await until(pilot, lambda: len(Chats(app.desk.store).open(1).asked[0].replies) == 3)
        stops = {name: reply.answered.stop for name, reply in Chats(app.desk.store).open(1).asked[0].replies.items()}
        assert stops == {"sft": "stopped", "dpo_v1": "stopped", "dpo_v2": "end"}
        for model in ("sft", "dpo_v1"):
            app.desk.engine[model].patience = None
        await ask(pilot, "Describe JCJM")
        assert [len(column.exchanges) for column in screen.columns] == [1, 1, 1]


async def test_a_store_that_cannot_be_written_keeps_nobody_from_asking(
    app: ProbeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object) -> None:
        raise StoreError("the disk is full", where="vgpt_probe.db")

    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        monkeypatch.setattr(Chats, "ask", fail)
        await ask(pilot)
        assert screen.columns[0].last.graded and "this chat is not kept: vgpt_probe.db: the disk is full" in said(app)


async def test_a_chat_is_exported_to_the_file_that_is_named(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await chat(pilot)
        await ask(pilot)
        await pilot.press("tab", "e")
        await until(pilot, lambda: app.screen.query(Input))
        await pilot.press("enter")
        await until(pilot, lambda: "is written to" in said(app))
        written = app.workspace.export_folder / "chats" / "chat-1.md"
        assert QUESTION in written.read_text(encoding="utf-8")


async def test_options_choose_models_sampling_and_system_prompt(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        await pilot.press("tab", "o")
        await until(pilot, lambda: isinstance(app.screen, ChatOptions))
        await pilot.press("down", "space")
        app.screen.query_one("#temperature", Input).value = "hot"
        await pilot.press("f2")
        assert "temperature must be a number from 0" in str(app.screen.query_one("#wrong").content)
        app.screen.query_one("#temperature", Input).value = "0,7"
        app.screen.query_one("#seed", Input).value = "4"
        app.screen.query_one("#system", TextArea).text = "Be brief."
        await pilot.press("f2")
        await until(pilot, lambda: app.screen is screen and len(screen.columns) == 2)
        assert screen.talk.sampling == Sampling(system="Be brief.", temperature=0.7, seed=4)
        assert "temperature 0.7 · seed 4 · own system prompt" in str(screen.query_one("#state").content)
        await ask(pilot)
        request = app.desk.engine["dpo_v2"].asked[-1]
        assert (request.temperature, request.seed, request.turns[0].role) == (0.7, 4, "system")
        assert not app.desk.engine["dpo_v1"].asked


async def test_blind_names_are_hidden_until_the_best_is_chosen_and_the_choice_makes_a_pair(
    app: ProbeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vgpt_probe.tui.talk.shuffled", lambda models: list(reversed(models)))
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        await pilot.press("tab", "b")
        await until(pilot, lambda: screen.talk.masked)
        await ask(pilot)
        everything = "".join(f"{column.border_title}{shown(column)}" for column in screen.columns)
        everything += "".join(str(screen.query_one(part).render()) for part in ("#tabs", "#state", "TopBar"))
        assert not any(f"{model} " in everything for model in ("sft", "dpo_v1", "dpo_v2"))
        assert "denies" not in everything and "tokens/s" not in everything and "model A" in everything
        await pilot.press("tab", "p")
        assert app.screen is screen
        # The last column is the first model's.
        await pilot.press("left", "c")
        assert not screen.talk.masked and "C · sft" in str(screen.columns[2].border_title)
        assert "★ the best answer" in shown(screen.columns[2]) and "✗ denies real" in shown(screen.columns[0])
        assert Chats(app.desk.store).open(1).asked[0].best == "sft"
        await pilot.press("right", "p")
        await until(pilot, lambda: isinstance(app.screen, PairEditor))
        pair = app.screen.pair
        assert (pair.source.chosen, pair.source.rejected) == ("sft", "dpo_v2")
        await pilot.press("escape")
        # Names are known now: the next question is another chat, in another order.
        await ask(pilot, "Is there a table named APTH?")
        assert screen.talk.masked and screen.talk.chat == 2
        await pilot.press("tab", "b")
        await until(pilot, lambda: [column.model for column in screen.columns] == ["sft", "dpo_v1", "dpo_v2"])


async def test_the_best_answer_that_is_drawn_again_is_not_the_best_any_more(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await chat(pilot)
        await ask(pilot)
        await pilot.press("tab", "c")
        assert Chats(app.desk.store).open(1).asked[0].best == "sft"
        await pilot.press("r")
        await until(pilot, lambda: screen.talk.questions[-1].best is None)
        assert Chats(app.desk.store).open(1).asked[0].best is None
