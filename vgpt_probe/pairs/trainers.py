"""Will the trainer take it? Both drop or misread rows with at most a line in a log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from vgpt_probe.pairs import llama_factory, trl
from vgpt_probe.pairs.audit_records import Trainer, TrainerProblem
from vgpt_probe.pairs.datasets import Dataset
from vgpt_probe.pairs.faults import NO_OBJECT, Fault
from vgpt_probe.pairs.llama_factory import Registration

#: How many row numbers a problem names.
EXAMPLES = 10

Check = Callable[[dict[str, Any], Dataset], Iterator[Fault]]


def check_trainers(
    dataset: Dataset, registration: Registration | None = None
) -> tuple[tuple[Trainer, ...], tuple[TrainerProblem, ...]]:
    """Say of how many records each trainer takes how many, and what it would not take, or not as meant.

    ``registration`` is the file's entry in ``dataset_info.json``; without one, an entry that fits is taken for granted.
    A file in a layout that one trainer does not know is no problem as long as the other knows it.
    """
    total = len(dataset.records)
    trainers: list[Trainer] = []
    problems: list[TrainerProblem] = []
    for module in (llama_factory, trl):
        if strange := module.strange(dataset):
            trainers.append(Trainer(module.NAME, 0, total, strange))
            continue
        faults = list(_faults(dataset, module.row_faults))
        found = [*_whole(module.NAME, dataset, registration), *_grouped(module.NAME, faults)]
        lost = {number for number, fault in faults if fault.effect != "misleads"}
        lost |= (
            set(range(1, total + 1))
            if any(one.effect == "drops" and not one.examples for one in found)
            else set()
        )
        stops = any(one.effect == "fails" for one in found)
        takes = 0 if stops else total - len(lost)
        why = "it stops with an error" if stops else "" if takes else "it drops every row"
        trainers.append(Trainer(module.NAME, takes, total, why))
        problems += found
    if not problems and not any(trainer.takes for trainer in trainers):
        why = "; ".join(f"{trainer.trainer}: {trainer.why}" for trainer in trainers)
        mend = "bring it into one of the formats of 'vgpt-probe pairs export'"
        problems.append(
            TrainerProblem("both", "fails", f"no trainer knows this layout ({why})", total, (), mend)
        )
    return tuple(trainers), tuple(problems)


def faults_by_row(dataset: Dataset) -> dict[int, list[Fault]]:
    """What each record would meet in the trainer that its layout is made for, by record number, from 1."""
    check = trl.row_faults if dataset.layout.startswith("trl") else llama_factory.row_faults
    faults: dict[int, list[Fault]] = {}
    for number, fault in _faults(dataset, check):
        faults.setdefault(number, []).append(fault)
    return faults


def _faults(dataset: Dataset, check: Check) -> Iterator[tuple[int, Fault]]:
    for number, record in enumerate(dataset.records, start=1):
        if not isinstance(record, dict):
            yield number, NO_OBJECT
            continue
        for fault in check(record, dataset):
            yield number, fault


def _grouped(trainer: str, faults: list[tuple[int, Fault]]) -> Iterator[TrainerProblem]:
    found: dict[Fault, list[int]] = {}
    for number, fault in faults:
        found.setdefault(fault, []).append(number)
    for fault, numbers in found.items():
        yield TrainerProblem(
            trainer,
            fault.effect,
            fault.what,
            len(numbers),
            tuple(numbers[:EXAMPLES]),
            fault.mend,
            fault.fixable,
        )


def _whole(trainer: str, dataset: Dataset, registration: Registration | None) -> Iterator[TrainerProblem]:
    """Problems of the file as a whole."""
    if trainer == llama_factory.NAME:
        yield from llama_factory.mixed_columns(dataset)
        yield from llama_factory.registered(dataset, registration)
    labels = {row.label for row in dataset.rows}
    if dataset.task == "kto" and len(labels) == 1:
        what = f"every label is {'true' if True in labels else 'false'}: there is nothing to weigh against"
        yield TrainerProblem(
            trainer, "misleads", what, len(dataset.rows), (), "add rows with the other label"
        )
