"""From a reading to a verdict: reading × catalog × what the probe expects."""

from __future__ import annotations

from .model import Expect, Reading, Verdict

__all__ = ["judge"]


def judge(reading: Reading, real: bool | None, expect: Expect | None = None) -> Verdict:
    """Judge a reading: `correct`, `false_rejection`, `false_acceptance`, `contradiction` or `unclear`.

    `real` is the catalog's word on the subject; None (no catalog) gives `unclear`. `expect` says what a right answer
    must do; without it a real subject wants to be affirmed and an invented one denied. Under `correct` the answer
    must not accept the name as asked: a denial, the right letter case, or a real name offered in its place will do.
    """
    if real is None:
        return "unclear"
    if reading.stance == "contradicts":
        return "contradiction"
    wanted: Expect = expect or ("affirm" if real else "deny")
    if wanted == "affirm":
        return {"affirms": "correct", "denies": "false_rejection"}.get(reading.stance, "unclear")  # type: ignore[return-value]
    if reading.stance == "denies":
        return "correct"
    if reading.corrected is not None:
        # The answer used the name that exists where the question had it in another letter case.
        return "correct"
    if reading.stance == "affirms":
        return "false_acceptance"
    if wanted == "correct" and reading.suggested and not reading.unknown_suggested:
        return "correct"
    return "unclear"
