"""Drafting a pair from a finding: what the model said against another model's right answer, or the catalog's facts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vgpt_probe.catalog import Catalog, Relation
from vgpt_probe.pairs.pair import Pair, PairKind, Source

if TYPE_CHECKING:
    from vgpt_probe.runs.records import Case

#: How many columns and alternatives a drafted answer names.
COLUMNS_NAMED = 8
ALTERNATIVES = 3

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SQL_ACT = re.compile(r"\b(?:query|select|sql|records|rows|data|list all|show me|fetch)\b", re.IGNORECASE)
_COLUMNS_ACT = re.compile(r"\b(?:columns?|fields?|schema|structure)\b", re.IGNORECASE)


def draft_pair(case: Case, model: str, catalog: Catalog, *, run: int, system: str = "") -> Pair:
    """Draft a pair from one model's answer to a case.

    Rejected is what the model said. Chosen is the first right answer among the other models that the catalog
    backs in every name, else an answer written from the catalog.
    """
    from vgpt_probe.pairs.check import problems

    probe, wrong = case.probe, case.answers[model]

    def pair(chosen: str, source: str) -> Pair:
        return Pair(
            prompt=probe.question,
            chosen=chosen,
            rejected=wrong.text,
            kind=_kind(probe.real),
            subject=probe.subject,
            wording=probe.wording,
            system=system,
            source=Source(run=run, probe=probe.id, rejected=model, chosen=source),
        )

    for other, answer in case.answers.items():
        if other != model and answer.final == "correct" and answer.stop == "end":
            candidate = pair(answer.text, other)
            if not problems(candidate, catalog):
                return candidate
    return pair(catalog_answer(probe.question, probe.subject, catalog, act=probe.act), "catalog")


def draft_chat_pair(
    question: str, subject: str | None, answer: str, others: dict[str, str], catalog: Catalog, *, model: str
) -> Pair:
    """Draft a pair from a free-form answer; ``others`` are the other models' answers to the same question."""
    from vgpt_probe.pairs.check import problems

    real = subject is not None and subject in catalog
    kind: PairKind = "other" if subject is None else _kind(real)
    drafted = catalog_answer(question, subject, catalog) if subject else ""
    candidates = [(text, name) for name, text in others.items() if name != model] + [(drafted, "catalog")]
    for chosen, source in candidates:
        pair = Pair(
            prompt=question,
            chosen=chosen,
            rejected=answer,
            kind=kind,
            subject=subject or "",
            source=Source(rejected=model, chosen=source),
        )
        if not problems(pair, catalog):
            break
    return pair


def catalog_answer(question: str, subject: str, catalog: Catalog, *, act: str = "other") -> str:
    """Write a right answer from the catalog alone: facts of a real relation, or a denial that names real ones."""
    resolution = catalog.resolve(subject)
    if resolution.status == "case" and resolution.relation is not None:
        name = resolution.relation.name
        return (
            f"There is no table or view named '{subject}' in {catalog.title}: names are case-sensitive."
            f" You may mean {_named(resolution.relation)}.\n\n{_query(resolution.relation, catalog, name)}"
        )
    if resolution.relation is None:
        return _denial(subject, catalog)
    relation = resolution.relation
    if act == "other":
        act = (
            "query"
            if _SQL_ACT.search(question)
            else "columns"
            if _COLUMNS_ACT.search(question)
            else "describe"
        )
    if act in ("query", "join"):
        return _query(relation, catalog, subject)
    if act == "columns":
        return (
            f"{_columns(relation)}\n\n{_query(relation, catalog, subject)}"
            if relation.columns
            else _facts(relation)
        )
    opening = f"Yes, {subject} exists. " if act == "exists" else ""
    return opening + _facts(relation)


def alternatives(subject: str, catalog: Catalog, *, limit: int = ALTERNATIVES) -> list[Relation]:
    """Find real relations that somebody who asks for ``subject`` may want: by description first, then by name."""
    words = {_stem(word) for word in _WORDS.findall(subject) if len(word) > 2}
    scored: list[tuple[int, int, str, Relation]] = []
    for relation in catalog.relations:
        if relation.kind == "table" and relation.name[:1].islower():
            # The base table behind a view is not what a question should be sent to.
            continue
        described = {_stem(word) for word in _WORDS.findall(relation.description or "")}
        if shared := len(words & described):
            scored.append((-shared, len(described), relation.name, relation))
    found = [relation for *_, relation in sorted(scored, key=lambda entry: entry[:3])[:limit]]
    if not found:
        found = [
            one for one in catalog.near(subject, limit=limit + 2, cutoff=60) if not one.name[:1].islower()
        ]
    return found[:limit]


def _kind(real: bool) -> PairKind:
    return "acceptance" if real else "rejection"


def _denial(subject: str, catalog: Catalog) -> str:
    denial = f"There is no table or view named '{subject}' in {catalog.title}."
    found = alternatives(subject, catalog)
    if not found:
        return denial
    return f"{denial} Real ones that come close: {'; '.join(_named(relation) for relation in found)}."


def _named(relation: Relation) -> str:
    return f"{relation.name} ({relation.description})" if relation.description else relation.name


def _facts(relation: Relation) -> str:
    kind = "view" if relation.kind == "view" else "table"
    text = f"{relation.name} is a {kind}"
    text += f" in module {relation.module}" if relation.module not in ("", "Other") else ""
    text += f": {relation.description}." if relation.description else "."
    if relation.base:
        text += f" Its base table is {relation.base}."
    if relation.key:
        text += f" Key columns: {', '.join(relation.key)}."
    elif relation.columns:
        text += f" Columns include {', '.join(column.name for column in relation.columns[:COLUMNS_NAMED])}."
    return text


def _columns(relation: Relation) -> str:
    names = [column.name for column in relation.columns]
    named = ", ".join(names[:COLUMNS_NAMED])
    some = len(names) > COLUMNS_NAMED or not relation.columns_complete
    return (
        f"{relation.name}{' (' + relation.description + ')' if relation.description else ''} has the columns {named}"
        + (" and others." if some else ".")
    )


def _query(relation: Relation, catalog: Catalog, name: str) -> str:
    columns = ", ".join(column.name for column in relation.columns[:COLUMNS_NAMED]) or "*"
    hint = " WITH (NOLOCK)" if catalog.dialect == "tsql" else ""
    company = next((column for column in relation.key[:1] if column.endswith("Co")), None)
    where = f"\nWHERE {company} = @{company}" if company and catalog.dialect == "tsql" else ""
    return f"```sql\nSELECT {columns}\nFROM {name}{hint}{where}\n```"


def _stem(word: str) -> str:
    lowered = word.lower()
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if lowered.endswith(ending) and len(lowered) > len(ending) + 2 and not lowered.endswith("ss"):
            return lowered[: -len(ending)] + instead
    return lowered
