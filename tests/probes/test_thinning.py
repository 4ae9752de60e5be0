"""Thinning: however few probes are kept, they stand for the whole battery."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import ROOT
from vgpt_probe.probes import Probe, load_battery
from vgpt_probe.probes.thinning import thinned


def probe(
    number: int, subject: str, wording: str, *, real: bool = True, kind: str = "", module: str = "AP"
) -> Probe:
    return Probe(
        str(number), f"{wording} {subject}?", subject, wording, "other", module, real, "affirm" if real else "deny", kind
    )  # fmt: skip


@pytest.mark.parametrize("limit", [24, 50, 140, 300])
@pytest.mark.parametrize("name", ["existence", "near-miss", "columns", "sweep", "heldout"])
def test_subjects_kinds_and_wordings_keep_their_shares(catalog, name, limit):
    whole = load_battery(ROOT / "probes", name, catalog).probes
    if limit >= len(whole):
        pytest.skip("the battery is no larger")
    kept = thinned(whole, limit)
    assert len(kept) == limit
    share = limit / len(whole)
    for key in (lambda one: one.real, lambda one: (one.real, one.wording), lambda one: (one.real, one.kind)):
        had, has = Counter(map(key, whole)), Counter(map(key, kept))
        assert all(abs(has[group] - share * count) < 4 for group, count in had.items()), (had, has)
    for truth in (True, False):
        asked = Counter(one.subject for one in kept if one.real is truth)
        subjects = len({one.subject for one in whole if one.real is truth})
        assert len(asked) == min(subjects, asked.total())


def test_a_small_sample_speaks_of_every_module(catalog):
    whole = load_battery(ROOT / "probes", "existence", catalog).probes
    assert {one.module for one in thinned(whole, 24) if one.real} == {one.module for one in whole if one.real}


def test_questions_written_by_hand_do_not_crowd_out_the_wordings():
    drawn = [probe(at, f"T{at // 4}", f"w{at % 4}") for at in range(160)]
    own = [probe(1000 + at, f"T{at}", f"own_{at}") for at in range(40)]
    kept = thinned([*drawn, *own], 40)
    assert Counter(one.wording[:2] for one in kept) == {"w0": 8, "w1": 8, "w2": 8, "w3": 8, "ow": 8}


def test_kinds_that_are_few_are_not_asked_in_one_wording_only():
    kinds = [f"k{at}" for at in range(4)]
    whole = [
        probe(at, f"{kind}_{subject}", f"w{word}", real=False, kind=kind)
        for at, (kind, subject, word) in enumerate(
            (k, s, w) for k in kinds for s in range(12) for w in range(4)
        )
    ]
    asked = {(one.kind, one.wording) for one in thinned(whole, 48)}
    assert len(asked) == 16


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ABCDEFG"), st.sampled_from("xyz"), st.booleans(), st.sampled_from(["", "k", "l"])
        ),
        max_size=40,
    ),
    st.integers(1, 45),
)
def test_a_higher_limit_adds_to_a_lower_one_and_the_order_of_asking_stays(rows, limit):
    whole = [
        probe(at, subject + str(real), wording, real=real, kind=kind, module=subject)
        for at, (subject, wording, real, kind) in enumerate(rows)
    ]
    fewer, more = thinned(whole, limit), thinned(whole, limit + 1)
    assert len(fewer) == min(limit, len(whole))
    assert set(fewer) <= set(more)
    assert [one.id for one in more] == [one.id for one in whole if one in more]
