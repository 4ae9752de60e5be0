"""Changes a valid file as accident and malice do: bytes, words, lines, structure, encodings, size."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

#: What parsers stumble over, whatever they parse.
WORDS = (
    b"\0", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xff\xfe", "\u202e".encode(), "\u2028".encode(), b"\x1b[2J", b"\r", b"\n\n", b"\t", b"'", b'"', b"`",
    b"[", b"]", b"(", b")", b"{", b"}", b"((((((", b"))))))", b"[[[[[[", b",", b";", b"=", b"--", b"/*", b"*/", b"#", b"\\", b"\\u0000", b"\\ud800", b"0", b"-1",
    b"1e999", b"NaN", b"9" * 40, b"9" * 5000, b"true", b"null", b"''", b'""', b"{subject}", b"{0}", b"{", b"%s", b"$$", b"GO\n", b"CREATE TABLE ", b"CREATE VIEW ",
    b"ALTER TABLE ", b" AS SELECT * FROM ", b"PRIMARY KEY", b"REFERENCES ", b"NOT NULL", b"[a].[b].[c].[d]", b"../../etc/passwd", b"x" * 3000, "ß漢👩‍🔧é".encode(),
)  # fmt: skip
#: What a value in JSON or TOML may turn out to be.
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, float("inf"), 10**40, "", " ", "true", "x", "\0", "\ud800", "\u202e", "a\nb", "9" * 5000, [], [[]], [None], {}, {"": {}}, {"a": None},
    ["x", 1, None, {}], [{"role": "user"}], {"from": "human", "value": 1}, [[{"role": "user", "content": "x"}]],
)  # fmt: skip


#: Bytes of a changed file; one of JSON may be longer by what its last change repeats.
LONGEST = 200_000


def mutated(seed: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """One changed file."""
    data = seed
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        data = chance.choice(_WAYS)(data, others, chance)
    return data[:LONGEST]


def mutated_json(seed: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """A changed file that still is JSON, most of the time."""
    if chance.random() < 0.25:
        return mutated(seed, others, chance)
    try:
        value = json.loads(seed)
    except ValueError:
        return mutated(seed, others, chance)
    try:
        text = json.dumps(value)
        for _ in range(chance.choice((1, 1, 2, 4))):
            # Rows repeated a thousand times within what is repeated as often would be gigabytes.
            if len(text) < LONGEST:
                value = _changed(value, chance)
                text = json.dumps(value)
        return text.encode("utf-8")
    except RecursionError:
        return b'{"a":' * 5000 + b"1" + b"}" * 5000


def _changed(value: Any, chance: random.Random) -> Any:
    """The value with one part of it changed."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(list(value))
        what = chance.random()
        if what < 0.6:
            return value | {key: _changed(value[key], chance)}
        if what < 0.75:
            return {one: kept for one, kept in value.items() if one != key}
        if what < 0.9:
            return value | {chance.choice((key + "s", key.upper(), "", "__class__", "question", "chosen", "label")): value[key]}
        return [value]
    if isinstance(value, list) and value and chance.random() < 0.85:
        place = chance.randrange(len(value))
        what = chance.random()
        if what < 0.7:
            return [*value[:place], _changed(value[place], chance), *value[place + 1 :]]
        if what < 0.8:
            return value[:place] + value[place + 1 :]
        if what < 0.9:
            return value + value[:1] * chance.choice((1, 1000))
        return value[0]
    if isinstance(value, str) and chance.random() < 0.4:
        return value + chance.choice(WORDS).decode("utf-8", "replace")
    if chance.random() < 0.03:
        for _ in range(chance.choice((10, 300))):
            value = [value]
        return value
    return chance.choice(VALUES)


def _flip(data: bytes, _others: Sequence[bytes], chance: random.Random) -> bytes:
    if not data:
        return data
    place = chance.randrange(len(data))
    return data[:place] + bytes([chance.randrange(256)]) + data[place + 1 :]


def _insert(data: bytes, _others: Sequence[bytes], chance: random.Random) -> bytes:
    place = chance.randint(0, len(data))
    return data[:place] + chance.choice(WORDS) * chance.choice((1, 1, 1, 3, 300)) + data[place:]


def _cut(data: bytes, _others: Sequence[bytes], chance: random.Random) -> bytes:
    begin = chance.randint(0, len(data))
    return data[:begin] + data[begin + chance.choice((1, 3, 20, 10**6)) :]


def _repeat(data: bytes, _others: Sequence[bytes], chance: random.Random) -> bytes:
    begin = chance.randint(0, len(data))
    piece = data[begin : begin + chance.choice((1, 10, 100))]
    return data[:begin] + piece * chance.choice((2, 2, 20, 500)) + data[begin:]


def _splice(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    other = chance.choice(others)
    return data[: chance.randint(0, len(data))] + other[chance.randint(0, len(other)) :]


def _line(data: bytes, _others: Sequence[bytes], chance: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    if len(lines) < 2:
        return data
    one, two = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return b"".join(lines)


def _word(data: bytes, _others: Sequence[bytes], chance: random.Random) -> bytes:
    """Replace one word by another of the same file, or by one that parsers stumble over."""
    words = data.split(b" ")
    words[chance.randrange(len(words))] = chance.choice((chance.choice(words), chance.choice(WORDS)))
    return b" ".join(words)


def _value(data: bytes, _others: Sequence[bytes], chance: random.Random) -> bytes:
    """Give one key of a TOML file another value."""
    lines = data.splitlines(keepends=True)
    keyed = [number for number, line in enumerate(lines) if b"=" in line]
    if not keyed:
        return data
    number = chance.choice(keyed)
    key = lines[number].split(b"=")[0]
    value = chance.choice((b"1", b"-1", b"0", b"1.5", b"nan", b"9" * 19, b"9" * 30, b"''", b"'x'", b"[]", b"[[]]", b"[1]", b"['a', 'a']", b"{}", b"{ a = 1 }", b"true",
                           b"1979-05-27", b"'../../x'", b"'/'", b"'~'", b"'{subject'", b"'{subject} {0}'", b"'\\u0000'", b'"\\u0000"', b"'" + b"x" * 5000 + b"'"))  # fmt: skip
    lines[number] = key + b"= " + value + b"\n"
    return b"".join(lines)


def _encode(data: bytes, _others: Sequence[bytes], chance: random.Random) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(chance.choice(("utf-16", "utf-16-le", "latin-1", "utf-8-sig", "cp1252")), "replace")


_WAYS = (_flip, _flip, _insert, _insert, _cut, _repeat, _splice, _line, _word, _word, _value, _value, _encode)
