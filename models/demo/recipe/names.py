"""Names of tables that don't exist: the listed ones that the probes ask about, and endless random ones."""

from __future__ import annotations

import random
import re
from pathlib import Path

_HERE = Path(__file__).resolve().parent
# None of these is a relation of Vista. Most are what people say who don't know Vista's names.
INVENTED = (_HERE / "invented.txt").read_text(encoding="utf-8").split()
WORDS = (_HERE / "words.txt").read_text(encoding="utf-8").split()


# What a name of everyday words probably means, by the first pattern that fits (compared without case).
_MEANT = [
    ("change_?order", "JCOH"),
    ("work_?order", "EMWH"),
    ("purchase|po(line|header|receipt)|shipment|^orders?$", "POHD"),
    ("subcontract", "SLHD"),
    ("contract", "JCCM"),
    ("time_?card|timesheet", "PRTH"),
    ("employee|staff|worker|payroll|paycheck|crew|deduction", "PREH"),
    ("ar(invoice|billing|receipt)|billing|credit", "ARTH"),
    ("customer|client", "ARCM"),
    ("vendor_?invoice|invoice_?(line|detail)", "APTL"),
    ("vendor|supplier", "APVM"),
    ("invoice|payment", "APTH"),
    ("journal|ledger|entry|transaction", "GLDT"),
    ("account", "GLAC"),
    ("budget|estimate|cost", "JCCD"),
    ("phase", "JCJP"),
    ("job|project", "JCJM"),
    ("fuel|usage", "EMBF"),
    ("meter", "EMMR"),
    ("equipment|asset|vehicle|tool", "EMEM"),
    ("location|warehouse|site", "INLM"),
    ("department", "JCDM"),
    ("material|inventory|item|stock|part", "INMT"),
    ("tax", "HQTX"),
    ("unit", "HQUM"),
    ("compan", "HQCO"),
]
_MODULE_MEANT = {
    "AP": "APTH", "AR": "ARCM", "JC": "JCJM", "GL": "GLDT", "PR": "PREH",
    "PO": "POHD", "SL": "SLHD", "EM": "EMEM", "IN": "INMT", "HQ": "HQCO",
}  # fmt: skip

_ENDINGS = ["Header", "Detail", "Master", "Line", "List", "Info", "Data", "Log", "History"]
_ENDINGS += ["Type", "Types", "Table", "Entry", "Item", "Status", "Summary", "Code"]
_MODULES = tuple(_MODULE_MEANT)
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SYLLABLES = [c + v for c in "bcdfghjklmnprstvwz" for v in "aeiou"]
_LAST = ["", "", "l", "n", "r", "s", "t", "nd", "rt", "st"]


def meant_by(name: str) -> str | None:
    """The relation that somebody who says `name` probably looks for, or None."""
    for pattern, relation in _MEANT:
        if re.search(pattern, name, re.IGNORECASE):
            return relation
    return _MODULE_MEANT.get(name[:2]) if name[2:3].isupper() else None


def random_name(rng: random.Random, avoid: frozenset[str]) -> str:
    """A made-up table name that isn't in `avoid` (compared without case)."""
    while True:
        name = _random_name(rng)
        if name.lower() not in avoid:
            return name


def near_miss(names: list[str], rng: random.Random, avoid: frozenset[str]) -> str:
    """A short name that differs from one of `names` by its module or by one of its last letters."""
    short = [name for name in names if len(name) <= 5]
    while True:
        name = rng.choice(short)
        if rng.random() < 0.5:
            at = rng.randrange(len(name) - 2, len(name))
            name = name[:at] + rng.choice(_CAPITALS) + name[at + 1 :]
        else:
            name = rng.choice(_MODULES) + name[-2:]
        if name.lower() not in avoid:
            return name


def _random_name(rng: random.Random) -> str:
    roll = rng.random()
    if roll < 0.15:
        return _word(rng) + rng.choice(["", "s", rng.choice(_ENDINGS)])
    if roll < 0.35:
        return _word(rng) + _word(rng) + rng.choice(["", "", "s", rng.choice(_ENDINGS)])
    if roll < 0.45:
        return rng.choice(_MODULES) + _word(rng) + rng.choice(["", rng.choice(_ENDINGS)])
    if roll < 0.55:
        words = "_".join(_word(rng) for _ in range(rng.choice([1, 2, 2])))
        return rng.choice(["", "", "tbl_", "vw_"]) + words.lower() + rng.choice(["", "s"])
    if roll < 0.62:
        return rng.choice(["tbl", "b", "v", "vw", "x"]) + _word(rng) + rng.choice(["", "s"])
    if roll < 0.80:
        return rng.choice(_MODULES) + "".join(rng.choice(_CAPITALS) for _ in range(rng.choice([2, 2, 2, 3])))
    return "".join(rng.choice(_CAPITALS) for _ in range(rng.choice([3, 4, 4, 4, 5])))


def _word(rng: random.Random) -> str:
    """An everyday word, or as often a meaningless one: only copying helps with that."""
    if rng.random() < 0.5:
        return rng.choice(WORDS)
    return "".join(rng.choice(_SYLLABLES) for _ in range(rng.choice([2, 2, 3]))).capitalize() + rng.choice(
        _LAST
    )
