"""The rows that trainers take, and what ``dataset_info.json`` says of them.

Row shapes follow LLaMA-Factory's ``data/README.md`` and TRL's "Dataset formats" page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vgpt_probe.pairs.pair import Pair

Row = dict[str, Any]


def rows_of(pair: Pair, format: str) -> list[Row]:
    """The rows of a pair: one, or in the KTO formats the chosen one and the rejected one."""
    return _ROWS[format](pair)


def entry_of(format: str, *, system: bool, history: bool) -> Row | None:
    """How LLaMA-Factory is told of a data set with these columns; None for TRL, which needs no telling."""
    entry = _ENTRIES.get(format)
    if entry is None:
        return None
    columns = dict(entry["columns"])
    if system:
        columns["system"] = "system"
    if history and format != "llamafactory-sharegpt":
        columns["history"] = "history"
    return entry | {"columns": columns}


def unfit(pair: Pair, format: str) -> str | None:
    """Say why a format cannot hold a pair, or None."""
    if format == "trl" and pair.history:
        return "plain strings cannot hold a conversation of several turns; use trl-conversational"
    return None


def _alpaca(pair: Pair) -> list[Row]:
    return [_instruction(pair) | {"chosen": pair.chosen, "rejected": pair.rejected} | _about(pair)]


def _kto(pair: Pair) -> list[Row]:
    return [
        _instruction(pair) | {"output": text, "label": label} | _about(pair)
        for text, label in ((pair.chosen, True), (pair.rejected, False))
    ]


def _instruction(pair: Pair) -> Row:
    return {"instruction": pair.prompt, "input": ""}


def _about(pair: Pair) -> Row:
    texts = [text for _, text in pair.history]
    return {
        "system": pair.system,
        "history": [list(turn) for turn in zip(texts[::2], texts[1::2], strict=False)],
    }


def _sharegpt(pair: Pair) -> list[Row]:
    names = {"user": "human", "assistant": "gpt"}
    talk = [{"from": names[role], "value": text} for role, text in pair.history]
    return [
        {
            "conversations": [*talk, {"from": "human", "value": pair.prompt}],
            "chosen": {"from": "gpt", "value": pair.chosen},
            "rejected": {"from": "gpt", "value": pair.rejected},
            "system": pair.system,
        }
    ]


def _trl(pair: Pair) -> list[Row]:
    prompt = f"{pair.system}\n\n{pair.prompt}" if pair.system else pair.prompt
    return [{"prompt": prompt, "chosen": pair.chosen, "rejected": pair.rejected}]


def _trl_conversational(pair: Pair) -> list[Row]:
    return [{"prompt": _messages(pair), "chosen": _said(pair.chosen), "rejected": _said(pair.rejected)}]


def _trl_kto(pair: Pair) -> list[Row]:
    return [
        {"prompt": _messages(pair), "completion": _said(text), "label": label}
        for text, label in ((pair.chosen, True), (pair.rejected, False))
    ]


def _messages(pair: Pair) -> list[Row]:
    system = [{"role": "system", "content": pair.system}] if pair.system else []
    talk = [{"role": role, "content": text} for role, text in pair.history]
    return [*system, *talk, {"role": "user", "content": pair.prompt}]


def _said(text: str) -> list[Row]:
    return [{"role": "assistant", "content": text}]


_ROWS: dict[str, Callable[[Pair], list[Row]]] = {
    "llamafactory": _alpaca,
    "llamafactory-sharegpt": _sharegpt,
    "trl": _trl,
    "trl-conversational": _trl_conversational,
    "kto": _kto,
    "trl-kto": _trl_kto,
}

FORMATS = tuple(_ROWS)

#: LLaMA-Factory finds a data set, and the meaning of its columns, by this entry. Whatever is not listed is ignored.
_ENTRIES: dict[str, Row] = {
    "llamafactory": {
        "ranking": True,
        "columns": {"prompt": "instruction", "query": "input", "chosen": "chosen", "rejected": "rejected"},
    },
    "llamafactory-sharegpt": {
        "formatting": "sharegpt",
        "ranking": True,
        "columns": {"messages": "conversations", "chosen": "chosen", "rejected": "rejected"},
    },
    "kto": {
        "columns": {"prompt": "instruction", "query": "input", "response": "output", "kto_tag": "label"},
    },
}
