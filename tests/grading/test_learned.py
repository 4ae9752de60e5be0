"""The learned half of the reader: it generalises, follows names, and its weights fit the code."""

from __future__ import annotations

import numpy as np
import pytest

from tests.grading.cases import HERE, Case, outside_cases
from tests.grading.learn import fit_words, label, read, softmax
from vgpt_probe.catalog.model import Catalog
from vgpt_probe.grading import learned, read_answer
from vgpt_probe.grading.learned import STANCES, opinion, settled, weighed
from vgpt_probe.grading.reader import by_rules, opened

# Cases, read as labelled, confidently something else: as read when the last threshold was set, with one to
# spare for other processors.
# Nothing has been learned from these sets, nor mended for them.
UNSEEN = {
    "traps": (168, 140, 13),
    "traps_again": (154, 145, 5),
    "model_answers": (150, 138, 6),
    "model_answers_again": (140, 137, 2),
    "german_spanish": (120, 108, 5),
}


@pytest.mark.parametrize("name", UNSEEN)
def test_sets_that_nothing_was_made_for_are_read_no_worse_than_at_first(name: str, catalog: Catalog) -> None:
    count, right, wrong = UNSEEN[name]
    cases = outside_cases(HERE / "unseen" / f"{name}.jsonl")
    stances = [read_answer(c.question, c.answer, c.subject, catalog).stance for c in cases]
    misread = [
        f"line {case.line}: {case.answer!r} read as {stance}, labelled {case.stance}"
        for case, stance in zip(cases, stances, strict=True)
        if stance in ("affirms", "denies", "contradicts") and not case.accepts(stance)
    ]
    assert len(cases) == count
    assert sum(case.accepts(stance) for case, stance in zip(cases, stances, strict=True)) >= right
    assert len(misread) <= wrong, "\n".join(misread)


ANSWERS = [
    "I went through every list I have and {S} was on none of them.",
    "{S} keeps one row per line of a transaction; don't join it without the company.",
    "Vista ohne {S}? Undenkbar, da stehen die Zeilen drin.",
    "Nope. {S} would be APTL here, which holds the lines.",
]


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_opinion_follows_when_the_subject_is_renamed(answer: str, catalog: Catalog) -> None:
    likely = []
    for name in ("Invoice", "PayrollRun", "tbl_orders", "JCZX"):
        being_read = opened(f"What is in {name}?", answer.replace("{S}", name), name, catalog)
        rows = by_rules(being_read)[1]
        likely.append(opinion(being_read, rows).likely)
    for other in likely[1:]:
        assert np.allclose(likely[0], other)


def test_what_only_the_learned_half_finds_is_shown_with_its_sentence(catalog: Catalog) -> None:
    answer = "You want the vendor master. That would be APVM, the name Creditors is from your old system."
    being_read = opened("What columns does Creditors have?", answer, "Creditors", catalog)
    assert by_rules(being_read)[0].stance == "silent"
    reading = read_answer("What columns does Creditors have?", answer, "Creditors", catalog)
    assert reading.stance == "denies"
    assert reading.reason == "is most like answers that deny the subject"
    assert reading.evidence is not None and "old system" in answer[slice(*reading.evidence)]


def test_a_stance_needs_more_where_the_rules_do_not_give_it() -> None:
    odds = np.array([0.2, 0.55, 0.05, 0.1, 0.1])
    assert settled("denies", odds) == STANCES.index("denies")
    assert settled("affirms", odds) is None


def test_the_weights_fit_the_code(catalog: Catalog) -> None:
    being_read = opened("Does APTL exist?", "Yes, APTL exists.", "APTL", catalog)
    decision, rows = by_rules(being_read)
    weights = learned._weights()
    assert weights.table.shape == (1 << learned.BITS, len(STANCES))
    assert weights.weighing.shape == (
        len(weighed(being_read, decision.stance, opinion(being_read, rows))),
        len(STANCES),
    )


def test_learning_finds_what_tells_two_stances_apart(catalog: Catalog) -> None:
    said = {"denies": "Nobody ever built {S}{n}.", "affirms": "{S}{n} was built by the vendor."}
    cases = [
        Case("made", n, stance, f"Tab{n}", f"What is Tab{n}?", text.replace("{S}{n}", f"Tab{n}"))
        for n in range(20)
        for stance, text in said.items()
    ]
    reads = [r for case in cases if (r := read(case, catalog)) is not None]
    table, bias = fit_words(reads, [1.0] * len(reads))
    odds = softmax(np.array([table[r.seen].sum(0) + bias for r in reads]))
    assert [int(row.argmax()) for row in odds] == [label(r.case) for r in reads]
