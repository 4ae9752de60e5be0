"""What methods of text and filters of a chat template cost: how large their outcome is at most, and how much they look at.

Whatever is not named here is taken to make the product of all that it is given, which is more than anything can make.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: Characters that an item of a list counts for beside its own: looking at it takes time too.
ITEM = 60
#: Comparing so many characters costs as much as making one.
COMPARED = 8

#: Methods that look for what they are given, and make no more than there was.
_SEARCHING = frozenset((
    "startswith", "endswith", "find", "rfind", "index", "rindex", "count", "strip", "lstrip", "rstrip", "removeprefix",
    "removesuffix", "partition", "rpartition",
))  # fmt: skip
#: Methods and filters that make at most so many characters of each character: what is given may be as large as anything
#: may, and what comes of it is paid for.
_TIMES = {
    "isalnum": 1, "isalpha": 1, "isascii": 1, "isdecimal": 1, "isdigit": 1, "isidentifier": 1, "islower": 1,
    "isnumeric": 1, "isprintable": 1, "isspace": 1, "istitle": 1, "isupper": 1, "lower": 3, "upper": 3, "title": 3,
    "capitalize": 3, "swapcase": 3, "casefold": 3, "encode": 4,
}  # fmt: skip
_FILTERS = {
    "capitalize": 3, "lower": 3, "upper": 3, "title": 3, "trim": 1, "string": 10, "safe": 1, "escape": 6, "e": 6,
    "forceescape": 6, "int": 1, "float": 1, "abs": 1, "reverse": 1, "truncate": 1, "select": 1, "reject": 1,
    "selectattr": 1, "rejectattr": 1, "map": 1, "attr": 1, "sort": 2, "unique": 1, "dictsort": 2, "min": 1, "max": 1,
    "groupby": 2, "tojson": 6,
}  # fmt: skip
_LINE_ENDS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


def measure(value: Any, most: int) -> int:
    """How many characters a value has when it is written, about, and no more than it takes to pass ``most``.

    What it holds twice counts twice.
    """
    total, left = 0, [value]
    while left and total <= most:
        one = left.pop()
        total += len(one) if isinstance(one, str | bytes) else ITEM
        if isinstance(one, dict):
            left += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple | set | frozenset):
            left += one
        elif isinstance(one, range):
            total += ITEM * len(one)
    return total


def of_method(
    owner: str | bytes, name: str, args: Sequence[Any], options: Mapping[str, Any], most: int
) -> tuple[float, float] | None:
    """The largest outcome of a method of a text, and the work; None for one that is not known."""
    given = [*args, *options.values()]
    length = len(owner)
    looked = measure(given, most) if given else 0
    if name in _TIMES:
        return length, _TIMES[name] * length + looked
    if name in _SEARCHING:
        # Backwards Python compares at every place all that it looks for.
        return length, length + looked + length * _texts(given) / COMPARED
    if name in ("split", "rsplit", "splitlines"):
        return length + ITEM * (1 + _parts(owner, name, given)), length + length * _texts(given) / COMPARED
    if name == "replace" and len(given) >= 2 and all(isinstance(one, type(owner)) for one in given[:2]):
        outcome = length + owner.count(given[0]) * len(given[1])
        return outcome, outcome + looked
    if name == "join" and len(given) == 1 and isinstance(given[0], str | list | tuple | dict):
        return looked + length * len(given[0]), looked
    return None


def of_filter(name: str, given: Sequence[Any], options: Mapping[str, Any], most: int) -> tuple[float, float] | None:
    """The largest outcome of a filter, and the work; None for one that is not known."""
    values = [*given, *options.values()]
    looked = measure(values, most)
    if name == "replace" and len(values) >= 3 and all(isinstance(one, str) for one in values[:3]):
        return of_method(values[0], name, values[1:], {}, most)
    if name == "join" and isinstance(given[0], list | tuple) and len(values) <= 2:
        return looked + len(given[0]) * _texts(values[1:]), looked
    numbers = any(isinstance(one, int | float) and not isinstance(one, bool) for one in values)
    # With a number JSON is indented so deep.
    if name in _FILTERS and not (name == "tojson" and numbers):
        return looked, _FILTERS[name] * looked
    return None


def _texts(given: Sequence[Any]) -> int:
    """The characters of all texts among some values."""
    return sum(len(one) if isinstance(one, str | bytes) else 0 for one in given)


def _parts(owner: str | bytes, name: str, given: Sequence[Any]) -> int:
    """Into how many parts a text is cut, about, and at most."""
    if isinstance(owner, bytes):
        return len(owner)
    if name == "splitlines":
        return sum(map(owner.count, _LINE_ENDS))
    sought = next((one for one in given if isinstance(one, str)), None)
    return owner.count(sought) if sought else sum(map(str.isspace, owner))
