"""Makes damaged GGUF files out of a healthy one: cut, flipped, swollen, mistyped, nested, rebuilt wrongly."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from pathlib import Path

SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
TEXT, ARRAY = 8, 9
U32, U64, F32 = "<I", "<Q", "<f"


class Anatomy:
    """Where the parts of a GGUF file lie: by kind of part, the offsets of the numbers that decide how it is read."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 8
        self.lengths: list[int] = [8, 16]
        self.types: list[int] = []
        self.fields: dict[str, tuple[int, int, int, int]] = {}
        self.tensors: list[tuple[str, int, int]] = []
        self.dimensions: list[int] = []
        self.shapes: list[int] = []
        self.kinds: list[int] = []
        self.offsets: list[int] = []
        tensors, fields = self._number(U64), self._number(U64)
        for _ in range(fields):
            begin = self.at
            key = self._text()
            kind_at = self.at
            kind = self._number(U32)
            value = self.at
            self.types.append(kind_at)
            self._value(kind)
            self.fields[key] = (begin, kind_at, value, self.at)
        self.table = self.at
        for _ in range(tensors):
            begin = self.at
            name = self._text()
            self.dimensions.append(self.at)
            count = self._number(U32)
            for _ in range(count):
                self.shapes.append(self.at)
                self._number(U64)
            self.kinds.append(self.at)
            self._number(U32)
            self.offsets.append(self.at)
            self._number(U64)
            self.tensors.append((name, begin, self.at))
        self.begin = -(-self.at // 32) * 32

    def _number(self, form: str) -> int:
        [value] = struct.unpack_from(form, self.data, self.at)
        self.at += struct.calcsize(form)
        return int(value)

    def _text(self) -> str:
        self.lengths.append(self.at)
        length = self._number(U64)
        self.at += length
        return self.data[self.at - length : self.at].decode("utf-8", "replace")

    def _value(self, kind: int) -> None:
        if kind == TEXT:
            self._text()
        elif kind == ARRAY:
            self.types.append(self.at)
            inner = self._number(U32)
            self.lengths.append(self.at)
            count = self._number(U64)
            for _ in range(count):
                self._value(inner)
        else:
            self.at += SIZES[kind]

    def rebuilt(
        self, changes: dict[str, bytes | None] | None = None, added: tuple[bytes, ...] = (), without: str = "", twice: str = ""
    ) -> bytes:
        """The file with fields changed (the raw type and value; None: left out), added, and a tensor left out."""
        fields, changes = [], changes or {}
        for key, (begin, kind_at, _, end) in self.fields.items():
            if key in changes:
                change = changes[key]
                if change is not None:
                    fields.append(self.data[begin:kind_at] + change)
            else:
                fields.append(self.data[begin:end])
        fields += added
        tensors = [self.data[begin:end] for name, begin, end in self.tensors if name != without]
        tensors += [self.data[begin:end] for name, begin, end in self.tensors if name == twice]
        head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(fields)) + b"".join(fields) + b"".join(tensors)
        return head + b"\0" * (-len(head) % 32) + self.data[self.begin :]


def text(value: bytes | str) -> bytes:
    data = value.encode("utf-8") if isinstance(value, str) else value
    return struct.pack(U64, len(data)) + data


def field(key: str, value: bytes) -> bytes:
    return text(key) + value


def u32(value: int) -> bytes:
    return struct.pack("<II", 4, value)


def f32(value: float) -> bytes:
    return struct.pack("<If", 6, value)


def string(value: bytes | str) -> bytes:
    return struct.pack(U32, TEXT) + text(value)


def texts(*values: str) -> bytes:
    return struct.pack("<IIQ", ARRAY, TEXT, len(values)) + b"".join(map(text, values))


def nested(depth: int) -> bytes:
    """An array of an array of an array …, each with one element."""
    return struct.pack(U32, ARRAY) + struct.pack("<IQ", ARRAY, 1) * depth + struct.pack("<IQB", 0, 1, 0)


def wide(depth: int) -> bytes:
    """Arrays in arrays that each claim ten million elements."""
    return struct.pack(U32, ARRAY) + struct.pack("<IQ", ARRAY, 9_999_999) * depth


def damaged(healthy: bytes, seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """Damaged files by what was done to them; the same every time."""
    anatomy, chance = Anatomy(healthy), random.Random(seed)
    yield from _cut(healthy, anatomy, chance)
    yield from _flipped(healthy, anatomy, chance)
    yield from _swollen(healthy, anatomy, chance)
    yield from _mistyped(healthy, anatomy, chance)
    yield from _rebuilt(anatomy)
    yield from _something_else(healthy, chance)


def _cut(data: bytes, anatomy: Anatomy, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    places = {0, 1, 3, 4, 5, 7, 8, 12, 16, 20, 23, 24, anatomy.at, anatomy.begin - 1, anatomy.begin, len(data) - 1}
    for begin, kind, value, end in anatomy.fields.values():
        places |= {begin, (begin + kind) // 2, kind, value, (value + end) // 2}
    for _, begin, end in anatomy.tensors:
        places |= {begin, (begin + end) // 2, end - 1}
    places |= {chance.randrange(anatomy.begin, len(data)) for _ in range(10)}
    for place in sorted(places):
        yield f"cut at byte {place}", data[:place]


def _flipped(data: bytes, anatomy: Anatomy, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    for name, begin, end, count in (
        ("header", 0, 24, 30),
        ("metadata", 24, anatomy.table, 90),
        ("tensor table", anatomy.table, anatomy.at, 90),
        ("data", anatomy.begin, len(data), 24),
    ):
        for number in range(count):
            changed = bytearray(data)
            places = [chance.randrange(begin, end) for _ in range(chance.choice((1, 1, 4, 32)))]
            for place in places:
                changed[place] ^= chance.choice((0x01, 0x80, 0xFF, chance.randrange(1, 256)))
            yield f"{name} flipped {number}", bytes(changed)
    # A run of zeros or ones over a piece of each part, as a bad disk or a lost download leaves it.
    for name, begin, end in (("metadata", 24, anatomy.table), ("table", anatomy.table, anatomy.at), ("data", anatomy.begin, len(data))):
        for filler in (b"\0", b"\xff"):
            for share in (0.25, 0.75):
                middle = int(begin + share * (end - begin))
                length = min(512, end - middle)
                yield f"{name} {filler!r} at {share}", data[:middle] + filler * length + data[middle + length :]


def _swollen(data: bytes, anatomy: Anatomy, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    huge = (2**31, 2**32, 2**40, 2**63 - 1, 2**63, 2**64 - 1)
    keys = [place for place in anatomy.lengths if place < anatomy.table]
    for name, places in (("length", keys[:2] + chance.sample(keys[2:], 50)), ("shape", anatomy.shapes), ("offset", anatomy.offsets)):
        for place in places:
            value = chance.choice(huge)
            yield f"{name} at {place} is {value}", _patched(data, place, struct.pack(U64, value))
    for place in anatomy.shapes[::3]:
        yield f"shape at {place} is 0", _patched(data, place, struct.pack(U64, 0))
        yield f"shape at {place} is odd", _patched(data, place, struct.pack(U64, 63))
    for place in anatomy.offsets[::3]:
        yield f"offset at {place} is odd", _patched(data, place, struct.pack(U64, 7))
        yield f"offset at {place} is another's", _patched(data, place, struct.pack(U64, 0))
    for count in (0, 1, len(anatomy.tensors) - 1, len(anatomy.tensors) + 1, 10**6, 10**7, 2**63):
        yield f"{count} tensors", _patched(data, 8, struct.pack(U64, count))
    for count in (0, 1, len(anatomy.fields) - 1, len(anatomy.fields) + 1, 10**6, 10**7, 2**63):
        yield f"{count} fields", _patched(data, 16, struct.pack(U64, count))


def _mistyped(data: bytes, anatomy: Anatomy, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    for place in anatomy.types:
        for kind in chance.sample((*SIZES, TEXT, ARRAY, 13, 255, 2**32 - 1), 3):
            yield f"value type at {place} is {kind}", _patched(data, place, struct.pack(U32, kind))
    for place in anatomy.kinds[::2]:
        for kind in chance.sample((1, 2, 4, 5, 8, 12, 16, 24, 31, 36, 39, 99, 2**31 - 1, 2**32 - 1), 2):
            yield f"tensor type at {place} is {kind}", _patched(data, place, struct.pack(U32, kind))
    for place in anatomy.dimensions[::4]:
        for count in (0, 5, 2**32 - 1):
            yield f"{count} dimensions at {place}", _patched(data, place, struct.pack(U32, count))


def _rebuilt(anatomy: Anatomy) -> Iterator[tuple[str, bytes]]:
    """Files that are well-formed and say what cannot be."""
    numbers = {
        "block_count": (0, 1, 3, 100_000, 2**31, 2**32 - 1),
        "embedding_length": (0, 1, 63, 65, 2**31, 2**32 - 1),
        "attention.head_count": (0, 1, 3, 5, 64, 2**31),
        "feed_forward_length": (0, 1, 2**32 - 1),
        "rope.dimension_count": (0, 1, 15, 17, 2**31),
        "context_length": (0, 1, 2**32 - 1),
        "vocab_size": (0, 1, 2**32 - 1),
    }
    for key, values in numbers.items():
        for value in values:
            yield f"{key} is {value}", anatomy.rebuilt({f"llama.{key}": u32(value)})
        yield f"{key} is a text", anatomy.rebuilt({f"llama.{key}": string("two")})
        yield f"{key} is missing", anatomy.rebuilt({f"llama.{key}": None})
    for value in (0.0, -1.0, float("nan"), float("inf")):
        yield f"eps is {value}", anatomy.rebuilt({"llama.attention.layer_norm_rms_epsilon": f32(value)})
    for value in (0, 1, 3, 7, 64, 2**31, 2**32 - 1):
        yield f"alignment is {value}", anatomy.rebuilt(added=(field("general.alignment", u32(value)),))
    for name in ("", "nope", "bert", "clip", "t5", "t5encoder", "mamba", "gemma3", "qwen3moe", "llama\0", "l" * 70_000, "\u202e\x1b[2J"):
        yield f"architecture {name[:9]!r}", anatomy.rebuilt({"general.architecture": string(name)})
    yield "architecture is missing", anatomy.rebuilt({"general.architecture": None})
    for key, value in {
        "llama.attention.head_count_kv": u32(0), "llama.attention.key_length": u32(2**31), "llama.attention.value_length": u32(0),
        "llama.expert_count": u32(2**31), "llama.expert_used_count": u32(9), "llama.rope.freq_base": f32(0.0), "llama.rope.scaling.type": string("nope"),
        "llama.rope.scaling.factor": f32(0.0), "general.file_type": u32(2**31), "split.count": struct.pack("<IH", 2, 9), "general.type": string("adapter"),
        "llama.attention.causal": struct.pack("<IB", 7, 0), "llama.pooling_type": u32(1), "general.name": string("\x1b]0;owned\x07\u202e[bold]" * 20_000),
    }.items():  # fmt: skip
        yield f"{key} added", anatomy.rebuilt(added=(field(key, value),))
    yield "a list of head counts", anatomy.rebuilt({"llama.attention.head_count": struct.pack("<IIQIII", ARRAY, 4, 3, 4, 4, 4)})
    yield "an empty list of head counts", anatomy.rebuilt({"llama.attention.head_count": struct.pack("<IIQ", ARRAY, 4, 0)})
    yield "a list of texts as head counts", anatomy.rebuilt({"llama.attention.head_count": texts("a", "b")})
    for name in ("", "nope", "llama", "bert", "rwkv", "t5", "no_vocab"):
        yield f"tokenizer {name!r}", anatomy.rebuilt({"tokenizer.ggml.model": string(name)})
    for name in ("", "nope", "llama-bpe", "x" * 100_000):
        yield f"pre-tokenizer {name[:9]!r}", anatomy.rebuilt({"tokenizer.ggml.pre": string(name)})
    for key, value in {
        "tokens": texts(), "token_type": struct.pack("<IIQ", ARRAY, 5, 0), "merges": texts("a", "", " ", "no such thing"),
        "bos_token_id": u32(2**31), "eos_token_id": u32(99_999), "add_bos_token": string("yes"),
    }.items():  # fmt: skip
        yield f"{key} wrong", anatomy.rebuilt({f"tokenizer.ggml.{key}": value})
        yield f"{key} missing", anatomy.rebuilt({f"tokenizer.ggml.{key}": None})
    yield "tokens all alike", anatomy.rebuilt({"tokenizer.ggml.tokens": texts(*["x"] * 260)})
    yield "tokens are no text", anatomy.rebuilt({"tokenizer.ggml.tokens": texts(*["\x00\x1b"] * 260)})
    for name, template in (
        ("missing", None), ("empty", string("")), ("broken", string("{% for m in messages %}")), ("a number", u32(1)), ("bytes", string(b"\xff\xfe\xed\xa0\x80")),
        ("endless", string("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}")), ("a gigabyte", string("{{ 'x' * 10**9 }}")),
        ("refuses", string("{{ raise_exception('\x1b[2Jno\u202e') }}")), ("silent", string("{# nothing #}")), ("nested", string("{% if 1 %}" * 5000)), ("a list", texts("a", "b")),
    ):  # fmt: skip
        yield f"template {name}", anatomy.rebuilt({"tokenizer.chat_template": template})
    for name, _, _ in anatomy.tensors:
        yield f"{name} left out", anatomy.rebuilt(without=name)
    yield "a tensor twice", anatomy.rebuilt(twice="output.weight")
    yield "a field twice", anatomy.rebuilt(added=(field("llama.block_count", u32(5)),))
    for depth in (1, 10, 200, 5_000, 100_000):
        yield f"arrays {depth} deep", anatomy.rebuilt(added=(field("a", nested(depth)),))
    for depth in (1, 2, 3, 50):
        yield f"wide arrays {depth} deep", anatomy.rebuilt(added=(field("a", wide(depth)),))
    yield "ten thousand fields", anatomy.rebuilt(added=tuple(field(f"x.{n}", u32(n)) for n in range(10_000)))
    yield "a text of 20 MB", anatomy.rebuilt(added=(field("general.description", string("d" * 20_000_000)),))


def _something_else(data: bytes, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    yield "empty", b""
    yield "text", b"This is no model.\n" * 100
    yield "a web page", b"<!doctype html><title>404</title>" * 50
    yield "a Git LFS pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4\n"
    yield "a zip", b"PK\x03\x04" + chance.randbytes(5000)
    yield "a pickle", b"\x80\x04\x95\x10\0\0\0\0\0\0\0\x8c\x05posix\x94\x8c\x06system\x94\x93\x94."
    yield "safetensors", struct.pack(U64, 50) + b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    for magic in (b"ggml", b"ggjt", b"FUGG", b"gguf"):
        yield f"magic {magic!r}", magic + data[4:]
    for version in (0, 1, 2, 4, 99, 2**32 - 1):
        yield f"version {version}", data[:4] + struct.pack(U32, version) + data[8:]
    yield "the other byte order", data[:4] + struct.pack(">IQQ", 3, 20, 17) + data[24:]
    yield "zeros", b"\0" * 100_000
    yield "zeros behind the magic", b"GGUF" + b"\0" * 100_000
    yield "ones behind the magic", b"GGUF" + b"\xff" * 100_000
    for number in range(8):
        yield f"noise {number}", b"GGUF" + struct.pack(U32, 3) + chance.randbytes(chance.randrange(10, 100_000))
    yield "twice", data + data
    yield "with a tail", data + b"tail"


def _patched(data: bytes, place: int, value: bytes) -> bytes:
    return data[:place] + value + data[place + len(value) :]


def write_all(folder: Path, healthy: Path, seed: int = 0) -> list[tuple[str, Path]]:
    """Write all damaged files into a folder; what was done to each, and where it lies."""
    written = []
    for number, (what, data) in enumerate(damaged(healthy.read_bytes(), seed)):
        path = folder / f"damaged-{number:04}.gguf"
        path.write_bytes(data)
        written.append((what, path))
    return written
