"""The app on the real demo models: one story, keys only."""

from __future__ import annotations

import os
import signal

import psutil

from tests.conftest import DEMO_MODELS, MakeWorkspace
from tests.tui.conftest import SIZE, opened, said, until
from vgpt_probe.tui.app import ProbeApp
from vgpt_probe.tui.screens.chat import ChatScreen


async def test_a_worker_killed_in_mid_run_is_reloaded_and_the_others_go_on(
    make_workspace: MakeWorkspace,
) -> None:
    workspace = make_workspace({name: DEMO_MODELS / f"{name}.gguf" for name in ("sft", "dpo_v2")})
    app = ProbeApp(workspace)
    async with app.run_test(size=SIZE) as pilot:
        try:
            await opened(pilot)
            await pilot.press("b")
            await until(pilot, lambda: app.board is not None and app.board.answered("dpo_v2") > 8, seconds=60)
            os.kill(app.desk.engine["dpo_v2"].pid, getattr(signal, "SIGKILL", signal.SIGTERM))
            await until(pilot, lambda: app.state_of("dpo_v2") == "died")
            await until(pilot, lambda: "dpo_v2 died" in said(app))
            niceness = psutil.Process(app.desk.engine["sft"].pid).nice()
            assert niceness > psutil.Process().nice(), "keys come before answers"
            owed, others = app.board.answered("dpo_v2"), app.board.answered("sft")
            await until(pilot, lambda: app.board.answered("sft") > others)
            assert app.board.answered("dpo_v2") == owed
            await pilot.press("l")
            await until(pilot, lambda: app.board.answered("dpo_v2") > owed)
            await pilot.press("s")
            await until(pilot, lambda: not app.desk.running)
            stored = app.desk.store.answers(app.board.run.id)
            assert len(stored) == app.board.answers
            assert all(answer.text for answer in stored)
            await pilot.press("3")
            await until(pilot, lambda: isinstance(app.screen, ChatScreen))
            app.screen.send("Is there a table named APTH?")
            await until(
                pilot, lambda: all(one.last and one.last.graded for one in app.screen.columns)
            )
            assert all(column.last.answered.tokens > 0 for column in app.screen.columns)
        finally:
            app.desk.close()
