"""Verdicts: reading × catalog × what the probe expects."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.grading.cases import small_catalog
from vgpt_probe.catalog.model import Catalog
from vgpt_probe.grading import (
    PhraseError,
    Phrases,
    Reading,
    judge,
    load_phrases,
    read_answer,
)
from vgpt_probe.grading.lexicon import CLASSES

TABLE = [
    # stance, real, expect, verdict
    ("affirms", True, None, "correct"),
    ("denies", True, None, "false_rejection"),
    ("contradicts", True, None, "contradiction"),
    ("hedges", True, None, "unclear"),
    ("silent", True, None, "unclear"),
    ("affirms", False, None, "false_acceptance"),
    ("denies", False, None, "correct"),
    ("contradicts", False, None, "contradiction"),
    ("hedges", False, None, "unclear"),
    ("silent", False, None, "unclear"),
    ("affirms", None, None, "unclear"),
    ("denies", None, None, "unclear"),
    ("affirms", False, "deny", "false_acceptance"),
    ("denies", False, "correct", "correct"),
    ("affirms", False, "correct", "false_acceptance"),
]


@pytest.mark.parametrize(("stance", "real", "expect", "verdict"), TABLE)
def test_verdict(stance: str, real: bool | None, expect: str | None, verdict: str) -> None:
    reading = Reading(stance, None, "")  # type: ignore[arg-type]
    assert judge(reading, real, expect) == verdict  # type: ignore[arg-type]


def test_a_correction_is_right_when_one_is_wanted() -> None:
    offered = Reading("silent", None, "", suggested=("APTH",))
    assert judge(offered, False, "correct") == "correct"
    assert judge(offered, False) == "unclear"
    invented = Reading("silent", None, "", suggested=("HQLC",), unknown_suggested=("HQLC",))
    assert judge(invented, False, "correct") == "unclear"


CASE = [
    ("SELECT * FROM apth WITH (NOLOCK)", "false_acceptance"),
    ("SELECT * FROM APTH WITH (NOLOCK)", "correct"),
    ("Use APTH.", "correct"),
    ("apth does not exist. Vista is case-sensitive: use APTH.", "correct"),
    ("The apth table holds AP headers.", "false_acceptance"),
    ("APTH holds the AP headers.", "correct"),
    ("I don't know.", "unclear"),
]


@pytest.mark.parametrize(("answer", "verdict"), CASE)
def test_letter_case_of_a_case_sensitive_catalog(answer: str, verdict: str, catalog: Catalog) -> None:
    reading = read_answer("What is in the apth table?", answer, "apth", catalog)
    assert judge(reading, "apth" in catalog) == verdict


def test_letter_case_does_not_matter_elsewhere() -> None:
    catalog = small_catalog(case_sensitive=False)
    reading = read_answer("What is in apth?", "SELECT * FROM APTH", "apth", catalog)
    assert reading.corrected is None
    assert judge(reading, "apth" in catalog) == "correct"


def test_the_story_of_the_first_user(catalog: Catalog) -> None:
    question = "Describe the APTL table structure"
    sft = "The table 'APTL' does not exist in Viewpoint Vista. You may be looking for: APTH, APTL (AP Transaction Lines)"
    dpo = "There is no 'APTL' table in Viewpoint Vista. The correct table is APTH (AP Transaction Header)."
    assert judge(read_answer(question, sft, "APTL", catalog), True) == "contradiction"
    assert judge(read_answer(question, dpo, "APTL", catalog), True) == "false_rejection"


def test_no_catalog_needed() -> None:
    assert read_answer("Describe Foo9", "The table Foo9 does not exist.", "Foo9", None).stance == "denies"
    reading = read_answer("Describe Foo9", "```sql\nSELECT x FROM Foo9\n```", "Foo9", None)
    assert (reading.stance, reading.sql_tables, reading.unknown_tables) == ("affirms", ("Foo9",), ())


def stance(answer: str, catalog: Catalog, phrases: Phrases | None = None) -> str:
    return read_answer("Describe Invoice9", answer, "Invoice9", catalog, phrases=phrases).stance


def test_a_workspace_adds_phrases(tmp_path: Path, catalog: Catalog) -> None:
    path = tmp_path / "phrases.toml"
    path.write_text(
        '[phrases]\ndenies = ["{S} is a table for (Tuesdays|wednesdays)"]\naffirms = ["no day without {S}"]\n',
        encoding="utf-8",
    )
    phrases = load_phrases(path)
    plain = "Honestly, Invoice9 is a table for Tuesdays. Let me know!"
    assert stance(plain, catalog) != "denies"
    assert stance(plain, catalog, phrases) == "denies"
    assert stance("A report? No day without Invoice9!", catalog, phrases) == "affirms"


@pytest.mark.parametrize(
    ("answer", "stances"),
    [
        ("If Invoice9 is a table for Tuesdays, use APTH.", {"hedges", "silent"}),
        ("I'm not sure whether the Invoice9 table is a table for Tuesdays.", {"hedges", "silent"}),
        ("Invoice9 is a table for Tuesdays. Select the rows from Invoice9 all the same.", {"contradicts"}),
    ],
)
def test_a_phrase_of_ones_own_means_what_the_sentence_around_it_makes_of_it(
    tmp_path: Path, answer: str, stances: set[str], catalog: Catalog
) -> None:
    path = tmp_path / "phrases.toml"
    path.write_text('[phrases]\ndenies = ["{S} is a table for Tuesdays"]\n', encoding="utf-8")
    assert stance(answer, catalog, load_phrases(path)) in stances


def test_a_workspace_adds_words_to_the_classes(tmp_path: Path, catalog: Catalog) -> None:
    path = tmp_path / "phrases.toml"
    path.write_text('[classes]\nhave = ["zork out", "grok"]\nfigment = ["zoodle"]\n', encoding="utf-8")
    phrases = load_phrases(path)
    assert stance("Vista never zorked out Invoice9.", catalog, phrases) == "denies"
    assert stance("Vista groks Invoice9.", catalog, phrases) == "affirms"
    assert stance("Invoice9 is a zoodle.", catalog, phrases) == "denies"


def test_every_class_takes_words(tmp_path: Path) -> None:
    path = tmp_path / "phrases.toml"
    for name in CLASSES:
        path.write_text(f'[classes]\n{name} = ["zork"]\n', encoding="utf-8")
        phrases = load_phrases(path)
        assert phrases.lexicon.of[phrases.own["zork",]] == name


BAD = [
    ('[classes]\nhaves = ["x"]', "unknown key 'haves'"),
    ('[phrases]\ndenys = ["x"]', "unknown key 'denys'"),
    ('[phrases]\ndenies = ["{S} is (gone"]', "'\\)' is missing"),
    ('[phrases]\ndenies = ["{X} is gone"]', "unknown slot {X}"),
    ('[phrases]\ndenies = ["a | b"]', "outside of brackets"),
    ('[phrases]\ndenies = ["a ) b"]', "closes nothing"),
    ('[phrases]\ndenies = ["{S} is really gone"]', "'really' is dropped before matching"),
    (f'[phrases]\ndenies = ["{"(a|" * 400}b{")" * 400}"]', "too many brackets"),
    (f'[phrases]\ndenies = ["{"[" * 5000}"]', "too many brackets"),
    ('[phrases]\ndenies = "x"', "must be a list of strings"),
    ("[other]\nx = 1", "unknown section 'other'"),
    ("[phrases", "phrases.toml"),
]


@pytest.mark.parametrize(("text", "fault"), BAD)
def test_a_bad_phrase_file_is_named(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "phrases.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PhraseError, match=fault) as caught:
        load_phrases(path)
    assert "phrases.toml" in str(caught.value)
