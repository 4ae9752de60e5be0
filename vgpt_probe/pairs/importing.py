"""Reading preference pairs out of training files: checked, each once, with where they came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from pathlib import Path

import msgspec

from vgpt_probe.errors import RecordError, at
from vgpt_probe.pairs.content import Content, classify
from vgpt_probe.pairs.datasets import Dataset, Row, read_dataset
from vgpt_probe.pairs.guard import Guard
from vgpt_probe.pairs.pair import Pair, Role, Source


class Imported(msgspec.Struct, frozen=True):
    """What was read from a file: its format, its rows, the pairs that passed, and the rows that did not, with why."""

    format: str
    rows: int
    pairs: list[Pair]
    repeated: int
    left_out: list[tuple[int, list[str]]]


def read_pairs(path: Path, guard: Guard, *, known: Set[tuple[str, ...]] = frozenset()) -> Imported:
    """Read the pairs of a DPO or KTO file that the guard lets through; ``known`` are keys of pairs that are there.

    The rows of a KTO file are put together again: an answer that is to be learnt with one to the same question that
    is to be unlearnt. Kind and subject follow from the content.

    Raises ``RecordError`` when the file cannot be read, or holds no preferences.
    """
    dataset = read_dataset(path)
    if dataset.task == "sft":
        raise RecordError(
            "holds answers only, no preferences",
            where=at(path),
            mend="give a DPO or a KTO file; 'audit' reads any",
        )
    taken = set(known)
    pairs: list[Pair] = []
    left_out = [(one.number, [one.why]) for one in dataset.unreadable]
    repeated = 0
    for row, rejected in _preferences(dataset, left_out):
        pair = _pair(row, rejected, path, guard)
        refused = guard.refusals(pair)
        if refused:
            left_out.append((row.number, refused))
        elif pair.key in taken:
            repeated += 1
        else:
            taken.add(pair.key)
            pairs.append(pair)
    return Imported(
        f"{dataset.layout} {dataset.task}", len(dataset.records), pairs, repeated, sorted(left_out)
    )


def _preferences(dataset: Dataset, left_out: list[tuple[int, list[str]]]) -> Iterator[tuple[Row, str]]:
    """Yield each row whose answer is preferred, with the answer that it is preferred to."""
    waiting: dict[tuple[object, ...], list[Row]] = {}
    for row in dataset.rows:
        if row.rejected is not None:
            yield row, row.rejected
        elif row.label is None:
            left_out.append(
                (row.number, ["it prefers nothing: it has neither a rejected answer nor a label"])
            )
        else:
            question = (row.system, row.history, row.prompt)
            others = waiting.setdefault((*question, not row.label), [])
            if others:
                other = others.pop(0)
                good, bad = (row, other) if row.label else (other, row)
                yield good, bad.answer
            else:
                waiting.setdefault((*question, row.label), []).append(row)
    for rows in waiting.values():
        left_out += [(row.number, ["no answer with the other label goes with it"]) for row in rows]


def _pair(row: Row, rejected: str, path: Path, guard: Guard) -> Pair:
    content = classify(row.prompt, row.answer, rejected, guard.catalog, phrases=guard.phrases)
    return Pair(
        prompt=row.prompt,
        chosen=row.answer,
        rejected=rejected,
        kind=content.kind,
        subject=_subject(content),
        system=row.system,
        history=tuple(_history(row.history)),
        source=Source(chosen="imported", rejected="imported", file=f"{path.name}#{row.number}"),
    )


def _subject(content: Content) -> str:
    """The relation that a row teaches about: one that its answer denies, else a real one; "" where none shows."""
    tables = [claim for claim in content.claims if claim.part == "table"]
    if content.kind == "rejection":
        tables = [claim for claim in tables if claim.denied]
    else:
        tables = [claim for claim in tables if claim.real]
    return tables[0].subject if tables else ""


def _history(turns: Iterable[tuple[str, str]]) -> Iterator[tuple[Role, str]]:
    for question, answer in turns:
        yield "user", question
        yield "assistant", answer
