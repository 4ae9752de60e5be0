"""Writing pairs as the trainers take them: LLaMA-Factory, TRL, and KTO rows.

Row shapes follow LLaMA-Factory's ``data/README.md`` and TRL's "Dataset formats" page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from vgpt_probe.errors import RecordError, UsageError, at, nearest
from vgpt_probe.files import read_text, write_atomically
from vgpt_probe.pairs.pair import Pair

Row = dict[str, Any]


def _alpaca(pair: Pair) -> list[Row]:
    row: Row = {"instruction": pair.prompt, "input": "", "chosen": pair.chosen, "rejected": pair.rejected}
    return [row | {"system": pair.system}]


def _sharegpt(pair: Pair) -> list[Row]:
    return [
        {
            "conversations": [{"from": "human", "value": pair.prompt}],
            "chosen": {"from": "gpt", "value": pair.chosen},
            "rejected": {"from": "gpt", "value": pair.rejected},
            "system": pair.system,
        }
    ]


def _trl(pair: Pair) -> list[Row]:
    prompt = f"{pair.system}\n\n{pair.prompt}" if pair.system else pair.prompt
    return [{"prompt": prompt, "chosen": pair.chosen, "rejected": pair.rejected}]


def _trl_conversational(pair: Pair) -> list[Row]:
    system = [{"role": "system", "content": pair.system}] if pair.system else []
    return [
        {
            "prompt": [*system, {"role": "user", "content": pair.prompt}],
            "chosen": [{"role": "assistant", "content": pair.chosen}],
            "rejected": [{"role": "assistant", "content": pair.rejected}],
        }
    ]


def _kto(pair: Pair) -> list[Row]:
    row: Row = {"instruction": pair.prompt, "input": "", "system": pair.system}
    return [row | {"output": pair.chosen, "label": True}, row | {"output": pair.rejected, "label": False}]


_ROWS: dict[str, Callable[[Pair], list[Row]]] = {
    "llamafactory": _alpaca,
    "llamafactory-sharegpt": _sharegpt,
    "trl": _trl,
    "trl-conversational": _trl_conversational,
    "kto": _kto,
}

#: LLaMA-Factory finds a data set, and the meaning of its columns, by this entry in ``dataset_info.json``.
_ENTRIES: dict[str, Row] = {
    "llamafactory": {
        "ranking": True,
        "columns": {
            "prompt": "instruction",
            "query": "input",
            "chosen": "chosen",
            "rejected": "rejected",
            "system": "system",
        },
    },
    "llamafactory-sharegpt": {
        "formatting": "sharegpt",
        "ranking": True,
        "columns": {
            "messages": "conversations",
            "chosen": "chosen",
            "rejected": "rejected",
            "system": "system",
        },
    },
    "kto": {
        "columns": {
            "prompt": "instruction",
            "query": "input",
            "response": "output",
            "kto_tag": "label",
            "system": "system",
        },
    },
}

FORMATS = tuple(_ROWS)


def export_pairs(pairs: Iterable[Pair], *, format: str, folder: Path, dataset: str) -> Path:
    """Write pairs to ``folder/dataset.json`` and, for LLaMA-Factory, register them in ``dataset_info.json``.

    Pairs keep their order; repeated ones are written once. Other entries of ``dataset_info.json`` stay as they
    are. Files are written whole or not at all. Returns the data file's path.

    Raises ``UsageError`` for an unknown format or no pairs, ``RecordError`` when ``dataset_info.json`` is not a
    JSON object.
    """
    if format not in _ROWS:
        raise UsageError(
            f"unknown format '{format}'", mend=nearest(format, FORMATS) or f"formats: {', '.join(FORMATS)}"
        )
    if (
        not dataset
        or any(letter in '/\\:*?"<>|' or ord(letter) < 32 for letter in dataset)
        or dataset.startswith(".")
    ):
        raise UsageError(f"'{dataset}' cannot be a data set's name", mend="use letters, digits, - and _")
    kept = list({pair.key: pair for pair in pairs}.values())
    if not kept:
        raise UsageError(
            "there is no pair to export", mend="save one first: 'p' on a case, or 'vgpt-probe pairs add'"
        )
    data = folder / f"{dataset}.json"
    registry = folder / "dataset_info.json"
    entry = _ENTRIES.get(format)
    entries = _read_registry(registry) if entry else {}
    rows = [row for pair in kept for row in _ROWS[format](pair)]
    if not any(pair.system for pair in kept):
        # A column that nobody fills only invites questions.
        rows = [{key: value for key, value in row.items() if key != "system"} for row in rows]
        entry = entry and entry | {
            "columns": {key: value for key, value in entry["columns"].items() if key != "system"}
        }
    try:
        write_atomically(data, _json(rows))
        if entry:
            write_atomically(registry, _json(entries | {dataset: {"file_name": data.name} | entry}))
    except OSError as fault:
        raise RecordError(f"cannot be written: {fault.strerror or fault}", where=at(folder)) from None
    return data


def _read_registry(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    text = read_text(path, RecordError)
    try:
        entries = json.loads(text)
    except json.JSONDecodeError as fault:
        raise RecordError(
            f"is not JSON: {fault.msg}", where=at(path, fault.lineno), mend="mend or remove it"
        ) from None
    if not isinstance(entries, dict):
        raise RecordError("is not a JSON object", where=at(path), mend="mend or remove it")
    return entries


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
