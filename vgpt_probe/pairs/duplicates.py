"""Rows that teach the same: exact duplicates, near-duplicates, and one question with several answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from vgpt_probe.pairs.datasets import Row

#: From here on two texts are nearly the same (rapidfuzz's ratio of their normal forms, 0 to 100).
NEAR = 90

#: Up to so many rows about the same names are compared each with each; of more, each with its neighbours.
BLOCK = 1_500
NEIGHBOURS = 30

_MARKS = re.compile(r"[^\w*]+")


def normal(text: str) -> str:
    """A text without what does not matter for being the same: letter case, punctuation, spacing."""
    return _MARKS.sub(" ", text.casefold()).strip()


def exact_duplicates(rows: Sequence[Row]) -> list[list[int]]:
    """Group the positions of rows that are the same in question, answers and label; first ones first."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for position, row in enumerate(rows):
        key = (
            row.system,
            row.history,
            row.prompt.strip(),
            row.answer.strip(),
            (row.rejected or "").strip(),
            row.label,
        )
        groups.setdefault(key, []).append(position)
    return [group for group in groups.values() if len(group) > 1]


def near_duplicates(rows: Sequence[Row], subjects: Sequence[tuple[str, ...]]) -> list[list[int]]:
    """Group the positions of rows that are nearly the same, though not exactly.

    Two rows are when they ask about the same names (``subjects``, in any letter case), carry the same label, and both
    their questions and their answers are alike to ``NEAR`` or more. Rows about other names are never near-duplicates,
    however alike: that is what a wording is. Beyond ``BLOCK`` rows about the same names (or about none), each is
    compared with its ``NEIGHBOURS`` in the order of their texts, read forwards and backwards.
    """
    blocks: dict[tuple[object, ...], list[int]] = {}
    seen: set[tuple[str, str, str | None, bool | None]] = set()
    for position, row in enumerate(rows):
        key = (row.prompt.strip(), row.answer.strip(), row.rejected, row.label)
        if key not in seen:
            seen.add(key)
            names = tuple(sorted(name.casefold() for name in subjects[position]))
            blocks.setdefault((names, row.label), []).append(position)
    parent: dict[int, int] = {}

    def root(position: int) -> int:
        while parent.setdefault(position, position) != position:
            parent[position] = parent[parent[position]]
            position = parent[position]
        return position

    for block in blocks.values():
        if len(block) > 1:
            questions = [normal(rows[position].prompt) for position in block]
            answers = [normal(rows[position].answer) for position in block]
            for one, other in _alike(questions, answers):
                parent[root(block[one])] = root(block[other])
    groups: dict[int, list[int]] = {}
    for position in sorted(parent):
        groups.setdefault(root(position), []).append(position)
    return sorted(group for group in groups.values() if len(group) > 1)


def conflicts(rows: Sequence[Row]) -> list[list[int]]:
    """Group the positions of rows that give one question different answers; in KTO sets among the desired ones."""
    groups: dict[tuple[object, ...], dict[str, int]] = {}
    for position, row in enumerate(rows):
        if row.label is not False:
            key = (row.system, row.history, " ".join(row.prompt.split()))
            groups.setdefault(key, {}).setdefault(row.answer.strip(), position)
    return [list(answers.values()) for answers in groups.values() if len(answers) > 1]


def _alike(questions: list[str], answers: list[str]) -> Iterator[tuple[int, int]]:
    if len(questions) <= BLOCK:
        import numpy
        from rapidfuzz import fuzz, process

        close = process.cdist(questions, questions, scorer=fuzz.ratio, score_cutoff=NEAR, dtype=numpy.uint8)
        candidates: Iterable[tuple[int, int]] = (
            (int(one), int(other)) for one, other in numpy.argwhere(numpy.triu(close, 1))
        )
    else:
        candidates = _neighbours(questions)
    yield from (pair for pair in candidates if _both_near(pair, questions, answers))


def _both_near(pair: tuple[int, int], questions: list[str], answers: list[str]) -> bool:
    from rapidfuzz import fuzz

    one, other = pair
    return all(
        texts[one] == texts[other] or fuzz.ratio(texts[one], texts[other], score_cutoff=NEAR) >= NEAR
        for texts in (questions, answers)
    )


def _neighbours(questions: list[str]) -> Iterator[tuple[int, int]]:
    """Pairs of texts that stand close together when sorted, forwards or backwards; equal ones in any case."""
    for texts in (questions, [text[::-1] for text in questions]):
        order = sorted(range(len(texts)), key=texts.__getitem__)
        yield from ((one, other) for one, other in pairwise(order) if texts[one] == texts[other])
        for place, one in enumerate(order):
            yield from ((one, other) for other in order[place + 1 : place + 1 + NEIGHBOURS])
