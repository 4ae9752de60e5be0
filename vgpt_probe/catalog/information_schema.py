"""Reading exports of INFORMATION_SCHEMA (CSV, TSV, JSON) as databases and their tools write them, and dbt's files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from vgpt_probe.catalog.model import Column, ForeignKey, Kind, Relation, module_of
from vgpt_probe.catalog.normal import FORMAT, Skipped, SourceReading, from_json
from vgpt_probe.catalog.plain import normal_type
from vgpt_probe.errors import CatalogError, at
from vgpt_probe.files import parse_json

#: Our word for what a heading means → the headings that say it, as letters only (``TABLE_NAME`` is ``tablename``):
#: SQL Server, PostgreSQL and MySQL (INFORMATION_SCHEMA), dbt (its catalog query), and queries over ``sys``.
_HEADINGS = {
    "schema": ("tableschema", "schemaname", "schema", "owner", "tableowner"),
    "table": ("tablename", "relationname", "objectname", "viewname", "table"),
    "kind": ("tabletype", "objecttype", "relationtype", "typedesc", "kind"),
    "table_comment": ("tablecomment", "tabledescription"),
    "column": ("columnname", "column", "attname"),
    "position": ("ordinalposition", "columnindex", "columnid", "position"),
    "full_type": ("columntype",),
    "type": ("datatype", "typename", "type"),
    "length": ("charactermaximumlength", "maxlength"),
    "precision": ("numericprecision",),
    "scale": ("numericscale",),
    "nullable": ("isnullable", "nullable"),
    "column_key": ("columnkey",),
    "comment": ("columncomment", "columndescription", "comment", "description", "remarks"),
    "constraint": ("constrainttype",),
    "constraint_name": ("constraintname",),
    "to_schema": ("referencedtableschema", "referencedschema", "foreigntableschema"),
    "to_table": ("referencedtablename", "foreigntablename", "referencedtable"),
    "to_column": ("referencedcolumnname", "foreigncolumnname", "referencedcolumn"),
    "unique_position": ("positioninuniqueconstraint",),
    "definition": ("viewdefinition",),
    "module": ("module",),
}
_MEANING = {heading: meaning for meaning, headings in _HEADINGS.items() for heading in headings}
_SIZED = frozenset(
    ["char", "varchar", "nchar", "nvarchar", "binary", "varbinary", "character", "charactervarying"]
)
_EXACT = frozenset(["numeric", "decimal"])
#: The schemas of the databases themselves.
_SYSTEM = frozenset(["information_schema", "pg_catalog", "sys", "mysql", "performance_schema"])

Row = Mapping[str, str]


def read_csv(text: str, path: Path, *, dialect: str, default_schema: str) -> SourceReading:
    """Read a CSV or TSV export; the delimiter is the one that its header line holds most of.

    Raises ``CatalogError`` when there is no header line that names the tables.
    """
    header = text.lstrip("\n\r").split("\n", 1)[0]
    if header.lower().startswith("sep="):
        # Excel's own way to name the delimiter.
        text = text.lstrip("\n\r").split("\n", 1)[1] if "\n" in text else ""
        header = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=header.count)
    csv.field_size_limit(1 << 27)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    tables = _Tables(dialect, default_schema)
    headings: list[str] = []
    try:
        for cells in lines:
            if not any(cell.strip() for cell in cells):
                continue
            if not headings:
                headings = [_meaning(cell) for cell in cells]
                if "table" not in headings:
                    break
                continue
            if len(cells) < len(headings) and not set(cells) & {""} and len(cells) == 1:
                # The line that counts: "(21285 rows affected)".
                continue
            if len(cells) > len(headings):
                what = f"has {len(cells)} fields where the header has {len(headings)}"
                tables.skipped.append(Skipped(lines.line_num, what))
                continue
            tables.add(dict(zip(headings, cells, strict=False)), lines.line_num)
    except csv.Error as fault:
        raise CatalogError(f"is not a table of values: {fault}", where=at(path, lines.line_num)) from None
    if "table" not in headings:
        raise CatalogError(
            "holds no header line with TABLE_NAME",
            where=at(path, lines.line_num),
            mend="export INFORMATION_SCHEMA.COLUMNS with headings (SSMS: Options, Query Results, Results to Grid, "
            "'Include column headers')",
        )
    return SourceReading("INFORMATION_SCHEMA", tables.relations(), tables.skipped)


def read_json(text: str, path: Path, *, dialect: str, default_schema: str) -> SourceReading:
    """Read JSON: rows of INFORMATION_SCHEMA (a list, a list under a key, JSON lines), dbt's catalog.json or
    manifest.json, a list of relations with their columns, or the normal form.

    Raises ``CatalogError`` when it is none of these.
    """
    if f'"{FORMAT.rsplit(" ", 1)[0]} ' in text[:60]:
        try:
            return SourceReading("normal form", from_json(text))
        except msgspec.MsgspecError as fault:
            raise CatalogError(f"is no catalog in normal form: {fault}", where=at(path)) from None
    content, _ = parse_json(text, path, CatalogError)
    tables = _Tables(dialect, default_schema)
    if isinstance(content, dict) and isinstance(content.get("nodes"), dict):
        for node in (*content["nodes"].values(), *_values(content.get("sources"))):
            _add_dbt(tables, node)
        return SourceReading("dbt", tables.relations(), tables.skipped)
    rows = _rows(content)
    for number, row in enumerate(rows, start=1):
        nested = next(
            (row[key] for key in row if key.lower() == "columns" and isinstance(row[key], list)), None
        )
        own = {
            _meaning(key): _text(value) for key, value in row.items() if not isinstance(value, list | dict)
        }
        if nested is not None and "table" not in own:
            own["table"] = _text(row.get("name"))
        if nested is not None:
            own["table_comment"] = own.pop("comment", "") or own.get("table_comment", "")
        tables.add(own, number)
        for column in nested or []:
            told = (
                {_meaning(key): _text(value) for key, value in column.items()}
                if isinstance(column, dict)
                else {}
            )
            name = _text(column.get("name")) if isinstance(column, dict) else _text(column)
            table = {key: own[key] for key in ("schema", "table") if key in own}
            tables.add(table | told | {"column": told.get("column") or name}, number)
        if nested is not None and row.get("columns_complete") is False:
            tables.incomplete(own)
    if not tables.found:
        raise CatalogError(
            "holds no rows that name tables", where=at(path),
            mend="give the rows of INFORMATION_SCHEMA.COLUMNS as a list of objects with TABLE_NAME and COLUMN_NAME",
        )  # fmt: skip
    return SourceReading("INFORMATION_SCHEMA", tables.relations(), tables.skipped)


class _Table(msgspec.Struct):
    name: str
    schema: str
    module: str = ""
    kind: Kind | None = None
    description: str | None = None
    columns: dict[str, tuple[int, Column]] = {}
    key: dict[str, int] = {}
    references: dict[str, list[tuple[int, str, str, str]]] = {}
    complete: bool = True


class _Tables:
    """Relations gathered from rows, whichever view of INFORMATION_SCHEMA they come from."""

    def __init__(self, dialect: str, default_schema: str) -> None:
        self.dialect = dialect.lower()
        self.default_schema = default_schema
        self.found: dict[tuple[str, str], _Table] = {}
        self.skipped: list[Skipped] = []

    def add(self, row: Row, line: int) -> None:
        """Take what a row says; ``row`` is by meaning (see ``_HEADINGS``)."""
        said = {meaning: text for meaning, value in row.items() if (text := value.strip()) and text != "NULL"}
        name = said.get("table", "")
        if not name:
            self.skipped.append(Skipped(line, "names no table"))
            return
        schema = said.get("schema") or self.default_schema
        if schema.lower() in _SYSTEM:
            return
        table = self.found.get((schema, name))
        if table is None:
            table = self.found[schema, name] = _Table(name, schema)
        if "kind" in said:
            table.kind = "view" if "view" in said["kind"].lower() or said["kind"].upper() == "V" else "table"
        elif "definition" in row:
            table.kind = "view"
        table.module = said.get("module") or table.module
        if "table_comment" in said and said["table_comment"].upper() != "VIEW":
            table.description = _one_line(said["table_comment"])
        if "column" in said:
            self._add_column(table, said)
        elif "comment" in said and table.description is None:
            table.description = _one_line(said["comment"])

    def incomplete(self, row: Row) -> None:
        """Note that the rows do not give all columns of a relation."""
        table = self.found.get(
            (row.get("schema", "").strip() or self.default_schema, row.get("table", "").strip())
        )
        if table is not None:
            table.complete = False

    def _add_column(self, table: _Table, said: Row) -> None:
        name, position = said["column"], _number(said.get("position"))
        kind = said.get("constraint", "").upper()
        if kind == "PRIMARY KEY" or said.get("column_key") == "PRI":
            table.key.setdefault(name, position if position is not None else len(table.key))
        if "to_table" in said:
            to = f"{said.get('to_schema') or table.schema}.{said['to_table']}"
            key = said.get("constraint_name") or to
            table.references.setdefault(key, []).append((position or 0, name, to, said.get("to_column", "")))
        # KEY_COLUMN_USAGE has columns too, but in the order of the key.
        if "constraint_name" in said and "type" not in said and "full_type" not in said:
            return
        before = table.columns.get(name)
        nullable = {"YES": True, "NO": False, "TRUE": True, "FALSE": False, "1": True, "0": False}.get(
            said.get("nullable", "").upper()
        )
        column = Column(name, self._type(said), nullable, _one_line(said.get("comment")))
        table.columns[name] = (
            (position if position is not None else len(table.columns) + 1, column)
            if before is None
            else before
        )

    def _type(self, said: Row) -> str | None:
        if "full_type" in said:
            return normal_type(said["full_type"], self.dialect)
        kind = said.get("type")
        if kind is None:
            return None
        folded = kind.lower().replace(" ", "")
        length, precision = _number(said.get("length")), _number(said.get("precision"))
        if folded in _SIZED and length is not None:
            kind += "(max)" if length < 0 else f"({length})"
        elif folded in _EXACT and precision is not None:
            kind += f"({precision}, {_number(said.get('scale')) or 0})"
        return normal_type(kind, self.dialect)

    def relations(self) -> list[Relation]:
        """The relations, in the order of their first rows."""
        return [
            Relation(
                name=table.name,
                schema=table.schema,
                kind=table.kind or "table",
                description=table.description,
                module=table.module or module_of(table.name),
                columns=tuple(column for _, column in sorted(table.columns.values(), key=lambda one: one[0])),
                key=tuple(sorted(table.key, key=table.key.__getitem__)),
                columns_complete=table.complete and bool(table.columns),
                references=tuple(
                    ForeignKey(
                        tuple(part[1] for part in sorted(parts)),
                        parts[0][2],
                        tuple(part[3] for part in sorted(parts) if part[3]),
                    )
                    for parts in table.references.values()
                ),
            )
            for table in self.found.values()
        ]


def _add_dbt(tables: _Tables, node: Any) -> None:
    """Take a node of dbt's catalog.json (``metadata``) or manifest.json."""
    if not isinstance(node, dict):
        return
    head = node["metadata"] if isinstance(node.get("metadata"), dict) else node
    if head is node and node.get("resource_type") not in ("model", "seed", "snapshot", "source"):
        return
    materialized = node["config"].get("materialized") if isinstance(node.get("config"), dict) else None
    name = _text(head.get("alias") or head.get("identifier") or head.get("name"))
    if materialized == "ephemeral":
        return
    table = {"schema": _text(head.get("schema")), "table": name}
    kind = _text(head.get("type") or materialized)
    about = _text(head.get("comment") or head.get("description"))
    tables.add(table | {"kind": kind, "table_comment": about}, 0)
    for key, column in (node.get("columns") or {}).items() if isinstance(node.get("columns"), dict) else ():
        if isinstance(column, dict):
            tables.add(
                table | {
                    "column": _text(column.get("name") or key),
                    "position": _text(column.get("index")),
                    "full_type": _text(column.get("type") or column.get("data_type")),
                    "comment": _text(column.get("comment") or column.get("description")),
                },
                0,
            )  # fmt: skip
    if head is node:
        # A manifest lists the columns that somebody documented.
        tables.incomplete(table)


def _rows(content: Any) -> Iterator[dict[str, Any]]:
    """The objects of a list, or of the first list that lies under a key (``{"rows": [...]}``)."""
    if isinstance(content, dict):
        inner = [value for value in content.values() if isinstance(value, list)]
        if any(key.lower() in ("table_name", "name") for key in content):
            yield content
            return
        content = next((value for value in inner if value and isinstance(value[0], dict)), [])
    if isinstance(content, list):
        yield from (row for row in content if isinstance(row, dict))


def _values(content: Any) -> Iterable[Any]:
    return content.values() if isinstance(content, dict) else ()


def _meaning(heading: str) -> str:
    letters = "".join(letter for letter in heading.lower() if letter.isalnum())
    return _MEANING.get(letters, f"other {letters}")


def _number(text: str | None) -> int | None:
    try:
        return int(float(text)) if text else None
    except (ValueError, OverflowError):
        return None


def _one_line(text: str | None) -> str | None:
    return " ".join(text.split()) or None if text else None


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "YES" if value else "NO"
    text = str(value)
    # JSON can name half a surrogate pair, which no file can hold.
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
