"""What the catalog says of a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgpt_probe.catalog import Catalog, Relation, module_of

CATALOG = Catalog(
    [Relation("APTH"), Relation("APTL"), Relation("bAPTH"), Relation("Activity", schema="api"), Relation("JCJM")]
)


@pytest.mark.parametrize("name", ["APTH", "dbo.APTH", "[dbo].[APTH]", '"APTH"', "`APTH`", " APTH ", "api.Activity"])
def test_a_real_name_is_found_however_it_is_written(name):
    assert CATALOG.resolve(name).status == "real"


def test_other_letter_case_is_not_real_where_case_counts():
    found = CATALOG.resolve("apth")
    assert (found.status, found.relation and found.relation.name) == ("case", "APTH")
    assert "apth" not in CATALOG
    assert "apth" in Catalog([Relation("APTH")], case_sensitive=False)


def test_a_near_miss_offers_the_closest_names_first():
    found = CATALOG.resolve("APTX")
    assert found.status == "near"
    assert [relation.name for relation in found.candidates] == ["APTH", "APTL"]


def test_a_name_that_nothing_comes_close_to_is_unknown():
    assert CATALOG.resolve("Invoices").status == "unknown"


def test_a_name_in_another_schema_is_real_only_there():
    assert "other.APTH" not in CATALOG


@pytest.mark.parametrize(
    ("name", "module"), [("APTH", "AP"), ("bAPTH", "AP"), ("brvJCCostRevenue", "JC"), ("Invoices", "Other")]
)
def test_modules_are_guessed_from_names(name, module):
    assert module_of(name) == module


@given(st.text(max_size=80))
def test_any_text_can_be_looked_up(text):
    assert CATALOG.resolve(text).status in ("real", "case", "near", "unknown")
