"""What SQL must not be given to sqlglot: joins that no ON closes.

It tries each way to nest them, two to the power of their number: thirty of them, as a model writes that repeats itself,
would take hours.
"""

from __future__ import annotations

import re

#: So many take some hundredths of a second; people's SQL nests two or three.
MOST_OPEN = 10

_PART = re.compile(
    r"""'[^']*'|"[^"]*"|`[^`]*`|\[[^\[\]]*\]|--[^\n]*|/\*.*?(?:\*/|\Z)|\bCROSS\s+JOIN\b|\b(?:(?P<join>JOIN)|ON|USING)\b""",
    re.IGNORECASE | re.DOTALL,
)


def too_many_open_joins(text: str) -> bool:
    """Whether more joins than ``MOST_OPEN`` wait for their ON at any place of a statement."""
    waiting = 0
    for part in _PART.finditer(text):
        if part["join"]:
            waiting += 1
            if waiting > MOST_OPEN:
                return True
        elif part.group()[0] in "oOuU":
            waiting = max(0, waiting - 1)
    return False
