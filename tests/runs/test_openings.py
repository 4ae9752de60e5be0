"""Openings are learnt from what models really said."""

from __future__ import annotations

from vgpt_probe.probes import make_probe
from vgpt_probe.runs.openings import learn_openings
from vgpt_probe.runs.records import Answer, Openings


def told(catalog, subject, text, reading):
    return make_probe(f"Is there {subject}?", subject, catalog, wording="w"), Answer(1, "m", 0, text, reading, "correct")


def test_the_shortest_beginnings_of_each_side_are_taken_without_the_name(catalog):
    answers = []
    for subject in ("APTH", "APTL", "JCJM", "GLAC"):
        answers += [told(catalog, subject, f"The table '{subject}' does not exist in Vista.", "denies")] * 3
        answers += [told(catalog, subject, f"{subject} is a view of\nmodule AP and more.", "affirms")] * 2
        answers += [told(catalog, subject, "Well, who can say", reading) for reading in ("denies", "affirms")]
    learnt = learn_openings(answers)
    assert learnt == Openings(("The",), ("{subject}",), cut=True)


def test_an_opening_is_as_long_as_it_takes_to_tell_the_sides_apart(catalog):
    answers = []
    for subject in ("APTH", "APTL", "JCJM", "GLAC"):
        answers += [told(catalog, subject, f"The table '{subject}' does not exist.", "denies")] * 3
        answers += [told(catalog, subject, f"There is no {subject}.", "denies")]
        answers += [told(catalog, subject, f"The table {subject} holds\nrows.", "affirms")] * 3
    learnt = learn_openings(answers)
    assert learnt == Openings(("The table '{subject}'", "There"), ("The table {subject}",), cut=True)


def test_a_side_that_is_too_rare_keeps_the_built_in_openings(catalog):
    answers = [told(catalog, "APTH", "Yes, APTH is there.", "affirms")] * 9
    assert learn_openings(answers) is None
    assert learn_openings(answers, fall_back=True) == Openings(Openings().denials, ("Yes,",), cut=True)


def test_too_few_answers_teach_nothing(catalog):
    assert learn_openings([told(catalog, "APTH", "No.", "denies")] * 50) is None


def test_the_subject_is_put_in():
    assert Openings(("No {subject}",), ("Yes",)).of("APTH") == (("No APTH",), ("Yes",))
