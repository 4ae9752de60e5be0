"""A corrected copy of a training file: what a trainer would fail on, drop or misread is mended or left out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from vgpt_probe.errors import RecordError, at
from vgpt_probe.files import dump_json, read_text, write_atomically
from vgpt_probe.pairs import llama_factory
from vgpt_probe.pairs.datasets import LABEL_KEYS, Dataset, label_of
from vgpt_probe.pairs.llama_factory import Registration
from vgpt_probe.pairs.trainers import faults_by_row


class Mended(msgspec.Struct, frozen=True):
    """A corrected copy: where it is, how many rows it has, what was mended and what was left out, with counts.

    ``registry`` is the corrected copy of ``dataset_info.json``, None where its entry needed no correction.
    """

    path: Path
    rows: int
    mended: dict[str, int]
    left_out: dict[str, int]
    registry: Path | None = None

    @property
    def changed(self) -> bool:
        return bool(self.mended or self.left_out or self.registry)


def mend(dataset: Dataset, registration: Registration | None = None) -> Mended:
    """Write a corrected copy beside a training file, ``NAME.fixed.json``; the file itself stays as it is.

    Labels become true and false, speakers get the names that the trainer knows; rows that still would be dropped, fail
    or mislead are left out. Nothing is written when there is nothing to correct, or when no row would be left.

    Raises ``RecordError`` when no row would be left, or when the copy cannot be written.
    """
    mended: Counter[str] = Counter()
    repaired = [_repaired(record, dataset, mended) for record in dataset.records]
    copy = msgspec.structs.replace(dataset, records=tuple(repaired))
    faults = {
        number: next(fault.what for fault in found if fault.fixable)
        for number, found in faults_by_row(copy).items()
        if any(fault.fixable for fault in found)
    }
    kept = [record for number, record in enumerate(repaired, start=1) if number not in faults]
    if not kept:
        raise RecordError("no row would be left", where=at(dataset.path), mend="make the file anew")
    suffix = dataset.path.suffix.lower()
    path = dataset.path.with_name(
        f"{dataset.path.stem}.fixed{suffix if suffix in ('.json', '.jsonl') else '.json'}"
    )
    left_out = Counter(faults.values())
    wrong = any(True for _ in llama_factory.registered(dataset, registration))
    try:
        if mended or left_out:
            write_atomically(path, _text(kept, lines=dataset.lines))
        registry = (
            _registry(copy, registration, path if mended or left_out else dataset.path) if wrong else None
        )
    except OSError as fault:
        raise RecordError(f"cannot be written: {fault.strerror or fault}", where=at(path)) from None
    return Mended(path, len(kept), dict(mended), dict(left_out), registry)


def entry_for(dataset: Dataset, file_name: str) -> dict[str, Any]:
    """The entry that ``dataset_info.json`` needs for a training file, as LLaMA-Factory reads it."""
    entry: dict[str, Any] = {"file_name": file_name}
    if dataset.layout in ("sharegpt", "trl-conversational"):
        entry["formatting"] = "sharegpt"
    if dataset.task == "dpo":
        entry["ranking"] = True
    entry["columns"] = {role: column for role, column, _ in llama_factory.columns_of(dataset, empty=True)}
    if dataset.layout == "trl-conversational":
        entry["tags"] = {
            "role_tag": "role",
            "content_tag": "content",
            "user_tag": "user",
            "assistant_tag": "assistant",
            "observation_tag": "tool",
            "function_tag": "function",
            "system_tag": "system",
        }
    return entry


def _registry(dataset: Dataset, registration: Registration | None, path: Path) -> Path | None:
    if registration is None:
        return None
    entries = json.loads(read_text(registration.path, RecordError))
    entries[registration.name] = entry_for(dataset, path.name)
    copy = registration.path.with_name("dataset_info.fixed.json")
    write_atomically(copy, dump_json(entries, indent=2) + "\n")
    return copy


def _repaired(record: Any, dataset: Dataset, mended: Counter[str]) -> Any:
    """A record with what can be put right without guessing; what was done is counted in ``mended``."""
    if not isinstance(record, dict):
        return record
    new = dict(record)
    for key in LABEL_KEYS:
        if dataset.task == "kto" and key in new and not isinstance(new[key], bool):
            label = label_of(new[key])
            if label is not None:
                new[key] = label
                mended["labels made true or false"] += 1
    if dataset.layout == "sharegpt":
        _rename_speakers(new, dataset, mended)
    return new


def _rename_speakers(record: dict[str, Any], dataset: Dataset, mended: Counter[str]) -> None:
    for key in ("conversations", "chosen", "rejected"):
        value = record.get(key)
        if isinstance(value, str) and key != "conversations" and dataset.task == "dpo":
            record[key] = {"from": "gpt", "value": value}
            mended[f"{key} made a message"] += 1
        elif isinstance(value, list) and key == "conversations":
            renamed = [_renamed(message) for message in value]
            mended.update(_same(value, renamed, "speakers renamed"))
            record[key] = renamed
        elif isinstance(value, dict):
            record[key] = _renamed(value)
            mended.update(_same([value], [record[key]], "speakers renamed"))


def _renamed(message: Any) -> Any:
    if not isinstance(message, dict) or not isinstance(message.get("from"), str):
        return message
    return message | {"from": llama_factory.SPEAKERS["from"].get(message["from"], message["from"])}


def _same(before: list[Any], after: list[Any], what: str) -> Iterator[str]:
    if before != after:
        yield what


def _text(records: list[Any], *, lines: bool) -> str:
    if lines:
        return "".join(f"{dump_json(record)}\n" for record in records)
    return "[\n" + ",\n".join(dump_json(record) for record in records) + "\n]\n"
