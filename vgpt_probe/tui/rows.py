"""Which cases the matrix shows, in which order, under which headings; kept up to date as answers arrive."""

from __future__ import annotations

import bisect
import math
from array import array
from collections.abc import Iterable
from typing import Literal

import msgspec

from vgpt_probe.tui.board import Baseline, Board, Groups

Order = Literal["asked", "margin", "disagreement", "module"]
Grouped = Literal["none", "subject", "wording"]
ORDERS: tuple[Order, ...] = ("asked", "margin", "disagreement", "module")
GROUPS: tuple[Grouped, ...] = ("none", "subject", "wording")

#: A row of the matrix: group, 0 for a heading and 1 for a case, its place in the order, its position (-1: heading).
Entry = tuple[int, int, float, int]


class Filter(msgspec.Struct, frozen=True):
    """Which cases are shown; all conditions must hold. ``change`` is against the baseline, ``since`` names a stage."""

    flagged: bool = False
    differs: bool = False
    module: str | None = None
    wording: str | None = None
    text: str = ""
    change: str | None = None
    since: str | None = None

    def __bool__(self) -> bool:
        return self != Filter()


class View(msgspec.Struct, frozen=True):
    """How the cases that a filter lets through are laid out."""

    order: Order = "asked"
    grouped: Grouped = "none"


class Rows:
    """The rows that a filter lets through; a row is a case or a group's heading.

    ``folded``: the numbers of groups whose cases are hidden.
    """

    def __init__(
        self,
        board: Board,
        chosen: Filter,
        view: View = View(),  # noqa: B008
        *,
        baseline: Baseline | None = None,
        folded: Iterable[int] = (),
    ) -> None:
        self.board = board
        self.filter = chosen
        self.view = view
        self.baseline = baseline
        self.folded = set(folded) if view.grouped != "none" else set()
        self.groups: Groups | None = {
            "none": None,
            "subject": board.by_subject,
            "wording": board.by_wording,
        }[view.grouped]
        self._words = chosen.text.casefold().split()
        count = len(board.probes)
        self._in = bytearray(count)
        asked = view.order == "asked"
        self._keys = array("d", bytes(8 * count)) if asked else board.keys(view.order)
        self._ranks = self._rank_groups()
        self._members = [0] * (len(self.groups.names) if self.groups else 1)
        self.entries: list[Entry] = []
        self._build()

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def positions(self) -> list[int]:
        """The positions of the cases that are shown, from top to bottom."""
        return [entry[3] for entry in self.entries if entry[1]]

    @property
    def cases(self) -> int:
        """How many cases the filter lets through, folded ones included."""
        return sum(self._members)

    def position(self, row: int) -> int | None:
        """The case of a row, None for a heading."""
        entry = self.entries[row]
        return entry[3] if entry[1] else None

    def group(self, row: int) -> int:
        """The number of the group that a row belongs to."""
        return self._number(self.entries[row][0])

    def index(self, position: int) -> int | None:
        """The row of a position, None when it is hidden."""
        entry = self._entry(position)
        row = bisect.bisect_left(self.entries, entry)
        return row if row < len(self.entries) and self.entries[row] == entry else None

    def nearest(self, position: int) -> int:
        """The row of a position, or of the next one that is shown."""
        row = bisect.bisect_left(self.entries, self._entry(position))
        return max(0, min(row, len(self.entries) - 1))

    def heading(self, group: int) -> int | None:
        """The row of a group's heading."""
        entry = (self._ranks[group], 0, 0.0, -1)
        row = bisect.bisect_left(self.entries, entry)
        return row if row < len(self.entries) and self.entries[row] == entry else None

    def members(self, group: int) -> int:
        """How many cases of a group the filter lets through."""
        return self._members[group]

    def fold(self, groups: Iterable[int]) -> None:
        """Hide or show the cases of these groups."""
        self.folded ^= set(groups)
        self._build()

    def update(self, changed: Iterable[int]) -> int | None:
        """Put changed cases in, out or elsewhere; return the topmost row that came or went, None when none did."""
        top: int | None = None
        for position in set(changed):
            for row in self._move(position):
                top = row if top is None else min(top, row)
        return top

    # ── keeping the rows sorted ──

    def _move(self, position: int) -> list[int]:
        before, matched = self._entry(position), self._in[position]
        self._keys[position] = self._key(position)
        matches = self._matches(position)
        if matches == matched and before == self._entry(position):
            return []
        rows: list[int] = []
        if matched:
            rows += self._take(position, before)
        if matches:
            rows += self._insert(position)
        return rows

    def _take(self, position: int, entry: Entry) -> list[int]:
        group = self._group_of(position)
        self._in[position] = 0
        self._members[group] -= 1
        rows = []
        row = bisect.bisect_left(self.entries, entry)
        if row < len(self.entries) and self.entries[row] == entry:
            del self.entries[row]
            rows.append(row)
        if self.groups is not None and not self._members[group]:
            head = self.heading(group)
            if head is not None:
                del self.entries[head]
                rows.append(head)
        return rows

    def _insert(self, position: int) -> list[int]:
        group = self._group_of(position)
        self._in[position] = 1
        self._members[group] += 1
        rows = []
        if self.groups is not None and self._members[group] == 1:
            rows.append(self._put((self._ranks[group], 0, 0.0, -1)))
        if group not in self.folded:
            rows.append(self._put(self._entry(position)))
        return rows

    def _put(self, entry: Entry) -> int:
        row = bisect.bisect_left(self.entries, entry)
        self.entries.insert(row, entry)
        return row

    def _build(self) -> None:
        shown = self._sift()
        self._in = bytearray(len(self.board.probes))
        for position in shown:
            self._in[position] = 1
        self._members = [0] * len(self._members)
        if self.groups is None:
            self._members[0] = len(shown)
        else:
            of = self.groups.of
            for position in shown:
                self._members[of[position]] += 1
            if self.folded:
                shown = [position for position in shown if of[position] not in self.folded]
        if self.groups is None and self.view.order == "asked":
            self.entries = [(0, 1, 0.0, position) for position in shown]
            return
        self.entries = [self._entry(position) for position in shown]
        if self.groups is not None:
            self.entries += [
                (self._ranks[group], 0, 0.0, -1) for group, size in enumerate(self._members) if size
            ]
        self.entries.sort()

    def _sift(self) -> list[int]:
        """As ``_matches`` for every position, the cheap conditions first: a search runs at each letter typed."""
        board, chosen = self.board, self.filter
        shown: Iterable[int] = range(len(board.probes))
        if chosen.flagged:
            shown = [position for position in shown if board.flagged(position)]
        if self._words:
            haystacks = board.haystacks
            for word in self._words:
                shown = [position for position in shown if word in haystacks[position]]
        if chosen == Filter(flagged=chosen.flagged, text=chosen.text):
            return list(shown)
        return [position for position in shown if self._matches(position)]

    def _entry(self, position: int) -> Entry:
        rank = self._ranks[self.groups.of[position]] if self.groups is not None else 0
        return (rank, 1, self._keys[position], position)

    def _group_of(self, position: int) -> int:
        return self.groups.of[position] if self.groups is not None else 0

    def _number(self, rank: int) -> int:
        return self._by_rank[rank]

    def _key(self, position: int) -> float:
        board = self.board
        if self.view.order == "margin":
            margin = board.margin(position)
            return math.inf if margin is None else -margin
        if self.view.order == "disagreement":
            return -float(board.spread(position))
        if self.view.order == "module":
            return float(board.module_order[board.probes[position].module])
        return 0.0

    def _rank_groups(self) -> array[int]:
        """The groups' places, worst first: what the order puts first in any of their cases puts the group first."""
        self._by_rank: list[int] = [0]
        if self.groups is None:
            return array("l", [0])
        best = [math.inf] * len(self.groups.names)
        for position, key in enumerate(self._keys):
            group = self.groups.of[position]
            best[group] = min(best[group], key)
        self._by_rank = sorted(range(len(best)), key=lambda group: (best[group], group))
        ranks = array("l", [0]) * len(best)
        for rank, group in enumerate(self._by_rank):
            ranks[group] = rank
        return ranks

    def _matches(self, position: int) -> bool:
        chosen, board = self.filter, self.board
        if chosen.flagged and not board.flagged(position):
            return False
        if chosen.differs and board.spread(position) < 2:
            return False
        probe = board.probes[position]
        if chosen.module is not None and probe.module != chosen.module:
            return False
        if chosen.wording is not None and probe.wording != chosen.wording:
            return False
        if chosen.since is not None and board.since(position) != chosen.since:
            return False
        if self._words and not all(word in board.haystacks[position] for word in self._words):
            return False
        if chosen.change is not None:
            return self.baseline is not None and self.baseline.has(position, chosen.change)
        return True
