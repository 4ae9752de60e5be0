"""One model's answer to a case, with the words that decided its verdict marked."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from vgpt_probe.runs.records import Answer
from vgpt_probe.text import one_line, plain
from vgpt_probe.tui.words import READINGS, REVIEWS, VERDICTS

Part = tuple[str, str]

#: A denial margin's bar: cells to each side, and the nats that fill them.
BAR, NATS = 8, 16.0


def marked(text: str, evidence: tuple[int, int] | None, tone: str) -> list[Part]:
    """Cut a text into parts, the evidence underlined; the span is in code points of the text as it was said."""
    if evidence is None:
        return [(plain(text), "")]
    start, end = evidence
    return [
        (plain(text[:start]), ""),
        (plain(text[start:end]), f"bold underline {tone}"),
        (plain(text[end:]), ""),
    ]


def verdict_parts(answer: Answer) -> list[Part]:
    """The verdict with its sign, and the mark of a person's review."""
    word = VERDICTS[answer.final]
    parts: list[Part] = [(f"{word.sign} {word.word}", f"bold {word.tone}")]
    if answer.review is not None:
        mark, meaning = REVIEWS[answer.review]
        parts.append((f"  {mark} {meaning}", "$text-muted"))
    return parts


class AnswerPanel(VerticalScroll, can_focus=False):
    """A framed answer; ``chosen`` frames are what the case's keys act on."""

    class Picked(Message):
        """The answer was clicked."""

        def __init__(self, model: str) -> None:
            super().__init__()
            self.model = model

    def __init__(self, model: str, stage: str) -> None:
        super().__init__(classes="answer")
        self.model = model
        self._stage = stage

    def compose(self) -> ComposeResult:
        yield Static(markup=False, classes="verdict")
        yield Static(markup=False, classes="text")
        yield Static(markup=False, classes="facts")

    def show(self, answer: Answer | None, *, chosen: bool) -> None:
        """Show an answer, None while there is none."""
        self.set_class(chosen, "chosen")
        title = one_line(self.model)
        if self._stage and self._stage != self.model:
            title += f" · {one_line(self._stage)}"
        self.border_title = Content(f"▸ {title}" if chosen else title)
        verdict, text, facts = self._parts()
        if answer is None:
            verdict.update(Content.assemble(("· not answered yet", "$text-muted")))
            text.update("")
            facts.update("")
            return
        verdict.update(Content.assemble(*verdict_parts(answer)))
        tone = VERDICTS[answer.final].tone
        said = marked(answer.text, answer.evidence, tone) if answer.text else [("(nothing)", "$text-muted")]
        text.update(Content.assemble(*said))
        facts.update(Content.assemble(*_facts(answer)))

    def on_click(self) -> None:
        self.post_message(self.Picked(self.model))

    def _parts(self) -> tuple[Static, Static, Static]:
        verdict, text, facts = self.query(Static)
        return verdict, text, facts


def margin_bar(margin: float) -> list[Part]:
    """A denial margin as a bar: to the left the model would rather affirm, to the right rather deny."""
    cells = min(BAR, round(abs(margin) / NATS * BAR))
    left, right = ("━" * cells, "") if margin < 0 else ("", "━" * cells)
    return [
        ("affirm ", "$text-muted"),
        (left.rjust(BAR, "─"), "$success" if left else "$text-disabled"),
        ("┼", ""),
        (right.ljust(BAR, "─"), "$error" if right else "$text-disabled"),
        (" deny ", "$text-muted"),
        (f"{margin:+.1f} nats", ""),
    ]


def _facts(answer: Answer) -> list[Part]:
    label, value = "$text-muted", ""
    parts: list[Part] = []

    def line(name: str, text: str) -> None:
        parts.extend([(f"{name} ", label), (f"{text}\n", value)])

    if answer.verdict == "error":
        line("fault", one_line(answer.reason))
        return parts
    line("reading", f"{answer.reading}: {one_line(answer.reason) or READINGS.get(answer.reading, '')}")
    if answer.review == "overridden":
        line("the reader's verdict", VERDICTS[answer.verdict].word)
    if answer.note:
        line("note", one_line(answer.note))
    if answer.suggested:
        line("suggests", one_line(", ".join(answer.suggested)))
    if answer.unknown_tables:
        line("unknown tables", one_line(", ".join(answer.unknown_tables)))
    if answer.unknown_columns:
        line("unknown columns", one_line(", ".join(answer.unknown_columns)))
    for broken in answer.style:
        line("house rule", one_line(broken.message))
    if answer.margin is not None:
        parts += [("denial margin ", label), *margin_bar(answer.margin), ("\n", "")]
    ends = {
        "length": " · cut off at the token limit",
        "settled": " · ended early: its verdict was settled",
    }
    cut = ends.get(answer.stop, "")
    parts.append((f"{answer.tokens} tokens · {answer.seconds:.1f} s{cut}", label))
    return parts


__all__ = ["AnswerPanel", "margin_bar", "marked", "verdict_parts"]
