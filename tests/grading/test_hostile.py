"""Hostile answers: no exception, and a bounded time for each."""

# Patterns and tables read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import random
import time
from collections.abc import Iterator

from tests.grading.cases import all_cases, small_catalog
from vgpt_probe.grading import find_subjects, read_answer

CATALOG = small_catalog()
# Generous, since the machines of continuous integration are slow and shared; a quadratic reader takes minutes.
LIMIT = 5.0
PARTS = [
    "APTL", "Invoice", " does not exist", " is a table", "```sql\n", "```", "`", "SELECT * FROM ", "SELECT ", "FROM", "WITH x AS (", "(", ")", "[", "]", "'", '"', "--", "/*",
    "*/", "\n", "\n- ", "\n| ", "|", ":", ";", ".", "?", "!", ", ", " and ", " or ", " no ", " not ", " neither ", " nor ", "**", "__", "~~~", "#", "\x1b[31m", "\x1b]0;x\x07", "\x00",
    "\u200b", "\u202e", "\u2066", "\ufeff", "é", "e\u0301", "\U0001f600", "表", "جدول", "\ud800", "if ", "that ", "the ", "§", "¤", "⌂", "¶", "ſ", "\r\n", "\t", "<b>", "&nbsp;", "0", "1. ",
]  # fmt: skip


def timed(answer: str, subject: str = "APTL") -> float:
    """Seconds for one reading."""
    start = time.process_time()
    reading = read_answer("Describe the APTL table", answer, subject, CATALOG)
    spent = time.process_time() - start
    if reading.evidence is not None:
        low, high = reading.evidence
        assert 0 <= low < high <= len(answer)
    return spent


def small(count: int) -> Iterator[str]:
    """Random short answers: parts in any order, random bytes, and real answers that were damaged."""
    rng = random.Random(20261122)
    cases = [case.answer for case in all_cases("first")]
    for i in range(count):
        if i % 3 == 0:
            yield "".join(rng.choice(PARTS) for _ in range(rng.randint(1, 60)))
        elif i % 3 == 1:
            yield rng.randbytes(rng.randint(1, 200)).decode("latin-1" if i % 2 else "utf-8", "replace")
        else:
            text = rng.choice(cases)
            for _ in range(rng.randint(1, 6)):
                at = rng.randint(0, len(text))
                text = text[:at] + rng.choice(PARTS) + text[at + rng.randint(0, 3) :]
            yield text


def large(size: int) -> Iterator[tuple[str, str]]:
    """Long answers, each built to hurt one part of the reader."""
    for part in PARTS:
        yield f"only {part!r}", part * (size // len(part))
    for name, unit in {
        "list of names": "APTL, ", "list of or": "APTL or Invoice or ", "denials": "APTL does not exist. ", "one sentence": "the APTL table is not ", "brackets": "APTL ( a ", "open sql": "SELECT APTL ",
        "sql": "SELECT * FROM APTL; ", "subqueries": "SELECT * FROM (", "ctes": "WITH x AS (SELECT * FROM APTL) ", "fences": "```sql\nSELECT * FROM APTL\n", "inline": "`SELECT * FROM APTL` ",
        "bullets": "\n- APTL", "rows": "\n| APTL | no |", "questions": "APTL? ", "colons": "APTL: ", "headers": "These do not exist:\n", "quotes": "'APTL' ", "dots": "dbo.APTL.", "dotted": "a.b.c.d.",
        "leads": "the any table called ", "neither": "neither APTL nor ", "it": "it does not ", "that": "you said that APTL ", "accents": "e\u0301", "zero width": "AP\u200bTL ", "escape": "\x1b]0;",
        "comments": "```sql\n-- APTL does not exist\n```\n", "strings": "SELECT 'APTL does not exist' ", "if": "if APTL exists, ", "hyphens": "a-", "apostrophes": "a'b", "tags": "<a", "digits": "1", "underscores": "_a",
        "entries": "- Col\n\n", "wishes": "Thank you. ", "thanks": "thanks ", "codes": "&#39;", "backslashes": "\\n\\'", "thoughts": "<think>", "quoted lines": "> a\n", "ands": "aand",
        "marks": "\u0301\n\n",
    }.items():  # fmt: skip
        yield name, unit * (size // len(unit))
    yield "greeting", "Hello" + "\n" * size
    yield "blanks", "Hello" + " " * size
    yield "rule", "Name:\n" + "_" * size
    yield "stars", "x\n" + "*_" * (size // 2)
    yield "stops", "APTL does not exist" + "." * size + "x"
    yield "shouts", "Hello" + "!" * size + "x"
    yield "unfinished list", "- Col\n\n" * (size // 8) + "- and more (x)"
    yield "unfinished wishes", "APTL is there. " + "Thank you. " * (size // 11) + "Thank"
    yield "marks around words", "\u0301\n\n" * 10 + "Hello there\n\n" + "\u0301\n\n" * 10
    rng = random.Random(7)
    yield "random", "".join(rng.choice(PARTS) for _ in range(size // 4))
    yield "letters", "a" * size
    yield "nested", "SELECT * FROM " + "(" * (size // 2) + ")" * (size // 2)


def test_ten_thousand_hostile_answers() -> None:
    worst = max(timed(answer) for answer in small(10_000))
    print(f"worst of 10,000 small answers: {worst * 1000:.1f} ms")
    assert worst < LIMIT / 2


def test_long_hostile_answers() -> None:
    times = {name: timed(text) for name, text in large(20_000)}
    name = max(times, key=times.__getitem__)
    print(f"worst of {len(times)} answers of 20,000 characters: {name}, {times[name] * 1000:.0f} ms")
    assert times[name] < LIMIT


def test_a_megabyte_costs_no_more_than_what_is_read() -> None:
    for unit in ("APTL does not exist. ", "the APTL table is not ", "SELECT APTL ", "`", "\u200b"):
        assert timed(unit * (1_000_000 // len(unit))) < LIMIT


def test_hostile_questions_and_subjects() -> None:
    rng = random.Random(3)
    for answer in small(400):
        find_subjects(answer, CATALOG)
        find_subjects(answer, None)
        timed("APTL does not exist.", answer[: rng.randint(0, 30)])
    start = time.process_time()
    for _, text in large(20_000):
        find_subjects(text, CATALOG)
        assert time.process_time() - start < 60
