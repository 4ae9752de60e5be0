"""A headless Chromium by its devtools protocol; what needs it is skipped where there is none."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

aiohttp = pytest.importorskip("aiohttp", reason="comes with the serve extra")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Page:
    """A page; ``received`` is what its websockets were sent, ``events`` the names of all that it told by itself."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._calls = 0
        self.received = ""
        self.events: list[str] = []

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._calls += 1
        await self._socket.send_json({"id": self._calls, "method": method, "params": parameters})
        while True:
            told = await self._socket.receive_json(timeout=60)
            self._note(told)
            if told.get("id") == self._calls:
                return told.get("result", {})

    async def value(self, expression: str) -> Any:
        """What a piece of JavaScript gives in the page."""
        told = await self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

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
        if "method" in told:
            self.events.append(told["method"])
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
