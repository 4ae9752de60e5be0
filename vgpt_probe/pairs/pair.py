"""A DPO preference pair."""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec

PairKind = Literal["rejection", "acceptance", "clarification", "style", "join", "other"]
Status = Literal["draft", "accepted", "dismissed", "exported"]
Role = Literal["user", "assistant"]

#: What chosen answers do: the kinds that deny an invented subject, and those that teach how SQL is written.
DENYING: frozenset[PairKind] = frozenset({"rejection", "clarification"})
STYLE: frozenset[PairKind] = frozenset({"style", "join"})


class Source(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a pair came from: the run, the probe, who was wrong, and who wrote the chosen answer.

    ``chosen`` and ``rejected`` are a model's name, ``catalog``, ``edited``, or ``like MODEL`` for a text made after
    what that model says. ``file`` names the file that an imported pair was read from, and its row.
    """

    run: int | None = None
    probe: str = ""
    rejected: str = ""
    chosen: str = ""
    file: str = ""


class Worth(msgspec.Struct, frozen=True):
    """The implicit reward margin of a pair under a policy against its reference, in nats times ``beta``."""

    policy: str
    reference: str
    beta: float
    margin: float


class Pair(msgspec.Struct, frozen=True, omit_defaults=True):
    """One preference pair: for ``prompt``, ``chosen`` is better than ``rejected``.

    ``id`` is None until it is stored; ``system`` is "" when the prompt has none; ``history`` holds the earlier turns
    of a conversation, the user's first, as (role, text).
    """

    prompt: str
    chosen: str
    rejected: str
    kind: PairKind
    subject: str = ""
    wording: str = ""
    system: str = ""
    history: tuple[tuple[Role, str], ...] = ()
    source: Source = Source()
    status: Status = "accepted"
    worth: Worth | None = None
    id: int | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """Two pairs with the same key teach the same."""
        earlier = tuple(text for _, text in self.history)
        return (
            self.system.strip(),
            *earlier,
            self.prompt.strip(),
            self.chosen.strip(),
            self.rejected.strip(),
        )

    @property
    def mark(self) -> str:
        """A name for what this pair teaches that is the same in every store: 12 hexadecimal digits."""
        return hashlib.sha256("\0".join(self.key).encode("utf-8", "surrogatepass")).hexdigest()[:12]
