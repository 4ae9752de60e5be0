"""The index of near misses finds exactly what comparing every name would find."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from vgpt_probe.catalog import Catalog, Relation
from vgpt_probe.catalog.near import NearIndex

names = st.text("abcdefghxyz019_é", max_size=12)


@given(st.lists(names, max_size=30), names, st.sampled_from([50.0, 60.0, 70.0, 90.0, 100.0]))
def test_no_name_that_is_close_is_ruled_out(known, name, cutoff):
    every = {at: ratio for at, one in enumerate(known) if (ratio := fuzz.ratio(name, one)) >= cutoff}
    assert dict(NearIndex(known).closest(name, cutoff=cutoff)) == every


def test_ties_go_to_the_longer_common_beginning_then_to_the_shorter_name():
    catalog = Catalog([Relation(name) for name in ("XPTX", "APXT", "APTZ", "APTH", "APTXX")])
    assert [relation.name for relation in catalog.near("APTX", cutoff=60)] == ["APTXX", "APTH", "APTZ", "APXT", "XPTX"]
