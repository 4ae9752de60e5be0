"""The JUnit report, for CI systems: a test suite for each model, a test case for each probe."""

from __future__ import annotations

import re
from xml.etree import ElementTree as tree

from vgpt_probe.reports.facts import MARKS
from vgpt_probe.runs.records import FLAGGED, Answer, Case, Run
from vgpt_probe.text import one_line, plain

#: Characters that ``plain`` lets through and XML 1.0 does not hold.
_NO_XML = re.compile("[\ufffe\uffff]")


def junit(run: Run, cases: list[Case]) -> str:
    """Write a run as JUnit XML.

    A false rejection, false acceptance or contradiction that nobody has dismissed is a failure; an unclear or
    dismissed answer is skipped; an error, and a probe that was not asked, is an error.
    """
    suites = tree.Element("testsuites", name=_xml(f"vgpt-probe run {run.id}: {run.battery}"))
    totals = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for model in run.models:
        suite = tree.SubElement(
            suites, "testsuite", name=_xml(model), timestamp=run.started.removesuffix("Z")
        )
        counts, seconds = dict.fromkeys(totals, 0), 0.0
        for case in cases:
            answer = case.answers.get(model)
            seconds += answer.seconds if answer else 0.0
            counts["tests"] += 1
            kind = _case(suite, run, model, case, answer)
            if kind:
                counts[kind] += 1
        for name, count in counts.items():
            suite.set(name, str(count))
            totals[name] += count
        suite.set("time", f"{seconds:.3f}")
    for name, count in totals.items():
        suites.set(name, str(count))
    tree.indent(suites)
    return "<?xml version='1.0' encoding='utf-8'?>\n" + tree.tostring(suites, encoding="unicode") + "\n"


def _case(suite: tree.Element, run: Run, model: str, case: Case, answer: Answer | None) -> str | None:
    """Add one test case; return which count it adds to."""
    probe = case.probe
    made = tree.SubElement(
        suite,
        "testcase",
        classname=_xml(f"{run.battery}.{model}"),
        name=_xml(f"{probe.question} [{probe.id}]"),
        time=f"{answer.seconds if answer else 0:.3f}",
    )
    if answer is None:
        tree.SubElement(made, "error", message="not asked: the run is not finished", type="missing")
        return "errors"
    word = MARKS.get(answer.final, ("", answer.final))[1]
    about = f"{probe.subject} is {'real' if probe.real else 'invented'}"
    if answer.final == "error":
        tree.SubElement(made, "error", message=_xml(answer.reason or "no answer"), type="error")
        return "errors"
    if answer.wrong:
        failure = tree.SubElement(made, "failure", message=_xml(f"{word}: {about}"), type=answer.final)
        failure.text = _xml(answer.text, lines=True)
        return "failures"
    if answer.final == "unclear" or answer.final in FLAGGED:
        why = (
            "dismissed by a person" if answer.review == "dismissed" else "unclear: a person should look at it"
        )
        tree.SubElement(made, "skipped", message=_xml(f"{why}; {about}"))
        return "skipped"
    return None


def _xml(text: str, *, lines: bool = False) -> str:
    return _NO_XML.sub("\ufffd", plain(text) if lines else one_line(text))
