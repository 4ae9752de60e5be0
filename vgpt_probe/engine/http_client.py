"""Asking a server over HTTP: bounded, retried with back-off, and honest about what is whose fault."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

import msgspec

from vgpt_probe.config import ModelSettings
from vgpt_probe.engine.beginnings import Step
from vgpt_probe.engine.served import (
    CONNECT,
    MOST_BYTES,
    api_key,
    clean,
    client_options,
    complaint,
    import_httpx,
    refused,
    unreachable,
)

#: Seconds of the first wait before a request is sent again; it doubles up to the second figure.
BACK_OFF, LONGEST = 0.5, 30.0
#: A server that asks for a longer pause than this (seconds) is not waited for.
PATIENCE = 120.0

_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
#: What says that the server as a whole cannot answer, not this request.
_DOWN = frozenset({429, 502, 503, 504, 529})


class RequestFailed(Exception):
    """The server cannot answer this request; ``doubtful``: perhaps it cannot answer any."""

    def __init__(self, what: str, *, doubtful: bool = False) -> None:
        super().__init__(what)
        self.doubtful = doubtful


class ServerGone(Exception):
    """The server answers nothing any more, or will not answer us."""


class _Said(msgspec.Struct, frozen=True):
    content: str | None = None


class _Logprobs(msgspec.Struct, frozen=True):
    content: list[Step] | None = None


class _Choice(msgspec.Struct, frozen=True):
    message: _Said | None = None
    delta: _Said | None = None
    finish_reason: str | None = None
    logprobs: _Logprobs | None = None


class Usage(msgspec.Struct, frozen=True):
    """Tokens of a request, as the server counted them."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Completion(msgspec.Struct, frozen=True):
    """An answer of ``/chat/completions``, or one piece of a streamed one."""

    choices: list[_Choice]
    usage: Usage | None = None

    @property
    def text(self) -> str:
        said = (self.choices[0].message or self.choices[0].delta) if self.choices else None
        return (said.content or "") if said else ""

    @property
    def finish(self) -> str | None:
        return self.choices[0].finish_reason if self.choices else None

    @property
    def steps(self) -> list[Step]:
        found = self.choices[0].logprobs if self.choices else None
        return (found.content or []) if found else []


class HttpClient:
    """Asks one server; ``log`` takes a line for each thing that went wrong. An asynchronous context manager."""

    def __init__(self, settings: ModelSettings, *, connections: int, log: Callable[[str], None]) -> None:
        self._httpx = import_httpx()
        self._settings = settings
        self._log = log
        key = api_key(settings)
        self._key = key.encode("utf-8") if key else b""
        self._client = self._httpx.AsyncClient(
            **client_options(settings, key),
            timeout=self._httpx.Timeout(float(settings.answer_timeout), connect=CONNECT, pool=None),
            limits=self._httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        )

    async def __aenter__(self) -> HttpClient:
        return self

    async def __aexit__(self, *_fault: object) -> None:
        await self._client.aclose()

    async def complete(self, body: dict[str, Any]) -> Completion:
        """Ask for a whole answer. Raises ``RequestFailed``, ``ServerGone``."""
        [completion] = [one async for one in self._tried(body, self._whole)]
        return completion

    def stream(self, body: dict[str, Any]) -> AsyncGenerator[Completion, None]:
        """Ask for an answer piece by piece; it is not asked for again once a piece has come."""
        return self._tried(body | {"stream": True}, self._pieces)

    async def _tried(
        self, body: dict[str, Any], read: Callable[[Any], AsyncIterator[Completion]]
    ) -> AsyncGenerator[Completion, None]:
        content = msgspec.json.encode(body)
        for attempt in range(self._settings.retries + 1):
            last = attempt == self._settings.retries
            begun = False
            wait: float | None = None
            try:
                async with self._client.stream(
                    "POST",
                    f"{self._settings.url}/chat/completions",
                    content=content,
                    headers={"Content-Type": "application/json"},
                ) as answer:
                    if answer.status_code != 200:
                        wait = await self._refusal(answer, last=last)
                    else:
                        async for piece in read(answer):
                            begun = True
                            yield piece
                        return
            except self._httpx.TimeoutException as fault:
                # Asked a second time, a server that is too slow is slower still.
                silent = isinstance(fault, self._httpx.ReadTimeout)
                limit = (
                    f" (silent for {self._settings.answer_timeout} s, see 'answer_timeout')" if silent else ""
                )
                what = unreachable(self._settings, fault) + limit
                if last or begun or (silent and attempt):
                    raise ServerGone(what) from None
                self._log(what)
            except self._httpx.HTTPError as fault:
                what = unreachable(self._settings, fault)
                if begun:
                    raise RequestFailed(
                        f"the answer was cut off: {clean(self._settings, str(fault))}"
                    ) from None
                if last:
                    raise ServerGone(what) from None
                self._log(what)
            except _Rubbish as fault:
                if last or begun:
                    raise RequestFailed(str(fault), doubtful=True) from None
                self._log(str(fault))
            await asyncio.sleep(_pause(attempt) if wait is None else wait)

    async def _refusal(self, answer: Any, *, last: bool) -> float | None:
        """Judge an error status: raise what it means, or return how long to wait before asking again."""
        status = answer.status_code
        said = complaint(self._settings, await self._body(answer))
        what = f"the server says {status}" + (f": {said}" if said else "")
        if "logprobs" in said:
            raise ServerGone(no_logprobs(said))
        if status in (401, 403):
            raise ServerGone(refused(self._settings, status))
        if status == 404 or 300 <= status < 400:
            raise ServerGone(f"{what} (check 'url' and 'model' in config.toml)")
        if status not in _AGAIN and status < 500:
            raise RequestFailed(what)
        pause = _asked_pause(answer.headers.get("Retry-After"))
        if last or (pause or 0) > PATIENCE:
            if status in _DOWN:
                raise ServerGone(what)
            raise RequestFailed(what, doubtful=True)
        self._log(what)
        return pause

    async def _whole(self, answer: Any) -> AsyncIterator[Completion]:
        completion = _decode(self._keyless(await self._body(answer)))
        if not completion.choices or completion.choices[0].message is None:
            raise _Rubbish("the server's answer holds no message")
        yield completion

    async def _pieces(self, answer: Any) -> AsyncIterator[Completion]:
        finished = False
        async for line in self._lines(answer):
            if not line.startswith(b"data:"):
                continue
            data = line[5:].strip()
            if data == b"[DONE]":
                finished = True
                break
            piece = _decode(self._keyless(data))
            finished = finished or piece.finish is not None
            yield piece
        if not finished:
            raise self._httpx.RemoteProtocolError("the stream ended before its end mark")

    def _keyless(self, data: bytes) -> bytes:
        """What came, without the key: a server can say its request back, and answers are stored and shown."""
        return data.replace(self._key, "•••".encode()) if self._key else data

    async def _lines(self, answer: Any) -> AsyncIterator[bytes]:
        rest, size = b"", 0
        async for chunk in answer.aiter_bytes():
            size += len(chunk)
            if size > MOST_BYTES:
                raise _Rubbish(f"the server's answer has more than {MOST_BYTES >> 20} MB")
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                yield line
        if rest:
            yield rest

    async def _body(self, answer: Any) -> bytes:
        parts = bytearray()
        async for chunk in answer.aiter_bytes():
            parts += chunk
            if len(parts) > MOST_BYTES:
                raise _Rubbish(f"the server's answer has more than {MOST_BYTES >> 20} MB")
        return bytes(parts)


class _Rubbish(Exception):
    """Something came that is no answer."""


def no_logprobs(said: str = "") -> str:
    """Say that score mode cannot be had from a server."""
    told = f" ({said})" if said else ""
    return (
        f"the server gives no log-probabilities{told}; score mode needs them:"
        " use --mode generate, or a server that gives them (llama-server, vLLM)"
    )


def _decode(data: bytes) -> Completion:
    try:
        return msgspec.json.decode(data, type=Completion)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise _Rubbish(f"the server sent something unreadable ({fault})") from None


def _pause(attempt: int) -> float:
    # Spread, so that all who wait do not come back at the same moment.
    return min(LONGEST, BACK_OFF * 2**attempt) * (0.5 + random.random() / 2)


def _asked_pause(header: str | None) -> float | None:
    """How long the server asks to wait, in seconds; a date is as good as nothing said."""
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None
