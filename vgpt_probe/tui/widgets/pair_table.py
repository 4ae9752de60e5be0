"""The table of pairs, and what stands in its cells."""

from __future__ import annotations

from rich.text import Text
from textual.widgets import DataTable

from vgpt_probe.pairs.pair import Pair, Status
from vgpt_probe.text import one_line

#: The states of a pair, in the order of the queue, and their signs.
_SIGNS: dict[Status, str] = {"draft": "·", "accepted": "✓", "dismissed": "○", "exported": "→"}
STATUSES: tuple[Status, ...] = tuple(_SIGNS)


class PairTable(DataTable[Text], inherit_bindings=False):
    """The list of pairs; leaves Enter to the screen."""

    BINDINGS = [
        ("up,k", "cursor_up", "Up"),
        ("down,j", "cursor_down", "Down"),
        ("pageup", "page_up", "Page up"),
        ("pagedown", "page_down", "Page down"),
        ("home,g", "scroll_top", "First"),
        ("end,G", "scroll_bottom", "Last"),
    ]


def cells_of(pair: Pair) -> dict[str, str]:
    """What the table says of a pair, by column."""
    return {
        "pair": str(pair.id),
        "state": f"{_SIGNS[pair.status]} {pair.status}",
        "kind": pair.kind,
        "subject": one_line(pair.subject),
        "prompt": one_line(pair.prompt),
        "chosen by": one_line(pair.source.chosen) or "by hand",
    }
