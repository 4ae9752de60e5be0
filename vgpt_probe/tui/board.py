"""A run as the screens hold it: verdicts in compact form, counts by group, and the way through the stages."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Hashable, Iterable
from functools import cached_property

from vgpt_probe.probes import Probe
from vgpt_probe.runs.records import FLAGGED, VERDICTS, Answer, Run
from vgpt_probe.runs.store import Store
from vgpt_probe.runs.summary import Tally, lineage
from vgpt_probe.runs.verdicts import Cell, read_cells

_CODES = {name: code for code, name in enumerate(VERDICTS, start=1)}
_NAMES: dict[int, str | None] = {0: None, **{code: name for name, code in _CODES.items()}}
_REVIEWS = (None, "confirmed", "dismissed", "overridden")
_UNSEEN, _DISMISSED = _REVIEWS.index(None), _REVIEWS.index("dismissed")
_CORRECT, _UNCLEAR, _ERROR = _CODES["correct"], _CODES["unclear"], _CODES["error"]
_FLAGGED_CODES = frozenset(_CODES[name] for name in FLAGGED)
_TO_REVIEW_CODES = _FLAGGED_CODES | {_UNCLEAR}
_DENIAL_CODES = frozenset({_CODES["false_rejection"]})


class Groups:
    """Cases gathered under a name, and each model's counts in each group, kept up to date answer by answer.

    ``of``: the group's number of each position; ``wrong`` and ``answered``: by model, then by group's number.
    """

    def __init__(
        self, keys: list[Hashable], models: Iterable[str], counted: frozenset[int] = _FLAGGED_CODES
    ) -> None:
        self.names: list[Hashable] = list(dict.fromkeys(keys))
        number = {name: at for at, name in enumerate(self.names)}
        self.of = array("l", (number[key] for key in keys))
        self.sizes = _zeros(len(self.names))
        for group in self.of:
            self.sizes[group] += 1
        self.wrong = {model: _zeros(len(self.names)) for model in models}
        self.answered = {model: _zeros(len(self.names)) for model in models}
        self._counted = counted

    def add(self, model: str, position: int, code: int, times: int = 1) -> None:
        """Count a verdict; ``times=-1`` takes one back."""
        if code == 0 or code == _ERROR:
            return
        self._count(model, self.of[position], code, times)

    def fill(self, model: str, codes: bytearray) -> None:
        """Count a model's verdicts of all positions."""
        for (group, code), times in Counter(zip(self.of, codes, strict=True)).items():
            if code not in (0, _ERROR):
                self._count(model, group, code, times)

    def _count(self, model: str, group: int, code: int, times: int) -> None:
        self.answered[model][group] += times
        if code in self._counted:
            self.wrong[model][group] += times


class Board:
    """A run in memory without its texts: two bytes a cell, so that 50,000 probes × 6 models stay small.

    ``models`` stand in the order of their stages; ``parents``: for each model the one whose stage it was trained from.
    """

    def __init__(self, run: Run, probes: list[Probe], answers: Iterable[Answer] = ()) -> None:
        self.run = run
        self.probes = probes
        self.models = _in_stage_order(run)
        self.parents = _parents(run, self.models)
        self.tallies = {model: Tally() for model in self.models}
        self.by_subject = Groups([probe.subject for probe in probes], self.models)
        self.by_wording = Groups([probe.wording for probe in probes], self.models)
        self.by_field = Groups(
            [(probe.module, probe.wording) if probe.real else None for probe in probes],
            self.models,
            _DENIAL_CODES,
        )
        self.changes = 0
        self.seen = 0
        self._verdicts = {model: bytearray(len(probes)) for model in self.models}
        self._reviews = {model: bytearray(len(probes)) for model in self.models}
        self._margins: dict[str, array[float]] = {}
        self._flagged = bytearray(len(probes))
        self._spread = bytearray(len(probes))
        self._flags = 0
        self._line = [model for stage in lineage(run.snapshot) if (model := _of_stage(run, stage))]
        for answer in answers:
            self.put(answer)

    @classmethod
    def load(cls, store: Store, run: Run) -> Board:
        """Read a run from the store."""
        board = cls(run, store.probes(run.id))
        _, board.seen = store.answers_since(run.id, 2**62)
        board._fill(read_cells(store, run))
        return board

    def _fill(self, cells: Iterable[Cell]) -> None:
        """Take in the cells of an empty board and count them all at once: a million in two seconds."""
        for position, model, verdict, review, margin in cells:
            codes = self._verdicts.get(model)
            if codes is None:
                continue
            codes[position] = _CODES[verdict]
            if review is not None:
                self._reviews[model][position] = _REVIEWS.index(review)
            if margin is not None:
                self._note_margin(model, position, margin)
            self.changes += 1
        real = [probe.real for probe in self.probes]
        for model, codes in self._verdicts.items():
            for (is_real, code), count in Counter(zip(real, codes, strict=True)).items():
                if code:
                    self.tallies[model].add(is_real, VERDICTS[code - 1], count)
            for groups in (self.by_subject, self.by_wording, self.by_field):
                groups.fill(model, codes)
        for position in range(len(self.probes)):
            self._note_row(position)

    def put(self, answer: Answer) -> None:
        """Take in an answer, or a new review of one."""
        self._set(Cell(answer.position, answer.model, answer.final, answer.review, answer.margin))
        self._note_row(answer.position)

    def _set(self, cell: Cell) -> None:
        codes = self._verdicts.get(cell.model)
        if codes is None:
            return
        position, model, real = cell.position, cell.model, self.probes[cell.position].real
        tally, before, now = self.tallies[model], codes[position], _CODES[cell.verdict]
        if before:
            tally.add(real, VERDICTS[before - 1], -1)
        tally.add(real, cell.verdict)
        for groups in (self.by_subject, self.by_wording, self.by_field):
            groups.add(model, position, before, -1)
            groups.add(model, position, now)
        codes[position] = now
        self._reviews[model][position] = _REVIEWS.index(cell.review)
        if cell.margin is not None:
            self._note_margin(model, position, cell.margin)
        self.changes += 1

    def _note_margin(self, model: str, position: int, margin: float) -> None:
        if model not in self._margins:
            self._margins[model] = array("d", [math.nan]) * len(self.probes)
        self._margins[model][position] = margin

    def _note_row(self, position: int) -> None:
        codes = {codes[position] for codes in self._verdicts.values()}
        flagged = not codes.isdisjoint(_TO_REVIEW_CODES) and any(
            (code in _FLAGGED_CODES and self._reviews[model][position] != _DISMISSED)
            or (code == _UNCLEAR and self._reviews[model][position] == _UNSEEN)
            for model, verdicts in self._verdicts.items()
            for code in (verdicts[position],)
        )
        self._flags += flagged - self._flagged[position]
        self._flagged[position] = flagged
        self._spread[position] = len(codes - {0})

    # ── one case ──

    def verdict(self, model: str, position: int) -> str | None:
        """The verdict that counts, None while the probe is unanswered."""
        return _NAMES[self._verdicts[model][position]]

    def review(self, model: str, position: int) -> str | None:
        """A person's word on an answer."""
        return _REVIEWS[self._reviews[model][position]]

    def flagged(self, position: int) -> bool:
        """Whether any answer there needs a person: it is wrong, or unclear and not yet looked at."""
        return bool(self._flagged[position])

    def spread(self, position: int) -> int:
        """How many different verdicts the models got."""
        return self._spread[position]

    def margin(self, position: int) -> float | None:
        """The highest denial margin of any model, in nats; None where none was scored."""
        known = [one[position] for one in self._margins.values() if not math.isnan(one[position])]
        return max(known) if known else None

    def keys(self, order: str) -> array[float]:
        """What cases are ordered by, least first: the denial margin, disagreement or module of every position at once."""
        if order == "margin":
            known = ([value for value in row if value == value] for row in zip(*self._margins.values(), strict=True))
            found = array("d", (-max(row) if row else math.inf for row in known))
            return found or array("d", [math.inf]) * len(self.probes)
        if order == "disagreement":
            return array("d", (-float(spread) for spread in self._spread))
        places = self.module_order
        return array("d", (float(places[probe.module]) for probe in self.probes))

    @property
    def scored(self) -> bool:
        """Whether the run holds any denial margin."""
        return bool(self._margins)

    def turn(self, model: str, position: int) -> str | None:
        """``introduced`` or ``mended`` where a verdict turned from the stage before to this model's, else None."""
        parent = self.parents[model]
        if parent is None:
            return None
        was, now = self._verdicts[parent][position], self._verdicts[model][position]
        if was == _CORRECT and now in _FLAGGED_CODES:
            return "introduced"
        return "mended" if was in _FLAGGED_CODES and now == _CORRECT else None

    def since(self, position: int) -> str | None:
        """The stage since which a case is wrong without a break, as ``runs.summary.since`` has it."""
        found: str | None = None
        for model in self._line:
            code = self._verdicts[model][position]
            if not code:
                continue
            if code not in _FLAGGED_CODES or self._reviews[model][position] == _DISMISSED:
                break
            found = self.stages[model]
        return found

    def since_stages(self) -> dict[str, tuple[int, int]]:
        """Each stage since which a case is wrong, with the numbers of cases and of their subjects, in the stages' order."""
        found: dict[str, list[int]] = {}
        for position in range(len(self.probes)):
            stage = self.since(position)
            if stage is not None:
                found.setdefault(stage, []).append(position)
        order = [self.stages[model] for model in self.models]
        return {
            stage: (len(found[stage]), len({self.probes[position].subject for position in found[stage]}))
            for stage in dict.fromkeys(order)
            if stage in found
        }

    # ── the whole run ──

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
    def owes(self) -> bool:
        """Whether a resume would ask anything: no other process does, and an answer is missing or has failed."""
        return not self.run.asked_by and bool(self.errors or not self.complete)

    @property
    def errors(self) -> int:
        """How many questions failed; a resume asks them once more."""
        return sum(tally["error"] for tally in self.tallies.values())

    @cached_property
    def stages(self) -> dict[str, str]:
        """The stage of each model."""
        return {model.name: model.stage for model in self.run.snapshot.models}

    @cached_property
    def haystacks(self) -> list[str]:
        """What a search looks through, folded: subject, question, wording and module of each probe."""
        return [
            f"{probe.subject}\n{probe.question}\n{probe.wording}\n{probe.module}".casefold()
            for probe in self.probes
        ]

    @cached_property
    def widths(self) -> tuple[int, int]:
        """The longest subject and the longest wording."""
        subjects = max((len(str(name)) for name in self.by_subject.names), default=8)
        return subjects, max((len(str(name)) for name in self.by_wording.names), default=7)

    @cached_property
    def module_order(self) -> dict[str, int]:
        """The modules' places in alphabetical order."""
        return {name: at for at, name in enumerate(sorted({probe.module for probe in self.probes}))}

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


class Baseline:
    """An earlier run that a board is held against: what became of each probe that both asked the same model."""

    def __init__(self, board: Board, earlier: Board) -> None:
        self.run = earlier.run
        self._board = board
        self._earlier = earlier
        known = {probe.id: position for position, probe in enumerate(earlier.probes)}
        self._place = [known.get(probe.id) for probe in board.probes]
        self._models = frozenset(board.models) & frozenset(earlier.models)

    def before(self, model: str, position: int) -> str | None:
        """The verdict of the earlier run, None where it has none."""
        place = self._place[position]
        return None if place is None or model not in self._models else self._earlier.verdict(model, place)

    def change(self, model: str, position: int) -> str | None:
        """``fixed``, ``regressed``, ``changed`` (from one fault to another), ``unchanged``, or None: not in both."""
        was, now = self.before(model, position), self._board.verdict(model, position)
        if was is None or now is None:
            return None
        if was == now:
            return "unchanged"
        return "fixed" if now == "correct" else "regressed" if was == "correct" else "changed"

    def has(self, position: int, change: str) -> bool:
        """Whether a case changed in that way for any model; ``any`` for whatever way."""
        found = {self.change(model, position) for model in self._models}
        return bool(found - {"unchanged", None}) if change == "any" else change in found

    def counts(self) -> Counter[str]:
        """How many answers were fixed, regressed, changed, unchanged."""
        return Counter(
            change
            for position in range(len(self._board.probes))
            for model in self._models
            if (change := self.change(model, position)) is not None
        )


def _zeros(count: int) -> array[int]:
    return array("l", [0]) * count


def _in_stage_order(run: Run) -> list[str]:
    order = {stage: at for at, stage in enumerate(run.snapshot.stages)}
    models = sorted(run.snapshot.models, key=lambda model: order.get(model.stage, len(order)))
    return [model.name for model in models]


def _of_stage(run: Run, stage: str) -> str | None:
    return next((model.name for model in run.snapshot.models if model.stage == stage), None)


def _parents(run: Run, models: list[str]) -> dict[str, str | None]:
    """For each model the first one of the nearest earlier stage that took part."""
    stages = {model.name: model.stage for model in run.snapshot.models}
    found: dict[str, str | None] = {}
    for at, model in enumerate(models):
        stage, parent = stages[model], None
        if run.snapshot.parents:
            seen = set()
            while parent is None and stage in run.snapshot.parents and stage not in seen:
                seen.add(stage)
                stage = run.snapshot.parents[stage]
                parent = _of_stage(run, stage)
        else:
            parent = next((one for one in reversed(models[:at]) if stages[one] != stage), None)
        found[model] = parent
    return found
