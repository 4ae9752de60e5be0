"""The HTML report: whole by itself, and nothing in a model's text can act in it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reports.runs import RIGHT, WRONG, case, run_of
from vgpt_probe.reports.facts import gather
from vgpt_probe.reports.page import LONGEST, html, pieces
from vgpt_probe.runs.records import Answer

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></p></main><h1>gone",
    "{{ 7 * 7 }}{% include 'x' %}",
    "\x1b[2J\x1b]0;title\x07",
    "safe \u202egnp.exe\u202c \u2066x\u2069 \u200b",
    "\ud800 lone",
    "&lt;b&gt; & <b>",
    "\0\ufffe",
]
VOID = {"meta", "line", "path", "rect", "br"}


class Page(HTMLParser):
    """Collects the text and the tags of a page, and sees to it that what is opened is closed."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text, self.open = [], [], "", []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def page_of(cases, *models):
    return html(gather(run_of(cases, *models), cases))


def tags_of(cases, *models):
    return Page(page_of(cases, *models)).tags


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_and_does_nothing(text):
    def cases(said, name):
        return [case(0, name, name, module=name, text=said, sft=WRONG, dpo=RIGHT, margin=1.0)]

    written = page_of(cases(text, text), "sft", "dpo")
    page = Page(written)
    assert page.open == []
    assert page.tags == tags_of(cases("plain words", "plain words"), "sft", "dpo")
    assert not any(name.startswith("on") or name in ("src", "href") for name, _ in page.attributes)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ud800-\udfff]", written)


def test_a_hostile_model_name_does_nothing_either():
    name = '<b onclick="x">\u202e'
    cases = [case(0, **{name: WRONG, "m": RIGHT})]
    assert tags_of(cases, name, "m") == tags_of([case(0, other=WRONG, m=RIGHT)], "other", "m")


def test_the_page_needs_nothing_from_elsewhere():
    written = page_of([case(0, m=WRONG)], "m")
    assert not re.search(r"https?://|@import|url\(|<script|<link", written)
    assert "default-src 'none'" in written


def test_the_evidence_is_marked():
    answer = Answer(1, "m", 0, "Well, it does not exist, I fear.", "denies", WRONG, evidence=(9, 23))
    assert [(piece.text, piece.marked) for piece in pieces(answer)] == [
        ("Well, it ", False), ("does not exist", True), (", I fear.", False)
    ]  # fmt: skip
    assert "<mark>m sa</mark>ys" in page_of([case(0, m=WRONG)], "m")


@given(st.text(max_size=40), st.integers(0, 4000), st.integers(-5, 4100), st.integers(-5, 4100))
def test_a_cut_answer_keeps_its_evidence_in_sight(text, padding, start, end):
    answer = Answer(1, "m", 0, "x" * padding + text, "denies", WRONG, evidence=(start, end))
    found = pieces(answer)
    shown = "".join(piece.text for piece in found).removeprefix("… ").removesuffix(" …")
    assert shown in answer.text and len(shown) >= min(len(answer.text), LONGEST) - 4
    inside = max(0, start) < min(end, len(answer.text))
    assert any(piece.marked for piece in found) == inside


def test_a_large_run_gives_a_small_file_that_says_what_it_leaves_out():
    cases = [
        case(n, f"T{n}", f"w{n % 60}", module=f"M{n % 90}", text="word " * 400, margin=n / 9, m=WRONG) for n in range(3000)
    ]
    written = page_of(cases, "m")
    assert len(written) < 200_000
    text = Page(written).text
    assert "40 of 3,000 wrong cases" in text and "20 further wordings" in text and "100 most denied of 3,000" in text


def test_an_unfinished_run_says_so():
    cases = [case(0, a=RIGHT), case(1)]
    run = run_of(cases, "a", "b")
    assert "1 of 4 answers are there" in html(gather(run, cases))


@given(st.text(max_size=60))
@settings(max_examples=15)
def test_any_answer_gives_a_well_formed_page(text):
    assert Page(page_of([case(0, text=text, m=WRONG)], "m")).open == []


def test_pairs_and_what_they_lack_are_told():
    cases = [case(0, m=WRONG)]
    report = msgspec.structs.replace(
        gather(run_of(cases, "m"), cases), pairs=4, shares=[("deny an invented subject", 4)], missing=["no <affirmation>"]
    )
    text = Page(html(report)).text
    assert "4 deny an invented subject (100.0\N{NO-BREAK SPACE}%)" in text and "no <affirmation>" in text
