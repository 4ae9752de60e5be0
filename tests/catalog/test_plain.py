"""The quick reader of plain tables says what sqlglot says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgpt_probe.catalog import ddl
from vgpt_probe.catalog.plain import read_table, read_view

names = st.from_regex(r"[A-Z][A-Za-z0-9_]{1,12}x", fullmatch=True)
quotes = st.sampled_from(["[{}]", "{}", '"{}"'])
quoted = st.builds(lambda quote, name: quote.format(name), quotes, names)
types = st.sampled_from(
    ["int", "[int]", "[dbo].[bCompany]", "bMonth", "numeric(12, 2)", "[numeric](12,2)", "[nvarchar](max)", "datetime2(7)"]
)
rest = st.sampled_from(
    ["NOT NULL", "NULL", "IDENTITY(1,1)", "DEFAULT ((0))", "DEFAULT 'a, b)'", "COLLATE Latin1_General_BIN"]
)
attributes = st.lists(rest, max_size=2, unique=True)
space = st.sampled_from([" ", "\n\t", " /* , ) */ ", " -- x, y)\n"])
columns = st.builds(
    lambda name, kind, rest, gap: f"{gap}{name} {kind} {' '.join(rest)}", quoted, types, attributes, space
)


@given(st.lists(columns, min_size=1, max_size=6), quoted, st.booleans())
def test_a_plain_table_is_read_as_sqlglot_reads_it(elements, name, with_key):
    if with_key:
        elements = [*elements, "CONSTRAINT pk PRIMARY KEY CLUSTERED ([a] ASC, b DESC)"]
    script = f"CREATE TABLE {name} ({', '.join(elements)}) ON [PRIMARY]"
    plain = read_table(script, "tsql")
    assert plain is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ddl, "read_table", lambda *_: None)
        [parsed] = ddl.read_ddl(script).relations
    [quick] = ddl.read_ddl(script).relations
    assert quick == parsed


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE t (a)",
        "CREATE TABLE t (a NOT NULL)",
        "CREATE TABLE t (a int REFERENCES u (b))",
        "CREATE TABLE t (a int, KEY k (a))",
        "CREATE TABLE t (a int, LIKE u)",
        "CREATE TABLE t AS SELECT 1 AS a",
        "CREATE TABLE t (a int,",
        "CREATE VIEW t AS SELECT 1",
    ],
)
def test_what_is_not_plain_is_left_to_the_parser(script):
    assert read_table(script, "tsql") is None


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("CREATE VIEW [dbo].[APTH] AS SELECT a.* FROM [dbo].[bAPTH] a", (("dbo", "APTH"), ("dbo", "bAPTH"))),
        ("create view APTH as select * from bAPTH with (nolock);", (("APTH",), ("bAPTH",))),
        ("CREATE VIEW v AS SELECT b.* FROM bAPTH a", None),
        ("CREATE VIEW v AS SELECT * FROM a, b", None),
        ("CREATE VIEW v AS SELECT * FROM a JOIN b ON 1 = 1", None),
        ("CREATE VIEW v AS SELECT * FROM a UNION SELECT * FROM b", None),
    ],
)
def test_a_view_that_shows_one_table_whole_is_told_from_others(script, said):
    assert read_view(script) == said


@given(st.text("[](),'\"`.-/*; \nabCREATETBLVW", max_size=200))
def test_no_script_is_too_strange(text):
    ddl.read_ddl("CREATE TABLE a (" + text)
    ddl.read_ddl(text)


@pytest.mark.parametrize("part", ["/* */ ", "--\n", "NOT NULL ", "(", "'a", "(a", " ", "[a", "DEFAULT (1) "])
@pytest.mark.parametrize("head", ["CREATE TABLE a (x int ", "CREATE TABLE a (x int DEFAULT (", "CREATE TABLE a (CHECK "])
def test_what_fails_fails_soon(head, part):
    # Patterns that can match one text in many ways would not come back from this.
    assert read_table(head + part * 300, "tsql") is None
