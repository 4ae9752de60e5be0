"""The matrix: a row a case, a column a model, drawn line by line so that 50,000 rows cost no more than fifty."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from vgpt_probe.text import one_line
from vgpt_probe.tui.actions import bindings
from vgpt_probe.tui.board import Board
from vgpt_probe.tui.rows import Rows
from vgpt_probe.tui.words import CHANGES, REVIEWS, TURNS, VERDICTS

#: The widest cell: a mark, "! accepts fake", and the mark of a review; then with short words, then the sign alone.
FULL, SHORT, SIGN = 18, 12, 5


class Layout:
    """The widths of the matrix's columns for one width of the screen."""

    def __init__(self, board: Board, width: int) -> None:
        models = max(1, len(board.models))
        longest, wording = board.widths
        self.wording = min(12, max(7, wording))
        self.module = 7 if width >= 100 else 0
        self.subject = max(8, min(longest, 30 if width >= 100 else 14))
        fixed = 1 + self.subject + 1 + 5 + self.module + self.wording + 1
        self.cell = max(SIGN, min((width - fixed) // models, 22 if width >= 150 else 18))
        self.fixed = fixed
        rest = width - fixed - self.cell * models
        self.question = rest - 2 if rest >= 36 else 0
        if not self.question:
            self.cell = max(self.cell, min((width - fixed) // models, 24))


class Matrix(ScrollView, can_focus=True):
    """A virtual table over ``Rows``; the cursor stays on its case when rows come and go."""

    BINDINGS = bindings("matrix")
    COMPONENT_CLASSES = {
        "matrix--header",
        "matrix--cursor",
        "matrix--subject",
        "matrix--faint",
        "matrix--heading",
        "matrix--good",
        "matrix--bad",
        *(f"matrix--{name}" for name in VERDICTS),
    }

    cursor: reactive[int] = reactive(0, repaint=False)

    class Moved(Message):
        """The cursor is on another case now; None when there is none."""

        def __init__(self, position: int | None) -> None:
            super().__init__()
            self.position = position

    class Chosen(Message):
        """A case was clicked."""

        def __init__(self, position: int) -> None:
            super().__init__()
            self.position = position

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: Rows | None = None
        self._layout_of: tuple[int, Layout] | None = None
        self._styles_of: dict[str, Style] | None = None

    @property
    def position(self) -> int | None:
        """The case under the cursor."""
        if self.rows is None or not len(self.rows):
            return None
        return self.rows.position(min(self.cursor, len(self.rows) - 1))

    @property
    def group(self) -> int | None:
        """The number of the group under the cursor, None when cases are not grouped."""
        if self.rows is None or self.rows.groups is None or not len(self.rows):
            return None
        return self.rows.group(min(self.cursor, len(self.rows) - 1))

    def show(self, rows: Rows) -> None:
        """Show other rows; the cursor goes to the case it was on, or to the next one that is shown."""
        before = self.position
        same_run = self.rows is not None and self.rows.board is rows.board
        self.rows = rows
        if not same_run:
            self._layout_of = None
        self._resize()
        self.set_cursor(rows.nearest(before) if same_run and before is not None else 0)
        self.refresh()

    def fold(self, groups: Iterable[int]) -> None:
        """Fold or unfold groups; the cursor stays in its group."""
        at = self.group
        if self.rows is None or at is None:
            return
        position = self.position
        self.rows.fold(groups)
        self._resize()
        row = self.rows.index(position) if position is not None else None
        head = self.rows.heading(at)
        self.set_cursor(row if row is not None else head or 0)
        self.refresh()

    def changed(self, positions: Iterable[int]) -> None:
        """Draw the rows of these cases again, and let rows come and go as the filter has it."""
        if self.rows is None:
            return
        before = self.position
        changed = set(positions)
        moved = self.rows.update(changed)
        if moved is not None:
            self._resize()
            if before is not None and self.rows.nearest(before) != self.cursor:
                self.set_cursor(self.rows.nearest(before))
        top = round(self.scroll_y)
        bottom = min(top + self.size.height - 1, len(self.rows))
        if moved is not None and moved < max(bottom, top + self.size.height - 1):
            self.refresh()
            return
        groups = self.rows.groups
        touched = {groups.of[position] for position in changed} if groups is not None else set()
        for row in range(top, bottom):
            position = self.rows.position(row)
            if position in changed or (position is None and self.rows.group(row) in touched):
                self.refresh(Region(0, row - top + 1, self.size.width, 1))

    def set_cursor(self, row: int) -> None:
        """Put the cursor on a row and bring it into view."""
        last = len(self.rows) - 1 if self.rows else 0
        self.cursor = max(0, min(row, last))
        self._show_cursor()
        self.post_message(self.Moved(self.position))

    def go_to(self, position: int) -> None:
        """Put the cursor on a case."""
        if self.rows is not None and len(self.rows):
            self.set_cursor(self.rows.nearest(position))

    def watch_cursor(self, before: int, now: int) -> None:
        top = round(self.scroll_y)
        for row in (before, now):
            self.refresh(Region(0, row - top + 1, self.size.width, 1))

    def _show_cursor(self) -> None:
        height = max(1, self.size.height - 1)
        top = round(self.scroll_y)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, immediate=True)

    def _resize(self) -> None:
        self.virtual_size = Size(self.size.width, (len(self.rows) if self.rows else 0) + 1)

    def on_resize(self, _event: events.Resize) -> None:
        self._layout_of = None
        self._resize()
        self.call_after_refresh(self._show_cursor)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles_of = None

    def on_click(self, event: events.Click) -> None:
        if self.rows is None or event.y < 1:
            return
        row = round(self.scroll_y) + event.y - 1
        if row < len(self.rows):
            position = self.rows.position(row)
            if position is None:
                self.set_cursor(row)
                self.fold([self.rows.group(row)])
                return
            if row == self.cursor:
                self.post_message(self.Chosen(position))
            self.set_cursor(row)

    def action_matrix_up(self) -> None:
        self.set_cursor(self.cursor - 1)

    def action_matrix_down(self) -> None:
        self.set_cursor(self.cursor + 1)

    def action_matrix_page_up(self) -> None:
        self.set_cursor(self.cursor - max(1, self.size.height - 2))

    def action_matrix_page_down(self) -> None:
        self.set_cursor(self.cursor + max(1, self.size.height - 2))

    def action_matrix_first(self) -> None:
        self.set_cursor(0)

    def action_matrix_last(self) -> None:
        self.set_cursor(len(self.rows) - 1 if self.rows else 0)

    # ── drawing ──

    def _layout_now(self, board: Board) -> Layout:
        width = self.size.width
        if self._layout_of is None or self._layout_of[0] != width:
            self._layout_of = (width, Layout(board, width))
        return self._layout_of[1]

    @property
    def _looks(self) -> dict[str, Style]:
        if self._styles_of is None:
            names = ("header", "cursor", "subject", "faint", "heading", "good", "bad", *VERDICTS)
            self._styles_of = {
                name: self.get_component_rich_style(f"matrix--{name}", partial=True) for name in names
            }
            self._styles_of["plain"] = self.rich_style
        return self._styles_of

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self.rows is None:
            return Strip.blank(width, self.rich_style)
        if y == 0:
            return self._header(self.rows.board, width)
        row = round(self.scroll_y) + y - 1
        if row >= len(self.rows):
            return Strip.blank(width, self.rich_style)
        return self._row(row, width, first=y == 1)

    def _header(self, board: Board, width: int) -> Strip:
        columns = self._layout_now(board)
        look = self._looks["plain"] + self._looks["header"]
        text = " " + fit("subject", columns.subject + 1) + fit("is", 5)
        if columns.module:
            text += fit("module", columns.module)
        text += fit("wording", columns.wording + 1)
        text += "".join(" " + fit(one_line(model), columns.cell - 1) for model in board.models)
        if columns.question:
            text += "  question"
        return Strip([Segment(set_cell_size(text, width), look)], width)

    def _row(self, row: int, width: int, *, first: bool) -> Strip:
        assert self.rows is not None
        board, position = self.rows.board, self.rows.position(row)
        columns, looks = self._layout_now(board), self._looks
        base = looks["plain"] + looks["heading"] if position is None else looks["plain"]
        if row == self.cursor:
            base += looks["cursor"]
        edge = Segment("▌" if row == self.cursor and self.has_focus else " ", base + looks["subject"])
        if position is None:
            return Strip([edge, *self._heading(row, columns, base)]).adjust_cell_length(width, base)
        probe = board.probes[position]
        above = self.rows.position(row - 1) if row and not first else None
        repeated = above is not None and board.probes[above].subject == probe.subject
        if self.rows.view.grouped == "subject":
            repeated = not first
        faint, name = base + looks["faint"], base + looks["faint" if repeated else "subject"]
        segments = [
            edge,
            Segment(fit(one_line(probe.subject), columns.subject + 1), name),
            Segment(fit("real" if probe.real else "fake", 5), faint if repeated else base),
        ]
        if columns.module:
            segments.append(Segment(fit(one_line(probe.module), columns.module), faint))
        segments.append(Segment(fit(probe.wording, columns.wording + 1), base))
        for model in board.models:
            segments += self._cell(model, position, columns.cell, base)
        if columns.question:
            segments.append(Segment("  " + fit(one_line(probe.question), columns.question), faint))
        return Strip(segments).adjust_cell_length(width, base)

    def _heading(self, row: int, columns: Layout, base: Style) -> list[Segment]:
        """A group: its name, how many cases it shows, and how many of its answers are wrong, model by model."""
        assert self.rows is not None and self.rows.groups is not None
        board, groups, group, looks = self.rows.board, self.rows.groups, self.rows.group(row), self._looks
        sign = "▸" if group in self.rows.folded else "▾"
        shown = self.rows.members(group)
        cases = f"{shown:,} case" + ("" if shown == 1 else "s")
        text = set_cell_size(
            f"{sign} {one_line(str(groups.names[group]))}  {cases}", max(1, columns.fixed - 2)
        )
        segments = [Segment(text + " ", base + looks["subject"])]
        for model in board.models:
            wrong, answered = groups.wrong[model][group], groups.answered[model][group]
            if not answered:
                segments.append(Segment(" " + fit("·", columns.cell - 1), base + looks["faint"]))
                continue
            count = f"{wrong:,}/{answered:,}"
            full = f"{'✗' if wrong else '✓'} {count} wrong"
            brief = f"{'✗' if wrong else '✓'}{count}"
            text = full if columns.cell >= FULL else brief
            look = looks["bad"] if wrong else looks["correct"]
            segments.append(Segment(" " + fit(text, columns.cell - 1), base + look))
        return segments

    def _cell(self, model: str, position: int, width: int, base: Style) -> list[Segment]:
        """A verdict; before it, a mark where it turned from the stage before, or since the run compared with."""
        assert self.rows is not None
        board, baseline, looks = self.rows.board, self.rows.baseline, self._looks
        verdict = board.verdict(model, position)
        if verdict is None:
            return [Segment(" " + fit("·", width - 1), base + looks["faint"])]
        if baseline is not None:
            mark, tone = CHANGES[baseline.change(model, position)]
        else:
            mark, tone = TURNS[board.turn(model, position)]
        word, review = VERDICTS[verdict], board.review(model, position)
        reviewed = f" {REVIEWS[review][0]}" if review else ""
        if width >= FULL:
            text = f"{word.sign} {word.word}{reviewed}"
        elif width >= SHORT:
            text = f"{word.sign} {word.short}{reviewed}"
        else:
            text = f"{word.sign}{reviewed.strip()}"
        look = looks["faint"] if review == "dismissed" else looks[verdict]
        return [
            Segment(mark, base + looks[tone]),
            Segment(fit(text, width - 1), base + look),
        ]


def fit(text: str, width: int) -> str:
    """Pad, or cut with an ellipsis, to ``width`` cells of which the last stays blank."""
    fitted = set_cell_size(text, width - 1)
    if fitted.rstrip() != text.rstrip():
        fitted = set_cell_size(set_cell_size(text, width - 2).rstrip() + "…", width - 1)
    return fitted + " "
