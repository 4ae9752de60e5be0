"""How often training data names each relation, whatever the format of the file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vgpt_probe.catalog import Catalog
from vgpt_probe.errors import BatteryError, at
from vgpt_probe.files import read_json

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
    return read_json(path, BatteryError)[0]


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
