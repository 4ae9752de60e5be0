"""A served model: asked as a worker is, many requests at a time, over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from vgpt_probe.config import ModelSettings
from vgpt_probe.engine.beginnings import weigh_beginnings
from vgpt_probe.engine.client import Listener, State
from vgpt_probe.engine.http_client import Completion, HttpClient, RequestFailed, ServerGone, no_logprobs
from vgpt_probe.engine.messages import (
    Answered,
    Died,
    Failed,
    ModelFacts,
    Piece,
    ReadWith,
    Request,
    Score,
    Scored,
    Weigh,
    never_begun,
)
from vgpt_probe.engine.served import ServedModel, describe
from vgpt_probe.errors import ModelError

#: After so many requests in a row that failed though they were sent again and again, the server counts as gone.
IN_A_ROW = 8
#: Of how many tokens, each with so many alternatives, the beginning of an answer is looked at in score mode.
SCORED_TOKENS, ALTERNATIVES = 16, 20

_Asked = Request | Score | Weigh


class Endpoint:
    """One model behind an OpenAI-compatible server, with the same states and methods as ``Worker``.

    It is *loading* while the server is asked what it serves; *died* means that the server is gone. What is then
    unanswered gets a ``Died``, so that a run can be resumed. ``parallel`` requests are under way at a time, one with
    ``exact``. Listeners and ``on_state`` are called from the endpoint's own thread.
    """

    pid = None
    threads = 0

    def __init__(
        self,
        settings: ModelSettings,
        *,
        log: Path,
        exact: bool = False,
        on_state: Callable[[Any], None] | None = None,
    ) -> None:
        self.settings = settings
        self.name = settings.name
        self.log = log
        self.exact = exact
        self.state: State = "unloaded"
        self.problem: str | None = None
        self.facts: ModelFacts | None = None
        self.served: ServedModel | None = None
        self._on_state = on_state or (lambda _endpoint: None)
        self._lock = threading.RLock()
        self._listeners: dict[str, Listener] = {}
        self._waiting: deque[_Asked] = deque()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._doubtful: list[Failed] = []
        self._gone = False
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event | None = None
        self._leave: asyncio.Event | None = None

    @property
    def busy(self) -> int:
        """How many requests are unanswered."""
        return len(self._listeners)

    @property
    def stale(self) -> bool:
        """Never: no file of a served model is held here."""
        return False

    def start(self) -> None:
        """Ask the server what it serves; returns at once. A server that was gone is tried afresh."""
        with self._lock:
            if self.state in ("loading", "ready"):
                return
            self.problem = None
            self.log.parent.mkdir(parents=True, exist_ok=True)
            self.log.write_text("", encoding="utf-8")
            self._now("loading")
            self._thread = threading.Thread(target=self._work, name=f"endpoint {self.name}", daemon=True)
            self._thread.start()

    def ask(
        self,
        requests: Iterable[Request],
        listener: Listener,
        *,
        more: bool | None = None,
        reader: ReadWith | None = None,
    ) -> None:
        """Hand over requests; ``listener`` gets their pieces, answers and failures.

        Answers come whole: how requests are batched (``more``) and when an answer may end (``reader``) is the server's
        affair.
        """
        self._hand_over(list(requests), listener)

    def score(self, requests: Iterable[Score], listener: Listener, *, more: bool | None = None) -> None:
        """Hand over questions to be scored; ``listener`` gets a ``Scored`` or ``Failed`` for each."""
        self._hand_over(list(requests), listener)

    def weigh(self, requests: Iterable[Weigh], listener: Listener) -> None:
        """Answers cannot be weighed over this interface: each request gets a ``Failed`` that says so."""
        for one in requests:
            listener(Failed(one.id, f"model '{self.name}' is served: given answers cannot be weighed there"))

    def cancel(self, ids: list[str] | None = None) -> None:
        """Stop requests, or all; each still gets its ``Answered`` with what was said so far."""
        wanted = None if ids is None else set(ids)
        with self._lock:
            stopped = [one for one in self._waiting if wanted is None or one.id in wanted]
            self._waiting = deque(one for one in self._waiting if wanted is not None and one.id not in wanted)
            ends = [(self._listeners.pop(one.id, None), never_begun(one)) for one in stopped]
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._cancel_running, wanted)
        for listener, end in ends:
            if listener is not None:
                listener(end)

    def close(self, *, patience: float = 5.0) -> None:
        """Let go of the server; what is under way is given up."""
        with self._lock:
            thread, loop, leave = self._thread, self._loop, self._leave
            orphans = self._orphans()
            if self.state in ("loading", "ready"):
                self._now("unloaded")
            if loop is not None and leave is not None:
                loop.call_soon_threadsafe(leave.set)
        _tell(orphans, f"model '{self.name}' was unloaded")
        if thread is not None and thread is not threading.current_thread():
            thread.join(patience)

    def _hand_over(self, requests: list[Any], listener: Listener) -> None:
        with self._lock:
            self.start()
            for request in requests:
                self._listeners[request.id] = listener
            self._waiting.extendleft(one for one in reversed(requests) if _watched(one))
            self._waiting.extend(one for one in requests if not _watched(one))
            if self._loop is not None and self._wake is not None:
                self._loop.call_soon_threadsafe(self._wake.set)

    # ── in the endpoint's thread ──

    def _work(self) -> None:
        me = threading.current_thread()
        try:
            self.served = describe(self.settings)
            asyncio.run(self._serve())
            return
        except (ModelError, ServerGone) as fault:
            problem = str(fault)
        except Exception as fault:
            problem = f"{type(fault).__name__}: {fault}"
        self._say(problem)
        with self._lock:
            if me is not self._thread:
                return
            orphans = self._orphans()
            if self.state != "unloaded":
                self.problem = problem
                self._now("failed" if self.state == "loading" else "died")
        _tell(orphans, problem)

    async def _serve(self) -> None:
        count = 1 if self.exact else self.settings.parallel
        leave, wake = asyncio.Event(), asyncio.Event()
        with self._lock:
            if self.state != "loading" or threading.current_thread() is not self._thread:
                return
            self._loop, self._leave, self._wake = asyncio.get_running_loop(), leave, wake
            self._running = {}
            self._doubtful = []
            self._gone = False
            self._now("ready")
        try:
            async with HttpClient(self.settings, connections=count, log=self._say) as client:
                tasks: list[asyncio.Task[Any]] = [
                    asyncio.create_task(self._consume(client, wake)) for _ in range(count)
                ]
                tasks.append(asyncio.create_task(leave.wait()))
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                # From now on nobody is told that his request was stopped: it is not answered.
                self._gone = True
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                for task in done:
                    task.result()
        finally:
            with self._lock:
                if self._leave is leave:
                    self._loop = self._wake = self._leave = None

    async def _consume(self, client: HttpClient, wake: asyncio.Event) -> None:
        while True:
            with self._lock:
                request = self._waiting.popleft() if self._waiting else None
            if request is None:
                wake.clear()
                await wake.wait()
                # One word for all who sleep: whoever finds nothing sleeps again.
                continue
            task = asyncio.create_task(self._answer(client, request))
            self._running[request.id] = task
            try:
                await asyncio.wait([task])
                if not task.cancelled():
                    task.result()
                else:
                    # It may have been stopped before its first step.
                    self._tell(never_begun(request))
            finally:
                self._running.pop(request.id, None)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    def _cancel_running(self, wanted: set[str] | None) -> None:
        for number, task in list(self._running.items()):
            if wanted is None or number in wanted:
                task.cancel()

    async def _answer(self, client: HttpClient, request: _Asked) -> None:
        said: list[str] = []
        began = time.perf_counter()
        try:
            if isinstance(request, Score):
                self._done(await self._scored(client, request))
            elif isinstance(request, Request):
                self._done(await self._said(client, request, said, began))
        except RequestFailed as fault:
            self._fail(Failed(request.id, str(fault)), doubtful=fault.doubtful)
        except asyncio.CancelledError:
            if self._gone:
                raise
            seconds = time.perf_counter() - began
            text = "".join(said)
            end: Answered | Failed = never_begun(request)
            if text:
                end = Answered(request.id, text, 0, len(said), seconds, seconds, "stopped")
            self._tell(end)
            raise

    async def _said(self, client: HttpClient, request: Request, said: list[str], began: float) -> Answered:
        body = self._body(request) | {
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "top_p": request.top_p,
            "seed": request.seed,
        }
        if request.stop_strings:
            body["stop"] = list(request.stop_strings)
        first: float | None = None
        pieces: list[Completion] = []
        if request.stream:
            async with contextlib.aclosing(client.stream(body)) as stream:
                async for piece in stream:
                    pieces.append(piece)
                    if piece.text:
                        first = first or time.perf_counter() - began
                        said.append(piece.text)
                        self._piece(Piece(request.id, piece.text))
        else:
            pieces.append(await client.complete(body))
            said.append(pieces[0].text)
        seconds = time.perf_counter() - began
        usage = next((one.usage for one in reversed(pieces) if one.usage is not None), None)
        finish = next((one.finish for one in reversed(pieces) if one.finish is not None), None)
        return Answered(
            request.id,
            "".join(said),
            (usage.prompt_tokens if usage else None) or 0,
            (usage.completion_tokens if usage else None) or len(said),
            seconds if first is None else first,
            seconds,
            "length" if finish == "length" else "end",
        )

    async def _scored(self, client: HttpClient, request: Score) -> Scored:
        body = self._body(request) | {
            "max_tokens": SCORED_TOKENS,
            "temperature": 0.0,
            "logprobs": True,
            "top_logprobs": ALTERNATIVES,
        }
        completion = await client.complete(body)
        if not completion.steps or not any(step.top_logprobs for step in completion.steps):
            raise ServerGone(no_logprobs())
        found = weigh_beginnings(completion.steps, request.denials, request.affirmations)
        if found is None:
            raise RequestFailed("no opening of either side is among the likely beginnings of the answer")
        denial, affirmation = found
        prompt = (completion.usage.prompt_tokens if completion.usage else None) or 0
        return Scored(request.id, denial, affirmation, prompt, len(completion.steps))

    def _body(self, request: _Asked) -> dict[str, Any]:
        turns = [{"role": turn.role, "content": turn.content} for turn in request.turns]
        return {"model": self.served.id if self.served else self.settings.model, "messages": turns}

    def _fail(self, failed: Failed, *, doubtful: bool) -> None:
        """Report a failure, or hold it back while it may be the server's: then the probes stay open."""
        if not doubtful:
            self._done(failed)
            return
        self._say(failed.message)
        self._doubtful.append(failed)
        if len(self._doubtful) >= IN_A_ROW:
            raise ServerGone(f"{IN_A_ROW} requests in a row failed; the last one: {failed.message}")
        if len(self._listeners) == len(self._doubtful):
            self._settle()

    def _done(self, end: Answered | Scored | Failed) -> None:
        self._settle()
        self._tell(end)

    def _settle(self) -> None:
        held, self._doubtful = self._doubtful, []
        for failed in held:
            self._tell(failed)

    def _tell(self, end: Answered | Scored | Failed) -> None:
        with self._lock:
            listener = self._listeners.pop(end.id, None)
        if listener is not None:
            listener(end)
        if self._doubtful and len(self._listeners) == len(self._doubtful):
            self._settle()

    def _piece(self, piece: Piece) -> None:
        if listener := self._listeners.get(piece.id):
            listener(piece)

    def _orphans(self) -> list[Listener]:
        orphans = list(dict.fromkeys(self._listeners.values()))
        self._listeners = {}
        self._waiting.clear()
        return orphans

    def _say(self, text: str) -> None:
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")

    def _now(self, state: State) -> None:
        self.state = state
        self._on_state(self)


def _watched(request: _Asked) -> bool:
    return isinstance(request, Request) and request.stream


def _tell(listeners: list[Listener], message: str) -> None:
    for listener in listeners:
        listener(Died(message))
