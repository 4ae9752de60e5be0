"""The worker process: loads one model, answers requests until it is told to close or its owner is gone.

Started as ``python -m vgpt_probe.engine.worker``: commands come in on standard input, reports go out on what was
standard output. Whatever llama.cpp prints goes to standard error, which the owner has pointed at a log file.
"""

from __future__ import annotations

import os
import threading
import time
from queue import Empty, SimpleQueue
from typing import IO, TYPE_CHECKING

import msgspec

from vgpt_probe.engine.frames import read_frame, write_frame
from vgpt_probe.engine.messages import (
    Ask,
    AskScores,
    AskWeights,
    Cancel,
    Close,
    Command,
    Loaded,
    LoadFailed,
    ModelFacts,
    Report,
    Start,
)
from vgpt_probe.errors import ModelError

if TYPE_CHECKING:
    from vgpt_probe.engine.batch import Scheduler
    from vgpt_probe.engine.llama import LoadedModel
    from vgpt_probe.engine.score import Scorer

#: Streamed pieces and answers are gathered this long (seconds) and sent together.
GATHER = 0.03


def work(commands: IO[bytes], reports: IO[bytes]) -> None:
    """Serve one model; the first message of ``commands`` is a ``Start``, the others are commands."""
    first = read_frame(commands)
    if first is None:
        return
    start = msgspec.msgpack.decode(first, type=Start)
    outbox = _Outbox(reports)
    try:
        model, scheduler, scorer, facts = _load(start, outbox)
    except ModelError as fault:
        outbox.put(LoadFailed(str(fault)))
        outbox.flush()
        return
    outbox.put(Loaded(facts))
    outbox.flush()
    try:
        _serve(_Inbox(commands, model), outbox, scheduler, scorer)
    except OSError:
        # The app is gone: nobody is left to answer.
        return
    finally:
        model.close()


def _load(start: Start, outbox: _Outbox) -> tuple[LoadedModel, Scheduler, Scorer, ModelFacts]:
    began = time.perf_counter()
    import llama_cpp.llama_cpp as lib

    from vgpt_probe.engine.batch import Scheduler
    from vgpt_probe.engine.llama import LoadedModel
    from vgpt_probe.engine.prefix import SharedPrefix
    from vgpt_probe.engine.score import Scorer
    from vgpt_probe.engine.template import ChatTemplate

    model = LoadedModel(start)
    source = start.chat_template or model.metadata("tokenizer.chat_template")
    if not source:
        raise ModelError(
            "the GGUF holds no chat template",
            mend="set 'chat_template' of this model to a Jinja file in config.toml",
        )
    template = ChatTemplate(
        source,
        bos=model.token_text(lib.llama_vocab_bos(model.vocab)),
        eos=model.token_text(lib.llama_vocab_eos(model.vocab)),
    )
    prefix = SharedPrefix(model, batch=start.batch)
    scheduler = Scheduler(
        model,
        template,
        None if start.exact else prefix,
        parallel=1 if start.exact else start.parallel,
        batch=start.batch,
        report=outbox.put,
    )
    scorer = Scorer(model, template, prefix, slots=model.scoring_slots, batch=start.batch, report=outbox.put)
    facts = ModelFacts(
        description=model.description,
        parameters=lib.llama_model_n_params(model.model),
        size=lib.llama_model_size(model.model),
        context_trained=lib.llama_model_n_ctx_train(model.model),
        vocabulary=model.vocabulary,
        threads=start.threads,
        gpu_offload=bool(lib.llama_supports_gpu_offload()),
        load_seconds=time.perf_counter() - began,
    )
    return model, scheduler, scorer, facts


def _serve(inbox: _Inbox, outbox: _Outbox, scheduler: Scheduler, scorer: Scorer) -> None:
    while True:
        idle = scheduler.idle and scorer.idle
        command = inbox.take(wait=idle)
        while command is not None:
            if isinstance(command, Close):
                return
            if isinstance(command, Ask):
                scheduler.ask(command.requests)
            elif isinstance(command, AskScores | AskWeights):
                scorer.ask(command.requests)
            else:
                scheduler.cancel(command.ids)
                scorer.cancel(command.ids)
                if command.ids is None:
                    inbox.cancelled()
            command = inbox.take(wait=False)
        if not scheduler.idle:
            scheduler.step()
        elif not scorer.idle:
            scorer.step()
        outbox.flush_when_due(idle=scheduler.idle and scorer.idle)


class _Inbox:
    """Reads commands in a thread, so that a stop reaches a model in the middle of a step."""

    def __init__(self, pipe: IO[bytes], model: LoadedModel) -> None:
        import llama_cpp.llama_cpp as lib

        self._pipe = pipe
        self._commands: SimpleQueue[Command] = SimpleQueue()
        self._stops = 0
        self._lock = threading.Lock()
        model.abort_when(lib.ggml_abort_callback(lambda _data: self._stops > 0))
        threading.Thread(target=self._read, name="commands", daemon=True).start()

    def _read(self) -> None:
        decoder = msgspec.msgpack.Decoder(Command)
        while True:
            data = read_frame(self._pipe)
            command = Close() if data is None else decoder.decode(data)
            if isinstance(command, Close) or (isinstance(command, Cancel) and command.ids is None):
                with self._lock:
                    self._stops += 1
            self._commands.put(command)
            if isinstance(command, Close):
                return

    def take(self, *, wait: bool) -> Command | None:
        try:
            return self._commands.get(block=wait)
        except Empty:
            return None

    def cancelled(self) -> None:
        """Let evaluation go on once every stop that was asked for has been carried out."""
        with self._lock:
            self._stops = max(0, self._stops - 1)


class _Outbox:
    """Gathers reports and sends them together, so that the pipe is not written once a token."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._encoder = msgspec.msgpack.Encoder()
        self._reports: list[Report] = []
        self._sent = time.perf_counter()

    def put(self, report: Report) -> None:
        self._reports.append(report)

    def flush_when_due(self, *, idle: bool) -> None:
        if self._reports and (idle or time.perf_counter() - self._sent >= GATHER):
            self.flush()

    def flush(self) -> None:
        if self._reports:
            write_frame(self._pipe, self._encoder.encode(self._reports))
            self._reports = []
        self._sent = time.perf_counter()


def main() -> None:
    commands = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115 (stays open as long as the process)
    # Reports get the pipe to themselves: what anybody prints to standard output goes to the log instead.
    reports = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    try:
        work(commands, reports)
    finally:
        # The thread that reads commands still waits on its pipe; do not wait for it.
        os._exit(0)


if __name__ == "__main__":
    main()
