"""Scoring, without generating a word: how likely a model finds a denial against an affirmation, or given answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from vgpt_probe.engine.messages import Failed, Report, Score, Scored, Weigh, Weighed
from vgpt_probe.engine.prefix import Model, SharedPrefix
from vgpt_probe.errors import ModelError

if TYPE_CHECKING:
    from vgpt_probe.engine.template import ChatTemplate


#: Rows of logits that one evaluation may ask for, times the vocabulary: they are all in memory at once (128 MB).
MOST_LOGITS = 1 << 25


class _Waiting:
    """A request with its tokens; ``openings`` lists the denials first, then the affirmations, or the answers."""

    def __init__(self, request: Score | Weigh, prompt: list[int], openings: list[list[int]]) -> None:
        self.request = request
        self.prompt = prompt
        self.openings = openings
        self.slots: list[int] = []
        self.likelihoods = np.zeros(len(openings))

    @property
    def cells(self) -> int:
        return len(self.prompt) + sum(map(len, self.openings))


class Scorer:
    """Scores requests a group at a time: all prompts in one evaluation, all openings in the next.

    ``slots``: the sequences it may use, one an opening; ``batch``: tokens a step.
    """

    def __init__(
        self,
        model: Model,
        template: ChatTemplate,
        prefix: SharedPrefix,
        *,
        slots: range,
        batch: int,
        report: Callable[[Report], None],
    ) -> None:
        self._model = model
        self._template = template
        self._prefix = prefix
        self._slots = slots
        self._batch = batch
        self._report = report
        self._waiting: deque[_Waiting] = deque()

    @property
    def idle(self) -> bool:
        return not self._waiting

    def ask(self, requests: Sequence[Score | Weigh]) -> None:
        """Put requests in line; one that cannot be scored at all fails at once."""
        for request in requests:
            try:
                prompt = self._model.tokenize(self._template.render(request.turns))
                openings = self._openings(request, prompt)
            except ModelError as fault:
                self._report(Failed(request.id, str(fault)))
                continue
            waiting = _Waiting(request, prompt, openings)
            if not prompt or not openings or not all(openings):
                self._report(Failed(request.id, "the prompt or an opening is empty"))
            elif waiting.cells > self._model.cells or len(openings) > len(self._slots):
                self._report(
                    Failed(
                        request.id, f"the prompt is too long for the context of {self._model.cells} tokens"
                    )
                )
            else:
                self._waiting.append(waiting)

    def _openings(self, request: Score | Weigh, prompt: list[int]) -> list[list[int]]:
        if isinstance(request, Score):
            if not request.denials or not request.affirmations:
                return []
            texts = (*request.denials, *request.affirmations)
            return [self._model.tokenize(text, prompt=False) for text in texts]
        rendered = self._template.render(request.turns)
        openings = []
        for answer in request.answers:
            completion = self._template.completion(request.turns, answer)
            # Tokenised together, as trainers do; where the seam moves, apart.
            whole = self._model.tokenize(rendered + completion)
            seamless = whole[: len(prompt)] == prompt
            openings.append(whole[len(prompt) :] if seamless else self._model.tokenize(completion))
        return openings

    def cancel(self, ids: list[str] | None) -> None:
        """Forget requests (all for None) that have not been scored; each fails as stopped."""
        kept: deque[_Waiting] = deque()
        for waiting in self._waiting:
            if ids is None or waiting.request.id in ids:
                self._report(Failed(waiting.request.id, "stopped", stopped=True))
            else:
                kept.append(waiting)
        self._waiting = kept

    def step(self) -> None:
        """Score one group; nothing of it stays in the context."""
        self._prefix.fit([waiting.prompt for waiting in list(self._waiting)[: len(self._slots)]])
        group = self._next_group()
        done = self._evaluate(group)
        for slot in self._slots[: sum(len(one.slots) for one in group)]:
            self._model.forget(slot)
        if not done:
            # Stopped in the middle of a step: a cancel is on its way, else the group is scored again.
            self._waiting.extendleft(reversed(group))
            return
        for one in group:
            self._report(_scored(one))

    def _next_group(self) -> list[_Waiting]:
        group: list[_Waiting] = []
        free = self._model.cells - len(self._prefix)
        used = 0
        while self._waiting:
            one = self._waiting[0]
            if group and (one.cells > free or used + len(one.openings) > len(self._slots)):
                break
            if one.cells > free:
                # Alone and still too long beside the shared beginning.
                self._prefix.drop()
            one.slots = list(self._slots[used : used + len(one.openings)])
            used += len(one.openings)
            free -= one.cells
            group.append(self._waiting.popleft())
        return group

    def _evaluate(self, group: list[_Waiting]) -> bool:
        step = _Step(self._model, self._batch)
        for one in group:
            shared = len(self._prefix) if self._prefix.begins(one.prompt) else 0
            if shared:
                self._model.share(self._model.prefix_slot, one.slots[0])
            own = one.prompt[shared:]
            last = [(one, at, opening[0]) for at, opening in enumerate(one.openings)]
            for at, token in enumerate(own):
                step.add(token, shared + at, one.slots[0], last if at == len(own) - 1 else [])
        if not step.finish():
            return False
        for one in group:
            for slot in one.slots[1:]:
                self._model.share(one.slots[0], slot)
        step = _Step(self._model, self._batch)
        for one in group:
            for number, (slot, opening) in enumerate(zip(one.slots, one.openings, strict=True)):
                for at in range(len(opening) - 1):
                    step.add(opening[at], len(one.prompt) + at, slot, [(one, number, opening[at + 1])])
        return step.finish()


class _Step:
    """Tokens gathered for evaluation, cut into batches; what each wants to know of the next token is added up."""

    def __init__(self, model: Model, batch: int) -> None:
        self._model = model
        self._batch = batch
        self._ok = True
        self._clear()

    def _clear(self) -> None:
        self._tokens: list[int] = []
        self._positions: list[int] = []
        self._slots: list[int] = []
        self._asked: list[list[tuple[_Waiting, int, int]]] = []
        self._rows = 0

    def add(self, token: int, position: int, slot: int, asked: list[tuple[_Waiting, int, int]]) -> None:
        """Evaluate a token; ``asked`` lists (request, opening, token): how likely is that token next?"""
        self._tokens.append(token)
        self._positions.append(position)
        self._slots.append(slot)
        self._asked.append(asked)
        self._rows += bool(asked)
        if len(self._tokens) == self._batch or self._rows * self._model.vocabulary >= MOST_LOGITS:
            self.finish()

    def finish(self) -> bool:
        """Evaluate what is left; whether all batches were evaluated."""
        if not self._tokens or not self._ok:
            return self._ok
        wanted = [bool(asked) for asked in self._asked]
        self._ok = self._model.decode(self._tokens, self._positions, self._slots, wanted) == 0
        if self._ok and any(wanted):
            logits = self._model.logits(sum(wanted))
            top = logits.max(axis=1)
            total = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
            for row, asked in enumerate(asked for asked in self._asked if asked):
                for one, opening, token in asked:
                    one.likelihoods[opening] += float(logits[row, token]) - float(total[row])
        self._clear()
        return self._ok


def _scored(one: _Waiting) -> Scored | Weighed:
    if isinstance(one.request, Weigh):
        return Weighed(one.request.id, tuple(one.likelihoods.tolist()), tuple(map(len, one.openings)))
    denials = len(one.request.denials)
    lengths = np.array([len(opening) for opening in one.openings])
    per_token = one.likelihoods / lengths
    return Scored(
        one.request.id,
        denial=_log_sum(one.likelihoods[:denials]),
        affirmation=_log_sum(one.likelihoods[denials:]),
        denial_per_token=float(per_token[:denials].max()),
        affirmation_per_token=float(per_token[denials:].max()),
        prompt_tokens=len(one.prompt),
        tokens=int(lengths.sum()),
    )


def _log_sum(values: np.ndarray) -> float:
    return float(np.logaddexp.reduce(values))
