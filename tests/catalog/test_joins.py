"""SQL whose joins no ON closes is told apart before sqlglot tries each way to nest them. Found by a fuzzer."""

from __future__ import annotations

import time

import pytest

from vgpt_probe.catalog import Catalog, Column, Relation
from vgpt_probe.catalog.ddl import read_ddl
from vgpt_probe.catalog.joins import MOST_OPEN, too_many_open_joins
from vgpt_probe.grading import read_answer

CATALOG = Catalog([Relation(name, columns=(Column("APCo"),)) for name in ("APTH", "APTL")])


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM a " + "JOIN b ON a.x = b.x " * 200,
        "SELECT * FROM a " + "LEFT JOIN b USING (x) " * 200,
        "SELECT * FROM a " + "CROSS JOIN b " * 200,
        "SELECT * FROM a " + "JOIN b " * MOST_OPEN + "ON 1 = 1 " * MOST_OPEN,
        "SELECT 'join " + "join " * 200 + "' AS [join join], 1 -- " + "join " * 200 + "\n/* " + "join " * 200 + "*/",
    ],
)
def test_joins_that_are_closed_are_let_through(sql):
    assert not too_many_open_joins(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM a " + "JOIN b " * 30,
        "SELECT * FROM a " + "JOIN b x JOIN c ON 1 = 1 " * 30,
        "SELECT * FROM a " + "JOIN b 'ON' JOIN [ON] /* ON */ -- ON\n" * 30,
    ],
)
def test_joins_that_wait_for_their_on_are_too_many(sql):
    assert too_many_open_joins(sql)


@pytest.mark.parametrize("part", ["'", '"', "`", "[", "]", "--", "/*", "*/", "cross ", "\n", "join", "(", "on "])
def test_any_text_is_looked_through_soon(part):
    began = time.process_time()
    too_many_open_joins(part * 200_000)
    too_many_open_joins(f"{part} " * 200_000)
    assert time.process_time() - began < 10


def test_a_view_without_on_is_told_of_at_once():
    began = time.process_time()
    reading = read_ddl("CREATE TABLE t (a int);\nCREATE VIEW v AS SELECT t.a FROM t " + "JOIN u x " * 60 + ";")
    assert "t" in {one.name for one in reading.relations}
    assert ["without ON" in one.what for one in (*reading.skipped, *reading.partial)] == [True]
    assert time.process_time() - began < 10


def test_an_answer_that_repeats_a_join_is_read_at_once():
    """A model that has run into a loop writes such SQL."""
    sql = "WITH c AS (SELECT 1 AS x) SELECT h.APCo FROM APTH h " + "JOIN APTL l " * 60
    began = time.process_time()
    reading = read_answer("Write a query for APTH", f"```sql\n{sql}\n```", "APTH", CATALOG)
    assert set(reading.sql_tables) == {"APTH", "APTL"}
    assert time.process_time() - began < 10
