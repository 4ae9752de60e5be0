"""What a training set teaches: its make-up by content, its shortcuts, its poison, its coverage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from vgpt_probe.catalog import Catalog
from vgpt_probe.pairs.audit_records import (
    Audit,
    Conflict,
    Coverage,
    Denied,
    ModuleCoverage,
    Named,
    QuestionShare,
    RowClaim,
    WordingShare,
)
from vgpt_probe.pairs.content import Claim, Content, classify
from vgpt_probe.pairs.datasets import Dataset, Row
from vgpt_probe.pairs.duplicates import conflicts, exact_duplicates, near_duplicates
from vgpt_probe.pairs.pair import PairKind
from vgpt_probe.pairs.sql_contrast import STYLES
from vgpt_probe.pairs.wording import SCHEMA_ACTS

if TYPE_CHECKING:
    from vgpt_probe.grading import Phrases

KINDS: tuple[PairKind, ...] = ("rejection", "acceptance", "clarification", "style", "join", "other")

#: How many row numbers are kept as examples of one thing.
EXAMPLES = 20

#: A wording is a shortcut when so many of its answers deny, and no fewer than so many rows have it.
SHORTCUT_SHARE = 0.95
SHORTCUT_ROWS = 8


class Read(msgspec.Struct, frozen=True):
    """A row with what it teaches."""

    row: Row
    content: Content

    @property
    def desired(self) -> bool:
        """Whether the answer is to be learnt; in a KTO set some are to be unlearnt."""
        return self.row.label is not False

    @property
    def kind(self) -> PairKind:
        """The kind of the row. Unlearning a denial of a real name is acceptance, unlearning an invented one rejection."""
        if self.desired:
            return self.content.kind
        if any(claim.denied and claim.real for claim in self.content.claims):
            return "acceptance"
        if any(claim.answer == "affirms" and claim.real is False for claim in self.content.claims):
            return "rejection"
        return "other"


def read_rows(
    rows: Sequence[Row],
    catalog: Catalog,
    *,
    phrases: Phrases | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> list[Read]:
    """Read what each row teaches, by the workspace's phrases (None: the shipped ones).

    ``tell`` is called now and then with how many of how many are done, at last with all.
    """
    read: list[Read] = []
    for done, row in enumerate(rows):
        if tell is not None and done % 200 == 0:
            tell(done, len(rows))
        read.append(Read(row, classify(row.prompt, row.answer, row.rejected, catalog, phrases=phrases)))
    if tell is not None:
        tell(len(rows), len(rows))
    return read


def audit(dataset: Dataset, read: Sequence[Read], catalog: Catalog) -> Audit:
    """Say what a training set teaches; ``read`` is what ``read_rows`` made of its rows.

    ``docs/audit.md`` says how each figure is counted. Risk, advice and what the trainers make of the file are added by
    ``pairs.advice`` and ``pairs.trainers``.
    """
    rows = [one.row for one in read]
    desired = [one for one in read if one.desired]
    claims = [(one, claim) for one in desired for claim in one.content.claims]
    kinds = Counter(one.kind for one in read)
    parts = Counter(one.content.denies for one in desired if one.content.denies)
    near = near_duplicates(rows, [_names(one) for one in read])
    return Audit(
        file=str(dataset.path),
        task=dataset.task,
        layout=dataset.layout,
        records=len(dataset.records),
        pairs=len(rows),
        undesired=len(read) - len(desired),
        unreadable=dataset.unreadable,
        kinds={kind: kinds[kind] for kind in KINDS},
        rejections={
            "table": parts["table"],
            "column": parts["column"],
            "undesired": kinds["rejection"] - sum(parts.values()),
        },
        styles=_styles(desired),
        rejection_share=kinds["rejection"] / len(read),
        questions=_questions(desired),
        wordings=_wordings(desired),
        distinct_fake_subjects=len({claim.subject for _, claim in claims if _fake(claim) and claim.denied}),
        distinct_fake_subjects_asked=len({claim.subject for _, claim in claims if _fake(claim)}),
        distinct_denied_columns=len(
            {claim.subject for _, claim in claims if claim.denied and claim.part == "column"}
        ),
        distinct_real_subjects_accepted=len(_affirmed(desired, catalog)),
        real_subjects_denied=_denied_names(claims),
        real_denied=_denied(claims, catalog),
        unknowable_denied=len({claim.subject for _, claim in claims if claim.denied and claim.real is None}),
        fake_subjects_accepted=_named(
            (claim.subject, one.row.number)
            for one, claim in claims
            if _fake(claim) and claim.answer == "affirms"
        ),
        contradictions=tuple(
            RowClaim(one.row.number, claim.subject, one.row.prompt, one.row.answer)
            for one, claim in claims
            if claim.answer == "contradicts"
        ),
        unknown_suggestions=_named((name, one.row.number) for one in desired for name in one.content.unknown),
        conflicts=tuple(_conflict(group, read) for group in conflicts(rows)),
        coverage=_coverage(desired, catalog),
        exact_duplicates=sum(len(group) - 1 for group in exact_duplicates(rows)),
        near_duplicate_groups=len(near),
        near_duplicates=tuple(tuple(rows[position].number for position in group) for group in near),
    )


def _fake(claim: Claim) -> bool:
    return claim.real is False and claim.part == "table"


def _names(one: Read) -> tuple[str, ...]:
    return tuple(dict.fromkeys(claim.asked.casefold() for claim in one.content.claims))


def _styles(desired: Iterable[Read]) -> dict[str, int]:
    """Style pairs by the most telling rule that their answers differ in."""
    found = Counter(one.content.styles[0] for one in desired if one.content.kind == "style")
    return {
        style: found[style]
        for style in (*STYLES, "other")
        if found[style] or style not in ("other", "columns")
    }


def _questions(desired: Sequence[Read]) -> tuple[QuestionShare, ...]:
    """The share of denials by what questions ask for: the schema, a query, a join, anything else."""
    groups: dict[str, list[Read]] = {"schema": [], "query": [], "join": [], "other": []}
    for one in desired:
        act = one.content.wording.act
        groups["schema" if act in SCHEMA_ACTS else act].append(one)
    return tuple(
        QuestionShare(asks, len(group), denials := _denials(group), denials / len(group))
        for asks, group in groups.items()
        if group
    )


def _denials(group: Iterable[Read]) -> int:
    return sum(one.content.kind == "rejection" for one in group)


def _wordings(desired: Sequence[Read]) -> tuple[WordingShare, ...]:
    """Each wording with its share of denials, the most frequent first."""
    groups: dict[str, list[Read]] = {}
    for one in desired:
        groups.setdefault(one.content.wording.key, []).append(one)
    shares = []
    for group in groups.values():
        texts = Counter(one.content.wording.text for one in group)
        denials = _denials(group)
        named = any(one.content.claims for one in group)
        shares.append(
            WordingShare(
                wording=texts.most_common(1)[0][0],
                act=group[0].content.wording.act,
                pairs=len(group),
                denials=denials,
                denial_share=denials / len(group),
                shortcut=named and len(group) >= SHORTCUT_ROWS and denials / len(group) >= SHORTCUT_SHARE,
            )
        )
    return tuple(sorted(shares, key=lambda share: (-share.pairs, share.wording)))


def _affirmed(desired: Iterable[Read], catalog: Catalog) -> dict[str, str]:
    """The real relations that rows affirm, and their modules; a style pair affirms none: both its answers use it."""
    found: dict[str, str] = {}
    for one in desired:
        if one.content.kind == "acceptance" or one.row.rejected is None:
            for claim in one.content.claims:
                relation = (
                    catalog.get(claim.subject)
                    if claim.answer == "affirms" and claim.part == "table"
                    else None
                )
                if relation is not None:
                    found[relation.qualified] = relation.module
    return found


def _coverage(desired: Sequence[Read], catalog: Catalog) -> Coverage:
    affirmed = _affirmed(desired, catalog)
    used: set[str] = set()
    denied: set[str] = set()
    for one in desired:
        offered = [name for claim in one.content.claims for name in claim.suggested]
        used |= _qualified((*one.content.tables, *offered), catalog)
        denied |= _qualified(
            (claim.subject for claim in one.content.denied if claim.part == "table"), catalog
        )
    modules = []
    for module, relations in catalog.modules.items():
        names = [relation.qualified for relation in relations]
        modules.append(
            ModuleCoverage(
                module=module,
                relations=len(names),
                affirmed=sum(name in affirmed for name in names),
                used=sum(name in used for name in names),
                denied=sum(name in denied for name in names),
                never_affirmed=tuple(
                    relation.name for relation in relations if relation.qualified not in affirmed
                ),
            )
        )
    return Coverage(len(catalog), len(affirmed), len(used), len(denied), tuple(modules))


def _qualified(names: Iterable[str], catalog: Catalog) -> set[str]:
    found = (catalog.get(name) for name in names)
    return {relation.qualified for relation in found if relation is not None}


def _denied_names(claims: Sequence[tuple[Read, Claim]]) -> tuple[str, ...]:
    counted = Counter(
        (claim.part != "table", claim.subject) for _, claim in claims if claim.denied and claim.real
    )
    return tuple(
        name for (_, name), _ in sorted(counted.items(), key=lambda item: (item[0][0], -item[1], item[0][1]))
    )


def _denied(claims: Sequence[tuple[Read, Claim]], catalog: Catalog) -> tuple[Denied, ...]:
    found: dict[str, list[tuple[Read, Claim]]] = {name: [] for name in _denied_names(claims)}
    for one, claim in claims:
        if claim.denied and claim.real:
            found[claim.subject].append((one, claim))
    return tuple(
        Denied(
            subject=name,
            part=entries[0][1].part,
            relations=_owners(name, entries[0][1].part, catalog),
            pairs=len(entries),
            contradicts=sum(claim.answer == "contradicts" for _, claim in entries),
            rows=tuple(one.row.number for one, _ in entries[:EXAMPLES]),
        )
        for name, entries in found.items()
    )


def _owners(name: str, part: str, catalog: Catalog) -> tuple[str, ...]:
    """The relations that make a name real: those of that name in any schema, or the column's own."""
    plain = name.rpartition(".")[0] if part == "column" else name
    same = [relation.qualified for relation in catalog.relations if relation.name == plain.rpartition(".")[2]]
    relation = catalog.get(plain)
    return tuple(same) or ((relation.qualified,) if relation is not None else ())


def _named(found: Iterable[tuple[str, int]]) -> tuple[Named, ...]:
    rows: dict[str, list[int]] = {}
    for name, number in found:
        rows.setdefault(name, []).append(number)
    named = [Named(name, len(numbers), tuple(numbers[:EXAMPLES])) for name, numbers in rows.items()]
    return tuple(sorted(named, key=lambda one: (-one.pairs, one.name)))


def _conflict(group: Sequence[int], read: Sequence[Read]) -> Conflict:
    stances: dict[str, set[bool]] = {}
    for position in group:
        for claim in read[position].content.claims:
            if claim.denied or claim.answer == "affirms":
                stances.setdefault(claim.asked, set()).add(claim.denied)
    opposed = any(len(seen) > 1 for seen in stances.values())
    first = read[group[0]].row
    return Conflict(first.prompt, len(group), tuple(read[position].row.number for position in group), opposed)
