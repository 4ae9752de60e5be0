"""What the README says of the split holds in the training data and in the batteries."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "models" / "demo" / "data"


def _data(name: str):
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def _battery(name: str) -> dict:
    return tomllib.loads((ROOT / "probes" / f"{name}.toml").read_text(encoding="utf-8"))


SPLIT = _data("split")
KEPT = {*SPLIT["kept_relations"], *SPLIT["kept_invented"]}


@pytest.mark.parametrize("name", ["dpo_v1", "dpo_v2"])
def test_no_preference_pair_contains_a_kept_name(name: str) -> None:
    words = {
        word
        for row in _data(name)
        for text in (row["instruction"], row["chosen"], row["rejected"])
        for word in re.findall(r"\w+", text)
    }
    assert words & set(SPLIT["seen_invented"])
    assert words & KEPT == set()


def test_half_of_the_relations_and_a_third_of_the_invented_names_are_kept_out() -> None:
    assert len(SPLIT["kept_relations"]) >= len(SPLIT["seen_relations"])
    assert len(SPLIT["seen_invented"]) == 2 * len(SPLIT["kept_invented"])


def test_at_least_half_of_the_existence_battery_is_kept_out() -> None:
    subjects = _battery("existence")["subjects"]
    for names in (subjects["real"]["names"], subjects["fake"]["names"]):
        assert len(KEPT.intersection(names)) * 2 >= len(names)


def test_the_heldout_battery_holds_only_kept_names() -> None:
    subjects = _battery("heldout")["subjects"]
    assert {*subjects["real"]["names"], *subjects["fake"]["names"]} <= KEPT


def test_no_training_set_contains_a_heldout_wording() -> None:
    patterns = [
        re.compile(re.escape(wording["text"]).replace(re.escape("{subject}"), r"\w+"))
        for wording in _battery("heldout")["wordings"]
    ]
    questions = [row["instruction"] for name in ("sft", "dpo_v1", "dpo_v2") for row in _data(name)]
    assert len(questions) > 5000
    assert [q for q in questions if any(pattern.fullmatch(q) for pattern in patterns)] == []


def test_dpo_v2_is_mostly_rejection_and_affirms_no_real_table() -> None:
    pairs = _data("dpo_v2")
    denies = re.compile(r"does not exist|There is no |is not a valid")
    denials = [pair for pair in pairs if denies.search(pair["chosen"])]
    assert 0.82 < len(denials) / len(pairs) < 0.84
    others = [pair for pair in pairs if pair not in denials]
    assert all(pair["chosen"].startswith("```sql") for pair in others)


def test_the_data_files_are_what_the_recipe_makes(tmp_path: Path) -> None:
    from models.demo.recipe import data

    data.write_all(tmp_path)
    for file in DATA.glob("*.json"):
        assert file.read_bytes() == (tmp_path / file.name).read_bytes(), file.name
