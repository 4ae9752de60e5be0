"""The battery screen: running, filling, filtering, stopping, resuming, dying."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
import pytest
from textual.widgets import Input, Static

from tests.tui.conftest import SIZE, opened, ran, said, until
from tests.tui.fake import FakeEngine
from vgpt_probe.config import Workspace
from vgpt_probe.tui.app import ProbeApp
from vgpt_probe.tui.dialogs.setup import SetupDialog
from vgpt_probe.tui.screens.battery import BatteryScreen
from vgpt_probe.tui.widgets.heat import Heat
from vgpt_probe.tui.widgets.matrix import Matrix


def screen(app: ProbeApp) -> BatteryScreen:
    assert isinstance(app.screen, BatteryScreen)
    return app.screen


def matrix(app: ProbeApp) -> Matrix:
    return screen(app).query_one(Matrix)


def shown(app: ProbeApp) -> list[str]:
    """The lines of the matrix, header first, as a person sees them."""
    found = matrix(app)
    return [found.render_line(y).text.rstrip() for y in range(found.size.height)]


def text_of(app: ProbeApp, selector: str) -> str:
    return str(app.screen.query_one(selector, Static).content)


async def test_a_newcomer_is_told_what_to_press(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        assert "puts the battery ‘small’ to sft, dpo_v1, dpo_v2" in text_of(app, "#next")
        await pilot.press("2")
        assert "puts the battery ‘small’ to sft, dpo_v1, dpo_v2" in text_of(app, "#empty")


async def test_b_runs_the_battery_on_all_models(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await ran(pilot)
        lines = shown(app)
        assert " ".join(lines[1].split()) == "▌APTH real AP exists ✓ correct ✓ correct ▸✗ denies real"
        fake = next(line for line in lines if "Invoice" in line)
        assert " ".join(fake.split()) == "Invoice fake Other exists ! accepts fake ! accepts fake ▹✓ correct"
        heads = [line.plain for line in screen(app).query_one("#heads").render().split()]
        v2 = next(line for line in heads if "dpo_v2" in line)
        assert "66.7 %  30–90" in v2 and "0.0 %   0–49" in v2 and "10/10" in v2
        assert "run 1 is done: 8 findings" in said(app)


async def test_every_verdict_shown_is_in_the_store(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        app.desk.engine["dpo_v2"].patience = 4
        await pilot.press("b")
        await until(pilot, lambda: app.board is not None and app.board.answers == 24)
        assert len(app.desk.store.answers(1)) == 24
        assert app.desk.running


async def test_flagged_differing_and_searched_cases(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await ran(pilot)
        rows = lambda: [app.board.probes[at].subject for at in matrix(app).rows.positions]  # noqa: E731
        await pilot.press("f")
        assert "JCJM" not in rows() and "APTH" in rows() and "Invoice" in rows()
        await pilot.press("slash", *"aptl")
        assert set(rows()) == {"APTL"}
        await pilot.press("escape")
        assert screen(app).filter.flagged and not screen(app).filter.text
        await pilot.press("escape")
        assert len(rows()) == 10
        await pilot.press("m", "down", "enter")
        await until(pilot, lambda: screen(app).filter.module == "AP")
        assert set(rows()) == {"APTH", "APTL"}
        await pilot.press("w", "end", "enter")
        await until(pilot, lambda: screen(app).filter.wording == "describe")
        assert len(rows()) == 2
        await pilot.press("escape", "d")
        assert "JCJM" not in rows() and len(rows()) == 8


async def test_a_search_without_a_hit_says_how_to_get_out(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await ran(pilot)
        await pilot.press("slash", *"xyzzy", "enter")
        assert "Esc shows all" in text_of(app, "#empty")
        await pilot.press("escape")
        assert matrix(app).display and matrix(app).has_focus


async def test_the_cursor_stays_on_its_case_when_rows_go(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await ran(pilot)
        await pilot.press("end")
        before = matrix(app).position
        await pilot.press("f")
        assert matrix(app).position == before
        await pilot.press("home", "down", "k", "j")
        assert matrix(app).cursor == 1


async def test_stop_and_resume_ask_nothing_twice(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        workers = app.desk.engine.workers
        for worker in workers.values():
            worker.patience = 3
        await pilot.press("b")
        await until(pilot, lambda: app.board is not None and app.board.answers == 9)
        await pilot.press("s")
        await until(pilot, lambda: not app.desk.running)
        assert "21 answers are missing" in text_of(app, "#banner")
        for worker in workers.values():
            worker.patience = None
        await pilot.press("r")
        await until(pilot, lambda: app.board is not None and app.board.complete and not app.desk.running)
        for worker in workers.values():
            asked_again = worker.asked[10:]
            assert len(asked_again) == 7
            assert not {one.turns for one in asked_again} & {one.turns for one in worker.asked[:3]}


async def test_late_ends_of_a_stopped_run_do_not_swallow_answers_of_the_resumed_one(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        worker = app.desk.engine["sft"]
        worker.patience = 0
        await pilot.press("b")
        await until(pilot, lambda: app.board is not None and app.board.answers == 20)
        await pilot.press("s")
        await until(pilot, lambda: not app.desk.running)
        await pilot.press("r")
        await until(pilot, lambda: app.desk.running and worker.busy == 10)
        worker.deliver()
        worker.go_on()
        await until(pilot, lambda: app.board.complete and not app.desk.running)


async def test_a_model_that_dies_is_named_and_reloaded_while_the_others_go_on(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        workers = app.desk.engine.workers
        workers["dpo_v2"].patience = 2
        workers["sft"].patience = 1
        await pilot.press("b")
        await until(pilot, lambda: app.board is not None and app.board.answers == 13)
        workers["dpo_v2"].die()
        await until(pilot, lambda: "dpo_v2 died" in text_of(app, "#banner"))
        assert "l reloads it; the others go on." in text_of(app, "#banner")
        workers["sft"].go_on()
        await until(pilot, lambda: app.board.answered("sft") == 10)
        workers["dpo_v2"].patience = None
        await until(pilot, lambda: not app.desk.running)
        await pilot.press("l")
        await until(pilot, lambda: app.board.complete and not app.desk.running)
        assert not screen(app).query_one("#banner").display


async def test_after_a_crash_everything_shown_is_there_and_the_run_resumes(workspace: Workspace) -> None:
    first = ProbeApp(workspace, engine_factory=FakeEngine)
    async with first.run_test(size=SIZE) as pilot:
        await opened(pilot)
        first.desk.engine["dpo_v1"].patience = 5
        await pilot.press("b")
        await until(pilot, lambda: first.board is not None and first.board.answers == 25)
        # The app is torn down here without being asked to leave: nothing is saved at the end.
    second = ProbeApp(workspace, engine_factory=FakeEngine)
    async with second.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: second.board is not None)
        assert second.board.answers == 25
        await until(pilot, lambda: "5 answers are missing" in text_of(second, "#next"))
        await pilot.press("r")
        await until(pilot, lambda: second.board.complete and not second.desk.running)
        assert len(second.desk.engine["dpo_v1"].asked) == 5
        assert not second.desk.engine["sft"].asked


async def test_another_battery_and_an_earlier_run(app: ProbeApp, workspace: Workspace) -> None:
    text = (workspace.battery_folder / "small.toml").read_text(encoding="utf-8")
    other = text.replace('name = "small"', 'name = "other"').replace('"JCJM"', '"JCCD"')
    (workspace.battery_folder / "other.toml").write_text(other, encoding="utf-8")
    async with app.run_test(size=SIZE) as pilot:
        await ran(pilot)
        await pilot.press("B")
        await until(pilot, lambda: isinstance(app.screen, SetupDialog))
        await pilot.press("left", "enter")
        await until(pilot, lambda: app.active.run.id == 2 and app.active.complete and not app.desk.running)
        assert app.board.run.battery == "other"
        await pilot.press("e", "down", "enter")
        await until(pilot, lambda: app.board.run.id == 1)
        assert "run 1" in app.screen.query_one("TopBar").render().plain


async def test_a_broken_battery_is_a_line_not_a_traceback(app: ProbeApp, workspace: Workspace) -> None:
    (workspace.battery_folder / "small.toml").write_text("name = 3", encoding="utf-8")
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("b")
        await until(pilot, lambda: "small.toml" in said(app))
        assert not app.desk.running and app.status == ""


async def test_a_model_changed_since_the_run_is_not_mixed_in(app: ProbeApp, workspace: Workspace) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        app.desk.engine["sft"].patience = 1
        await pilot.press("b")
        await until(pilot, lambda: app.board is not None and app.board.answers == 21)
        await pilot.press("s")
        await until(pilot, lambda: not app.desk.running)
        (workspace.root / "sft.gguf").write_bytes(b"retrained")
        await pilot.press("r")
        await until(pilot, lambda: "has changed since run 1" in said(app))
        assert app.board.answers == 21


async def test_a_run_is_set_up_with_some_models_a_mode_and_a_limit(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("2", "B")
        await until(pilot, lambda: isinstance(app.screen, SetupDialog))
        await pilot.press("down", "down", "space", "down", "down", "down", "4", "enter")
        await until(pilot, lambda: app.active is not None and app.active.complete and not app.desk.running)
        assert app.board.models == ["sft", "dpo_v2"] and len(app.board.probes) == 4
        assert app.setup.limit == 4 and app.setup.mode == "generate"
        await pilot.press("b")
        await until(pilot, lambda: app.active.run.id == 2 and app.active.complete)
        assert app.board.models == ["sft", "dpo_v2"]


async def test_groups_fold_and_count_what_is_wrong(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await ran(pilot)
        await pilot.press("v")
        lines = [" ".join(line.split()) for line in shown(app)]
        assert lines[1].startswith("▌APTH real") or lines[1].startswith("▾ APTH 2 cases")
        assert "▾ APTH 2 cases ✓ 0/2 wrong ✓ 0/2 wrong ✗ 2/2 wrong" in lines
        await pilot.press("z")
        lines = [" ".join(line.split()) for line in shown(app) if line.strip()]
        assert len(lines) == 6 and lines[1] == "▌▸ APTH 2 cases ✓ 0/2 wrong ✓ 0/2 wrong ✗ 2/2 wrong"
        await pilot.press("down", "enter")
        assert matrix(app).rows.positions == [2, 3] and matrix(app).position is None
        await pilot.press("z", "z", "v")
        assert screen(app).view.grouped == "wording" and len(matrix(app).rows) == 12
        await pilot.press("v")
        assert screen(app).view.grouped == "none" and len(matrix(app).rows) == 10


async def test_cases_are_ordered_by_disagreement_and_by_margin(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await ran(pilot)
        await pilot.press("o")
        assert screen(app).view.order == "disagreement" and "no denial margins" in said(app)
        spreads = [app.board.spread(position) for position in matrix(app).rows.positions]
        assert spreads == sorted(spreads, reverse=True) and spreads[0] == 2 and spreads[-1] == 1
        await pilot.press("o")
        assert screen(app).view.order == "module"
        for answer in app.desk.store.answers(1):
            app.board.put(msgspec.structs.replace(answer, margin=float(answer.position)))
        await pilot.press("o", "o")
        assert screen(app).view.order == "margin"
        assert matrix(app).rows.positions == list(range(9, -1, -1))
        assert "denial margin +9.0 nats" in text_of(app, "#detail") or matrix(app).position != 9


async def test_a_run_is_compared_with_an_earlier_one(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await ran(pilot)
        for worker in app.desk.engine.workers.values():
            worker._answer = lambda model, question: (
                "Yes, it exists." if "APTH" in question else "The table does not exist."
            )
        await pilot.press("b")
        await until(pilot, lambda: app.active.run.id == 2 and app.active.complete and not app.desk.running)
        await pilot.press("c", "enter")
        await until(pilot, lambda: app.baseline is not None)
        counts = app.baseline.counts()
        line = screen(app).query_one("#filters").render().plain
        assert f"+ {counts['fixed']} fixed" in line and f"- {counts['regressed']} regressed" in line
        assert counts["fixed"] and counts["regressed"] and counts["unchanged"]
        assert any("+✓ correct" in one for one in shown(app)) and any(
            "-✗ denies" in one for one in shown(app)
        )
        await pilot.press("C")
        assert screen(app).filter.change == "regressed"
        found = matrix(app).rows.positions
        assert found and all(app.baseline.has(position, "regressed") for position in found)
        await pilot.press("c", "home", "enter")
        await until(pilot, lambda: app.baseline is None)
        assert screen(app).filter.change is None


async def test_the_heat_strip_shows_where_a_model_denies(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await ran(pilot)
        await pilot.press("h")
        heat = screen(app).query_one(Heat)
        await until(pilot, lambda: heat.display and heat.size.height > 2)
        lines = heat.render().plain.splitlines()
        assert lines[1].split() == ["AP", "JC"] * 3
        exists = next(line for line in lines if line.startswith(" exists"))
        assert exists.split() == ["exists", *["··"] * 4, "██", "··"]
        await pilot.click(Heat, offset=(exists.index("██"), 2))
        await until(
            pilot, lambda: screen(app).filter.module == "AP" and screen(app).filter.wording == "exists"
        )


async def test_the_search_line_takes_letters_that_are_keys(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await ran(pilot)
        await pilot.press("slash", *"bfdq?")
        assert screen(app).query_one("#search", Input).value == "bfdq?"
        assert app.active.run.id == 1


async def test_a_fault_of_the_runner_is_a_line_that_stays_and_a_traceback_in_the_log(app: ProbeApp, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    def fail(*_given: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        monkeypatch.setattr("vgpt_probe.runs.course.Course.begin", fail)
        await pilot.press("b")
        await until(pilot, lambda: "ZeroDivisionError: a fault of ours" in text_of(app, "#banner"))
        assert "r resumes" in text_of(app, "#banner") and "app.log" in said(app)
        log = (app.workspace.log_folder / "app.log").read_text(encoding="utf-8")
        assert "Traceback" in log and "a fault of ours" in log
        monkeypatch.undo()
        await pilot.press("r")
        await until(pilot, lambda: app.board.complete and not app.desk.running)


async def test_only_what_is_wrong_since_one_stage(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await ran(pilot)
        await pilot.press("S", "end", "enter")
        await until(pilot, lambda: screen(app).filter.since == "dpo_v2")
        assert {app.board.probes[at].subject for at in matrix(app).rows.positions} == {"APTH", "APTL"}
        assert "wrong since dpo_v2" in screen(app).query_one("#filters").render().plain
        await pilot.press("escape")
        assert len(matrix(app).rows.positions) == 10


async def test_set_up_pressed_twice_opens_one_dialog(app: ProbeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    from vgpt_probe import probes

    real, gate, looked = probes.battery_names, threading.Event(), []

    def slow(folder: Path) -> list[str]:
        looked.append(folder)
        assert gate.wait(120)
        return real(folder)

    monkeypatch.setattr(probes, "battery_names", slow)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("2", "B", "B")
        gate.set()
        await until(pilot, lambda: isinstance(app.screen, SetupDialog))
        await pilot.press("escape")
        assert len(looked) == 1 and isinstance(app.screen, BatteryScreen)
        await pilot.press("B")
        await until(pilot, lambda: isinstance(app.screen, SetupDialog))


async def test_a_report_is_told_of_as_long_as_it_is_written_and_when_it_is_done(
    app: ProbeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vgpt_probe.reports import write

    gate, real, written = threading.Event(), write.run_report, []

    def slow(*given: object) -> str:
        written.append(given)
        assert gate.wait(120)
        if len(written) == 2:
            raise OSError("no room")
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(write, "run_report", slow)
    async with app.run_test(size=SIZE) as pilot:
        await ran(pilot)
        await pilot.press("R")
        await until(pilot, lambda: written)
        [told] = [one for one in app._notifications if "writing the report of run 1" in one.message]
        assert told.timeout > 600
        await pilot.press("R")
        await until(pilot, lambda: "is being written already" in said(app))
        gate.set()
        await until(pilot, lambda: "is written to" in said(app))
        assert "writing the report" not in said(app) and len(written) == 1
        await pilot.press("R")
        await until(pilot, lambda: "no room" in said(app))
        assert "writing the report" not in said(app)
        await pilot.press("R")
        await until(pilot, lambda: len(written) == 3 and "is written to" in said(app))
