"""What would be wrong with training on a pair."""

from __future__ import annotations

import re

from vgpt_probe.catalog import Catalog
from vgpt_probe.pairs.pair import Pair

_NAME = re.compile(r"\w+")
_INNER = re.compile(r"\w[A-Z_]\w*[a-z]|[a-z]\w*[A-Z]")


def problems(pair: Pair, catalog: Catalog) -> list[str]:
    """Name, in plain sentences, what training on this pair would teach wrongly; empty when nothing is found."""
    found: list[str] = []
    if not pair.prompt.strip():
        found.append("the prompt is empty")
    if not pair.chosen.strip():
        found.append("chosen is empty")
    if not pair.rejected.strip():
        found.append("rejected is empty")
    if pair.chosen.strip() and pair.chosen.strip() == pair.rejected.strip():
        found.append("chosen and rejected are the same")
    if pair.subject and pair.chosen.strip():
        found += _readings(pair, catalog)
    return found


def _strange_columns(pair: Pair, catalog: Catalog) -> list[str]:
    """Columns that the chosen answer claims in prose although no relation that it names has them.

    Only names that look like columns (a capital or an underscore inside) and are columns somewhere else count; a
    relation whose columns are not all known may have any.
    """
    words = list(dict.fromkeys(_NAME.findall(f"{pair.subject} {pair.chosen}")))
    relations = [relation for word in words if (relation := catalog.get(word))]
    if not relations or not all(relation.columns_complete for relation in relations):
        return []
    known = {column.name for relation in relations for column in relation.columns}
    strange = catalog.column_names - known - {pair.subject}
    return [word for word in words if word in strange and _INNER.search(word) and word not in catalog]


def _readings(pair: Pair, catalog: Catalog) -> list[str]:
    from vgpt_probe.grading import judge, read_answer

    real = pair.subject in catalog
    what = f"the real '{pair.subject}'" if real else f"the invented '{pair.subject}'"
    chosen = read_answer(pair.prompt, pair.chosen, pair.subject, catalog)
    rejected = read_answer(pair.prompt, pair.rejected, pair.subject, catalog)
    found: list[str] = []
    verdict = judge(chosen, real)
    if verdict == "false_rejection":
        found.append(f"chosen denies {what}")
    elif verdict == "false_acceptance":
        found.append(f"chosen accepts {what}")
    elif verdict == "contradiction":
        found.append(f"chosen contradicts itself on {what}")
    elif verdict == "unclear":
        found.append(f"chosen does not say whether {what} exists")
    for name in (*chosen.unknown_tables, *chosen.unknown_suggested):
        if name != pair.subject or real:
            found.append(f"chosen names '{name}', which is not in the catalog")
    found += [
        f"chosen names the column '{name}', which nothing that it speaks of has"
        for name in _strange_columns(pair, catalog)
    ]
    for name in chosen.unknown_columns:
        found.append(f"chosen uses the column '{name}', which the catalog does not know")
    if (
        verdict == "correct"
        and judge(rejected, real) == "correct"
        and pair.kind in ("acceptance", "rejection")
    ):
        found.append(f"rejected is right about {what} too")
    return list(dict.fromkeys(found))
