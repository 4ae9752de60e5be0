"""``--fail-on``: conditions under which a run does not pass, such as ``false_rejection_rate>0.02``."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable

import msgspec

from vgpt_probe.errors import UsageError, nearest
from vgpt_probe.runs.records import VERDICTS, Run
from vgpt_probe.runs.summary import Tally

RATES = ("false_rejection_rate", "false_acceptance_rate")
BOUNDS = ("value", "low", "high")

_OPERATORS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
_FORM = re.compile(
    r"(?:(?P<model>.+):)?\s*(?P<measure>[a-z_]+)(?:\.(?P<bound>[a-z]+))?\s*(?P<operator>>=|<=|>|<)\s*"
    r"(?P<limit>\d+(?:\.\d*)?|\.\d+)\s*(?P<percent>%?)"
)
_EXAMPLE = (
    "write for instance false_rejection_rate>0.02, false_rejection_rate.high>5% or dpo_v2:contradiction>0"
)


class Condition(msgspec.Struct, frozen=True):
    """One condition: a rate (0..1; its value, or a bound of its 95 % interval) or a count of verdicts, and a limit.

    ``model``: the only one that it is about; "" for any.
    """

    text: str
    measure: str
    bound: str
    operator: str
    limit: float
    model: str = ""

    def crossed(self, tally: Tally) -> str | None:
        """Say what a model's tally is if it meets the condition; None if it passes.

        A rate over no answer is told as well: what was not measured does not pass.
        """
        if self.measure not in RATES:
            count = tally[self.measure]
            return f"{self.measure} is {count}" if self._holds(count) else None
        rate = tally.interval(self.measure.removesuffix("_rate"))
        value = rate[self.bound]
        if value is None or rate["value"] is None:
            return f"{self.measure} was not measured: no answer counts"
        if not self._holds(value):
            return None
        told = f"{self.measure} is {rate['value']:.4f} (95 %: {rate['low']:.4f} to {rate['high']:.4f})"
        return told

    def _holds(self, value: float) -> bool:
        return bool(_OPERATORS[self.operator](value, self.limit))


def parse(text: str) -> list[Condition]:
    """Read conditions, separated by commas: ``[MODEL:]MEASURE[.value|.low|.high] > NUMBER[%]``; also >=, < and <=.

    Raises ``UsageError`` that says what is wrong.
    """
    return [_parse_one(part.strip()) for part in text.split(",")]


def _parse_one(text: str) -> Condition:
    match = _FORM.fullmatch(text)
    if match is None:
        raise UsageError(f"'{text}' is no condition", mend=_EXAMPLE)
    measure, bound = match["measure"], match["bound"]
    if measure not in RATES + VERDICTS:
        known = f"it is one of {', '.join(RATES + VERDICTS)}"
        raise UsageError(
            f"'{measure}' in '{text}' is no rate and no verdict", mend=nearest(measure, RATES) or known
        )
    if bound is not None and bound not in BOUNDS:
        raise UsageError(f"'.{bound}' in '{text}' is no part of a rate", mend="it is .value, .low or .high")
    if measure in VERDICTS and (bound or match["percent"]):
        raise UsageError(
            f"'{measure}' in '{text}' is a count", mend=f"compare it with a whole number: {measure}>0"
        )
    limit = float(match["limit"]) / (100 if match["percent"] else 1)
    if measure in RATES and limit > 1:
        raise UsageError(f"a rate is never over 1, as '{text}' has it", mend=f"write {match['limit']}%")
    return Condition(
        text, measure, bound or "value", match["operator"], limit, (match["model"] or "").strip()
    )


def check_models(conditions: Iterable[Condition], models: Iterable[str]) -> None:
    """Raise ``UsageError`` when a condition names a model that does not take part."""
    models = list(models)
    for condition in conditions:
        if condition.model and condition.model not in models:
            known = f"the models are {', '.join(models)}"
            raise UsageError(
                f"there is no model '{condition.model}' in the run, as '{condition.text}' has it",
                mend=nearest(condition.model, models) or known,
            )


def crossings(conditions: Iterable[Condition], run: Run, counted: dict[str, Tally]) -> list[str]:
    """Say each condition that a run meets, model by model; an unfinished run does not pass either."""
    conditions = list(conditions)
    found = []
    if conditions and run.answered < run.total:
        found.append(f"run {run.id} is not finished: {run.answered} of {run.total} answers")
    for condition in conditions:
        for model, tally in counted.items():
            if condition.model in ("", model):
                told = condition.crossed(tally)
                if told:
                    found.append(f"{model}: {told}; fails on {condition.text}")
    return found
