"""Answers written from the catalog alone: facts of what is real, and denials that name what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from vgpt_probe.catalog import Catalog, Relation

#: How many columns and alternatives a written answer names.
COLUMNS_NAMED = 6
ALTERNATIVES = 2

#: How a denial opens where no model's own way of saying it is known.
DENIAL = "There is no table or view named '{subject}' in {title}."

Avoid = Callable[[str], bool]

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SQL_ACT = re.compile(r"\b(?:query|select|sql|records|rows|data|list all|show me|fetch)\b", re.IGNORECASE)
#: What a question asks for in particular: an answer of its act alone would not do.
_KEY_ASKED = re.compile(r"\bprimary key\b|\bkey columns?\b", re.IGNORECASE)
_TYPES_ASKED = re.compile(r"\bdata types?\b", re.IGNORECASE)
_COUNT_ASKED = re.compile(r"\bhow many\b|\bcount\b", re.IGNORECASE)
_TOP_ASKED = re.compile(r"\b(?:top|first) (\d+)\b", re.IGNORECASE)
_COLUMNS_ACT = re.compile(r"\b(?:columns?|fields?|schema|structure)\b", re.IGNORECASE)


def catalog_answer(
    question: str,
    subject: str,
    catalog: Catalog,
    *,
    act: str = "other",
    denial: str = DENIAL,
    limit: int = ALTERNATIVES,
    avoid: Avoid | None = None,
) -> str:
    """Write a right answer: facts of a real relation, or a denial that names up to ``limit`` real ones.

    ``denial`` is the denial's first sentence, with ``{subject}`` and ``{title}``; ``avoid`` tells which relations
    must not be named beside the subject.
    """
    resolution = catalog.resolve(subject)
    if resolution.status == "case" and resolution.relation is not None:
        name = resolution.relation.name
        return (
            f"There is no table or view named '{subject}' in {catalog.title}: names are case-sensitive."
            f" You may mean {_named(resolution.relation)}.\n\n{query(resolution.relation, catalog, name)}"
        )
    if resolution.relation is None:
        return _denial(subject, catalog, denial, limit, avoid)
    relation = resolution.relation
    if act == "other":
        act = (
            "query"
            if _SQL_ACT.search(question)
            else "columns"
            if _COLUMNS_ACT.search(question)
            else "describe"
        )
    if act == "join" and (other := partner(relation, catalog, avoid)):
        return join(relation, other, catalog)
    if act in ("query", "join"):
        top = _TOP_ASKED.search(question) if catalog.dialect == "tsql" else None
        if _COUNT_ASKED.search(question):
            return query(relation, catalog, subject, columns=["COUNT(*)"])
        return query(relation, catalog, subject, top=int(top[1]) if top else None)
    if act == "columns" and relation.key and _KEY_ASKED.search(question):
        return f"The key of {relation.name} is {', '.join(relation.key)}."
    if act == "columns":
        types = bool(_TYPES_ASKED.search(question))
        return _columns(relation, types=types) if relation.columns else _facts(relation, avoid)
    opening = f"Yes, {subject} exists. " if act == "exists" else ""
    return opening + _facts(relation, avoid)


def alternatives(
    subject: str, catalog: Catalog, *, limit: int = ALTERNATIVES, avoid: Avoid | None = None
) -> list[Relation]:
    """Find real relations that somebody who asks for ``subject`` may want: by description first, then by name."""
    words = {_stem(word) for word in _WORDS.findall(subject) if len(word) > 2}
    scored: list[tuple[int, int, str, Relation]] = []
    for relation in catalog.relations:
        if _behind(relation) or (avoid and avoid(relation.name)):
            continue
        described = _stems(relation.description or "")
        if shared := len(words & described):
            scored.append((-shared, len(described), relation.name, relation))
    found = [relation for *_, relation in sorted(scored, key=lambda entry: entry[:3])[:limit]]
    if not found:
        found = [
            one
            for one in catalog.near(subject, limit=3 * limit, cutoff=60)
            if not _behind(one) and not (avoid and avoid(one.name))
        ]
    return found[:limit]


def query(
    relation: Relation,
    catalog: Catalog,
    name: str | None = None,
    *,
    columns: list[str] | None = None,
    nolock: bool = True,
    top: int | None = None,
) -> str:
    """A fenced SELECT in the house style; ``nolock=False`` leaves the hint out, as a rejected answer does."""
    listed = columns or [column.name for column in relation.columns[:COLUMNS_NAMED]]
    hint = _hint(catalog) if nolock else ""
    company = company_column(relation)
    where = f"\nWHERE {company} = @{company}" if company and catalog.dialect == "tsql" else ""
    first = f"TOP {top} " if top else ""
    return f"```sql\nSELECT {first}{', '.join(listed) or '*'}\nFROM {name or relation.name}{hint}{where}\n```"


def join(
    one: Relation, other: Relation, catalog: Catalog, *, on: list[str] | None = None, nolock: bool = True
) -> str:
    """A fenced join in the house style: on all shared key columns, or only on ``on``, as a rejected answer does."""
    hint = _hint(catalog) if nolock else ""
    shared = on or shared_key(one, other)
    condition = " AND ".join(f"{one.name}.{column} = {other.name}.{column}" for column in shared)
    company = company_column(one)
    where = f"\nWHERE {one.name}.{company} = @{company}" if company and catalog.dialect == "tsql" else ""
    return f"```sql\nSELECT *\nFROM {one.name}{hint}\nINNER JOIN {other.name}{hint}\n  ON {condition}{where}\n```"


def shared_key(one: Relation, other: Relation) -> list[str]:
    """The key columns that two relations share, in the first one's order."""
    return [column for column in one.key if column in other.key]


def partner(relation: Relation, catalog: Catalog, avoid: Avoid | None = None) -> Relation | None:
    """The relation of the same module that joins on a whole key with the most columns; None where there is none."""
    best: tuple[int, Relation] | None = None
    for other in catalog.modules.get(relation.module, ()):
        if other.name == relation.name or _behind(other) or (avoid and avoid(other.name)):
            continue
        if other.base == relation.name or relation.base == other.name:
            continue
        shared = len(shared_key(relation, other))
        whole = shared and shared in (len(relation.key), len(other.key))
        if whole and (best is None or shared > best[0]):
            best = (shared, other)
    return best[1] if best else None


def is_particular(question: str) -> bool:
    """Whether a question asks for something that an answer of its act does not give by itself: a key, types, a count."""
    asked = (_KEY_ASKED, _TYPES_ASKED, _COUNT_ASKED, _TOP_ASKED)
    return any(pattern.search(question) for pattern in asked)


def company_column(relation: Relation) -> str | None:
    """The company column of the key, by which queries are filtered."""
    return next((column for column in relation.key[:1] if column.endswith("Co")), None)


def _behind(relation: Relation) -> bool:
    """Whether this is a base table behind a view, which nobody should be sent to."""
    return relation.kind == "table" and relation.name[:1].islower()


def _hint(catalog: Catalog) -> str:
    return " WITH (NOLOCK)" if catalog.dialect == "tsql" else ""


def _denial(subject: str, catalog: Catalog, denial: str, limit: int, avoid: Avoid | None) -> str:
    said = denial.replace("{subject}", subject).replace("{title}", catalog.title)
    found = alternatives(subject, catalog, limit=limit, avoid=avoid)
    if not found:
        return said
    return f"{said} Real ones that come close: {'; '.join(_named(relation) for relation in found)}."


def _named(relation: Relation) -> str:
    return f"{relation.name} ({relation.description})" if relation.description else relation.name


def _facts(relation: Relation, avoid: Avoid | None) -> str:
    kind = "view" if relation.kind == "view" else "table"
    text = f"{relation.name} is a {kind}"
    text += f" in module {relation.module}" if relation.module not in ("", "Other") else ""
    text += f": {relation.description}." if relation.description else "."
    if relation.base and not (avoid and avoid(relation.base)):
        text += f" Its base table is {relation.base}."
    if relation.key:
        text += f" Key columns: {', '.join(relation.key)}."
    elif relation.columns:
        text += f" Columns include {', '.join(column.name for column in relation.columns[:COLUMNS_NAMED])}."
    return text


def _columns(relation: Relation, *, types: bool = False) -> str:
    names = [
        f"{column.name} {column.type}" if types and column.type else column.name
        for column in relation.columns
    ]
    named = ", ".join(names[:COLUMNS_NAMED])
    some = len(names) > COLUMNS_NAMED or not relation.columns_complete
    return (
        f"{relation.name}{' (' + relation.description + ')' if relation.description else ''} has the columns {named}"
        + (" and others." if some else ".")
    )


@cache
def _stems(text: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in _WORDS.findall(text))


def _stem(word: str) -> str:
    lowered = word.lower()
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if lowered.endswith(ending) and len(lowered) > len(ending) + 2 and not lowered.endswith("ss"):
            return lowered[: -len(ending)] + instead
    return lowered
