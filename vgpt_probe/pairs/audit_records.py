"""What an audit returns, in the shape that ``audit --json`` prints; ``docs/audit.md`` says how each is counted."""

from __future__ import annotations

from typing import Literal

import msgspec

from vgpt_probe.pairs.datasets import Unreadable

Risk = Literal["low", "medium", "high"]
Effect = Literal["fails", "drops", "misleads"]


class QuestionShare(msgspec.Struct, frozen=True):
    """Rows by what their question ``asks`` for (``schema``, ``query``, ``join``, ``other``), and how many answers deny."""

    asks: str
    pairs: int
    denials: int
    denial_share: float


class WordingShare(msgspec.Struct, frozen=True):
    """Rows of one wording, and how many of their answers deny; a ``shortcut`` is denied (nearly) always."""

    wording: str
    act: str
    pairs: int
    denials: int
    denial_share: float
    shortcut: bool


class Denied(msgspec.Struct, frozen=True):
    """A real table or column that answers deny; ``relations`` are those that make it real, with their schemas."""

    subject: str
    part: str
    relations: tuple[str, ...]
    pairs: int
    contradicts: int
    rows: tuple[int, ...]


class Named(msgspec.Struct, frozen=True):
    """A name, in how many rows it stands, and the first of them."""

    name: str
    pairs: int
    rows: tuple[int, ...]


class RowClaim(msgspec.Struct, frozen=True):
    """One answer about one subject."""

    row: int
    subject: str
    prompt: str
    answer: str


class Conflict(msgspec.Struct, frozen=True):
    """One question with several answers; ``opposed`` when one denies what another affirms."""

    prompt: str
    answers: int
    rows: tuple[int, ...]
    opposed: bool


class ModuleCoverage(msgspec.Struct, frozen=True):
    """How many relations of a module are affirmed, used in SQL or offered instead, and denied."""

    module: str
    relations: int
    affirmed: int
    used: int
    denied: int
    never_affirmed: tuple[str, ...]


class Coverage(msgspec.Struct, frozen=True):
    """As ``ModuleCoverage``, for the whole catalog."""

    relations: int
    affirmed: int
    used: int
    denied: int
    modules: tuple[ModuleCoverage, ...]


class TrainerProblem(msgspec.Struct, frozen=True):
    """What a trainer would not take, or not as meant.

    ``effect``: ``fails`` (it stops), ``drops`` (it leaves rows out, with at most a log line) or ``misleads`` (it trains
    on something else than is meant). ``fixable``: ``--fix`` mends it.
    """

    trainer: str
    effect: Effect
    what: str
    rows: int
    examples: tuple[int, ...]
    mend: str
    fixable: bool = False


class Trainer(msgspec.Struct, frozen=True):
    """Of how many records a trainer takes how many, as they stand in the file."""

    trainer: str
    takes: int
    records: int
    why: str = ""


class HeldRow(msgspec.Struct, frozen=True):
    """A training row that touches what the workspace holds out, and why."""

    number: int
    why: str


class Leak(msgspec.Struct, frozen=True):
    """What a training set shares with a battery: how many of its probes ask a training question, or about a subject of one.

    ``rows``: the first training rows that ask such a question.
    """

    battery: str
    probes: int
    same_question: int
    same_subject: int
    rows: tuple[int, ...]


class Overlap(msgspec.Struct, frozen=True):
    """What two training sets share: questions of the first that the second has too, and what is answered to them.

    ``same_answer``: with the same chosen answer; ``opposed``: one denies what the other affirms, with examples (rows of
    the first, rows of the second).
    """

    first: str
    second: str
    questions: int
    same_question: int
    same_answer: int
    opposed: int
    examples: tuple[tuple[int, int], ...]


class Audit(msgspec.Struct, frozen=True):
    """What a training set teaches."""

    file: str
    task: str
    layout: str
    records: int
    pairs: int
    undesired: int
    unreadable: tuple[Unreadable, ...]
    kinds: dict[str, int]
    rejections: dict[str, int]
    styles: dict[str, int]
    rejection_share: float
    questions: tuple[QuestionShare, ...]
    wordings: tuple[WordingShare, ...]
    distinct_fake_subjects: int
    distinct_fake_subjects_asked: int
    distinct_denied_columns: int
    distinct_real_subjects_accepted: int
    real_subjects_denied: tuple[str, ...]
    real_denied: tuple[Denied, ...]
    unknowable_denied: int
    fake_subjects_accepted: tuple[Named, ...]
    contradictions: tuple[RowClaim, ...]
    unknown_suggestions: tuple[Named, ...]
    conflicts: tuple[Conflict, ...]
    coverage: Coverage
    exact_duplicates: int
    near_duplicate_groups: int
    near_duplicates: tuple[tuple[int, ...], ...]
    leakage: tuple[Leak, ...] = ()
    heldout: tuple[HeldRow, ...] = ()
    trainers: tuple[Trainer, ...] = ()
    trainer_problems: tuple[TrainerProblem, ...] = ()
    risk: Risk = "low"
    reasons: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    counting: dict[str, str] = {}
