"""LLaMA-Factory's rules for training rows, and for their entry in ``dataset_info.json``.

Read from LLaMA-Factory 0.9.5: ``data/parser.py``, ``converter.py``, ``loader.py`` and ``processor/``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from vgpt_probe.errors import RecordError, at
from vgpt_probe.files import read_text
from vgpt_probe.pairs.audit_records import Effect, TrainerProblem
from vgpt_probe.pairs.datasets import LABEL_KEYS, Dataset
from vgpt_probe.pairs.faults import EMPTY_PROMPT, Fault, empty_faults, label_faults

NAME = "LLaMA-Factory"

_LEAVE = "give text, or leave the row out"
_ANSWERS = ("output", "completion", "response")

#: Its names for columns, the files' names for them, and what not listing one does.
_COLUMNS: tuple[tuple[str, tuple[str, ...], Effect], ...] = (
    ("prompt", ("instruction", "prompt"), "misleads"),
    ("query", ("input",), "misleads"),
    ("response", _ANSWERS, "drops"),
    ("messages", ("conversations", "messages"), "fails"),
    ("chosen", ("chosen",), "fails"),
    ("rejected", ("rejected",), "fails"),
    ("kto_tag", LABEL_KEYS, "drops"),
    ("system", ("system",), "misleads"),
    ("history", ("history",), "misleads"),
    ("tools", ("tools",), "misleads"),
)
#: What it takes for granted when an entry has no ``columns``.
_DEFAULTS = {"prompt": "instruction", "query": "input", "response": "output", "messages": "conversations"}

#: The names of speakers that belong at odd and at even places, by the key that holds them; and other names for them.
_TAGS = {
    "from": (("human", "observation"), ("gpt", "function_call")),
    "role": (("user", "tool"), ("assistant", "function")),
}
SPEAKERS = {
    "from": {"user": "human", "assistant": "gpt", "model": "gpt", "bot": "gpt"},
    "role": {"human": "user", "gpt": "assistant", "model": "assistant", "bot": "assistant"},
}


class Registration(msgspec.Struct, frozen=True):
    """A data set's entry in ``dataset_info.json``: its name there, and what it says."""

    name: str
    entry: dict[str, Any]
    path: Path

    @property
    def columns(self) -> dict[str, str]:
        told = self.entry.get("columns")
        if not isinstance(told, dict):
            return {}
        return {str(key): value for key, value in told.items() if isinstance(value, str)}


def find_registration(path: Path) -> Registration | None:
    """Find the entry of a training file in the ``dataset_info.json`` beside it; None when there is none.

    Raises ``RecordError`` when ``dataset_info.json`` is not a JSON object.
    """
    registry = path.parent / "dataset_info.json"
    if not registry.is_file():
        return None
    try:
        entries = json.loads(read_text(registry, RecordError))
    except (ValueError, RecursionError) as fault:
        raise RecordError(f"is not JSON: {fault}", where=at(registry), mend="mend or remove it") from None
    if not isinstance(entries, dict):
        raise RecordError("is not a JSON object", where=at(registry), mend="mend or remove it")
    for name, entry in entries.items():
        if isinstance(entry, dict) and entry.get("file_name") == path.name:
            return Registration(str(name), entry, registry)
    return None


def strange(dataset: Dataset) -> str:
    """Say why LLaMA-Factory does not know the layout of a file; "" when it does."""
    if dataset.layout == "trl-conversational" and not _has(dataset, "messages"):
        return "it does not know TRL's conversations; export as llamafactory-sharegpt"
    if dataset.path.suffix.lower() not in (".json", ".jsonl", ".parquet"):
        return f"it opens .json, .jsonl and .parquet, not '{dataset.path.suffix}'"
    return ""


def row_faults(record: dict[str, Any], dataset: Dataset) -> Iterator[Fault]:
    """What a row meets in LLaMA-Factory's converter and processors."""
    if dataset.layout in ("sharegpt", "trl-conversational"):
        yield from _conversation(record, dataset)
    else:
        answers = ("chosen", "rejected") if dataset.task == "dpo" else (_answer_key(record),)
        for key in answers:
            if not isinstance(record.get(key), str):
                # A KTO row is kept by its label alone; what is no text then breaks the template.
                kept = dataset.task == "kto" and not list(label_faults(record, "drops"))
                yield Fault("fails" if kept else "drops", f"{key} is no text", _LEAVE)
        yield from empty_faults(*(record.get(key) for key in answers))
        if not any(str(record.get(key) or "").strip() for key in ("instruction", "input", "prompt")):
            yield EMPTY_PROMPT
    if dataset.task == "kto":
        yield from label_faults(record, "drops")


def mixed_columns(dataset: Dataset) -> Iterator[TrainerProblem]:
    """Columns whose values are of several types: the release of ``datasets`` that it needs (4.0) does not load them."""
    types: dict[str, set[str]] = {}
    for record in dataset.records:
        if isinstance(record, dict):
            for key, value in record.items():
                if value is not None:
                    types.setdefault(str(key), set()).add(_type(value))
    for key, seen in types.items():
        if len(seen) > 1:
            what = f"the values of '{key}' are of several types ({', '.join(sorted(seen))})"
            mend = "give every row the same type"
            fixable = key in LABEL_KEYS
            yield TrainerProblem(NAME, "fails", what, len(dataset.records), (), mend, fixable)


def registered(dataset: Dataset, registration: Registration | None) -> Iterator[TrainerProblem]:
    """What is wrong with the file's entry in ``dataset_info.json``."""
    if registration is None:
        return
    entry, told = registration.entry, registration.columns

    def problem(effect: Effect, what: str, mend: str) -> TrainerProblem:
        where = f"'{registration.name}' in {registration.path.name}: {what}"
        return TrainerProblem(NAME, effect, where, len(dataset.records), (), mend, True)

    ranking = entry.get("ranking", False) is True
    if dataset.task == "dpo" and not ranking:
        yield problem("fails", '"ranking": true is missing', 'add "ranking": true')
    if dataset.task != "dpo" and ranking:
        yield problem(
            "fails", f'"ranking": true does not go with a {dataset.task.upper()} set', 'remove "ranking"'
        )
    talks = dataset.layout in ("sharegpt", "trl-conversational")
    if talks and entry.get("formatting") not in ("sharegpt", "openai"):
        yield problem("fails", '"formatting": "sharegpt" is missing', 'add "formatting": "sharegpt"')
    listed = told if "columns" in entry else _DEFAULTS
    for role, column, effect in columns_of(dataset):
        if role not in listed:
            what = f"the column '{column}' is not listed, so it is empty in every row"
            yield problem(effect, what, f'add "{role}": "{column}" to "columns"')
    known = {str(key) for record in dataset.records if isinstance(record, dict) for key in record}
    for role, column in told.items():
        if column not in known:
            what = f"lists the column '{column}', which no row has"
            yield problem("fails", what, f'remove "{role}", or name the right column')


def columns_of(dataset: Dataset, *, empty: bool = False) -> list[tuple[str, str, Effect]]:
    """The columns of a file that LLaMA-Factory must be told of: its name, the file's, and what not listing it does.

    With ``empty`` also those that no row fills, which it need not know.
    """
    filled = {
        str(key)
        for record in dataset.records
        if isinstance(record, dict)
        for key, value in record.items()
        if empty or value not in (None, "", [])
    }
    found = []
    for role, names, effect in _COLUMNS:
        column = next((name for name in names if name in filled), None)
        if column is not None and not (role == "response" and dataset.task == "dpo"):
            found.append((role, column, effect))
    return found


def _conversation(record: dict[str, Any], dataset: Dataset) -> Iterator[Fault]:
    messages = record.get("conversations", record.get("messages"))
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        mend = "give a list of messages, or leave the row out"
        yield Fault("fails", "the conversation is no list of messages", mend)
        return
    who, says = ("role", "content") if any("role" in message for message in messages) else ("from", "value")
    broken = next(_turns(messages, who, says, dataset), None)
    if broken is not None:
        yield broken
    elif dataset.task == "dpo":
        yield from _choices(record, who, says)
    if not any(
        str(message.get(says) or "").strip() for message in messages if message.get(who) in _TAGS[who][0]
    ):
        yield EMPTY_PROMPT


def _turns(messages: list[dict[str, Any]], who: str, says: str, dataset: Dataset) -> Iterator[Fault]:
    """What is wrong with the messages of a conversation; the first is what LLaMA-Factory stumbles over."""
    odd, even = _TAGS[who]
    lacks = Fault(
        "fails", f"a message lacks '{who}' or '{says}'", "give every message both, or leave the row out"
    )
    if messages and messages[0].get(who) == "system":
        if says not in messages[0]:
            yield lacks
        messages = messages[1:]
    for place, message in enumerate(messages):
        if who not in message:
            yield lacks
        role = str(message.get(who))
        if role in SPEAKERS[who]:
            what = f"a message is from '{role}', where {odd[0]} and {even[0]} are known"
            yield Fault("drops", what, f"write '{SPEAKERS[who][role]}'")
        elif role not in (odd, even)[place % 2]:
            what = f"messages do not alternate between {odd[0]} and {even[0]}"
            yield Fault("drops", what, "mend the order, or leave the row out")
        if says not in message:
            yield lacks
    last = 1 if dataset.task == "dpo" else 0
    if len(messages) % 2 != last or not messages:
        what = f"the number of messages must be {'odd' if last else 'even'}, with {(odd if last else even)[0]} last"
        yield Fault("drops", what, "mend the conversation, or leave the row out")


def _choices(record: dict[str, Any], who: str, says: str) -> Iterator[Fault]:
    """What is wrong with chosen and rejected as messages."""
    odd, even = _TAGS[who]
    answers: dict[str, Any] = {key: record.get(key) for key in ("chosen", "rejected")}
    other = [key for key, answer in answers.items() if not isinstance(answer, dict)]
    if other:
        yield Fault("drops", f"{other[0]} is no message", _LEAVE)
        return
    for key, answer in answers.items():
        if who not in answer or says not in answer:
            yield Fault("fails", f"{key} lacks '{who}' or '{says}'", _LEAVE)
        elif str(answer[who]) not in even:
            known = (*odd, *even, "system")
            effect: Effect = "misleads" if str(answer[who]) in known else "fails"
            yield Fault(effect, f"{key} is not from {even[0]}", f"write '{even[0]}'")
    yield from empty_faults(*(answer.get(says) for answer in answers.values()))


def _answer_key(record: dict[str, Any]) -> str:
    return next((key for key in _ANSWERS if key in record), _ANSWERS[0])


def _has(dataset: Dataset, key: str) -> bool:
    return any(isinstance(record, dict) and key in record for record in dataset.records)


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return "true/false"
    if isinstance(value, int | float):
        return "number"
    return {"str": "text", "list": "list", "dict": "object"}.get(type(value).__name__, type(value).__name__)
