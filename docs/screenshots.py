"""Drives the real app on the demo models and takes the pictures of the documentation.

``python docs/screenshots.py`` takes them at 120×40; sizes can be named: ``python docs/screenshots.py 80x24 200x60``.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from vgpt_probe.config import load_workspace
from vgpt_probe.tui.app import ProbeApp
from vgpt_probe.tui.dialogs.editor import PairEditor
from vgpt_probe.tui.widgets.matrix import Matrix

ROOT = Path(__file__).parent.parent
FOLDER = Path(__file__).parent / "screenshots"
SIZE = "120x40"


async def until(pilot: Pilot[None], holds: Callable[[], object], seconds: float = 600) -> None:
    """Let the app work until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError("the app did not come so far")
        await pilot.pause(0.05)
    await pilot.pause(0.2)


async def story(size: tuple[int, int], state: Path) -> None:
    """Run the battery, open a real table that dpo_v2 denies, save a pair, export it, ask in the chat."""
    app = ProbeApp(load_workspace(ROOT / "config.toml", state=state))
    suffix = "" if f"{size[0]}x{size[1]}" == SIZE else f"-{size[0]}x{size[1]}"

    def shoot(what: str) -> None:
        app.save_screenshot(str(FOLDER / f"{what}{suffix}.svg"))

    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: app.desk.catalog_is_open and app.desk.workers)
        await pilot.press("b")
        await until(pilot, lambda: app.board is not None and app.board.answers > app.board.total // 3)
        shoot("running")
        await until(pilot, lambda: app.active is not None and app.active.complete and not app.desk.running)
        app.clear_notifications()
        await pilot.press("f")
        await pilot.pause()
        shoot("battery")
        board, matrix = app.board, app.screen.query_one(Matrix)
        assert board is not None and matrix.rows is not None
        last, first = board.models[-1], board.models[0]
        denied = next(
            position
            for position in matrix.rows.positions
            if board.verdict(last, position) == "false_rejection"
            and board.verdict(first, position) == "correct"
        )
        matrix.go_to(denied)
        await pilot.press("enter")
        await pilot.pause()
        shoot("case")
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PairEditor))
        shoot("pair")
        await pilot.press("f2")
        await until(pilot, app.desk.store.pairs)
        await pilot.press("4")
        await pilot.pause()
        await pilot.press("e")
        await until(pilot, lambda: app.screen.query("#folder"))
        app.screen.query_one("#folder", Input).value = "exports"
        await pilot.pause()
        shoot("export")
        await pilot.press("enter")
        await until(pilot, (state / "exports" / "vgpt_probe_pairs.json").is_file)
        app.clear_notifications()
        await pilot.pause()
        shoot("pairs")
        await pilot.press("3")
        await until(pilot, lambda: app.screen.query("ChatColumn"))
        app.screen.query_one("#prompt", TextArea).text = board.probes[denied].question
        await pilot.press("enter")
        await until(pilot, lambda: all(column.last and column.last.graded for column in app.screen.columns))  # type: ignore[attr-defined]
        await pilot.press("escape")
        await pilot.pause()
        shoot("chat")
        await pilot.press("question_mark")
        await pilot.pause(0.2)
        shoot("help")
        app.desk.close()


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for size in sys.argv[1:] or [SIZE]:
        width, height = size.split("x")
        with tempfile.TemporaryDirectory() as state:
            asyncio.run(story((int(width), int(height)), Path(state)))


if __name__ == "__main__":
    main()
