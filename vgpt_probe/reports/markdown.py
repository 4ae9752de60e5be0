"""The Markdown report: for a pull request, a wiki, or a model card."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from vgpt_probe.reports import words
from vgpt_probe.reports.facts import MARKS, Report
from vgpt_probe.text import one_line

#: How many of the worst cases stand in a Markdown report, and how long an answer may be.
CASES, LONGEST = 12, 240

_SPECIAL = re.compile(r"([\\`*_{}\[\]|~]|^(?:[#+>-]|\d+[.)]))")
#: What becomes a link, a mention or a formula by itself.
_LINKING = {"&": "&amp;", "<": "&lt;", "@": "&#64;", "$": "&#36;", "://": "&#58;//"}


def shown(text: str) -> str:
    """Make any text show as it is, on one line: no markup, link, mention, HTML or table border comes of it."""
    escaped = one_line(text)
    for one, instead in _LINKING.items():
        escaped = escaped.replace(one, instead)
    escaped = re.sub(r"(?i)\bwww\.", lambda found: found[0][:-1] + "&#46;", escaped)
    return _SPECIAL.sub(_escaped, escaped)


def code(text: str) -> str:
    """A code span that holds any text."""
    text = one_line(text)
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    return f"{fence} {text} {fence}" if "`" in text else f"`{text}`"


def _escaped(found: re.Match[str]) -> str:
    # Of a number that would begin a list, the mark behind it is what counts.
    return f"{found[0][:-1]}\\{found[0][-1]}"


def markdown(report: Report) -> str:
    """Write a report as GitHub-flavoured Markdown."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    run = report.run
    yield f"# Run {run.id}: {shown(run.battery)}"
    yield ""
    asked = f"{run.probes:,} probes × {len(run.models)} models, {run.answered:,} of {run.total:,} answers"
    yield f"{words.started(report)}, {asked}."
    yield ""
    for sentence in words.headline(report):
        yield shown(sentence)
        yield ""
    yield from _table(
        [
            "model",
            "false rejection",
            "95 %",
            "false acceptance",
            "95 %",
            *(word for _, word in MARKS.values()),
        ],
        (
            [
                shown(one.name),
                words.percent(one.false_rejection["value"]),
                words.interval(one.false_rejection),
                words.percent(one.false_acceptance["value"]),
                words.interval(one.false_acceptance),
                *(f"{one.tally[verdict]:,}" for verdict in MARKS),
            ]
            for one in report.models
        ),
    )
    if report.flows:
        yield "## What changed from stage to stage"
        yield ""
        yield from _table(
            ["from", "to", "introduced", "fixed", "inherited", "right in both", "McNemar's p"],
            (
                [
                    shown(one.a),
                    shown(one.b),
                    *map(str, (one.only_a, one.only_b, one.neither, one.both)),
                    words.chance(one.p).replace("<", "&lt;"),
                ]
                for one in report.flows
            ),
        )
    yield "## Denials of real tables by wording"
    yield ""
    by_wording: dict[str, dict[str, str]] = {}
    for heat in report.heat:
        for row in heat.rows:
            by_wording.setdefault(row.wording, {})[heat.model] = f"{row.real.wrong} of {row.real.asked}"
    yield from _table(
        ["wording", *map(shown, run.models)],
        (
            [shown(wording) or "own question", *(cells.get(model, "") for model in run.models)]
            for wording, cells in by_wording.items()
        ),
    )
    for one in report.shortcuts:
        told = f"{one.denied_real} of {one.real} real tables"
        yield f"- **{shown(one.model)}** denies whatever it is asked about under {shown(one.wording)}: {told}."
    if report.shortcuts:
        yield ""
    yield from _cases(report)
    if report.training:
        yield "## What the stages were trained on"
        yield ""
        for trained in report.training:
            told = " ".join(map(shown, words.training(trained)))
            yield f"- **{shown(trained.stage)}**, {code(trained.file)}: {told}"
        yield ""
    yield "## What to do next"
    yield ""
    for number, (why, command) in enumerate(words.next_steps(report), start=1):
        yield f"{number}. {shown(why)}" + (f" {code(command)}" if command else "")
    yield ""
    if report.pairs:
        yield (
            f"The store holds {report.pairs:,} pairs: "
            + ", ".join(f"{times:,} {shown(what)}" for what, times in report.shares)
            + "."
        )
        yield ""
        for lack in report.missing:
            yield f"- {shown(lack)}"
    else:
        yield "There is no pair yet."


def _cases(report: Report) -> Iterator[str]:
    if not report.worst:
        return
    drawn = report.worst[:CASES]
    yield "## The worst cases"
    yield ""
    yield f"{len(drawn)} of {report.wrong:,} wrong cases, drawn from each wording in turn; answers are shortened."
    yield ""

    def said(text: str) -> str:
        return shown(text if len(text) <= LONGEST else text[:LONGEST] + " …")

    yield from _table(
        ["question", "subject", *map(shown, report.run.models)],
        (
            [
                said(case.probe.question),
                f"{shown(case.probe.subject)} ({'real' if case.probe.real else 'invented'})",
                *(
                    f"{MARKS.get(answer.final, ('', ''))[0]} {said(answer.text)}" if answer else ""
                    for answer in (case.answers.get(model) for model in report.run.models)
                ),
            ]
            for case in drawn
        ),
    )


def _table(head: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""
