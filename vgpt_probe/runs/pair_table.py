"""The pairs of the run store."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timezone

import msgspec

from vgpt_probe.errors import UsageError
from vgpt_probe.pairs.pair import Pair, Status
from vgpt_probe.runs.database import LARGEST_ID, Database, encode, to_storable


class PairTable(Database):
    """What the store knows of pairs."""

    def add_pairs(self, pairs: Iterable[Pair]) -> list[Pair]:
        """Write pairs in one transaction, as one batch that can be undone; return them with their numbers."""
        created = now()
        added: list[Pair] = []
        with self.change() as db:
            batch = db.execute("SELECT coalesce(max(batch), 0) + 1 FROM pairs").fetchone()[0]
            for pair in pairs:
                number = db.execute(
                    "INSERT INTO pairs (batch, created, pair) VALUES (?, ?, ?)",
                    (batch, created, _encode_pair(pair)),
                ).lastrowid
                added.append(msgspec.structs.replace(pair, id=number))
        return added

    def add_pair(self, pair: Pair) -> Pair:
        """Write a pair and return it with its number."""
        return self.add_pairs([pair])[0]

    def change_pairs(self, pairs: Iterable[Pair], change: Callable[[Pair, Pair], Pair]) -> list[Pair]:
        """Write what ``change(now, given)`` makes of each pair as it is in the store now; return those it has changed.

        Whoever gives the pairs may have read them long ago: what another program has written meanwhile is in ``now``.
        All in one transaction; a pair that is gone is passed over.
        """
        changed = []
        with self.change() as db:
            for pair in pairs:
                row = db.execute("SELECT pair FROM pairs WHERE id = ?", (pair.id,)).fetchone()
                if row is None:
                    continue
                now = msgspec.structs.replace(self.decode(row[0], Pair), id=pair.id)
                made = change(now, pair)
                if made != now:
                    db.execute("UPDATE pairs SET pair = ? WHERE id = ?", (_encode_pair(made), pair.id))
                    changed.append(made)
        return changed

    def set_statuses(self, pairs: Iterable[Pair], status: Status | None = None) -> None:
        """Give pairs a status, or the one that each has here; what else the store knows of them stays."""
        self.change_pairs(
            pairs, lambda now, given: msgspec.structs.replace(now, status=status or given.status)
        )

    def save_edited(self, before: Pair, edited: Pair) -> Pair:
        """Write a pair that a person has edited; return it as it is kept.

        Where it was deleted or reworded by another program meanwhile, it becomes a pair of its own: neither is lost.
        """
        with self.change() as db:
            row = db.execute("SELECT pair FROM pairs WHERE id = ?", (edited.id,)).fetchone()
            if row is not None and self.decode(row[0], Pair).key == before.key:
                db.execute("UPDATE pairs SET pair = ? WHERE id = ?", (_encode_pair(edited), edited.id))
                return edited
        return self.add_pair(edited)

    def delete_pairs(self, numbers: Iterable[int]) -> None:
        """Delete pairs, all or none.

        Raises ``UsageError`` when there is none of a number.
        """
        with self.change() as db:
            for number in numbers:
                if db.execute("DELETE FROM pairs WHERE id = ?", (min(number, LARGEST_ID),)).rowcount == 0:
                    raise UsageError(
                        f"there is no pair {number}", mend="see 'vgpt-probe pairs list'; nothing was deleted"
                    )

    def delete_pair(self, number: int) -> None:
        """Delete a pair; see ``delete_pairs``."""
        self.delete_pairs([number])

    def undo_pairs(self) -> list[Pair]:
        """Take the pairs back that were added last, as many as were added together; return them."""
        with self.change() as db:
            rows = db.execute(
                "SELECT id, pair FROM pairs WHERE batch = (SELECT max(batch) FROM pairs) ORDER BY id"
            ).fetchall()
            db.executemany("DELETE FROM pairs WHERE id = ?", ((row[0],) for row in rows))
        return [msgspec.structs.replace(self.decode(row[1], Pair), id=row[0]) for row in rows]

    def pairs(self) -> list[Pair]:
        """All pairs, oldest first."""
        with self.errors():
            rows = self.db.execute("SELECT id, pair FROM pairs ORDER BY id").fetchall()
        return [msgspec.structs.replace(self.decode(row[1], Pair), id=row[0]) for row in rows]


def now() -> str:
    """The time in UTC, ISO form, to the second."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")


def _encode_pair(pair: Pair) -> str:
    return to_storable(encode(msgspec.structs.replace(pair, id=None)))
