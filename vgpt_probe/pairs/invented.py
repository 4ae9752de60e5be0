"""Names of relations that do not exist but could: near misses of real ones, and what people guess."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator

from vgpt_probe.catalog import Catalog, Relation

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_WORD = re.compile(r"[A-Za-z]{4,}")
_ENDINGS = (
    "Header",
    "Detail",
    "Master",
    "Line",
    "Lines",
    "List",
    "Info",
    "Data",
    "Log",
    "History",
    "Type",
    "Status",
)
_COMMON = (
    *(
        "Invoice",
        "Customer",
        "Vendor",
        "Employee",
        "Account",
        "Order",
        "Payment",
        "Project",
        "Product",
        "Item",
    ),
    *(
        "Contact",
        "Address",
        "User",
        "Budget",
        "Check",
        "Contract",
        "Department",
        "Equipment",
        "Inventory",
        "Job",
    ),
    *("Location", "Phase", "Receipt", "Supplier", "Tax", "Transaction", "Unit", "Batch"),
)


def invented_names(
    catalog: Catalog, *, seed: int, avoid: Callable[[str], bool] | None = None, near: Relation | None = None
) -> Iterator[str]:
    """Yield endlessly names that the catalog does not have in any letter case or schema, none twice.

    The same catalog and seed give the same names. ``avoid`` refuses further ones; ``near`` asks for near misses of
    one relation first. Ends when a thousand draws in a row bring nothing new.
    """
    rng = random.Random(f"invented {seed} {near.name if near else ''}")
    maker = _Maker(catalog, rng)
    taken = {relation.name.casefold() for relation in catalog.relations}
    taken |= {name.lstrip("bv") for name in taken}
    dry = 0
    while dry < 1000:
        name = maker.near_miss(near) if near is not None and dry < 100 else maker.draw()
        if name.casefold() in taken or len(name) < 3 or (avoid and avoid(name)):
            dry += 1
            continue
        dry = 0
        taken.add(name.casefold())
        yield name


class _Maker:
    def __init__(self, catalog: Catalog, rng: random.Random) -> None:
        self._rng = rng
        self._relations = [one for one in catalog.relations if not one.name[:1].islower()] or list(
            catalog.relations
        )
        self._modules = sorted(module for module in catalog.modules if module != "Other")
        self._spaced = sum("_" in one.name for one in self._relations) * 2 > len(self._relations)
        described = {
            word.capitalize()
            for relation in catalog.relations
            for word in _WORD.findall(relation.description or "")
        }
        columns = {
            part.capitalize()
            for relation in catalog.relations
            for column in relation.columns
            for part in _PARTS.findall(column.name)
            if len(part) > 4
        }
        names = {one.name.casefold() for one in catalog.relations}
        words = sorted(word for word in described | columns if word.casefold() not in names)
        self._words = sorted({*words, *_COMMON}) + list(_COMMON) * 3

    def draw(self) -> str:
        """One name: of everyday words, of a module and a word, or a near miss of a real one."""
        roll = self._rng.random()
        if roll < 0.14:
            return self._styled(_plural(self._word()) if self._rng.random() < 0.6 else self._word())
        if roll < 0.32:
            name = self._word() + self._word()
            return self._styled(_plural(name) if self._rng.random() < 0.3 else name)
        if roll < 0.42:
            return self._styled(self._word() + self._rng.choice(_ENDINGS))
        if roll < 0.56 and self._modules:
            return self._rng.choice(self._modules) + self._word() + self._rng.choice(("", "", *_ENDINGS[:4]))
        if roll < 0.62:
            name = "_".join(self._word().lower() for _ in range(self._rng.choice((1, 2, 2))))
            return self._rng.choice(("", "", "tbl_", "vw_")) + name
        if roll < 0.67:
            return self._rng.choice(("tbl", "vw", "x")) + self._word()
        return self.near_miss(self._rng.choice(self._relations))

    def near_miss(self, relation: Relation) -> str:
        """A name that differs from a real one in a letter, a word, its module or its number."""
        name, rng = relation.name, self._rng
        ways = [self._other_letter, self._other_letter, self._other_letter, self._other_module, self._longer]
        if len(name) > 5:
            ways += [lambda name: name[:-1] if name.endswith("s") else _plural(name), self._other_word]
        return rng.choice(ways)(name)

    def _other_letter(self, name: str) -> str:
        rng = self._rng
        at = rng.randrange(min(2, len(name) - 1), len(name))
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if name[at].isupper() else "abcdefghijklmnopqrstuvwxyz"
        letter = rng.choice(letters)
        way = rng.random()
        if way < 0.6:
            made = name[:at] + letter + name[at + 1 :]
        elif way < 0.75:
            made = name[:at] + letter + name[at:]
        elif way < 0.85 and len(name) > 4:
            made = name[:at] + name[at + 1 :]
        else:
            made = name[: at - 1] + name[at] + name[at - 1] + name[at + 1 :]
        # Two letters changed are as common a guess as one.
        return made if rng.random() < 0.7 or len(made) < 4 else made[:-1] + rng.choice(letters)

    def _other_module(self, name: str) -> str:
        known = next((module for module in self._modules if name.startswith(module)), None)
        if known is None or len(self._modules) < 2:
            return self._longer(name)
        return self._rng.choice([one for one in self._modules if one != known]) + name[len(known) :]

    def _other_word(self, name: str) -> str:
        parts = _PARTS.findall(name)
        at = self._rng.randrange(len(parts))
        return name.replace(parts[at], self._word(), 1)

    def _longer(self, name: str) -> str:
        return name + self._rng.choice(_ENDINGS)

    def _word(self) -> str:
        return self._rng.choice(self._words)

    def _styled(self, name: str) -> str:
        return "_".join(_PARTS.findall(name)).lower() if self._spaced else name


def _plural(name: str) -> str:
    if name.endswith("s"):
        return name
    return f"{name[:-1]}ies" if name.endswith("y") and name[-2:-1] not in "aeiou" else f"{name}s"
