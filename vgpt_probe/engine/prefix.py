"""The beginnings that prompts share, as a tree: each is evaluated once in a slot of its own and lent to the others.

A system prompt and a template begin every prompt, a wording begins a tenth of them: each such beginning is a stem.
A stem starts from the longest stem that begins it, so that no token of the tree is evaluated twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np

#: A stem has to save the evaluation of so many tokens, for it takes a slot and an evaluation of its own.
WORTHWHILE = 32

#: … and to be so many tokens longer than the stem it starts from.
LONGER = 3


class Model(Protocol):
    """What scheduling needs of a loaded model and a context over it (see ``Context``)."""

    cells: int
    streams: bool
    vocabulary: int
    prefix_slots: range
    couples: bool

    def tokenize(self, text: str, *, prompt: bool = True) -> list[int]: ...
    def piece(self, token: int) -> bytes: ...
    def ends(self, token: int) -> bool: ...
    def decode(
        self,
        tokens: list[int],
        positions: list[int],
        slots: Sequence[int] | Sequence[tuple[int, ...]],
        wanted: list[bool],
    ) -> int: ...
    def logits(self, rows: int) -> np.ndarray: ...
    def share(self, source: int, target: int) -> None: ...
    def forget(self, slot: int, start: int = -1) -> None: ...
    def clear(self) -> None: ...


class Stem:
    """A shared beginning. ``slot``: where it lies evaluated, None while it is only planned.

    ``own``: cells that it takes beside its parent's; ``users``: sequences and stems that hold some of its cells.
    """

    def __init__(self, tokens: list[int]) -> None:
        self.tokens = tokens
        self.parent: Stem | None = None
        self.slot: int | None = None
        self.own = 0
        self.users = 0

    def __len__(self) -> int:
        return len(self.tokens)


class PrefixTree:
    """The stems of one model; ``batch``: tokens a step."""

    def __init__(self, model: Model, *, batch: int) -> None:
        self._model = model
        self._batch = batch
        self._free = list(reversed(model.prefix_slots))
        self._stems: list[Stem] = []

    @property
    def cells(self) -> int:
        """How many cells of the context the evaluated stems take."""
        return sum(stem.own for stem in self._stems if stem.slot is not None)

    def plan(self, prompts: Sequence[list[int]]) -> None:
        """Note which beginnings these prompts share, where that pays; each is evaluated when it is first lent."""
        most = len(self._model.prefix_slots)
        found = sorted(_shared(prompts, self._model.cells // 2), key=lambda one: one[0], reverse=True)
        known = {tuple(stem.tokens): stem for stem in self._stems}
        planned = [known.pop(tuple(tokens), Stem(tokens)) for _, tokens in found[:most]]
        # Stems of earlier prompts stay while there is room, the latest first; lent ones stay anyhow.
        for stem in known.values():
            if stem.users or len(planned) < most:
                planned.append(stem)
            else:
                self._forget(stem)
        self._stems = planned

    def find(self, prompt: list[int]) -> Stem | None:
        """The longest stem that a prompt starts with, if it goes on after it: its own tokens start the answer."""
        best: Stem | None = None
        for stem in self._stems:
            size = len(stem.tokens)
            if (best is None or size > len(best)) and size < len(prompt) and prompt[:size] == stem.tokens:
                best = stem
        return best

    def missing(self, stem: Stem | None) -> int:
        """How many cells it takes to evaluate a stem that lies nowhere yet."""
        return len(stem) if stem is not None and stem.slot is None else 0

    def lend(self, stem: Stem | None, slots: Iterable[int]) -> Stem | None:
        """Evaluate a stem if need be and lend it to slots; return it, or what could be lent in its place."""
        while stem is not None and stem.slot is None and not self._evaluate(stem):
            stem = self.find(stem.tokens)
        if stem is not None and stem.slot is not None:
            for slot in slots:
                self._model.share(stem.slot, slot)
            stem.users += 1
        return stem

    def give_back(self, stem: Stem | None) -> None:
        """A borrower does not need a stem any more."""
        if stem is not None:
            stem.users -= 1

    def drop(self) -> None:
        """Forget every stem. Only while nobody borrows one."""
        for stem in self._stems:
            if stem.slot is not None:
                self._model.forget(stem.slot)
        self._free = list(reversed(self._model.prefix_slots))
        self._stems = []

    def _evaluate(self, stem: Stem) -> bool:
        if not self._free:
            return False
        parent = self.find(stem.tokens)
        slot = self._free.pop()
        parent = self.lend(parent, [slot])
        start = len(parent) if parent is not None else 0
        for at in range(start, len(stem), self._batch):
            part = stem.tokens[at : at + self._batch]
            positions = list(range(at, at + len(part)))
            if self._model.decode(part, positions, [slot] * len(part), [False] * len(part)):
                self._model.forget(slot)
                self._free.append(slot)
                self.give_back(parent)
                return False
        stem.slot, stem.parent, stem.own = slot, parent, len(stem) - start
        return True

    def _forget(self, stem: Stem) -> None:
        if stem.slot is not None:
            self._model.forget(stem.slot)
            self._free.append(stem.slot)
            self._free.sort(reverse=True)
            stem.slot = None
            self.give_back(stem.parent)


def _shared(prompts: Sequence[list[int]], most: int) -> list[tuple[int, list[int]]]:
    """The beginnings (of at most so many tokens) that pay, each with the tokens it saves beside its parent's."""
    ordered = sorted(prompts)
    found: list[tuple[int, list[int]]] = []
    # Prompts low … high - 1 have the first ``depth`` tokens in a stem already.
    groups = [(0, len(ordered), 0)]
    while groups:
        low, high, depth = groups.pop()
        if high - low < 2:
            continue
        shared = min(common(ordered[low], ordered[high - 1]), most, len(ordered[low]) - 1)
        saved = (shared - depth) * (high - low - 1)
        if shared - depth >= LONGER and saved >= WORTHWHILE:
            found.append((saved, ordered[low][:shared]))
            depth = shared
        if shared >= most:
            continue
        start = low
        while start < high:
            next_token = ordered[start][shared : shared + 1]
            end = start + 1
            while end < high and ordered[end][shared : shared + 1] == next_token:
                end += 1
            if 1 < end - start < high - low:
                groups.append((start, end, depth))
            start = end
    return found


def common(one: list[int], other: list[int]) -> int:
    """Count the tokens that two lists begin with in common."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
