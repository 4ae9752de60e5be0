"""The compact run behind the matrix agrees with counting from scratch, whatever comes in whatever order."""

from __future__ import annotations

import random

import pytest

from vgpt_probe.probes import Probe
from vgpt_probe.runs.records import VERDICTS, Answer, Case, Run, RunModel, Snapshot
from vgpt_probe.runs.summary import tallies
from vgpt_probe.tui.board import Board, Filter, Pace, Rows

MODELS = ("a", "b", "c")
PROBES = [
    Probe(
        f"{n}",
        f"Is there a table named T{n}?",
        f"T{n}",
        f"w{n % 3}",
        "exists",
        f"M{n % 4}",
        n % 2 == 0,
        "affirm",
    )
    for n in range(40)
]
RUN = Run(
    1, "2026-01-01T00:00:00Z", "b", "running", Snapshot("", "", tuple(RunModel(m, m, "") for m in MODELS))
)
FILTERS = [
    Filter(),
    Filter(flagged=True),
    Filter(differs=True),
    Filter(module="M1", flagged=True),
    Filter(text="t1"),
]


def answers(seed: int) -> list[Answer]:
    chooser = random.Random(seed)
    found = []
    for _ in range(300):
        review = chooser.choice([None, None, "confirmed", "dismissed", "overridden"])
        override = chooser.choice(VERDICTS) if review == "overridden" else None
        verdict = chooser.choice(VERDICTS)
        place = chooser.randrange(len(PROBES))
        found.append(
            Answer(1, chooser.choice(MODELS), place, "x", "silent", verdict, review=review, override=override)
        )
    return found


@pytest.mark.parametrize("chosen", FILTERS, ids=str)
@pytest.mark.parametrize("seed", range(5))
def test_rows_kept_up_to_date_are_the_rows_counted_afresh(seed: int, chosen: Filter) -> None:
    board = Board(RUN, PROBES)
    rows = Rows(board, chosen)
    last: dict[tuple[str, int], Answer] = {}
    for answer in answers(seed):
        before = list(rows.positions)
        board.put(answer)
        top = rows.update([answer.position])
        last[answer.model, answer.position] = answer
        changed = [
            row for row, pair in enumerate(zip(before, rows.positions, strict=False)) if pair[0] != pair[1]
        ]
        if before == rows.positions:
            assert top is None
        else:
            assert top == min([*changed, len(before), len(rows.positions)])
    assert rows.positions == Rows(board, chosen).positions
    cases = [
        Case(n, probe, {m: last[m, n] for m in MODELS if (m, n) in last}) for n, probe in enumerate(PROBES)
    ]
    for case in cases:
        assert board.flagged(case.position) == case.flagged
        assert board.matches(case.position, Filter(differs=True)) == case.differs
    counted = tallies(cases, MODELS)
    for model in MODELS:
        assert {name: board.tallies[model][name] for name in VERDICTS} == {
            name: counted[model][name] for name in VERDICTS
        }
        assert board.tallies[model].rate("false_rejection") == counted[model].rate("false_rejection")
    assert board.findings == sum(case.flagged for case in cases)


def test_pace_counts_the_last_seconds_only() -> None:
    pace = Pace()
    assert pace.rate(0.0) is None
    for second in range(30):
        pace.add(5, float(second))
    assert pace.rate(29.0) == pytest.approx(5.5)
    assert pace.rate(60.0) is None
