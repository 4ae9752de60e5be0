"""One model's side of a conversation."""

from __future__ import annotations

import msgspec
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from vgpt_probe.engine.messages import Answered, Turn
from vgpt_probe.runs.recorded import Graded
from vgpt_probe.text import one_line, plain
from vgpt_probe.tui.words import STATES, VERDICTS

Part = tuple[str, str]


class Said(msgspec.Struct):
    """One answer of a conversation, while it comes and when it is there; ``graded`` holds one reading a subject."""

    id: str
    question: str
    text: str = ""
    answered: Answered | None = None
    problem: str | None = None
    graded: tuple[Graded, ...] | None = None

    @property
    def coming(self) -> bool:
        return self.answered is None and self.problem is None


class Exchange(Vertical):
    """A question, its answer, and what can be said of it."""

    def __init__(self, said: Said) -> None:
        super().__init__(classes="exchange")
        self.said = said

    def compose(self) -> ComposeResult:
        yield Static(
            Content.assemble(("› ", "bold $accent"), (plain(self.said.question), "bold")), classes="asked"
        )
        yield Static(markup=False, classes="said")
        yield Static(markup=False, classes="facts")

    def on_mount(self) -> None:
        self.show()

    def show(self) -> None:
        """Bring the text and the line below it up to date."""
        if not self.query(".said"):
            return
        said = self.said
        self.query_one(".said", Static).update(Content.assemble(*_text(said)))
        self.query_one(".facts", Static).update(Content.assemble(*_facts(said)))


def _text(said: Said) -> list[Part]:
    evidence = next((one for one in said.graded or () if one.evidence is not None), None)
    if evidence is None or evidence.evidence is None:
        return [(plain(said.text), ""), ("▍" if said.coming else "", "$accent")]
    start, end = evidence.evidence
    tone = VERDICTS[evidence.verdict].tone
    return [
        (plain(said.text[:start]), ""),
        (plain(said.text[start:end]), f"bold underline {tone}"),
        (plain(said.text[end:]), ""),
    ]


def _facts(said: Said) -> list[Part]:
    if said.problem is not None:
        return [("✗ ", "bold $error"), (plain(said.problem), "$error")]
    if said.answered is None:
        return [("answering …" if said.text else "waiting …", "$text-muted")]
    parts: list[Part] = []
    for one in said.graded or ():
        word = VERDICTS[one.verdict]
        parts += [(f"{word.sign} {word.word}", f"bold {word.tone}"), (f"  {one_line(one.subject)}\n", "")]
        parts.append((f"{one.reading}: {one_line(one.reason)}\n", "$text-muted"))
    if said.graded == ():
        parts.append(("the question names no table\n", "$text-muted"))
    answered = said.answered
    pace = answered.tokens / answered.seconds if answered.seconds > 0 else 0.0
    stop = {"end": "", "length": " · cut off at the token limit", "stopped": " · stopped"}[answered.stop]
    first = answered.first_token_seconds
    after = f"{first * 1000:.0f} ms" if first < 1 else f"{first:.1f} s"
    parts.append((f"{answered.tokens} tokens · {pace:.0f} tokens/s · first {after}{stop}", "$text-muted"))
    return parts


class ChatColumn(VerticalScroll, can_focus=False):
    """What one model was asked and said; scrolls along unless the reader has scrolled up."""

    class Picked(Message):
        """The column was clicked."""

        def __init__(self, model: str) -> None:
            super().__init__()
            self.model = model

    def __init__(self, model: str) -> None:
        super().__init__(classes="column")
        self.model = model
        self.turns: list[Turn] = []
        self.last: Said | None = None
        self._follows = True

    def scroll_by_reader(self, lines: int) -> None:
        """Scroll; the column follows what comes in again once the reader is back at its end."""
        self.scroll_relative(y=lines, animate=False, immediate=True)
        self._follows = self.scroll_y >= self.max_scroll_y

    def _follow(self) -> None:
        if self._follows:
            self.scroll_end(animate=False)

    def on_mouse_scroll_up(self) -> None:
        self._follows = False

    def on_mouse_scroll_down(self) -> None:
        self._follows = self.scroll_y + 3 >= self.max_scroll_y

    def head(self, state: str, *, chosen: bool) -> None:
        """Say in the frame which model this is, and how it is."""
        sign, word, tone = STATES[state]
        mark = "▸ " if chosen else ""
        self.border_title = Content.assemble((f"{mark}{one_line(self.model)} ", ""), (f"{sign} {word}", tone))
        self.set_class(chosen, "chosen")

    def ask(self, said: Said) -> None:
        """Begin a new exchange."""
        self.last = said
        self.turns.append(Turn("user", said.question))
        self._follows = True
        self.mount(Exchange(said))
        self.call_after_refresh(self._follow)

    def more(self, text: str) -> None:
        """Add a piece of the answer that is coming."""
        if self.last is not None:
            self.last.text += text

    def done(self, answered: Answered) -> None:
        """The answer is complete, or was stopped."""
        if self.last is not None:
            self.last.text = answered.text
            self.last.answered = answered
            self.turns.append(Turn("assistant", answered.text))

    def failed(self, problem: str) -> None:
        """No answer will come; the question is taken out of the conversation, so that turns keep alternating."""
        if self.last is not None and self.last.coming:
            self.last.problem = problem
            self.turns.pop()

    def show_last(self) -> None:
        """Draw the newest exchange again."""
        exchanges = self.query(Exchange)
        if exchanges:
            exchanges.last().show()
            self.call_after_refresh(self._follow)

    def clear(self) -> None:
        """Forget the conversation."""
        self.turns = []
        self.last = None
        self.query(Exchange).remove()

    def on_click(self) -> None:
        self.post_message(self.Picked(self.model))
