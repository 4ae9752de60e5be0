"""The normal form keeps everything, and is written the same way every time."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgpt_probe.catalog import Catalog, Column, Relation, load_catalog
from vgpt_probe.catalog.diff import diff_catalogs
from vgpt_probe.catalog.merge import merge
from vgpt_probe.catalog.model import ForeignKey
from vgpt_probe.catalog.normal import Cached, from_json, pack, to_json

words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6)
columns = st.builds(Column, words, st.none() | words, st.none() | st.booleans(), st.none() | words)
keys = st.builds(ForeignKey, st.tuples(words), words, st.tuples(words) | st.just(()))
relations = st.builds(
    Relation, words, words, st.sampled_from(["table", "view"]), st.none() | words, words,
    st.lists(columns, max_size=3).map(tuple), st.lists(words, max_size=2).map(tuple), st.booleans(),
    st.none() | words, st.lists(keys, max_size=1).map(tuple),
)  # fmt: skip


def _ordered(known):
    return sorted(known, key=lambda relation: (relation.schema, relation.name))


@given(st.lists(relations, max_size=4))
def test_json_keeps_everything(known):
    text = to_json(known)
    assert from_json(text) == _ordered(known)
    assert to_json(from_json(text)) == text


@given(st.lists(relations, max_size=4))
def test_the_cache_keeps_everything(known):
    packed = msgspec.msgpack.encode(pack(known, 3))
    cached = msgspec.msgpack.decode(packed, type=Cached)
    assert cached.unpacked() == known
    assert cached.column_names == Catalog(known).column_names


def test_columns_from_the_cache_behave_like_a_tuple():
    known = Relation("APTH", columns=(Column("APCo", "bCompany", False), Column("Mth")))
    [relation] = pack([known], 0).unpacked()
    assert relation == known and hash(relation) == hash(known)
    assert len(relation.columns) == 2 and relation.columns[1].name == "Mth"
    assert [column.name for column in relation.columns[:1]] == ["APCo"]
    assert msgspec.structs.replace(relation, key=("APCo",)).columns == known.columns


def test_a_file_in_normal_form_is_a_source(tmp_path):
    known = [Relation("APTH", columns=(Column("APCo", "TINYINT", False),), key=("APCo",))]
    path = tmp_path / "catalog.json"
    path.write_text(to_json(known), encoding="utf-8")
    for _ in range(2):
        assert list(load_catalog(path, cache=tmp_path / "cache").relations) == known


def test_a_cache_that_lost_a_byte_is_made_anew(tmp_path):
    path = tmp_path / "schema.sql"
    path.write_text("CREATE TABLE APTH (APCo tinyint, Mth int);", encoding="utf-8")
    first = load_catalog(path, cache=tmp_path / "cache")
    [kept] = (tmp_path / "cache").iterdir()
    whole = kept.read_bytes()
    for at in range(0, len(whole), 7):
        kept.write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
        assert load_catalog(path, cache=tmp_path / "cache").relations == first.relations


def test_sources_fill_each_other_and_the_first_one_stands():
    first = Relation("APTH", columns=(Column("APCo", None, False),), columns_complete=False)
    later = Relation(
        "APTH", kind="view", description="header", columns=(Column("APCo", "INT", True), Column("Mth")), key=("APCo",)
    )
    [both] = merge([[first], [later]])
    assert both.columns == (Column("APCo", "INT", False), Column("Mth"))
    assert (both.kind, both.description, both.key, both.columns_complete) == ("view", "header", ("APCo",), True)


def test_a_diff_names_what_changed_and_nothing_that_is_merely_unknown():
    old = Catalog(
        [
            Relation("APTH", columns=(Column("APCo", "INT", False), Column("Old", "INT"), Column("Same"))),
            Relation("Gone"),
            Relation("apco"),
            Relation("Part", columns=(Column("a"),), columns_complete=False),
        ]
    )
    new = Catalog(
        [
            Relation("APTH", columns=(Column("APCo", "BIGINT", False), Column("Same", "INT"), Column("New"))),
            Relation("Come"),
            Relation("APCO"),
            Relation("Part", columns=(Column("a"), Column("b"))),
        ]
    )
    diff = diff_catalogs(old, new)
    assert (diff.added, diff.removed, diff.recased) == (("dbo.Come",), ("dbo.Gone",), (("dbo.apco", "dbo.APCO"),))
    [change] = diff.changed
    assert [(one.column, one.what) for one in change.columns] == [("APCo", "changed"), ("Old", "removed"), ("New", "added")]
    assert not diff_catalogs(new, new)


@pytest.mark.parametrize("kept", [1, 20])
def test_old_states_leave_the_cache(tmp_path, kept):
    path = tmp_path / "schema.sql"
    for number in range(kept):
        path.write_text(f"CREATE TABLE t{number} (a int);", encoding="utf-8")
        load_catalog(path, cache=tmp_path / "cache")
    assert len(list((tmp_path / "cache").iterdir())) == min(kept, 8)
