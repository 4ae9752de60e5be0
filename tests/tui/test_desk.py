"""What the screens share: a model that is added is planned for with the others, and never beside a run."""

from __future__ import annotations

from typing import ClassVar

import pytest

from tests.tui.fake import FakeEngine
from vgpt_probe.config import Workspace, load_workspace
from vgpt_probe.engine.messages import Request, Turn
from vgpt_probe.errors import ModelError
from vgpt_probe.tui.desk import Desk


class Counted(FakeEngine):
    made: ClassVar[list[Counted]] = []

    def __init__(self, workspace: Workspace, *given: object, **options: object) -> None:
        super().__init__(workspace, **options)  # type: ignore[arg-type]
        self.made.append(self)


@pytest.fixture
def desk(workspace: Workspace) -> Desk:
    Counted.made = []
    return Desk(
        workspace,
        engine_factory=Counted,  # type: ignore[arg-type]
        store=None,
        on_worker=lambda _worker: None,
        on_progress=lambda _run, _progress: None,
    )


def with_another(workspace: Workspace) -> Workspace:
    (workspace.root / "dpo_v3.gguf").write_bytes(b"x")
    text = workspace.path.read_text(encoding="utf-8") + '[[models]]\nname = "dpo_v3"\npath = "dpo_v3.gguf"\n'
    workspace.path.write_text(text, encoding="utf-8")
    return load_workspace(workspace.path)


def test_a_model_that_is_added_makes_one_engine_for_all_anew(desk: Desk, workspace: Workspace) -> None:
    desk.engine.start()
    desk.use(with_another(workspace))
    first, second = Counted.made
    assert {worker.state for worker in first.workers.values()} == {"unloaded"}
    assert desk.engine is second and set(second.workers) == {"sft", "dpo_v1", "dpo_v2", "dpo_v3"}


def test_what_is_being_answered_is_answered_first(desk: Desk, workspace: Workspace) -> None:
    worker = desk.engine["sft"]
    worker.patience = 0  # type: ignore[attr-defined]
    heard: list[object] = []
    worker.ask([Request("1", (Turn("user", "Is there APTH?"),))], heard.append)
    desk.use(with_another(workspace))
    assert worker.state == "ready" and len(Counted.made) == 1
    with pytest.raises(ModelError, match="as soon as what is being answered has ended"):
        desk.model("dpo_v3")
    worker.go_on()  # type: ignore[attr-defined]
    assert heard and desk.model("dpo_v3").name == "dpo_v3" and len(Counted.made) == 2
