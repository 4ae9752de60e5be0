"""The head lines: each model with its state, its rates with their intervals, and how far it is."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.widget import Widget

from vgpt_probe.text import one_line
from vgpt_probe.tui.words import STATES, duration, rate


class Head(msgspec.Struct, frozen=True):
    """What is known of one model now; ``rates`` are (value, low, high) of false rejection and acceptance."""

    model: str
    stage: str
    state: str
    rejection: tuple[float | None, float | None, float | None]
    acceptance: tuple[float | None, float | None, float | None]
    answered: int = 0
    total: int = 0
    pace: float | None = None
    left: float | None = None


Cell = tuple[str, str]


class Heads(Widget):
    """A small table, a line a model, that drops its least columns when the screen is narrow."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._heads: list[Head] = []

    def show(self, heads: list[Head]) -> None:
        if heads != self._heads:
            if len(heads) != len(self._heads):
                self.styles.height = len(heads) + 1
            self._heads = heads
            self.refresh()

    def render(self) -> Content:
        if not self._heads:
            return Content("")
        width = self.size.width
        columns = [column for column in _COLUMNS if column.shown(self._heads, width)]
        while len(columns) > 2 and 1 + sum(_width(column, self._heads, width) for column in columns) > width:
            columns.remove(min(columns, key=lambda column: column.weight))
        lines = [Content.assemble(*self._line(None, columns, width))]
        lines += [Content.assemble(*self._line(head, columns, width)) for head in self._heads]
        return Content("\n").join(lines)

    def _line(self, head: Head | None, columns: list[_Column], width: int) -> list[Cell]:
        parts: list[Cell] = [(" ", "")]
        for column in columns:
            room = _width(column, self._heads, width)
            cells = [(column.title(width), "$text-muted")] if head is None else column.cells(head, width)
            used = 0
            for text, style in cells:
                text = set_cell_size(text, min(cell_len(text), max(0, room - 2 - used)))
                used += cell_len(text)
                parts.append((text, style))
            parts.append((" " * (room - used), ""))
        return parts


class _Column:
    def __init__(
        self,
        title: str,
        cells: Callable[[Head, int], list[Cell]],
        weight: int,
        *,
        short: str | None = None,
        shown: Callable[[list[Head], int], bool] = lambda _heads, _width: True,
    ) -> None:
        self._title = title
        self._short = short or title
        self.cells = cells
        self.weight = weight
        self.shown = shown

    def title(self, width: int) -> str:
        return self._title if width >= 100 else self._short


def _width(column: _Column, heads: list[Head], width: int) -> int:
    texts = ["".join(text for text, _ in column.cells(head, width)) for head in heads]
    return max(cell_len(text) for text in [column.title(width), *texts]) + (3 if width >= 100 else 2)


def _model(head: Head, width: int) -> list[Cell]:
    name, most = one_line(head.model), 24 if width >= 100 else 12
    if cell_len(name) > most:
        name = set_cell_size(name, most - 1).rstrip() + "…"
    return [(name, "bold $foreground")]


def _stage(head: Head, width: int) -> list[Cell]:
    return [(one_line(head.stage), "$text-muted")]


def _state(head: Head, width: int) -> list[Cell]:
    sign, word, tone = STATES[head.state]
    return [(f"{sign} ", tone), (word, tone if head.state in ("died", "failed") else "")]


def _rate(values: tuple[float | None, float | None, float | None], tone: str) -> list[Cell]:
    value, low, high = values
    text = rate(value, low, high)
    if value is None:
        return [("    –", "$text-muted")]
    return [(text[:7], f"bold {tone}" if value else ""), (text[7:], "$text-muted")]


def _progress(head: Head, width: int) -> list[Cell]:
    size = 20 if width >= 150 else 10 if width >= 100 else 5
    done = head.answered * size // head.total if head.total else 0
    tone = "$success" if head.answered == head.total and head.total else "$primary"
    count = f" {head.answered:>{len(str(head.total))}}/{head.total}" if head.total else " –"
    return [("━" * done, tone), ("─" * (size - done), "$text-muted"), (count, "")]


def _pace(head: Head, width: int) -> list[Cell]:
    if head.pace is None:
        return [("", "")]
    return [(f"{head.pace:.0f}/s" if head.pace >= 9.95 else f"{head.pace:.1f}/s", "")]


def _left(head: Head, width: int) -> list[Cell]:
    return [("", "") if head.left is None else (duration(head.left), "")]


_COLUMNS = [
    _Column("model", _model, 9),
    _Column(
        "stage",
        _stage,
        1,
        shown=lambda heads, _width: any(head.stage not in ("", head.model) for head in heads),
    ),
    _Column("state", _state, 8),
    _Column("false rejection", lambda head, _width: _rate(head.rejection, "$error"), 7, short="denies real"),
    _Column(
        "false acceptance", lambda head, _width: _rate(head.acceptance, "$warning"), 6, short="accepts fake"
    ),
    _Column("answered", _progress, 5),
    _Column("pace", _pace, 3, shown=lambda heads, _width: any(head.pace is not None for head in heads)),
    _Column("left", _left, 4, shown=lambda heads, _width: any(head.left is not None for head in heads)),
]
