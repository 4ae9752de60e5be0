"""Battery files: wordings × real subjects × invented names, drawn by a seed, plus probes written by hand."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from vgpt_probe.catalog import Catalog
from vgpt_probe.errors import BatteryError, at, nearest
from vgpt_probe.files import read_text, read_toml
from vgpt_probe.probes.heldout import check_frozen
from vgpt_probe.toml_schema import convert, line_of

Act = Literal["exists", "describe", "columns", "query", "join", "other"]
Expectation = Literal["affirm", "deny", "correct"]
Size = Annotated[int, msgspec.Meta(ge=0)]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of a battery file: unknown keys are errors."""


class Wording(_Table, frozen=True):
    """A template that questions are made from; ``text`` holds ``{subject}``."""

    id: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]*$")]
    text: str
    act: Act = "other"


class RealSubjects(_Table, frozen=True):
    """Which relations of the catalog are asked about: ``names``, or a draw of ``sample`` (or "all")."""

    sample: Size | Literal["all"] = "all"
    names: list[str] = []
    modules: list[str] = []


class FakeSubjects(_Table, frozen=True):
    """Which invented names are asked about; ``sample`` draws so many of them."""

    names: list[str] = []
    sample: Size | Literal["all"] = "all"


class Subjects(_Table, frozen=True):
    """The subjects of a battery, real and invented."""

    real: RealSubjects | None = None
    fake: FakeSubjects | None = None


class HandWritten(_Table, frozen=True):
    """A probe written out by hand; ``expect`` follows from the catalog unless it is given."""

    question: str
    subject: str
    expect: Expectation | None = None
    id: str | None = None


class BatteryFile(_Table, frozen=True):
    """A battery file as it is written; ``frozen`` makes it a held-out set (see ``heldout``)."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    description: str = ""
    seed: int = 0
    frozen: str = ""
    wordings: list[Wording] = []
    subjects: Subjects = Subjects()
    probes: list[HandWritten] = []


class Probe(msgspec.Struct, frozen=True):
    """One question about one subject.

    ``id`` is stable: it hashes the question and the subject. ``real`` is the catalog's word on the subject;
    ``expect`` says what a right answer must do.
    """

    id: str
    question: str
    subject: str
    wording: str
    act: Act
    module: str
    real: bool
    expect: Expectation


class Battery(msgspec.Struct, frozen=True):
    """A battery expanded against a catalog: its probes in asking order, and the hash of what made them."""

    name: str
    description: str
    probes: tuple[Probe, ...]
    fingerprint: str

    def limited(self, limit: int | None) -> Battery:
        """Return a battery of at most ``limit`` probes, spread evenly over this one's."""
        if limit is None or limit >= len(self.probes):
            return self
        step = len(self.probes) / limit
        kept = tuple(self.probes[int(position * step)] for position in range(limit))
        return msgspec.structs.replace(self, probes=kept)


def battery_names(folder: Path) -> list[str]:
    """List the batteries of a folder by the names of their files, without ``.toml``."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def load_battery(folder: Path, name: str, catalog: Catalog, *, seed: int | None = None) -> Battery:
    """Read the battery ``name`` (a file of ``folder``, or a path) and expand it against the catalog.

    Raises ``BatteryError`` with file, line or key, what is wrong and the mend.
    """
    path = folder / f"{name}.toml"
    if not path.is_file():
        path = Path(name)
    if not path.is_file():
        known = battery_names(folder)
        mend = nearest(name, known) or f"batteries: {', '.join(known) or 'none'}"
        raise BatteryError(f"no battery named '{name}'", where=at(folder), mend=mend)
    written = read_battery(path)
    _check(written, path, read_text(path, BatteryError), catalog)
    return expand(written, catalog, seed=written.seed if seed is None else seed)


def read_battery(path: Path) -> BatteryFile:
    """Read a battery file without a catalog.

    Raises ``BatteryError`` when it is malformed, or held out and not what was frozen.
    """
    data, text = read_toml(path, BatteryError)
    written = convert(data, text, BatteryFile, path, BatteryError)
    check_frozen(written, path, text)
    return written


def expand(written: BatteryFile, catalog: Catalog, *, seed: int) -> Battery:
    """Expand a battery against the catalog; the same file, catalog and seed give the same probes."""
    subjects = _draw(written.subjects, catalog, seed)
    probes: dict[str, Probe] = {}
    for subject in subjects:
        for wording in written.wordings:
            question = wording.text.replace("{subject}", subject)
            probe = make_probe(question, subject, catalog, wording=wording.id, act=wording.act)
            probes.setdefault(probe.id, probe)
    for number, own in enumerate(written.probes, start=1):
        probe = make_probe(
            own.question,
            own.subject,
            catalog,
            wording=own.id or f"own_{number}",
            act="other",
            expect=own.expect,
        )
        probes.setdefault(probe.id, probe)
    content = msgspec.json.encode([list(probes.values()), seed])
    return Battery(
        written.name, written.description, tuple(probes.values()), hashlib.sha256(content).hexdigest()
    )


def make_probe(
    question: str,
    subject: str,
    catalog: Catalog,
    *,
    wording: str,
    act: Act = "other",
    expect: Expectation | None = None,
    real: bool | None = None,
) -> Probe:
    """Make a probe; whether its subject is real (unless it is told), and what is expected, is asked of the catalog."""
    from vgpt_probe.catalog import module_of

    relation = catalog.get(subject)
    if real is None:
        real = relation is not None
    identity = hashlib.sha256(f"{subject}\0{question}".encode()).hexdigest()[:12]
    return Probe(
        id=identity,
        question=question,
        subject=subject,
        wording=wording,
        act=act,
        module=relation.module if relation else module_of(subject),
        real=real,
        expect=expect or ("affirm" if real else "deny"),
    )


def _draw(subjects: Subjects, catalog: Catalog, seed: int) -> list[str]:
    drawn: list[str] = []
    if subjects.real is not None:
        drawn += _draw_real(subjects.real, catalog, random.Random(f"real {seed}"))
    if subjects.fake is not None:
        names = list(dict.fromkeys(subjects.fake.names))
        if subjects.fake.sample != "all":
            chooser = random.Random(f"fake {seed}")
            names = chooser.sample(names, min(subjects.fake.sample, len(names)))
        drawn += names
    return list(dict.fromkeys(drawn))


def _draw_real(wanted: RealSubjects, catalog: Catalog, chooser: random.Random) -> list[str]:
    if wanted.names:
        names = list(dict.fromkeys(wanted.names))
        return names if wanted.sample == "all" else chooser.sample(names, min(wanted.sample, len(names)))
    pools = {
        module: sorted(
            relation.name if relation.schema == catalog.default_schema else relation.qualified
            for relation in relations
        )
        for module, relations in catalog.modules.items()
        if not wanted.modules or module in wanted.modules
    }
    if wanted.sample == "all":
        return [name for pool in pools.values() for name in pool]
    for pool in pools.values():
        chooser.shuffle(pool)
    # One of each module in turn, so that a small sample still speaks of every module.
    drawn: list[str] = []
    while len(drawn) < wanted.sample and any(pools.values()):
        for pool in pools.values():
            if pool and len(drawn) < wanted.sample:
                drawn.append(pool.pop())
    return drawn


def _check(written: BatteryFile, path: Path, text: str, catalog: Catalog) -> None:
    def fail(what: str, steps: list[str | int], mend: str | None = None) -> None:
        raise BatteryError(what, where=at(path, line_of(text, steps)), mend=mend)

    seen: set[str] = set()
    for number, wording in enumerate(written.wordings):
        if "{subject}" not in wording.text:
            fail(
                f"wordings[{number + 1}].text: lacks {{subject}}",
                ["wordings", number, "text"],
                "write {subject} where the name belongs",
            )
        if wording.id in seen:
            fail(f"wordings[{number + 1}].id: '{wording.id}' is used twice", ["wordings", number, "id"])
        seen.add(wording.id)
    real, fake = written.subjects.real, written.subjects.fake
    for name in real.names if real else []:
        if name not in catalog:
            near = catalog.resolve(name).candidates
            mend = f"did you mean '{near[0].name}'?" if near else None
            fail(f"subjects.real.names: '{name}' is not in the catalog", ["subjects", "real", "names"], mend)
    for name in real.modules if real else []:
        if name not in catalog.modules:
            fail(
                f"subjects.real.modules: the catalog has no module '{name}'",
                ["subjects", "real", "modules"],
                f"modules: {', '.join(catalog.modules)}",
            )
    for name in fake.names if fake else []:
        if catalog.resolve(name).status in ("real", "case"):
            fail(
                f"subjects.fake.names: '{name}' is in the catalog",
                ["subjects", "fake", "names"],
                "take it out, or ask for it under subjects.real",
            )
    if not written.probes and not (written.wordings and (real or fake)):
        fail("the battery asks nothing", [], "give [[wordings]] and [subjects.real], or [[probes]]")
