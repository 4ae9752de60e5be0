"""One model's side of a conversation."""

from __future__ import annotations

import msgspec
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from vgpt_probe.text import one_line, plain
from vgpt_probe.tui.rendered import Mark, Piece, as_written, content, differences, rendered
from vgpt_probe.tui.talk import Said
from vgpt_probe.tui.widgets.steady import Steady
from vgpt_probe.tui.words import STATES, VERDICTS

Part = tuple[str, str]


class Look(msgspec.Struct):
    """How answers are shown: as Markdown or as written, or word by word against another model's; ``masked``: bare.

    ``reference``: the model that others are held against.
    """

    markdown: bool = True
    masked: bool = False
    reference: str | None = None


class Exchange(Vertical):
    """A question, its answer, and what can be said of it."""

    def __init__(self, said: Said, look: Look) -> None:
        super().__init__(classes="exchange")
        self.said = said
        self._look = look
        self._other: Said | None = None
        self._text = Steady(classes="said")
        self._facts = Steady(classes="facts")
        self.best = False

    def compose(self) -> ComposeResult:
        yield Static(
            Content.assemble(("› ", "bold $accent"), (plain(self.said.question), "bold")), classes="asked"
        )
        yield self._text
        yield self._facts

    def on_mount(self) -> None:
        self.show(self._other)

    def on_resize(self) -> None:
        # Tables are as wide as there is room for.
        self.show(self._other)

    def show(self, other: Said | None) -> None:
        """Bring the text and what stands below it up to date; ``other`` is the answer that it is held against."""
        self._other = other
        if not self._facts.is_attached:
            return
        self._text.say(self._shown(other))
        parts = _facts(self.said, masked=self._look.masked)
        if self.best:
            parts = [("★ the best answer\n", "bold $accent"), *parts]
        self._facts.say(Content.assemble(*parts))

    def _shown(self, other: Said | None) -> Content:
        said = self.said
        if other is not None and other is not said and not said.coming and not other.coming:
            parts = differences(*(content(self._pieces(one.text)).plain for one in (said, other)))
            same = all(not style for _, style in parts)
            return Content.assemble(*parts, *([("\n= the same words", "$text-muted")] if same else []))
        pieces = self._pieces(said.text)
        marks = [] if self._look.masked else _evidence(said)
        shown = content(pieces, marks)
        return Content.assemble(shown, ("▍", "$accent")) if said.coming else shown

    def _pieces(self, text: str) -> list[Piece]:
        return rendered(text, self.size.width or 80) if self._look.markdown else as_written(text)


def _evidence(said: Said) -> list[Mark]:
    for one in said.graded or ():
        if one.evidence is not None:
            return [Mark(*one.evidence, f"bold underline {VERDICTS[one.verdict].tone}")]
    return []


def _facts(said: Said, *, masked: bool) -> list[Part]:
    if said.problem is not None:
        return [("✗ ", "bold $error"), (plain(said.problem), "$error")]
    if said.answered is None:
        return [("answering …" if said.text else "waiting …", "$text-muted")]
    if masked:
        # Verdict and speed would give the model away, or the choice.
        return []
    parts: list[Part] = []
    for one in said.graded or ():
        word = VERDICTS[one.verdict]
        parts += [(f"{word.sign} {word.word}", f"bold {word.tone}"), (f"  {one_line(one.subject)}\n", "")]
        parts.append((f"{one.reading}: {one_line(one.reason)}\n", "$text-muted"))
    if said.reading:
        parts.append(("reading …\n", "$text-muted"))
    if said.graded == ():
        parts.append(("the question names no table\n", "$text-muted"))
    answered = said.answered
    pace = answered.tokens / answered.seconds if answered.seconds > 0 else 0.0
    stops = {"length": " · cut off at the token limit", "stopped": " · stopped by you"}
    first = answered.first_token_seconds
    after = f"{first * 1000:.0f} ms" if first < 1 else f"{first:.1f} s"
    tokens = "1 token" if answered.tokens == 1 else f"{answered.tokens} tokens"
    drawn = f" · drawn {said.again + 1} times" if said.again else ""
    parts.append(
        (
            f"{tokens} · {pace:.0f} tokens/s · first after {after}{stops.get(answered.stop, '')}{drawn}",
            "$text-muted",
        )
    )
    return parts


class ChatColumn(VerticalScroll, can_focus=False):
    """What one model was asked and said; scrolls along unless the reader has scrolled up."""

    class Picked(Message):
        """The column was clicked."""

        def __init__(self, model: str) -> None:
            super().__init__()
            self.model = model

    class Scrolled(Message):
        """The reader has scrolled the column."""

        def __init__(self, column: ChatColumn) -> None:
            super().__init__()
            self.column = column

    def __init__(self, model: str, look: Look) -> None:
        super().__init__(classes="column")
        self.model = model
        self.exchanges: list[Exchange] = []
        self._look = look
        self._follows = True

    @property
    def last(self) -> Said | None:
        """The newest answer."""
        return self.exchanges[-1].said if self.exchanges else None

    # ── scrolling ──

    def scroll_by_reader(self, lines: int) -> None:
        """Scroll; the column follows what comes in again once the reader is back at its end."""
        self.scroll_relative(y=lines, animate=False, immediate=True)
        self._scrolled()

    def _scrolled(self) -> None:
        self._follows = self.scroll_y >= self.max_scroll_y
        self.post_message(self.Scrolled(self))

    def on_mouse_scroll_up(self) -> None:
        self.call_after_refresh(self._scrolled)

    def on_mouse_scroll_down(self) -> None:
        self.call_after_refresh(self._scrolled)

    @property
    def place(self) -> tuple[int, int]:
        """Where the reader is: the number of the exchange at the top, and how far into it, in lines."""
        top = round(self.scroll_y)
        for number, exchange in enumerate(self.exchanges):
            begins = exchange.virtual_region.y
            if top < begins + exchange.virtual_region.height:
                return number, top - begins
        return max(0, len(self.exchanges) - 1), 0

    def go_to(self, number: int, line: int) -> None:
        """Show the same place of the conversation, as far as this answer goes."""
        if number < len(self.exchanges):
            region = self.exchanges[number].virtual_region
            self.scroll_to(y=region.y + min(line, max(0, region.height - 1)), animate=False)
            self._follows = False

    def follow(self) -> None:
        """Stay at the end, once what has changed is laid out, unless the reader has scrolled up."""
        self.call_after_refresh(self._follow_on)

    def _follow_on(self) -> None:
        if self._follows:
            self.scroll_end(animate=False)

    # ── what is shown ──

    def head(self, title: str, state: str, *, chosen: bool) -> None:
        """Say in the frame which model this is, and how it is."""
        sign, word, tone = STATES[state]
        mark = "▸ " if chosen else ""
        self.border_title = Content.assemble((f"{mark}{one_line(title)} ", ""), (f"{sign} {word}", tone))
        self.set_class(chosen, "chosen")

    def add(self, said: Said) -> None:
        """Begin a new exchange."""
        self._follows = True
        self.exchanges.append(Exchange(said, self._look))
        self.mount(self.exchanges[-1])
        self.follow()

    def replace_last(self, said: Said, other: Said | None) -> None:
        """The newest question is asked again."""
        self._follows = True
        self.exchanges[-1].said = said
        self.show_last(other)

    def show_last(self, other: Said | None) -> None:
        """Draw the newest exchange again; ``other`` is what it is held against."""
        if self.exchanges:
            self.exchanges[-1].show(other)
            self.call_after_refresh(self._follow_on)

    def on_click(self) -> None:
        self.post_message(self.Picked(self.model))
