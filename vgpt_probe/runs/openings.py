"""The openings that score mode weighs against each other: a workspace's own, or learnt from stored answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from vgpt_probe.probes import Probe
from vgpt_probe.runs.records import Answer, Openings
from vgpt_probe.runs.store import Store

#: How many words of an answer make an opening, how many openings a side gets, and from how many answers on.
WORDS = 6
OPENINGS = 4
LEAST = 8

#: How many of the newest runs are learnt from.
RUNS = 3


def learn_openings(answers: Iterable[tuple[Probe, Answer]]) -> Openings | None:
    """Take the commonest beginnings of answers that deny and that affirm; None when there are too few of a side."""
    found: dict[str, Counter[str]] = {"denies": Counter(), "affirms": Counter()}
    for probe, answer in answers:
        if answer.reading in found and (opening := _opening(answer.text, probe.subject)):
            found[answer.reading][opening] += 1
    if any(side.total() < LEAST for side in found.values()):
        return None
    # An opening that both sides use says nothing.
    both = found["denies"].keys() & found["affirms"].keys()
    sides = {
        name: tuple(text for text, _ in side.most_common() if text not in both)[:OPENINGS]
        for name, side in found.items()
    }
    return Openings(sides["denies"], sides["affirms"]) if all(sides.values()) else None


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


def _opening(text: str, subject: str) -> str:
    """The first words of an answer, as they are spaced, with the subject's name taken out."""
    words = 0
    end = len(text)
    for at, letter in enumerate(text):
        if letter.isspace() and at and not text[at - 1].isspace():
            words += 1
            if words == WORDS:
                end = at
                break
    return text[:end].rstrip().replace(subject, "{subject}")
