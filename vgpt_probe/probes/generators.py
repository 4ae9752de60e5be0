"""Names that do not exist but could: what people and models guess, each with the reason it is what it is.

None of them is real in any schema, whatever the letter case; the same catalog, kinds and seed give the same names.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Literal

import msgspec

from vgpt_probe.catalog import Catalog, Relation
from vgpt_probe.catalog.model import Kind as RelationKind

Kind = Literal[
    "plural", "camel_case", "abbreviation", "cross_module", "casing", "separators", "long_name", "base_view"
]
KINDS: tuple[Kind, ...] = (
    "plural", "camel_case", "abbreviation", "cross_module", "separators", "long_name", "base_view", "casing",
)  # fmt: skip

#: A kind has nothing new to give after so many draws in a row that brought nothing.
_DRY = 400
_LETTERS = "ABCDEFGHIJKLMNOPRSTUVWXYZ"
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_TITLE = re.compile(r"\b[A-Z][a-z]{3,13}\b")
#: Words within the names of columns that are long enough to be no abbreviations.
_PLAIN = re.compile(r"[A-Z][a-z]{5,13}(?![a-z])|(?<=_)[a-z]{6,14}|^[a-z]{6,14}")
#: What business databases speak of: the names that people and models guess first.
EVERYDAY = (
    "Account", "Address", "Asset", "Bank", "Batch", "Bill", "Budget", "Cash", "Change", "Check", "Company", "Contact",
    "Contract", "Cost", "Credit", "Crew", "Customer", "Deduction", "Department", "Deposit", "Discount", "Document",
    "Employee", "Equipment", "Estimate", "Expense", "Fuel", "Invoice", "Item", "Job", "Journal", "Ledger", "Location",
    "Material", "Order", "Payment", "Payroll", "Permit", "Phase", "Price", "Product", "Project", "Purchase", "Quote",
    "Rate", "Receipt", "Report", "Schedule", "Shipment", "Staff", "Statement", "Subcontract", "Supplier", "Task", "Tax",
    "Timesheet", "Transaction", "Transfer", "Union", "Vehicle", "Vendor", "Wage", "Warehouse",
)  # fmt: skip
_TAILS = (
    "Master",
    "Header",
    "Detail",
    "Line",
    "History",
    "List",
    "Log",
    "Type",
    "Status",
    "Summary",
    "Item",
    "Info",
)
_SHORT = {
    "Header": "Hdr", "Detail": "Dtl", "Master": "Mstr", "Transaction": "Trans", "Invoice": "Inv", "Customer": "Cust",
    "Vendor": "Vend", "Employee": "Emp", "Account": "Acct", "Payment": "Pmt", "Purchase": "Purch", "Equipment": "Equip",
}  # fmt: skip


class Invented(msgspec.Struct, frozen=True):
    """An invented name: its kind, the reason it is what it is, and the relation that it comes near, if any.

    Of the kind ``casing`` are names that are real in another letter case: an answer must correct them. ``written``
    is how a question writes the name where that is not the name itself: ``[dbo].[apth]``.
    """

    name: str
    kind: Kind
    reason: str
    near: str = ""
    written: str = ""


def invent(catalog: Catalog, kinds: Sequence[Kind], count: int, *, seed: int) -> list[Invented]:
    """Draw ``count`` names, evenly from ``kinds``; fewer when the catalog gives no more.

    Where a kind runs dry the others give more. In a catalog that is not case-sensitive ``casing`` gives nothing.
    """
    makers = _Makers(catalog)
    streams = {kind: makers.stream(kind, random.Random(f"{kind} {seed}")) for kind in dict.fromkeys(kinds)}
    taken = set(makers.real)
    drawn: list[Invented] = []
    while streams and len(drawn) < count:
        for kind in list(streams):
            if len(drawn) >= count:
                break
            made = _next_new(streams[kind], taken)
            if made is None:
                del streams[kind]
            else:
                drawn.append(made)
    return drawn


def _next_new(stream: Iterator[Invented | None], taken: set[str]) -> Invented | None:
    for _, made in zip(range(_DRY), stream, strict=False):
        if made is None:
            continue
        # A name in another letter case is itself only once, and is told from the real one by the case alone.
        folded = f"casing {made.name}" if made.kind == "casing" else made.name.casefold()
        if folded not in taken:
            taken.add(folded)
            return made
    return None


class _Makers:
    """What the generators draw from: the catalog's relations, modules, words and habits of naming."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.real = {relation.name.casefold() for relation in catalog.relations}
        self.relations = sorted(catalog.relations, key=lambda one: (one.name, one.schema))
        # People ask for what they see in reports: views and tables, rarely the tables behind views.
        self.asked = [one for one in self.relations if not one.name[:1].islower()] or self.relations
        self.modules = sorted(module for module in catalog.modules if module not in ("Other", ""))
        low = sum(1 for one in self.relations if one.name == one.name.lower())
        self.snake = low * 2 > len(self.relations)

    def stream(self, kind: Kind, rng: random.Random) -> Iterator[Invented | None]:
        """Endless draws of one kind, repetitions and failures (None) included; nothing where the catalog has none."""
        make: Callable[[random.Random], Invented | None] = getattr(self, f"_{kind}")
        if not self.relations or (kind == "cross_module" and len(self.modules) < 2):
            return
        if kind == "casing" and not self.catalog.case_sensitive:
            return
        while True:
            yield make(rng)

    @cached_property
    def words(self) -> list[str]:
        """Words of the catalog's descriptions and columns, and everyday ones, which come oftener."""
        told = {
            word
            for relation in self.relations
            for word in _TITLE.findall((relation.description or "")[:80])
            if word not in ("This", "View", "Table", "Which", "Returns", "Extracts")
        }
        columns = {word.capitalize() for name in self.catalog.column_names for word in _PLAIN.findall(name)}
        own = sorted(told | columns)
        return own + list(EVERYDAY) * max(1, len(own) // (3 * len(EVERYDAY)))

    def _plural(self, rng: random.Random) -> Invented | None:
        word = rng.choice(self.words)
        if rng.random() < 0.4:
            name = self._styled(word, plural_of(rng.choice(EVERYDAY)))
            return Invented(
                name, "plural", f"a plural of everyday words, as one names things and not codes: '{name}'"
            )
        if plural_of(word) == word:
            return None
        name = self._styled(plural_of(word))
        return Invented(
            name,
            "plural",
            f"the plural of '{word}', where the schema names things by codes or in the singular",
        )

    def _camel_case(self, rng: random.Random) -> Invented | None:
        first, second = rng.choice(self.words), rng.choice((*_TAILS, *EVERYDAY))
        if first == second:
            return None
        return Invented(
            self._styled(first, second),
            "camel_case",
            f"'{first}' and '{second}' put together, as other databases name tables",
        )

    def _abbreviation(self, rng: random.Random) -> Invented | None:
        roll = rng.random()
        if self.modules and roll < 0.5:
            module, word = rng.choice(self.modules), rng.choice((*EVERYDAY, *_TAILS, *self.words))
            if roll < 0.15:
                word = _SHORT.get(word, word[:4])
            return Invented(
                self._prefixed(module, word),
                "abbreviation",
                f"the prefix {module} is real, the rest '{word}' is a guess",
            )
        relation = rng.choice(self.asked)
        name = relation.name
        at = rng.randrange(min(2, len(name) - 1), len(name))
        letter = rng.choice(_LETTERS if name[at].isupper() else _LETTERS.lower())
        made = name[:at] + letter + (name[at + 1 :] if rng.random() < 0.8 else name[at:])
        return self._near(made, "abbreviation", relation, f"a letter away from {relation.name}")

    def _cross_module(self, rng: random.Random) -> Invented | None:
        relation = rng.choice(self.asked)
        module = relation.module
        if not relation.name.upper().startswith(module) or module not in self.modules:
            return None
        other = rng.choice(self.modules)
        tail = relation.name[len(module) :]
        if other == module or not tail:
            return None
        made = (other.lower() if relation.name[: len(module)].islower() else other) + tail
        reason = f"'{tail.lstrip('_')}' of {relation.name} belongs to {module}, not to {other}"
        return self._near(made, "cross_module", relation, reason)

    def _casing(self, rng: random.Random) -> Invented | None:
        relation = rng.choice(self.asked)
        name = relation.name
        made = rng.choice((name.lower(), name.upper(), name.capitalize()))
        if made == name or made in self.catalog:
            return None
        written = rng.choice(("", "", f"[{relation.schema}].[{made}]", f"{relation.schema}.{made}"))
        reason = f"{name} in another letter case; names here are case-sensitive"
        return Invented(made, "casing", reason, relation.qualified, written)

    def _separators(self, rng: random.Random) -> Invented | None:
        relation = rng.choice(self.asked)
        name = relation.name
        if "_" in name.strip("_"):
            made = name.replace("_", "")
        else:
            parts = _WORDS.findall(name)
            if len(parts) < 2:
                at = 2 if len(name) > 3 else 1
                parts = [name[:at], name[at:]]
            made = "_".join(part for part in parts if part)
        if rng.random() < 0.4:
            made = made.lower()
        return self._near(made, "separators", relation, f"{name} with other separators")

    def _long_name(self, rng: random.Random) -> Invented | None:
        relation = rng.choice(self.asked)
        told = re.findall(r"[A-Za-z]+", (relation.description or "")[:60])
        if 2 <= len(told) <= 5:
            made = self._styled(*(word if word.isupper() else word.capitalize() for word in told))
            return self._near(
                made, "long_name", relation, f"the description of {relation.name} written as a name"
            )
        words = [rng.choice(EVERYDAY), rng.choice(self.words), rng.choice(_TAILS)]
        module = rng.choice(self.modules) if self.modules else ""
        made = self._prefixed(module, "".join(words)) if module else self._styled(*words)
        return Invented(made, "long_name", "a name spelt out in words, where the schema abbreviates")

    def _base_view(self, rng: random.Random) -> Invented | None:
        relation = rng.choice(self.relations)
        kind: RelationKind = relation.kind
        made, said = rng.choice(
            (
                (f"b{relation.name}", "a base table"),
                (f"v{relation.name}", "a view"),
                (f"vw{relation.name}", "a view"),
                (f"tbl{relation.name}", "a base table"),
                (f"{relation.name}View", "a view"),
                (f"{relation.name}Base", "a base table"),
            )
        )
        return self._near(
            made, "base_view", relation, f"{said} that one would guess beside the {kind} {relation.name}"
        )

    def _near(self, name: str, kind: Kind, relation: Relation, reason: str) -> Invented:
        return Invented(name, kind, reason, relation.qualified)

    def _styled(self, *words: str) -> str:
        return "_".join(words).lower() if self.snake else "".join(words)

    def _prefixed(self, module: str, word: str) -> str:
        return f"{module}_{word}".lower() if self.snake else f"{module}{word}"


def plural_of(word: str) -> str:
    """The plural of an English word, as a guess goes."""
    if word.endswith("s"):
        return word
    if word.endswith(("x", "ch", "sh")):
        return f"{word}es"
    return f"{word[:-1]}ies" if word.endswith("y") and word[-2:-1] not in "aeiou" else f"{word}s"
