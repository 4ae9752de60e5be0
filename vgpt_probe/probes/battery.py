"""Battery files: wordings × real and invented subjects, drawn by a seed, plus probes written by hand."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from vgpt_probe.catalog import Catalog
from vgpt_probe.errors import BatteryError, at, nearest
from vgpt_probe.files import is_file, read_text, read_toml
from vgpt_probe.probes.generators import Kind
from vgpt_probe.probes.heldout import check_frozen
from vgpt_probe.probes.probe import Act, Expectation, Probe
from vgpt_probe.probes.thinning import thinned
from vgpt_probe.toml_schema import convert, line_of

#: How many are drawn: no battery of more is ever answered.
Size = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of a battery file: unknown keys are errors."""


class Wording(_Table, frozen=True):
    """A template that questions are made from.

    ``text`` holds ``{subject}``; ``{other}`` stands for another real relation of the module; with ``{column}`` the
    question is about a column of the subject.
    """

    id: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]*$")]
    text: str
    act: Act = "other"


class RealSubjects(_Table, frozen=True):
    """Which relations of the catalog are asked about: ``names``, or a draw of ``sample`` (or "all").

    The draw can be narrowed to ``modules``, to a ``kind`` of relation, to ``described`` ones, or to those whose
    description has one of the words ``about``. With ``rare_in``, training files, the least mentioned come first.
    ``written`` is how the questions write a name: APTH, dbo.APTH, [dbo].[APTH], or all of these in turn.
    """

    sample: Size | Literal["all"] = "all"
    names: list[str] = []
    modules: list[str] = []
    kind: Literal["table", "view"] | None = None
    described: bool = False
    about: list[str] = []
    rare_in: list[str] = []
    written: Literal["plain", "schema", "brackets", "mixed"] = "plain"


class FakeSubjects(_Table, frozen=True):
    """Which invented names are asked about: ``names``, and ``sample`` names of the ``kinds`` that are generated."""

    names: list[str] = []
    kinds: list[Kind] = []
    sample: Size | Literal["all"] = "all"


class ColumnSubjects(_Table, frozen=True):
    """How many real columns, and how many guesses on real relations, are asked about."""

    real: Size = 0
    fake: Size = 0


class Subjects(_Table, frozen=True):
    """The subjects of a battery, real and invented."""

    real: RealSubjects | None = None
    fake: FakeSubjects | None = None
    columns: ColumnSubjects | None = None


class HandWritten(_Table, frozen=True):
    """A probe written out by hand; ``expect`` follows from the catalog unless it is given.

    A right answer holds every text of ``expected`` and none of ``forbidden``.
    """

    question: str
    subject: str
    expect: Expectation | None = None
    id: str | None = None
    act: Act = "other"
    reason: str = ""
    expected: list[str] = []
    forbidden: list[str] = []


class BatteryFile(_Table, frozen=True):
    """A battery file as it is written.

    ``wordings_of`` borrows the wordings of another battery: only those of ``acts``, the first ``each`` of each act.
    ``frozen`` makes the battery a held-out set (see ``heldout``).
    """

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    description: str = ""
    seed: int = 0
    frozen: str = ""
    wordings_of: str = ""
    acts: list[Act] = []
    each: Size = 0
    wordings: list[Wording] = []
    subjects: Subjects = Subjects()
    probes: list[HandWritten] = []


class Battery(msgspec.Struct, frozen=True):
    """A battery expanded against a catalog: its probes in asking order, and the hash of what made them."""

    name: str
    description: str
    probes: tuple[Probe, ...]
    fingerprint: str

    def limited(self, limit: int | None) -> Battery:
        """Return a battery of at most ``limit`` probes: a fair share of its subjects, kinds and wordings."""
        if limit is None or limit >= len(self.probes):
            return self
        return msgspec.structs.replace(self, probes=thinned(self.probes, limit))


def battery_names(folder: Path) -> list[str]:
    """List the batteries of a folder by the names of their files, without ``.toml``."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def battery_path(folder: Path, name: str) -> Path:
    """Find the file of the battery ``name``: a file of ``folder``, or a path.

    Raises ``BatteryError`` naming those there are.
    """
    for path in (folder / f"{name}.toml", Path(name)):
        if is_file(path):
            return path
    known = battery_names(folder)
    mend = nearest(name, known) or f"batteries: {', '.join(known) or 'none'}"
    raise BatteryError(f"no battery named '{name}'", where=at(folder), mend=mend)


def load_battery(folder: Path, name: str, catalog: Catalog, *, seed: int | None = None) -> Battery:
    """Read the battery ``name`` (a file of ``folder``, or a path) and expand it against the catalog.

    Raises ``BatteryError`` with file, line or key, what is wrong and the mend.
    """
    path = battery_path(folder, name)
    written = read_battery(path)
    _check(written, path, read_text(path, BatteryError), catalog)
    return expand(written, catalog, seed=written.seed if seed is None else seed, folder=path.parent)


def read_battery(path: Path) -> BatteryFile:
    """Read a battery file without a catalog; borrowed wordings are put in their place.

    Raises ``BatteryError`` when it is malformed, or held out and not what was frozen.
    """
    data, text = read_toml(path, BatteryError)
    written = convert(data, text, BatteryFile, path, BatteryError)
    check_frozen(written, path, text)
    if not written.wordings_of:
        return written
    try:
        lender = battery_path(path.parent, written.wordings_of)
    except BatteryError as fault:
        raise BatteryError(
            f"wordings_of: {fault.what}", where=at(path, line_of(text, ["wordings_of"])), mend=fault.mend
        ) from None
    lent, text = read_toml(lender, BatteryError)
    borrowed = [
        one
        for one in convert(lent, text, BatteryFile, lender, BatteryError).wordings
        if _wanted(one, written)
    ]
    if written.each:
        borrowed = [one for one in borrowed if _nth(one, borrowed) <= written.each]
    return msgspec.structs.replace(written, wordings=[*borrowed, *written.wordings])


def _wanted(wording: Wording, written: BatteryFile) -> bool:
    return not written.acts or wording.act in written.acts


def _nth(wording: Wording, among: list[Wording]) -> int:
    return [one.id for one in among if one.act == wording.act].index(wording.id) + 1


def expand(written: BatteryFile, catalog: Catalog, *, seed: int, folder: Path | None = None) -> Battery:
    """Expand a battery against the catalog; the same file, catalog and seed give the same probes.

    ``folder`` is where the training files that the battery names are looked for (and in the folder above it).
    """
    from vgpt_probe.probes.draw import probes_of

    probes: dict[str, Probe] = {}
    for probe in probes_of(written, catalog, seed, folder):
        probes.setdefault(probe.id, probe)
    ordered = tuple(probes.values())
    # What decides a run: not why a probe is asked.
    decisive = [{field: getattr(probe, field) for field in _DECISIVE} for probe in ordered]
    extra = [
        [probe.id, probe.expected, probe.forbidden] for probe in ordered if probe.expected or probe.forbidden
    ]
    content = msgspec.json.encode([decisive, seed, *([extra] if extra else [])])
    return Battery(written.name, written.description, ordered, hashlib.sha256(content).hexdigest())


_DECISIVE = ("id", "question", "subject", "wording", "act", "module", "real", "expect")


def _check(written: BatteryFile, path: Path, text: str, catalog: Catalog) -> None:
    def fail(what: str, steps: list[str | int], mend: str | None = None) -> None:
        raise BatteryError(what, where=at(path, line_of(text, steps)), mend=mend)

    seen: set[str] = set()
    # Borrowed wordings stand before those of the file itself.
    lent = len(written.wordings) - text.count("[[wordings]]") if written.wordings_of else 0
    for number, wording in enumerate(written.wordings, start=-lent):
        steps: list[str | int] = ["wordings", max(0, number)]
        named = f"wordings[{number + 1}]" if number >= 0 else f"wordings_of: '{wording.id}'"
        if "{subject}" not in wording.text:
            fail(
                f"{named}.text: lacks {{subject}}", [*steps, "text"], "write {subject} where the name belongs"
            )
        if wording.id in seen:
            fail(f"{named}.id: '{wording.id}' is used twice", [*steps, "id"])
        seen.add(wording.id)
    real, fake, columns = written.subjects.real, written.subjects.fake, written.subjects.columns
    for name in real.names if real else []:
        if name not in catalog:
            near = catalog.resolve(name).candidates
            mend = (
                f"did you mean '{near[0].name}'?"
                if near
                else "'sample = 40' in place of names draws from your catalog"
            )
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
    if fake and fake.kinds and fake.sample == "all":
        fail(
            "subjects.fake: kinds need a sample",
            ["subjects", "fake", "kinds"],
            "say how many names: sample = 40",
        )
    about_columns = any("{column}" in wording.text for wording in written.wordings)
    about_relations = any("{column}" not in wording.text for wording in written.wordings)
    if columns and not about_columns:
        fail(
            "subjects.columns: no wording asks about a column", ["subjects", "columns"],
            "write {column} into a wording",
        )  # fmt: skip
    if not written.probes and not ((about_relations and (real or fake)) or (about_columns and columns)):
        fail("the battery asks nothing", [], "give [[wordings]] and [subjects.real], or [[probes]]")
