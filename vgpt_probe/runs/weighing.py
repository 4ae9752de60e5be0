"""Weighing pairs with two models of a workspace."""

from __future__ import annotations

from queue import SimpleQueue

import msgspec

from vgpt_probe.config import Workspace
from vgpt_probe.engine.messages import Died, Event, Failed, Turn, Weigh, Weighed
from vgpt_probe.engine.pool import Engine
from vgpt_probe.errors import ModelError
from vgpt_probe.pairs.pair import Pair, Worth
from vgpt_probe.pairs.worth import implicit_margin


def weigh_pairs(
    workspace: Workspace, pairs: list[Pair], *, policy: str, reference: str, beta: float = 0.1
) -> tuple[list[Pair], list[tuple[Pair, str]]]:
    """Return the pairs with their margins, and those that could not be weighed with the reason.

    Raises ``ModelError`` when a model cannot be loaded or stops.
    """
    engine = Engine(workspace, [policy, reference])
    try:
        found = {name: _likelihoods(engine, name, pairs) for name in (policy, reference)}
    finally:
        engine.close()
    weighed: list[Pair] = []
    failed: list[tuple[Pair, str]] = []
    for number, pair in enumerate(pairs):
        ours, theirs = found[policy][number], found[reference][number]
        if isinstance(ours, str) or isinstance(theirs, str):
            failed.append((pair, ours if isinstance(ours, str) else str(theirs)))
            continue
        margin = implicit_margin(ours, theirs, beta)
        weighed.append(msgspec.structs.replace(pair, worth=Worth(policy, reference, beta, round(margin, 4))))
    return weighed, failed


def turns_of(pair: Pair) -> tuple[Turn, ...]:
    """The conversation that a pair's answers follow."""
    system = [Turn("system", pair.system)] if pair.system else []
    return (*system, *(Turn(role, text) for role, text in pair.history), Turn("user", pair.prompt))


def _likelihoods(engine: Engine, model: str, pairs: list[Pair]) -> list[tuple[float, float] | str]:
    """The log-likelihoods (chosen, rejected) of each pair, or why there are none."""
    events: SimpleQueue[Event] = SimpleQueue()
    requests = [
        Weigh(f"{model} {number}", turns_of(pair), (pair.chosen, pair.rejected))
        for number, pair in enumerate(pairs)
    ]
    engine[model].weigh(requests, events.put)
    places = {request.id: number for number, request in enumerate(requests)}
    found: list[tuple[float, float] | str] = [""] * len(pairs)
    for _ in requests:
        event = events.get()
        if isinstance(event, Died):
            raise ModelError(f"model '{model}' stopped: {event.message}", mend=f"see {engine[model].log}")
        if isinstance(event, Weighed):
            chosen, rejected = event.likelihoods
            found[places[event.id]] = (chosen, rejected)
        elif isinstance(event, Failed):
            found[places[event.id]] = event.message
    return found
