"""The openings that score mode weighs against each other: a workspace's own, or learnt from stored answers."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable

from vgpt_probe.probes import Probe
from vgpt_probe.runs.records import Answer, Openings
from vgpt_probe.runs.store import Store

#: How many words of an answer make an opening at most, how many openings a side gets, and from how many answers on.
WORDS = 6
OPENINGS = 8
LEAST = 8

#: An opening has to begin so many (a share) of a side's answers.
COMMON = 0.03

#: An opening is as short as it can be while so few (a share) of the answers that begin with it are of the other side.
STRAY = 0.02

_WORD = re.compile(r"\S+")

#: How many of the newest runs are learnt from.
RUNS = 3


def learn_openings(
    answers: Iterable[tuple[Probe, Answer]], *, least: int = LEAST, fall_back: bool = False
) -> Openings | None:
    """Take the beginnings that tell answers that deny from answers that affirm; None when there are too few of a side.

    Each opening is cut after the first word by which its side is known; the commonest come first. ``least``: how many
    answers a side must have; ``fall_back``: a side with fewer gets the built-in openings, if the other has enough.
    """
    told: dict[str, Counter[tuple[str, ...]]] = {"denies": Counter(), "affirms": Counter()}
    for probe, answer in answers:
        if answer.reading in told and (beginnings := _beginnings(answer.text, probe.subject)):
            told[answer.reading][beginnings] += 1
    rare = [name for name, side in told.items() if side.total() < least]
    if rare and (not fall_back or len(rare) == 2):
        return None
    counts = {name: Counter[str]() for name in told}
    for name, side in told.items():
        for beginnings, times in side.items():
            for beginning in beginnings:
                counts[name][beginning] += times
    sides = {
        name: _telling(side, counts[name], counts["affirms" if name == "denies" else "denies"])
        for name, side in told.items()
    }
    if fall_back:
        built_in = {"denies": Openings().denials, "affirms": Openings().affirmations}
        sides |= {name: built_in[name] for name in sides if name in rare or not sides[name]}
    return Openings(sides["denies"], sides["affirms"], cut=True) if all(sides.values()) else None


def _telling(
    side: Counter[tuple[str, ...]], own: Counter[str], other: Counter[str]
) -> tuple[str, ...]:
    """The shortest beginnings of a side's answers that the other side does not use, commonest first."""
    found: Counter[str] = Counter()
    for beginnings, times in side.items():
        for beginning in beginnings:
            if other[beginning] <= STRAY * own[beginning]:
                found[beginning] += times
                break
    least = COMMON * side.total()
    return tuple(text for text, times in found.most_common(OPENINGS) if times >= least)


def stored_openings(store: Store) -> dict[str, Openings]:
    """Learn openings from the newest runs, one set for each act ("" for all acts together), where there are enough."""
    told: dict[str, list[tuple[Probe, Answer]]] = {}
    for run in store.runs()[:RUNS]:
        probes = store.probes(run.id)
        for answer in store.answers(run.id):
            if answer.text:
                probe = probes[answer.position]
                told.setdefault(probe.act, []).append((probe, answer))
                told.setdefault("", []).append((probe, answer))
    learnt = {act: learn_openings(answers) for act, answers in told.items()}
    return {act: openings for act, openings in learnt.items() if openings is not None}


def _beginnings(text: str, subject: str) -> tuple[str, ...]:
    """An answer's first word, first two words … as they are spaced, with the subject's name taken out."""
    found: list[str] = []
    for word in itertools.islice(_WORD.finditer(text), WORDS):
        found.append(text[: word.end()].replace(subject, "{subject}"))
    return tuple(dict.fromkeys(found))
