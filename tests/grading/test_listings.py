"""Answers about several tables at once: lists under headings, tables, records; each speaks for its own entries only."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.grading.cases import Case
from vgpt_probe.catalog.model import Catalog
from vgpt_probe.grading import read_answer

REAL, INVENTED = ("APTH", "POHD", "Subcontracts"), ("Orders", "tblJobs", "PayrollRun")
# What stands above the real ones, and above the others.
HEADINGS = [
    ("Exists", "Does not exist"),
    ("Existing tables", "Missing tables"),
    ("Present", "Absent"),
    ("Found", "Not found"),
    ("Valid", "Invalid"),
    ("Real Vista tables", "Not Vista tables"),
    ("In the schema", "Not in the schema"),
    ("These exist", "These don't exist"),
    ("Available", "Unavailable"),
    ("Known", "Unknown"),
    ("Tables that are there", "Tables that are not there"),
    ("Vorhanden", "Nicht vorhanden"),
    ("Existen", "No existen"),
]
# Heading and entries, put together.
SHAPES = [
    ("{0}:\n- {1}\n- {2}", "\n\n"),
    ("## {0}\n\n* {1}\n* {2}", "\n\n"),
    ("{0}: {1}, {2}", "\n"),
    ("**{0}:** `{1}`, `{2}`", "\n"),
    ("{0}: {1}, {2}.", " "),
    ("**{0}**\n1. {1}\n2. {2}", "\n\n"),
    ("{0}\n\n- {1}\n- {2}", "\n\n"),
    ("- {0}: {1}, {2}", "\n"),
]
# What an entry says of a real one, and of another.
ENTRIES = [
    ("yes", "no"),
    ("found", "not found"),
    ("exists", "does not exist"),
    ("OK", "MISSING"),
    ("✓", "✗"),
    ("✅ exists", "❌ not found"),
    ("true", "false"),
    ("real table", "no such table"),
    ("ja", "nein"),
    ("sí", "no"),
]
# (head, entry): tables, lists and records.
LINES = [
    ("| Table | Exists |\n|---|---|\n", "| {0} | {1} |\n"),
    ("Table      Status\n-----      ------\n", "{0}       {1}\n"),
    ("", "{0} ........ {1}\n"),
    ("", "- {0}: {1}\n"),
    ("", "{0}: {1}\n"),
    ("", "{0} = {1}\n"),
    ("", "{0} -> {1}\n"),
    ("", "- **{0}**: {1}\n"),
    ("", "{0}\n{1}\n\n"),
    ("", "### {0}\n{1}\n\n"),
    ("", "{0}:\n\n{1}\n\n"),
]


def under_headings() -> Iterator[Case]:
    """Two lists, in either order."""
    for at, (there, missing) in enumerate(HEADINGS):
        for turn, (shape, between) in enumerate(SHAPES):
            real = (REAL[at % 3], REAL[(at + 1) % 3])
            invented = (INVENTED[turn % 3], INVENTED[(turn + 1) % 3])
            lists = [shape.format(there, *real), shape.format(missing, *invented)]
            for order in (lists, lists[::-1]):
                yield from _of_each(between.join(order), real, invented)


def in_lines() -> Iterator[Case]:
    """A line for each, in either order."""
    for at, (there, missing) in enumerate(ENTRIES):
        for turn, (head, line) in enumerate(LINES):
            real, invented = (REAL[at % 3],), (INVENTED[turn % 3],)
            lines = [line.format(real[0], there), line.format(invented[0], missing)]
            for order in (lines, lines[::-1]):
                yield from _of_each(head + "".join(order), real, invented)


def _of_each(answer: str, real: tuple[str, ...], invented: tuple[str, ...]) -> Iterator[Case]:
    question = "Do these tables exist: " + ", ".join((*real, *invented)) + "?"
    for name in real:
        yield Case("listings", 0, "affirms", name, question, answer)
    for name in invented:
        yield Case("listings", 0, "denies", name, question, answer)


CASES = [*under_headings(), *in_lines()]


@pytest.mark.parametrize("stance", ["affirms", "denies"])
def test_an_entry_is_read_by_its_own_heading_or_line(stance: str, catalog: Catalog) -> None:
    wrong = []
    for case in CASES:
        if case.stance == stance:
            found = read_answer(case.question, case.answer, case.subject, catalog).stance
            if found != stance:
                wrong.append(f"{case.subject} in {case.answer!r} is read as {found}")
    assert not wrong, "\n".join(wrong)
