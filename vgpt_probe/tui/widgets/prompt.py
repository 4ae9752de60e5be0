"""The prompt of the chat: several lines, pasted or typed, with a history that goes back over earlier starts."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.widgets import TextArea

from vgpt_probe.text import plain
from vgpt_probe.tui.actions import bindings


class Prompt(TextArea):
    """Every key that is text is text here. Enter sends; several pasted lines stay one question."""

    BINDINGS = bindings("prompt")

    class Sent(Message):
        """The question is to be asked."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The person wants the keys of the answers."""

    def __init__(self) -> None:
        super().__init__(id="prompt", soft_wrap=True, show_line_numbers=False, compact=True)
        self.highlight_cursor_line = False
        self._history: list[str] = []
        self._at: int | None = None
        self._draft = ""
        self.answering = False

    def remember(self, questions: list[str]) -> None:
        """Put questions of before behind those that are there, oldest first."""
        self._history = [one for one in questions if one not in self._history] + self._history

    def write(self, text: str) -> None:
        """Put a text in the place of what stands here, the cursor at its end."""
        self.text = text
        self.move_cursor(self.document.end)

    async def _on_key(self, event: events.Key) -> None:
        # A binding is looked up by the app, while letters wait in this widget's queue: Enter would overtake them.
        if not event.is_printable:
            active = self.screen.active_bindings.get(event.key)
            if active is not None and active.node is self and (active.binding.id or "").startswith("prompt."):
                event.stop()
                event.prevent_default()
                await self.app.run_action(active.binding.action, self)

    async def _on_paste(self, event: events.Paste) -> None:
        text = plain(event.text.replace("\r\n", "\n").replace("\r", "\n"))
        event.prevent_default()
        event.stop()
        if result := self._replace_via_keyboard(text.rstrip("\n"), *self.selection):
            self.move_cursor(result.end_location)

    def action_prompt_send(self) -> None:
        text = self.text.strip()
        if not text:
            return
        self.post_message(self.Sent(text))
        if not self.answering:
            self._history = [*(one for one in self._history if one != text), text]
            self._at = None
            self.text = ""

    def take_back(self, text: str) -> None:
        """The question could not be asked."""
        if not self.text:
            self.write(text)

    def action_prompt_newline(self) -> None:
        self._replace_via_keyboard("\n", *self.selection)

    def action_prompt_earlier(self) -> None:
        """Go a line up; on the first line to the question before."""
        if self._wrapped_row > 0:
            self.action_cursor_up()
            return
        at = len(self._history) if self._at is None else self._at
        if at > 0:
            if self._at is None:
                self._draft = self.text
            self._at = at - 1
            self.write(self._history[self._at])
            self.move_cursor((0, len(self.document.get_line(0))))

    def action_prompt_later(self) -> None:
        """Go a line down; on the last line to the question after, at last to what was being written."""
        if self._wrapped_row < self.wrapped_document.height - 1:
            self.action_cursor_down()
        elif self._at is not None:
            self._at = self._at + 1 if self._at + 1 < len(self._history) else None
            self.write(self._draft if self._at is None else self._history[self._at])

    @property
    def _wrapped_row(self) -> int:
        """The line of the cursor as lines are shown."""
        return self.wrapped_document.location_to_offset(self.cursor_location).y

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        # While answers are coming, Esc is the screen's: it stops them.
        return not self.answering if action == "prompt_close" else True

    def action_prompt_close(self) -> None:
        self.action_prompt_leave()

    def action_prompt_leave(self) -> None:
        # At once, and by a binding with priority: the next key is for the answers.
        self.screen.set_focus(None)
        self.post_message(self.Left())
