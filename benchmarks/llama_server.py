"""The engine beside llama-server: `python benchmarks/llama_server.py SERVER --gguf FILE [--slots 4,8,16,32]`.

SERVER is the path of a llama-server binary; `--library-path` names a folder of its libraries. Both sides get the same
rendered prompts, token limit, threads and greedy sampling; the server reuses beginnings as it does by itself, and each
number of slots is kept busy by as many connections. The rounds are interleaved; what counts is the server's best.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import socket
import statistics
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import httpx
import msgspec
import psutil

from vgpt_probe.config import Workspace, open_workspace
from vgpt_probe.engine.messages import Answered, Request
from vgpt_probe.engine.pool import Engine
from vgpt_probe.engine.template import ChatTemplate
from vgpt_probe.runs.course import probe_request
from vgpt_probe.runs.open import open_battery, open_catalog


@contextlib.contextmanager
def server(options: argparse.Namespace, slots: int, threads: int) -> Iterator[tuple[str, int]]:
    """Start a server with so many slots; yields its address and process number."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | ({"LD_LIBRARY_PATH": options.library_path} if options.library_path else {})
    asked = {
        "model": options.gguf, "host": "127.0.0.1", "port": port, "parallel": slots, "ctx-size": 256 * slots,
        "threads": threads, "threads-batch": threads, "batch-size": 512, "ubatch-size": 512, "n-gpu-layers": 0,
    }  # fmt: skip
    given = [part for key, value in asked.items() for part in (f"--{key}", str(value))]
    process = subprocess.Popen(
        [options.server, *given, *options.server_options.split()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 600
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{address}/health", timeout=5).status_code == 200:
                    break
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"{options.server} does not come up")
            time.sleep(0.2)
        yield address, process.pid
    finally:
        process.kill()
        process.wait()


def ask_server(address: str, prompts: list[str], slots: int, tokens: int) -> int:
    """Put prompts to a server, so many at a time; return how many tokens it said."""
    return asyncio.run(_ask_server(address, prompts, slots, tokens))


async def _ask_server(address: str, prompts: list[str], slots: int, tokens: int) -> int:
    waiting = list(reversed(prompts))
    said = 0

    async def keep_busy(client: httpx.AsyncClient) -> None:
        nonlocal said
        while waiting:
            body = {
                "prompt": waiting.pop(),
                "n_predict": tokens,
                "temperature": 0.0,
                "cache_prompt": True,
                "seed": 0,
            }
            answer = await client.post(f"{address}/completion", json=body)
            answer.raise_for_status()
            said += answer.json()["tokens_predicted"]

    async with httpx.AsyncClient(timeout=600, limits=httpx.Limits(max_connections=None)) as client:
        await asyncio.gather(*(keep_busy(client) for _ in range(slots)))
    return said


def ask_engine(worker: Any, requests: list[Request]) -> int:
    """Put requests to our worker; return how many tokens it said."""
    events: SimpleQueue[Any] = SimpleQueue()
    worker.ask(requests, events.put)
    answers = [events.get() for _ in requests]
    assert all(isinstance(answer, Answered) for answer in answers), answers[0]
    return sum(answer.tokens for answer in answers)


def timed(pid: int, work: Any) -> tuple[float, float, int]:
    """Seconds by the clock, processor seconds of a process, and tokens said."""
    process = psutil.Process(pid)
    began, used = time.perf_counter(), sum(process.cpu_times()[:2])
    tokens = work()
    return time.perf_counter() - began, sum(process.cpu_times()[:2]) - used, tokens


def main() -> None:
    """Measure the engine and a server with each number of slots, in turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server")
    parser.add_argument("--gguf", type=Path, required=True)
    parser.add_argument("--chat-template", type=Path)
    parser.add_argument("--library-path", default="")
    parser.add_argument("--server-options", default="", help="further options of the server, in quotes")
    parser.add_argument("--config", type=Path)
    parser.add_argument("--slots", default="4,8,16,32")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--prompts", type=int, default=64)
    parser.add_argument("--max-tokens", type=int, default=48)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    workspace = open_workspace(options.config)
    battery = open_battery(workspace, open_catalog(workspace), None).limited(options.prompts)
    template = str(options.chat_template.resolve()) if options.chat_template else ""
    model = msgspec.structs.replace(
        workspace.config.models[0], name="model", path=str(options.gguf.resolve()), adapter="", chat_template=template,
        threads=options.threads, max_tokens=options.max_tokens,
    )  # fmt: skip
    config = msgspec.structs.replace(workspace.config, models=[model])
    workspace = Workspace(config, workspace.path, workspace.state)
    [settings] = workspace.models()
    requests = [probe_request(one, settings, id=str(at)) for at, one in enumerate(battery.probes)]
    # Without its own mark for the beginning: the server puts it before the prompt as we do.
    renderer = ChatTemplate(settings.chat_template or read_template(options.gguf), bos="", eos="")
    prompts = [renderer.render(request.turns) for request in requests]
    slots = [int(one) for one in options.slots.split(",")]
    engine = Engine(workspace)
    try:
        worker = engine["model"]
        ask_engine(worker, requests[:2])
        found: dict[int, list[tuple[float, float]]] = {one: [] for one in slots}
        for _ in range(options.rounds):
            for one in slots:
                with server(options, one, worker.threads) as (address, pid):
                    ask_server(address, prompts[:2], 2, 8)
                    theirs = timed(pid, partial(ask_server, address, prompts, one, options.max_tokens))
                ours = timed(worker.pid, partial(ask_engine, worker, requests))
                found[one].append((theirs[0] / ours[0], theirs[1] / ours[1]))
                print(
                    f"{one} slots: server {len(prompts) / theirs[0]:.2f} prompts/s ({theirs[2]} tokens said),"
                    f" engine {len(prompts) / ours[0]:.2f} ({ours[2]}): {theirs[0] / ours[0]:.2f} times as fast,"
                    f" {theirs[1] / ours[1]:.2f} by processor time",
                    flush=True,
                )
    finally:
        engine.close()
    medians = {
        one: [statistics.median(side) for side in zip(*rows, strict=True)] for one, rows in found.items()
    }
    best = min(medians, key=lambda one: medians[one][1])
    print(
        f"against the server's best, {best} slots: {medians[best][0]:.2f} times as fast by the clock,"
        f" {medians[best][1]:.2f} by processor time (medians of {options.rounds} rounds, {worker.threads} threads)"
    )


def read_template(path: Path) -> str:
    """The chat template that a GGUF holds."""
    import gguf

    field = gguf.GGUFReader(path).get_field("tokenizer.chat_template")
    if field is None:
        raise SystemExit("the file holds no chat template: name one with --chat-template")
    return str(field.contents())


if __name__ == "__main__":
    main()
