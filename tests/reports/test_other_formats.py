"""Markdown that shows any text as it is, and JUnit that any XML reader takes."""

from __future__ import annotations

from xml.etree import ElementTree as tree

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reports.runs import RIGHT, WRONG, case, run_of
from tests.reports.test_page import HOSTILE
from vgpt_probe.reports.facts import gather
from vgpt_probe.reports.junit import junit
from vgpt_probe.reports.markdown import code, markdown, shown


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a|b", r"a\|b"),
        ("*x* _y_ `z`", r"\*x\* \_y\_ \`z\`"),
        ("[a](http://b)", r"\[a\](http&#58;//b)"),
        ("<b>&", "&lt;b>&amp;"),
        ("@somebody www.x.org $x$", "&#64;somebody www&#46;x.org &#36;x&#36;"),
        ("# title\nline", r"\# title line"),
        ("1. one", r"1\. one"),
        ("- one", r"\- one"),
        ("\x1b[2J\u202e", "␛\\[2J⟨U+202E⟩"),
    ],
)
def test_text_in_markdown_is_shown_as_it_is(text, escaped):
    assert shown(text) == escaped


def test_a_code_span_holds_backticks():
    assert code("a b") == "`a b`" and code("a``b") == "``` a``b ```"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_does_not_break_a_table(text):
    cases = [case(0, text, text, text=text + "|\n|", a=WRONG, b=RIGHT)]
    lines = markdown(gather(run_of(cases, "a", "b"), cases)).split("\n")
    tables = [line for line in lines if line.startswith("|")]
    assert {line.replace(r"\|", "").count("|") for line in tables} <= {4, 5, 8, 12}
    assert "<" not in "".join(lines)


def test_markdown_tells_rates_changes_and_next_steps():
    cases = [case(n, f"T{n}", sft=RIGHT, dpo=WRONG if n < 2 else RIGHT) for n in range(8)]
    written = markdown(gather(run_of(cases, "sft", "dpo"), cases))
    assert "| dpo | 25.0\N{NO-BREAK SPACE}% |" in written
    assert "| sft | dpo | 2 | 0 | 0 | 6 | 0.5 |" in written
    assert "| exists | 0 of 8 | 2 of 8 |" in written


CASES = [
    case(0, a=RIGHT, b=WRONG),
    case(1, a="unclear", b="error"),
    case(2, real=False, a="false_acceptance", b="contradiction"),
    case(3, a=RIGHT),
]


def test_junit_has_a_test_case_for_each_probe_and_model():
    suites = tree.fromstring(junit(run_of(CASES, "a", "b"), CASES).encode())
    assert [suites.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["8", "3", "2", "1"]
    a, b = suites
    assert (a.get("name"), a.get("tests"), a.get("failures"), a.get("time")) == ("a", "4", "1", "2.000")
    assert [one[0].tag if len(one) else "" for one in b] == ["failure", "error", "failure", "error"]
    assert b[0][0].get("type") == "false_rejection" and b[0][0].text == "b says false_rejection of APTL"
    assert len({one.get("name") for one in a}) == 4


def test_a_dismissed_finding_is_no_failure():
    dismissed = case(0, m=WRONG)
    dismissed.answers["m"] = msgspec.structs.replace(dismissed.answers["m"], review="dismissed")
    [suite] = tree.fromstring(junit(run_of([dismissed], "m"), [dismissed]).encode())
    assert (suite.get("failures"), suite.get("skipped")) == ("0", "1")


@given(st.text(max_size=80))
def test_junit_is_xml_whatever_a_model_says(text):
    cases = [case(0, text, text=text, m=WRONG)]
    [[made]] = tree.fromstring(junit(run_of(cases, "m"), cases).encode())
    assert made[0].tag == "failure"
