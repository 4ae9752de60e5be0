"""The batch scheduler: many conversations in one evaluation, slots refilled as soon as they are free."""

from __future__ import annotations

import codecs
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from vgpt_probe.engine.messages import Answered, Failed, Piece, Report, Request, Stop
from vgpt_probe.engine.prefix import Model, SharedPrefix

if TYPE_CHECKING:
    from vgpt_probe.engine.template import ChatTemplate


class _Waiting:
    """A request that has been tokenised and waits for a slot."""

    def __init__(self, request: Request, tokens: list[int]) -> None:
        self.request = request
        self.tokens = tokens


class _Sequence:
    """A conversation in a slot: ``position`` counts its evaluated tokens, ``room`` the cells kept for it."""

    def __init__(self, waiting: _Waiting, slot: int, shared: int, room: int) -> None:
        self.request = waiting.request
        self.slot = slot
        self.prompt_tokens = len(waiting.tokens)
        self.pending = waiting.tokens[shared:]
        self.position = shared
        self.room = room
        self.tokens = 0
        self.text: list[str] = []
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.started = time.perf_counter()
        self.first_token: float | None = None
        self.random = np.random.default_rng(self.request.seed) if self.request.temperature > 0 else None


class Scheduler:
    """Answers requests many at a time on one model.

    ``prefix``: where a shared beginning is kept, None to evaluate each prompt whole; ``parallel``: slots;
    ``batch``: tokens a step; ``report`` takes each ``Piece``, ``Answered`` or ``Failed``.
    Call ``step`` until ``idle``. The order of admission is the order of asking, so that the same list of
    requests is batched the same way every time.
    """

    def __init__(
        self,
        model: Model,
        template: ChatTemplate,
        prefix: SharedPrefix | None,
        *,
        parallel: int,
        batch: int,
        report: Callable[[Report], None],
    ) -> None:
        self._model = model
        self._template = template
        self._batch = batch
        self._report = report
        self._free = list(range(parallel - 1, -1, -1))
        self._waiting: deque[_Waiting] = deque()
        self._running: list[_Sequence] = []
        self._prefix = prefix
        self._used = 0

    @property
    def idle(self) -> bool:
        return not self._waiting and not self._running

    def ask(self, requests: list[Request]) -> None:
        """Put requests in line; one that cannot be asked at all fails at once."""
        from vgpt_probe.errors import ModelError

        for request in requests:
            try:
                tokens = self._model.tokenize(self._template.render(request.turns))
            except ModelError as fault:
                self._report(Failed(request.id, str(fault)))
                continue
            if not tokens:
                self._report(Failed(request.id, "the prompt is empty"))
            elif len(tokens) + 1 > self._model.cells:
                self._report(
                    Failed(
                        request.id,
                        f"the prompt has {len(tokens)} tokens, the context {self._model.cells}"
                        " (raise 'context' in config.toml)",
                    )
                )
            else:
                self._waiting.append(_Waiting(request, tokens))

    def cancel(self, ids: list[str] | None) -> None:
        """Stop requests (all for None); what each has said so far is its answer."""
        wanted = None if ids is None else set(ids)
        kept: deque[_Waiting] = deque()
        for waiting in self._waiting:
            if wanted is None or waiting.request.id in wanted:
                self._report(Answered(waiting.request.id, "", len(waiting.tokens), 0, 0.0, 0.0, "stopped"))
            else:
                kept.append(waiting)
        self._waiting = kept
        for sequence in list(self._running):
            if wanted is None or sequence.request.id in wanted:
                self._finish(sequence, "stopped")

    def step(self) -> bool:
        """Admit what fits, evaluate one batch, take one token for each sequence that is due.

        Returns False when the evaluation was aborted from outside; the step can be repeated.
        """
        self._admit()
        tokens: list[int] = []
        positions: list[int] = []
        slots: list[int] = []
        wanted: list[bool] = []
        fed: list[tuple[_Sequence, int]] = []
        due: list[_Sequence] = []
        # Sequences that generate feed one token each; the room that is left goes to prompts, oldest first.
        for sequence in sorted(self._running, key=lambda one: len(one.pending) > 1):
            count = min(len(sequence.pending), self._batch - len(tokens))
            if count <= 0:
                break
            last = count == len(sequence.pending)
            tokens += sequence.pending[:count]
            positions += range(sequence.position, sequence.position + count)
            slots += [sequence.slot] * count
            wanted += [False] * (count - 1) + [last]
            fed.append((sequence, count))
            if last:
                due.append(sequence)
        if not tokens:
            return True
        status = self._model.decode(tokens, positions, slots, wanted)
        if status == 2:
            return False
        if status != 0:
            self._out_of_room(status)
            return True
        for sequence, count in fed:
            del sequence.pending[:count]
            sequence.position += count
        if due:
            chosen = self._choose(self._model.logits(len(due)), due)
            for sequence, token in zip(due, chosen, strict=True):
                self._take(sequence, token)
        return True

    def _admit(self) -> None:
        prefix = self._prefix
        if prefix is not None and self._waiting and not self._running:
            prefix.fit([waiting.tokens for waiting in self._waiting])
        while self._waiting and self._free:
            waiting = self._waiting[0]
            shared = len(prefix) if prefix is not None and prefix.begins(waiting.tokens) else 0
            room = len(waiting.tokens) - shared + waiting.request.max_tokens
            if room > self._model.cells - self._used - (len(prefix) if prefix is not None else 0):
                if self._running:
                    return
                # Alone and still too long: it gets what there is, without the shared prefix.
                if prefix is not None:
                    prefix.drop()
                shared, room = 0, self._model.cells
            self._waiting.popleft()
            slot = self._free.pop()
            if shared:
                self._model.share(self._model.prefix_slot, slot)
            self._used += room
            self._running.append(_Sequence(waiting, slot, shared, room))

    def _choose(self, logits: np.ndarray, due: list[_Sequence]) -> list[int]:
        best = logits.argmax(axis=1)
        for row, sequence in enumerate(due):
            if sequence.random is not None:
                best[row] = _sample(logits[row], sequence.request, sequence.random)
        return [int(token) for token in best]

    def _take(self, sequence: _Sequence, token: int) -> None:
        if sequence.first_token is None:
            sequence.first_token = time.perf_counter()
        if self._model.ends(token):
            self._finish(sequence, "end")
            return
        sequence.tokens += 1
        self._say(sequence, sequence.decoder.decode(self._model.piece(token)))
        if sequence.tokens >= sequence.request.max_tokens or sequence.position + 1 >= self._model.cells:
            self._finish(sequence, "length")
        else:
            sequence.pending = [token]

    def _say(self, sequence: _Sequence, text: str) -> None:
        if text:
            sequence.text.append(text)
            if sequence.request.stream:
                self._report(Piece(sequence.request.id, text))

    def _finish(self, sequence: _Sequence, stop: Stop) -> None:
        self._say(sequence, sequence.decoder.decode(b"", final=True))
        self._release(sequence)
        now = time.perf_counter()
        self._report(
            Answered(
                sequence.request.id,
                "".join(sequence.text),
                sequence.prompt_tokens,
                sequence.tokens,
                (sequence.first_token or now) - sequence.started,
                now - sequence.started,
                stop,
            )
        )

    def _release(self, sequence: _Sequence) -> None:
        self._running.remove(sequence)
        self._model.forget(sequence.slot)
        self._free.append(sequence.slot)
        # The lowest free slot is taken first, whatever order they came back in.
        self._free.sort(reverse=True)
        self._used -= sequence.room

    def _out_of_room(self, status: int) -> None:
        """llama.cpp could not place a step: end the newest sequence instead of looping for ever."""
        newest = self._running[-1]
        self._release(newest)
        self._report(Failed(newest.request.id, f"llama.cpp could not evaluate this prompt (status {status})"))


def _sample(logits: np.ndarray, request: Request, random: np.random.Generator) -> int:
    """Draw a token by temperature and nucleus (top-p) sampling."""
    scaled = (logits - logits.max()).astype(np.float64) / request.temperature
    weights = np.exp(scaled)
    weights /= weights.sum()
    if request.top_p < 1.0:
        order = np.argsort(-weights)
        kept = order[: int(np.searchsorted(np.cumsum(weights[order]), request.top_p)) + 1]
        return int(random.choice(kept, p=weights[kept] / weights[kept].sum()))
    return int(random.choice(len(weights), p=weights))
