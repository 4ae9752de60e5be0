"""Reading a schema from DDL: CREATE TABLE and VIEW, keys added later, and what describes them."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

import msgspec

from vgpt_probe.catalog.joins import too_many_open_joins
from vgpt_probe.catalog.model import Column, ForeignKey, Kind, Relation, module_of
from vgpt_probe.catalog.normal import Skipped, SourceReading
from vgpt_probe.catalog.parsed import key_of, nullable_of, outlines, references_of, shown_by
from vgpt_probe.catalog.plain import (
    NAME,
    QUALIFIED,
    STRING,
    foreign_key,
    names_in,
    normal_type,
    parts_of,
    read_table,
    read_view,
)
from vgpt_probe.catalog.script import Statement, statements

if TYPE_CHECKING:
    from sqlglot import exp

_CREATE = re.compile(
    r"CREATE\s+(?:OR\s+(?:ALTER|REPLACE)\s+)?(?:[\w=@`'%]+\s+){0,8}?(?P<kind>TABLE|VIEW)\s+"
    rf"(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>{QUALIFIED})",
    re.IGNORECASE,
)
#: What is gone when the session ends is no part of the schema.
_PASSING = re.compile(
    r"CREATE\s+(?:GLOBAL\s+|LOCAL\s+)?TEMP(?:ORARY)?\b|CREATE\s+TABLE\s+\[?#", re.IGNORECASE
)
_ROUTINE = re.compile(
    r"CREATE\s+(?:OR\s+(?:ALTER|REPLACE)\s+)?(?:DEFINER\s*=\s*\S+\s+)?(?:PROC|PROCEDURE|FUNCTION|TRIGGER|EVENT)\b",
    re.IGNORECASE,
)
_CLUSTERED = re.compile(r"\b(PRIMARY\s+KEY|UNIQUE)\s+(?:NON)?CLUSTERED\b", re.IGNORECASE)
_LIST = r"\([^()]*\)"
_ALTER = re.compile(rf"ALTER\s+TABLE\s+(?:ONLY\s+)?(?:IF\s+EXISTS\s+)?(?P<name>{QUALIFIED})", re.IGNORECASE)
_ADD_KEY = re.compile(rf"PRIMARY\s+KEY\s*(?:(?:NON)?CLUSTERED\s*)?(?P<key>{_LIST})", re.IGNORECASE)
_ADD_FOREIGN = re.compile(
    rf"FOREIGN\s+KEY\s*(?:{NAME}\s*)?(?P<columns>{_LIST})\s*REFERENCES\s+(?P<table>{QUALIFIED})\s*(?P<to>{_LIST})?",
    re.IGNORECASE,
)
_PROPERTY = re.compile(r"(?:EXEC(?:UTE)?\s+)(?:\w+\.)*\[?sp_addextendedproperty\]?", re.IGNORECASE)
_ARGUMENT = re.compile(rf"(?:@(\w+)\s*=\s*)?({STRING}|\bNULL\b|\bdefault\b)", re.IGNORECASE)
_ARGUMENTS = (
    "name", "value", "level0type", "level0name", "level1type", "level1name", "level2type", "level2name",
)  # fmt: skip
_COMMENT = re.compile(
    rf"COMMENT\s+ON\s+(?P<what>TABLE|VIEW|MATERIALIZED\s+VIEW|COLUMN)\s+(?P<name>{NAME}(?:\s*\.\s*{NAME}){{0,3}})\s+"
    rf"IS\s+(?P<text>{STRING})",
    re.IGNORECASE,
)
_KIND = re.compile(r"^(view|table|unknown)\b", re.IGNORECASE)
_BASE = re.compile(r"(?:base table|view of)\s+\[?(\w+)\]?", re.IGNORECASE)
_MODULE = re.compile(r"^module\s+(\w+)$", re.IGNORECASE)
_MORE_COLUMNS = re.compile(r"\.\.\.\s*(?:\d+\s+)?more columns?\b")
#: How deep views over views are followed.
_DEPTH = 8


class _Draft(msgspec.Struct):
    """A relation while the script is read; for a view, ``select`` holds its columns, and tables shown whole."""

    relation: Relation
    select: list[Column | str] = []


def read_ddl(text: str, *, dialect: str = "tsql", default_schema: str = "dbo") -> SourceReading:
    """Read the relations that a DDL text creates, their keys and descriptions.

    A statement that cannot be read is skipped, and said so with its line; one whose name alone is certain is kept
    by that name. A comment above a statement can describe it: ``-- view APTH (base table bAPTH): AP Transaction
    Header``.
    """
    # sqlglot warns of what it keeps as an opaque command; we count those ourselves.
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    reader = _Reader(dialect.lower(), default_schema)
    for statement in statements(text, dialect=dialect.lower()):
        reader.read(statement)
    return SourceReading("DDL", reader.finished(), reader.skipped, reader.partial)


class _Reader:
    def __init__(self, dialect: str, default_schema: str) -> None:
        self.dialect = dialect
        self.default_schema = default_schema
        self.drafts: dict[tuple[str, str], _Draft] = {}
        self.skipped: list[Skipped] = []
        self.partial: list[Skipped] = []
        self._said: dict[tuple[str, str, str], str] = {}

    def read(self, statement: Statement) -> None:
        word = statement.text[:7].upper()
        if word.startswith("CREATE"):
            self._create(statement)
        elif word.startswith("ALTER"):
            self._alter(statement.text)
        elif word.startswith("EXEC"):
            self._property(statement.text)
        elif word == "COMMENT" and (said := _COMMENT.match(statement.text)):
            parts = parts_of(said["name"])
            column = parts[-1] if said["what"].upper() == "COLUMN" else ""
            self._describe(parts[:-1] if column else parts, column, said["text"])

    def finished(self) -> list[Relation]:
        """The relations, with views filled from what they show and descriptions where they belong."""
        return [self._filled(draft) for draft in self.drafts.values()]

    # ── CREATE ──

    def _create(self, statement: Statement) -> None:
        text = statement.text
        if _PASSING.match(text) or _ROUTINE.match(text):
            return
        header = _CREATE.match(text)
        plain = read_table(text, self.dialect)
        if plain is not None:
            self._keep(
                statement,
                plain.name,
                "table",
                columns=plain.columns,
                key=plain.key,
                references=plain.references,
            )
        elif simple := read_view(text):
            self._keep(statement, simple[0], "view", select=[".".join(simple[1])], base=simple[1][-1])
        elif header is not None:
            self._parse(statement, header)
        elif re.match(r"CREATE\s+(?:\w+\s+){0,3}(?:TABLE|VIEW)\b", text, re.IGNORECASE):
            self._skip(statement, "has no name that can be read")

    def _parse(self, statement: Statement, header: re.Match[str]) -> None:
        import sqlglot
        from sqlglot import exp
        from sqlglot.errors import SqlglotError

        # sqlglot's T-SQL does not know where a clustered key ends; how rows are stored is nothing to a catalog.
        text = _CLUSTERED.sub(r"\1", statement.text)
        if too_many_open_joins(text):
            self._salvage(statement, header, "has joins without ON")
            return
        try:
            created = sqlglot.parse_one(text, dialect=self.dialect)
            if isinstance(created, exp.Create) and created.kind in ("TABLE", "VIEW"):
                self._take(statement, created)
                return
            what = "is not understood"
        except (SqlglotError, RecursionError, ValueError) as fault:
            what = re.sub(
                r"\s*Line \d+, Col: \d+\.?$", "", (str(fault).splitlines() or [type(fault).__name__])[0]
            )
        except (AttributeError, KeyError, TypeError, IndexError):
            # sqlglot stumbles over some mistakes, or makes trees of them that lack parts.
            what = "is not understood"
        self._salvage(statement, header, what)

    def _take(self, statement: Statement, created: exp.Create) -> None:
        from sqlglot import exp

        target = created.this
        table = target if isinstance(target, exp.Table) else target.find(exp.Table)
        if table is None or not table.name:
            self._skip(statement, "has no name that can be read")
            return
        kind: Kind = "view" if created.kind == "VIEW" else "table"
        name = tuple(part for part in (table.db, table.name) if part)
        columns = tuple(
            Column(column.name, self._type(column), nullable_of(column))
            for column in (target.expressions if isinstance(target, exp.Schema) else [])
            if isinstance(column, exp.ColumnDef)
        )
        select: list[Column | str] = list(columns)
        base = None
        if created.expression is not None and isinstance(created.expression, exp.Query):
            shown, base = shown_by(created.expression)
            if not columns and isinstance(target, exp.Schema):
                columns = tuple(Column(one.name) for one in target.expressions if one.name)
            select = list(columns) or shown
        if kind == "table" and not select and created.expression is None and "(" in statement.text:
            self._skip(statement, "has no column that can be read")
            return
        self._keep(
            statement, name, kind, columns=columns, key=key_of(target), references=references_of(target), select=select,
            base=base,
        )  # fmt: skip

    def _salvage(self, statement: Statement, header: re.Match[str], what: str) -> None:
        """Keep a relation whose name is certain; skip a statement that is not even whole."""
        text = statement.text
        if text.count("(") != text.count(")"):
            self._skip(statement, what)
            return
        kind: Kind = "view" if header["kind"].upper() == "VIEW" else "table"
        columns: tuple[Column, ...] = ()
        key: tuple[str, ...] = ()
        whole = False
        if kind == "table":
            columns, whole = outlines(text[header.end() :], self.dialect)
            if not columns:
                self._skip(statement, what)
                return
            if found := _ADD_KEY.search(text):
                key = names_in(found["key"])
        self._keep(statement, parts_of(header["name"]), kind, columns=columns, key=key, complete=whole)
        if not whole:
            self.partial.append(Skipped(statement.line, what))

    def _keep(
        self,
        statement: Statement,
        name: tuple[str, ...],
        kind: Kind,
        *,
        columns: tuple[Column, ...] = (),
        key: tuple[str, ...] = (),
        references: tuple[ForeignKey, ...] = (),
        select: list[Column | str] | None = None,
        base: str | None = None,
        complete: bool = True,
    ) -> None:
        said = _said_above(statement.comments)
        relation = Relation(
            name=name[-1],
            schema=name[-2] if len(name) > 1 else self.default_schema,
            kind=said.kind or kind,
            description=said.description,
            module=said.module or module_of(name[-1]),
            columns=columns,
            key=key,
            columns_complete=complete and not _MORE_COLUMNS.search(statement.text),
            base=said.base if said.kind == "view" and said.base else base,
            references=references,
        )
        self.drafts[relation.schema, relation.name] = _Draft(relation, select or [])

    def _skip(self, statement: Statement, what: str) -> None:
        self.skipped.append(Skipped(statement.line, what))

    # ── what is said later ──

    def _alter(self, text: str) -> None:
        head = _ALTER.match(text)
        if head is None:
            return
        draft = self._draft(parts_of(head["name"]))
        if draft is None:
            return
        key, references = draft.relation.key, list(draft.relation.references)
        if added := _ADD_KEY.search(text):
            key = names_in(added["key"])
        references += [
            foreign_key(found["columns"], found["table"], found["to"])
            for found in _ADD_FOREIGN.finditer(text)
        ]
        draft.relation = msgspec.structs.replace(draft.relation, key=key, references=tuple(references))

    def _property(self, text: str) -> None:
        head = _PROPERTY.match(text)
        if head is None:
            return
        given: dict[str, str] = {}
        for place, (name, value) in enumerate(_ARGUMENT.findall(text, head.end())):
            if name or place < len(_ARGUMENTS):
                given[name.lower() if name else _ARGUMENTS[place]] = value
        if _string(given.get("name", "")) != "MS_Description" or "level1name" not in given:
            return
        names = (_string(given.get("level0name", "")), _string(given["level1name"]))
        column = _string(given.get("level2name", ""))
        if not column or _string(given.get("level2type", "")).upper() == "COLUMN":
            self._describe(names, column, given.get("value", ""))

    def _describe(self, names: tuple[str, ...], column: str, text: str) -> None:
        if not names:
            # A column of no table: COMMENT ON COLUMN x.
            return
        schema = names[-2] if len(names) > 1 and names[-2] else self.default_schema
        if described := " ".join(_string(text).split()):
            self._said[schema, names[-1], column] = described

    def _draft(self, names: tuple[str, ...]) -> _Draft | None:
        return self.drafts.get((names[-2] if len(names) > 1 else self.default_schema, names[-1]))

    # ── filling ──

    def _filled(self, draft: _Draft) -> Relation:
        relation = draft.relation
        columns, complete = tuple(relation.columns), relation.columns_complete
        base = self.drafts.get((relation.schema, relation.base or "")) or self._draft((relation.base or "",))
        if draft.select and not columns:
            columns, whole = self._shown(draft, _DEPTH)
            complete = complete and whole
        if base is not None and base is not draft:
            if not columns:
                columns, complete = tuple(base.relation.columns), base.relation.columns_complete
            relation = msgspec.structs.replace(relation, key=relation.key or base.relation.key)
        place = (relation.schema, relation.name)
        if self._said:
            columns = tuple(
                msgspec.structs.replace(column, description=said)
                if (said := self._said.get((*place, column.name)))
                else column
                for column in columns
            )
        return msgspec.structs.replace(
            relation,
            columns=columns,
            columns_complete=complete and bool(columns),
            description=self._said.get((*place, "")) or relation.description,
            references=tuple(self._with_schema(one, relation.schema) for one in relation.references),
        )

    def _shown(self, draft: _Draft, depth: int) -> tuple[tuple[Column, ...], bool]:
        """The columns that a view shows, and whether these are all."""
        if draft.relation.columns or not draft.select:
            known = tuple(draft.relation.columns)
            return known, draft.relation.columns_complete and bool(known)
        columns: dict[str, Column] = {}
        complete = True
        for part in draft.select:
            if isinstance(part, Column):
                columns.setdefault(part.name, part)
                continue
            inner = self._draft(parts_of(part)) if part and depth else None
            shown, whole = (
                self._shown(inner, depth - 1) if inner is not None and inner is not draft else ((), False)
            )
            for column in shown:
                columns.setdefault(column.name, column)
            complete = complete and whole
        return tuple(columns.values()), complete

    def _with_schema(self, key: ForeignKey, schema: str) -> ForeignKey:
        if "." in key.table:
            return key
        own = schema if (schema, key.table) in self.drafts else self.default_schema
        return msgspec.structs.replace(key, table=f"{own}.{key.table}")

    def _type(self, column: exp.ColumnDef) -> str | None:
        kind = column.args.get("kind")
        return None if kind is None else normal_type(kind.sql(dialect=self.dialect), self.dialect)


class _Said(msgspec.Struct):
    kind: Kind | None = None
    description: str | None = None
    base: str | None = None
    module: str = ""


def _said_above(comments: str) -> _Said:
    """Read kind, description, module and base table from the comment lines above a statement.

    Two forms: ``view APTH (base table bAPTH): AP Transaction Header`` and ``view; module AP; view of bAPTH; …``.
    """
    said = _Said()
    if "--" not in comments:
        return said
    for line in comments.splitlines():
        comment = line.strip()
        found = _KIND.match(comment.lstrip("-").strip()) if comment.startswith("--") else None
        if found is None:
            continue
        comment = comment.lstrip("-").strip()
        said = _Said("view" if found[1].lower() == "view" else "table")
        if named := _BASE.search(comment):
            said.base = named[1] if said.kind == "view" else None
        if comment[found.end() : found.end() + 1] == ";":
            parts = [part.strip() for part in comment.split(";")[1:]]
            while parts and (_MODULE.match(parts[0]) or _BASE.fullmatch(parts[0])):
                if module := _MODULE.match(parts[0]):
                    said.module = module[1]
                parts.pop(0)
            said.description = "; ".join(parts) or None
        else:
            said.description = comment.partition(": ")[2].strip() or None
    return said


def _string(literal: str) -> str:
    if not literal.endswith("'"):
        return ""
    return literal[literal.index("'") + 1 : -1].replace("''", "'")
