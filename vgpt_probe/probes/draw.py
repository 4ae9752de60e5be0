"""From a battery file to probes: the subjects that are drawn, each asked in every wording that fits it."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from vgpt_probe.catalog import Catalog, Relation
from vgpt_probe.errors import BatteryError
from vgpt_probe.files import is_file
from vgpt_probe.probes.columns import draw_columns
from vgpt_probe.probes.generators import invent
from vgpt_probe.probes.mentions import count_mentions
from vgpt_probe.probes.probe import Expectation, Probe, make_probe

if TYPE_CHECKING:
    from vgpt_probe.probes.battery import BatteryFile, FakeSubjects, RealSubjects


class Asked(msgspec.Struct, frozen=True):
    """A subject as it is asked about: ``written`` in the question, with ``column`` when it is about that."""

    name: str
    written: str
    reason: str
    kind: str = ""
    real: bool | None = None
    expect: Expectation | None = None
    column: str = ""


def probes_of(written: BatteryFile, catalog: Catalog, seed: int, folder: Path | None) -> Iterator[Probe]:
    """Make the probes of a battery in asking order; the same question about the same subject may come twice."""
    others = _Others(catalog, seed)
    for asked in _subjects(written, catalog, seed, folder):
        for wording in written.wordings:
            if bool(asked.column) != ("{column}" in wording.text):
                continue
            question = wording.text.replace("{subject}", asked.written).replace("{column}", asked.column)
            if "{other}" in question:
                question = question.replace("{other}", others.beside(asked.name))
            yield make_probe(
                question,
                f"{asked.name}.{asked.column}" if asked.column else asked.name,
                catalog,
                wording=wording.id,
                act=wording.act,
                expect=asked.expect,
                real=asked.real,
                kind=asked.kind,
                reason=asked.reason,
            )
    for number, own in enumerate(written.probes, start=1):
        yield make_probe(
            own.question,
            own.subject,
            catalog,
            wording=own.id or f"own_{number}",
            act=own.act,
            expect=own.expect,
            reason=own.reason,
            expected=tuple(own.expected),
            forbidden=tuple(own.forbidden),
        )


def name_in(catalog: Catalog, relation: Relation) -> str:
    """The shortest name that finds a relation: with its schema unless that is the default."""
    return relation.name if relation.schema == catalog.default_schema else relation.qualified


def _subjects(written: BatteryFile, catalog: Catalog, seed: int, folder: Path | None) -> Iterator[Asked]:
    real, fake, columns = written.subjects.real, written.subjects.fake, written.subjects.columns
    known: set[str] = set()
    drawn = list(_draw_real(real, catalog, seed, folder)) if real else []
    drawn += _draw_fake(fake, catalog, seed) if fake else []
    for asked in drawn:
        if asked.written not in known:
            known.add(asked.written)
            yield asked
    for column in draw_columns(catalog, real=columns.real, fake=columns.fake, seed=seed) if columns else []:
        name = name_in(catalog, column.relation)
        yield Asked(
            name,
            name,
            column.reason,
            kind="" if column.real else "column_guess",
            real=column.real,
            column=column.column,
        )


def _draw_real(wanted: RealSubjects, catalog: Catalog, seed: int, folder: Path | None) -> Iterator[Asked]:
    chooser = random.Random(f"real {seed}")
    counts: Counter[str] | None = None
    for file in wanted.rare_in:
        counts = (counts or Counter()) + count_mentions(_training_file(file, folder), catalog)
    if wanted.names:
        names = list(dict.fromkeys(wanted.names))
        if wanted.sample != "all":
            names = chooser.sample(names, min(wanted.sample, len(names)))
    else:
        names = drawn_names(wanted, catalog, chooser, counts)
    turn = random.Random(f"written {seed}")
    for name in names:
        relation = catalog.get(name)
        assert relation is not None
        told = f"{relation.qualified} is a {relation.kind}"
        if relation.description:
            told += f": {relation.description[:100]}"
        if counts is not None:
            told += f"; named {counts[relation.name]} times in {', '.join(wanted.rare_in)}"
        yield Asked(name, _written(name, relation, wanted.written, turn), told)


def drawn_names(
    wanted: RealSubjects, catalog: Catalog, chooser: random.Random, counts: Counter[str] | None = None
) -> list[str]:
    """The names of the relations that a draw gives: one of each module in turn, or with ``counts`` the rarest first."""
    pools = {
        module: sorted(name_in(catalog, relation) for relation in relations if _fits(relation, wanted))
        for module, relations in catalog.modules.items()
        if not wanted.modules or module in wanted.modules
    }
    if wanted.sample == "all" and counts is None:
        return [name for pool in pools.values() for name in pool]
    for pool in pools.values():
        chooser.shuffle(pool)
    if counts is not None:
        ranked = [name for pool in pools.values() for name in pool]
        ranked.sort(key=lambda name: counts[name.rpartition(".")[2]])
        return ranked if wanted.sample == "all" else ranked[: wanted.sample]
    # One of each module in turn, so that a small sample still speaks of every module.
    drawn: list[str] = []
    limit = sum(map(len, pools.values())) if wanted.sample == "all" else wanted.sample
    while len(drawn) < limit and any(pools.values()):
        for pool in pools.values():
            if pool and len(drawn) < limit:
                drawn.append(pool.pop())
    return drawn


def _fits(relation: Relation, wanted: RealSubjects) -> bool:
    if wanted.kind and relation.kind != wanted.kind:
        return False
    if not (wanted.described or wanted.about):
        return True
    words = {word.casefold() for word in re.findall(r"\w+", relation.description or "")}
    return bool(words) and (not wanted.about or any(word.casefold() in words for word in wanted.about))


def _written(name: str, relation: Relation, how: str, turn: random.Random) -> str:
    ways = {
        "plain": name,
        "schema": relation.qualified,
        "brackets": f"[{relation.schema}].[{relation.name}]",
    }
    # Half of the names stay plain, as people mostly write them.
    return ways[turn.choice(("plain", "plain", "schema", "brackets")) if how == "mixed" else how]


def _draw_fake(wanted: FakeSubjects, catalog: Catalog, seed: int) -> list[Asked]:
    names = list(dict.fromkeys(wanted.names))
    if wanted.sample != "all" and not wanted.kinds:
        names = random.Random(f"fake {seed}").sample(names, min(wanted.sample, len(names)))
    drawn = [Asked(name, name, "listed in the battery; the catalog has no such relation") for name in names]
    if wanted.kinds and wanted.sample != "all":
        drawn += [
            Asked(
                one.name,
                one.written or one.name,
                one.reason,
                kind=one.kind,
                expect="correct" if one.kind == "casing" else None,
            )
            for one in invent(catalog, wanted.kinds, wanted.sample, seed=seed)
        ]
    return drawn


def _training_file(name: str, folder: Path | None) -> Path:
    for place in (folder, folder.parent) if folder else (Path(),):
        if is_file(place / name):
            return place / name
    raise BatteryError(
        f"subjects.real.rare_in: no such file: {name}", where=str(folder or ""),
        mend="give a path relative to the battery or to the folder above it",
    )  # fmt: skip


class _Others:
    """Real relations to join with: one of the subject's module, the same one for the same subject and seed."""

    def __init__(self, catalog: Catalog, seed: int) -> None:
        self._catalog = catalog
        self._seed = seed
        self._pools: dict[str, list[Relation]] = {}

    def beside(self, name: str) -> str:
        from vgpt_probe.catalog import module_of

        relation = self._catalog.get(name)
        module = relation.module if relation else module_of(name)
        pool = self._pool(module)
        others = [one for one in pool if one is not relation] if len(pool) < 3 else pool
        if not others:
            others = list(self._catalog.relations)
        chooser = random.Random(f"other {self._seed} {name}")
        for _ in range(10):
            other = chooser.choice(others)
            if other is not relation and (
                relation is None or other.name not in (relation.base, relation.name)
            ):
                break
        return name_in(self._catalog, other)

    def _pool(self, module: str) -> list[Relation]:
        if module not in self._pools:
            known = self._catalog.modules.get(module, ())
            asked = [one for one in known if not one.name[:1].islower()] or list(known)
            self._pools[module] = sorted(asked, key=lambda one: one.qualified)
        return self._pools[module]
