"""The colours of the app: calm, with strong tones kept for verdicts."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import Theme

_DARK = Theme(
    name="probe-dark",
    dark=True,
    primary="#7aa8d8",
    secondary="#9aa7c7",
    accent="#86b8c9",
    foreground="#d5d9e2",
    background="#15171c",
    surface="#1b1e25",
    panel="#242832",
    success="#8dbb7e",
    warning="#e0b56a",
    error="#ea7d72",
    variables={
        "text-muted": "#838b9c",
        "text-disabled": "#565d6b",
        "border": "#3a404d",
        "border-blurred": "#2b303a",
        "scrollbar": "#343a46",
        "scrollbar-background": "#1b1e25",
        "scrollbar-corner-color": "#1b1e25",
        "scrollbar-hover": "#4a5262",
        "scrollbar-active": "#7aa8d8",
        "block-cursor-background": "#2f4259",
        "block-cursor-foreground": "#eef1f6",
        "block-cursor-text-style": "bold",
        "input-selection-background": "#3b5573",
    },
)

_LIGHT = Theme(
    name="probe-light",
    dark=False,
    primary="#2b6298",
    secondary="#54627f",
    accent="#1f6b80",
    foreground="#22262e",
    background="#fbfbf9",
    surface="#f3f3ef",
    panel="#e6e7e2",
    success="#3a7029",
    warning="#8a5a00",
    error="#b3352a",
    variables={
        "text-muted": "#676d78",
        "text-disabled": "#a2a7b0",
        "border": "#c3c6cb",
        "border-blurred": "#d9dbde",
        "block-cursor-background": "#cfdeec",
        "block-cursor-foreground": "#14181f",
        "block-cursor-text-style": "bold",
    },
)

_CONTRAST = Theme(
    name="probe-contrast",
    dark=True,
    primary="#6cc7ff",
    secondary="#d0d0d0",
    accent="#7fe7ff",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1c1c1c",
    success="#7dff7d",
    warning="#ffd75f",
    error="#ff7a70",
    variables={
        "text-muted": "#cfcfcf",
        "text-disabled": "#8f8f8f",
        "border": "#ffffff",
        "border-blurred": "#9a9a9a",
        "block-cursor-background": "#004a7a",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
    },
)

THEMES = (_DARK, _LIGHT, _CONTRAST)

#: The themes by the names that config.toml gives them.
BY_NAME = {theme.name.removeprefix("probe-"): theme for theme in THEMES}

_ASCII = str.maketrans(
    {
        **dict.fromkeys("╭╮╰╯┌┐└┘├┤┬┴┼", "+"),
        **dict.fromkeys("─━▁▔╶╴", "-"),
        **dict.fromkeys("│┃▌▐▍▎▏▕", "|"),
        **dict.fromkeys("▸→›", ">"),
        **dict.fromkeys("‘’", "'"),
        **dict.fromkeys("“”", '"'),
        **dict.fromkeys("–—", "-"),
        **{
            "░": ".",
            "▒": ":",
            "▓": "%",
            "█": "#",
            "▂": "_",
            "▃": "_",
            "▄": "=",
            "▅": "=",
            "▆": "%",
            "▇": "#",
        },
        **{"✓": "v", "✗": "X", "±": "&", "●": "*", "○": "o", "◌": "~", "✎": "e", "▾": "v", "▹": "<"},
        **{"·": ".", "…": ".", "×": "x", "↑": "^", "↓": "v", "←": "<"},
    }
)


class Ascii(LineFilter):
    """Draws signs and frames in ASCII, for terminals and fonts that lack them; every sign stays another one's."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            Segment(text.translate(_ASCII), style, control) if not text.isascii() else segment
            for segment in segments
            for text, style, control in (segment,)
        ]


def filters(ascii: bool | None) -> Sequence[LineFilter]:
    """The filters that this terminal needs; ``ascii`` None: as the terminal's encoding has it."""
    if ascii is None:
        encoding = (getattr(sys.__stdout__, "encoding", None) or "utf-8").lower().replace("-", "")
        ascii = bool(os.environ.get("VGPT_PROBE_ASCII")) or encoding in ("ascii", "usascii", "ansi_x3.41968")
    return [Ascii()] if ascii else []
