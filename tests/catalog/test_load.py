"""Opening a catalog, and its cache."""

from __future__ import annotations

import pytest

from vgpt_probe.catalog import load_catalog
from vgpt_probe.errors import CatalogError


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "schema.sql"
    path.write_text("CREATE TABLE APTH (APCo int);", encoding="utf-8")
    return path


def test_the_cache_gives_the_same_catalog_without_reading_again(source, tmp_path, monkeypatch):
    first = load_catalog(source, cache=tmp_path / "cache")
    monkeypatch.setattr("vgpt_probe.catalog.load.read_source", None)
    second = load_catalog(source, cache=tmp_path / "cache")
    assert second.relations == first.relations
    assert second.fingerprint == first.fingerprint


def test_a_changed_source_is_read_again(source, tmp_path):
    first = load_catalog(source, cache=tmp_path / "cache")
    source.write_text("CREATE TABLE APTL (APCo int);", encoding="utf-8")
    second = load_catalog(source, cache=tmp_path / "cache")
    assert "APTL" in second and "APTH" not in second
    assert second.fingerprint != first.fingerprint


def test_a_damaged_cache_is_made_anew(source, tmp_path):
    load_catalog(source, cache=tmp_path / "cache")
    for kept in (tmp_path / "cache").iterdir():
        kept.write_bytes(b"\xc1rubbish")
    assert "APTH" in load_catalog(source, cache=tmp_path / "cache")


def test_a_source_without_tables_and_an_unknown_dialect_are_named(source):
    with pytest.raises(CatalogError, match="unknown SQL dialect 'tsqll'"):
        load_catalog(source, dialect="tsqll")
    source.write_text("SELECT 1", encoding="utf-8")
    with pytest.raises(CatalogError, match="holds no CREATE TABLE"):
        load_catalog(source)


def test_the_demo_catalog_is_read_whole(catalog):
    assert len(catalog) >= 150
    assert catalog.skipped == 0
    assert catalog.get("APTH").base == "bAPTH"
    assert catalog.get("APTL").key == ("APCo", "Mth", "APTrans", "APLine")
    assert any(relation.schema != "dbo" for relation in catalog.relations)
