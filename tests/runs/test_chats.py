"""Chats in the store: kept as they were, found by their words, replaced, chosen from, deleted."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vgpt_probe.engine.messages import Answered
from vgpt_probe.errors import UsageError
from vgpt_probe.runs.chats import Chats, Reply, Sampling
from vgpt_probe.runs.recorded import Graded
from vgpt_probe.runs.store import Store


def reply(model: str, text: str, stop: str = "end") -> Reply:
    graded = Graded(0, model, "", "APTL", True, "denies", "false_rejection", (0, 3), (), (), (), (), "says so", "")
    return Reply(model, Answered("", text, 9, 4, 0.02, 0.5, stop), (graded,))  # type: ignore[arg-type]


@pytest.fixture
def chats(tmp_path: Path) -> Chats:
    return Chats(Store(tmp_path / "store.db"))


def test_a_chat_is_kept_as_it_was(chats: Chats) -> None:
    own = Sampling(system="Be brief.", temperature=0.7, seed=3)
    chat, first = chats.ask(None, "Is there APTL?", Sampling())
    assert chats.ask(chat, "Sure?", own) == (chat, first + 1)
    chats.keep(chat, 0, reply("sft", "Yes."))
    chats.keep(chat, 0, reply("dpo", "No."))
    chats.keep(chat, 1, reply("sft", "Quite.", "stopped"))
    found = chats.open("latest")
    assert found == chats.open(chat)
    assert [one.text for one in found.asked] == ["Is there APTL?", "Sure?"]
    assert [one.sampling for one in found.asked] == [Sampling(), own]
    assert found.models == ["dpo", "sft"]
    assert Chats(chats._store, ["sft", "dpo"]).open(chat).models == ["sft", "dpo"]
    assert found.asked[0].replies["sft"] == reply("sft", "Yes.")
    assert [turn.content for turn in found.turns("sft")] == ["Is there APTL?", "Yes.", "Sure?", "Quite."]
    assert [turn.role for turn in found.turns("dpo")] == ["user", "assistant"]


def test_a_reply_that_is_drawn_again_takes_the_place_of_the_first(chats: Chats) -> None:
    chat, _ = chats.ask(None, "Q", Sampling())
    chats.keep(chat, 0, reply("sft", "one"))
    chats.keep(chat, 0, reply("sft", "two"))
    assert chats.open(chat).asked[0].replies["sft"].text == "two"


def test_chats_are_found_by_words_of_questions_and_answers(chats: Chats) -> None:
    one, _ = chats.ask(None, "Is there a table APTL?", Sampling())
    chats.keep(one, 0, reply("sft", "100 % certain_ly"))
    two, _ = chats.ask(None, "Describe JCJM", Sampling())
    found = {words: [line.id for line in chats.lines(words)] for words in ["", "aptl", "aptl % n_l", "100_", "jcjm is"]}
    assert found == {"": [two, one], "aptl": [one], "aptl % n_l": [one], "100_": [], "jcjm is": []}
    assert chats.lines("aptl")[0].models == ("sft",)


def test_questions_come_back_as_history_each_once_the_latest_last(chats: Chats) -> None:
    chat, _ = chats.ask(None, "one", Sampling())
    chats.ask(chat, "two\nlines", Sampling())
    chats.ask(None, "one", Sampling())
    assert chats.history() == ["two\nlines", "one"]


def test_the_best_answer_is_kept_and_counted(chats: Chats) -> None:
    chat, _ = chats.ask(None, "Q", Sampling())
    chats.choose(chat, 0, "dpo")
    assert chats.open(chat).asked[0].best == "dpo" and chats.choices() == {"dpo": 1}
    chats.choose(chat, 0, None)
    assert chats.choices() == {}


def test_deleting_takes_all_or_none_and_what_comes_later_is_dropped(chats: Chats) -> None:
    chat, _ = chats.ask(None, "Q", Sampling())
    chats.keep(chat, 0, reply("sft", "A"))
    with pytest.raises(UsageError, match="nothing was deleted"):
        chats.delete([chat, 99])
    assert chats.lines()
    chats.delete([chat])
    chats.keep(chat, 0, reply("sft", "late"))
    assert chats.lines() == [] and chats.history() == []
    # Its number stays its own: what was meant for it must not meet another chat.
    assert chats.ask(None, "Q", Sampling())[0] == chat + 1


@pytest.mark.parametrize("name", ["latest", 7, "x"])
def test_a_chat_that_is_not_there_is_named(chats: Chats, name: str) -> None:
    with pytest.raises(UsageError):
        chats.open(name)


@settings(max_examples=30, deadline=None)
@given(question=st.text(), answer=st.text(), system=st.none() | st.text())
def test_any_text_is_kept(tmp_path_factory: pytest.TempPathFactory, question: str, answer: str, system: str | None) -> None:
    chats = Chats(Store(tmp_path_factory.mktemp("any") / "store.db"))
    chat, _ = chats.ask(None, question, Sampling(system=system))
    chats.keep(chat, 0, reply("sft", answer))
    kept = chats.open(chat).asked[0]
    assert kept.text == question.encode("utf-8", "replace").decode("utf-8")
    assert kept.replies["sft"].text == answer.encode("utf-8", "replace").decode("utf-8")
