"""The engine: what answers for each model of the workspace, started when it is first asked."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from vgpt_probe.config import ModelSettings, Workspace
from vgpt_probe.engine.client import Worker
from vgpt_probe.engine.endpoint import Endpoint
from vgpt_probe.engine.gate import Gate
from vgpt_probe.engine.machine import cores
from vgpt_probe.engine.plan import make_plan
from vgpt_probe.engine.process import WorkerProcess

#: What answers for a model: both are asked in the same way.
Model = Worker | Endpoint


class Engine:
    """The workers and endpoints of a workspace by model name, for ``names`` or all models.

    They are held as ``plan`` says: models over the same base file share one process, each with its own adapter; where
    not all fit into memory, they are loaded one after another, each when the one before has answered all it owes.
    ``exact``: each question is evaluated alone, so that no answer depends on what is asked beside it.
    ``gives_way``: the workers run below this process's priority, so that a screen answers keys while they work.
    """

    def __init__(
        self,
        workspace: Workspace,
        names: list[str] | None = None,
        *,
        exact: bool = False,
        gives_way: bool = False,
        on_state: Callable[[Model], None] | None = None,
    ) -> None:
        settings = workspace.models(names)
        self.plan = make_plan(settings, workspace.config.engine.residency)
        self._gate = Gate() if self.plan.residency == "one" and len(self.plan.groups) > 1 else None
        at_once = [group.threads for group in self.plan.groups]
        crowded = (max(at_once, default=0) if self._gate is not None else sum(at_once)) > cores()
        made: dict[str, Model] = {}
        for group in self.plan.groups:
            process = WorkerProcess(
                threads=group.threads,
                log=_log(workspace, group.models[0]),
                exact=exact,
                gate=self._gate,
                crowded=crowded,
                gives_way=gives_way,
            )
            for one in group.models:
                made[one.name] = Worker(
                    one,
                    threads=process.threads,
                    log=process.log,
                    exact=exact,
                    on_state=on_state,
                    process=process,
                )
        for one in settings:
            if one.url:
                made[one.name] = Endpoint(one, log=_log(workspace, one), exact=exact, on_state=on_state)
        self.workers = {one.name: made[one.name] for one in settings}

    def __getitem__(self, name: str) -> Model:
        return self.workers[name]

    def start(self) -> None:
        """Load every model that is not loaded, if there is room for all; returns at once."""
        if self._gate is not None:
            return
        for worker in self.workers.values():
            worker.start()

    def close(self) -> None:
        """Unload every model, all at the same time."""
        if self._gate is not None:
            self._gate.close()
        with ThreadPoolExecutor(max_workers=max(1, len(self.workers))) as closers:
            list(closers.map(lambda worker: worker.close(), self.workers.values()))


def _log(workspace: Workspace, settings: ModelSettings) -> Path:
    name = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in settings.name)
    return workspace.log_folder / f"{name}.log"
