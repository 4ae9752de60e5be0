"""The line above the matrix: which cases are shown, in what order, and how many."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from vgpt_probe.text import one_line
from vgpt_probe.tui.rows import Rows

Part = tuple[str, str]

_ORDERS = {"margin": "by denial margin", "disagreement": "by disagreement", "module": "by module"}
_GROUPS = {"subject": "subjects", "wording": "wordings"}


class FilterLine(Widget):
    """Chips on the left, counts on the right."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._chips: list[str] = []
        self._counts = ""
        self._changes: tuple[int, int] | None = None
        self._against = 0

    def show(self, rows: Rows) -> None:
        """Take in what is to be said of the rows."""
        board, baseline = rows.board, rows.baseline
        if baseline is None:
            self._changes = None
        elif self._changes is None or self._against != baseline.run.id:
            counts = baseline.counts()
            self._changes, self._against = (counts["fixed"], counts["regressed"]), baseline.run.id
        self._chips = _chips(rows)
        findings = "finding" if board.findings == 1 else "findings"
        self._counts = f"{rows.cases:,} of {len(board.probes):,} probes · {board.findings:,} {findings}"
        self.refresh()

    def render(self) -> Content:
        parts: list[Part] = []
        for word in self._chips:
            parts += [(f" {word} ", "bold $background on $accent"), (" ", "")]
        if self._changes is not None:
            fixed, regressed = self._changes
            parts += [
                (f"against run {self._against}: ", "$text-muted"),
                (f"+ {fixed:,} fixed ", "$success"),
                (f"- {regressed:,} regressed", "$error"),
            ]
        left = Content.assemble(*(parts or [("all cases", "$text-muted")]))
        room = self.size.width - len(self._counts) - 2
        if left.cell_length > room:
            left = left.truncate(max(0, room), ellipsis=True)
        gap = " " * max(0, room - left.cell_length)
        return Content.assemble(" ", left, gap, (self._counts, "$text-muted"))


def _chips(rows: Rows) -> list[str]:
    chosen, view = rows.filter, rows.view
    words = []
    if chosen.flagged:
        words.append("flagged only")
    if chosen.differs:
        words.append("models differ")
    if chosen.change is not None:
        words.append("changed" if chosen.change == "any" else f"{chosen.change} only")
    if chosen.module is not None:
        words.append(f"module {one_line(chosen.module)}")
    if chosen.wording is not None:
        words.append(f"wording {chosen.wording}")
    if chosen.since is not None:
        words.append(f"wrong since {one_line(chosen.since)}")
    if chosen.text:
        words.append(f"“{one_line(chosen.text)}”")
    if view.grouped in _GROUPS:
        words.append(_GROUPS[view.grouped])
    if view.order in _ORDERS:
        words.append(_ORDERS[view.order])
    return words
