"""How often training data names each relation, whatever the format of the file."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vgpt_probe.catalog import Catalog
from vgpt_probe.errors import BatteryError, at
from vgpt_probe.files import read_text

_WORD = re.compile(r"\w+")


def count_mentions(path: Path, catalog: Catalog) -> Counter[str]:
    """Count how often each relation's name stands in the texts of a JSON, JSON lines or Parquet file.

    Raises ``BatteryError`` when the file cannot be read.
    """
    names = {relation.name for relation in catalog.relations}
    counts: Counter[str] = Counter()
    for text in _texts(_content(path)):
        counts.update(word for word in _WORD.findall(text) if word in names)
    return counts


def _content(path: Path) -> Any:
    if path.suffix == ".parquet":
        return _parquet(path)
    text = read_text(path, BatteryError)
    try:
        return json.loads(text)
    except RecursionError:
        raise BatteryError("is nested too deeply", where=at(path)) from None
    except json.JSONDecodeError as fault:
        whole = fault
    rows = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                rows.append(json.loads(line))
            except (json.JSONDecodeError, RecursionError):
                where = at(path, number if rows else whole.lineno)
                raise BatteryError(f"is not JSON or JSON lines: {whole.msg}", where=where) from None
    return rows


def _parquet(path: Path) -> Any:
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import read_table
    except ImportError:
        raise BatteryError(
            "reading Parquet needs pyarrow", where=at(path), mend="pip install 'vgpt-probe[parquet]'"
        ) from None
    try:
        return read_table(path).to_pylist()
    except (OSError, ArrowException) as fault:
        raise BatteryError(f"cannot be read: {fault}", where=at(path)) from None


def _texts(content: Any) -> Iterator[str]:
    waiting = [content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            waiting.extend(value.values())
