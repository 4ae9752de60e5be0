"""The compact run behind the matrix agrees with counting from scratch, whatever comes in whatever order."""

from __future__ import annotations

import random

import pytest

from vgpt_probe.probes import Battery, Probe
from vgpt_probe.runs.records import FLAGGED, VERDICTS, Answer, Case, Run, RunModel, Snapshot
from vgpt_probe.runs.store import Store
from vgpt_probe.runs.summary import since, tallies
from vgpt_probe.tui.board import Board
from vgpt_probe.tui.pace import Pace
from vgpt_probe.tui.rows import Filter, Rows, View

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


VIEWS = [
    View(),
    View(order="disagreement"),
    View(order="margin"),
    View(order="module"),
    View(grouped="subject"),
    View(grouped="wording", order="module"),
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
            Answer(
                1,
                chooser.choice(MODELS),
                place,
                "x",
                "silent",
                verdict,
                margin=chooser.choice([None, chooser.uniform(-5, 5)]),
                review=review,
                override=override,
            )
        )
    return found


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: f"{view.grouped}-{view.order}")
@pytest.mark.parametrize(
    "chosen", FILTERS, ids=lambda chosen: chosen.text or str(chosen.flagged) + str(chosen.module)
)
@pytest.mark.parametrize("seed", range(3))
def test_rows_kept_up_to_date_are_the_rows_counted_afresh(seed: int, chosen: Filter, view: View) -> None:
    board = Board(RUN, PROBES)
    rows = Rows(board, chosen, view, folded=[0])
    last: dict[tuple[str, int], Answer] = {}
    for answer in answers(seed):
        before = list(rows.entries)
        board.put(answer)
        top = rows.update([answer.position])
        last[answer.model, answer.position] = answer
        # Rows may move within what both lists share, so that only the first difference is certain.
        shared = zip(before, rows.entries, strict=False)
        changed = [row for row, pair in enumerate(shared) if pair[0] != pair[1]]
        if before != rows.entries:
            assert top is not None and top <= min([*changed, len(before), len(rows.entries)])
    assert rows.entries == Rows(board, chosen, view, folded=[0]).entries
    assert rows.cases == len(Rows(board, chosen).positions)
    cases = [
        Case(n, probe, {m: last[m, n] for m in MODELS if (m, n) in last}) for n, probe in enumerate(PROBES)
    ]
    for case in cases:
        assert board.flagged(case.position) == case.flagged
        assert (board.spread(case.position) > 1) == case.differs
        assert board.since(case.position) == since(RUN, case.answers)
    counted = tallies(cases, MODELS)
    for model in MODELS:
        assert {name: board.tallies[model][name] for name in VERDICTS} == {
            name: counted[model][name] for name in VERDICTS
        }
        assert board.tallies[model].rate("false_rejection") == counted[model].rate("false_rejection")
        for groups, name in ((board.by_subject, "subject"), (board.by_wording, "wording")):
            for group, key in enumerate(groups.names):
                found = [
                    case.answers[model]
                    for case in cases
                    if getattr(case.probe, name) == key and model in case.answers
                ]
                assert groups.answered[model][group] == sum(one.final != "error" for one in found)
                assert groups.wrong[model][group] == sum(one.final in FLAGGED for one in found)
    assert board.findings == sum(case.flagged for case in cases)


@pytest.mark.parametrize("seed", range(3))
def test_a_run_read_from_the_store_is_the_one_that_was_taken_in_answer_by_answer(tmp_path, seed: int) -> None:
    store = Store(tmp_path / "runs.db")
    run = store.run(store.create_run(Battery("b", "", tuple(PROBES), ""), RUN.snapshot))
    taken = Board(run, PROBES)
    for answer in {(one.model, one.position): one for one in answers(seed)}.values():
        store.add_answers([answer])
        if answer.review is not None:
            store.review(answer, answer.review, verdict=answer.override)
        taken.put(answer)
    read = Board.load(store, run)
    for view in VIEWS:
        for chosen in FILTERS:
            assert Rows(read, chosen, view).entries == Rows(taken, chosen, view).entries
    assert (read.findings, read.answers, read.errors) == (taken.findings, taken.answers, taken.errors)
    for model in MODELS:
        for kind in ("false_rejection", "false_acceptance"):
            assert read.tallies[model].rate(kind) == taken.tallies[model].rate(kind)
        for position in range(len(PROBES)):
            assert read.review(model, position) == taken.review(model, position)
            assert read.verdict(model, position) == taken.verdict(model, position)
    for name in ("by_subject", "by_wording", "by_field"):
        one, other = getattr(read, name), getattr(taken, name)
        assert (one.wrong, one.answered) == (other.wrong, other.answered)
    store.close()


def test_pace_counts_the_last_seconds_only() -> None:
    pace = Pace()
    assert pace.rate(0.0) is None
    for second in range(30):
        pace.add(5, float(second))
    assert pace.rate(29.0) == pytest.approx(5.5)
    assert pace.rate(60.0) is None
