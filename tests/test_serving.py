"""``serve`` in a real browser: the app paints, and keys reach it. Skipped where there is no Chromium."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.browser import CHROMIUM, browser
from tests.conftest import ROOT
from tests.tui.fake import write_workspace

pytest.importorskip("textual_serve", reason="the serve extra")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")


@contextlib.asynccontextmanager
async def server(config: Path) -> AsyncIterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "vgpt_probe", "serve", "--port", str(port), "--config", str(config)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    try:
        end = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None and time.monotonic() < end, "the server did not start"
            await asyncio.sleep(0.1)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(10)


async def test_the_app_paints_in_a_browser_and_hears_its_keys(tmp_path: Path) -> None:
    config = write_workspace(tmp_path / "workspace", ROOT / "probes" / "vista_demo.sql")
    async with server(config) as address, browser(tmp_path / "profile") as page:
        await page.call("Network.enable")
        await page.call("Page.enable")
        await page.call("Page.navigate", url=address)
        await page.until(lambda: "puts the battery" in page.received)
        await page.click(600, 500)
        before = await page.picture()
        await page.press("2")
        await page.until(lambda: "Nothing has been asked yet." in page.received)
        await page.press("?")
        await page.until(lambda: "Pause the run: nothing more is asked" in page.received)
        await asyncio.sleep(0.5)
        after = await page.picture()
        if folder := os.environ.get("VGPT_PROBE_PICTURES"):
            (Path(folder) / "served.png").write_bytes(after)
        assert len(before) > 5_000 and len(after) > 20_000 and before != after
