"""How long a run will take: as earlier runs of the same models went, else by the size of the models."""

from __future__ import annotations

import statistics
from pathlib import Path

import msgspec

from vgpt_probe.config import ModelSettings
from vgpt_probe.runs.records import Mode
from vgpt_probe.runs.store import Store

#: So many of the newest stretches count.
STRETCHES = 5
#: A stretch of fewer answers says little.
FEWEST = 10
#: Where nothing was measured: bytes of weights that a laptop reads in a second, tokens of an answer, and how many
#: times faster a batch is than one question after another.
_BYTES, _TOKENS, _BATCHED = 20e9, 60, 2.0


class Forecast(msgspec.Struct, frozen=True):
    """Seconds that so many answers take; ``measured`` when earlier runs say so, else a rough estimate."""

    answers: int
    seconds: float
    measured: bool

    @property
    def told(self) -> str:
        """For people: ``about 3 minutes, as earlier runs went``."""
        how = "as earlier runs went" if self.measured else "a rough estimate; the first run measures it"
        return f"{duration(self.seconds)}, {how}"


def forecast(
    store: Store, models: list[ModelSettings], probes: int, *, mode: Mode = "generate", exact: bool = False
) -> Forecast:
    """Say how long it takes to put ``probes`` probes to each of the models."""
    answers = probes * len(models)
    wanted = {model.name for model in models}
    runs = {run.id: run for run in store.runs()}
    speeds = [
        count / seconds
        for number, count, seconds in store.sessions()
        if count >= FEWEST
        and seconds > 0
        and (run := runs.get(number)) is not None
        and wanted <= set(run.models)
        and (run.snapshot.mode, run.snapshot.exact) == (mode, exact)
    ][:STRETCHES]
    if speeds:
        return Forecast(answers, answers / statistics.median(speeds), True)
    seconds = sum(_guessed(model, mode, exact) for model in models) * probes
    return Forecast(answers, seconds, False)


def duration(seconds: float) -> str:
    """A time as people say it: ``about 40 seconds``, ``about 3 minutes``, ``about 2 hours``."""
    for unit, size, most in (("second", 1, 90), ("minute", 60, 90 * 60), ("hour", 3600, 36 * 3600), ("day", 86400, 0)):
        if not most or seconds < most:
            count = max(1, round(seconds / size))
            return f"about {count} {unit}{'' if count == 1 else 's'}"
    raise AssertionError


def _guessed(model: ModelSettings, mode: Mode, exact: bool) -> float:
    """Seconds a question: a token costs one reading of the weights, less when many are asked at a time."""
    file = Path(model.path)
    # What a server takes nobody knows beforehand; 20 ms a token is usual.
    token = file.stat().st_size / _BYTES + 1e-4 if model.path and file.is_file() else 0.02
    # A sweep weighs all and generates some; how many is known afterwards: it never takes longer than both.
    asked = {"generate": _TOKENS, "score": 4, "both": _TOKENS + 4, "sweep": _TOKENS + 4}[mode]
    return min(model.max_tokens, asked) * token / (1.0 if exact or model.parallel == 1 else _BATCHED)
