"""An audit in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from vgpt_probe.commands import output
from vgpt_probe.text import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from vgpt_probe.pairs.audit_records import Audit, Overlap
    from vgpt_probe.pairs.datasets import Dataset
    from vgpt_probe.pairs.mend import Mended

_SIGNS = {"high": "✗", "medium": "!", "low": "✓"}
_STYLES = {"high": "bold red", "medium": "yellow", "low": "green"}
_TASKS = {"dpo": "DPO pairs", "kto": "KTO rows", "sft": "SFT answers"}


def show_audit(audit: Audit, *, entry: dict[str, object] | None, rows: int) -> None:
    """Print an audit; ``rows`` is how many lines each table has at most, ``entry`` LLaMA-Factory's missing registration."""
    screen = output.console()
    _head(screen, audit)
    _make_up(screen, audit)
    _wordings(screen, audit, rows)
    _poison(screen, audit, rows)
    _coverage(screen, audit, rows)
    _shared(screen, audit)
    _trainers(screen, audit, entry)
    if audit.advice:
        _title(screen, "What to do")
        for number, advice in enumerate(audit.advice, start=1):
            screen.print(output.shown(f"{number:>2}. {one_line(advice)}"), soft_wrap=True)
    _title(screen, "How this is counted")
    for figure, how in audit.counting.items():
        screen.print(output.shown(f"{figure}: {how}", "dim"), soft_wrap=True)


def show_mended(fixed: Mended, dataset: Dataset) -> None:
    """Print what ``--fix`` did, and what the trainers make of the copy."""
    from vgpt_probe.pairs.datasets import read_dataset
    from vgpt_probe.pairs.trainers import check_trainers

    if not (fixed.mended or fixed.left_out):
        return
    screen = output.console()
    _title(screen, "The corrected copy")
    for what, count in fixed.mended.items():
        screen.print(output.shown(f"{count:,} {what}"))
    for what, count in fixed.left_out.items():
        screen.print(output.shown(f"{count:,} rows left out: {what}"))
    trainers, _ = check_trainers(read_dataset(fixed.path))
    for trainer in trainers:
        if trainer.takes:
            screen.print(
                output.shown(
                    f"{trainer.trainer} takes {trainer.takes:,} of {trainer.records:,} rows of {fixed.path.name}"
                )
            )


def show_overlap(shared: Overlap) -> None:
    """Print what two files share."""
    screen = output.console()
    _title(screen, "What the files share")
    screen.print(output.shown(f"{shared.first} and {shared.second}:"), soft_wrap=True)
    screen.print(
        output.shown(
            f"{shared.same_question:,} of {shared.questions:,} questions of the first are in the second too;"
            f" {shared.same_answer:,} rows with the same answer, {shared.opposed:,} where one denies what the other affirms"
        ),
        soft_wrap=True,
    )
    for ours, theirs in shared.examples[:5]:
        screen.print(output.shown(f"  row {ours} of the first against row {theirs} of the second"))


def _head(screen: Console, audit: Audit) -> None:
    counted = f"{audit.pairs:,} {_TASKS[audit.task]}"
    if audit.pairs != audit.records:
        counted += f" in {audit.records:,} records"
    screen.print(output.shown(f"{audit.file}: {counted}, {audit.layout}", "bold"), soft_wrap=True)
    screen.print(output.shown(f"{_SIGNS[audit.risk]} risk: {audit.risk}", _STYLES[audit.risk]))
    for reason in audit.reasons:
        screen.print(output.shown(f"  – {one_line(reason)}"), soft_wrap=True)
    if audit.unreadable:
        first = audit.unreadable[0]
        screen.print(
            output.shown(
                f"  – {len(audit.unreadable):,} records could not be read, e.g. {first.number}: {one_line(first.why)}"
            ),
            soft_wrap=True,
        )


def _make_up(screen: Console, audit: Audit) -> None:
    _title(screen, "What it teaches, by what its answers say")
    made = output.table("kind", "rows", "share", "of which", numbers=("rows", "share"))
    for kind, count in audit.kinds.items():
        inside = ""
        if kind == "rejection" and count:
            inside = ", ".join(f"{number:,} {part}" for part, number in audit.rejections.items() if number)
        if kind == "style" and count:
            inside = ", ".join(f"{number:,} {style}" for style, number in audit.styles.items() if number)
        made.add_row(kind, f"{count:,}", _share(count, audit.pairs), inside)
    screen.print(made)
    fakes = f"{audit.distinct_fake_subjects:,} invented tables and {audit.distinct_denied_columns:,} columns are denied"
    screen.print(output.shown(f"{fakes}, {audit.distinct_real_subjects_accepted:,} real tables affirmed."))
    if audit.unknowable_denied:
        text = f"{audit.unknowable_denied:,} denied columns cannot be checked: the catalog does not list all columns there."
        screen.print(output.shown(text))
    if audit.undesired:
        screen.print(output.shown(f"{audit.undesired:,} rows are answers to unlearn."))


def _wordings(screen: Console, audit: Audit, rows: int) -> None:
    _title(screen, "What questions are answered by")
    asked = output.table("questions about", "rows", "denials", "share", numbers=("rows", "denials", "share"))
    for group in audit.questions:
        asked.add_row(group.asks, f"{group.pairs:,}", f"{group.denials:,}", f"{group.denial_share:.0%}")
    screen.print(asked)
    listed = output.table("wording", "rows", "denials", "share", "", numbers=("rows", "denials", "share"))
    for one in audit.wordings[:rows]:
        mark = "✗ always denied" if one.shortcut else ""
        listed.add_row(
            output.shown(one_line(one.wording)),
            f"{one.pairs:,}",
            f"{one.denials:,}",
            f"{one.denial_share:.0%}",
            mark,
        )
    screen.print(listed)
    _more(screen, len(audit.wordings) - rows, "wordings")


def _poison(screen: Console, audit: Audit, rows: int) -> None:
    if audit.real_denied:
        _title(screen, "Poison: what is real and denied")
        listed = output.table(
            "name",
            "",
            "rows",
            "contradict themselves",
            "is",
            "which rows",
            numbers=("rows", "contradict themselves"),
        )
        for one in audit.real_denied[: max(rows, 20)]:
            where = ", ".join(one.relations)
            listed.add_row(
                output.shown(one.subject),
                one.part,
                f"{one.pairs:,}",
                f"{one.contradicts:,}" if one.contradicts else "",
                output.shown(where),
                _numbers(one.rows, one.pairs),
            )
        screen.print(listed)
        _more(screen, len(audit.real_denied) - max(rows, 20), "names")
    for title, names in (
        ("Suggested or selected, but not there", audit.unknown_suggestions),
        ("Invented names that answers accept", audit.fake_subjects_accepted),
    ):
        if names:
            _title(screen, title)
            listed = output.table("name", "rows", "which rows", numbers=("rows",))
            for named in names[:rows]:
                listed.add_row(
                    output.shown(named.name), f"{named.pairs:,}", _numbers(named.rows, named.pairs)
                )
            screen.print(listed)
            _more(screen, len(names) - rows, "names")
    if audit.contradictions:
        _title(screen, f"Answers that contradict themselves: {len(audit.contradictions):,}")
        for claim in audit.contradictions[:3]:
            screen.print(output.shown(f"row {claim.row}, {claim.subject}: {_short(claim.answer)}"))
        _more(screen, len(audit.contradictions) - 3, "answers")


def _coverage(screen: Console, audit: Audit, rows: int) -> None:
    coverage = audit.coverage
    _title(screen, "Coverage of the catalog")
    screen.print(
        output.shown(
            f"Of {coverage.relations:,} tables and views {coverage.affirmed:,} are affirmed,"
            f" {coverage.used:,} used or suggested, {coverage.denied:,} denied."
        )
    )
    seen = sorted(coverage.modules, key=lambda one: (-one.affirmed, -one.used, one.module))
    listed = output.table(
        "module",
        "relations",
        "affirmed",
        "used",
        "denied",
        numbers=("relations", "affirmed", "used", "denied"),
    )
    for one in seen[:rows]:
        listed.add_row(
            output.shown(one.module),
            *(f"{count:,}" for count in (one.relations, one.affirmed, one.used, one.denied)),
        )
    screen.print(listed)
    _more(screen, len(seen) - rows, "modules")


def _shared(screen: Console, audit: Audit) -> None:
    _title(screen, "Repetition and leakage")
    lines = [
        f"{audit.exact_duplicates:,} exact duplicates, {audit.near_duplicate_groups:,} groups of near-duplicates,"
        f" {len(audit.conflicts):,} questions with several answers"
    ]
    for leak in audit.leakage:
        lines.append(
            f"battery '{leak.battery}': {leak.same_question:,} of {leak.probes:,} questions are in the set word for word,"
            f" {leak.same_subject:,} ask about a name that the set asks about"
        )
    lines += [f"{len(audit.heldout):,} rows touch what is held out"] if audit.heldout else []
    lines += [f"  row {one.number}: {one.why}" for one in audit.heldout[:3]]
    for line in lines:
        screen.print(output.shown(line), soft_wrap=True)


def _trainers(screen: Console, audit: Audit, entry: dict[str, Any] | None) -> None:
    _title(screen, "Will the trainer take it?")
    for trainer in audit.trainers:
        sign = "✓" if trainer.takes == trainer.records else "!" if trainer.takes else "✗"
        why = f": {trainer.why}" if trainer.why else ""
        line = f"{sign} {trainer.trainer} takes {trainer.takes:,} of {trainer.records:,} rows{why}"
        screen.print(output.shown(line), soft_wrap=True)
    for problem in audit.trainer_problems:
        where = f" (rows {_numbers(problem.examples, problem.rows)})" if problem.examples else ""
        line = f"  {problem.trainer} {problem.effect}: {problem.what}, {problem.rows:,} rows{where} – {problem.mend}"
        screen.print(output.shown(one_line(line)), soft_wrap=True)
    if entry is not None:
        text = json.dumps(entry, ensure_ascii=False)
        screen.print(
            output.shown(f"For LLaMA-Factory, dataset_info.json needs an entry like {text}", "dim"),
            soft_wrap=True,
        )


def _title(screen: Console, text: str) -> None:
    screen.print()
    screen.print(output.shown(text, "bold"))


def _more(screen: Console, count: int, what: str) -> None:
    if count > 0:
        screen.print(
            output.shown(f"… and {count:,} more {what}: --json has all of them, --rows N shows more", "dim")
        )


def _numbers(rows: Sequence[int] | Iterable[int], total: int) -> str:
    listed = list(rows)[:6]
    return ", ".join(map(str, listed)) + (" …" if total > len(listed) else "")


def _short(text: str, length: int = 110) -> str:
    line = one_line(text)
    return line if len(line) <= length else line[: length - 1] + "…"


def _share(count: int, total: int) -> str:
    return f"{100 * count / total:.1f} %"
