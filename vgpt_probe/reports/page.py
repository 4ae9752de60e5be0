"""The HTML report: one file that needs nothing else, no script, and no network."""

from __future__ import annotations

from typing import Any

import msgspec

from vgpt_probe import __version__
from vgpt_probe.reports import words
from vgpt_probe.reports.facts import MARKS, Report
from vgpt_probe.reports.figures import flow, histogram
from vgpt_probe.runs.records import Answer
from vgpt_probe.text import plain

#: An answer is cut to so many characters, around its evidence.
LONGEST = 1200


class Piece(msgspec.Struct, frozen=True):
    """A part of an answer; ``marked``: it is the evidence."""

    text: str
    marked: bool = False


def pieces(answer: Answer) -> list[Piece]:
    """Cut an answer into what stands before, in and after its evidence; an ellipsis stands for what is left out."""
    text = answer.text
    start, end = answer.evidence or (0, 0)
    start = max(0, min(start, len(text)))
    end = max(start, min(end, len(text)))
    low, high = 0, len(text)
    if len(text) > LONGEST:
        low = max(0, min(start - LONGEST // 4, len(text) - LONGEST))
        high = low + LONGEST
    start, end = min(max(start, low), high), min(max(end, low), high)
    found = [
        Piece(("… " if low else "") + text[low:start]),
        Piece(text[start:end], True),
        Piece(text[end:high] + (" …" if high < len(text) else "")),
    ]
    return [piece for piece in found if piece.text]


def html(report: Report) -> str:
    """Write a report as a self-contained HTML document."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("vgpt_probe.reports", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Every text, wherever it comes from: nothing in it can hide or reorder other text.
        finalize=_visible,
    )
    environment.filters |= {"percent": words.percent, "interval": words.interval, "chance": words.chance}
    environment.globals |= {"flow": flow, "histogram": histogram, "pieces": pieces}
    return environment.get_template("report.html.jinja").render(
        report=report,
        run=report.run,
        marks=MARKS,
        started=words.started(report),
        headline=words.headline(report),
        steps=words.next_steps(report),
        trained=[(one, words.training(one)) for one in report.training],
        longest=LONGEST,
        version=__version__,
    )


def _visible(value: Any) -> Any:
    # Not what is markup already: the template's own, escaped by then.
    return plain(value) if type(value) is str else value
