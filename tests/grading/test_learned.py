"""The learned half of the reader: it generalises, follows names, and its weights fit the code."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.grading.cases import HERE, Case, outside_cases
from vgpt_probe.catalog.model import Catalog
from vgpt_probe.grading import network, read_answer
from vgpt_probe.grading.learned import seen, settled
from vgpt_probe.grading.model import Stance
from vgpt_probe.grading.network import NETS, STANCES, Net, Seen, opinion
from vgpt_probe.grading.reader import by_rules, opened

# Cases, read as labelled, confidently something else: as read when the weights were made, with one to spare for
# other processors. Nothing has been learned from these sets, nor mended for them.
UNSEEN = {
    "traps": (168, 159, 1),
    "traps_again": (154, 148, 3),
    "fourteen_families": (200, 194, 4),
    "examination": (200, 184, 7),
    "acceptance": (200, 198, 1),
    "model_answers": (150, 146, 3),
    "model_answers_again": (140, 138, 2),
    "german_spanish": (120, 116, 3),
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
        _, rows = by_rules(being_read)
        likely.append(opinion(seen(being_read, rows)))
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


SAID = ["<question>", "what", "is", "§", "?", "<line>", "there", "is", "no", "§", "in", "zyzzyva", "."]
WHAT = Seen(SAID, [1] * 5 + [2] * 8, [1.0, 0.0])


def test_threads_that_read_at_once_get_what_one_alone_gets(monkeypatch: pytest.MonkeyPatch) -> None:
    said = [WHAT._replace(words=[*SAID[:-3], f"ein{n}s", f"un{n}", "."]) for n in range(300)]
    expected = [opinion(what) for what in said]
    nets = [Net(network._WEIGHTS, number) for number in range(NETS)]
    monkeypatch.setattr(network, "_net", nets.__getitem__)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(opinion, said))
    finally:
        sys.setswitchinterval(before)
    assert np.allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("question", "answer", "subject", "words"),
    [
        (
            "Is Invoice there?",
            "Even so, it has no Invoice.",
            "Invoice",
            "<question> is § there ? <line> even so , it has no § .",
        ),
        (
            "Query Invoice",
            "Run SELECT 1 FROM Invoice. Don't run SELECT 2 FROM APTH.",
            "Invoice",
            "<question> query § . <line> run ¶§ . <line> do not run ¶q¤ .",
        ),
        (
            "What is Material?",
            "Use INMT (IN Material). 12 rows.",
            "Material",
            "<question> what is § ? <line> use ¤ ( in material ) . <line> 0 rows .",
        ),
        (
            "What is Material?",
            "Use INMT (there is no Material).",
            "Material",
            "<question> what is § ? <line> use ¤ ( there is no § ) .",
        ),
    ],
)
def test_the_networks_see_canonical_words(
    question: str, answer: str, subject: str, words: str, catalog: Catalog
) -> None:
    being_read = opened(question, answer, subject, catalog)
    assert " ".join(seen(being_read, by_rules(being_read)[1]).words) == words


PREAMBLE = (
    "I am working on a report for my manager, who wants to see all open vendor items for the last fiscal year by company "
    "and by project. "
)


def test_a_long_question_is_seen_where_it_names_the_subject(catalog: Catalog) -> None:
    for question, answer, stance in (
        ("Does the table Invoice exist?", "No.", "denies"),
        ("Is it true that there is no table Invoice?", "Correct.", "denies"),
    ):
        assert read_answer(PREAMBLE + question, answer, "Invoice", catalog).stance == stance


TURNED = [
    "Is Invoice missing from the schema?",
    "Was Invoice removed?",
    "Is it correct that Vista has no Invoice table?",
    "Invoice is not a real table, correct?",
]


@pytest.mark.parametrize("answer", ["Vista", "elsewhere", "Accounting"])
def test_a_lone_word_that_the_rules_cannot_read_says_nothing(answer: str, catalog: Catalog) -> None:
    question = "Is there something named Invoice? Say only whose table it is."
    assert read_answer(question, answer, "Invoice", catalog).stance == "silent"


@pytest.mark.parametrize("question", TURNED)
def test_a_bare_word_under_a_question_that_turns_it_round_is_read_by_the_rules(
    question: str, catalog: Catalog
) -> None:
    assert read_answer(question, "Yes.", "Invoice", catalog).stance == "denies"
    assert read_answer(question, "No.", "Invoice", catalog).stance == "affirms"


def test_the_states_are_those_of_one_step_after_the_other() -> None:
    rng = np.random.default_rng(0)
    forget, fresh = rng.random((37, 8)), rng.normal(size=(37, 8))
    state, states = np.zeros(8), []
    for keep, new in zip(forget, fresh, strict=True):
        state = keep * state + new
        states.append(state)
    assert np.allclose(network.run(forget.copy(), fresh.copy()), states)


def test_a_network_learns_what_tells_two_stances_apart_and_its_weights_say_the_same_when_packed(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("torch", reason="only learning needs torch")
    from tests.grading import learn

    said: dict[Stance, str] = {"denies": "Nobody ever built {S}.", "affirms": "{S} was built by the vendor."}
    cases = [
        Case("made", n, stance, f"Tab{n}", f"What is Tab{n}?", text.replace("{S}", f"Tab{n}"))
        for n in range(60)
        for stance, text in said.items()
    ]
    reads = [r for case in cases if (r := learn.read(case, catalog)) is not None]
    net, words = learn.fit(reads, [1.0] * len(reads), epochs=60)
    odds = learn.judged(net, words, reads)
    assert [STANCES[int(row.argmax())] for row in odds] == [r.case.stance for r in reads]
    (tmp_path / "made.npz").write_bytes(learn.packed([(net, words)] * learn.NETS))
    monkeypatch.setattr(network, "_net", lambda number: Net(tmp_path / "made.npz", number))
    assert np.allclose([opinion(r.seen) for r in reads[:4]], odds[:4], atol=0.02)
