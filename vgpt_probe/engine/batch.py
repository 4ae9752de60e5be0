"""The batch scheduler: many conversations in one evaluation, slots refilled as soon as they are free."""

from __future__ import annotations

import codecs
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from vgpt_probe.engine.messages import Answered, Failed, Piece, Report, Request, Stop
from vgpt_probe.engine.prefix import Model, PrefixTree, Stem

if TYPE_CHECKING:
    from vgpt_probe.engine.template import ChatTemplate
    from vgpt_probe.engine.watch import Watch

#: An answer is promised room for so many tokens; more is given as it grows, and few answers grow that long.
PROMISED = 64
GROWTH = 32

#: So many requests are said to be worked at while they are rendered and tokenised.
PREPARED = 16

#: Tokens so much less likely than the likeliest (in nats, after temperature) are never drawn.
NEGLIGIBLE = 25.0


class _Waiting:
    """A request that has been tokenised and waits for a slot."""

    def __init__(self, request: Request, tokens: list[int]) -> None:
        self.request = request
        self.tokens = tokens


class _Sequence:
    """A conversation in a slot: ``position`` counts its evaluated tokens, ``room`` the cells kept for it.

    ``held``: what it has said that may be the beginning of a stop string.
    """

    def __init__(
        self, waiting: _Waiting, slot: int, stem: Stem | None, room: int, watch: Watch | None
    ) -> None:
        self.waiting = waiting
        self.request = waiting.request
        self.slot = slot
        self.stem = stem
        self.shared = len(stem) if stem is not None else 0
        self.pending = waiting.tokens[self.shared :]
        self.position = self.shared
        self.room = room
        self.watch = watch
        self.tokens = 0
        self.text: list[str] = []
        self.held = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.started = time.perf_counter()
        self.first_token: float | None = None
        self.random = np.random.default_rng(self.request.seed) if self.request.temperature > 0 else None

    def settled(self) -> bool:
        """Whether the answer may end; what it has begun to say after that point is taken back."""
        text = "".join(self.text)
        cut = self.watch.cut(text) if self.watch is not None else None
        if cut is not None:
            self.text = [text[:cut].rstrip()]
            self.held = ""
            self.decoder.reset()
        return cut is not None

    def until_stop(self, text: str) -> tuple[str, bool]:
        """What can be shown now that it has said this, too, and whether it ends there, before a stop string."""
        stops = self.request.stop_strings
        said = self.held + text
        ends = [at for at in (said.find(stop) for stop in stops) if at >= 0]
        shown = min(ends, default=len(said))
        if not ends:
            shown -= max((_begun(said, stop) for stop in stops), default=0)
        self.held = "" if ends else said[shown:]
        if ends:
            self.decoder.reset()
        return said[:shown], bool(ends)


class Scheduler:
    """Answers requests many at a time on one model.

    ``prefix``: the shared beginnings, None to evaluate each prompt whole; ``parallel``: slots;
    ``batch``: tokens a step; ``report`` takes each ``Piece``, ``Answered`` or ``Failed``; ``at_work`` is told what is
    evaluated next, before it is. ``watch`` makes what says when an answer with a subject (``Request.subject``) may end
    early. ``longer`` is asked what may not fit where each slot has cells of its own.
    Call ``step`` until ``idle``. The order of admission is the order of asking, so that the same list of
    requests is batched the same way every time.
    """

    def __init__(
        self,
        model: Model,
        template: ChatTemplate,
        prefix: PrefixTree | None,
        *,
        parallel: int,
        batch: int,
        report: Callable[[Report], None],
        at_work: Callable[[list[str]], None] = lambda ids: None,
        longer: Scheduler | None = None,
    ) -> None:
        self._model = model
        self._longer = longer
        self._template = template
        self._batch = batch
        self._report = report
        self._at_work = at_work
        self.watch: Callable[[Request], Watch] | None = None
        self._free = list(range(parallel - 1, -1, -1))
        self._waiting: deque[_Waiting] = deque()
        self._running: list[_Sequence] = []
        self._prefix = prefix
        self._used = 0

    @property
    def idle(self) -> bool:
        return not self._waiting and not self._running

    @property
    def watched(self) -> bool:
        """Whether somebody watches an answer that is in line or being written."""
        # Those that stream stand first in line.
        return bool(self._waiting and self._waiting[0].request.stream) or any(
            one.request.stream for one in self._running
        )

    @property
    def short(self) -> bool:
        """Whether a slot would stay empty for want of requests."""
        return len(self._waiting) < len(self._free)

    def ask(self, requests: list[Request]) -> None:
        """Put requests in line, those that stream before a run's; one that cannot be asked at all fails at once."""
        from vgpt_probe.errors import ModelError

        fresh, longer = [], []
        for number, request in enumerate(requests):
            if number % PREPARED == 0:
                self._at_work([one.id for one in requests[number : number + PREPARED]])
            try:
                tokens = self._model.tokenize(self._template.render(request.turns))
            except ModelError as fault:
                self._report(Failed(request.id, str(fault)))
                continue
            if not tokens:
                self._report(Failed(request.id, "the prompt is empty"))
            elif self._longer is not None and len(tokens) + request.max_tokens > self._model.cells:
                longer.append(request)
            elif len(tokens) + 1 > self._model.cells:
                self._report(
                    Failed(
                        request.id,
                        f"the prompt has {len(tokens)} tokens, the context {self._model.cells}"
                        " (raise 'context' in config.toml)",
                    )
                )
            else:
                fresh.append(_Waiting(request, tokens))
        if self._longer is not None and longer:
            # All at once, so that they share what they have in common.
            self._longer.ask(longer)
        if self._prefix is not None and len(fresh) > 1:
            self._prefix.plan([waiting.tokens for waiting in fresh])
        # Somebody watches an answer that streams; a run that is in line for minutes can wait for it.
        self._waiting.extendleft(reversed([one for one in fresh if one.request.stream]))
        self._waiting.extend(one for one in fresh if not one.request.stream)

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
        due: list[_Sequence] = []
        fed = self._next_tokens()
        for sequence, count in fed:
            last = count == len(sequence.pending)
            if count == 1:
                tokens.append(sequence.pending[0])
                positions.append(sequence.position)
                slots.append(sequence.slot)
                wanted.append(last)
            else:
                tokens += sequence.pending[:count]
                positions += range(sequence.position, sequence.position + count)
                slots += [sequence.slot] * count
                wanted += [False] * (count - 1) + [last]
            if last:
                due.append(sequence)
        if not tokens:
            return True
        self._at_work([sequence.request.id for sequence in self._running])
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
            self._make_room(due)
        return True

    def _next_tokens(self) -> list[tuple[_Sequence, int]]:
        """Say who feeds how many tokens: one each that generates; the room that is left goes to prompts, oldest first."""
        fed = []
        left = self._batch
        for sequence in sorted(self._running, key=_reads_prompt):
            count = min(len(sequence.pending), left)
            if count <= 0:
                break
            left -= count
            fed.append((sequence, count))
        if self._model.streams:
            # llama.cpp evaluates streams together that follow each other.
            fed.sort(key=lambda one: one[0].slot)
        return fed

    def _left(self) -> int:
        """How many cells nobody has been promised."""
        if self._model.streams:
            # Each slot has its own, and nothing is asked here that may outgrow them.
            return sys.maxsize
        return self._model.cells - self._used - (self._prefix.cells if self._prefix is not None else 0)

    def _admit(self) -> None:
        prefix = self._prefix
        while self._waiting and self._free:
            waiting = self._waiting[0]
            stem = prefix.find(waiting.tokens) if prefix is not None else None
            own = len(waiting.tokens) - (len(stem) if stem is not None else 0)
            room = own + _promised(waiting.request)
            extra = prefix.missing(stem) if prefix is not None else 0
            if room + extra > self._left():
                if self._running:
                    return
                # Alone and still too long: it gets what there is, without a shared beginning.
                if prefix is not None:
                    prefix.drop()
                stem, room = None, min(len(waiting.tokens) + _promised(waiting.request), self._model.cells)
            self._waiting.popleft()
            slot = self._free.pop()
            if prefix is not None and stem is not None:
                length = len(stem)
                stem = prefix.lend(stem, [slot])
                room += length - (len(stem) if stem is not None else 0)
            self._used += room
            watch = self.watch(waiting.request) if self.watch and waiting.request.subject else None
            self._running.append(_Sequence(waiting, slot, stem, room, watch))

    def _make_room(self, due: list[_Sequence]) -> None:
        """Give more room to answers that outgrow theirs; when there is none the newest answer is put back in line."""
        for sequence in due:
            if sequence.position - sequence.shared < sequence.room or sequence not in self._running:
                continue
            while self._left() < GROWTH:
                newest = next((one for one in reversed(self._running) if not one.request.stream), None)
                if newest is None or newest is sequence or len(self._running) == 1:
                    break
                self._release(newest)
                self._waiting.appendleft(newest.waiting)
            if (more := min(GROWTH, self._left())) > 0:
                sequence.room += more
                self._used += more
            elif len(self._running) == 1:
                self._finish(sequence, "length")
            else:
                self._release(sequence)
                self._waiting.appendleft(sequence.waiting)

    def _choose(self, logits: np.ndarray, due: list[_Sequence]) -> list[int]:
        best: list[int] = logits.argmax(axis=1).tolist()
        for row, sequence in enumerate(due):
            if sequence.random is not None:
                best[row] = _sample(logits[row], sequence.request, sequence.random)
        return best

    def _take(self, sequence: _Sequence, token: int) -> None:
        if sequence.first_token is None:
            sequence.first_token = time.perf_counter()
        if self._model.ends(token):
            self._finish(sequence, "end")
            return
        sequence.tokens += 1
        text, stopped = sequence.until_stop(sequence.decoder.decode(self._model.piece(token)))
        self._say(sequence, text)
        if stopped:
            self._finish(sequence, "end")
        elif sequence.tokens >= sequence.request.max_tokens or sequence.position + 1 >= self._model.cells:
            self._finish(sequence, "length")
        elif sequence.watch is not None and _may_end(text) and sequence.settled():
            self._finish(sequence, "settled")
        else:
            sequence.pending = [token]

    def _say(self, sequence: _Sequence, text: str) -> None:
        if text:
            sequence.text.append(text)
            if sequence.request.stream:
                self._report(Piece(sequence.request.id, text))

    def _finish(self, sequence: _Sequence, stop: Stop) -> None:
        if stop != "settled":
            text, _ = sequence.until_stop(sequence.decoder.decode(b"", final=True))
            self._say(sequence, text + sequence.held)
        self._release(sequence)
        now = time.perf_counter()
        self._report(
            Answered(
                sequence.request.id,
                "".join(sequence.text),
                len(sequence.waiting.tokens),
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
        if self._prefix is not None:
            self._prefix.give_back(sequence.stem)

    def _out_of_room(self, status: int) -> None:
        """llama.cpp could not place a step: end the newest sequence instead of looping for ever."""
        newest = self._running[-1]
        self._release(newest)
        self._report(Failed(newest.request.id, f"llama.cpp could not evaluate this prompt (status {status})"))


def _reads_prompt(sequence: _Sequence) -> bool:
    return len(sequence.pending) > 1


def _begun(said: str, stop: str) -> int:
    """With how many characters of a stop string a text ends."""
    return next((size for size in range(min(len(stop) - 1, len(said)), 0, -1) if said.endswith(stop[:size])), 0)


def _may_end(text: str) -> bool:
    """Whether a piece of text can be the one after which a sentence or a line is known to have ended."""
    return "\n" in text or " " in text


def _promised(request: Request) -> int:
    """How many tokens of an answer a request is promised room for; what was shown cannot be put back in line."""
    return request.max_tokens if request.stream else min(request.max_tokens, PROMISED)


def _sample(logits: np.ndarray, request: Request, random: np.random.Generator) -> int:
    """Draw a token by temperature and nucleus (top-p) sampling."""
    scaled = (logits - logits.max()) / np.float32(request.temperature)
    kept = np.flatnonzero(scaled > -NEGLIGIBLE)
    weights = np.exp(scaled[kept].astype(np.float64))
    if request.top_p < 1.0:
        order = np.argsort(-weights, kind="stable")
        kept, weights = kept[order], weights[order]
        count = int(np.searchsorted(np.cumsum(weights), request.top_p * weights.sum())) + 1
        kept, weights = kept[:count], weights[:count]
    sums = np.cumsum(weights)
    return int(kept[min(int(np.searchsorted(sums, random.random() * sums[-1], side="right")), len(kept) - 1)])
