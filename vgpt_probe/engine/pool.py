"""The engine: what answers for each model of the workspace, started when it is first asked."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from vgpt_probe.config import ModelSettings, Workspace
from vgpt_probe.engine.client import Worker
from vgpt_probe.engine.endpoint import Endpoint
from vgpt_probe.engine.process import WorkerProcess

#: Models that agree in these share one set of weights in one process.
_SHARED_BY = ("path", "context", "parallel", "threads", "batch", "gpu_layers")


#: What answers for a model: both are asked in the same way.
Model = Worker | Endpoint


class Engine:
    """The workers and endpoints of a workspace by model name; cores are divided among ``names`` (default: all models).

    Models over the same base file share one process, each with its own adapter.
    ``exact``: each question is evaluated alone, so that no answer depends on what is asked beside it.
    """

    def __init__(
        self,
        workspace: Workspace,
        names: list[str] | None = None,
        *,
        exact: bool = False,
        on_state: Callable[[Model], None] | None = None,
    ) -> None:
        settings = workspace.models(names)
        groups = share([one for one in settings if not one.url])
        threads = default_threads(len(groups))
        made: dict[str, Model] = {}
        for group in groups:
            process = WorkerProcess(
                threads=group[0].threads or threads, log=_log(workspace, group), exact=exact
            )
            for one in group:
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
                made[one.name] = Endpoint(one, log=_log(workspace, [one]), exact=exact, on_state=on_state)
        self.workers = {one.name: made[one.name] for one in settings}

    def __getitem__(self, name: str) -> Model:
        return self.workers[name]

    def start(self) -> None:
        """Load every model that is not loaded; returns at once."""
        for worker in self.workers.values():
            worker.start()

    def close(self) -> None:
        """Unload every model, all at the same time."""
        with ThreadPoolExecutor(max_workers=max(1, len(self.workers))) as closers:
            list(closers.map(lambda worker: worker.close(), self.workers.values()))


def share(models: list[ModelSettings]) -> list[list[ModelSettings]]:
    """Group models that can share one set of weights: same file, loaded in the same way."""
    groups: dict[tuple[object, ...], list[ModelSettings]] = {}
    for one in models:
        groups.setdefault(tuple(getattr(one, key) for key in _SHARED_BY), []).append(one)
    return list(groups.values())


def default_threads(processes: int) -> int:
    """Divide this machine's cores among processes: never more threads than cores in total, at least one each."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // max(1, processes))


def _log(workspace: Workspace, group: list[ModelSettings]) -> Path:
    name = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in group[0].name)
    return workspace.log_folder / f"{name}.log"
