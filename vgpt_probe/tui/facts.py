"""What the catalog says of a subject, written for the screen."""

from __future__ import annotations

import textwrap

from textual.content import Content

from vgpt_probe.catalog import Catalog, Relation
from vgpt_probe.text import one_line

Part = tuple[str, str]

#: How many near misses are named.
NEAR = 5
#: The width of the labels on the left.
LABEL = 13


def facts(subject: str, catalog: Catalog, *, width: int, brief: bool) -> Content:
    """Describe a subject: kind, module, description, key, columns, near misses; ``brief`` names fewer, on fewer lines."""
    found = catalog.resolve(subject, limit=NEAR)
    lines: list[list[Part]] = []
    relation = found.relation
    if found.status == "real" and relation is not None:
        lines += _relation(relation, width, brief)
        near = [one for one in catalog.near(relation.name, limit=NEAR + 1) if one is not relation][:NEAR]
    else:
        what = f"There is no ‘{one_line(subject)}’ in {one_line(catalog.title)}."
        if found.status == "case" and relation is not None:
            what = (
                f"There is no ‘{one_line(subject)}’, but {one_line(relation.name)}: names are case-sensitive."
            )
        lines.append([(what, "bold")])
        near = list(found.candidates)
    if near:
        names = [one_line(one.name) if brief else _named(one) for one in near]
        lines.append(labelled("near misses", ", ".join(names), width))
    return Content("\n").join(Content.assemble(*line) for line in lines)


def full_facts(name: str, catalog: Catalog, *, width: int) -> Content:
    """Describe a relation in full: every column with its type, keys marked, near misses."""
    relation = catalog.get(name)
    if relation is None:
        return facts(name, catalog, width=width, brief=False)
    lines = _relation(relation, width, True)[:1]
    if relation.key:
        lines.append(labelled("key", one_line(", ".join(relation.key)), width))
    near = [one for one in catalog.near(relation.name, limit=NEAR + 1) if one is not relation][:NEAR]
    if near:
        lines.append(labelled("near misses", ", ".join(_named(one) for one in near), width))
    lines.append([])
    if not relation.columns:
        lines.append([("the schema names no columns", "$text-muted")])
        return Content("\n").join(Content.assemble(*line) for line in lines)
    longest = min(40, max(len(column.name) for column in relation.columns)) + 2
    for column in relation.columns:
        key = "key " if column.name in relation.key else "    "
        kind = one_line(column.type or "")
        null = {True: "", False: "  not null", None: ""}[column.nullable]
        lines.append(
            [
                (key, "$accent"),
                (one_line(column.name).ljust(longest), "bold" if key.strip() else ""),
                (kind + null, "$text-muted"),
            ]
        )
    if not relation.columns_complete:
        lines.append([("    and others that the schema does not show", "$text-muted")])
    return Content("\n").join(Content.assemble(*line) for line in lines)


def labelled(label: str, text: str, width: int) -> list[Part]:
    """A label and a text that wraps beside it, not under it."""
    lines = textwrap.wrap(text, max(20, width - LABEL), break_on_hyphens=False)
    return [(label.ljust(LABEL), "$text-muted"), (("\n" + " " * LABEL).join(lines), "")]


def _relation(relation: Relation, width: int, brief: bool) -> list[list[Part]]:
    head: list[Part] = [(one_line(relation.qualified), "bold"), (f"  {relation.kind}", "$text-muted")]
    if relation.module not in ("", "Other"):
        head.append((f"  module {one_line(relation.module)}", "$text-muted"))
    if relation.base:
        head.append((f"  over the base table {one_line(relation.base)}", "$text-muted"))
    if relation.description:
        head.append((f"  {one_line(relation.description)}", ""))
    lines = [head]
    if relation.key:
        lines.append(labelled("key", one_line(", ".join(relation.key)), width))
    if relation.columns:
        named = _as_fit([one_line(column.name) for column in relation.columns], width, 1 if brief else 4)
        lines.append(
            labelled("columns", named + ("" if relation.columns_complete else " (not all are known)"), width)
        )
    return lines


def _as_fit(names: list[str], width: int, lines: int) -> str:
    """As many names as fit on so many lines, and how many are left."""
    room = lines * (width - LABEL) - 16
    for shown in range(len(names), 0, -1):
        text = ", ".join(names[:shown])
        if len(text) <= room or shown == 1:
            left = len(names) - shown
            return f"{text} and {left} more" if left else text
    return ""


def _named(relation: Relation) -> str:
    text = one_line(relation.name)
    return f"{text} ({one_line(relation.description)})" if relation.description else text
