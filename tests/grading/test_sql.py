"""The SQL of an answer: relations, columns, aliases, CTEs, broken statements, and the house rules."""

# Patterns and tables read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import pytest

from vgpt_probe.catalog.model import Catalog
from vgpt_probe.grading import StyleRules, read_answer
from vgpt_probe.grading.bare import extents
from vgpt_probe.grading.sql import _from_scan, _parse, resolve_sql, scan_cached

TABLES = [
    ("SELECT * FROM APTH", ["APTH"]),
    ("SELECT * FROM dbo.APTH WITH (NOLOCK)", ["APTH"]),
    ("SELECT * FROM [dbo].[APTH] h WITH (NOLOCK) JOIN APTL AS l ON h.APTrans = l.APTrans", ["APTH", "APTL"]),
    ("SELECT * FROM APTH (NOLOCK)", ["APTH"]),
    ("SELECT * FROM APTH, APTL", ["APTH", "APTL"]),
    ("SELECT * FROM APTH h, APTL l WHERE h.Mth = l.Mth", ["APTH", "APTL"]),
    ("WITH x AS (SELECT * FROM APTH) SELECT * FROM x", ["APTH"]),
    (
        "WITH x AS (SELECT * FROM APTH), y AS (SELECT * FROM x) SELECT * FROM y JOIN APVM ON 1 = 1",
        ["APTH", "APVM"],
    ),
    ("SELECT * FROM (SELECT * FROM APTL) d", ["APTL"]),
    (
        "SELECT * FROM APTH WHERE EXISTS (SELECT 1 FROM APTL WHERE APTL.APTrans = APTH.APTrans)",
        ["APTH", "APTL"],
    ),
    ("SELECT * FROM APTH UNION ALL SELECT * FROM ARCM", ["APTH", "ARCM"]),
    ("SELECT * FROM APTH; SELECT * FROM APTL;", ["APTH", "APTL"]),
    ("SELECT * FROM APTH\nGO\nSELECT * FROM APTL", ["APTH", "APTL"]),
    ("SELECT * FROM #tmp JOIN APTH ON 1 = 1", ["APTH"]),
    ("SELECT * INTO #x FROM APTH", ["APTH"]),
    ("UPDATE bAPTH SET Vendor = 1 WHERE APCo = 1", ["bAPTH"]),
    ("DELETE FROM bAPTH WHERE APCo = 1", ["bAPTH"]),
    ("INSERT INTO bAPTH (APCo) SELECT APCo FROM APTH", ["APTH", "bAPTH"]),
    (
        "SELECT h.* FROM APTH h OUTER APPLY (SELECT TOP 1 * FROM APTL WHERE APTL.APTrans = h.APTrans) l",
        ["APTH", "APTL"],
    ),
    ("SELECT * FROM APTH WHERE", ["APTH"]),
    ("SELECT * FROM APTH WHERE (APCo = 1 AND", ["APTH"]),
    ("SELECT APCo, Mth FROM APTH WITH (NOLOCK", ["APTH"]),
    ("SELECT FROM WHERE APTH", []),
    ("SELECT 'FROM Invoice' AS x FROM APTH", ["APTH"]),
    ("SELECT * FROM APTH -- JOIN Invoice", ["APTH"]),
    ("SELECT * /* FROM Invoice */ FROM APTH", ["APTH"]),
    ("SELECT * FROM INFORMATION_SCHEMA.TABLES", []),
    ("SELECT * FROM sys.tables", []),
    ("SELECT TRIM(' ' FROM Name) FROM APVM", ["APVM"]),
    ("SELECT CASE WHEN a = 1 THEN 2 ELSE 3 END AS x FROM APTH ORDER BY x", ["APTH"]),
    ("SELECT * FROM CashFlowAP", ["CashFlowAP"]),
]


@pytest.mark.parametrize(("sql", "tables"), TABLES)
def test_tables_of_a_statement(sql: str, tables: list[str], catalog: Catalog) -> None:
    answer = f"```sql\n{sql}\n```"
    reading = read_answer("Write SQL", answer, "Nothing9", catalog)
    assert sorted(reading.sql_tables) == sorted(tables)


PLAIN = [
    "SELECT APCo, Mth FROM APTH WITH (NOLOCK) WHERE APCo = 1 ORDER BY Mth",
    "SELECT APTH.APCo, APTL.APLine FROM APTH WITH (NOLOCK) JOIN APTL WITH (NOLOCK) ON APTH.APCo = APTL.APCo AND APTH.Mth = APTL.Mth",
    "SELECT h.APCo AS Company, COUNT(*) AS n FROM dbo.APTH AS h WITH (NOLOCK) GROUP BY h.APCo HAVING COUNT(*) > 1 ORDER BY n DESC",
    "SELECT TOP 10 Vendor, Name FROM APVM WHERE Name LIKE 'A%' AND VendorGroup = 1",
    "SELECT SUM(InvTotal) Total FROM APTH WHERE InvDate BETWEEN '2024-01-01' AND '2024-12-31'",
    "SELECT [APCo], [Mth] FROM [APTH] WHERE [APCo] IN (1, 2)",
    "SELECT DISTINCT JCCo, Job FROM APTL WHERE Job IS NOT NULL",
    "SELECT APVM.Name FROM APTH LEFT JOIN APVM ON APTH.Vendor = APVM.Vendor WHERE APTH.APCo = @APCo",
    "SELECT CASE WHEN InvTotal > 0 THEN 'x' ELSE 'y' END AS Sign FROM APTH",
]


@pytest.mark.parametrize("sql", PLAIN)
def test_lexer_and_sqlglot_agree_on_simple_statements(sql: str) -> None:
    found = scan_cached(sql)
    assert found.plain
    parsed = _parse(sql)
    assert parsed is not None
    mine = _from_scan(found)
    assert sorted(mine.tables, key=str) == sorted(parsed.tables, key=str)
    assert sorted(mine.columns) == sorted(parsed.columns)


def test_broken_sql_falls_back_to_the_lexer() -> None:
    sql = "WITH x AS (SELECT * FROM APTH WHERE ( SELECT * FROM APTL a WHERE a.Vendor ="
    assert _parse(sql) is None
    assert {name for _, name in resolve_sql(sql).tables} == {"APTH", "APTL"}


COLUMNS = [
    ("SELECT Vendor FROM APTL", ["APTL.Vendor"]),
    ("SELECT APCo, Mth FROM APTL", []),
    ("SELECT l.Vendor, h.Vendor FROM APTL l JOIN APTH h ON l.APTrans = h.APTrans", ["APTL.Vendor"]),
    ("SELECT apco FROM APTL", ["APTL.apco"]),
    ("SELECT Foo AS Bar FROM APTL ORDER BY Bar", ["APTL.Foo"]),
    ("SELECT Total = SUM(GrossAmt) FROM APTL", []),
    ("SELECT x.Foo FROM (SELECT APCo AS Foo FROM APTL) x", []),
    ("WITH c AS (SELECT Foo FROM APTL) SELECT c.Bar FROM c", []),
    ("SELECT Foo FROM Invoice", []),
    ("SELECT @x, GETDATE() FROM APTL WHERE Mth = '2024-01-01'", []),
    (
        "SELECT APTL.Foo FROM APTL WHERE EXISTS (SELECT 1 FROM APTH h WHERE h.Bar = APTL.Mth)",
        ["APTH.Bar", "APTL.Foo"],
    ),
]


@pytest.mark.parametrize(("sql", "unknown"), COLUMNS)
def test_unknown_columns(sql: str, unknown: list[str], catalog: Catalog) -> None:
    reading = read_answer("Write SQL", f"```sql\n{sql}\n```", "Nothing9", catalog)
    assert sorted(reading.unknown_columns) == unknown


def test_unknown_tables_and_suggestions(catalog: Catalog) -> None:
    reading = read_answer(
        "Describe Invoice",
        "Invoice does not exist. Use HQLC or APTH.\n```sql\nSELECT * FROM HQLC\n```",
        "Invoice",
        catalog,
    )
    assert reading.suggested == ("HQLC", "APTH")
    assert reading.unknown_suggested == ("HQLC",)
    assert reading.unknown_tables == ("HQLC",)


GOOD = (
    "SELECT APTH.APCo, APTL.APLine FROM APTH WITH (NOLOCK) JOIN APTL WITH (NOLOCK) ON APTH.APCo = APTL.APCo "
    "AND APTH.Mth = APTL.Mth AND APTH.APTrans = APTL.APTrans WHERE APTH.APCo = 1"
)
STYLE = [
    (GOOD, []),
    (GOOD.replace("APTH WITH (NOLOCK)", "APTH"), ["nolock"]),
    ("SELECT h.APCo FROM APTH h WITH (NOLOCK) WHERE h.APCo = 1", ["no_aliases"]),
    ("SELECT APCo FROM bAPTH WITH (NOLOCK) WHERE APCo = 1", ["view_for_select"]),
    (GOOD.replace(" AND APTH.APTrans = APTL.APTrans", ""), ["full_key_join"]),
    (GOOD.replace(" WHERE APTH.APCo = 1", ""), ["company_filter"]),
    ("SELECT apco FROM APTH WITH (NOLOCK) WHERE APCo = 1", ["exact_case"]),
    ("SELECT APCo FROM apth WITH (NOLOCK) WHERE APCo = 1", ["exact_case"]),
    ("SELECT Name FROM APVM WITH (NOLOCK)", []),
    ("UPDATE bAPTH SET Vendor = 1 WHERE APCo = 1", []),
    (
        "SELECT APTH.APTrans, APVM.Name FROM APTH WITH (NOLOCK) JOIN APVM WITH (NOLOCK) ON APTH.Vendor = APVM.Vendor WHERE APTH.APCo = 1",
        ["full_key_join"],
    ),
]


@pytest.mark.parametrize(("sql", "rules"), STYLE)
def test_house_rules(sql: str, rules: list[str], catalog: Catalog) -> None:
    answer = f"Here:\n```sql\n{sql}\n```"
    reading = read_answer("Write SQL", answer, "APTH", catalog)
    assert [finding.rule for finding in reading.style] == rules
    for finding in reading.style:
        assert finding.span is not None
        assert (
            answer[slice(*finding.span)].lower().endswith((finding.table or "").lower())
            or finding.rule == "exact_case"
        )


def test_each_rule_can_be_switched_off(catalog: Catalog) -> None:
    sql = "```sql\nselect h.apco from bAPTH h join APTL on h.APTrans = APTL.APTrans\n```"
    all_rules = {finding.rule for finding in read_answer("q", sql, "APTH", catalog).style}
    assert all_rules == {
        "nolock",
        "no_aliases",
        "view_for_select",
        "full_key_join",
        "company_filter",
        "exact_case",
    }
    for rule in all_rules:
        rules = StyleRules.from_mapping({rule: False})
        assert {
            finding.rule for finding in read_answer("q", sql, "APTH", catalog, rules=rules).style
        } == all_rules - {rule}


def test_style_switches_are_checked() -> None:
    with pytest.raises(ValueError, match="unknown style rule 'nolok'"):
        StyleRules.from_mapping({"nolok": True})
    with pytest.raises(ValueError, match="true or false"):
        StyleRules.from_mapping({"nolock": "yes"})


PROSE = [
    ("Run SELECT * FROM APTH WHERE APCo = 1; then look.", ["SELECT * FROM APTH WHERE APCo = 1;"]),
    ("SELECT * FROM Invoice fails because it is not there.", ["SELECT * FROM Invoice"]),
    ("SELECT * FROM Invoice would not work", ["SELECT * FROM Invoice"]),
    ("You wrote SELECT a, b FROM Invoice, but there is none.", ["SELECT a, b FROM Invoice"]),
    ("Please select a table from the list.", []),
    ("select * from invoice where co = 1", ["select * from invoice where co = 1"]),
    ("Use SELECT * FROM APTH. It works.", ["SELECT * FROM APTH"]),
    ("Select the data from APTH and update it.", []),
]


@pytest.mark.parametrize(("text", "expected"), PROSE)
def test_where_sql_ends_in_prose(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in extents(text)] == expected


SUGGESTED = [
    ("Invoice does not exist. Use APTH.", ("APTH",), ()),
    (
        "Invoice does not exist. You may be looking for:\n- APTH (header)\n- APXX (lines)",
        ("APTH", "APXX"),
        ("APXX",),
    ),
    ("There is no Invoice table. The correct table is dbo.APTH.", ("APTH",), ()),
    ("The column 'Salary' does not exist in PREH. Use PRRate instead.", (), ()),
    ("Use InvTotal from APTH.", ("APTH",), ()),
    ("Invoice does not exist.", (), ()),
    ("APTH holds the headers.", (), ()),
]


@pytest.mark.parametrize(("answer", "suggested", "unknown"), SUGGESTED)
def test_suggested_relations(
    answer: str, suggested: tuple[str, ...], unknown: tuple[str, ...], catalog: Catalog
) -> None:
    reading = read_answer("Describe the Invoice table", answer, "Invoice", catalog)
    assert (reading.suggested, reading.unknown_suggested) == (suggested, unknown)
