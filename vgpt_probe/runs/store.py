"""The run store: one SQLite file that holds runs, answers, reviews and pairs; ``runs/chats.py`` keeps chats in it."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import msgspec

from vgpt_probe.errors import UsageError, at
from vgpt_probe.pairs.pair import Pair
from vgpt_probe.probes import Battery, Probe
from vgpt_probe.runs.database import Database
from vgpt_probe.runs.records import Answer, Case, Review, Run, RunState, Snapshot

#: Kept in SQLite's user_version; raise it with a migration.
SCHEMA_VERSION = 4

_SCHEMA = """
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  started TEXT NOT NULL,
  battery TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'stopped', 'done')),
  snapshot TEXT NOT NULL
);
CREATE TABLE probes (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  probe TEXT NOT NULL,
  PRIMARY KEY (run, position)
) WITHOUT ROWID;
CREATE TABLE answers (
  run INTEGER NOT NULL,
  position INTEGER NOT NULL,
  model TEXT NOT NULL,
  text TEXT NOT NULL,
  verdict TEXT NOT NULL,
  details TEXT NOT NULL,
  PRIMARY KEY (run, position, model),
  FOREIGN KEY (run, position) REFERENCES probes (run, position) ON DELETE CASCADE
);
CREATE TABLE reviews (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  position INTEGER NOT NULL,
  model TEXT NOT NULL,
  review TEXT CHECK (review IN ('confirmed', 'dismissed', 'overridden')),
  verdict TEXT,
  note TEXT NOT NULL,
  who TEXT NOT NULL,
  at TEXT NOT NULL,
  FOREIGN KEY (run, position, model) REFERENCES answers (run, position, model) ON DELETE CASCADE
);
CREATE INDEX reviews_by_answer ON reviews (run, position, model);
CREATE TABLE pairs (
  id INTEGER PRIMARY KEY,
  batch INTEGER NOT NULL,
  created TEXT NOT NULL,
  pair TEXT NOT NULL
);
CREATE TABLE sessions (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  answers INTEGER NOT NULL,
  seconds REAL NOT NULL
);
CREATE TABLE fingerprints (
  path TEXT PRIMARY KEY,
  size INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  sha256 TEXT NOT NULL
);
CREATE TABLE chats (
  id INTEGER PRIMARY KEY,
  started TEXT NOT NULL
);
CREATE TABLE chat_questions (
  chat INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  asked TEXT NOT NULL,
  text TEXT NOT NULL,
  sampling TEXT NOT NULL,
  best TEXT,
  PRIMARY KEY (chat, position)
);
CREATE TABLE chat_answers (
  chat INTEGER NOT NULL,
  position INTEGER NOT NULL,
  model TEXT NOT NULL,
  text TEXT NOT NULL,
  details TEXT NOT NULL,
  PRIMARY KEY (chat, position, model),
  FOREIGN KEY (chat, position) REFERENCES chat_questions (chat, position) ON DELETE CASCADE
);
"""


class Store(Database):
    """The store of one workspace, made when it is not there.

    Raises ``StoreError`` when the file is damaged, locked, read-only or from a newer version.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, _SCHEMA, SCHEMA_VERSION)

    # ── runs ──

    def create_run(self, battery: Battery, snapshot: Snapshot) -> int:
        """Write a new run with all its probes; return its number."""
        with self.change() as db:
            run = db.execute(
                "INSERT INTO runs (started, battery, state, snapshot) VALUES (?, ?, 'running', ?)",
                (now(), battery.name, encode(snapshot)),
            ).lastrowid
            db.executemany(
                "INSERT INTO probes VALUES (?, ?, ?)",
                ((run, position, encode(probe)) for position, probe in enumerate(battery.probes)),
            )
        assert run is not None
        return run

    def set_state(self, run: int, state: RunState) -> None:
        with self.change() as db:
            db.execute("UPDATE runs SET state = ? WHERE id = ?", (state, run))

    def runs(self) -> list[Run]:
        """All runs, newest first."""
        return list(self._runs("ORDER BY id DESC", ()))

    def run(self, name: int | str) -> Run:
        """Return a run by its number, or the newest for ``latest``.

        Raises ``UsageError`` when there is none.
        """
        if name == "latest":
            found = list(self._runs("ORDER BY id DESC LIMIT 1", ()))
        elif str(name).isdigit():
            found = list(self._runs("WHERE id = ?", (int(name),)))
        else:
            raise UsageError(f"'{name}' is no run", mend="give a run's number, or 'latest'")
        if not found:
            what = "there is no run yet" if name == "latest" else f"there is no run {name}"
            raise UsageError(what, where=at(self.path), mend="see 'vgpt-probe runs'")
        return found[0]

    def _runs(self, clause: str, values: tuple[object, ...]) -> Iterator[Run]:
        with self.errors():
            rows = self.db.execute(
                "SELECT id, started, battery, state, snapshot,"
                " (SELECT count(*) FROM probes WHERE run = runs.id),"
                " (SELECT count(*) FROM answers WHERE run = runs.id),"
                " (SELECT count(*) FROM answers WHERE run = runs.id AND verdict IN"
                f" ('false_rejection', 'false_acceptance', 'contradiction')) FROM runs {clause}",
                values,
            ).fetchall()
        for row in rows:
            yield Run(row[0], row[1], row[2], row[3], self.decode(row[4], Snapshot), *row[5:])

    def probes(self, run: int) -> list[Probe]:
        """The probes of a run in asking order; a probe's place in the list is its position."""
        with self.errors():
            rows = self.db.execute(
                "SELECT probe FROM probes WHERE run = ? ORDER BY position", (run,)
            ).fetchall()
        return [self.decode(row[0], Probe) for row in rows]

    # ── answers ──

    def add_answers(self, answers: Iterable[Answer]) -> None:
        """Write answers in one transaction; one that is there already stays as it is."""
        with self.change() as db:
            db.executemany(
                "INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (
                        one.run,
                        one.position,
                        one.model,
                        to_storable(one.text),
                        one.verdict,
                        _encode_details(one),
                    )
                    for one in answers
                ),
            )

    def replace_verdicts(self, answers: Iterable[Answer]) -> None:
        """Write new readings and verdicts of answers that are there; reviews stay."""
        with self.change() as db:
            db.executemany(
                "UPDATE answers SET verdict = ?, details = ? WHERE run = ? AND position = ? AND model = ?",
                ((one.verdict, _encode_details(one), one.run, one.position, one.model) for one in answers),
            )

    def answered(self, run: int, model: str) -> set[int]:
        """The positions that a model has answered in a run."""
        with self.errors():
            rows = self.db.execute("SELECT position FROM answers WHERE run = ? AND model = ?", (run, model))
            return {row[0] for row in rows}

    def answers(self, run: int, *, position: int | None = None) -> list[Answer]:
        """The answers of a run (or to one of its probes), with the latest review of each."""
        if position is None:
            return self._answers("a.run = ?", (run,))
        return self._answers("a.run = ? AND a.position = ?", (run, position))

    def answers_of(self, run: int, model: str, positions: Iterable[int]) -> list[Answer]:
        """A model's answers to some of a run's probes, those that are there."""
        wanted = ", ".join(str(int(position)) for position in positions)
        return self._answers(f"a.run = ? AND a.model = ? AND a.position IN ({wanted})", (run, model))

    def _answers(self, where: str, values: tuple[object, ...]) -> list[Answer]:
        with self.errors():
            rows = self.db.execute(
                "SELECT a.run, a.position, a.model, a.text, a.verdict, a.details, r.review, r.verdict, r.note"
                " FROM answers a LEFT JOIN reviews r ON r.id = (SELECT max(id) FROM reviews"
                " WHERE run = a.run AND position = a.position AND model = a.model)"
                f" WHERE {where} ORDER BY a.position",
                values,
            ).fetchall()
        return [self._answer(row) for row in rows]

    def cases(self, run: int) -> list[Case]:
        """The cases of a run in asking order, each with the answers that are there, in the order of the models."""
        order = {model: at for at, model in enumerate(self.run(run).models)}
        cases = [Case(position, probe, {}) for position, probe in enumerate(self.probes(run))]
        for answer in sorted(self.answers(run), key=lambda answer: order.get(answer.model, len(order))):
            cases[answer.position].answers[answer.model] = answer
        return cases

    def _answer(self, row: tuple[Any, ...]) -> Answer:
        run, position, model, text, verdict, details, review, override, note = row
        answer = self.decode(details, Answer)
        return msgspec.structs.replace(
            answer,
            run=run,
            position=position,
            model=model,
            text=text,
            verdict=verdict,
            review=review,
            override=override if review == "overridden" else None,
            note=note or "",
        )

    def review(
        self,
        answer: Answer,
        review: Review | None,
        *,
        verdict: str | None = None,
        note: str = "",
        who: str | None = None,
    ) -> Answer:
        """Add a person's word on an answer (None takes it back) and return the answer as it now stands."""
        with self.change() as db:
            db.execute(
                "INSERT INTO reviews (run, position, model, review, verdict, note, who, at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (answer.run, answer.position, answer.model, review, verdict, note, who or _who(), now()),
            )
        override = verdict if review == "overridden" else None
        return msgspec.structs.replace(answer, review=review, override=override, note=note)

    def reviews(self, answer: Answer) -> list[tuple[str, str, str | None, str | None, str]]:
        """The history of reviews of an answer, oldest first: (at, who, review, verdict, note)."""
        with self.errors():
            return self.db.execute(
                "SELECT at, who, review, verdict, note FROM reviews WHERE run = ? AND position = ? AND model = ?"
                " ORDER BY id",
                (answer.run, answer.position, answer.model),
            ).fetchall()

    # ── pairs ──

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

    def update_pairs(self, pairs: Iterable[Pair]) -> None:
        """Write pairs that are there again, in one transaction."""
        with self.change() as db:
            db.executemany(
                "UPDATE pairs SET pair = ? WHERE id = ?", ((_encode_pair(pair), pair.id) for pair in pairs)
            )

    def update_pair(self, pair: Pair) -> None:
        self.update_pairs([pair])

    def delete_pairs(self, numbers: Iterable[int]) -> None:
        """Delete pairs, all or none.

        Raises ``UsageError`` when there is none of a number.
        """
        with self.change() as db:
            for number in numbers:
                if db.execute("DELETE FROM pairs WHERE id = ?", (number,)).rowcount == 0:
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

    # ── speeds ──

    def keep_session(self, run: int, answers: int, seconds: float) -> None:
        """Write how many answers all models of a run together gave in so many seconds."""
        with self.change() as db:
            db.execute("INSERT INTO sessions VALUES (?, ?, ?)", (run, answers, seconds))

    def sessions(self) -> list[tuple[int, int, float]]:
        """Run, answers and seconds of every stretch in which models were asked, newest first."""
        with self.errors():
            return self.db.execute("SELECT run, answers, seconds FROM sessions ORDER BY rowid DESC").fetchall()

    # ── fingerprints ──

    def known_fingerprint(self, path: Path) -> str | None:
        """The SHA-256 of a file if it was hashed before and has the same size and time of change."""
        status = path.stat()
        with self.errors():
            row = self.db.execute(
                "SELECT sha256 FROM fingerprints WHERE path = ? AND size = ? AND modified = ?",
                (str(path), status.st_size, status.st_mtime_ns),
            ).fetchone()
        return row[0] if row else None

    def keep_fingerprint(self, path: Path, sha256: str) -> None:
        status = path.stat()
        with self.change() as db:
            db.execute(
                "INSERT OR REPLACE INTO fingerprints VALUES (?, ?, ?, ?)",
                (str(path), status.st_size, status.st_mtime_ns, sha256),
            )


def _encode_details(answer: Answer) -> str:
    return encode(msgspec.structs.replace(answer, text="", review=None, override=None, note=""))


def _encode_pair(pair: Pair) -> str:
    return to_storable(encode(msgspec.structs.replace(pair, id=None)))


def encode(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode("utf-8")


def to_storable(text: str) -> str:
    """Replace lone surrogates, which UTF-8 cannot hold."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def now() -> str:
    """The time in UTC, ISO form, to the second."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"
