"""How dangerous a training set is, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from vgpt_probe.pairs.audit_records import Audit, Named, Risk

#: From here on denials that nothing balances are a high risk, and from there a medium one.
HIGH_REJECTIONS, MEDIUM_REJECTIONS = 0.6, 0.4

#: Affirmations for each rejection below which nothing balances them.
BALANCED = 0.5

#: The share of rows in wordings that are always denied from which on that is a high risk.
HIGH_SHORTCUTS = 0.2

#: How each figure is counted, printed with the figures; docs/audit.md says more.
COUNTING = {
    "pairs": "rows that hold an answer to learn from; each answer of a conversation is one",
    "kinds": "each row once, by what its chosen answer says of the names in the question, as 'grade' reads it",
    "rejection": "the answer denies a table, view or column, even if it takes that back later; columns are included",
    "acceptance": "the answer affirms what was asked about, unless its rejected answer uses the same name in SQL too",
    "clarification": "it neither denies nor affirms the name, but asks back or points to real relations",
    "style": "both answers use the same names in SQL; filed under the first of view, alias, case, nolock, filter, columns",
    "join": "as style, where both answers join",
    "rejection_share": "rejections of tables and columns over all rows",
    "questions": "by their words: schema (whether, what, columns, structure), query (SQL or data), join, other",
    "wordings": "the question with its names taken out; the case of the first letter and the last mark do not count",
    "distinct_fake_subjects": "invented tables and views that answers deny, as the answers spell them; columns apart",
    "real_subjects_denied": "relations that the catalog has in any schema, and columns that it lists; its letter case",
    "distinct_real_subjects_accepted": "real relations affirmed by acceptance rows (in SFT and KTO sets by any row)",
    "unknown_suggestions": "names that answers offer or read and the catalog lacks; columns where it lists all of them",
    "exact_duplicates": "rows beyond the first that are the same in question, answers and label",
    "near_duplicate_groups": "rows about the same names whose questions and answers are at least 90 % alike, case aside",
    "conflicts": "one question, word for word, with several chosen answers",
    "risk": "high: 60 % rejections and fewer than half as many acceptances; 20 % of rows in wordings that are always"
    " denied; 1 % of rows deny real names; or a trainer takes nothing. Medium: any of these on a smaller scale",
}


def with_advice(audit: Audit) -> Audit:
    """Add the risk, its reasons, and what to do."""
    found = [
        *_trainers(audit),
        *_poison(audit),
        *_balance(audit),
        *_shortcuts(audit),
        *_quality(audit),
        *_leaks(audit),
    ]
    ranks: list[Risk] = ["low", "medium", "high"]
    risk = max((one.risk for one in found), key=ranks.index, default="low")
    reasons = [one for rank in ("high", "medium") for one in found if one.risk == rank]
    return msgspec.structs.replace(
        audit,
        risk=risk,
        reasons=tuple(one.why for one in reasons),
        advice=tuple(dict.fromkeys(one.do for one in found if one.do)),
        counting=COUNTING,
    )


class _Finding(msgspec.Struct, frozen=True):
    risk: Risk
    why: str
    do: str = ""


def _trainers(audit: Audit) -> Iterator[_Finding]:
    for trainer in audit.trainers:
        problems = [one for one in audit.trainer_problems if one.trainer == trainer.trainer]
        if not problems:
            continue
        worst = next(
            one for effect in ("fails", "drops", "misleads") for one in problems if one.effect == effect
        )
        fix = " ('--fix' writes a corrected copy)" if any(one.fixable for one in problems) else ""
        if trainer.takes == 0:
            yield _Finding(
                "high",
                f"{trainer.trainer} takes none of the {_n(trainer.records)} rows: {worst.what}",
                f"Make the file usable: {worst.mend}{fix}.",
            )
        else:
            lost = trainer.records - trainer.takes
            why = (
                f"{trainer.trainer} leaves out {_n(lost)} of {_n(trainer.records)} rows"
                if lost
                else f"{worst.what} ({_n(worst.rows)} rows)"
            )
            yield _Finding("medium", why, f"Mend what {trainer.trainer} stumbles over: {worst.mend}{fix}.")
    for problem in audit.trainer_problems:
        if problem.trainer == "both":
            yield _Finding("high", problem.what, f"Make the file usable: {problem.mend}.")


def _poison(audit: Audit) -> Iterator[_Finding]:
    rows = sum(one.pairs for one in audit.real_denied)
    if audit.real_denied:
        tables = [one for one in audit.real_denied if one.part == "table"]
        columns = [one for one in audit.real_denied if one.part == "column"]
        named = " and ".join(
            f"{_n(sum(one.pairs for one in group))} of {_few(f'{one.subject} ({one.pairs})' for one in group)}"
            for group in (tables, columns)
            if group
        )
        yield _Finding(
            "high" if rows >= 0.01 * audit.pairs else "medium",
            f"{_n(rows)} rows deny {_count(len(tables), 'real table')} and {_count(len(columns), 'real column')}",
            f"Correct or remove the {_n(rows)} rows that deny what is real: {named}.",
        )
    if audit.contradictions:
        yield _Finding(
            "medium",
            f"{_n(len(audit.contradictions))} answers deny a name and then use it",
            f"Rewrite the {_n(len(audit.contradictions))} answers that contradict themselves"
            f" ({_few(dict.fromkeys(one.subject for one in audit.contradictions))}).",
        )
    if audit.fake_subjects_accepted:
        rows = sum(one.pairs for one in audit.fake_subjects_accepted)
        yield _Finding(
            "medium" if rows >= 0.05 * audit.pairs else "low",
            f"{_n(rows)} rows use {_n(len(audit.fake_subjects_accepted))} invented names as if they were tables",
            f"Look at the rows that accept invented tables: {_names(audit.fake_subjects_accepted)}.",
        )
    if audit.unknown_suggestions:
        rows = sum(one.pairs for one in audit.unknown_suggestions)
        yield _Finding(
            "medium" if rows >= 0.01 * audit.pairs else "low",
            f"answers send people to {_count(len(audit.unknown_suggestions), 'name')} that the catalog lacks",
            f"Correct what answers suggest or select although it is not there: {_names(audit.unknown_suggestions)}.",
        )
    opposed = [one for one in audit.conflicts if one.opposed]
    if opposed:
        yield _Finding(
            "medium",
            f"{_count(len(opposed), 'question')} {_are(opposed)} answered by a denial and by an affirmation",
            f"Decide which answer is right where one question has opposite ones, e.g. '{opposed[0].prompt}'.",
        )


def _balance(audit: Audit) -> Iterator[_Finding]:
    rejections, acceptances = audit.kinds["rejection"], audit.kinds["acceptance"]
    if not rejections or acceptances >= BALANCED * rejections:
        return
    risk: Risk = "low"
    if audit.rejection_share >= MEDIUM_REJECTIONS:
        risk = "high" if audit.rejection_share >= HIGH_REJECTIONS else "medium"
    real = f"{_n(acceptances)} affirm a real table" if acceptances else "not one affirms a real table"
    missing = rejections - acceptances
    yield _Finding(
        risk,
        f"{audit.rejection_share:.0%} of the rows are rejections ({_n(rejections)}), and {real}",
        f"Add about {_n(missing)} pairs that affirm real tables (as many as deny), in the same wordings as the"
        f" rejections; {_never(audit)}.",
    )
    tables = audit.rejections["table"]
    if audit.distinct_fake_subjects and tables / audit.distinct_fake_subjects >= 10 and risk != "low":
        yield _Finding(
            risk,
            f"{_n(tables)} rejections are about {_n(audit.distinct_fake_subjects)} invented names only",
            f"Vary the invented names: {_n(tables)} rows about {_n(audit.distinct_fake_subjects)} of them teach the"
            " wordings, not the names; fewer rows with more names teach more.",
        )


def _shortcuts(audit: Audit) -> Iterator[_Finding]:
    always = [one for one in audit.wordings if one.shortcut]
    if not always:
        return
    rows = sum(one.pairs for one in always)
    share = rows / audit.pairs
    worst = always[0]
    yield _Finding(
        "high" if share >= HIGH_SHORTCUTS else "medium",
        f"{_count(len(always), 'wording')} ({share:.0%} of the rows) {_are(always)} answered by a denial whatever the"
        f" name: the model learns to deny by the wording",
        f"Ask for real tables in the {_count(len(always), 'wording')} that are only denied: about as many as are denied"
        f" there, e.g. {_n(worst.denials)} with '{worst.wording}'.",
    )


def _quality(audit: Audit) -> Iterator[_Finding]:
    if audit.exact_duplicates:
        yield _Finding(
            "medium" if audit.exact_duplicates >= 0.05 * audit.pairs else "low",
            f"{_count(audit.exact_duplicates, 'row')} repeat another one exactly",
            f"Remove {_count(audit.exact_duplicates, 'exact duplicate')}.",
        )
    if audit.near_duplicate_groups:
        rows = sum(map(len, audit.near_duplicates)) - audit.near_duplicate_groups
        yield _Finding(
            "low",
            f"{_count(rows, 'row')} nearly repeat another one",
            f"Look at {_count(audit.near_duplicate_groups, 'group')} of near-duplicates;"
            f" about {_n(rows)} rows could go.",
        )
    if audit.conflicts:
        yield _Finding(
            "low",
            f"{_count(len(audit.conflicts), 'question')} have several answers",
            f"Keep one answer for each of the {_count(len(audit.conflicts), 'question')} that have several.",
        )


def _leaks(audit: Audit) -> Iterator[_Finding]:
    if audit.heldout:
        rows = _count(len(audit.heldout), "row")
        yield _Finding(
            "medium",
            f"{rows} touch what the workspace holds out, e.g. row {audit.heldout[0].number}: {audit.heldout[0].why}",
            f"Remove the {rows} that touch held-out subjects or wordings, or figures on them are worth nothing.",
        )
    for leak in audit.leakage:
        if leak.same_question:
            yield _Finding(
                "low",
                f"{_count(leak.same_question, 'probe')} of the battery '{leak.battery}' are training questions",
                f"Judge this model by a held-out battery: {_n(leak.same_question)} of {_n(leak.probes)} questions of"
                f" '{leak.battery}' are in the training set word for word.",
            )


def _never(audit: Audit) -> str:
    missing = [one.module for one in audit.coverage.modules if not one.affirmed and one.module != "Other"]
    if not missing:
        return "every module has some already"
    return f"{_count(len(missing), 'module')} have none yet ({_few(missing)})"


def _names(named: Iterable[Named]) -> str:
    return _few(f"{one.name} ({one.pairs})" for one in named)


def _few(names: Iterable[str], limit: int = 8) -> str:
    listed = list(names)
    more = f" and {len(listed) - limit} more" if len(listed) > limit else ""
    return ", ".join(listed[:limit]) + more


def _are(things: Sequence[object]) -> str:
    return "is" if len(things) == 1 else "are"


def _count(number: int, noun: str) -> str:
    return f"{_n(number)} {noun if number == 1 else f'{noun}s'}"


def _n(number: int) -> str:
    return f"{number:,}"
