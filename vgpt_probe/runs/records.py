"""What the store hands out: small frozen records."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from vgpt_probe.probes import Probe

Review = Literal["confirmed", "dismissed", "overridden"]
RunState = Literal["running", "interrupted", "stopped", "done"]
Mode = Literal["generate", "score", "both", "sweep"]

#: Verdicts that make an answer a finding.
FLAGGED = frozenset({"false_rejection", "false_acceptance", "contradiction"})

#: Verdicts that a person should look at: those, and what the reader could not tell.
TO_REVIEW = FLAGGED | {"unclear"}

VERDICTS = ("correct", "false_rejection", "false_acceptance", "contradiction", "unclear", "error")


class Openings(msgspec.Struct, frozen=True):
    """How answers begin that deny or affirm a subject, which stands as ``{subject}``.

    ``cut``: the sides are weighed from the token on by which they differ, for these are all the ways to begin.
    """

    denials: tuple[str, ...] = (
        "The table '{subject}' does not exist",
        "There is no table or view named '{subject}'",
        "There is no '{subject}' table",
        "No,",
    )
    affirmations: tuple[str, ...] = ("{subject} ", "The {subject} table", "Yes,", "```sql\nSELECT")
    cut: bool = False

    def of(self, subject: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The denials and the affirmations of one subject."""
        return (
            tuple(text.replace("{subject}", subject) for text in self.denials),
            tuple(text.replace("{subject}", subject) for text in self.affirmations),
        )


class RunModel(msgspec.Struct, frozen=True):
    """A model as it took part in a run; ``fingerprint`` is the SHA-256 of its file (and adapter).

    ``settings`` decide its answers; ``batching`` is what else greedy text can depend on.
    """

    name: str
    stage: str
    fingerprint: str
    settings: dict[str, Any] = {}
    batching: dict[str, int] = {}


class Snapshot(msgspec.Struct, frozen=True):
    """Everything that decides the outcome of a run.

    ``stages``: in training order, ``parents``: the stage each was trained from; ``battery``, ``catalog``: content
    hashes; ``full``: answers were generated to their end, settled or not; ``openings``: of score mode, by act;
    ``undecided``: which share of a wording's sample a sweep may find undecided and yet trust its margins;
    ``versions``: of this program and of what answered.
    """

    battery: str
    catalog: str
    models: tuple[RunModel, ...]
    stages: tuple[str, ...] = ()
    parents: dict[str, str] = {}
    mode: Mode = "generate"
    exact: bool = False
    full: bool = True
    openings: dict[str, Openings] = {}
    undecided: float = 0.084
    versions: dict[str, str] = {}


class Run(msgspec.Struct, frozen=True):
    """One battery put to some models; ``started`` is UTC in ISO form; counts are answers.

    ``state``: asked right now by a process (``running``), by one that was killed since (``interrupted``), or by none;
    ``asked_by``: the number of the other process that asks it right now, 0 for none.
    """

    id: int
    started: str
    battery: str
    state: RunState
    snapshot: Snapshot
    probes: int = 0
    answered: int = 0
    flagged: int = 0
    errors: int = 0
    asked_by: int = 0

    @property
    def models(self) -> tuple[str, ...]:
        return tuple(model.name for model in self.snapshot.models)

    @property
    def total(self) -> int:
        return self.probes * len(self.snapshot.models)

    @property
    def owed(self) -> int:
        """What a resume asks: answers that are missing, and those that failed."""
        return self.total - self.answered + self.errors


class StyleBreak(msgspec.Struct, frozen=True):
    """A house rule that the SQL of an answer breaks; never a matter of existence."""

    rule: str
    message: str


class Answer(msgspec.Struct, frozen=True):
    """What one model said to one probe of a run, as read and judged.

    ``verdict`` is the reader's; ``review`` and ``override`` are a person's. ``evidence`` is a span of ``text`` in
    code points. ``margin`` is the denial margin in nats, None when it was not scored.
    """

    run: int
    model: str
    position: int
    text: str
    reading: str
    verdict: str
    reason: str = ""
    evidence: tuple[int, int] | None = None
    suggested: tuple[str, ...] = ()
    unknown_suggested: tuple[str, ...] = ()
    sql_tables: tuple[str, ...] = ()
    unknown_tables: tuple[str, ...] = ()
    unknown_columns: tuple[str, ...] = ()
    style: tuple[StyleBreak, ...] = ()
    prompt_tokens: int = 0
    tokens: int = 0
    first_token_seconds: float = 0.0
    seconds: float = 0.0
    stop: str = "end"
    margin: float | None = None
    review: Review | None = None
    override: str | None = None
    note: str = ""

    @property
    def final(self) -> str:
        """The verdict that counts: a person's, else the reader's."""
        return self.override or self.verdict

    @property
    def wrong(self) -> bool:
        """Whether this answer is wrong, and nobody has dismissed it."""
        return self.final in FLAGGED and self.review != "dismissed"

    @property
    def flagged(self) -> bool:
        """Whether this answer needs a person: it is wrong, or unclear and nobody has looked at it yet."""
        return self.wrong or (self.final == "unclear" and self.review is None)

    @property
    def finding(self) -> Literal["open", "confirmed", "dismissed", "overridden"] | None:
        """Where this answer stands in the review queue; None if nobody needs to look at it."""
        if self.review is not None:
            return self.review
        return "open" if self.verdict in TO_REVIEW else None


class Case(msgspec.Struct, frozen=True):
    """One probe of a run with the answers of its models, by model name."""

    position: int
    probe: Probe
    answers: dict[str, Answer]

    @property
    def flagged(self) -> bool:
        return any(answer.flagged for answer in self.answers.values())

    @property
    def differs(self) -> bool:
        return len({answer.final for answer in self.answers.values()}) > 1
