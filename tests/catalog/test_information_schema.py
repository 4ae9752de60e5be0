"""Exports of INFORMATION_SCHEMA and of dbt, as their tools write them."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgpt_probe.catalog import load_catalog
from vgpt_probe.catalog.merge import merge
from vgpt_probe.catalog.source import read_source
from vgpt_probe.errors import CatalogError

SQL_SERVER = """\
TABLE_CATALOG,TABLE_SCHEMA,TABLE_NAME,COLUMN_NAME,ORDINAL_POSITION,COLUMN_DEFAULT,IS_NULLABLE,DATA_TYPE,CHARACTER_MAXIMUM_LENGTH,NUMERIC_PRECISION,NUMERIC_SCALE
Viewpoint,dbo,APTH,Mth,2,NULL,NO,smalldatetime,NULL,NULL,NULL
Viewpoint,dbo,APTH,APCo,1,NULL,NO,tinyint,NULL,3,0
Viewpoint,dbo,APTH,InvTotal,3,NULL,YES,numeric,NULL,12,2
Viewpoint,dbo,APTH,Notes,4,NULL,YES,varchar,-1,NULL,NULL
Viewpoint,api,Activity,Id,1,NULL,NO,uniqueidentifier,NULL,NULL,NULL
"""
POSTGRES = """\
table_catalog\ttable_schema\ttable_name\tcolumn_name\tordinal_position\tis_nullable\tdata_type\tcharacter_maximum_length\tudt_name
shop\tpublic\torders\tid\t1\tNO\tbigint\t\tint8
shop\tpublic\torders\tname\t2\tYES\tcharacter varying\t30\tvarchar
shop\tpg_catalog\tpg_class\toid\t1\tNO\toid\t\toid
"""
MYSQL = """\
TABLE_SCHEMA;TABLE_NAME;COLUMN_NAME;ORDINAL_POSITION;IS_NULLABLE;DATA_TYPE;COLUMN_TYPE;COLUMN_KEY;COLUMN_COMMENT
shop;jobs;id;1;NO;int;int unsigned;PRI;
shop;jobs;name;2;YES;varchar;varchar(30);;"the job; its name"
"""
DBT = """\
"table_database","table_schema","table_name","table_type","table_comment","column_name","column_index","column_type","column_comment"
"db","marts","dim_jobs","BASE TABLE","all jobs","job_id","1","INTEGER","its number"
"db","marts","dim_jobs","BASE TABLE","all jobs","name","2","TEXT",""
"db","marts","v_jobs","VIEW","","name","1","TEXT",""
"""


@pytest.fixture
def read(tmp_path):
    def read(text: str, name: str = "columns.csv", **options):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return read_source(path, **options)

    return read


def _by_name(reading):
    return {relation.qualified: relation for relation in reading.relations}


def test_sql_server_columns_come_in_their_order_with_types(read):
    found = _by_name(read(SQL_SERVER))
    assert [(one.name, one.type, one.nullable) for one in found["dbo.APTH"].columns] == [
        ("APCo", "TINYINT", False),
        ("Mth", "SMALLDATETIME", False),
        ("InvTotal", "NUMERIC(12, 2)", True),
        ("Notes", "VARCHAR(MAX)", True),
    ]
    assert set(found) == {"dbo.APTH", "api.Activity"} and found["dbo.APTH"].module == "AP"


def test_postgres_tabs_and_lower_case_headings(read):
    found = _by_name(read(POSTGRES, "columns.tsv", dialect="postgres", default_schema="public"))
    assert set(found) == {"public.orders"}
    assert [(one.name, one.type) for one in found["public.orders"].columns] == [("id", "BIGINT"), ("name", "VARCHAR(30)")]


def test_mysql_keys_and_comments(read):
    [jobs] = read(MYSQL, dialect="mysql").relations
    assert (jobs.key, jobs.columns[1].description) == (("id",), "the job; its name")
    assert jobs.columns[0].type == "UINT" or "UNSIGNED" in jobs.columns[0].type


def test_dbt_catalog_query(read):
    found = _by_name(read(DBT))
    jobs = found["marts.dim_jobs"]
    assert (jobs.description, jobs.columns[0].description) == ("all jobs", "its number")
    assert found["marts.v_jobs"].kind == "view"


def test_dbt_catalog_and_manifest_files(read):
    columns = {"job_id": {"name": "job_id", "index": 1, "type": "INTEGER", "comment": None}}
    catalog = {
        "nodes": {"model.a.dim": {"metadata": {"type": "VIEW", "schema": "marts", "name": "dim"}, "columns": columns}},
        "sources": {"source.a.raw": {"metadata": {"type": "BASE TABLE", "schema": "raw", "name": "t"}, "columns": {}}},
    }
    found = _by_name(read(json.dumps(catalog), "catalog.json"))
    assert (found["marts.dim"].kind, found["marts.dim"].columns[0].type) == ("view", "INTEGER")
    assert not found["raw.t"].columns_complete
    manifest = {
        "nodes": {
            "model.a.dim": {
                "resource_type": "model", "schema": "marts", "name": "dim", "description": "jobs",
                "columns": {"job_id": {"name": "job_id", "description": "number"}}, "config": {"materialized": "view"},
            },
            "test.a.x": {"resource_type": "test", "schema": "x", "name": "not_null"},
        }
    }  # fmt: skip
    [dim] = read(json.dumps(manifest), "manifest.json").relations
    assert (dim.kind, dim.description, dim.columns_complete) == ("view", "jobs", False)
    [both] = merge([[found["marts.dim"]], [dim]])
    assert (both.columns[0].type, both.columns[0].description, both.columns_complete) == ("INTEGER", "number", True)


def test_key_column_usage_gives_keys_and_adds_no_columns(read):
    keys = (
        "TABLE_SCHEMA,TABLE_NAME,COLUMN_NAME,ORDINAL_POSITION,CONSTRAINT_NAME,CONSTRAINT_TYPE,"
        "REFERENCED_TABLE_NAME,REFERENCED_COLUMN_NAME\n"
        "dbo,APTH,Mth,2,PK,PRIMARY KEY,,\ndbo,APTH,APCo,1,PK,PRIMARY KEY,,\ndbo,APTH,APCo,1,FK,FOREIGN KEY,APCO,Co\n"
    )
    [table] = [one for one in merge([read(SQL_SERVER).relations, read(keys).relations]) if one.name == "APTH"]
    assert table.key == ("APCo", "Mth") and len(table.columns) == 4
    [reference] = table.references
    assert (reference.columns, reference.table, reference.to) == (("APCo",), "dbo.APCO", ("Co",))


def test_a_list_of_tables_tells_views(read):
    tables = "TABLE_SCHEMA,TABLE_NAME,TABLE_TYPE\ndbo,APTH,VIEW\ndbo,bAPTH,BASE TABLE\n"
    found = {one.name: one.kind for one in merge([read(SQL_SERVER).relations, read(tables).relations])}
    assert (found["APTH"], found["bAPTH"]) == ("view", "table")


@pytest.mark.parametrize("shape", ["list", "rows", "lines", "nested"])
def test_json_of_any_shape(read, shape):
    rows = list(csv.DictReader(io.StringIO(SQL_SERVER)))
    text = {
        "list": json.dumps(rows),
        "rows": json.dumps({"count": 5, "rows": rows}),
        "lines": "\n".join(json.dumps(row) for row in rows),
        "nested": json.dumps(
            [{"name": "APTH", "columns": [{"name": name} for name in ("APCo", "Mth", "InvTotal", "Notes")]}]
        ),
    }[shape]
    found = _by_name(read(text, "columns.json"))
    assert [one.name for one in found["dbo.APTH"].columns] == ["APCo", "Mth", "InvTotal", "Notes"]


def test_a_row_that_does_not_fit_is_skipped_with_its_line(read):
    reading = read(SQL_SERVER + "Viewpoint,dbo,,x,1,,,,,,\na,b,c,d,e,f,g,h,i,j,k,l\n\n(5 rows affected)\n")
    assert [one.line for one in reading.skipped] == [7, 8]
    assert len(reading.relations) == 2


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("dbo,APTH,APCo\n", "a.csv", "a.csv:1: holds no header line with TABLE_NAME"),
        ("", "a.csv", "holds no header line"),
        ('{"rows": ', "a.json", "a.json:1: is not JSON"),
        ('[{"x": 1}]', "a.json", "holds no rows that name tables"),
        ('{"a": 1}', "a.json", "holds no rows"),
        ("[" * 100_000, "a.json", "nested too deeply"),
        ('{"format": "vgpt_probe catalog 9", "relations": []}', "a.json", "unknown format"),
        ('{"format": "vgpt_probe catalog 1", "relations": [{"nam": 1}]}', "a.json", "no catalog in normal form"),
    ],
)
def test_a_fault_is_named(read, text, name, said):
    with pytest.raises(CatalogError) as fault:
        read(text, name)
    assert said in str(fault.value)


cells = st.text(st.characters(codec="utf-8"), max_size=8)


@given(st.lists(st.lists(cells, max_size=5), max_size=6))
def test_any_cells_can_be_read(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    out = io.StringIO()
    csv.writer(out).writerows([["TABLE_NAME", "COLUMN_NAME", "DATA_TYPE"], *rows])
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    try:
        read_source(path)
    except CatalogError as fault:
        assert str(path) in str(fault)


json_keys = st.sampled_from(["nodes", "columns", "name", "table_name", "column_name", "rows", "metadata"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(json_keys, inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_any_json_can_be_read(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("json") / "x.json"
    path.write_text(json.dumps([value] if not isinstance(value, list | dict) else value), encoding="utf-8")
    try:
        read_source(path)
    except CatalogError as fault:
        assert str(path) in str(fault)


def test_half_a_surrogate_pair_in_a_name_becomes_a_question_mark(tmp_path):
    path = tmp_path / "schema.json"
    row = {"TABLE_NAME": "AP\ud800TH", "COLUMN_NAME": "\ud800", "DATA_TYPE": "int\udfff", "COLUMN_COMMENT": "Größe \udc00"}
    path.write_text(json.dumps([row, row | {"TABLE_NAME": "Größe"}]), encoding="utf-8")
    for _ in range(2):
        # The second time it comes from the cache.
        first, second = load_catalog(path, cache=tmp_path / "cache").relations
        assert (first.name, second.name) == ("AP?TH", "Größe")
        assert [column.name for column in first.columns] == ["?"] and first.columns[0].description == "Größe ?"
