"""Statistics against values worked out by hand or by a reference implementation."""

from __future__ import annotations

import math

import pytest

from vgpt_probe.grading import (
    DenialRow,
    denials_by_subject,
    denials_by_wording,
    mcnemar_exact,
    paired_table,
    shortcut_wordings,
    stage_path,
    wilson,
)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (5, 10, 0.2366, 0.7634),
        (1, 100, 0.0018, 0.0545),
        (263, 1000, 0.2367, 0.2912),
    ],
)
def test_wilson(k: int, n: int, low: float, high: float) -> None:
    interval = wilson(k, n)
    assert interval.value == k / n
    assert interval.low == pytest.approx(low, abs=1e-4)
    assert interval.high == pytest.approx(high, abs=1e-4)


def test_wilson_of_nothing() -> None:
    assert math.isnan(wilson(0, 0).value)
    with pytest.raises(ValueError, match="0 <= k <= n"):
        wilson(3, 2)


@pytest.mark.parametrize(
    ("a", "b", "p"),
    [(0, 0, 1.0), (5, 5, 1.0), (1, 9, 0.021484375), (0, 6, 0.03125), (10, 2, 0.03857421875), (0, 1, 1.0)],
)
def test_mcnemar(a: int, b: int, p: float) -> None:
    assert mcnemar_exact(a, b) == pytest.approx(p)
    assert mcnemar_exact(b, a) == pytest.approx(p)


def test_mcnemar_of_many() -> None:
    assert 0 <= mcnemar_exact(2000, 3000) < 1e-40


def test_paired_table() -> None:
    table = paired_table([True, True, False, False], [True, False, True, False])
    assert (table.both, table.only_a, table.only_b, table.neither, table.p) == (1, 1, 1, 1, 1.0)
    with pytest.raises(ValueError, match="same probes"):
        paired_table([True], [])


@pytest.mark.parametrize(
    ("verdicts", "path"),
    [
        (["correct", "correct", "correct"], "right throughout"),
        (["correct", "correct", "false_rejection"], "introduced at c"),
        (["correct", "false_rejection", "false_rejection"], "introduced at b"),
        (["contradiction", "false_rejection", "contradiction"], "inherited from a"),
        (["false_rejection", "correct", "correct"], "fixed at b"),
        (["correct", "false_rejection", "correct"], "flickers"),
        (["false_acceptance", "correct", "false_acceptance"], "flickers"),
        (["correct", "unclear", "false_rejection"], "introduced at c"),
        (["error", None, "unclear"], "no verdict"),
        ([None, "false_rejection", None], "introduced at b"),
    ],
)
def test_stage_path(verdicts: list[str | None], path: str) -> None:
    assert stage_path(dict(zip("abc", verdicts, strict=False))) == path


def rows() -> list[DenialRow]:
    """Ten real tables and five invented names, four wordings; `structure` denies whatever it is asked."""
    out = []
    for wording in ("exists", "describe", "columns", "structure"):
        for i in range(10):
            out.append(DenialRow(f"R{i}", wording, True, wording == "structure" or i == 0))
        for i in range(5):
            out.append(
                DenialRow(
                    f"F{i}",
                    wording,
                    False,
                    wording == "structure" or (i < 2 if wording != "columns" else None),
                )
            )
    return out


def test_denials_by_subject_and_wording() -> None:
    subjects = denials_by_subject(rows())
    assert [rate.key for rate in subjects[:3]] == ["R0", "F0", "F1"]
    assert {rate.key: rate.denied for rate in subjects}["R0"] == 4
    assert {rate.key: rate.denied for rate in subjects}["R5"] == 1
    wordings = {rate.key: rate for rate in denials_by_wording(rows())}
    assert (wordings["structure"].denied_real, wordings["structure"].real) == (10, 10)
    assert (wordings["columns"].fake, wordings["describe"].denied_fake) == (0, 2)


def test_a_shortcut_wording_is_called_out() -> None:
    assert [rate.key for rate in shortcut_wordings(rows())] == ["structure"]
    honest = [DenialRow(row.subject, row.wording, row.real, not row.real) for row in rows()]
    assert shortcut_wordings(honest) == ()
