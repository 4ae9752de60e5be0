"""``serve`` in a real browser: the app paints, and keys reach it. Skipped where there is no Chromium."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.tui.fake import write_workspace

aiohttp = pytest.importorskip("aiohttp", reason="comes with the serve extra")
pytest.importorskip("textual_serve", reason="the serve extra")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")


class Page:
    """A page of a headless Chromium, by its devtools protocol; ``received`` is what its websockets were sent."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._calls = 0
        self.received = ""

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._calls += 1
        await self._socket.send_json({"id": self._calls, "method": method, "params": parameters})
        while True:
            told = await self._socket.receive_json(timeout=60)
            self._note(told)
            if told.get("id") == self._calls:
                return told.get("result", {})

    async def until(self, holds: Callable[[], object], seconds: float = 90) -> None:
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, f"it did not come about: {self.received[-2000:]!r}"
            with contextlib.suppress(asyncio.TimeoutError):
                self._note(await self._socket.receive_json(timeout=0.5))

    async def press(self, key: str) -> None:
        for kind in ("keyDown", "keyUp"):
            await self.call("Input.dispatchKeyEvent", type=kind, key=key, text=key if kind == "keyDown" else "")

    async def click(self, x: int, y: int) -> None:
        for kind in ("mousePressed", "mouseReleased"):
            await self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def picture(self) -> bytes:
        return base64.b64decode((await self.call("Page.captureScreenshot"))["data"])

    def _note(self, told: dict[str, Any]) -> None:
        if told.get("method") == "Network.webSocketFrameReceived":
            response = told["params"]["response"]
            data = response["payloadData"]
            binary = response["opcode"] == 2
            self.received += base64.b64decode(data).decode("utf-8", "replace") if binary else data


@contextlib.asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[Page]:
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--no-first-run"]
    process = subprocess.Popen(
        [str(CHROMIUM), *options, f"--user-data-dir={folder}", "--window-size=1200,800", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        port = folder / "DevToolsActivePort"
        end = time.monotonic() + 60
        while not port.is_file() or len(port.read_text(encoding="utf-8").split()) < 2:
            assert process.poll() is None and time.monotonic() < end, "Chromium did not start"
            await asyncio.sleep(0.1)
        address = f"http://127.0.0.1:{port.read_text(encoding='utf-8').split()[0]}/json"
        async with aiohttp.ClientSession() as session:
            async with session.get(address) as answer:
                pages = json.loads(await answer.text())
            page = next(one for one in pages if one["type"] == "page")
            async with session.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                yield Page(socket)
    finally:
        process.terminate()
        process.wait(10)


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
