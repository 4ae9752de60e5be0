"""Likely causes of an answer in the training data, likeliest first, and the rows nearest to it."""

from __future__ import annotations

from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from vgpt_probe.pairs.explain import Explanation, Near
from vgpt_probe.text import one_line
from vgpt_probe.tui.dialogs.base import Dialog

Part = tuple[str, str]

#: The width of a cause's bar.
BAR = 10


class Why(Dialog[None]):
    """Shows an explanation."""

    def __init__(self, model: str, found: Explanation) -> None:
        super().__init__()
        self._model = model
        self._found = found

    def compose(self) -> ComposeResult:
        with Vertical(classes="box large"):
            yield Static(f"Why may {one_line(self._model)} have said so?", classes="title", markup=False)
            with VerticalScroll():
                yield Static(self._text(), markup=False)
            yield Static(
                "↑ ↓ scroll · Esc closes; a cause is likely, never proved", classes="hint", markup=False
            )

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def _text(self) -> Content:
        found = self._found
        lines: list[list[Part]] = [
            [
                (f"‘{one_line(found.subject)}’ in the training data: ", "$text-muted"),
                (f"denied {found.denied:,} times, affirmed {found.affirmed:,} times", "bold"),
            ],
            [],
            [("Likely causes", "bold $accent")],
        ]
        for cause in found.causes:
            filled = round(cause.weight * BAR)
            lines.append(
                [
                    ("━" * filled, "$error"),
                    ("─" * (BAR - filled), "$text-disabled"),
                    (f"  {one_line(cause.what)}", ""),
                    (
                        f"  {cause.matching:,} of {cause.rows:,} rows of {one_line(Path(cause.file).name)}",
                        "$text-muted",
                    ),
                ]
            )
        if not found.causes:
            lines.append([("the training files show none", "$text-muted")])
        for title, rows in (
            ("Rows in the nearest wordings", found.nearest_by_wording),
            ("Rows with the nearest answers", found.nearest_by_answer),
        ):
            lines += [[], [(title, "bold $accent")]]
            for row in rows:
                lines += _row(row)
        return Content("\n").join(Content.assemble(*line) for line in lines)


def _row(row: Near) -> list[list[Part]]:
    same = f", {row.same:,} alike" if row.same > 1 else ""
    return [
        [
            (
                f"{one_line(Path(row.file).name)} row {row.row:,}, {row.similarity} %{same}, {row.does}",
                "$text-muted",
            )
        ],
        [("  › ", "$accent"), (one_line(row.prompt), "bold")],
        [("    ", ""), (one_line(row.answer), "")],
    ]
