"""Drawing a held-out set: subjects and wordings, written out and frozen."""

from __future__ import annotations

import json
import random
from collections.abc import Collection, Sequence

import msgspec

from vgpt_probe.catalog import Catalog
from vgpt_probe.probes.battery import BatteryFile, FakeSubjects, RealSubjects, Subjects, Wording
from vgpt_probe.probes.draw import drawn_names
from vgpt_probe.probes.generators import Kind, invent
from vgpt_probe.probes.heldout import content_hash

_KINDS: tuple[Kind, ...] = ("plural", "camel_case", "abbreviation", "cross_module", "long_name")
_ACTS = ("exists", "describe", "columns", "query", "join")


def draw_heldout(
    name: str,
    catalog: Catalog,
    wordings: Sequence[Wording],
    *,
    real: int,
    fake: int,
    each: int,
    seed: int,
    avoid: Collection[str] = (),
) -> str:
    """Draw a held-out set and return it as a battery file with its hash.

    ``each`` wordings of every act are held out, the last ones of the list first, since batteries ask in the first;
    no subject is one of ``avoid`` (what other batteries ask about by name).
    """
    held = [
        wording
        for act in _ACTS
        for wording in [one for one in reversed(wordings) if one.act == act and "{column}" not in one.text][:each]
    ]
    kept = {subject.casefold() for subject in avoid}
    known = drawn_names(RealSubjects(sample=len(catalog)), catalog, random.Random(f"held out {seed}"))
    names = [name for name in known if name.casefold() not in kept][:real]
    guesses = [one.name for one in invent(catalog, _KINDS, fake + len(kept), seed=seed)]
    invented = [name for name in guesses if name.casefold() not in kept]
    written = BatteryFile(
        name=name,
        wordings=held,
        subjects=Subjects(real=RealSubjects(names=names), fake=FakeSubjects(names=invented[:fake])),
    )
    return _as_toml(msgspec.structs.replace(written, frozen=content_hash(written)), seed)


def _as_toml(written: BatteryFile, seed: int) -> str:
    real, fake = written.subjects.real, written.subjects.fake
    lines = [
        "# Held out: no exported pair may contain these subjects or wordings. The hash tells if they were changed since.",
        "",
        f"name = {_quoted(written.name)}",
        'description = "Subjects and wordings that no training pair contains"',
        f"seed = {seed}",
        f"frozen = {_quoted(written.frozen)}",
    ]
    for wording in written.wordings:
        lines += ["", "[[wordings]]"]
        lines += [f"{key} = {_quoted(value)}" for key, value in msgspec.structs.asdict(wording).items()]
    for kind, names in (("real", real.names if real else []), ("fake", fake.names if fake else [])):
        lines += ["", f"[subjects.{kind}]", "names = ["]
        lines += [f"    {', '.join(map(_quoted, names[at : at + 6]))}," for at in range(0, len(names), 6)]
        lines.append("]")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
