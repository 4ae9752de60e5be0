"""What a training set shares with another one, and with the probes that are to judge its model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vgpt_probe.pairs.audit import EXAMPLES, Read
from vgpt_probe.pairs.audit_records import HeldRow, Leak, Overlap
from vgpt_probe.pairs.duplicates import normal
from vgpt_probe.probes import Battery, HeldOut


def leakage(read: Sequence[Read], batteries: Iterable[Battery]) -> tuple[Leak, ...]:
    """Say, for each battery, how many of its probes a training set gives away.

    Questions are the same when only letter case, punctuation and spacing differ.
    """
    questions: dict[str, list[int]] = {}
    subjects: set[str] = set()
    for one in read:
        questions.setdefault(normal(one.row.prompt), []).append(one.row.number)
        subjects |= {claim.asked.casefold() for claim in one.content.claims}
    leaks = []
    for battery in batteries:
        asked = [normal(probe.question) for probe in battery.probes]
        rows = sorted({number for question in asked for number in questions.get(question, ())})
        leaks.append(
            Leak(
                battery=battery.name,
                probes=len(asked),
                same_question=sum(question in questions for question in asked),
                same_subject=sum(probe.subject.casefold() in subjects for probe in battery.probes),
                rows=tuple(rows[:EXAMPLES]),
            )
        )
    return tuple(leaks)


def held_rows(read: Sequence[Read], heldout: HeldOut) -> tuple[HeldRow, ...]:
    """The rows that touch what is held out: in their question, and in the answers that are to be learnt."""
    if not heldout:
        return ()
    found = []
    for one in read:
        subject = next((claim.asked for claim in one.content.claims if claim.part == "table"), "")
        why = heldout.why(one.row.prompt, subject=subject, answers=[one.row.answer] if one.desired else [])
        if why is not None:
            found.append(HeldRow(one.row.number, why))
    return tuple(found)


def overlap(first: Sequence[Read], second: Sequence[Read], names: tuple[str, str]) -> Overlap:
    """Compare two training sets by their questions (letter case, punctuation and spacing aside) and chosen answers."""
    theirs: dict[str, list[Read]] = {}
    for one in second:
        if one.desired:
            theirs.setdefault(normal(one.row.prompt), []).append(one)
    questions = same = opposed = 0
    shared: set[str] = set()
    seen: set[str] = set()
    examples: list[tuple[int, int]] = []
    for one in first:
        question = normal(one.row.prompt)
        if one.desired and question not in seen:
            seen.add(question)
            questions += 1
        if not one.desired or question not in theirs:
            continue
        shared.add(question)
        same += any(normal(other.row.answer) == normal(one.row.answer) for other in theirs[question])
        against = next((other for other in theirs[question] if _opposed(one, other)), None)
        if against is not None:
            opposed += 1
            examples.append((one.row.number, against.row.number))
    return Overlap(*names, questions, len(shared), same, opposed, tuple(examples[:EXAMPLES]))


def _opposed(one: Read, other: Read) -> bool:
    """Whether one answer denies a name that the other affirms."""
    said = {claim.asked.casefold(): claim for claim in one.content.claims}
    for claim in other.content.claims:
        ours = said.get(claim.asked.casefold())
        if ours is not None and {ours.answer, claim.answer} in (
            {"denies", "affirms"},
            {"contradicts", "affirms"},
        ):
            return True
    return False
