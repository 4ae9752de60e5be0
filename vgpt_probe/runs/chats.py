"""Conversations as the store keeps them: what was asked, how, what each model said, and which answer was the best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from vgpt_probe.config import ModelSettings
from vgpt_probe.engine.messages import Answered, Turn
from vgpt_probe.errors import UsageError, at
from vgpt_probe.runs.database import LARGEST_ID, encode, to_storable
from vgpt_probe.runs.pair_table import now
from vgpt_probe.runs.recorded import Graded
from vgpt_probe.runs.store import Store

#: So many of the latest questions can be called up again in the prompt.
HISTORY = 500


class Sampling(msgspec.Struct, frozen=True, omit_defaults=True):
    """How answers are drawn; None: as config.toml has it for each model. ``system`` is the system prompt."""

    system: str | None = None
    temperature: Annotated[float, msgspec.Meta(ge=0.0, le=5.0)] | None = None
    top_p: Annotated[float, msgspec.Meta(gt=0.0, le=1.0)] | None = None
    seed: Annotated[int, msgspec.Meta(ge=0)] | None = None
    max_tokens: Annotated[int, msgspec.Meta(ge=1)] | None = None

    @property
    def told(self) -> str:
        """What differs from config.toml, in a few words; "" when nothing does."""
        words = []
        if self.temperature is not None:
            words.append(f"temperature {self.temperature:g}" if self.temperature else "greedy")
        if self.top_p is not None:
            words.append(f"top-p {self.top_p:g}")
        if self.seed is not None:
            words.append(f"seed {self.seed}")
        if self.max_tokens is not None:
            words.append(f"at most {self.max_tokens} tokens")
        if self.system is not None:
            words.append("own system prompt" if self.system else "no system prompt")
        return " · ".join(words)


    def of(self, settings: ModelSettings) -> ModelSettings:
        """A model's settings with these in the place of its own."""
        own: dict[str, Any] = {"system_prompt": self.system, "temperature": self.temperature, "top_p": self.top_p}
        own |= {"seed": self.seed, "max_tokens": self.max_tokens}
        given = {key: value for key, value in own.items() if value is not None}
        return msgspec.structs.replace(settings, **given) if given else settings


class Reply(msgspec.Struct, frozen=True):
    """What one model said to a question; ``graded`` holds one reading a subject, None while nobody has read it."""

    model: str
    answered: Answered
    graded: tuple[Graded, ...] | None = None

    @property
    def text(self) -> str:
        return self.answered.text


class Asked(msgspec.Struct, frozen=True):
    """A question of a conversation with the replies that are there; ``best`` is the model that a person preferred."""

    position: int
    asked: str
    text: str
    sampling: Sampling
    best: str | None
    replies: dict[str, Reply]


class Chat(msgspec.Struct, frozen=True):
    """A conversation; ``started`` is UTC in ISO form."""

    id: int
    started: str
    asked: tuple[Asked, ...]

    @property
    def models(self) -> list[str]:
        """Who replied."""
        return list(dict.fromkeys(model for one in self.asked for model in one.replies))

    def question(self, number: int | None) -> Asked:
        """The question of a number from 1, or the last. Raises ``UsageError`` when there is none."""
        wanted = len(self.asked) if number is None else number
        if not 1 <= wanted <= len(self.asked):
            count = len(self.asked)
            raise UsageError(f"chat {self.id} has {count} question{'' if count == 1 else 's'}, no question {wanted}")
        return self.asked[wanted - 1]

    def turns(self, model: str) -> list[Turn]:
        """The conversation as one model knows it: what it was asked and has replied to."""
        turns = []
        for one in self.asked:
            if model in one.replies:
                turns += [Turn("user", one.text), Turn("assistant", one.replies[model].text)]
        return turns


class ChatLine(msgspec.Struct, frozen=True):
    """A conversation in a list: its first question, how many there are, and who replied."""

    id: int
    started: str
    question: str
    questions: int
    models: tuple[str, ...]


class Chats:
    """The conversations of a store. Every method raises ``StoreError``.

    ``order``: the models' names in the order in which their answers are listed; others follow by name.
    """

    def __init__(self, store: Store, order: Sequence[str] = ()) -> None:
        self._store = store
        self._order = {model: place for place, model in enumerate(order)}

    def _place(self, model: str) -> tuple[int, str]:
        return self._order.get(model, len(self._order)), model

    def ask(self, chat: int | None, text: str, sampling: Sampling) -> tuple[int, int]:
        """Write a question, of a new conversation when ``chat`` is None; return the conversation and the position."""
        with self._store.change() as db:
            if chat is None:
                chat = db.execute("INSERT INTO chats (started) VALUES (?)", (now(),)).lastrowid
            assert chat is not None
            position = db.execute(
                "SELECT coalesce(max(position) + 1, 0) FROM chat_questions WHERE chat = ?", (chat,)
            ).fetchone()[0]
            db.execute(
                "INSERT INTO chat_questions VALUES (?, ?, ?, ?, ?, NULL)",
                (chat, position, now(), to_storable(text), to_storable(encode(sampling))),
            )
        return chat, position

    def keep(self, chat: int, position: int, reply: Reply) -> None:
        """Write a model's reply; one that is there is replaced. A conversation that was deleted stays so."""
        details = msgspec.structs.replace(
            reply,
            answered=msgspec.structs.replace(reply.answered, id="", text=""),
            graded=None
            if reply.graded is None
            else tuple(msgspec.structs.replace(one, question="", answer="") for one in reply.graded),
        )
        with self._store.change() as db:
            db.execute(
                "INSERT OR REPLACE INTO chat_answers SELECT chat, position, ?, ?, ? FROM chat_questions"
                " WHERE chat = ? AND position = ?",
                (reply.model, to_storable(reply.text), to_storable(encode(details)), chat, position),
            )

    def choose(self, chat: int, position: int, model: str | None) -> None:
        """Write which model's answer is the best; None takes it back."""
        with self._store.change() as db:
            db.execute(
                "UPDATE chat_questions SET best = ? WHERE chat = ? AND position = ?", (model, chat, position)
            )

    def lines(self, words: str = "") -> list[ChatLine]:
        """The conversations in which every word occurs, in a question or an answer; newest first."""
        clauses, values = [], []
        for word in words.split():
            likes = "text LIKE ? ESCAPE '\\'"
            clauses.append(
                f"(EXISTS (SELECT 1 FROM chat_questions WHERE chat = chats.id AND {likes})"
                f" OR EXISTS (SELECT 1 FROM chat_answers WHERE chat = chats.id AND {likes}))"
            )
            escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            values += [f"%{escaped}%"] * 2
        where = f"WHERE {' AND '.join(clauses)}" if clauses else ""
        models: dict[int, list[str]] = {}
        for chat, model in self._store.rows(
            "SELECT DISTINCT chat, model FROM chat_answers"
        ):
            models.setdefault(chat, []).append(model)
        return [
            ChatLine(id, started, question or "", count, tuple(sorted(models.get(id, ()), key=self._place)))
            for id, started, question, count in self._store.rows(
                "SELECT id, started, (SELECT text FROM chat_questions WHERE chat = chats.id ORDER BY position"
                f" LIMIT 1), (SELECT count(*) FROM chat_questions WHERE chat = chats.id) FROM chats {where}"
                " ORDER BY id DESC",
                tuple(values),
            )
        ]

    def open(self, name: int | str) -> Chat:
        """Return a conversation by its number, or the newest for ``latest``.

        Raises ``UsageError`` when there is none.
        """
        clause, values = "WHERE id = ?", (str(name),)
        if name == "latest":
            clause, values = "ORDER BY id DESC LIMIT 1", ()  # type: ignore[assignment]
        elif not str(name).isdigit():
            raise UsageError(f"'{name}' is no chat", mend="give a chat's number, or 'latest'")
        found = list(self._store.rows(f"SELECT id, started FROM chats {clause}", values))
        if not found:
            what = "there is no chat yet" if name == "latest" else f"there is no chat {name}"
            raise UsageError(what, where=at(self._store.path), mend="see 'vgpt-probe chats'")
        [(id, started)] = found
        replies: dict[int, dict[str, Reply]] = {}
        said = self._store.rows("SELECT position, model, text, details FROM chat_answers WHERE chat = ?", (id,))
        for position, model, text, details in sorted(said, key=lambda row: self._place(row[1])):
            replies.setdefault(position, {})[model] = self._reply(text, details)
        asked = tuple(
            self._asked(row, replies.get(row[0], {}))
            for row in self._store.rows(
                "SELECT position, asked, text, sampling, best FROM chat_questions WHERE chat = ?"
                " ORDER BY position",
                (id,),
            )
        )
        return Chat(id, started, asked)

    def delete(self, numbers: list[int]) -> None:
        """Delete conversations, all or none. Raises ``UsageError`` when there is none of a number."""
        with self._store.change() as db:
            for number in numbers:
                if db.execute("DELETE FROM chats WHERE id = ?", (min(number, LARGEST_ID),)).rowcount == 0:
                    raise UsageError(
                        f"there is no chat {number}", mend="see 'vgpt-probe chats'; nothing was deleted"
                    )

    def history(self) -> list[str]:
        """The latest questions, each once, oldest first."""
        rows = self._store.rows(
            f"SELECT text FROM chat_questions GROUP BY text ORDER BY max(rowid) DESC LIMIT {HISTORY}"
        )
        return [row[0] for row in rows][::-1]

    def choices(self) -> dict[str, int]:
        """How often each model's answer was chosen as the best."""
        return dict(
            self._store.rows(
                "SELECT best, count(*) FROM chat_questions WHERE best IS NOT NULL GROUP BY best ORDER BY 2 DESC, 1"
            )
        )

    def _reply(self, text: str, details: str) -> Reply:
        reply = self._store.decode(details, Reply)
        return msgspec.structs.replace(reply, answered=msgspec.structs.replace(reply.answered, text=text))

    def _asked(self, row: tuple[Any, ...], replies: dict[str, Reply]) -> Asked:
        position, asked, text, sampling, best = row
        return Asked(position, asked, text, self._store.decode(sampling, Sampling), best, replies)
