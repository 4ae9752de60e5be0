"""Which stored probes and pairs a change of the schema touches."""

from __future__ import annotations

import re

import msgspec

from vgpt_probe.catalog import Catalog, is_real
from vgpt_probe.runs.store import Store

_WORD = re.compile(r"\w+")


class TouchedProbe(msgspec.Struct, frozen=True):
    """A probe of a run whose subject is not what it was; None where a version cannot know."""

    run: int
    probe: str
    subject: str
    was: bool | None
    now: bool | None


class TouchedPair(msgspec.Struct, frozen=True):
    """A pair that speaks of what changed."""

    pair: int
    subject: str
    why: str


def touched_probes(store: Store, before: Catalog, after: Catalog) -> list[TouchedProbe]:
    """The probes of all runs whose subject was real and is not, or the other way round."""
    known: dict[str, tuple[bool | None, bool | None]] = {}
    touched = []
    for run in store.runs():
        for probe in store.probes(run.id):
            name = probe.subject
            if name not in known:
                known[name] = (is_real(name, before), is_real(name, after))
            was, now = known[name]
            if was != now:
                touched.append(TouchedProbe(run.id, probe.id, name, was, now))
    return touched


def touched_pairs(store: Store, before: Catalog, after: Catalog) -> list[TouchedPair]:
    """The pairs that name a relation or a column which one version has and the other has not."""
    gone = _names(before) - _names(after)
    come = _names(after) - _names(before)
    touched = []
    for pair in store.pairs():
        words = {word for text in (pair.prompt, pair.chosen, pair.rejected) for word in _WORD.findall(text)}
        said = [f"{name} is gone" for name in sorted(words & gone)]
        said += [f"{name} is new" for name in sorted(words & come)]
        if said:
            touched.append(TouchedPair(pair.id or 0, pair.subject, ", ".join(said)))
    return touched


def _names(catalog: Catalog) -> set[str]:
    return {relation.name for relation in catalog.relations} | catalog.column_names
