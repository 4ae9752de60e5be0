"""Printing: data to standard output, narration to standard error, untrusted text made visible."""

from __future__ import annotations

import json as json_module
import shutil
import sys
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import msgspec

from vgpt_probe.text import json_escaped, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

#: From so many rows on a list is printed as it comes.
LONG = 2000

MARKS = {
    "correct": ("✓", "correct", "green"),
    "false_rejection": ("✗", "denies real", "bold red"),
    "false_acceptance": ("!", "accepts fake", "yellow"),
    "contradiction": ("±", "contradicts", "magenta"),
    "unclear": ("?", "unclear", "dim"),
    "error": ("×", "error", "red"),
}


def print_json(value: Any, *, lines: bool = False) -> None:
    """Print one JSON document, or with ``lines`` a list as JSON lines."""
    built = msgspec.to_builtins(value)
    if lines:
        for entry in built:
            print(json_escaped(json_module.dumps(entry, ensure_ascii=False)))
    else:
        print(_indented(built))


def _indented(built: Any) -> str:
    """A JSON document to be read by people, too."""
    try:
        # Three times as fast as Python's own encoder, which is slow as soon as it is to indent.
        return msgspec.json.format(json_escaped(json_module.dumps(built, ensure_ascii=False)), indent=2)
    except msgspec.DecodeError:
        # It holds half a surrogate pair.
        return json_escaped(json_module.dumps(built, ensure_ascii=False, indent=2))


def say(message: str) -> None:
    """Tell the user something that is no data."""
    print(plain(message), file=sys.stderr, flush=True)


def console(*, errors: bool = False) -> Console:
    """A console on standard output (or error); when that is no terminal, lines are as long as they need."""
    from rich.console import Console

    stream = sys.stderr if errors else sys.stdout
    width = shutil.get_terminal_size((120, 40)).columns if stream.isatty() else 200
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def table(*headings: str, title: str | None = None, numbers: tuple[str, ...] = ()) -> Table:
    """A plain table; the columns named in ``numbers`` are aligned to the right. Whatever is put into it is made visible."""
    from rich import box
    from rich.table import Table

    class Shown(Table):
        def add_row(self, *cells: Any, **how: Any) -> None:
            super().add_row(*(plain(cell) if isinstance(cell, str) else cell for cell in cells), **how)

    made = Shown(box=box.SIMPLE_HEAD, title=plain(title) if title else None, title_justify="left", pad_edge=False)
    for heading in headings:
        made.add_column(plain(heading), justify="right" if heading in numbers else "left", overflow="fold")
    return made


def print_rows(*headings: str, rows: Iterable[Sequence[object]], numbers: tuple[str, ...] = ()) -> None:
    """Print rows as a table; from ``LONG`` rows on as they come, in lines as long as they need.

    A table is weighed as a whole before its first line is printed: two minutes for 150,000 rows. Of cells that are a
    ``Text`` there should be few different ones (verdicts); others are strings.
    """
    from rich.cells import cell_len
    from rich.text import Text

    screen, waiting = console(), iter(rows)
    first = list(islice(waiting, LONG))
    if len(first) < LONG:
        made = table(*headings, numbers=numbers)
        for row in first:
            made.add_row(*row)  # type: ignore[arg-type]
        screen.print(made)
        return
    columns = zip(headings, *([str(cell) for cell in row] for row in first), strict=True)
    widths = [max(map(cell_len, map(plain, column))) for column in columns]
    right = [heading in numbers for heading in headings]
    known: dict[tuple[str, str, int], str] = {}

    def padded(cell: object, width: int, right: bool) -> str:
        if not isinstance(cell, Text):
            text = plain(str(cell))
            blanks = " " * (width - cell_len(text))
            return blanks + text if right else text + blanks
        key = (cell.plain, str(cell.style), width)
        if key not in known:
            with screen.capture() as drawn:
                screen.print(Text(padded(cell.plain, width, right), style=cell.style), end="", soft_wrap=True)
            known[key] = drawn.get()
        return known[key]

    print("  ".join(map(padded, headings, widths, right)).rstrip())
    print("─" * (sum(widths) + 2 * len(widths) - 2))
    for row in chain(first, waiting):
        print("  ".join(map(padded, row, widths, right)).rstrip())
    print()


def shown(text: str, style: str = "") -> Text:
    """Untrusted text as a table cell: visible, never markup or terminal control."""
    from rich.text import Text

    return Text(plain(text), style=style)


def verdict_cell(verdict: str) -> Text:
    """A verdict as mark and word, with colour besides."""
    mark, word, style = MARKS[verdict]
    return shown(f"{mark} {word}", style)


def percent(interval: dict[str, float | None]) -> str:
    """A rate with its interval: ``12.5 % (8.1–18.8)``; a dash when nothing was counted."""
    if interval["value"] is None:
        return "–"
    return f"{_share(interval['value'])} % ({_share(interval['low'])}–{_share(interval['high'])})"


def _share(value: float | None) -> str:
    return f"{100 * (value or 0):.1f}"


def size(count: float) -> str:
    """Bytes as people read them: ``4.6 MB``."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError
