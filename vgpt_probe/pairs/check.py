"""What would be wrong with training on a pair."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from vgpt_probe.catalog import Catalog, is_real
from vgpt_probe.pairs.pair import DENYING, STYLE, Pair

if TYPE_CHECKING:
    from vgpt_probe.grading import Phrases, Reading, StyleRules

_NAME = re.compile(r"\w+")
_LIST = re.compile(r"\w+(?:, (?:and )?\w+)+")
_INNER = re.compile(r"\w[A-Z_]\w*[a-z]|[a-z]\w*[A-Z]")


def problems(
    pair: Pair, catalog: Catalog, *, phrases: Phrases | None = None, rules: StyleRules | None = None
) -> list[str]:
    """Name, in plain sentences, what training on this pair would teach wrongly; empty when nothing is found.

    A pair that names no subject is read for each subject of its question.
    """
    found: list[str] = []
    if not pair.prompt.strip():
        found.append("the prompt is empty")
    if not pair.chosen.strip():
        found.append("chosen is empty")
    if not pair.rejected.strip():
        found.append("rejected is empty")
    if pair.chosen.strip() and pair.chosen.strip() == pair.rejected.strip():
        found.append("chosen and rejected are the same")
    if found:
        return found
    return list(dict.fromkeys(_readings(pair, catalog, phrases, rules)))


def _readings(pair: Pair, catalog: Catalog, phrases: Phrases | None, rules: StyleRules | None) -> list[str]:
    from vgpt_probe.grading import find_subjects, read_answer

    subjects = [pair.subject] if pair.subject else [one.name for one in find_subjects(pair.prompt, catalog)]
    found: list[str] = []
    for subject in subjects or [""]:
        chosen, rejected = (
            read_answer(pair.prompt, text, subject, catalog, phrases=phrases, rules=rules)
            for text in (pair.chosen, pair.rejected)
        )
        real = is_real(subject, catalog) if subject else None
        if real is not None:
            found += _stances(pair, subject, real, chosen, rejected)
        found += _claims(chosen, subject, bool(real))
        if pair.kind in STYLE:
            found += _styles(chosen, rejected)
    found += _strange(pair, catalog)
    return found


def _stances(pair: Pair, subject: str, real: bool, chosen: Reading, rejected: Reading) -> list[str]:
    from vgpt_probe.grading import judge

    what = f"the real '{subject}'" if real else f"the invented '{subject}'"
    verdict = judge(chosen, real)
    said = {
        "false_rejection": f"chosen denies {what}",
        "false_acceptance": f"chosen accepts {what}",
        "contradiction": f"chosen contradicts itself on {what}",
    }
    if pair.subject:
        said["unclear"] = f"chosen does not say whether {what} exists"
    found = [said[verdict]] if verdict in said else []
    if (
        verdict == "correct"
        and judge(rejected, real) == "correct"
        and (pair.kind == "acceptance" or pair.kind in DENYING)
    ):
        found.append(f"rejected is right about {what} too")
    return found


def _claims(chosen: Reading, subject: str, real: bool) -> list[str]:
    found = [
        f"chosen names '{name}', which is not in the catalog"
        for name in (*chosen.unknown_tables, *chosen.unknown_suggested)
        if name != subject or real
    ]
    return found + [
        f"chosen uses the column '{name}', which the catalog does not know" for name in chosen.unknown_columns
    ]


def _styles(chosen: Reading, rejected: Reading) -> list[str]:
    if not chosen.sql_tables:
        return ["chosen writes no SQL, so it teaches no style"]
    breaks, others = ({one.rule for one in reading.style} for reading in (chosen, rejected))
    if worse := breaks - others:
        return [f"chosen breaks the house rule '{rule}', which rejected keeps" for rule in sorted(worse)]
    if breaks == others and chosen.sql_tables == rejected.sql_tables:
        return ["chosen is no better than rejected by any house rule"]
    return []


def _strange(pair: Pair, catalog: Catalog) -> list[str]:
    """Columns and descriptions that the chosen answer claims although no relation that it names has them.

    Only names that look like columns (a capital or an underscore inside) and are columns somewhere else count; a
    relation whose columns are not all known may have any.
    """
    words = list(dict.fromkeys(_NAME.findall(f"{pair.subject} {pair.prompt} {pair.chosen}")))
    relations = [relation for word in words if (relation := catalog.get(word))]
    if not relations:
        return []
    found = []
    text = pair.chosen
    for relation in sorted(relations, key=lambda one: -len(one.description or "")):
        if relation.description:
            text = text.replace(relation.description, "")
    for description, name in _descriptions(catalog).items():
        if description in text:
            found.append(
                f"chosen says '{description}', which describes {name}, of a relation that is not {name}"
            )
            break
    if all(relation.columns_complete for relation in relations):
        known = {column.name for relation in relations for column in relation.columns}
        types = {
            word for relation in relations for column in relation.columns for word in _NAME.findall(column.type or "")
        }
        strange = catalog.column_names - known - {pair.subject}
        found += [
            f"chosen names the column '{word}', which nothing that it speaks of has"
            for word in dict.fromkeys(_NAME.findall(pair.chosen))
            if word in strange and _INNER.search(word) and word not in catalog
        ]
        found += [
            f"chosen names the column '{word}', which the catalog does not know"
            for listed in _LIST.findall(pair.chosen)
            if known & (named := set(_NAME.findall(listed)))
            for word in sorted(named - catalog.column_names - types - {pair.subject})
            if _INNER.search(word) and word not in catalog
        ]
    return found


_DESCRIPTIONS: WeakKeyDictionary[Catalog, dict[str, str]] = WeakKeyDictionary()


def _descriptions(catalog: Catalog) -> dict[str, str]:
    """Descriptions of three words and more, which nobody writes by chance, and whose they are."""
    known = _DESCRIPTIONS.get(catalog)
    if known is None:
        known = {
            relation.description: relation.name
            for relation in catalog.relations
            if relation.description and len(relation.description.split()) >= 3
        }
        _DESCRIPTIONS[catalog] = known
    return known
