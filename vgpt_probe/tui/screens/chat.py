"""The chat screen: one prompt to all models, their answers side by side as they come."""

from __future__ import annotations

from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from vgpt_probe.engine.messages import Answered, Died, Event, Failed, Piece, Turn
from vgpt_probe.runs.records import FLAGGED
from vgpt_probe.tui.actions import bindings
from vgpt_probe.tui.widgets.bars import KeyBar, TopBar
from vgpt_probe.tui.widgets.column import ChatColumn, Said
from vgpt_probe.tui.widgets.side_by_side import SideBySide

if TYPE_CHECKING:
    from vgpt_probe.pairs.pair import Role
    from vgpt_probe.runs.recorded import Graded
    from vgpt_probe.tui.app import ProbeApp

#: Times a second that what has come in is drawn; one timer for all columns.
REFRESH = 20


class ChatScreen(Screen[None]):
    """A conversation with all models of the workspace."""

    BINDINGS = bindings("chat")

    def __init__(self) -> None:
        super().__init__()
        self.chosen = 0
        self._asked = 0
        self._events: SimpleQueue[tuple[str, Event]] = SimpleQueue()

    @property
    def _app(self) -> ProbeApp:
        return cast("ProbeApp", self.app)

    @property
    def columns(self) -> list[ChatColumn]:
        return list(self.query(ChatColumn))

    @property
    def column(self) -> ChatColumn:
        """The chosen model's column."""
        return self.columns[self.chosen]

    @property
    def coming(self) -> bool:
        """Whether any answer is still coming."""
        return any(column.last is not None and column.last.coming for column in self.columns)

    def compose(self) -> ComposeResult:
        yield TopBar("chat")
        with SideBySide(id="columns", least=26):
            for model in self._app.model_names:
                yield ChatColumn(model)
        yield Static(id="hello", markup=False)
        yield Input(id="prompt", placeholder="ask all models", compact=True)
        yield KeyBar()

    def on_mount(self) -> None:
        self._app.workers_changed.subscribe(self, lambda _: self._show_heads())
        self.set_interval(1 / REFRESH, self._drain)
        self.query_one("#hello", Static).update(_HELLO)
        self.query_one("#prompt").focus()
        self._show_heads()

    def on_screen_resume(self) -> None:
        self._show_heads()

    def _show_heads(self) -> None:
        if not self.is_mounted:
            return
        for number, column in enumerate(self.columns):
            column.head(self._app.state_of(column.model), chosen=number == self.chosen)
        coming = sum(1 for column in self.columns if column.last is not None and column.last.coming)
        self.query_one(TopBar).say(f"{coming} answering" if coming else self._app.workspace_name)
        self.refresh_bindings()

    # ── asking ──

    @on(Input.Submitted, "#prompt")
    def _submitted(self, event: Input.Submitted) -> None:
        self.send(event.value.strip())

    def send(self, question: str) -> None:
        """Put a question to all models."""
        from vgpt_probe.runs.runner import chat_request

        if not question:
            return
        if self.coming:
            self._app.say("answers are still coming; Esc stops them", "warning")
            return
        self.query_one("#prompt", Input).clear()
        self.query_one("#hello").display = False
        self._asked += 1
        asked: list[tuple[str, str, list[Turn]]] = []
        for column in self.columns:
            said = Said(f"chat-{self._asked}-{column.model}", question)
            column.ask(said)
            asked.append((column.model, said.id, list(column.turns)))
        self._show_heads()

        def asks() -> None:
            for model, number, turns in asked:
                worker = self._app.desk.engine[model]
                request = chat_request(turns, worker.settings, id=number, stream=True)
                worker.ask([request], partial(self._hear, model))

        self._app.in_background(asks)

    def _hear(self, model: str, event: Event) -> None:
        self._events.put((model, event))

    def _drain(self) -> None:
        """Take in what the models have said since the last time."""
        columns = {column.model: column for column in self.columns}
        touched: set[str] = set()
        ended = False
        while True:
            try:
                model, event = self._events.get_nowait()
            except Empty:
                break
            column = columns[model]
            last = column.last
            if last is None or (not isinstance(event, Died) and event.id != last.id):  # type: ignore[union-attr]
                continue
            touched.add(model)
            if isinstance(event, Piece):
                column.more(event.text)
                continue
            ended = True
            if isinstance(event, Answered):
                column.done(event)
                self._judge(column, last)
            elif isinstance(event, Failed):
                column.failed(event.message)
            elif isinstance(event, Died):
                column.failed(f"the model is gone: {event.message}. Ask again to load it again.")
        for model in touched:
            columns[model].show_last()
        if ended:
            self._show_heads()

    def _judge(self, column: ChatColumn, said: Said) -> None:
        """Read and judge a complete answer, off the screen's thread: the catalog may have to be opened first."""
        from vgpt_probe.runs.recorded import Recorded, grade_recorded

        def judges() -> None:
            recorded = [Recorded(0, said.question, said.text, column.model)]
            graded = tuple(grade_recorded(recorded, self._app.desk.grader))
            self._app.call_from_thread(self._judged, column, said, graded)

        self._app.in_background(judges)

    def _judged(self, column: ChatColumn, said: Said, graded: tuple[Graded, ...]) -> None:
        said.graded = graded
        if column.last is said:
            column.show_last()
        self.refresh_bindings()

    # ── actions ──

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if not self.is_mounted:
            return True
        if action == "chat_stop":
            return self.coming or self.query_one("#prompt").has_focus
        if action == "chat_stop_one":
            last = self.column.last
            return last is not None and last.coming
        if action == "chat_pair":
            last = self.column.last
            return True if last is not None and last.answered is not None and last.text.strip() else None
        if action in ("chat_copy", "chat_copy_sql"):
            return True if self.column.last is not None and self.column.last.text else None
        if action == "chat_prompt":
            return not self.query_one("#prompt").has_focus
        if action == "chat_send":
            return self.query_one("#prompt").has_focus
        if action == "chat_reload":
            return bool(self._app.desk.broken())
        if action == "chat_new":
            return True if any(column.last is not None for column in self.columns) else None
        return True

    def action_chat_send(self) -> None:
        self.send(self.query_one("#prompt", Input).value.strip())

    def action_chat_stop(self) -> None:
        if self.coming:
            for column in self.columns:
                self._stop(column)
        else:
            self.set_focus(None)
            self.refresh_bindings()

    def action_chat_stop_one(self) -> None:
        self._stop(self.column)

    def _stop(self, column: ChatColumn) -> None:
        if column.last is not None and column.last.coming:
            worker = self._app.desk.workers.get(column.model)
            if worker is not None:
                worker.cancel([column.last.id])

    def action_chat_prompt(self) -> None:
        self.query_one("#prompt").focus()
        self.refresh_bindings()

    def action_chat_left(self) -> None:
        self._choose(self.chosen - 1)

    def action_chat_right(self) -> None:
        self._choose(self.chosen + 1)

    def _choose(self, number: int) -> None:
        self.chosen = number % len(self.columns)
        self.column.scroll_visible(animate=False)
        self._show_heads()

    @on(ChatColumn.Picked)
    def _picked(self, event: ChatColumn.Picked) -> None:
        self._choose([column.model for column in self.columns].index(event.model))

    def action_chat_up(self) -> None:
        self.column.scroll_by_reader(-3)

    def action_chat_down(self) -> None:
        self.column.scroll_by_reader(3)

    def action_chat_copy(self) -> None:
        if self.column.last is not None:
            self._app.copy(self.column.last.text, f"{self.column.model}'s answer")

    def action_chat_copy_sql(self) -> None:
        if self.column.last is not None:
            self._app.copy_sql(self.column.last.text, self.column.model)

    def action_chat_reload(self) -> None:
        self._app.reload_models()

    def action_chat_new(self) -> None:
        for column in self.columns:
            self._stop(column)
            column.clear()
        self.query_one("#hello").display = True
        self.action_chat_prompt()
        self._show_heads()

    def action_chat_pair(self) -> None:
        column, said = self.column, self.column.last
        if said is None or said.answered is None:
            return
        others = {
            other.model: other.last.text
            for other in self.columns
            if other is not column
            and other.last is not None
            and other.last.answered is not None
            and other.last.answered.stop == "end"
        }
        graded = sorted(said.graded or (), key=lambda one: one.verdict not in FLAGGED)
        subject = graded[0].subject if graded else None

        # The conversation up to the answer: what this model was told, and had said, before.
        talk: list[tuple[Role, str]] = [
            ("assistant" if turn.role == "assistant" else "user", turn.content) for turn in column.turns[:-1]
        ]

        def drafts() -> None:
            from vgpt_probe.pairs.draft import draft_chat_pair

            settings = self._app.desk.engine[column.model].settings
            pair = draft_chat_pair(
                talk,
                subject,
                said.text,
                others,
                self._app.desk.guard,
                model=column.model,
                system=settings.system_prompt,
            )
            self._app.call_from_thread(self._app.edit_pair, pair)

        self._app.in_background(drafts)


_HELLO = Content.assemble(
    ("One prompt, all models.\n\n", "bold"),
    ("Type a question below and press ", ""),
    ("Enter", "bold $accent"),
    (". Each answer is read and judged against the catalog.\n", ""),
    ("Esc", "bold $accent"),
    (" leaves the prompt line; then ", ""),
    ("← →", "bold $accent"),
    (" choose a model and ", ""),
    ("p", "bold $accent"),
    (" saves a pair.", ""),
)
