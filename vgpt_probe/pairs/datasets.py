"""Reading training sets of LLaMA-Factory and TRL (DPO, KTO, SFT) into one normal form.

Row shapes: LLaMA-Factory's ``data/README.md`` and TRL's "Dataset formats" page. The reading is lenient, so that a
set that a trainer would not take can still be looked at; ``pairs.trainers`` says what a trainer makes of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from vgpt_probe.errors import RecordError, at
from vgpt_probe.files import read_json

Task = Literal["dpo", "kto", "sft"]
Layout = Literal["alpaca", "sharegpt", "trl", "trl-conversational"]

HUMANS = frozenset({"human", "user"})
MODELS = frozenset({"gpt", "assistant", "model", "bot"})
LABEL_KEYS = ("label", "kto_tag")

_EXAMPLES = "instruction and output, instruction, chosen and rejected, conversations, messages, or prompt and completion"


class Row(msgspec.Struct, frozen=True):
    """One answer that a model is trained on.

    ``number`` is the record's place in the file, from 1; ``turn`` the answer's place in its conversation, from 1.
    ``answer`` is what is to be learnt: chosen, output or completion; with ``label`` False (KTO) what is to be
    unlearnt. ``rejected`` is only there in DPO sets, ``label`` only in KTO sets.
    """

    number: int
    prompt: str
    answer: str
    rejected: str | None = None
    label: bool | None = None
    system: str = ""
    history: tuple[tuple[str, str], ...] = ()
    turn: int = 1


class Unreadable(msgspec.Struct, frozen=True):
    """A record that has no question and answer that could be read; ``number`` as in ``Row``."""

    number: int
    why: str


class Dataset(msgspec.Struct, frozen=True):
    """A training file: its rows in order, what could not be read, and its records as they stand in the file.

    ``task`` and ``layout`` are those of most records. ``columns`` maps LLaMA-Factory's names for columns to the
    file's where ``dataset_info.json`` renames them.
    """

    path: Path
    task: Task
    layout: Layout
    rows: tuple[Row, ...]
    unreadable: tuple[Unreadable, ...] = ()
    records: tuple[Any, ...] = ()
    lines: bool = False


def read_dataset(path: Path, *, columns: Mapping[str, str] | None = None) -> Dataset:
    """Read a training file: JSON, JSON lines, or Parquet (which needs pyarrow).

    ``columns`` are the ``columns`` of its entry in ``dataset_info.json``, for files whose columns have other names.

    Raises ``RecordError`` when the file cannot be read, or when not one record holds a question and an answer.
    """
    content, lines = _read_parquet(path) if _is_parquet(path) else read_json(path, RecordError)
    records = _records(content, path)
    renamed = [_renamed(record, columns) for record in records] if columns else records
    shapes = [_shape(record) for record in renamed]
    known = Counter(shape for shape in shapes if shape is not None)
    rows: list[Row] = []
    unreadable: list[Unreadable] = []
    for number, (record, shape) in enumerate(zip(renamed, shapes, strict=True), start=1):
        try:
            rows += _rows(number, record, shape)
        except _Unreadable as fault:
            unreadable.append(Unreadable(number, str(fault)))
    if not rows:
        first = f"row {unreadable[0].number}: {unreadable[0].why}" if unreadable else "the file is empty"
        raise RecordError(f"holds no training row ({first})", where=at(path), mend=f"a row needs {_EXAMPLES}")
    task, layout = known.most_common(1)[0][0]
    return Dataset(path, task, layout, tuple(rows), tuple(unreadable), tuple(records), lines)


def label_of(value: object) -> bool | None:
    """What a KTO label means: also the strings and numbers that a trainer would not take; None for anything else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    if isinstance(value, str):
        return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(
            value.strip().lower()
        )
    return None


class _Unreadable(Exception):
    """Why a record cannot be read."""


def _is_parquet(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(4) == b"PAR1"
    except OSError:
        # The reader of JSON says what is wrong.
        return False


def _read_parquet(path: Path) -> tuple[list[Any], bool]:
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        raise RecordError(
            "is Parquet, which needs pyarrow", where=at(path), mend="pip install 'vgpt-probe[parquet]'"
        ) from None
    try:
        return parquet.read_table(path).to_pylist(), False
    except Exception as fault:
        # pyarrow raises many kinds of errors, of its own and of the system.
        what = str(fault).splitlines()[0] if str(fault) else type(fault).__name__
        raise RecordError(f"is not Parquet that can be read: {what}", where=at(path)) from None


def _records(content: Any, path: Path) -> list[Any]:
    if isinstance(content, list):
        return content
    if isinstance(content, dict):
        if _shape(content) is not None:
            return [content]
        lists = [value for value in content.values() if isinstance(value, list)]
        if len(lists) == 1:
            return lists[0]
    raise RecordError(
        "is not a list of training rows", where=at(path), mend="a training set is a JSON list, or JSON lines"
    )


#: LLaMA-Factory's names for columns and the names that they have in its formats when nothing else is said.
_STANDARD = {
    "prompt": "instruction",
    "query": "input",
    "response": "output",
    "messages": "conversations",
    "kto_tag": "label",
}


def _renamed(record: Any, columns: Mapping[str, str]) -> Any:
    if not isinstance(record, dict):
        return record
    told = {column: _STANDARD.get(role, role) for role, column in columns.items()}
    return {told.get(key, key): value for key, value in record.items()}


def _shape(record: Any) -> tuple[Task, Layout] | None:
    """Tell the task and the layout of a record by its keys; None when it is no training row."""
    if not isinstance(record, dict):
        return None
    task: Task = "sft"
    if "chosen" in record and "rejected" in record:
        task = "dpo"
    elif any(key in record for key in LABEL_KEYS):
        task = "kto"
    if "conversations" in record:
        return task, "sharegpt"
    if "messages" in record:
        return task, "trl-conversational"
    answered = task == "dpo" or any(key in record for key in _ANSWERS)
    if "instruction" in record and answered:
        return task, "alpaca"
    talks = any(isinstance(record.get(key), list) for key in ("prompt", "completion", "chosen"))
    if task == "dpo" or ("prompt" in record and answered):
        return task, "trl-conversational" if talks else "trl"
    return None


_ANSWERS = ("completion", "response", "output")
_WHAT = {int: "a number", float: "a number", str: "a text", bool: "true or false", list: "a list"}
_WHAT = {int: "a number", float: "a number", str: "a text", bool: "true or false", list: "a list"}


def _rows(number: int, record: Any, shape: tuple[Task, Layout] | None) -> list[Row]:
    if shape is None:
        if not isinstance(record, dict):
            raise _Unreadable(f"is no training row but {_WHAT.get(type(record), 'null')}")
        keys = ", ".join(map(str, record))
        raise _Unreadable(f"is no training row (it has {keys[:80] or 'nothing'})")
    task, _ = shape
    system = _text(record.get("system"))
    talk = _talk(record)
    if task == "dpo" and not talk and isinstance(record["chosen"], list):
        talk = _common(record["chosen"], record["rejected"])
    if talk and talk[0][0] == "system":
        system = talk[0][1]
        talk = talk[1:]
    label = _label(record) if task == "kto" else None
    if task == "dpo":
        chosen, rejected = _answer(record.get("chosen")), _answer(record.get("rejected"))
        if chosen is None or rejected is None:
            which = "chosen" if chosen is None else "rejected"
            raise _Unreadable(f"{which} is no text")
        history, prompt = _split(talk)
        return [Row(number, prompt, chosen, rejected, None, system, history)]
    answer = _answer(next((record[key] for key in _ANSWERS if key in record), None))
    if answer is not None:
        history, prompt = _split(talk)
        return [Row(number, prompt, answer, None, label, system, history)]
    return _turns(number, talk, label, system)


def _turns(number: int, talk: list[tuple[str, str]], label: bool | None, system: str) -> list[Row]:
    """Each answer of a conversation as a row; only the last one where the conversation has a label."""
    rows: list[Row] = []
    history: list[tuple[str, str]] = []
    question = ""
    for role, text in talk:
        if role == "human":
            question = text
        elif role == "model":
            rows.append(Row(number, question, text, None, label, system, tuple(history), len(rows) + 1))
            history.append((question, text))
            question = ""
    if not rows:
        raise _Unreadable("holds no answer")
    return rows[-1:] if label is not None else rows


def _label(record: dict[str, Any]) -> bool | None:
    value = next(record[key] for key in LABEL_KEYS if key in record)
    label = label_of(value)
    if label is None:
        raise _Unreadable(f"its label is {value!r:.40}, neither true nor false")
    return label


def _talk(record: dict[str, Any]) -> list[tuple[str, str]]:
    """What comes before the answer, as (system, human, model or other; text)."""
    for key in ("conversations", "messages", "prompt"):
        value = record.get(key)
        if isinstance(value, list):
            return [_message(message) for message in value]
        if isinstance(value, str) and key == "prompt":
            return [("human", value)]
        if key in record and value is not None:
            raise _Unreadable(f"{key} is neither text nor a list of messages")
    talk: list[tuple[str, str]] = []
    earlier = record.get("history")
    for turn in earlier if isinstance(earlier, list) else ():
        if isinstance(turn, list | tuple) and len(turn) == 2:
            talk += [("human", _text(turn[0])), ("model", _text(turn[1]))]
    if "instruction" in record:
        # As LLaMA-Factory joins them.
        parts = [_text(record.get(key)) for key in ("instruction", "input")]
        talk.append(("human", "\n".join(part for part in parts if part)))
    return talk


def _message(value: Any) -> tuple[str, str]:
    if not isinstance(value, dict):
        raise _Unreadable("a message is no object with a role and a content")
    role = value.get("from", value.get("role"))
    content = value.get("value", value.get("content"))
    name = str(role).lower()
    told = (
        "human"
        if name in HUMANS
        else "model"
        if name in MODELS
        else "system"
        if name == "system"
        else "other"
    )
    return told, _text(content)


def _answer(value: Any) -> str | None:
    """The text of an answer given as text, a message, or a list of messages of which it is the last."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value:
        value = value[-1]
    if isinstance(value, dict):
        content = value.get("value", value.get("content"))
        return _text(content) if content is not None else None
    return None


def _common(chosen: Any, rejected: Any) -> list[tuple[str, str]]:
    """The messages that both answers of a pair without a prompt begin with."""
    if not isinstance(rejected, list):
        return []
    talk: list[tuple[str, str]] = []
    for one, other in zip(chosen[:-1], rejected[:-1], strict=False):
        if one != other:
            break
        talk.append(_message(one))
    return talk


def _split(talk: Sequence[tuple[str, str]]) -> tuple[tuple[tuple[str, str], ...], str]:
    """Split a conversation into its finished turns and its last question."""
    history: list[tuple[str, str]] = []
    question = ""
    for role, text in talk:
        if role == "human":
            question = text
        elif role == "model":
            history.append((question, text))
            question = ""
    return tuple(history), question


def _text(value: Any) -> str:
    """A content as text; of a content in parts, the parts that are text."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        parts = [part.get("text") if isinstance(part, dict) else part for part in value]
        return "\n".join(part for part in parts if isinstance(part, str))
    return ""
