"""The engine: one worker for each model of the workspace, started when it is first asked."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from vgpt_probe.config import Workspace
from vgpt_probe.engine.client import Worker


class Engine:
    """The workers of a workspace by model name; cores are divided among ``names`` (default: all models).

    ``exact``: each question is evaluated alone, so that no answer depends on what is asked beside it.
    """

    def __init__(
        self,
        workspace: Workspace,
        names: list[str] | None = None,
        *,
        exact: bool = False,
        on_state: Callable[[Worker], None] | None = None,
    ) -> None:
        settings = workspace.models(names)
        threads = default_threads(len(settings))
        self.workers = {
            one.name: Worker(
                one,
                threads=one.threads or threads,
                log=workspace.log_folder / f"{_file_name(one.name)}.log",
                exact=exact,
                on_state=on_state,
            )
            for one in settings
        }

    def __getitem__(self, name: str) -> Worker:
        return self.workers[name]

    def start(self) -> None:
        """Load every model that is not loaded; returns at once."""
        for worker in self.workers.values():
            worker.start()

    def close(self) -> None:
        """Unload every model, all at the same time."""
        with ThreadPoolExecutor(max_workers=max(1, len(self.workers))) as closers:
            list(closers.map(Worker.close, self.workers.values()))


def default_threads(models: int) -> int:
    """Divide this machine's cores among models: never more threads than cores in total, at least one each."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // max(1, models))


def _file_name(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in name)
