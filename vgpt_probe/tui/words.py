"""How verdicts and states are written on the screen: a sign and a word, never a colour alone."""

from __future__ import annotations

import msgspec


class Word(msgspec.Struct, frozen=True):
    """A verdict on the screen: ``sign`` is one cell wide, ``tone`` a theme colour."""

    sign: str
    word: str
    short: str
    tone: str
    meaning: str


VERDICTS = {
    "correct": Word("✓", "correct", "correct", "$success", "the answer is right about the subject"),
    "false_rejection": Word(
        "✗", "denies real", "denies", "$error", "a real table is denied: false rejection"
    ),
    "false_acceptance": Word(
        "!", "accepts fake", "accepts", "$warning", "an invented name is accepted: false acceptance"
    ),
    "contradiction": Word("±", "contradicts", "both", "$accent", "the answer affirms and denies the subject"),
    "unclear": Word(
        "?", "unclear", "unclear", "$secondary", "the reader could not tell what the answer says"
    ),
    "error": Word("×", "no answer", "none", "$text-muted", "the model could not answer"),
}

#: A person's word on an answer: its mark, and what it means.
REVIEWS = {
    "confirmed": ("●", "confirmed"),
    "dismissed": ("○", "dismissed"),
    "overridden": ("✎", "overridden"),
}

#: Where a verdict turned from one stage to the next: the mark before it, and its look.
TURNS: dict[str | None, tuple[str, str]] = {
    "introduced": ("▸", "bad"),
    "mended": ("▹", "good"),
    None: (" ", "faint"),
}

#: What became of an answer since the run that is compared with: the mark before it, and its look.
CHANGES: dict[str | None, tuple[str, str]] = {
    "fixed": ("+", "good"),
    "regressed": ("-", "bad"),
    "changed": ("~", "faint"),
    "unchanged": (" ", "faint"),
    None: (" ", "faint"),
}

#: Shares of a whole, none first: a cell's sign and tone.
SHADES = (
    ("·", "$text-disabled"),
    ("░", "$error-darken-1"),
    ("▒", "$error"),
    ("▓", "$error"),
    ("█", "$error"),
)

STATES = {
    "unloaded": ("○", "not loaded", "$text-muted"),
    "waiting": ("◌", "waiting for room", "$text-muted"),
    "loading": ("◌", "loading", "$secondary"),
    "ready": ("●", "ready", "$success"),
    "answering": ("●", "answering", "$primary"),
    "failed": ("✗", "failed", "$error"),
    "died": ("✗", "died", "$error"),
    "missing": ("–", "not set up", "$text-muted"),
}

READINGS = {
    "affirms": "affirms the subject",
    "denies": "denies the subject",
    "contradicts": "affirms and denies the subject",
    "hedges": "leaves it open",
    "silent": "says nothing of the subject",
}


def verdict(name: str) -> str:
    """A verdict with its sign: ``✗ denies real``."""
    word = VERDICTS[name]
    return f"{word.sign} {word.word}"


def rate(value: float | None, low: float | None, high: float | None) -> str:
    """A rate with its interval in per cent: ``12.3 %  9–16``."""
    if value is None or low is None or high is None:
        return "–"
    return f"{value * 100:5.1f} % {low * 100:3.0f}–{high * 100:.0f}"


def spark(shares: list[float | None]) -> str:
    """A small plot of shares between 0 and 1, a cell each; ``·`` where there is none."""
    bars = "▁▂▃▄▅▆▇█"
    return "".join("·" if share is None else bars[min(7, int(share * 8))] for share in shares)


def duration(seconds: float) -> str:
    """A time that is left: ``0:42``, ``3:07``, ``1:02:11``."""
    whole = round(seconds)
    hours, minutes = whole // 3600, whole % 3600 // 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def size(count: float) -> str:
    """Bytes as people read them: ``8.5 MB``, ``1.2 GB``."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            break
        count /= 1000
    return f"{count:,.0f} {unit}" if unit == "B" or count >= 100 else f"{count:,.1f} {unit}"


def when(started: str) -> str:
    """A run's start as people read it: ``2026-11-22 23:40``, UTC."""
    return started[:16].replace("T", " ")
