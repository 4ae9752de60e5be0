"""TRL's rules for training rows, read from TRL 1.16: ``data_utils.py`` and ``trainer/*_trainer.py``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vgpt_probe.pairs.datasets import Dataset
from vgpt_probe.pairs.faults import EMPTY_PROMPT, Fault, empty_faults, label_faults

NAME = "TRL"

_ROLE = ("role", "content")


def strange(dataset: Dataset) -> str:
    """Say why TRL does not know the layout of a file; "" when it does."""
    if dataset.layout == "alpaca" and dataset.task == "dpo":
        return "it would ignore the instruction and guess a prompt from what both answers begin with; export as trl"
    if dataset.layout == "alpaca":
        return "it does not know instruction and output; export as trl"
    if dataset.layout == "sharegpt" and dataset.task != "sft":
        return "it does not know conversations with chosen or label; export as trl-conversational"
    return ""


def row_faults(record: dict[str, Any], dataset: Dataset) -> Iterator[Fault]:
    """What a row meets in TRL's trainers."""
    if dataset.layout == "sharegpt":
        yield from _messages(record.get("conversations"), "conversations", ("from", "value"))
    elif "messages" in record:
        yield from _messages(record["messages"], "messages", _ROLE)
    else:
        answers = ("chosen", "rejected") if dataset.task == "dpo" else ("completion",)
        # Without a prompt, TRL takes what chosen and rejected begin with.
        keys = ("prompt", *answers) if "prompt" in record or dataset.task != "dpo" else answers
        if dataset.layout == "trl-conversational":
            for key in keys:
                yield from _messages(record.get(key), key, _ROLE)
            yield from _prompt_end(record.get("prompt"))
        else:
            yield from _texts(record, keys, answers)
    if dataset.task == "kto":
        yield from label_faults(record, "fails")


def _texts(record: dict[str, Any], keys: tuple[str, ...], answers: tuple[str, ...]) -> Iterator[Fault]:
    for key in keys:
        if not isinstance(record.get(key), str):
            yield Fault("fails", f"{key} is no text", "give text, or leave the row out")
    yield from empty_faults(*(record.get(key) for key in answers))
    if isinstance(record.get("prompt"), str) and not record["prompt"].strip():
        yield EMPTY_PROMPT
    if record.get("system"):
        mend = "put the system prompt into the prompt, or export as trl-conversational"
        yield Fault("misleads", "the column 'system' is ignored", mend, fixable=False)


def _messages(value: Any, key: str, tags: tuple[str, str]) -> Iterator[Fault]:
    mend = "give a list of messages, or leave the row out"
    if not isinstance(value, list) or not value or not all(isinstance(message, dict) for message in value):
        yield Fault("fails", f"{key} is no list of messages", mend)
    elif any(tag not in message for message in value for tag in tags):
        yield Fault("fails", f"a message of {key} lacks '{tags[0]}' or '{tags[1]}'", mend)
    elif not any(str(message[tags[1]] or "").strip() for message in value):
        yield Fault("misleads", f"{key} is empty", "give text, or leave the row out")


def _prompt_end(prompt: Any) -> Iterator[Fault]:
    last = prompt[-1] if isinstance(prompt, list) and prompt else None
    if isinstance(last, dict) and last.get("role") not in ("user", "tool"):
        mend = "end it with the user's message"
        yield Fault("misleads", "the prompt does not end with the user", mend, fixable=False)
