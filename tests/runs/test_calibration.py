"""Margins against readings: how well they tell, and from where on they are trusted."""

from __future__ import annotations

import pytest

from vgpt_probe.probes import make_probe
from vgpt_probe.runs.calibration import CLEARANCE, LEAST_OF_WORDING, SAFETY, calibrate, sample
from vgpt_probe.runs.records import Answer


def said(catalog, wording, margin, reading, stop="end"):
    probe = make_probe(f"{wording}?", "APTH", catalog, wording=wording)
    return probe, Answer(1, "m", 0, "text", reading, "correct", margin=margin, stop=stop)


def test_agreement_and_auc_count_what_was_decided(catalog):
    rows = [said(catalog, "w", margin, "denies") for margin in (3.0, 2.0, -1.0)]
    rows += [said(catalog, "w", margin, "affirms") for margin in (-3.0, -2.0, 2.0)]
    rows += [said(catalog, "w", 9.0, "silent"), said(catalog, "w", 9.0, "denies", stop="scored")]
    found = calibrate(rows, 1 / 12)
    assert (found.answers, found.decided) == (7, 6)
    assert found.agreement == pytest.approx(4 / 6)
    # 3 beats all three, 2 beats two and ties with one, -1 beats two.
    assert found.auc == pytest.approx((3 + 2.5 + 2) / 9)


def test_a_margin_is_trusted_beyond_the_farthest_that_was_wrong(catalog):
    rows = [said(catalog, "good", 5.0, "denies")] * 12 + [said(catalog, "bad", 2.0, "affirms")] * 12
    found = calibrate(rows, 1 / 12)
    assert found.thresholds["good"] == 2.0 * SAFETY + CLEARANCE
    assert found.certain("good", -6.0) and not found.certain("good", -3.0)


def test_a_wording_whose_answers_are_often_unclear_is_always_generated(catalog):
    rows = [said(catalog, "clear", 5.0, "denies")] * 12
    rows += [said(catalog, "vague", 5.0, "denies")] * 10 + [said(catalog, "vague", 5.0, "silent")] * 2
    found = calibrate(rows, 1 / 12)
    assert found.certain("clear", 9.0) and not found.certain("vague", 99.0)
    assert calibrate(rows, 0.2).certain("vague", 9.0), "the workspace says how many are too many"


def test_a_model_that_only_denies_has_no_auc(catalog):
    found = calibrate([said(catalog, "w", 5.0, "denies")], 1 / 12)
    assert found.auc is None and found.agreement == 1.0
    assert not found.certain("w", 99.0), "one answer is too few to trust"


def test_the_sample_takes_some_of_each_wording_spread_over_its_probes(catalog):
    probes = [make_probe(f"{w} {n}", "APTH", catalog, wording=w) for n in range(1000) for w in ("a", "b")]
    probes += [make_probe("once", "APTH", catalog, wording="c")]
    chosen = sample(probes)
    assert chosen == sorted(set(chosen))
    by_wording = {w: [at for at in chosen if probes[at].wording == w] for w in "abc"}
    assert {w: len(found) for w, found in by_wording.items()} == {"a": 20, "b": 20, "c": 1}
    assert by_wording["a"][0] < 100 and by_wording["a"][-1] > 1900
    assert len(sample(probes[:40])) == 2 * LEAST_OF_WORDING
