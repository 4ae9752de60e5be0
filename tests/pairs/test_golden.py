"""Every export format, byte for byte. After a change that is meant: ``GOLDEN=write pytest tests/pairs/test_golden.py``."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.pairs.sets import EVERY_KIND
from vgpt_probe.catalog import Catalog
from vgpt_probe.pairs import export
from vgpt_probe.pairs.export import export_pairs
from vgpt_probe.pairs.formats import FORMATS
from vgpt_probe.pairs.guard import Guard

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def guard(catalog, monkeypatch) -> Guard:
    """A guard on the demo catalog whose fingerprint, like the program's version, stays as it is in the golden files."""
    monkeypatch.setattr(export, "__version__", "0")
    return Guard(Catalog(catalog.relations, title=catalog.title, fingerprint="golden"))


def compare(folder: Path, name: str) -> None:
    names = sorted(path.name for path in folder.iterdir())
    if os.environ.get("GOLDEN") == "write":
        (GOLDEN / name).mkdir(exist_ok=True, parents=True)
        for file in names:
            (GOLDEN / name / file).write_bytes((folder / file).read_bytes())
    assert names == sorted(path.name for path in (GOLDEN / name).iterdir())
    for file in names:
        assert (folder / file).read_bytes() == (GOLDEN / name / file).read_bytes(), file


@pytest.mark.parametrize("format", FORMATS)
def test_an_export_is_the_golden_one(tmp_path, guard, format):
    done = export_pairs(EVERY_KIND, guard, format=format, folder=tmp_path, dataset="mine")
    compare(tmp_path, format)
    # Plain strings cannot hold the conversation of several turns.
    assert len(done.pairs) == len(EVERY_KIND) - (format == "trl")


def test_a_staged_export_is_the_golden_one(tmp_path, guard):
    done = export_pairs(
        EVERY_KIND, guard, format="llamafactory", folder=tmp_path, dataset="mine", staged=True
    )
    compare(tmp_path, "staged")
    kinds = [
        {pair.kind for pair in EVERY_KIND if pair.prompt in path.read_text(encoding="utf-8")}
        for path in done.files
    ]
    assert kinds == [{"acceptance", "rejection"}, {"style"}]
    assert list(json.loads((tmp_path / "dataset_info.json").read_text(encoding="utf-8"))) == [
        "mine_1_existence",
        "mine_2_style",
    ]


def test_the_manifest_tells_what_was_kept_out_and_why(tmp_path, guard):
    done = export_pairs(EVERY_KIND, guard, format="trl", folder=tmp_path, dataset="mine")
    manifest = json.loads(done.manifest.read_text(encoding="utf-8"))
    assert manifest["pairs"] == 3 and manifest["balance"]["kinds"] == {
        "acceptance": 1,
        "rejection": 1,
        "style": 1,
    }
    [left] = manifest["left_out"]
    assert left["prompt"] == "And APTL?" and "several turns" in left["why"][0]
