"""DDL as database tools script it."""

from __future__ import annotations

from pathlib import Path

import pytest

from vgpt_probe.catalog import load_catalog
from vgpt_probe.catalog.ddl import read_ddl

SSMS = (Path(__file__).parent / "ssms.sql").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def ssms():
    return read_ddl(SSMS)


@pytest.fixture(scope="module")
def relations(ssms):
    return {relation.qualified: relation for relation in ssms.relations}


def test_tables_and_views_are_found_and_nothing_that_a_routine_makes(relations):
    assert set(relations) == {"dbo.bAPTH", "dbo.bAPTL", "dbo.APTH", "dbo.APLines", "rpt.vWithout"}


def test_a_table_of_management_studio_is_read_whole(relations):
    table = relations["dbo.bAPTH"]
    assert [(column.name, column.type, column.nullable) for column in table.columns] == [
        ("APCo", "dbo.bCompany", False),
        ("Mth", "dbo.bMonth", False),
        ("O'Brien; GO", "NVARCHAR(MAX)", True),
        ("InvTotal", "NUMERIC(12, 2)", True),
        ("Odd]Name", "DATETIME2(7)", True),
        ("Paid", None, None),
        ("KeyID", "BIGINT", False),
        ("ValidFrom", "DATETIME2(7)", False),
    ]
    assert table.key == ("APCo", "Mth")


def test_keys_that_are_added_later_are_taken(relations):
    lines = relations["dbo.bAPTL"]
    assert lines.key == ("APCo", "Mth")
    [reference] = lines.references
    assert (reference.columns, reference.table, reference.to) == (("APCo", "Mth"), "dbo.bAPTH", ("APCo", "Mth"))


def test_extended_properties_describe(relations):
    assert relations["dbo.bAPTH"].description == "AP header, the vendor's invoices"
    assert relations["dbo.bAPTH"].columns[0].description == "AP company"
    assert relations["dbo.bAPTL"].description == "lines of AP"


def test_a_view_shows_what_its_tables_have(relations):
    view = relations["dbo.APTH"]
    assert (view.kind, view.base, view.key) == ("view", "bAPTH", ("APCo", "Mth"))
    assert [column.name for column in view.columns] == [column.name for column in relations["dbo.bAPTH"].columns]
    lines = relations["dbo.APLines"]
    assert [column.name for column in lines.columns] == ["APCo", "Month", "Mth", "Amount", "Total"]
    assert lines.columns_complete and lines.base is None


def test_a_view_that_no_parser_reads_is_known_by_name(ssms, relations):
    assert (relations["rpt.vWithout"].kind, relations["rpt.vWithout"].columns_complete) == ("view", False)
    [partial] = ssms.partial
    assert SSMS.splitlines()[partial.line - 1].startswith("CREATE VIEW [rpt].[vWithout]")


def test_a_table_that_is_not_whole_is_skipped_with_its_line(ssms):
    [skipped] = ssms.skipped
    assert SSMS.splitlines()[skipped.line - 1].startswith("CREATE TABLE [dbo].[broken]")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_encoding_and_line_ends_do_not_matter(tmp_path, ssms, encoding, ends):
    path = tmp_path / "script.sql"
    path.write_bytes(SSMS.replace("\n", ends).encode(encoding))
    catalog = load_catalog(path)
    assert list(catalog.relations) == ssms.relations
    assert catalog.skipped == 1


def test_other_databases_comments_and_keys_are_read():
    reading = read_ddl(
        """
        CREATE TABLE IF NOT EXISTS public.orders (
          id bigserial PRIMARY KEY, total double precision NOT NULL, tags text[], at timestamp with time zone
        );
        CREATE TABLE lines (order_id bigint REFERENCES public.orders (id), n integer);
        ALTER TABLE ONLY lines ADD CONSTRAINT lines_pkey PRIMARY KEY (order_id, n);
        ALTER TABLE ONLY lines ADD CONSTRAINT f FOREIGN KEY (order_id) REFERENCES public.orders(id) ON DELETE CASCADE;
        CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN CREATE TABLE no (a int); END; $$ LANGUAGE plpgsql;
        CREATE TEMPORARY TABLE passing (a int);
        CREATE MATERIALIZED VIEW open_orders AS SELECT id, total FROM orders WHERE total > 0;
        COMMENT ON TABLE public.orders IS 'what was ordered; it''s all here';
        COMMENT ON COLUMN public.orders.total IS 'in euros';
        """,
        dialect="postgres",
        default_schema="public",
    )
    found = {relation.name: relation for relation in reading.relations}
    assert set(found) == {"orders", "lines", "open_orders"} and not reading.skipped
    assert [column.name for column in found["orders"].columns] == ["id", "total", "tags", "at"]
    assert found["orders"].description == "what was ordered; it's all here"
    assert found["orders"].columns[1].description == "in euros"
    assert found["lines"].key == ("order_id", "n")
    assert "public.orders" in {reference.table for reference in found["lines"].references}
    assert (found["open_orders"].kind, len(found["open_orders"].columns)) == ("view", 2)


def test_a_mysql_dump_is_read():
    reading = read_ddl(
        """
        DROP TABLE IF EXISTS `jobs`;
        /*!40101 SET @saved_cs_client     = @@character_set_client */;
        CREATE TABLE `jobs` (
          `id` int unsigned NOT NULL AUTO_INCREMENT,
          `name` varchar(30) DEFAULT NULL COMMENT 'it''s a name; really',
          PRIMARY KEY (`id`),
          KEY `by_name` (`name`)
        ) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4;
        /*!50001 CREATE ALGORITHM=UNDEFINED */
        /*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */
        /*!50001 VIEW `job_names` AS select `jobs`.`name` AS `name` from `jobs` */;
        """,
        dialect="mysql",
        default_schema="shop",
    )
    found = {relation.name: relation for relation in reading.relations}
    assert set(found) == {"jobs", "job_names"} and not reading.skipped
    assert found["jobs"].key == ("id",)
    assert [column.name for column in found["job_names"].columns] == ["name"]


def test_statements_without_an_end_are_told_apart():
    reading = read_ddl("-- table a: first\nCREATE TABLE a (x int)\n\n-- table b: second\nCREATE TABLE b (y int)\n")
    assert [(one.name, one.description) for one in reading.relations] == [("a", "first"), ("b", "second")]


def test_a_stray_quote_loses_no_more_than_its_statement():
    reading = read_ddl("PRINT 'it's'\nGO\nCREATE TABLE a (x int)\nGO\nCREATE TABLE b (x int);\n")
    assert [one.name for one in reading.relations] == ["a", "b"]


def test_a_long_view_over_views_ends():
    script = "CREATE VIEW v0 AS SELECT * FROM v1;\nCREATE VIEW v1 AS SELECT * FROM v0;\n"
    assert [one.columns_complete for one in read_ddl(script).relations] == [False, False]
