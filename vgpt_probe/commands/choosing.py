"""Which run a command is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vgpt_probe.commands import output
from vgpt_probe.errors import UsageError, at

if TYPE_CHECKING:
    from vgpt_probe.runs.records import Run
    from vgpt_probe.runs.store import Store


def choose_run(store: Store, name: str, *, model: str | None = None) -> Run:
    """The run of a number, or for ``latest`` the newest with an answer (of a model); which one that is, is told.

    Raises ``UsageError`` when there is none, or when it did not ask the model.
    """
    if name != "latest":
        run = store.run(name)
        if model and model not in run.models:
            raise UsageError(
                f"run {run.id} did not ask a model '{model}'", mend=f"models: {', '.join(run.models)}"
            )
        return run
    found = store.latest_answered(model)
    if found is None and model:
        raise UsageError(f"no run holds an answer of a model '{model}'", where=at(store.path), mend="see 'runs'")
    run = found or store.run(name)
    output.say(f"latest: run {run.id}, battery {run.battery}, of {', '.join(run.models)}, started {run.started}")
    return run
