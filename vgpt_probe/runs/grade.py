"""From an answer's text to a stored answer: the reader's stance, and the verdict against the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from vgpt_probe.catalog import Catalog
from vgpt_probe.probes import Probe
from vgpt_probe.runs.elements import with_elements
from vgpt_probe.runs.records import Answer, StyleBreak
from vgpt_probe.runs.store import Store

if TYPE_CHECKING:
    from vgpt_probe.config import Workspace
    from vgpt_probe.engine.messages import ReadWith
    from vgpt_probe.grading import Phrases, Reading, StyleRules


class Grader:
    """Reads and judges answers by a catalog, phrases (None: the shipped ones) and house rules (None: all).

    ``phrases_file``: where the phrases were read from, for a worker that reads along.
    """

    def __init__(
        self,
        catalog: Catalog,
        *,
        phrases: Phrases | None = None,
        rules: StyleRules | None = None,
        phrases_file: str = "",
    ) -> None:
        self.catalog = catalog
        self._phrases_file = phrases_file
        self.phrases = phrases
        self.rules = rules

    @property
    def read_with(self) -> ReadWith:
        """What a worker needs to read as this grader does."""
        from msgspec.structs import replace

        from vgpt_probe.engine.messages import ReadWith

        return ReadWith(
            tuple(replace(relation, columns=tuple(relation.columns)) for relation in self.catalog.relations),
            case_sensitive=self.catalog.case_sensitive,
            default_schema=self.catalog.default_schema,
            dialect=self.catalog.dialect,
            phrases=self._phrases_file,
        )

    def read(self, question: str, text: str, subject: str) -> Reading:
        """Read what an answer says about a subject."""
        from vgpt_probe.grading import read_answer

        return read_answer(question, text, subject, self.catalog, phrases=self.phrases, rules=self.rules)

    def grade(
        self, probe: Probe, text: str, *, run: int = 0, model: str = "", position: int = 0, **facts: Any
    ) -> Answer:
        """Read and judge what a model said to a probe; ``facts`` are further fields of ``Answer``."""
        from vgpt_probe.grading import judge

        reading = self.read(probe.question, text, probe.subject)
        verdict, reason = with_elements(probe, text, judge(reading, probe.real, probe.expect), reading.reason)
        return Answer(
            run=run,
            model=model,
            position=position,
            text=text,
            reading=reading.stance,
            verdict=verdict,
            reason=reason,
            evidence=reading.evidence,
            suggested=reading.suggested,
            unknown_suggested=reading.unknown_suggested,
            sql_tables=reading.sql_tables,
            unknown_tables=reading.unknown_tables,
            unknown_columns=reading.unknown_columns,
            style=tuple(StyleBreak(one.rule, one.message) for one in reading.style),
            **facts,
        )


def open_phrases(workspace: Workspace) -> Phrases | None:
    """The phrases of a workspace beside the shipped ones; None where it has none of its own.

    Raises ``ConfigError`` when they cannot be read.
    """
    from vgpt_probe.errors import ConfigError
    from vgpt_probe.grading import PhraseError, load_phrases

    own = workspace.config.grading.phrases
    if not own:
        return None
    try:
        return load_phrases(workspace.root / own)
    except (PhraseError, OSError) as fault:
        raise ConfigError(f"grading.phrases: {fault}") from None


def open_grader(workspace: Workspace, catalog: Catalog) -> Grader:
    """Make the grader that a workspace's ``[grading]`` table asks for.

    Raises ``ConfigError`` when its phrases cannot be read.
    """
    from vgpt_probe.grading import StyleRules

    settings = workspace.config.grading
    rules = StyleRules.from_mapping({str(rule): wanted for rule, wanted in settings.style.items()})
    path = str(workspace.root / settings.phrases) if settings.phrases else ""
    return Grader(catalog, phrases=open_phrases(workspace), rules=rules, phrases_file=path)


def failed(message: str, *, run: int, model: str, position: int) -> Answer:
    """The answer that stands for a probe that could not be answered."""
    return Answer(
        run=run,
        model=model,
        position=position,
        text="",
        reading="silent",
        verdict="error",
        reason=message,
        stop="error",
    )


def scored(probe: Probe, margin: float, *, run: int, model: str, position: int) -> Answer:
    """The answer that stands for a probe that was only scored: its verdict is what the margin's sign predicts."""
    from vgpt_probe.grading import Reading, judge

    stance: Literal["denies", "affirms"] = "denies" if margin > 0 else "affirms"
    reason = f"predicted by a denial margin of {margin:+.2f} nats; nothing was generated"
    return Answer(
        run=run,
        model=model,
        position=position,
        text="",
        reading=stance,
        verdict=judge(Reading(stance, None, reason), probe.real, probe.expect),
        reason=reason,
        stop="scored",
        margin=margin,
    )


def regrade(store: Store, run: int, grader: Grader) -> list[tuple[Answer, Answer]]:
    """Apply today's reader to a run's stored answers; reviews stay.

    Returns (before, after) for each answer whose verdict changed.
    """
    import msgspec

    probes = store.probes(run)
    regraded: list[Answer] = []
    changed: list[tuple[Answer, Answer]] = []
    for before in store.answers(run):
        if before.verdict == "error" or before.stop == "scored":
            continue
        again = grader.grade(probes[before.position], before.text)
        after = msgspec.structs.replace(before, **{field: getattr(again, field) for field in _READ})
        regraded.append(after)
        if after.verdict != before.verdict:
            changed.append((before, after))
    store.replace_verdicts(regraded)
    return changed


#: The fields of an answer that the reader fills in.
_READ = (
    "reading",
    "verdict",
    "reason",
    "evidence",
    "suggested",
    "unknown_suggested",
    "sql_tables",
    "unknown_tables",
    "unknown_columns",
    "style",
)
