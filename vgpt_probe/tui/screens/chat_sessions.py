"""What the chat screen does with whole conversations: other ones, blind ones, their best answers, their files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual.screen import Screen

from vgpt_probe.runs.chats import Chat, Chats
from vgpt_probe.tui.talk import Said, Talk
from vgpt_probe.tui.widgets.column import ChatColumn, Look
from vgpt_probe.tui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from vgpt_probe.tui.app import ProbeApp
    from vgpt_probe.tui.dialogs.chat_options import Options


class Sessions(Screen[None]):
    """Owns the conversation; ``ChatScreen`` shows it."""

    prompt: Prompt

    def __init__(self) -> None:
        super().__init__()
        self.talk = Talk(self._app, self.judged)
        self.look = Look()
        self.together = False

    @property
    def _app(self) -> ProbeApp:
        return cast("ProbeApp", self.app)

    # What the screen is asked to do.

    @property
    def column(self) -> ChatColumn:
        raise NotImplementedError

    def judged(self, said: Said) -> None:
        raise NotImplementedError

    async def rebuild(self) -> None:
        raise NotImplementedError

    def show_all(self) -> None:
        raise NotImplementedError

    def show_heads(self) -> None:
        raise NotImplementedError

    # ── other conversations ──

    async def action_chat_new(self) -> None:
        self.talk.new()
        await self.rebuild()
        self.set_focus(self.prompt)
        self.show_heads()

    def action_chat_find(self) -> None:
        from vgpt_probe.tui.dialogs.find_chat import FindChat

        self._app.push_screen(FindChat(), self._found)

    def _found(self, number: int | None) -> None:
        if number is None or number == self.talk.chat:
            return

        def opens() -> None:
            chat = Chats(self._app.desk.store, self._app.model_names).open(number)
            self._app.call_from_thread(self._opened, chat)

        self._app.in_background(opens)

    def _opened(self, chat: Chat) -> None:
        self.talk.open(chat)
        self.run_worker(self.rebuild())

    def action_chat_export(self) -> None:
        from vgpt_probe.tui.dialogs.ask import Ask

        number = self.talk.chat
        if number is None:
            return
        workspace = self._app.workspace

        def chosen(path: str | None) -> None:
            if path:
                self._app.in_background(lambda: self._export(number, Path(path).expanduser()))

        proposed = workspace.export_folder / "chats" / f"chat-{number}.md"
        self._app.push_screen(
            Ask("Write this chat as Markdown to", str(proposed), hint="Enter writes · Esc closes"), chosen
        )

    def _export(self, number: int, path: Path) -> None:
        from vgpt_probe.reports.chat import write_chat

        if not path.is_absolute():
            path = self._app.workspace.state / path
        write_chat(Chats(self._app.desk.store, self._app.model_names).open(number), path)
        self._app.call_from_thread(self._app.say, f"chat {number} is written to {path}")

    # ── how and whom to ask ──

    def action_chat_options(self) -> None:
        from vgpt_probe.tui.dialogs.chat_options import ChatOptions, Options

        names = self._app.model_names
        settings = self._app.desk.model(self.talk.models[0]).settings
        given = Options(tuple(self.talk.models), self.talk.sampling)
        self._app.push_screen(ChatOptions(names, given, settings, blind=self.talk.blind), self._set)

    async def _set(self, options: Options | None) -> None:
        if options is None:
            return
        self.talk.sampling = options.sampling
        if set(options.models) != set(self.talk.models):
            self.talk.take(list(options.models))
            await self.rebuild()
        self.show_heads()

    # ── blind ──

    async def action_chat_blind(self) -> None:
        """Hide the names in a conversation of its own; again: show them and go back to the usual."""
        if self.talk.blind:
            self.talk.new()
        else:
            self.talk.hide()
        await self.rebuild()
        self.set_focus(self.prompt)
        self.show_heads()

    def action_chat_best(self) -> None:
        model = self.column.model
        was_masked = self.talk.masked
        self.talk.choose(model)
        self.look.masked = False
        self.show_all()
        self.show_heads()
        if self.talk.questions[-1].best is None:
            self._app.say("no answer is the best now")
            return
        said = f"{model} has the best answer"
        if was_masked:
            counts = Chats(self._app.desk.store).choices()
            said += "; so far " + ", ".join(f"{name} {count}" for name, count in counts.items())
        self._app.say(f"{said}. {self._app.key('chat.pair')} on another one makes a pair of the two")

    # ── pairs ──

    def action_chat_pair(self) -> None:
        """Draft a pair: from the best answer and this one where a person has chosen, else as the catalog has it."""
        said = self.talk.last(self.column.model)
        if said is None or said.answered is None:
            return
        best = self.talk.questions[-1].best
        if best == said.model:
            others = [model for model in self.talk.models if model != best]
            if len(others) > 1:
                self._app.say("this is the best answer; choose the one to be rejected, and press it there")
                return
            said = self.talk.last(others[0])
            if said is None or said.answered is None:
                return
        rejected, turns = said.reply, self.talk.turns(said)
        lasts = [self.talk.last(model) for model in self.talk.models if model != said.model]
        others_said = [last.reply for last in lasts if last is not None and last.answered is not None]
        system = self.talk.sampling.of(self._app.desk.model(said.model).settings).system_prompt

        def drafts() -> None:
            from vgpt_probe.runs.chat_pairing import pair_of

            pair = pair_of(turns, rejected, others_said, best, self._app.desk.guard, system=system)
            self._app.call_from_thread(self._app.edit_pair, pair)

        self._app.in_background(drafts)
