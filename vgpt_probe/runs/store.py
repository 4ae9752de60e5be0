"""The run store: one SQLite file that holds runs, answers, reviews and pairs; ``runs/chats.py`` keeps chats in it."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from vgpt_probe.errors import StoreError, UsageError, at
from vgpt_probe.probes import Battery, Probe
from vgpt_probe.runs.database import LARGEST_ID, RESCUE, encode, to_storable
from vgpt_probe.runs.owner import is_there, this_process
from vgpt_probe.runs.pair_table import PairTable, now
from vgpt_probe.runs.records import FLAGGED, Answer, Case, Review, Run, Snapshot

#: Answers of a run, how many of them are wrong, and how many are errors.
_COUNTS = (
    "SELECT count(*), coalesce(sum(verdict IN ({})), 0), coalesce(sum(verdict = 'error'), 0) FROM answers WHERE run = ?"
).format(", ".join(f"'{verdict}'" for verdict in sorted(FLAGGED)))


class Store(PairTable):
    """The store of one workspace, made when it is not there.

    Raises ``StoreError`` when the file is damaged, locked, from a newer version, or cannot be read; where it can only
    be read, what would write raises it.
    """

    # ── runs ──

    def create_run(self, battery: Battery, snapshot: Snapshot) -> int:
        """Write a new run with all its probes, asked by this process; return its number."""
        with self.change() as db:
            run = db.execute(
                "INSERT INTO runs (started, battery, state, owner, probes, snapshot) VALUES (?, ?, 'running', ?, ?, ?)",
                (now(), battery.name, this_process(), len(battery.probes), encode(snapshot)),
            ).lastrowid
            db.executemany(
                "INSERT INTO probes VALUES (?, ?, ?)",
                ((run, position, encode(probe)) for position, probe in enumerate(battery.probes)),
            )
        assert run is not None
        return run

    def set_state(self, run: int, state: Literal["stopped", "done"]) -> None:
        """Write that nobody asks a run any more."""
        with self.change() as db:
            db.execute("UPDATE runs SET state = ? WHERE id = ?", (state, run))

    def claim(self, run: int) -> None:
        """Write that this process asks a run from now on.

        Raises ``UsageError`` when another process is asking it.
        """
        with self.change() as db:
            found = db.execute("SELECT owner FROM runs WHERE id = ? AND state = 'running'", (run,)).fetchone()
            if found and found[0] != this_process() and is_there(found[0]):
                raise asked_elsewhere(run, int(found[0].split()[0]))
            db.execute("UPDATE runs SET state = 'running', owner = ? WHERE id = ?", (this_process(), run))

    def drop_if_empty(self, run: int) -> bool:
        """Delete a run without any answer; return whether it was one."""
        with self.change() as db:
            deleted = db.execute(
                "DELETE FROM runs WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM answers WHERE run = ?1)", (run,)
            )
            return deleted.rowcount > 0

    def runs(self) -> list[Run]:
        """All runs, newest first."""
        return list(self._runs("ORDER BY id DESC", ()))

    def run(self, name: int | str) -> Run:
        """Return a run by its number, or the newest for ``latest``.

        Raises ``UsageError`` when there is none.
        """
        if name == "latest":
            found = list(self._runs("ORDER BY id DESC LIMIT 1", ()))
        elif str(name).isdecimal():
            found = list(self._runs("WHERE id = ?", (min(int(name), LARGEST_ID),)))
        else:
            raise UsageError(f"'{name}' is no run", mend="give a run's number, or 'latest'")
        if not found:
            what = "there is no run yet" if name == "latest" else f"there is no run {name}"
            raise UsageError(what, where=at(self.path), mend="see 'vgpt-probe runs'")
        return found[0]

    def latest_answered(self, model: str | None = None) -> Run | None:
        """The newest run with an answer (of a model); None when there is none."""
        wanted = "EXISTS (SELECT 1 FROM answers WHERE run = runs.id" + (" AND model = ?)" if model else ")")
        found = self._runs(f"WHERE {wanted} ORDER BY id DESC LIMIT 1", (model,) if model else ())
        return next(iter(found), None)

    def _runs(self, clause: str, values: tuple[object, ...]) -> Iterator[Run]:
        with self.errors():
            rows = self.db.execute(
                f"SELECT id, started, battery, state, owner, probes, snapshot FROM runs {clause}", values
            ).fetchall()
            counts = {row[0]: self.db.execute(_COUNTS, (row[0],)).fetchone() for row in rows}
        for number, started, battery, state, owner, probes, snapshot in rows:
            asked_by = 0
            if state == "running" and owner != this_process():
                if is_there(owner):
                    asked_by = int(owner.split()[0])
                else:
                    # It was killed: nobody was left to write that it stopped.
                    state = "interrupted"
            known = self.decode(snapshot, Snapshot)
            answered, flagged, errors = counts[number]
            yield Run(number, started, battery, state, known, probes, answered, flagged, errors, asked_by)

    def probes(self, run: int) -> list[Probe]:
        """The probes of a run in asking order; a probe's place in the list is its position."""
        with self.errors():
            rows = self.db.execute(
                "SELECT probe FROM probes WHERE run = ? ORDER BY position", (run,)
            ).fetchall()
        return [self.decode(row[0], Probe) for row in rows]

    # ── answers ──

    def add_answers(self, answers: Iterable[Answer]) -> None:
        """Write answers in one transaction; one that is there already stays as it is, unless it is an ``error``.

        What takes the place of an ``error`` gets a number of its own: ``answers_since`` goes by it.
        """
        with self.change() as db:
            db.executemany(
                "INSERT INTO answers (run, position, model, real, verdict, margin, text, details) VALUES (?1, ?2, ?3,"
                " (SELECT json_extract(probe, '$.real') FROM probes WHERE run = ?1 AND position = ?2),"
                " ?4, ?5, ?6, ?7) ON CONFLICT (run, position, model) DO UPDATE SET"
                " id = (SELECT max(id) + 1 FROM answers),"
                " verdict = excluded.verdict, margin = excluded.margin, text = excluded.text,"
                " details = excluded.details WHERE verdict = 'error'",
                (
                    (
                        one.run,
                        one.position,
                        one.model,
                        one.verdict,
                        one.margin,
                        to_storable(one.text),
                        _encode_details(one),
                    )
                    for one in answers
                ),
            )

    def replace_verdicts(self, answers: Iterable[Answer]) -> None:
        """Write new readings, verdicts and margins of answers that are there; reviews stay."""
        with self.change() as db:
            db.executemany(
                "UPDATE answers SET verdict = ?, margin = ?, details = ? WHERE run = ? AND position = ? AND model = ?",
                (
                    (one.verdict, one.margin, _encode_details(one), one.run, one.position, one.model)
                    for one in answers
                ),
            )

    def answered(self, run: int, model: str, *, errors: bool = True) -> set[int]:
        """The positions that a model has answered in a run; ``errors``: those without an answer for a fault too."""
        wanted = "" if errors else " AND verdict != 'error'"
        with self.errors():
            rows = self.db.execute(
                f"SELECT position FROM answers WHERE run = ? AND model = ?{wanted}", (run, model)
            )
            return {row[0] for row in rows}

    def answers(self, run: int, *, position: int | None = None) -> list[Answer]:
        """The answers of a run (or to one of its probes), with the latest review of each."""
        if position is None:
            return self._answers("a.run = ?", (run,))
        return self._answers("a.run = ? AND a.position = ?", (run, position))

    def answers_since(self, run: int, last: int) -> tuple[list[Answer], int]:
        """The answers of a run that were stored, or took the place of an ``error``, after the one numbered ``last``.

        With them comes the number of the last one now.
        """
        with self.errors():
            (newest,) = self.db.execute("SELECT coalesce(max(id), 0) FROM answers").fetchone()
        return self._answers("a.run = ? AND a.id > ? AND a.id <= ?", (run, last, newest)), int(newest)

    def answers_of(self, run: int, model: str, positions: Iterable[int]) -> list[Answer]:
        """A model's answers to some of a run's probes, those that are there."""
        wanted = ", ".join(str(int(position)) for position in positions)
        return self._answers(f"a.run = ? AND a.model = ? AND a.position IN ({wanted})", (run, model))

    def _answers(self, where: str, values: tuple[object, ...]) -> list[Answer]:
        with self.errors():
            rows = self.db.execute(
                "SELECT a.run, a.position, a.model, a.text, a.verdict, a.margin, a.details, r.review, r.verdict, r.note"
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
            if not 0 <= answer.position < len(cases):
                raise StoreError("is damaged: an answer to no probe", where=at(self.path), mend=RESCUE)
            cases[answer.position].answers[answer.model] = answer
        return cases

    def _answer(self, row: tuple[Any, ...]) -> Answer:
        run, position, model, text, verdict, margin, details, review, override, note = row
        answer = self.decode(details, Answer)
        return msgspec.structs.replace(
            answer,
            run=run,
            position=position,
            model=model,
            text=text,
            verdict=verdict,
            margin=margin,
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


def asked_elsewhere(run: int, process: int) -> UsageError:
    """Say that another process asks a run."""
    return UsageError(
        f"run {run} is being asked by another vgpt-probe (process {process})",
        mend="wait until it has finished, or stop it there",
    )


def _encode_details(answer: Answer) -> str:
    return encode(msgspec.structs.replace(answer, text="", margin=None, review=None, override=None, note=""))


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"
