"""The app on stages that share a base and on a served model: asked side by side, and told when they are gone."""

from __future__ import annotations

import os
import signal

from tests.conftest import DEMO_MODELS, MakeWorkspace
from tests.engine.misbehaving import Misbehaving
from tests.tui.conftest import SIZE, said, until
from vgpt_probe.tui.app import ProbeApp
from vgpt_probe.tui.screens.chat import ChatScreen


async def test_stages_over_one_base_and_a_served_model_answer_side_by_side(make_workspace: MakeWorkspace) -> None:
    server = Misbehaving()
    adapter = (DEMO_MODELS / "dpo_v2.lora.gguf").as_posix()
    base = DEMO_MODELS / "sft.gguf"
    extra = f'[[models]]\nname = "lora"\nstage = "sft"\npath = "{base.as_posix()}"\nadapter = "{adapter}"\n'
    extra += f'[[models]]\nname = "served"\nstage = "sft"\nurl = "{server.url}"\n'
    app = ProbeApp(make_workspace({"sft": base}, extra))
    async with app.run_test(size=SIZE) as pilot:
        try:
            await until(pilot, lambda: app.desk.catalog_is_open and app.desk.workers, seconds=1200)
            await pilot.press("3")
            await until(pilot, lambda: isinstance(app.screen, ChatScreen), seconds=60)

            async def ask() -> None:
                app.screen.send("Is there a table named APTH?")
                await until(pilot, lambda: all(one.last and one.last.graded for one in app.screen.columns), seconds=1200)

            await ask()
            texts = {column.model: column.last.text for column in app.screen.columns}
            assert "APTH" in texts["sft"] and "APTH" in texts["lora"]
            assert texts["served"].startswith("You asked:")
            engine = app.desk.engine
            assert engine["sft"].pid == engine["lora"].pid and engine["served"].pid is None
            os.kill(engine["sft"].pid, getattr(signal, "SIGKILL", signal.SIGTERM))
            await until(pilot, lambda: app.state_of("lora") == app.state_of("sft") == "died", seconds=120)
            await until(pilot, lambda: "sft died" in said(app) and "lora died" in said(app), seconds=120)
            assert app.state_of("served") == "ready"
            # In a chat of its own: what was said before the question may turn the answer.
            await app.screen.action_chat_new()
            await ask()
            assert {column.model: column.last.text for column in app.screen.columns} == texts
        finally:
            app.desk.close()
            server.stop()
