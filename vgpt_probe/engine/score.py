"""Scoring, without generating a word: how likely a model finds a denial against an affirmation, or given answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from vgpt_probe.engine.batch import PREPARED
from vgpt_probe.engine.messages import Failed, Report, Score, Scored, Weigh, Weighed
from vgpt_probe.engine.prefix import Model, PrefixTree, Stem, common
from vgpt_probe.errors import ModelError

if TYPE_CHECKING:
    from vgpt_probe.engine.template import ChatTemplate


#: Rows of logits that one evaluation may ask for, times the vocabulary: they are all in memory at once (128 MB).
MOST_LOGITS = 1 << 25
#: Logits that are turned into probabilities at once (1 MB).
CACHED = 1 << 18

#: So many openings are kept as tokens.
KNOWN_OPENINGS = 4096

#: What `llama_decode` says when it was ended by the abort callback.
STOPPED = 2


class _Node:
    """A token of the openings' tree, or (the root) the end of the prompt.

    ``next``: the tokens that go on from here; ``through``: which openings begin with this path; ``slots``: the
    sequences that hold it. The last token of an opening needs no evaluation: what comes after it is not asked.
    """

    def __init__(self) -> None:
        self.next: dict[int, _Node] = {}
        self.through: list[int] = []
        self.slots: tuple[int, ...] = ()

    def _deeper(self) -> list[_Node]:
        return [node for node in self.next.values() if node.next]

    # Without recursion: an answer to be weighed may have thousands of tokens.

    def branches(self) -> int:
        """How many sequences it takes to hold all paths of this tree."""
        found, todo = 0, [self]
        while todo:
            deeper = todo.pop()._deeper()
            todo += deeper
            found += not deeper
        return found

    def evaluated(self) -> int:
        """How many tokens below this one have to be evaluated."""
        found, todo = 0, [self]
        while todo:
            deeper = todo.pop()._deeper()
            todo += deeper
            found += len(deeper)
        return found

    def place(self, slots: tuple[int, ...]) -> None:
        """Divide sequences among the paths."""
        todo = [(self, slots)]
        while todo:
            node, given = todo.pop()
            node.slots = given
            deeper = node._deeper()
            start = 0
            for below in deeper:
                count = below.branches() if len(deeper) > 1 else len(given)
                todo.append((below, given[start : start + count]))
                start += count


class _Waiting:
    """A request with its tokens; ``openings`` lists the denials first, then the affirmations, or the answers."""

    def __init__(self, request: Score | Weigh, prompt: list[int], openings: list[list[int]]) -> None:
        self.request = request
        self.prompt = prompt
        if isinstance(request, Score) and request.cut:
            sides = openings[: len(request.denials)], openings[len(request.denials) :]
            openings = [*_cut(sides[0], sides[1]), *_cut(sides[1], sides[0])]
        self.openings = openings
        self.likelihoods = [0.0] * len(openings)
        self.root = _Node()
        self.stem: Stem | None = None
        for number, opening in enumerate(openings):
            node = self.root
            for token in opening:
                below = node.next.get(token)
                if below is None:
                    below = node.next[token] = _Node()
                node = below
                node.through.append(number)
        self.branches = self.root.branches()
        self.cells = len(prompt) + self.root.evaluated()


def _cut(own: list[list[int]], other: list[list[int]]) -> list[list[int]]:
    """Cut each opening of one side after the token by which its side is known."""
    return [
        opening[: 1 + max((common(opening, one) for one in other if one[:1] == opening[:1]), default=0)]
        for opening in own
    ]


class Scorer:
    """Scores requests a group at a time: all prompts and openings in one evaluation, no token of them twice.

    ``prefix``: the shared beginnings, None to score each request alone and whole; ``slots``: the sequences it may
    use; ``batch``: tokens a step; ``at_work`` is told what is evaluated next, before it is.
    """

    def __init__(
        self,
        model: Model,
        template: ChatTemplate,
        prefix: PrefixTree | None,
        *,
        slots: range,
        batch: int,
        report: Callable[[Report], None],
        at_work: Callable[[list[str]], None] = lambda ids: None,
    ) -> None:
        self._model = model
        self._template = template
        self._prefix = prefix
        self._slots = slots
        self._batch = batch
        self._report = report
        self._at_work = at_work
        self._waiting: deque[_Waiting] = deque()
        # Openings come again: with each wording about a subject, or, where they name none, with each probe.
        self._tokens_of = lru_cache(KNOWN_OPENINGS)(lambda text: tuple(model.tokenize(text, prompt=False)))

    @property
    def idle(self) -> bool:
        return not self._waiting

    @property
    def watched(self) -> bool:
        """Nobody watches a margin."""
        return False

    @property
    def short(self) -> bool:
        """Whether a group would stay smaller than it may be for want of requests."""
        return len(self._waiting) < len(self._slots)

    def ask(self, requests: Sequence[Score | Weigh]) -> None:
        """Put requests in line; one that cannot be scored at all fails at once."""
        fresh = []
        for number, request in enumerate(requests):
            if number % PREPARED == 0:
                self._at_work([one.id for one in requests[number : number + PREPARED]])
            try:
                prompt = self._model.tokenize(self._template.render(request.turns))
                openings = self._openings(request, prompt)
            except ModelError as fault:
                self._report(Failed(request.id, str(fault)))
                continue
            waiting = _Waiting(request, prompt, openings)
            if not prompt or not openings or not all(openings):
                self._report(Failed(request.id, "the prompt or an opening is empty"))
            elif self._need(waiting) > self._model.cells or waiting.branches > len(self._slots):
                self._report(
                    Failed(
                        request.id, f"the prompt is too long for the context of {self._model.cells} tokens"
                    )
                )
            else:
                fresh.append(waiting)
        if self._prefix is not None and len(fresh) > 1:
            self._prefix.plan([waiting.prompt for waiting in fresh])
        self._waiting += fresh

    def _need(self, one: _Waiting) -> int:
        """The cells that a request takes: where no token can belong to two sequences, each path has the prompt."""
        if self._model.couples:
            return one.cells
        return one.branches * (len(one.prompt) + max(map(len, one.openings)))

    def _openings(self, request: Score | Weigh, prompt: list[int]) -> list[list[int]]:
        if isinstance(request, Score):
            if not request.denials or not request.affirmations:
                return []
            texts = (*request.denials, *request.affirmations)
            return [list(self._tokens_of(text)) for text in texts]
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
        wanted = None if ids is None else set(ids)
        kept: deque[_Waiting] = deque()
        for waiting in self._waiting:
            if wanted is None or waiting.request.id in wanted:
                self._report(Failed(waiting.request.id, "stopped", stopped=True))
            else:
                kept.append(waiting)
        self._waiting = kept

    def step(self) -> None:
        """Score one group; nothing of it stays in the context."""
        group = self._next_group()
        self._at_work([one.request.id for one in group])
        status = self._evaluate(group)
        for one in group:
            for slot in one.root.slots:
                self._model.forget(slot)
            if self._prefix is not None:
                self._prefix.give_back(one.stem)
            one.stem = None
        if status == STOPPED:
            # In the middle of a step: a cancel is on its way, else the group is scored again.
            self._waiting.extendleft(reversed(group))
            return
        if status:
            for one in group:
                self._report(Failed(one.request.id, f"llama.cpp could not evaluate it (llama_decode: {status})"))
            return
        for one in group:
            self._report(_scored(one))

    def _next_group(self) -> list[_Waiting]:
        """Take as many requests as one evaluation holds, and lend them their beginnings."""
        prefix = self._prefix
        group: list[_Waiting] = []
        used = tokens = promised = 0
        while self._waiting:
            one = self._waiting[0]
            stem = prefix.find(one.prompt) if prefix is not None else None
            own = self._need(one) - (len(stem) if stem is not None and self._model.couples else 0)
            extra = prefix.missing(stem) if prefix is not None else 0
            left = self._model.cells - promised - (prefix.cells if prefix is not None else 0)
            if group and (
                prefix is None
                or own + extra > left
                or used + one.branches > len(self._slots)
                or tokens + own > self._batch
            ):
                break
            if own + extra > left:
                # Alone and still too long beside what is shared.
                if prefix is not None:
                    prefix.drop()
                stem, own = None, self._need(one)
            slots = tuple(self._slots[used : used + one.branches])
            if prefix is not None and stem is not None:
                lent = prefix.lend(stem, slots)
                own += len(stem) - (len(lent) if lent is not None else 0)
                stem = lent
            one.stem = stem
            one.root.place(slots)
            used += one.branches
            tokens += own
            promised += own
            group.append(self._waiting.popleft())
        return group

    def _evaluate(self, group: list[_Waiting]) -> int:
        step = _Step(self._model, self._batch)
        for one in group:
            one.likelihoods = [0.0] * len(one.openings)
            shared = len(one.stem) if one.stem is not None else 0
            paths = [one.root.slots] if self._model.couples else [(slot,) for slot in one.root.slots]
            for slots in paths:
                step.read(one.prompt[shared:-1], shared, slots)
                asked = one.root if slots[0] == one.root.slots[0] else None
                step.add(one.prompt[-1], len(one.prompt) - 1, slots, asked, one)
            todo = [(one.root, len(one.prompt))]
            while todo:
                node, position = todo.pop()
                for token, below in node.next.items():
                    if not below.next:
                        continue
                    if self._model.couples:
                        step.add(token, position, below.slots, below, one)
                    else:
                        for slot in below.slots:
                            asked = below if slot == below.slots[0] else None
                            step.add(token, position, (slot,), asked, one)
                    todo.append((below, position + 1))
        return step.finish()


class _Step:
    """Tokens gathered for evaluation, cut into batches; what each wants to know of the next token is added up."""

    def __init__(self, model: Model, batch: int) -> None:
        self._model = model
        self._batch = batch
        self._status = 0
        self._clear()

    def _clear(self) -> None:
        self._tokens: list[int] = []
        self._positions: list[int] = []
        self._slots: list[tuple[int, ...]] = []
        self._asked: list[tuple[_Node, _Waiting] | None] = []
        self._rows = 0

    def read(self, tokens: list[int], position: int, slots: tuple[int, ...]) -> None:
        """Evaluate tokens that follow each other; nothing is asked of them."""
        while tokens and not self._status:
            part = tokens[: self._batch - len(self._tokens)]
            self._tokens += part
            self._positions += range(position, position + len(part))
            self._slots += [slots] * len(part)
            self._asked += [None] * len(part)
            tokens, position = tokens[len(part) :], position + len(part)
            if len(self._tokens) == self._batch:
                self.finish()

    def add(
        self, token: int, position: int, slots: tuple[int, ...], node: _Node | None, one: _Waiting
    ) -> None:
        """Evaluate a token in some slots; ``node``: how likely are the tokens that go on from it?"""
        self._tokens.append(token)
        self._positions.append(position)
        self._slots.append(slots)
        self._asked.append((node, one) if node is not None else None)
        self._rows += node is not None
        if len(self._tokens) == self._batch or self._rows * self._model.vocabulary >= MOST_LOGITS:
            self.finish()

    def finish(self) -> int:
        """Evaluate what is left; the status of `llama_decode`, 0 when all batches were evaluated."""
        if not self._tokens or self._status:
            return self._status
        wanted = [asked is not None for asked in self._asked]
        self._status = self._model.decode(self._tokens, self._positions, self._slots, wanted)
        if not self._status and self._rows:
            logits = self._model.logits(self._rows)
            totals = _log_sums(logits)
            for row, total, (node, one) in zip(logits, totals, filter(None, self._asked), strict=True):
                for token, below in node.next.items():
                    likelihood = row.item(token) - total
                    for number in below.through:
                        one.likelihoods[number] += likelihood
        self._clear()
        return self._status


def _log_sums(logits: np.ndarray) -> list[float]:
    """The logarithm of the sum of each row's exponentials; so many rows at once as a processor's cache holds."""
    rows = max(1, CACHED // logits.shape[1])
    sums: list[float] = []
    for start in range(0, len(logits), rows):
        part = logits[start : start + rows]
        top = part.max(axis=1)
        sums += (top + np.log(np.exp(part - top[:, None]).sum(axis=1))).tolist()
    return sums


def _scored(one: _Waiting) -> Scored | Weighed:
    if isinstance(one.request, Weigh):
        return Weighed(one.request.id, tuple(one.likelihoods), tuple(map(len, one.openings)))
    denials = len(one.request.denials)
    return Scored(
        one.request.id,
        denial=_side(one.openings[:denials], one.likelihoods[:denials]),
        affirmation=_side(one.openings[denials:], one.likelihoods[denials:]),
        prompt_tokens=len(one.prompt),
        tokens=sum(map(len, one.openings)),
    )


def _side(openings: list[list[int]], likelihoods: list[float]) -> float:
    """How likely any of these openings is; one that only goes on from another is a part of it already."""
    whole: dict[tuple[int, ...], int] = {}
    for number, opening in enumerate(openings):
        whole.setdefault(tuple(opening), number)
    counted = [
        number
        for opening, number in whole.items()
        if not any(opening[:length] in whole for length in range(1, len(opening)))
    ]
    return float(np.logaddexp.reduce([likelihoods[number] for number in counted]))
