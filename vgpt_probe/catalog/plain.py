"""Reading the plain statements that scripts consist of, without a parser.

A schema of 20,000 tables is nearly all plain column lists. These are read here by a few regular expressions, many
times faster than by a parser; whatever is not plain is left to sqlglot (``ddl``), and a test holds the two equal.
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from vgpt_probe.catalog.model import Column, ForeignKey

NAME = r'(?:\[(?:[^\]\n]|\]\])+\]|"(?:[^"\n]|"")+"|`[^`\n]+`|[^\W\d][\w$]*)'
QUALIFIED = rf"{NAME}(?:\s*\.\s*{NAME}){{0,2}}"
#: A string ends at a quote that is not doubled: were it free to end at half of a pair, failing would take forever.
STRING = r"N?'(?:[^']|'')*'(?!')"


def nested(depth: int) -> str:
    """A pattern for text in parentheses that holds at most ``depth`` more levels of them."""
    inner = rf"(?:[^()']|'(?:[^']|'')*'(?!'){'|' + nested(depth - 1) if depth else ''})*"
    return rf"\({inner}\)"


#: Blanks and comments. A comment ends at its first end, and not before: were it free, failing would take forever.
_SKIP = r"\s*(?:(?:--[^\n]*(?![^\n])|/\*(?:[^*]|\*(?!/))*\*/)\s*)*"
_LIST = rf"\(\s*{NAME}(?:\s+(?:ASC|DESC))?(?:\s*,\s*{NAME}(?:\s+(?:ASC|DESC))?)*\s*\)"
_ACTIONS = r"(?:\s+ON\s+(?:DELETE|UPDATE)\s+(?:CASCADE|RESTRICT|NO\s+ACTION|SET\s+NULL|SET\s+DEFAULT))*"
_TABLE = re.compile(
    rf"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>{QUALIFIED})\s*(?P<opens>\(|\Z)", re.IGNORECASE
)
_COLUMN = re.compile(
    rf"""
    {_SKIP}(?P<name>{NAME})
    (?: (?:\s+|(?<=[]"`]))(?P<type>{NAME}(?:\.{NAME})?)(?P<size>\s*\(\s*(?:max|\d+)\s*(?:,\s*\d+\s*)?\))?
      | \s+(?P<computed>AS)\s*{nested(4)}(?:\s+PERSISTED)?
    )
    (?: {_SKIP}(?:
        (?P<required>NOT\s+NULL)\b | (?P<optional>NULL)\b
        | (?P<key>PRIMARY\s+KEY)(?:\s+(?:NON)?CLUSTERED)?\b
        | IDENTITY(?:\s*\(\s*-?\d+\s*,\s*-?\d+\s*\))? | NOT\s+FOR\s+REPLICATION | ROWGUIDCOL | SPARSE
        | AUTO_INCREMENT | COLLATE\s+\w+ | HIDDEN | MASKED\s+WITH\s*{nested(2)}
        | GENERATED\s+ALWAYS\s+AS\s+ROW\s+(?:START|END)
        | (?:CONSTRAINT\s+{NAME}\s+)?DEFAULT\s*(?:{nested(3)}|{STRING}|-?\d+(?:\.\d+)?|NULL\b)
    ))*
    {_SKIP}(?P<end>[,)])
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CONSTRAINT = re.compile(
    rf"""
    {_SKIP}(?:CONSTRAINT\s+{NAME}\s+)?
    (?: PRIMARY\s+KEY(?:\s+(?:NON)?CLUSTERED)?\s*(?P<key>{_LIST})
      | UNIQUE(?:\s+(?:NON)?CLUSTERED)?\s*{_LIST}
      | PERIOD\s+FOR\s+SYSTEM_TIME\s*{_LIST}
      | CHECK\s*(?:NOT\s+FOR\s+REPLICATION\s*)?{nested(5)}
      | FOREIGN\s+KEY\s*(?P<columns>{_LIST})\s*REFERENCES\s+(?P<table>{QUALIFIED})\s*(?P<to>{_LIST})?{_ACTIONS}
    )
    (?:\s*WITH\s*{nested(1)})?(?:\s*ON\s+{NAME})?
    {_SKIP}(?P<end>[,)])
    """,
    re.IGNORECASE | re.VERBOSE,
)
#: Words that begin an element of a column list that is no column.
NO_COLUMN = re.compile(
    r"(?:CONSTRAINT|PRIMARY|UNIQUE|FOREIGN|CHECK|KEY|INDEX|FULLTEXT|SPATIAL|EXCLUDE|LIKE|PERIOD)\Z",
    re.IGNORECASE,
)
#: Words that stand where a type stands when a column has none.
_NO_TYPE = re.compile(
    r"(?:AS|NOT|NULL|PRIMARY|UNIQUE|DEFAULT|CHECK|COLLATE|REFERENCES|CONSTRAINT|GENERATED)\Z", re.IGNORECASE
)
_VIEW = re.compile(
    rf"CREATE\s+(?:OR\s+(?:ALTER|REPLACE)\s+)?VIEW\s+(?P<name>{QUALIFIED})\s+(?:WITH\s+SCHEMABINDING\s+)?AS\s+"
    rf"SELECT\s+(?:(?P<star>{NAME})\s*\.\s*)?\*\s+FROM\s+(?P<base>{QUALIFIED})(?:\s+(?:AS\s+)?(?P<alias>{NAME}))?"
    rf"(?:\s+WITH\s*\(\s*NOLOCK\s*\))?\s*;?\s*\Z",
    re.IGNORECASE,
)
_PART = re.compile(NAME)


class PlainTable(msgspec.Struct, frozen=True):
    """A plain CREATE TABLE: its name in parts, its columns, its key and foreign keys."""

    name: tuple[str, ...]
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    references: tuple[ForeignKey, ...]


def read_table(statement: str, dialect: str) -> PlainTable | None:
    """Read a CREATE TABLE that is plain; None when it is not."""
    head = _TABLE.match(statement)
    if head is None:
        return None
    columns: list[Column] = []
    key: tuple[str, ...] = ()
    references: list[ForeignKey] = []
    # A table that is known by name only: CREATE TABLE [APTH];
    position, end = head.end(), "," if head["opens"] else ""
    while end == ",":
        found = _COLUMN.match(statement, position)
        name, kind, size = (found["name"], found["type"], found["size"]) if found else ("", None, None)
        if found and not NO_COLUMN.match(name):
            if kind and _NO_TYPE.match(kind):
                return None
            name = unquoted(name)
            if found["key"]:
                key = (*key, name)
            required = found["required"] or found["key"]
            nullable = False if required else True if found["optional"] else None
            columns.append(
                Column(name, normal_type(kind + (size or ""), dialect) if kind else None, nullable)
            )
        else:
            found = _CONSTRAINT.match(statement, position)
            if found is None:
                return None
            if found["key"]:
                key = names_in(found["key"])
            elif found["table"]:
                references.append(foreign_key(found["columns"], found["table"], found["to"]))
        position, end = found.end(), found["end"]
    return PlainTable(parts_of(head["name"]), tuple(columns), key, tuple(references))


def read_view(statement: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Read a CREATE VIEW that shows one table whole: the view's name and the table's, in parts; else None."""
    found = _VIEW.match(statement)
    if found is None:
        return None
    base, star, alias = parts_of(found["base"]), found["star"], found["alias"]
    if alias and alias.upper() in (
        "WHERE",
        "JOIN",
        "INNER",
        "LEFT",
        "CROSS",
        "GROUP",
        "ORDER",
        "UNION",
        "WITH",
    ):
        return None
    if star and unquoted(star).lower() not in (base[-1].lower(), unquoted(alias or "").lower()):
        return None
    return parts_of(found["name"]), base


def foreign_key(columns: str, table: str, to: str | None) -> ForeignKey:
    """A foreign key from the texts of its parts; the schema stays out where the script gives none."""
    return ForeignKey(names_in(columns), ".".join(parts_of(table)[-2:]), names_in(to) if to else ())


def names_in(text: str) -> tuple[str, ...]:
    """The column names of a list in parentheses, without ASC and DESC."""
    return tuple(unquoted(part) for part in _PART.findall(text) if part.upper() not in ("ASC", "DESC"))


def parts_of(qualified: str) -> tuple[str, ...]:
    """The parts of a name: ``[dbo].[APTH]`` gives ``("dbo", "APTH")``."""
    return tuple(unquoted(part) for part in _PART.findall(qualified))


def unquoted(name: str) -> str:
    """A name without its brackets or quotes."""
    first = name[:1]
    if first == "[":
        return name[1:-1].replace("]]", "]")
    if first in ('"', "`"):
        return name[1:-1].replace(first * 2, first)
    return name


@lru_cache(maxsize=4096)
def normal_type(text: str, dialect: str) -> str | None:
    """Write a type as the dialect does, so that schemas from different sources compare: ``int`` gives INTEGER.

    A type that sqlglot does not know stays as it is; ``sql_variant`` stands for an unknown one and gives None.
    """
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    plain = re.sub(r"\[([^\]]+)\]", r"\1", text).strip()
    if not plain or plain.lower().startswith("sql_variant"):
        return None
    try:
        return exp.DataType.build(plain, dialect=dialect, udt=True).sql(dialect=dialect)
    except (SqlglotError, ValueError, AttributeError):
        return plain
