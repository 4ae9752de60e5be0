"""A fair order to thin a battery by: however few of its probes are kept, they stand for the whole."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from vgpt_probe.probes.probe import Probe

T = TypeVar("T")


def thinned(probes: Sequence[Probe], limit: int) -> tuple[Probe, ...]:
    """Keep ``limit`` probes, in asking order; what a lower limit keeps, a higher one keeps too.

    Real and invented subjects, the kinds of invented ones and the wordings keep their shares. Of the real subjects, as
    of the invented ones, none is asked a second question before each was asked one.
    """
    chosen = sorted(_fair_order(probes)[:limit])
    return tuple(probes[position] for position in chosen)


def _fair_order(probes: Sequence[Probe]) -> list[int]:
    truths = _grouped(range(len(probes)), lambda position: probes[position].real)
    return _interleaved([_by_subject(probes, group) for group in truths])


def _by_subject(probes: Sequence[Probe], positions: Sequence[int]) -> list[int]:
    """Order the probes of one truth: subject after subject, each in the wording that is most behind."""
    waiting = defaultdict(list)
    for position in positions:
        waiting[probes[position].subject].append(position)
    times = Counter(probes[position].wording for position in positions)

    def wording(position: int) -> str:
        # Questions written out by hand are a wording together: each is its own, and would seem to be behind.
        return probes[position].wording if times[probes[position].wording] > 1 else ""

    shares = Counter(wording(position) for position in positions)
    used: Counter[str] = Counter()
    used_here: Counter[Hashable] = Counter()
    ordered = []
    for turn in range(max(map(len, waiting.values()))):
        for subject in _subjects_in_turn(probes, waiting, turn):
            left = waiting[subject]

            def behind(position: int) -> tuple[float, int, int]:
                word, probe = wording(position), probes[position]
                return (used[word] + 1) / shares[word], used_here[probe.kind, probe.module, word], position

            position = min(left, key=behind)
            left.remove(position)
            used[wording(position)] += 1
            used_here[probes[position].kind, probes[position].module, wording(position)] += 1
            ordered.append(position)
    return ordered


def _subjects_in_turn(probes: Sequence[Probe], waiting: dict[str, list[int]], turn: int) -> list[str]:
    """The subjects that have a probe left: the kinds by their shares, in each kind the modules in turn."""
    chooser = random.Random(f"thinned {turn}")
    first = {subject: probes[left[0]] for subject, left in waiting.items() if left}
    ordered = []
    for kind in _grouped(first, lambda subject: first[subject].kind):
        modules = _grouped(kind, lambda subject: first[subject].module)
        # Neither the modules nor the names in their own order: batteries list what belongs together side by side.
        chooser.shuffle(modules)
        for module in modules:
            chooser.shuffle(module)
        ordered.append(_interleaved(modules))
    return _interleaved(ordered)


def _grouped(things: Iterable[T], key: Callable[[T], Hashable]) -> list[list[T]]:
    groups: dict[Hashable, list[T]] = {}
    for thing in things:
        groups.setdefault(key(thing), []).append(thing)
    return list(groups.values())


def _interleaved(groups: Sequence[Sequence[T]]) -> list[T]:
    """Merge groups so that each beginning of the merged list holds about its share of every group."""
    placed = [
        ((at + 0.5) / len(group), number, thing)
        for number, group in enumerate(groups)
        for at, thing in enumerate(group)
    ]
    return [thing for _, _, thing in sorted(placed, key=lambda one: one[:2])]
