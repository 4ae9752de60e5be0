"""What an answer must and must not hold, beside what it says of its subject."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vgpt_probe.probes import Probe

if TYPE_CHECKING:
    from vgpt_probe.grading import Verdict


def with_elements(probe: Probe, text: str, verdict: Verdict, reason: str) -> tuple[Verdict, str]:
    """Judge further by the texts that a probe expects and forbids; returns verdict and reason.

    Whether the answer refuses is the reader's word alone. A right answer that lacks an expected text is unclear; an
    unclear one that has all of them is right where the subject is to be affirmed; one that has a forbidden text
    accepts what it must not.
    """
    if not (probe.expected or probe.forbidden) or verdict in ("error", "contradiction", "false_rejection"):
        return verdict, reason
    if found := next((one for one in probe.forbidden if holds(text, one)), None):
        return "false_acceptance", f"says '{found}', which it must not ({reason})"
    lacking = [one for one in probe.expected if not holds(text, one)]
    if lacking and verdict == "correct":
        return "unclear", f"lacks {', '.join(repr(one) for one in lacking)} ({reason})"
    if probe.expected and not lacking and verdict == "unclear" and probe.expect == "affirm":
        return "correct", f"holds all that is expected ({reason})"
    return verdict, reason


def holds(text: str, element: str) -> bool:
    """Whether a text has an element as whole words, whatever the letter case and the blanks between them."""
    words = r"[\s*`]+".join(re.escape(word) for word in element.split())
    return bool(words) and re.search(rf"(?<!\w){words}(?!\w)", text, re.IGNORECASE) is not None
