"""A reading rests on what is said: not on other names, white space, emphasis, or the case of everyday words."""

from __future__ import annotations

import random
import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.grading.cases import Case, all_cases, small_catalog
from vgpt_probe.grading import Reading, default_phrases, judge, read_answer, wilson
from vgpt_probe.grading.names import is_shaped

CATALOG = small_catalog()
CASES = [
    case
    for case in all_cases("first")
    if case.family != "casing" and "." not in case.subject and case.subject != "aptl"
]
# The families whose point is a line or a name in place are left out where a change would change what is said.
PROSE = [
    case
    for case in CASES
    if case.family not in ("sql_only", "lists", "markdown")
    and "`" not in case.answer
    and "\n" not in case.answer
    and "SELECT" not in case.answer
]
QUICK = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
_NAME = re.compile(r"(?<![\w#@])[A-Za-z_]\w*")


def read(
    case: Case, question: str | None = None, answer: str | None = None, subject: str | None = None
) -> Reading:
    """The reading of a case with parts of it replaced."""
    return read_answer(
        case.question if question is None else question,
        case.answer if answer is None else answer,
        subject or case.subject,
        CATALOG,
    )


def rename(text: str, old: str, new: str) -> str:
    """Replaces a whole name."""
    return re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", new, text)


def others(case: Case) -> list[str]:
    """The other identifiers of an answer."""
    related = {case.subject.lower(), "b" + case.subject.lower(), case.subject.lower().lstrip("bv")}
    return sorted(
        {
            name
            for name in _NAME.findall(case.answer)
            if (is_shaped(name) and name.lower() not in related and not name.isupper())
            or name in ("APTH", "APVM", "APTL")
        }
        - {case.subject}
    )


@QUICK
@given(
    st.sampled_from(CASES),
    st.sampled_from(["JCJM", "ARCM", "SMWorkOrder", "XQZV", "vTaxCodes", "PRTimeCards"]),
    st.randoms(use_true_random=False),
)
def test_another_name_changes_nothing(case: Case, fresh: str, rng: random.Random) -> None:
    names = [
        name for name in others(case) if "b" + name not in case.answer and name.lstrip("b") != case.subject
    ]
    if not names or fresh in case.answer or fresh in case.question or fresh == case.subject:
        return
    old = rng.choice(names)
    assert (
        read(case, rename(case.question, old, fresh), rename(case.answer, old, fresh)).stance
        == read(case).stance
    )


@QUICK
@given(st.sampled_from(PROSE), st.randoms(use_true_random=False))
def test_white_space_changes_nothing(case: Case, rng: random.Random) -> None:
    def gap(match: re.Match[str]) -> str:
        after = case.answer[match.end() : match.end() + 1]
        return rng.choice([" ", "  ", "\t", " \n" if after.isalpha() else "   ", "\u00a0"])

    answer = re.sub(r" ", gap, case.answer)
    assert read(case, answer=answer).stance == read(case).stance, answer


@QUICK
@given(
    st.sampled_from(PROSE),
    st.sampled_from(["**{}**", "*{}*", "__{}__", "`{}`", "'{}'", '"{}"', "“{}”", "[{}]", "**`{}`**"]),
)
def test_emphasis_on_a_name_changes_nothing(case: Case, style: str) -> None:
    if not is_shaped(case.subject) or re.search(
        rf"[`'\"\[.*]{case.subject}|{case.subject}['`\".]\w?", case.answer
    ):
        return
    answer = rename(case.answer, case.subject, style.format(case.subject))
    assert read(case, answer=answer).stance == read(case).stance, answer


def others_shouted(case: Case) -> set[str]:
    """The names in capitals of an answer, without the subject."""
    return {name for name in _NAME.findall(case.answer) if is_shaped(name)} - {case.subject}


@QUICK
@given(st.sampled_from(PROSE), st.sampled_from([str.upper, str.title, str.lower]))
def test_case_of_everyday_words_changes_nothing(case: Case, change) -> None:  # type: ignore[no-untyped-def]
    if change is str.upper and any(name.isupper() and CATALOG.get(name) is None for name in others_shouted(case)):
        # Among shouted words a name that nobody knows is one more of them.
        return
    phrases = default_phrases()
    everyday = phrases.known | phrases.words("negative") | phrases.tables.nouns

    def swap(match: re.Match[str]) -> str:
        word = match.group()
        return (
            change(word)
            if word.lower() in everyday and word.lower() != case.subject.lower() and len(word) > 1
            else word
        )

    answer = re.sub(r"[^\W\d_]+", swap, case.answer)
    # Shouted, "you can select from it" may be SQL: what is left open stays open, if by another name.
    left_open = {"hedges", "silent"}
    now, before = read(case, answer=answer).stance, read(case).stance
    assert now == before or {now, before} == left_open, answer


@QUICK
@given(
    st.sampled_from(CASES),
    st.sampled_from(["XQZV", "KLMT", "vPaymentLog", "TaxRunDetail", "tbl_Runs", "HQ99"]),
)
def test_a_renamed_subject_takes_its_reading_along(case: Case, fresh: str) -> None:
    if (
        not is_shaped(case.subject)
        or re.search(rf"[b_]{case.subject}", case.answer)
        or case.subject.startswith(("b", "v"))
    ):
        return
    renamed = read(
        case, rename(case.question, case.subject, fresh), rename(case.answer, case.subject, fresh), fresh
    )
    before = read(case)
    assert renamed.stance == before.stance
    if before.evidence is not None and renamed.evidence is not None:
        shown = rename(case.answer, case.subject, fresh)[slice(*renamed.evidence)]
        assert shown == rename(case.answer[slice(*before.evidence)], case.subject, fresh)


@QUICK
@given(st.text(max_size=300), st.text(max_size=40), st.text(max_size=60))
def test_any_text_is_read(answer: str, subject: str, question: str) -> None:
    reading = read_answer(question, answer, subject, CATALOG)
    if reading.evidence is not None:
        low, high = reading.evidence
        assert 0 <= low < high <= len(answer)
    assert judge(reading, None) == "unclear"


@QUICK
@given(st.integers(0, 2000), st.integers(0, 2000))
def test_wilson_holds_its_rate(k: int, more: int) -> None:
    n = k + more
    interval = wilson(k, n)
    if n:
        assert 0 <= interval.low <= interval.value <= interval.high <= 1


def test_an_answer_may_end_without_a_full_stop_anywhere() -> None:
    # Rules that look one word ahead must not look beyond the end.
    for answer in ("APTL can't be queried", "APTL could not be used", "You can't read APTL", "There is no"):
        assert read_answer("Describe APTL", answer, "APTL", small_catalog()).stance in (
            "silent",
            "denies",
            "hedges",
            "affirms",
        )
