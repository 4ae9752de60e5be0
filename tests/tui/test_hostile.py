"""Hostile answers and names in the app: drawn as text, and nothing of them acts."""

from __future__ import annotations

from functools import partial

from tests.hostile import ACTING, TEXTS
from tests.tui.conftest import ran
from tests.tui.fake import FakeEngine
from vgpt_probe.tui.app import ProbeApp

ALL = " ".join(text for name, text in TEXTS.items() if name != "lone surrogate")


def drawn(app: ProbeApp) -> str:
    """What stands on the screen, line by line, as the terminal gets it, without the escapes of styles."""
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip if not segment.control) for strip in lines)


def hostile(model: str, question: str) -> str:
    return f"The table 'APTH' does not exist. {ALL}"


async def test_hostile_answers_are_drawn_as_text(workspace):
    engine = partial(FakeEngine, answer=hostile)
    app = ProbeApp(workspace, engine_factory=engine, clock=lambda: 0.0)
    seen = ""
    async with app.run_test(size=(160, 50)) as pilot:
        await ran(pilot)
        for key in ("enter", "down", "w", "escape", "escape", "f1", "escape"):
            await pilot.press(key)
            await pilot.pause()
            text = drawn(app)
            seen += text
            assert not ACTING.search(text), key
        assert "␛[31mred" in seen and "owned" not in app.title
