"""What the battery screen shows of a run: verdicts in compact form, counts, filters, pace."""

from __future__ import annotations

import bisect
from collections import Counter, deque
from collections.abc import Iterable

import msgspec

from vgpt_probe.probes import Probe
from vgpt_probe.runs.records import FLAGGED, VERDICTS, Answer, Run
from vgpt_probe.runs.store import Store
from vgpt_probe.runs.summary import Tally

_CODES = {name: code for code, name in enumerate(VERDICTS, start=1)}
_NAMES: dict[int, str | None] = {0: None, **{code: name for name, code in _CODES.items()}}
_REVIEWS = (None, "confirmed", "dismissed", "overridden")
_DISMISSED = _REVIEWS.index("dismissed")
_FLAGGED_CODES = frozenset(_CODES[name] for name in FLAGGED)

#: Seconds over which the pace is measured.
WINDOW = 10.0


class Filter(msgspec.Struct, frozen=True):
    """Which cases are shown; all conditions must hold."""

    flagged: bool = False
    differs: bool = False
    module: str | None = None
    wording: str | None = None
    text: str = ""

    def __bool__(self) -> bool:
        return self != Filter()


class Board:
    """A run in memory without its texts: two bytes a cell, so that 50,000 probes × 6 models stay small."""

    def __init__(self, run: Run, probes: list[Probe], answers: Iterable[Answer] = ()) -> None:
        self.run = run
        self.probes = probes
        self.models = list(run.models)
        self.tallies = {model: Tally() for model in self.models}
        self._verdicts = {model: bytearray(len(probes)) for model in self.models}
        self._reviews = {model: bytearray(len(probes)) for model in self.models}
        self._flagged = bytearray(len(probes))
        self._differs = bytearray(len(probes))
        self._flags = 0
        for answer in answers:
            self.put(answer)

    @classmethod
    def load(cls, store: Store, run: Run) -> Board:
        """Read a run from the store."""
        return cls(run, store.probes(run.id), store.answers(run.id))

    def put(self, answer: Answer) -> None:
        """Take in an answer, or a new review of one."""
        if answer.model not in self._verdicts:
            return
        position, real = answer.position, self.probes[answer.position].real
        codes, tally = self._verdicts[answer.model], self.tallies[answer.model]
        if (before := _NAMES[codes[position]]) is not None:
            tally.add(real, before, -1)
        tally.add(real, answer.final)
        codes[position] = _CODES[answer.final]
        self._reviews[answer.model][position] = _REVIEWS.index(answer.review)
        self._note_row(position)

    def _note_row(self, position: int) -> None:
        codes = [self._verdicts[model][position] for model in self.models]
        flagged = any(
            code in _FLAGGED_CODES and self._reviews[model][position] != _DISMISSED
            for model, code in zip(self.models, codes, strict=True)
        )
        self._flags += flagged - self._flagged[position]
        self._flagged[position] = flagged
        self._differs[position] = len({code for code in codes if code}) > 1

    def verdict(self, model: str, position: int) -> str | None:
        """The verdict that counts, None while the probe is unanswered."""
        return _NAMES[self._verdicts[model][position]]

    def review(self, model: str, position: int) -> str | None:
        """A person's word on an answer."""
        return _REVIEWS[self._reviews[model][position]]

    def flagged(self, position: int) -> bool:
        return bool(self._flagged[position])

    @property
    def findings(self) -> int:
        """How many cases are flagged."""
        return self._flags

    def answered(self, model: str) -> int:
        return self.tallies[model].probes

    @property
    def answers(self) -> int:
        return sum(tally.probes for tally in self.tallies.values())

    @property
    def total(self) -> int:
        return len(self.probes) * len(self.models)

    @property
    def complete(self) -> bool:
        return self.answers == self.total

    @property
    def stages(self) -> dict[str, str]:
        """The stage of each model."""
        return {model.name: model.stage for model in self.run.snapshot.models}

    def modules(self) -> dict[str, tuple[int, int]]:
        """Each module with its numbers of probes and of flagged ones, in alphabetical order."""
        return self._groups("module")

    def wordings(self) -> dict[str, tuple[int, int]]:
        """Each wording with its numbers of probes and of flagged ones, in the battery's order."""
        return self._groups("wording", in_order=True)

    def _groups(self, field: str, *, in_order: bool = False) -> dict[str, tuple[int, int]]:
        sizes: Counter[str] = Counter()
        flags: Counter[str] = Counter()
        for position, probe in enumerate(self.probes):
            name = getattr(probe, field)
            sizes[name] += 1
            flags[name] += self._flagged[position]
        names = list(sizes) if in_order else sorted(sizes)
        return {name: (sizes[name], flags[name]) for name in names}

    def matches(self, position: int, chosen: Filter) -> bool:
        """Whether a filter lets a case through."""
        if chosen.flagged and not self._flagged[position]:
            return False
        if chosen.differs and not self._differs[position]:
            return False
        probe = self.probes[position]
        if chosen.module is not None and probe.module != chosen.module:
            return False
        if chosen.wording is not None and probe.wording != chosen.wording:
            return False
        return not chosen.text or chosen.text.casefold() in f"{probe.subject} {probe.question}".casefold()


class Rows:
    """The positions that a filter lets through, in asking order, kept up to date as answers arrive."""

    def __init__(self, board: Board, chosen: Filter) -> None:
        self.board = board
        self.filter = chosen
        self.positions = [
            position for position in range(len(board.probes)) if board.matches(position, chosen)
        ]

    def __len__(self) -> int:
        return len(self.positions)

    def index(self, position: int) -> int | None:
        """The row of a position, None when the filter hides it."""
        row = bisect.bisect_left(self.positions, position)
        return row if row < len(self.positions) and self.positions[row] == position else None

    def nearest(self, position: int) -> int:
        """The row of a position, or of the next one that is shown."""
        return max(0, min(bisect.bisect_left(self.positions, position), len(self.positions) - 1))

    def update(self, changed: Iterable[int]) -> int | None:
        """Put changed cases in or out; return the topmost row that came or went, None when none did."""
        top: int | None = None
        for position in set(changed):
            row = self.index(position)
            if self.board.matches(position, self.filter) == (row is not None):
                continue
            if row is None:
                row = bisect.bisect_left(self.positions, position)
                self.positions.insert(row, position)
            else:
                del self.positions[row]
            top = row if top is None else min(top, row)
        return top


class Pace:
    """How fast answers come in, measured over the last ``WINDOW`` seconds."""

    def __init__(self) -> None:
        self._times: deque[tuple[float, int]] = deque()
        self._began: float | None = None

    def add(self, count: int, now: float) -> None:
        if self._began is None:
            self._began = now
        self._times.append((now, count))

    def rate(self, now: float) -> float | None:
        """Answers a second, None while there is too little to tell."""
        while self._times and now - self._times[0][0] > WINDOW:
            self._times.popleft()
        if self._began is None or not self._times:
            return None
        spent = min(WINDOW, now - self._began)
        return sum(count for _, count in self._times) / spent if spent >= 0.5 else None
