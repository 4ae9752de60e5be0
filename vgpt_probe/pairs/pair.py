"""A DPO preference pair."""

from __future__ import annotations

from typing import Literal

import msgspec

PairKind = Literal["rejection", "acceptance", "clarification", "style", "join", "other"]
Status = Literal["draft", "accepted", "dismissed", "exported"]


class Source(msgspec.Struct, frozen=True):
    """Where a pair came from: the run, the probe, who was wrong, and who wrote the chosen answer.

    ``chosen`` is a model's name, ``catalog`` or ``edited``.
    """

    run: int | None = None
    probe: str = ""
    rejected: str = ""
    chosen: str = ""


class Pair(msgspec.Struct, frozen=True):
    """One preference pair: for ``prompt``, ``chosen`` is better than ``rejected``.

    ``id`` is None until it is stored; ``system`` is "" when the prompt has none.
    """

    prompt: str
    chosen: str
    rejected: str
    kind: PairKind
    subject: str = ""
    wording: str = ""
    system: str = ""
    source: Source = Source()
    status: Status = "accepted"
    id: int | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """Two pairs with the same key teach the same."""
        return (self.prompt.strip(), self.chosen.strip(), self.rejected.strip())
