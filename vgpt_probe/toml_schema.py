"""Checking a TOML file against msgspec structs, with errors that name the line and the nearest valid key."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from vgpt_probe.errors import ProbeError, at, nearest

Shape = TypeVar("Shape", bound=msgspec.Struct)

_TABLE = re.compile(r"^\s*(\[\[?)\s*([^\]\s]+)\s*\]\]?")
_STEP = re.compile(r"\.?([A-Za-z0-9_-]+)|\[(\d+|\.\.\.)\]")
_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
}
_UNKNOWN = re.compile(r"unknown field `([^`]+)`")
_MISSING = re.compile(r"missing required field `([^`]+)`")


def convert(
    data: dict[str, Any], text: str, shape: type[Shape], path: Path, error: type[ProbeError]
) -> Shape:
    """Convert parsed TOML into ``shape``.

    Raises ``error`` with file, line, key, what is wrong and the nearest valid key.
    """
    try:
        return msgspec.convert(data, shape, strict=True)
    except msgspec.ValidationError as fault:
        message = str(fault)
    what, _, place = message.partition(" - at `$")
    steps = _steps(place.rstrip("`"))
    if unknown := _UNKNOWN.search(what):
        key = unknown[1]
        where = at(path, line_of(text, [*steps, key]))
        valid = _fields_at(shape, steps)
        mend = nearest(key, valid) or f"valid keys: {', '.join(sorted(valid))}"
        raise error(f"unknown key '{dotted([*steps, key])}'", where=where, mend=mend)
    if missing := _MISSING.search(what):
        where = at(path, line_of(text, steps))
        raise error(f"{dotted(steps) or 'the file'} lacks the key '{missing[1]}'", where=where, mend="add it")
    where = at(path, line_of(text, steps))
    mend = ""
    if "enum value" in what and (values := _values_at(shape, steps)):
        mend = f"one of: {', '.join(map(str, values))}"
    raise error(f"{dotted(steps)}: {_in_words(what)}", where=where, mend=mend or None)


def with_values(text: str, table: str, values: dict[str, str]) -> str:
    """Return a TOML text with some texts of a table set to new ones; comments and everything else stay.

    Raises ``ValueError`` when the table is written so that its keys cannot be found.
    """
    lines = text.splitlines(keepends=True)
    for key, value in values.items():
        # JSON's escapes are TOML's.
        quoted = json.dumps(value, ensure_ascii=False)
        number = line_of(text, [table, key])
        string = r'''(?:"(?:[^"\\]|\\.)*"|'[^']*')'''
        found = re.match(rf"(\s*{re.escape(key)}\s*=\s*){string}(.*)$", lines[(number or 1) - 1], re.DOTALL)
        if number and found:
            lines[number - 1] = f"{found[1]}{quoted}{found[2]}"
        else:
            headers = [at for at, line in enumerate(lines) if re.match(rf"\s*\[\s*{re.escape(table)}\s*\]", line)]
            if len(headers) != 1:
                raise ValueError(f"no table [{table}]")
            lines.insert(headers[0] + 1, f"{key} = {quoted}\n")
        text = "".join(lines)
        lines = text.splitlines(keepends=True)
    return text


def dotted(steps: list[str | int]) -> str:
    """Name a place in a TOML file as its user counts: ``models[2].path`` is the second model's path."""
    name = ""
    for step in steps:
        if isinstance(step, int):
            name += f"[{step + 1}]"
        else:
            name += f".{step}" if name else step
    return name


def line_of(text: str, steps: list[str | int]) -> int | None:
    """Find the line (1-based) that holds a key, or the nearest enclosing table's; None when neither is found.

    ``steps`` is the key's path: table names, 0-based positions in arrays of tables, then the key.
    """
    table = [step for step in steps[:-1] if isinstance(step, str)]
    whole = [step for step in steps if isinstance(step, str)]
    positions = [step for step in steps if isinstance(step, int)]
    wanted = positions[0] if positions else 0
    key = steps[-1] if steps and isinstance(steps[-1], str) else None
    seen: dict[str, int] = {}
    current: tuple[str, int] = ("", 0)
    best: int | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _TABLE.match(line):
            name = header[2].replace('"', "")
            if header[1] == "[[":
                seen[name] = seen.get(name, -1) + 1
            current = (name, seen.get(name, wanted))
            if current in ((".".join(whole), wanted), (".".join(table), wanted)) and best is None:
                best = number
            continue
        inside = current[0].split(".") if current[0] else []
        if key and inside == table and (not table or current[1] == wanted):
            if re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
                return number
        elif (
            # an inline table: real = { names = [...] }
            inside == table[: len(inside)]
            and len(inside) < len(table)
            and re.match(rf"\s*{re.escape(table[len(inside)])}\s*=", line)
        ):
            best = number
    return best


def _in_words(what: str) -> str:
    """Say msgspec's complaint with the words of a TOML file: ``Expected `int | null`, got `str``` and the like."""
    said = what[0].lower() + what[1:]
    for kind, word in _WORDS.items():
        said = said.replace(f"`{kind} | null`", word).replace(f"`{kind}`", word)
    return said.replace("`", "'")


def _steps(place: str) -> list[str | int]:
    steps: list[str | int] = []
    for name, position in _STEP.findall(place):
        if name:
            steps.append(name)
        elif position.isdigit():
            steps.append(int(position))
    return steps


def _fields_at(shape: type[msgspec.Struct], steps: list[str | int]) -> list[str]:
    kind: Any = msgspec.inspect.type_info(shape)
    for step in steps:
        kind = _struct_in(kind)
        if isinstance(step, str) and isinstance(kind, msgspec.inspect.StructType):
            found = next((field for field in kind.fields if field.encode_name == step), None)
            kind = found.type if found else kind
    kind = _struct_in(kind)
    return (
        [field.encode_name for field in kind.fields] if isinstance(kind, msgspec.inspect.StructType) else []
    )


def _values_at(shape: type[msgspec.Struct], steps: list[str | int]) -> list[Any]:
    """The values that are allowed at a place which holds one of a few."""
    kind: Any = msgspec.inspect.type_info(shape)
    for step in steps:
        kind = _struct_in(kind)
        if isinstance(step, str) and isinstance(kind, msgspec.inspect.StructType):
            kind = next((field.type for field in kind.fields if field.encode_name == step), kind)
    if isinstance(kind, msgspec.inspect.UnionType):
        kind = next((one for one in kind.types if isinstance(one, msgspec.inspect.LiteralType)), kind)
    return sorted(kind.values) if isinstance(kind, msgspec.inspect.LiteralType) else []


def _struct_in(kind: Any) -> Any:
    inspect = msgspec.inspect
    while not isinstance(kind, inspect.StructType):
        if isinstance(kind, inspect.UnionType):
            kind = next(
                (part for part in kind.types if isinstance(part, inspect.StructType | inspect.ListType)), None
            )
        elif isinstance(kind, inspect.ListType | inspect.VarTupleType):
            kind = kind.item_type
        elif isinstance(kind, inspect.DictType):
            kind = kind.value_type
        else:
            return kind
    return kind
