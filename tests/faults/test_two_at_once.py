"""Runs whose process is gone, runs that another process asks, and runs in which something failed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.conftest import ROOT
from tests.tui.conftest import SIZE, opened, read_catalog, said, until, workspace  # noqa: F401
from tests.tui.fake import FakeEngine, _answered
from vgpt_probe import cli
from vgpt_probe.engine.messages import Failed
from vgpt_probe.errors import UsageError
from vgpt_probe.runs.grade import failed
from vgpt_probe.runs.open import open_battery, open_catalog, open_store
from vgpt_probe.runs.owner import is_there, this_process
from vgpt_probe.runs.records import Answer
from vgpt_probe.runs.runner import check_resumable, create_run
from vgpt_probe.tui.app import ProbeApp
from vgpt_probe.tui.standing import banner, status

#: Begins a run of the workspace and waits to be killed.
ASKER = (
    "import sys; from pathlib import Path; from vgpt_probe.config import load_workspace\n"
    "from vgpt_probe.runs.open import *; from vgpt_probe.runs.runner import create_run\n"
    "from vgpt_probe.runs.records import Answer\n"
    "w = load_workspace(Path(sys.argv[1])); s = open_store(w); c = open_catalog(w)\n"
    "run = create_run(s, w, c, open_battery(w, c), None); print(run.id, flush=True)\n"
    "for line in sys.stdin:\n"
    "    s.add_answers([Answer(run.id, 'sft', int(line), 'Yes.', 'affirms', 'correct')]); print('stored', flush=True)"
)


class Asker:
    """Another process that asks a run, and stores an answer when it is told to."""

    def __init__(self, config: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", ASKER, str(config)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        self.run = int(self.process.stdout.readline())

    def store(self, position: int) -> None:
        print(position, file=self.process.stdin, flush=True)
        assert self.process.stdout.readline().strip() == "stored"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def asker(workspace):  # noqa: F811
    asker = Asker(workspace.path)
    yield asker
    asker.kill()


def test_a_run_is_running_while_its_process_lives_and_interrupted_after(workspace, asker, capsys):  # noqa: F811
    store = open_store(workspace)
    run = store.run(asker.run)
    assert (run.state, run.asked_by) == ("running", asker.process.pid)
    with pytest.raises(UsageError, match=f"another vgpt-probe \\(process {asker.process.pid}\\)"):
        check_resumable(store, workspace, run)
    with pytest.raises(UsageError, match="another vgpt-probe"):
        store.claim(run.id)
    assert cli.main(["run", "--resume", "latest", "--config", str(workspace.path)]) == 2
    assert "is being asked by another" in capsys.readouterr().err
    asker.store(0)
    asker.kill()
    run = store.run(asker.run)
    assert (run.state, run.asked_by) == ("interrupted", 0)
    cli.main(["runs", "--config", str(workspace.path)])
    assert "interrupted" in capsys.readouterr().out
    check_resumable(store, workspace, run)
    store.claim(run.id)
    assert store.run(run.id).state == "running"
    store.close()


def test_a_process_number_that_was_given_again_is_another_process():
    number, started = this_process().split()
    assert is_there(this_process())
    assert not is_there(f"{number} {int(started) - 3600}")
    assert not is_there("") and not is_there("x y")


async def test_a_second_app_shows_the_run_that_the_first_asks_as_it_goes_on(workspace, asker):  # noqa: F811
    app = ProbeApp(workspace, engine_factory=FakeEngine, clock=lambda: 0.0)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await until(pilot, lambda: app.board is not None)
        assert "running elsewhere" in status(app)
        assert "is being asked by another vgpt-probe" in banner(app)[0][0][0]
        asker.store(3)
        await until(pilot, lambda: app.board.answers == 1)
        assert app.board.verdict("sft", 3) == "correct"
        await pilot.press("2", "r")
        assert not app.desk.running
        asker.kill()
        await until(pilot, lambda: app.board.owes)
        await pilot.press("r")
        await until(pilot, lambda: app.board.complete and not app.desk.running)
        assert app.desk.store.run(asker.run).state == "done"


class FailingEngine(FakeEngine):
    """Fails each question about APTL, as long as it is told to."""

    failing = True

    def __init__(self, *given, **options):
        super().__init__(*given, **options)
        for worker in self.workers.values():
            worker.go_on = self._go_on(worker)

    def _go_on(self, worker):
        def go_on(count=None):
            ready, worker._waiting = worker._waiting, []
            for request, listener in ready:
                question = request.turns[-1].content
                if self.failing and "APTL" in question:
                    listener(Failed(request.id, "the server said no"))
                else:
                    listener(_answered(request, worker._answer(worker.name, question), "end"))

        return go_on


async def test_questions_that_failed_are_asked_once_more_when_the_run_is_resumed(workspace):  # noqa: F811
    app = ProbeApp(workspace, engine_factory=FailingEngine, clock=lambda: 0.0)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("b")
        await until(pilot, lambda: app.board is not None and app.board.complete and not app.desk.running)
        assert app.board.errors == 6 and app.desk.store.run(1).owed == 6
        assert any("6 questions of run 1 failed" in line[0][0] for line in banner(app))
        await pilot.press("r")
        await until(pilot, lambda: app.active is app.board and not app.desk.running)
        assert app.board.errors == 6
        app.desk.engine.failing = False
        await pilot.press("r")
        await until(pilot, lambda: app.board.errors == 0 and not app.desk.running)
        assert app.desk.store.run(1).owed == 0 and len(app.desk.store.answers(1)) == 30


def test_an_error_gives_way_to_an_answer_and_an_answer_to_nothing(workspace):  # noqa: F811
    store = open_store(workspace)
    catalog = open_catalog(workspace)
    run = create_run(store, workspace, catalog, open_battery(workspace, catalog), None)
    answer = Answer(run.id, "sft", 0, "Yes.", "affirms", "correct")
    store.add_answers([failed("no", run=run.id, model="sft", position=0)])
    store.add_answers([answer])
    store.add_answers([failed("no", run=run.id, model="sft", position=0)])
    store.add_answers([msgspec.structs.replace(answer, text="Other.")])
    assert [one.text for one in store.answers(run.id)] == ["Yes."]
    assert store.answered(run.id, "sft", errors=False) == {0}
    store.close()


def test_a_fault_before_the_first_answer_leaves_no_run(workspace, capsys):  # noqa: F811
    # Its models are no models.
    assert cli.main(["run", "--config", str(workspace.path)]) == 2
    store = open_store(workspace)
    assert store.runs() == []
    store.close()


def test_latest_is_the_latest_that_asked_that_model_and_is_named(workspace, capsys):  # noqa: F811
    store = open_store(workspace)
    catalog = open_catalog(workspace)
    for models in (["sft"], ["dpo_v2"], ["dpo_v2"]):
        run = create_run(store, workspace, catalog, open_battery(workspace, catalog), models)
        if run.id < 3:
            store.add_answers([Answer(run.id, models[0], 0, "No.", "denies", "false_rejection")])
        store.set_state(run.id, "stopped")
    store.close()
    for model, number in (("sft", 1), ("dpo_v2", 2)):
        arguments = ["pairs", "add", "latest", "--model", model, "--dry-run", "--config", str(workspace.path)]
        assert cli.main(arguments) == 0
        assert f"latest: run {number}, " in capsys.readouterr().err
    assert cli.main(["runs", "show", "latest", "--config", str(workspace.path)]) == 0
    assert "latest: run 2, " in capsys.readouterr().err
    assert cli.main(["pairs", "add", "latest", "--model", "nobody", "--config", str(workspace.path)]) == 2
