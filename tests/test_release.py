"""What a release is made of: the wheel has the demo in it, the source distribution what its tests need."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

from tests.conftest import ROOT
from vgpt_probe import __version__


def built(builder, folder):
    [path] = builder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    return Path(path)


def below(folder, pattern="*"):
    """The files of the checkout that belong to a folder, without what running leaves there."""
    kept = (path for path in (ROOT / folder).rglob(pattern) if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix() for path in kept}


def test_the_wheel_holds_the_package_its_types_its_licence_and_the_demo(tmp_path):
    path = built(WheelBuilder, tmp_path)
    assert path.name == f"vgpt_probe-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(path) as wheel:
        names = set(wheel.namelist())
        facts = f"vgpt_probe-{__version__}.dist-info"
        metadata = wheel.read(f"{facts}/METADATA").decode()
    assert below("vgpt_probe") <= names
    assert {"vgpt_probe/py.typed", f"{facts}/licenses/LICENSE"} <= names
    demo = {"config.toml"} | below("probes") | {f"models/demo/{name}.gguf" for name in ("sft", "dpo_v1", "dpo_v2")}
    assert {f"vgpt_probe/demo_workspace/{name}" for name in demo} <= names
    assert all(name.startswith(("vgpt_probe/", facts)) for name in names)
    assert not [name for name in names if name.endswith((".db", ".pyc"))]
    assert "License-Expression: Apache-2.0" in metadata


def test_the_source_distribution_holds_what_its_tests_need(tmp_path):
    with tarfile.open(built(SdistBuilder, tmp_path)) as source:
        names = {name.split("/", 1)[1] for name in source.getnames() if "/" in name}
    assert below("tests", "*.py") | below("docs") | below("probes") | below("models/demo/recipe") <= names
    for name in ("pyproject.toml", "config.toml", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"):
        assert name in names
    assert not [name for name in names if name.endswith((".db", ".pyc"))]
