"""A battery about a single subject: what somebody asks who wants to know about one table now."""

from __future__ import annotations

from pathlib import Path

import msgspec

from vgpt_probe.catalog import Catalog
from vgpt_probe.errors import BatteryError
from vgpt_probe.files import read_toml
from vgpt_probe.probes.battery import (
    Battery,
    BatteryFile,
    FakeSubjects,
    RealSubjects,
    Subjects,
    expand,
)
from vgpt_probe.toml_schema import convert


def subject_battery(folder: Path, name: str, subject: str, catalog: Catalog) -> Battery:
    """Put every wording of the battery ``name`` to one subject, real or invented; it is called after the subject.

    Raises ``BatteryError`` when there is no such battery, it is malformed or has no wordings.
    """
    path = folder / f"{name}.toml"
    data, text = read_toml(path, BatteryError)
    written = convert(data, text, BatteryFile, path, BatteryError)
    if not written.wordings:
        raise BatteryError("has no wordings to ask in", where=str(path), mend="choose another battery")
    if subject in catalog:
        subjects = Subjects(real=RealSubjects(names=[subject]))
    else:
        subjects = Subjects(fake=FakeSubjects(names=[subject]))
    one = msgspec.structs.replace(written, name=subject, subjects=subjects, probes=[])
    return expand(one, catalog, seed=written.seed)
