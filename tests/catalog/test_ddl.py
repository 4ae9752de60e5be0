"""Reading CREATE TABLE and CREATE VIEW statements."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgpt_probe.catalog.ddl import read_ddl

SCRIPT = """\
SET ANSI_NULLS ON
GO
-- table bAPTH: base table of the view APTH
CREATE TABLE [dbo].[bAPTH](
  [APCo] [dbo].[bCompany] NOT NULL,
  [Mth] [dbo].[bMonth] NOT NULL,
  [InvTotal] numeric(12, 2) NULL,
  CONSTRAINT [PK] PRIMARY KEY CLUSTERED ([APCo] ASC, [Mth] ASC)
)
GO
-- view APTH (base table bAPTH): AP Transaction Header
CREATE VIEW [dbo].[APTH] AS SELECT a.* FROM [dbo].[bAPTH] a
GO
CREATE TABLE api.Activity (Id uniqueidentifier PRIMARY KEY, Note nvarchar(max));
CREATE TABLE broken ( this is ( not sql ;
GO
INSERT INTO bAPTH VALUES (1, 2, 3)
"""


@pytest.fixture(scope="module")
def read():
    reading = read_ddl(SCRIPT)
    return {relation.name: relation for relation in reading.relations}, reading.skipped


def test_tables_have_columns_types_and_keys(read):
    table = read[0]["bAPTH"]
    assert [(column.name, column.nullable) for column in table.columns] == [
        ("APCo", False),
        ("Mth", False),
        ("InvTotal", True),
    ]
    assert table.key == ("APCo", "Mth")
    assert table.kind == "table"


def test_a_view_over_one_table_takes_its_columns_and_key(read):
    view = read[0]["APTH"]
    assert (view.kind, view.base, view.description) == ("view", "bAPTH", "AP Transaction Header")
    assert view.key == ("APCo", "Mth")
    assert [column.name for column in view.columns] == ["APCo", "Mth", "InvTotal"]


def test_schemas_other_than_dbo_are_kept(read):
    activity = read[0]["Activity"]
    assert (activity.schema, activity.key) == ("api", ("Id",))


def test_a_statement_that_cannot_be_read_is_skipped_with_its_line(read):
    relations, skipped = read
    assert set(relations) == {"bAPTH", "APTH", "Activity"}
    assert [one.line for one in skipped] == [15]


def test_a_remark_on_a_column_of_no_table_is_passed_over():
    """Found by a fuzzer."""
    [table] = read_ddl("CREATE TABLE t (a int);\nCOMMENT ON COLUMN a IS 'of what?';").relations
    assert [column.description for column in table.columns] == [None]


def test_a_type_that_is_a_word_of_procedures_costs_no_more_than_itself():
    """Found by a fuzzer."""
    [table] = read_ddl("CREATE TABLE t (APCo in PRIMARY KEY, n numeric(12, 2) CHECK (n > 0), m int);").relations
    assert [column.name for column in table.columns] == ["APCo", "n", "m"]


def test_other_dialects_are_read():
    reading = read_ddl("CREATE TABLE `order_items` (`id` int, PRIMARY KEY (`id`));", dialect="mysql")
    [relation] = reading.relations
    assert (relation.name, relation.key, reading.skipped) == ("order_items", ("id",), [])


@given(st.text(max_size=300))
def test_no_text_is_too_strange(text):
    read_ddl(text)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=40))
def test_no_statement_is_too_strange(text):
    read_ddl(f"CREATE TABLE {text} (a int);\nCREATE VIEW v AS {text};\n")


@pytest.mark.parametrize("mark", ["-- ... 4 more columns", "-- ... more columns, number unknown"])
def test_columns_are_not_complete_when_a_comment_says_so(mark):
    relations = read_ddl(f"CREATE TABLE APTL (\n  APCo int\n  {mark}\n);").relations
    assert (relations[0].columns[0].name, relations[0].columns_complete) == ("APCo", False)


@pytest.mark.parametrize(
    "filler",
    ["-" * 5000, "-- " * 1000, "/*" * 500, "''" * 1000, "('" + "''" * 1000, "'a''b" * 2000, "(" * 1000, "[" * 1000,
     "]]" * 1000, "x int, " * 1000, "CHECK (" * 300, "a.b." * 1000, "AS (((((" * 500,
     " " * 5000, "\n" * 5000, "DEFAULT (" * 300, "/* * " * 500],
)  # fmt: skip
def test_what_no_pattern_matches_is_given_up_soon(filler):
    for text in (
        f"CREATE TABLE t (a int NOT NULL, b {filler} ! );",
        f"CREATE TABLE t (a int DEFAULT {filler} ! );",
        f"CREATE TABLE t (a int {filler}\n! );\nCREATE TABLE u (a int);",
        f"CREATE VIEW v AS SELECT * FROM t {filler} !;",
        f"ALTER TABLE t ADD FOREIGN KEY (a {filler}) REFERENCES u {filler};",
        f"EXEC sp_addextendedproperty {filler} @name = {filler}!",
        f"COMMENT ON TABLE t IS {filler}!",
        filler,
    ):
        began = time.process_time()
        read_ddl(text)
        assert time.process_time() - began < 10
