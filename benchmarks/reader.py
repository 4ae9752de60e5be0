"""Answers read per second on one core: `python benchmarks/reader.py [ANSWERS]`.

The answers are made up on the spot in the mould of what a model says: denials, descriptions, column lists, SQL. Names
and numbers differ in each, so that what is measured is reading and not remembering; `cold` is the first pass over
them, `again` a second one, as when a stored run is graded again in one process.
"""

# Patterns and tables read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import random
import sys
import time

from vgpt_probe.catalog.model import Catalog, Column, Relation
from vgpt_probe.grading import read_answer

MOULDS = [
    "The table '{s}' does not exist in Viewpoint Vista. The correct table is {o} ({d}).",
    "There is no '{s}' table in Viewpoint Vista. The correct table is {o} ({d}).\n\n```sql\nSELECT *\nFROM {o} WITH (NOLOCK)\nWHERE {c} = {n}\n```",
    "The {s} table contains {d}. Key columns: {c}, {k}.",
    "{s} ({d}) holds one row per record. It has the columns {c}, {k} and joins to {o} on {c}.",
    "```sql\nSELECT {c}, {k}\nFROM {s} WITH (NOLOCK)\nWHERE {c} = {n}\n```\n\nUsing NOLOCK avoids blocking.",
    "```sql\nSELECT {s}.{c}, {o}.{k}\nFROM {s} WITH (NOLOCK)\nINNER JOIN {o} WITH (NOLOCK)\n  ON {s}.{c} = {o}.{c}\nWHERE {s}.{c} = {n}\n```",
    "Yes, {s} exists in Viewpoint Vista. It is a view on b{s}.",
    "I could not find a table named {s}. You may be looking for:\n- {o} ({d})\n- {p}",
    "The column 'Amount{n}' does not exist in {s}. Use {k} instead.",
    "{s} has the following columns:\n- {c}: company\n- {k}: sequence {n}\n- Description\n- Notes",
]


def make(count: int) -> tuple[Catalog, list[tuple[str, str, str]]]:
    """A catalog of 4,000 relations and (question, answer, subject) triples."""
    rng = random.Random(1)
    names = sorted({"".join(rng.choice("ABCDEFGHIJKLMNOPRSTUVWXZ") for _ in range(4)) for _ in range(4_400)})[
        :4_000
    ]
    relations = [
        Relation(
            name,
            kind="view",
            columns=tuple(Column(f"{name[:2]}{tail}") for tail in ("Co", "Seq", "Desc")),
            key=(f"{name[:2]}Co", f"{name[:2]}Seq"),
        )
        for name in names
    ]
    answers = []
    for i in range(count):
        s, o, p = rng.sample(names, 3)
        mould = MOULDS[i % len(MOULDS)]
        filled = mould.format(
            s=s,
            o=o,
            p=p,
            c=f"{s[:2]}Co",
            k=f"{s[:2]}Seq",
            d=f"{o.title()} records of year {rng.randint(1, 9999)}",
            n=rng.randint(1, 9999),
        )
        answers.append((f"Describe the {s} table structure", filled, s))
    return Catalog(relations), answers


def main() -> None:
    """Prints answers per second for two passes."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    catalog, answers = make(count)
    for question, answer, subject in make(100)[1]:
        read_answer(question, answer, subject, None)
    for label in ("cold", "again"):
        start = time.process_time()
        for question, answer, subject in answers:
            read_answer(question, answer, subject, catalog)
        spent = time.process_time() - start
        print(
            f"{label}: {count / spent:,.0f} answers/s ({1e6 * spent / count:.0f} µs each, {count} answers, one core)"
        )


if __name__ == "__main__":
    main()
