"""Invented names for pairs: what people guess, and near misses of one relation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from vgpt_probe.catalog import Catalog, Relation
from vgpt_probe.probes.generators import Invented, Kind, invent

#: Not "base_view": what stands behind a view may be there although the catalog does not list it.
KINDS: tuple[Kind, ...] = ("plural", "camel_case", "abbreviation", "cross_module", "long_name", "separators")

#: So many names are drawn at first, and so many times as many when they do not suffice.
_FIRST, _MORE = 2_000, 4


def invented_names(
    catalog: Catalog, *, seed: int, avoid: Callable[[str], bool] | None = None, near: Relation | None = None
) -> Iterator[str]:
    """Yield names that the catalog does not have in any letter case or schema, none twice, until no more can be made.

    The same catalog and seed give the same names. ``avoid`` refuses further ones; ``near`` asks for near misses of
    one relation first.
    """
    given: set[str] = set()
    count = _FIRST
    while True:
        drawn = _drawn(catalog, count, seed)
        if near is not None:
            drawn = tuple(sorted(drawn, key=lambda one: one.near != near.qualified))
        for one in drawn:
            if one.name not in given:
                given.add(one.name)
                if not (avoid and avoid(one.name)):
                    yield one.name
        if len(drawn) < count:
            return
        count *= _MORE


@lru_cache(maxsize=8)
def _drawn(catalog: Catalog, count: int, seed: int) -> tuple[Invented, ...]:
    return tuple(invent(catalog, KINDS, count, seed=seed))
