"""From a finding to its likely cause in the training data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vgpt_probe.catalog import Catalog
from vgpt_probe.pairs.explain import explain, load_training

DENIAL = "The table 'APTL' does not exist in Viewpoint Vista."


@pytest.fixture
def training(tmp_path: Path, catalog: Catalog):
    def made(rows: list[tuple[str, str]], name: str = "sft.json"):
        path = tmp_path / name
        path.write_text(json.dumps([{"instruction": q, "output": a} for q, a in rows]), encoding="utf-8")
        return load_training([path], catalog)[0]

    return made


def denied(wording: str, count: int) -> list[tuple[str, str]]:
    return [
        (
            wording.format(f"Fake{number}Table"),
            f"The table 'Fake{number}Table' does not exist in Viewpoint Vista.",
        )
        for number in range(count)
    ]


def affirmed(wording: str, *names: str) -> list[tuple[str, str]]:
    return [(wording.format(name), f"{name} is a view.") for name in names]


def test_the_wording_that_is_only_denied_is_the_first_cause(training, catalog):
    rows = denied("Describe the {} table structure", 30)
    rows += affirmed("Describe the {} table", "APTH", "ARTH", "JCJM", "APTL")
    found = explain("Describe the APTL table structure", "APTL", DENIAL, [training(rows)], catalog)
    first = found.causes[0]
    assert (first.about, first.wording) == ("wording", "Describe the {subject} table structure")
    assert (first.rows, first.matching, first.share) == (30, 30, 1.0)
    assert "answered by a denial in 30 of 30 rows (100%)" in first.what
    assert (found.denied, found.affirmed) == (0, 1)
    assert all(near.does == "denies" and near.similarity == 100 for near in found.nearest_by_wording)
    assert (found.nearest_by_answer[0].similarity, found.nearest_by_answer[0].same) == (100, 30)


def test_a_subject_that_is_denied_itself_comes_before_its_wording(training, catalog):
    rows = [*denied("Describe the {} table", 30), ("Describe the APTL table", DENIAL)]
    found = explain("Describe the APTL table", "APTL", DENIAL, [training(rows)], catalog)
    assert [cause.about for cause in found.causes][:2] == ["subject", "wording"]
    assert found.causes[0].examples == (31,)


def test_a_wording_that_also_affirms_is_no_cause(training, catalog):
    rows = denied("Describe the {} table", 4) + affirmed(
        "Describe the {} table", "APTH", "ARTH", "JCJM", "GLDT", "PREH"
    )
    found = explain("Describe the APTL table", "APTL", DENIAL, [training(rows)], catalog)
    assert "wording" not in [cause.about for cause in found.causes]


def test_similar_wordings_and_names_are_causes_of_less_weight(training, catalog):
    rows = denied("Describe the {} table structures", 20)
    rows += [
        (f"What is {name}?", f"There is no table '{name}'.") for name in ("APTX", "APTN", "APTQ", "APTZ")
    ]
    found = explain("Describe the APTL table structure", "APTL", DENIAL, [training(rows)], catalog)
    about = {cause.about: cause for cause in found.causes}
    assert about["near wording"].weight < 0.9
    assert "APTX" in about["names alike"].what


def test_an_affirmation_of_an_invented_name_is_explained_too(training, catalog):
    rows = affirmed("Show all records from {}", "APTH", "ARTH", "JCJM", "GLDT")
    found = explain(
        "Show all records from Invoices", "Invoices", "Invoices is a view.", [training(rows)], catalog
    )
    assert (found.does, found.causes[0].about) == ("affirms", "wording")


def test_several_files_are_weighed_together(training, catalog):
    mild = training(
        denied("Describe the {} table", 3) + affirmed("Describe the {} table", "APTH"), "one.json"
    )
    strong = training(denied("Describe the {} table", 40), "two.json")
    found = explain("Describe the APTL table", "APTL", DENIAL, [mild, strong], catalog)
    assert Path(found.causes[0].file).name == "two.json"
    assert {Path(cause.file).name for cause in found.causes} == {"one.json", "two.json"}


def test_training_that_shows_nothing_of_the_kind_gives_no_cause(training, catalog):
    found = explain(
        "Describe the APTL table", "APTL", DENIAL, [training([("How are you?", "Fine.")])], catalog
    )
    assert found.causes == ()
    assert found.nearest_by_wording == ()
