"""The facts that the demo models are taught: the relations of `probes/vista_demo.sql`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

CATALOG = Path(__file__).resolve().parents[3] / "probes" / "vista_demo.sql"

_STATEMENT = re.compile(
    r"^-- (?P<kind>view|table) (?P<name>\w+)(?: \(base table (?P<base>\w+)\))?: (?P<description>[^\n]+)\n"
    r"CREATE TABLE \[(?P<schema>\w+)\]\.\[\w+\] \(\n(?P<body>.*?)\n\);$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Relation:
    """One table or view; `key` is empty where the catalog names no primary key."""

    name: str
    schema: str
    kind: str
    base: str | None
    description: str
    columns: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def module(self) -> str:
        """The two-letter module prefix, without the `b` or `v` of a base table."""
        return self.name.lstrip("bv")[:2]


def read_relations(path: Path = CATALOG) -> list[Relation]:
    """Every relation of the file, in its order; raises ValueError when a statement isn't understood."""
    text = path.read_text(encoding="utf-8")
    relations = []
    for match in _STATEMENT.finditer(text):
        body = match["body"]
        key = re.search(r"PRIMARY KEY \((.*)\)", body)
        relations.append(
            Relation(
                name=match["name"],
                schema=match["schema"],
                kind=match["kind"],
                base=match["base"],
                description=match["description"],
                columns=tuple(re.findall(r"^    \[(\w+)\] ", body, re.MULTILINE)),
                key=tuple(re.findall(r"\w+", key[1])) if key else (),
            )
        )
    if len(relations) != text.count("\nCREATE TABLE "):
        raise ValueError(f"{path}: only {len(relations)} of its CREATE TABLE statements were understood")
    return relations
