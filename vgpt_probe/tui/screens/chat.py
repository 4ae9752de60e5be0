"""The chat screen: one prompt to all models, their answers side by side as they come."""

from __future__ import annotations

import asyncio

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from vgpt_probe.runs.chats import Chats
from vgpt_probe.text import one_line
from vgpt_probe.tui.actions import bindings
from vgpt_probe.tui.screens.chat_sessions import Sessions
from vgpt_probe.tui.standing import chat_welcome
from vgpt_probe.tui.talk import Said
from vgpt_probe.tui.widgets.bars import KeyBar, TopBar
from vgpt_probe.tui.widgets.column import ChatColumn
from vgpt_probe.tui.widgets.columns import Columns, Tab, Tabs
from vgpt_probe.tui.widgets.prompt import Prompt
from vgpt_probe.tui.widgets.steady import Steady
from vgpt_probe.tui.words import STATES, VERDICTS

#: Times a second that what has come in is drawn; one timer for all columns.
REFRESH = 12


class ChatScreen(Sessions):
    """A conversation with the models of the workspace.

    While the prompt has the focus every key that is text is text; Tab or Esc leaves it, and the keys are the answers'.
    """

    BINDINGS = bindings("chat")
    #: Else each dialog that closes would put the person back into the prompt, and the next key would be text.
    AUTO_FOCUS = ""

    def __init__(self) -> None:
        super().__init__()
        # At hand, not looked up: the key bar asks about each key of the screen whenever it is drawn.
        self.prompt = Prompt()
        self.columns: list[ChatColumn] = []
        self._box = Columns()
        self._tabs = Tabs()
        self._hello, self._state = Steady(id="hello"), Steady(id="state")
        self._building = asyncio.Lock()

    def compose(self) -> ComposeResult:
        yield TopBar("chat")
        yield self._tabs
        yield self._box
        yield self._hello
        yield self._state
        yield self.prompt
        yield KeyBar()

    async def on_mount(self) -> None:
        self._app.workers_changed.subscribe(self, lambda _: self.show_heads())
        self.set_interval(1 / REFRESH, self._drain)
        # At once: what is typed while the columns are made is text, too.
        self.set_focus(self.prompt)
        await self.rebuild()

        def remembers() -> None:
            questions = Chats(self._app.desk.store).history()
            self._app.call_from_thread(self.prompt.remember, questions)

        self._app.in_background(remembers)

    async def on_screen_resume(self) -> None:
        if self.is_mounted and self.talk.empty and self.talk.adopt(self._app.model_names):
            await self.rebuild()
        self.show_heads()

    # ── what is shown ──

    @property
    def column(self) -> ChatColumn:
        """The chosen model's column."""
        return self.columns[min(self._box.chosen, len(self.columns) - 1)]

    @property
    def coming(self) -> bool:
        """Whether any answer is still coming."""
        return bool(self.talk.coming)

    async def rebuild(self) -> None:
        """Make the columns anew: other models, another order, or another conversation."""
        async with self._building:
            self.columns = []
            await self._box.remove_children()
            columns = [ChatColumn(model, self.look) for model in self.talk.models]
            await self._box.mount_all(columns)
            self.columns = columns
        box = self._box
        box.chosen = min(box.chosen, len(self.talk.models) - 1)
        self.look.masked = self.talk.masked
        if self.look.reference not in self.talk.models:
            self.look.reference = None
        for column in self.columns:
            for said in self.talk.said[column.model][len(column.exchanges) :]:
                column.add(said)
        box.share_out()
        self.call_after_refresh(self.show_all)
        self.show_heads()

    def show_all(self) -> None:
        """Draw every answer again."""
        best = {question.position: question.best for question in self.talk.questions}
        for column in self.columns:
            for exchange in column.exchanges:
                exchange.best = best.get(exchange.said.position) == column.model
                exchange.show(self._other(exchange.said))

    def _other(self, said: Said) -> Said | None:
        """The answer that this one is held against: the reference's to the same question."""
        reference = self.look.reference
        if reference is None or reference == said.model:
            return None
        others = self.talk.said.get(reference, [])
        return next((one for one in others if one.position == said.position), None)

    def show_heads(self) -> None:
        """Bring everything around the answers up to date."""
        if not self.is_mounted or not self.columns:
            return
        coming = self.talk.coming
        box = self._box
        tabs: list[Tab] = []
        for number, column in enumerate(self.columns):
            state = self._app.state_of(column.model)
            if state == "ready" and any(said.model == column.model for said in coming):
                state = "answering"
            chosen = number == box.chosen
            title = self.talk.title(column.model)
            if column.model == self.look.reference:
                title += " · reference"
            column.head(title, state, chosen=chosen)
            tabs.append((self.talk.name(column.model), *self._sign(column.model, state), chosen))
        self._tabs.display = box.single
        self._tabs.show(tabs)
        self._hello.display = self.talk.empty
        if self.talk.empty:
            self._hello.say(chat_welcome(self._app, self.talk))
        box.display = not self.talk.empty
        state = self._in_short()
        self._state.display = bool(state)
        self._state.say(Content(f" {state}"))
        chat = f"chat {self.talk.chat}" if self.talk.chat is not None else self._app.workspace_name
        self.query_one(TopBar).say(f"{len(coming)} answering" if coming else chat)
        self.prompt.placeholder = self._invitation()
        self.prompt.answering = bool(coming)
        self.refresh_bindings()

    def _sign(self, model: str, state: str) -> tuple[str, str]:
        """How a model stands, for its tab: the verdict on its newest answer, else its state."""
        last = self.talk.last(model)
        if last is not None and last.graded and not self.talk.masked:
            word = VERDICTS[last.graded[0].verdict]
            return word.sign, word.tone
        return STATES[state][0], STATES[state][2]

    def _in_short(self) -> str:
        """What is not as it is at first, in a line."""
        words = []
        if self.talk.masked:
            words.append(f"blind: {self._app.key('chat.best')} chooses the best answer and shows the names")
        if self.look.reference is not None:
            words.append(
                f"against {one_line(self.look.reference)}: {{+only here+}} [-only there-]"
                if not self.talk.masked
                else f"against {self.talk.name(self.look.reference)}: {{+only here+}} [-only there-]"
            )
        if self.together:
            words.append("scrolling together")
        if not self.look.markdown:
            words.append("as written")
        if self.talk.sampling.told:
            words.append(self.talk.sampling.told)
        return " · ".join(words)

    def _invitation(self) -> str:
        count = len(self.talk.models)
        asked = "the model" if count == 1 else f"all {count} models"
        if self.coming:
            return "answers are coming; Esc stops them"
        return f"ask {asked}" if self.talk.empty else f"the next question to {asked}"

    # ── asking and hearing ──

    @on(Prompt.Sent)
    def _sent(self, event: Prompt.Sent) -> None:
        self.send(event.text)

    @on(Prompt.Left)
    def _left(self) -> None:
        self.show_heads()

    def send(self, question: str) -> None:
        """Put a question to all models that take part."""
        if self.coming:
            self._app.say(f"answers are still coming; {self._app.key('chat.stop')} stops them", "warning")
            self.prompt.take_back(question)
            return
        if self.talk.blind and not self.talk.masked:
            # Now that the names are known, the next choice needs another order.
            self.run_worker(self._shuffle_and_ask(question))
            return
        self._ask(question)

    async def _shuffle_and_ask(self, question: str) -> None:
        self.talk.hide()
        await self.rebuild()
        self._ask(question)

    def _ask(self, question: str) -> None:
        asked = {said.model: said for said in self.talk.ask(question)}
        # Columns that are still being made take it in when they are there.
        for column in self.columns:
            if column.model in asked:
                column.add(asked[column.model])
        self.show_heads()

    def _drain(self) -> None:
        touched, ended = self.talk.drain()
        for column in self.columns:
            last = self.talk.last(column.model)
            if column.model in touched and last is not None:
                column.show_last(self._other(last))
        if ended:
            if self.look.reference is not None and not self.coming:
                self.show_all()
            self.show_heads()

    def judged(self, said: Said) -> None:
        """An answer has been read."""
        for column in self.columns:
            for exchange in column.exchanges:
                if exchange.said is said:
                    exchange.show(self._other(said))
                    column.follow()
        self.show_heads()

    # ── choosing and scrolling ──

    def choose(self, number: int) -> None:
        """Choose a column."""
        box = self._box
        box.chosen = number % len(self.columns)
        box.share_out()
        self.column.scroll_visible(animate=False)
        self.show_heads()

    @on(ChatColumn.Picked)
    def _picked(self, event: ChatColumn.Picked) -> None:
        self.choose([column.model for column in self.columns].index(event.model))

    @on(Tabs.Picked)
    def _tab_picked(self, event: Tabs.Picked) -> None:
        self.choose(event.number)

    @on(ChatColumn.Scrolled)
    def _scrolled(self, event: ChatColumn.Scrolled) -> None:
        if self.together:
            number, line = event.column.place
            for column in self.columns:
                if column is not event.column:
                    column.go_to(number, line)

    # ── actions ──

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if not action.startswith("chat_"):
            return True
        if not self.is_mounted or not self.columns:
            return False
        typing = self.focused is self.prompt
        last = self.talk.last(self.column.model)
        answered = last is not None and last.answered is not None
        held = {
            "chat_stop": self.coming and (typing or (last is not None and last.coming)),
            "chat_stop_all": self.coming and not typing,
            "chat_prompt": not typing,
            "chat_reload": bool(self._app.desk.broken()),
            "chat_left": len(self.columns) > 1,
            "chat_right": len(self.columns) > 1,
        }
        if action in held:
            return held[action]
        dimmed = {
            "chat_again": last is not None and not last.coming,
            "chat_pair": answered and bool(last.text.strip()) and not self.talk.masked,  # type: ignore[union-attr]
            "chat_best": answered and not self.coming and len(self.columns) > 1,
            "chat_copy": last is not None and bool(last.text),
            "chat_copy_sql": last is not None and bool(last.text),
            "chat_new": not self.talk.empty or self.talk.blind,
            "chat_diff": len(self.columns) > 1,
            "chat_export": self.talk.chat is not None and not self.talk.masked,
            "chat_view": len(self.columns) > 1,
        }
        return dimmed.get(action, True) or None

    def action_chat_prompt(self) -> None:
        self.set_focus(self.prompt)
        self.show_heads()

    def action_chat_stop(self) -> None:
        self.talk.stop(*(self.talk.models if self.focused is self.prompt else [self.column.model]))

    def action_chat_stop_all(self) -> None:
        self.talk.stop(*self.talk.models)

    def action_chat_again(self) -> None:
        last = self.talk.last(self.column.model)
        if last is None or last.coming:
            return
        if last.whole and self.talk.greedy(last.model):
            self._app.say(
                "the temperature is 0: the same question gives the same answer;"
                f" {self._app.key('chat.options')} sets another"
            )
        fresh = self.talk.again(last)
        self.column.replace_last(fresh, self._other(fresh))
        self.show_heads()

    def action_chat_left(self) -> None:
        self.choose(self._box.chosen - 1)

    def action_chat_right(self) -> None:
        self.choose(self._box.chosen + 1)

    def action_chat_up(self) -> None:
        self.column.scroll_by_reader(-3)

    def action_chat_down(self) -> None:
        self.column.scroll_by_reader(3)

    def action_chat_page_up(self) -> None:
        self.column.scroll_by_reader(1 - self.column.size.height)

    def action_chat_page_down(self) -> None:
        self.column.scroll_by_reader(self.column.size.height - 1)

    def action_chat_markdown(self) -> None:
        self.look.markdown = not self.look.markdown
        self.show_all()
        self.show_heads()

    def action_chat_diff(self) -> None:
        model = self.column.model
        self.look.reference = None if self.look.reference == model else model
        self.show_all()
        self.show_heads()

    def action_chat_together(self) -> None:
        self.together = not self.together
        if self.together:
            self.column.scroll_by_reader(0)
        self.show_heads()

    def action_chat_view(self) -> None:
        box = self._box
        box.alone = not box.single
        box.share_out()
        self.show_heads()

    def action_chat_copy(self) -> None:
        model = self.column.model
        if (last := self.talk.last(model)) is not None:
            self._app.copy(last.text, f"{self.talk.name(model)}'s answer")

    def action_chat_copy_sql(self) -> None:
        model = self.column.model
        if (last := self.talk.last(model)) is not None:
            self._app.copy_sql(last.text, self.talk.name(model))

    def action_chat_reload(self) -> None:
        self._app.reload_models()
