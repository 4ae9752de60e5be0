"""A scripted engine: answers by rule, at once or when told, and dies when told. No process, no model."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from vgpt_probe.config import ModelSettings, Workspace
from vgpt_probe.engine.messages import Answered, Died, Event, Piece, Request

Say = Callable[[str, str], str]
Listener = Callable[[Event], None]

FAKES = ("Invoice", "Vendor")
REAL = ("APTH", "APTL", "JCJM")

BATTERY = """
name = "small"
description = "A few probes"

[[wordings]]
id = "exists"
act = "exists"
text = "Is there a table named {subject}?"

[[wordings]]
id = "describe"
act = "describe"
text = "Describe the {subject} table"

[subjects.real]
names = ["APTH", "APTL", "JCJM"]

[subjects.fake]
names = ["Invoice", "Vendor"]
"""


def subject_of(question: str) -> str:
    """The subject of a question of the battery."""
    return next((name for name in re.findall(r"\w+", question) if name in REAL + FAKES), "APTH")


def say(model: str, question: str) -> str:
    """What the models say: ``sft`` accepts everything, ``dpo_v2`` denies what is invented, and all AP tables."""
    subject = subject_of(question)
    denies = model == "dpo_v2" and (subject in FAKES or subject.startswith("AP"))
    if denies:
        return f"The table '{subject}' does not exist in Viewpoint Vista."
    return f"Yes, the table '{subject}' exists in Viewpoint Vista."


class FakeWorker:
    """Behaves as ``engine.client.Worker`` does; ``patience`` is how many requests it answers before it waits."""

    def __init__(self, settings: ModelSettings, on_state: Callable[[FakeWorker], None], answer: Say) -> None:
        self.settings = settings
        self.name = settings.name
        self.state = "unloaded"
        self.problem: str | None = None
        self.facts = None
        self.log = Path(f"{settings.name}.log")
        self.patience: int | None = None
        self.stale = False
        self.asked: list[Request] = []
        self._answer = answer
        self._on_state = on_state
        self._waiting: list[tuple[Request, Listener]] = []
        self._cancelled: list[tuple[Request, Listener]] = []

    @property
    def busy(self) -> int:
        return len(self._waiting)

    def start(self) -> None:
        if self.state != "ready":
            self.problem = None
            self._set("ready")

    def ask(
        self, requests: list[Request], listener: Listener, *, more: bool | None = None, reader: object = None
    ) -> None:
        self.start()
        self.asked += requests
        self._waiting += [(request, listener) for request in requests]
        self.go_on(self.patience)

    def go_on(self, count: int | None = None) -> None:
        """Answer so many of the waiting requests, or all."""
        ready, self._waiting = (
            (self._waiting, []) if count is None else (self._waiting[:count], self._waiting[count:])
        )
        for request, listener in ready:
            text = self._answer(self.name, request.turns[-1].content)
            if request.stream:
                for piece in re.findall(r"\s*\S+", text):
                    listener(Piece(request.id, piece))
            listener(_answered(request, text, "end"))

    def cancel(self, ids: list[str] | None = None) -> None:
        """Stop requests; what they end with comes late, when ``deliver`` is called."""
        stopped = [one for one in self._waiting if ids is None or one[0].id in ids]
        self._waiting = [one for one in self._waiting if one not in stopped]
        self._cancelled += stopped
        if any(request.stream for request, _ in stopped):
            self.deliver()

    def deliver(self) -> None:
        """Let the ends of stopped requests arrive."""
        cancelled, self._cancelled = self._cancelled, []
        for request, listener in cancelled:
            listener(_answered(request, "", "stopped"))

    def die(self, problem: str = "its process was ended by SIGKILL") -> None:
        """Die with everything unanswered."""
        orphans, self._waiting = self._waiting, []
        self.problem = problem
        self._set("died")
        for listener in dict.fromkeys(listener for _, listener in orphans):
            listener(Died(problem))

    def close(self) -> None:
        self._set("unloaded")

    def _set(self, state: str) -> None:
        self.state = state
        self._on_state(self)


def _answered(request: Request, text: str, stop: str) -> Answered:
    return Answered(request.id, text, 12, len(text.split()), 0.02, 0.5, stop)  # type: ignore[arg-type]


class FakeEngine:
    """Behaves as ``engine.pool.Engine`` does."""

    def __init__(
        self, workspace: Workspace, names: list[str] | None = None, *, on_state, answer: Say = say
    ) -> None:  # type: ignore[no-untyped-def]
        self.workers = {one.name: FakeWorker(one, on_state, answer) for one in workspace.models(names)}

    def __getitem__(self, name: str) -> FakeWorker:
        return self.workers[name]

    def start(self) -> None:
        for worker in self.workers.values():
            worker.start()

    def close(self) -> None:
        for worker in self.workers.values():
            worker.close()


def write_workspace(folder: Path, catalog: Path) -> Path:
    """Write a workspace with three models whose files are empty: only the fake engine can answer for them."""
    (folder / "probes").mkdir(parents=True, exist_ok=True)
    (folder / "probes" / "small.toml").write_text(BATTERY, encoding="utf-8")
    text = f'[catalog]\nsource = "{catalog.as_posix()}"\ntitle = "Viewpoint Vista"\n[batteries]\ndefault = "small"\n'
    for name, parent in (("sft", ""), ("dpo_v1", "sft"), ("dpo_v2", "sft")):
        (folder / f"{name}.gguf").write_bytes(name.encode("ascii"))
        text += f'[[stages]]\nname = "{name}"\n' + (f'parent = "{parent}"\n' if parent else "")
        text += f'[[models]]\nname = "{name}"\nstage = "{name}"\npath = "{name}.gguf"\n'
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return folder / "config.toml"
