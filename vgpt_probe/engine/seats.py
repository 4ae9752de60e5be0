"""The models of one worker process: they share its weights and its contexts, and take turns.

A model is the base alone or the base with a LoRA adapter. The same contexts for all keep five stages in the memory of
one; each turn begins with an empty cache, so that an answer is to the bit what the model gives when it is alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import llama_cpp.llama_cpp as lib

from vgpt_probe.engine.batch import Scheduler
from vgpt_probe.engine.gguf_file import check_adapter
from vgpt_probe.engine.messages import (
    Ask,
    AskScores,
    AskWeights,
    AtWork,
    Counted,
    Loaded,
    LoadFailed,
    Member,
    ModelFacts,
    Report,
    Request,
    Score,
    Start,
    Weigh,
    never_begun,
)
from vgpt_probe.engine.prefix import PrefixTree
from vgpt_probe.engine.score import Scorer
from vgpt_probe.engine.template import ChatTemplate
from vgpt_probe.errors import ModelError

if TYPE_CHECKING:
    from vgpt_probe.engine.context import LoadedModel
    from vgpt_probe.engine.llama import Weights
    from vgpt_probe.engine.watch import Watch

#: Where several models share a base, one keeps its turn for so many requests for each of its slots.
TURN = 4


class Seat:
    """One model of the process: its template, its scheduler, its scorer, and what it has been asked."""

    def __init__(self, model: LoadedModel, start: Start, member: Member, report: Callable[[Report], None]) -> None:
        self.adapter = member.adapter
        self.report = report
        self.waiting: deque[Request | Score | Weigh] = deque()
        self.more = False
        self._at: list[str] | None = None
        self._model = model
        if member.adapter:
            check_adapter(Path(member.adapter), Path(start.path))
        model.weights.load_adapter(member.adapter)
        template = _template(model.weights, member)
        self._prefixes = [PrefixTree(context, batch=start.batch) for context in model.contexts]
        prefixes: Sequence[PrefixTree | None] = [None] if start.exact else self._prefixes
        shared = model.contexts[-1]
        self._schedulers: list[Scheduler] = []
        # What does not fit into a stream of its own goes to the context that all share, the last one.
        for context, prefix in reversed(list(zip(model.contexts, prefixes, strict=True))):
            scheduler = Scheduler(
                context,
                template,
                prefix,
                parallel=1 if start.exact else start.parallel,
                batch=start.batch,
                report=report,
                at_work=self._at_work,
                longer=self._schedulers[0] if self._schedulers else None,
            )
            self._schedulers.insert(0, scheduler)
        self._scorer = Scorer(
            shared,
            template,
            prefixes[-1],
            slots=shared.scoring_slots,
            batch=start.batch,
            report=report,
            at_work=self._at_work,
        )
        self._all: tuple[Scheduler | Scorer, ...] = (*self._schedulers, self._scorer)

    def watch(self, watch: Callable[[Request], Watch]) -> None:
        """Let answers with a subject end early, as ``watch`` says."""
        for scheduler in self._schedulers:
            scheduler.watch = watch

    def forget(self) -> None:
        """Drop the shared beginnings."""
        for prefix in self._prefixes:
            prefix.drop()

    @property
    def idle(self) -> bool:
        """Whether nothing is being evaluated; requests may be waiting for a turn."""
        return all(one.idle for one in self._all)

    def take(self, count: int | None) -> None:
        """Begin with so many of the waiting requests, or all."""
        if self.idle:
            # Each list starts from the same state, so that it is answered in the same way every time.
            self.forget()
            self._model.clear()
        taken = [self.waiting.popleft() for _ in range(min(count or len(self.waiting), len(self.waiting)))]
        self._schedulers[0].ask([one for one in taken if isinstance(one, Request)])
        self._scorer.ask([one for one in taken if not isinstance(one, Request)])
        # Those that were being prepared are not what is evaluated, though they may be among them.
        self._at = None

    def step(self) -> None:
        busy = [one for one in self._all if not one.idle]
        if busy:
            # Somebody waits for an answer that streams; a run does not mind a step more.
            min(busy, key=lambda one: not one.watched).step()

    def _at_work(self, ids: list[str]) -> None:
        """Tell what is worked at from now on, where anything has been added to it."""
        if self._at is None or not set(ids) <= set(self._at):
            self.report(AtWork(tuple(ids)))
            self._at = ids

    @property
    def hungry(self) -> bool:
        """Whether this seat should wait for more requests, which will come, rather than go on with a gap."""
        return (
            self.more
            and all(one.short for one in self._schedulers)
            and (self._scorer.idle or self._scorer.short)
        )

    def cancel(self, ids: list[str] | None) -> None:
        """Stop requests, or all."""
        self.more = False
        wanted = None if ids is None else set(ids)
        kept: deque[Request | Score | Weigh] = deque()
        for one in self.waiting:
            if wanted is not None and one.id not in wanted:
                kept.append(one)
            else:
                self.report(never_begun(one))
        self.waiting = kept
        for asked in self._all:
            asked.cancel(ids)


class Seats:
    """All models of the process by their place in ``Start.members``; one of them has the turn."""

    def __init__(self, model: LoadedModel, start: Start, report: Callable[[int, Report], None]) -> None:
        self._model = model
        self._start = start
        self._report = report
        self._seats: dict[int, Seat] = {}
        self.turn = 0

    def __len__(self) -> int:
        return len(self._seats)

    def load(self, member: int) -> None:
        """Make one model ready and report it, or report what is wrong with its adapter or template."""
        try:
            self._seats[member] = Seat(
                self._model, self._start, self._start.members[member], partial(self._report, member)
            )
        except ModelError as fault:
            self._report(member, LoadFailed(str(fault)))
            return
        if len(self._seats) == 1:
            self._give_turn(member)
        self._report(member, Loaded(self._facts()))

    def ask(self, member: int, asked: Ask | AskScores | AskWeights) -> None:
        """Put requests in line; a conversation that somebody watches comes before what runs by itself."""
        seat = self._seats[member]
        requests: Sequence[Request | Score | Weigh] = asked.requests
        if asked.more is not None:
            seat.more = asked.more
        if isinstance(asked, Ask) and asked.reader is not None:
            from vgpt_probe.engine.watch import watcher

            seat.watch(watcher(asked.reader))
        if len(self._start.members) == 1:
            seat.waiting += requests
            seat.take(None)
            return
        seat.waiting.extendleft(one for one in reversed(requests) if _watched(one))
        seat.waiting += [one for one in requests if not _watched(one)]

    def count(self, id: str, busy: float) -> Counted:
        """What has been evaluated so far, in so many seconds of work."""
        contexts = self._model.contexts
        evaluated = sum(context.evaluated for context in contexts)
        return Counted(id, evaluated, sum(context.decode_seconds for context in contexts), busy)

    def cancel(self, member: int, ids: list[str] | None) -> None:
        if member in self._seats:
            self._seats[member].cancel(ids)

    @property
    def idle(self) -> bool:
        return all(seat.idle and not seat.waiting for seat in self._seats.values())

    @property
    def hungry(self) -> bool:
        """Whether nothing should be evaluated before more requests are here."""
        if len(self._start.members) == 1:
            return self._seats[self.turn].hungry if self._seats else False
        if not self._seats[self.turn].idle or (following := self._following()) is None:
            return False
        seat = self._seats[following]
        return seat.more and len(seat.waiting) < self._share

    @property
    def _share(self) -> int:
        return TURN * (1 if self._start.exact else self._start.parallel)

    def step(self) -> None:
        """Evaluate one step of the model that has the turn; when it has done its share the next one gets it."""
        if self._seats[self.turn].idle and (following := self._following()) is not None:
            if following != self.turn:
                self._give_turn(following)
            self._seats[following].take(self._share)
        self._seats[self.turn].step()

    def _following(self) -> int | None:
        """Whose turn is next, of those who have been asked something."""
        order = [*range(self.turn + 1, len(self._start.members)), *range(self.turn + 1)]
        asked = [member for member in order if member in self._seats and self._seats[member].waiting]
        return next((one for one in asked if _watched(self._seats[one].waiting[0])), (*asked, None)[0])

    def _give_turn(self, member: int) -> None:
        for seat in self._seats.values():
            seat.forget()
        self._model.use_adapter(self._seats[member].adapter)
        self.turn = member

    def _facts(self) -> ModelFacts:
        weights = self._model.weights
        return ModelFacts(
            description=weights.description,
            parameters=lib.llama_model_n_params(weights.model),
            size=lib.llama_model_size(weights.model),
            context_trained=lib.llama_model_n_ctx_train(weights.model),
            vocabulary=weights.vocabulary,
            threads=self._start.threads,
            gpu_offload=bool(lib.llama_supports_gpu_offload()),
            load_seconds=self._model.load_seconds,
        )


def _watched(request: Request | Score | Weigh) -> bool:
    return isinstance(request, Request) and request.stream


def _template(weights: Weights, member: Member) -> ChatTemplate:
    source = member.chat_template or weights.metadata("tokenizer.chat_template")
    if not source:
        raise ModelError(
            "the GGUF holds no chat template",
            mend="set 'chat_template' of this model to a Jinja file in config.toml",
        )
    return ChatTemplate(
        source,
        bos=weights.token_text(lib.llama_vocab_bos(weights.vocab)),
        eos=weights.token_text(lib.llama_vocab_eos(weights.vocab)),
        guarded=True,
    )
