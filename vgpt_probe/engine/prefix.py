"""The beginning that many prompts share: evaluated once in a slot of its own, and lent to the others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Protocol

import numpy as np

#: A shared beginning shorter than this (in tokens) is not worth a slot of its own.
SHARED_FROM = 12


class Model(Protocol):
    """What scheduling needs of a loaded model (see ``LoadedModel``)."""

    cells: int
    vocabulary: int
    prefix_slot: int

    def tokenize(self, text: str, *, prompt: bool = True) -> list[int]: ...
    def piece(self, token: int) -> bytes: ...
    def ends(self, token: int) -> bool: ...
    def decode(
        self, tokens: list[int], positions: list[int], slots: list[int], wanted: list[bool]
    ) -> int: ...
    def logits(self, rows: int) -> np.ndarray: ...
    def share(self, source: int, target: int) -> None: ...
    def forget(self, slot: int, start: int = -1) -> None: ...


class SharedPrefix:
    """The tokens that lie evaluated in the model's prefix slot."""

    def __init__(self, model: Model, *, batch: int) -> None:
        self._model = model
        self._batch = batch
        self.tokens: list[int] = []

    def __len__(self) -> int:
        return len(self.tokens)

    def begins(self, prompt: list[int]) -> bool:
        """Whether a prompt starts with the shared tokens and has one of its own, whose logits start the answer."""
        return (
            bool(self.tokens) and len(prompt) > len(self.tokens) and prompt[: len(self.tokens)] == self.tokens
        )

    def fit(self, prompts: Sequence[list[int]]) -> None:
        """Evaluate the beginning that all these prompts share, if it is long enough and not there already."""
        first, last = min(prompts), max(prompts)
        shared = [
            one for one, _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
        ]
        shared = shared[: min(len(prompt) for prompt in prompts) - 1]
        if shared == self.tokens:
            return
        self.drop()
        if len(prompts) < 2 or not SHARED_FROM <= len(shared) <= self._model.cells // 2:
            return
        slot = self._model.prefix_slot
        for start in range(0, len(shared), self._batch):
            part = shared[start : start + self._batch]
            positions = list(range(start, start + len(part)))
            if self._model.decode(part, positions, [slot] * len(part), [False] * len(part)):
                self._model.forget(slot)
                return
        self.tokens = shared

    def drop(self) -> None:
        if self.tokens:
            self._model.forget(self._model.prefix_slot)
            self.tokens = []
