"""The networks: they generalise, follow names, and their weights fit the code."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.grading.cases import HERE, Case, outside_cases
from vgpt_probe.catalog.model import Catalog
from vgpt_probe.grading import network, read_answer
from vgpt_probe.grading.learned import settled
from vgpt_probe.grading.model import Stance
from vgpt_probe.grading.network import NETS, STANCES, Net, Opinion, Seen
from vgpt_probe.grading.reader import opened, rows_of
from vgpt_probe.grading.seen import seen

# Cases, read as labelled, confidently something else: as read when the weights were made, with one to spare for
# other processors. Nothing has been learned from these sets, nor mended for them.
UNSEEN = {
    "traps": (168, 160, 3),
    "traps_again": (154, 151, 2),
    "fourteen_families": (200, 195, 2),
    "examination": (200, 189, 5),
    "acceptance": (200, 198, 2),
    "model_answers": (150, 147, 3),
    "model_answers_again": (140, 139, 1),
    "german_spanish": (120, 116, 3),
    "examination_again": (200, 194, 3),
    "fine_tuned_models": (200, 193, 1),
}


@pytest.mark.parametrize("name", UNSEEN)
def test_sets_that_nothing_was_made_for_are_read_no_worse_than_at_first(name: str, catalog: Catalog) -> None:
    count, right, wrong = UNSEEN[name]
    cases = outside_cases(HERE / "unseen" / f"{name}.jsonl")
    stances = [read_answer(c.question, c.answer, c.subject, catalog).stance for c in cases]
    misread = [
        stance in ("affirms", "denies", "contradicts") and not case.accepts(stance)
        for case, stance in zip(cases, stances, strict=True)
    ]
    # Only counts are shown, so that nobody mends a line of these sets.
    assert len(cases) == count
    assert sum(case.accepts(stance) for case, stance in zip(cases, stances, strict=True)) >= right
    assert sum(misread) <= wrong


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
        what, _ = seen(being_read, rows_of(being_read) or [])
        likely.append(Opinion(what).odds)
    for other in likely[1:]:
        assert np.allclose(likely[0], other)


def test_the_sentence_that_tells_most_is_shown(catalog: Catalog) -> None:
    answer = "You want the vendor master. That would be APVM, the name Creditors is from your old system."
    reading = read_answer("What columns does Creditors have?", answer, "Creditors", catalog)
    assert reading.stance == "denies"
    assert reading.evidence is not None and "old system" in answer[slice(*reading.evidence)]


def test_a_stance_that_is_not_likely_enough_is_left_open() -> None:
    assert settled(np.array([0.2, 0.65, 0.05, 0.05, 0.05])) == STANCES.index("denies")
    assert settled(np.array([0.4, 0.5, 0.0, 0.05, 0.05])) is None
    assert settled(np.array([0.0, 0.45, 0.0, 0.3, 0.25])) is None


SAID = ["<question>", "what", "is", "§", "?", "<line>", "there", "is", "no", "§", "in", "zyzzyva", "."]
WHAT = Seen(SAID, [1] * 5 + [2] * 8, [1.0, 0.0])


def test_threads_that_read_at_once_get_what_one_alone_gets(monkeypatch: pytest.MonkeyPatch) -> None:
    said = [WHAT._replace(words=[*SAID[:-3], f"ein{n}s", f"un{n}", "."]) for n in range(300)]
    expected = [Opinion(what).odds for what in said]
    nets = [Net(network._WEIGHTS, number) for number in range(NETS)]
    monkeypatch.setattr(network, "_net", nets.__getitem__)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda what: Opinion(what).odds, said))
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
            "<question> query § . <line> run ¶§ . <line> do not run ¶¤ .",
        ),
        (
            "Is Invoice there?",
            "IF OBJECT_ID('Invoice') IS NOT NULL SELECT 1 FROM Invoice; CREATE TABLE Invoice (Co int)",
            "Invoice",
            "<question> is § there ? <line> ¶?§ ¶+§",
        ),
        ("Make one", "CREATE TABLE Invoice (Co int)", "Invoice", "<question> make one . <line> ¶+§"),
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
    what, _ = seen(being_read, rows_of(being_read) or [])
    assert " ".join(what.words) == words


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
def test_a_lone_word_that_may_mean_anything_says_nothing(answer: str, catalog: Catalog) -> None:
    question = "Is there something named Invoice? Say only whose table it is."
    assert read_answer(question, answer, "Invoice", catalog).stance == "silent"


@pytest.mark.parametrize("question", TURNED)
def test_a_bare_word_under_a_question_that_turns_it_round_is_turned_too(
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
    assert np.allclose([Opinion(r.seen).odds for r in reads[:4]], odds[:4], atol=0.02)
