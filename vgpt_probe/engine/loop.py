"""What the engine is measured against: llama-cpp-python's ``Llama``, asked one question after another.

Started as ``python -m vgpt_probe.engine.loop``, a process of its own as a worker is. The first message says what to
load; each later one is a list of requests, answered by a ``LoopDone``. The class reuses the beginning that a prompt
shares with the one before it, as it does by itself.
"""

from __future__ import annotations

import os
import time
from typing import Any

import msgspec

from vgpt_probe.engine.frames import read_frame, write_frame
from vgpt_probe.engine.messages import LoopDone, LoopStart, Request


def serve() -> None:
    """Answer lists of requests until the pipe is closed."""
    commands = os.fdopen(os.dup(0), "rb", buffering=0)
    reports = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    first = read_frame(commands)
    if first is None:
        return
    llama, lib = _load(msgspec.msgpack.decode(first, type=LoopStart))
    write_frame(reports, msgspec.msgpack.encode(LoopDone((), 0.0, 0)))
    decoder = msgspec.msgpack.Decoder(list[Request])
    while (data := read_frame(commands)) is not None:
        requests = decoder.decode(data)
        lib.llama_perf_context_reset(llama._ctx.ctx)
        began = time.perf_counter()
        texts = []
        for request in requests:
            said = llama.create_chat_completion(
                [{"role": turn.role, "content": turn.content} for turn in request.turns],
                max_tokens=request.max_tokens,
                temperature=0.0,
                repeat_penalty=1.0,
                stop=list(request.stop_strings),
            )
            texts.append(said["choices"][0]["message"]["content"] or "")
        seconds = time.perf_counter() - began
        counted = lib.llama_perf_context(llama._ctx.ctx)
        done = LoopDone(tuple(texts), seconds, counted.n_p_eval + counted.n_eval)
        write_frame(reports, msgspec.msgpack.encode(done))


def _load(start: LoopStart) -> tuple[Any, Any]:
    import llama_cpp
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    llama = llama_cpp.Llama(
        start.path,
        n_ctx=start.context,
        n_batch=start.batch,
        n_threads=start.threads,
        n_threads_batch=start.threads,
        n_gpu_layers=start.gpu_layers,
        no_perf=False,
        verbose=False,
    )
    if start.chat_template:
        eos, bos = (
            llama._model.token_get_text(token) if token >= 0 else ""
            for token in (llama.token_eos(), llama.token_bos())
        )
        formatter = Jinja2ChatFormatter(start.chat_template, eos_token=eos, bos_token=bos)
        llama.chat_handler = formatter.to_chat_handler()
    return llama, llama_cpp.llama_cpp


if __name__ == "__main__":
    serve()
