"""What a GGUF file says of itself, read before llama.cpp sees the file: a bad header can abort or hang its process.

The ``gguf`` package has a reader, but it makes an array of every token of the vocabulary (18 s on a model of 262,144
tokens, which this one passes over in 0.1 s), and trusts the file. The format:
https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import stat
import struct
from pathlib import Path
from typing import Any

import msgspec

from vgpt_probe.errors import ModelError, at

#: GGUF value types: the letter of ``struct`` that reads them; 8 is text, 9 an array.
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_TEXT, _ARRAY = 8, 9
#: No honest file has more entries than this, and no array that is worth keeping more values.
_MOST, _KEPT = 10_000_000, 4096
#: Bytes of the file that are read at first, and at most, for its header; and how deep lists may lie in lists.
_FIRST, _LAST, _DEEPEST = 4 << 20, 256 << 20, 4
#: Architectures that turn text into vectors and generate nothing.
_EMBEDDING = frozenset(
    (
        "bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3", "modern-bert", "neo-bert", "eurobert",
        "gemma-embedding", "t5encoder", "clip",
    )
)  # fmt: skip


class Tensor(msgspec.Struct, frozen=True):
    """One tensor of a file: its shape (innermost first), its ggml type, its bytes."""

    shape: tuple[int, ...]
    kind: int
    size: int


class Header(msgspec.Struct, frozen=True):
    """The metadata of a file (long lists left out) and its tensors by name; ``size`` in bytes."""

    fields: dict[str, Any]
    tensors: dict[str, Tensor]
    size: int

    @property
    def architecture(self) -> str:
        return str(self.fields.get("general.architecture", ""))

    def number(self, key: str, default: int = 0) -> int:
        """A number of this architecture; of a list with one for each layer, the largest."""
        value = self.fields.get(f"{self.architecture}.{key}", default)
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(one, int) for one in values):
            raise _Damaged(f"'{self.architecture}.{key}' is no number")
        return int(max(values, default=default))


class GgufFacts(msgspec.Struct, frozen=True):
    """Facts from a GGUF header; ``size`` in bytes, ``context`` in tokens, ``kv_values`` a token of context."""

    name: str
    architecture: str
    parameters: int
    quantisation: str
    context: int
    chat_template: bool
    size: int
    layers: int
    width: int
    inner: int
    vocabulary: int
    kv_values: int

    def as_row(self) -> dict[str, Any]:
        keys = ("name", "architecture", "parameters", "quantisation", "context", "chat_template", "size")
        return {key: getattr(self, key) for key in keys}


def read_gguf(path: Path) -> GgufFacts:
    """Read what a model's file says of itself.

    Raises ``ModelError`` when the file is no GGUF of a text-generating model, is cut, or says impossible things.
    """
    header = read_header(path)
    try:
        return _facts(path, header)
    except _Damaged as fault:
        raise ModelError(f"is a damaged GGUF file: {fault}", where=at(path)) from None


def _facts(path: Path, header: Header) -> GgufFacts:
    kind = str(header.fields.get("general.type", "model"))
    if kind == "adapter":
        mend = "give the base GGUF as 'path' and this file as 'adapter'"
        raise ModelError("is a LoRA adapter, not a model", where=at(path), mend=mend)
    architecture = header.architecture
    if architecture in _EMBEDDING or header.fields.get(f"{architecture}.attention.causal") is False:
        raise ModelError(f"is an embedding model ({architecture[:60]}): it generates no text", where=at(path))
    layers, width = header.number("block_count"), header.number("embedding_length")
    highest = max((_layer(name) for name in header.tensors), default=-1)
    if not architecture or not width or not highest < layers <= len(header.tensors):
        raise _Damaged(f"{layers} layers, {len(header.tensors)} tensors, width {width}")
    heads = header.number("attention.head_count", 1) or 1
    per_layer = header.fields.get(f"{architecture}.attention.head_count_kv", heads)
    most = header.number("attention.head_count_kv", heads)
    kv_heads = sum(per_layer) if isinstance(per_layer, list) else layers * most
    key = header.number("attention.key_length", width // heads)
    value = header.number("attention.value_length", key)
    tokens = header.fields.get("tokenizer.ggml.tokens")
    return GgufFacts(
        name=str(header.fields.get("general.name", path.stem))[:200],
        architecture=architecture[:60],
        parameters=sum(_count(tensor.shape) for tensor in header.tensors.values()),
        quantisation=_quantisation(header),
        context=header.number("context_length"),
        chat_template=bool(header.fields.get("tokenizer.chat_template")),
        size=header.size,
        layers=layers,
        width=width,
        inner=header.number("feed_forward_length", 4 * width),
        vocabulary=tokens if isinstance(tokens, int) else len(tokens or ()),
        kv_values=kv_heads * (key + value),
    )


def check_adapter(path: Path, base: Path) -> None:
    """Check that a LoRA adapter fits its base. Raises ``ModelError`` naming what does not."""
    adapter, model = read_header(path), read_header(base)
    said = adapter.fields.get("adapter.type") or adapter.fields.get("general.type", "model")
    if adapter.fields.get("general.type") != "adapter" or said != "lora":
        raise ModelError(f"is no LoRA adapter but a {said}", where=at(path), mend="check 'adapter'")
    if adapter.architecture != model.architecture:
        what = f"is an adapter for '{adapter.architecture}', its base {base.name} is '{model.architecture}'"
        raise ModelError(what, where=at(path))
    for name, tensor in adapter.tensors.items():
        of, _, part = name.rpartition(".lora_")
        target = model.tensors.get(of)
        if target is None:
            raise ModelError(
                f"changes a tensor '{of or name}' that {base.name} does not have", where=at(path)
            )
        # Embeddings are looked up, so their pair is the other way round.
        fits = (
            tensor.shape[0] == target.shape[0] if part == "a" else tensor.shape[-1] == target.shape[1]
        ) or "token_embd" in of
        if not fits:
            what = f"does not fit {base.name}: '{name}' is {tensor.shape}, '{of}' {target.shape}"
            raise ModelError(what, where=at(path), mend="it was trained on another base")


def read_header(path: Path) -> Header:
    """Read metadata and tensor list of a GGUF file.

    Raises ``ModelError`` when it cannot be read, is no GGUF, or is cut.
    """
    # Not mapped into memory: a file that is cut meanwhile would end the app with SIGBUS.
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            # A pipe would be waited for.
            raise ModelError("is no file but a folder, a pipe or a device", where=at(path))
        with path.open("rb") as stream:
            size = stream.seek(0, 2)
            room = _FIRST
            while True:
                stream.seek(0)
                data = stream.read(room)
                if data[:4] != b"GGUF":
                    raise ModelError(
                        "is no GGUF file", where=at(path), mend="convert the merged model to GGUF first"
                    )
                try:
                    return _Reader(data, size).header()
                except _More:
                    if room >= _LAST:
                        raise _Damaged(f"its header has more than {_LAST >> 20} MB") from None
                    room *= 4
    except OSError as fault:
        raise ModelError(f"cannot be read: {fault.strerror or fault}", where=at(path)) from None
    except (_Damaged, struct.error, IndexError) as fault:
        raise ModelError(f"is a damaged GGUF file: {fault}", where=at(path)) from None


class _Damaged(Exception):
    """The file contradicts the format, or itself."""


class _More(Exception):
    """The header goes on behind what has been read of the file."""


class _Reader:
    """Reads the header from the beginning (``data``) of a file of ``size`` bytes."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data = data
        self._size = size
        self._at = 4

    def header(self) -> Header:
        version = self._number("I")
        if version & 0xFFFF == 0:
            raise _Damaged("its byte order is not this machine's")
        if version < 2:
            raise _Damaged(f"version {version} of the format is too old")
        tensors, fields = self._number("Q"), self._number("Q")
        if max(tensors, fields) > _MOST:
            raise _Damaged(f"it claims {tensors} tensors and {fields} facts")
        found: dict[str, Any] = {}
        for _ in range(fields):
            key = self._text()
            found[key] = self._value(self._number("I"))
        return Header(found, self._tensors(tensors, found), self._size)

    def _tensors(self, count: int, fields: dict[str, Any]) -> dict[str, Tensor]:
        from gguf.constants import GGML_QUANT_SIZES

        sizes = {int(kind): size for kind, size in GGML_QUANT_SIZES.items()}
        listed: dict[str, tuple[Tensor, int]] = {}
        for _ in range(count):
            name, dimensions = self._text(), self._number("I")
            if not 1 <= dimensions <= 8:
                raise _Damaged(f"tensor '{name}' has {dimensions} dimensions")
            shape = tuple(self._number("Q") for _ in range(dimensions))
            kind, offset = self._number("I"), self._number("Q")
            # A type that the installed gguf package does not know yet is left to llama.cpp to judge.
            block, size = sizes.get(kind, (1, 0))
            listed[name] = (Tensor(shape, kind, _count(shape) // block * size), offset)
        alignment = int(fields.get("general.alignment", 32)) or 32
        begin = -(-self._at // alignment) * alignment
        for name, (tensor, offset) in listed.items():
            if (end := begin + offset + tensor.size) > self._size:
                raise _Damaged(f"it is cut: '{name}' ends at byte {end:,}, the file at {self._size:,}")
        return {name: tensor for name, (tensor, _) in listed.items()}

    def _need(self, length: int, what: str) -> None:
        """See to it that so many bytes are there."""
        if length > self._size - self._at:
            raise _Damaged(f"{what} goes beyond the end of the file")
        if length > len(self._data) - self._at:
            raise _More

    def _number(self, letter: str) -> Any:
        self._need(struct.calcsize(f"<{letter}"), "a number")
        [value] = struct.unpack_from(f"<{letter}", self._data, self._at)
        self._at += struct.calcsize(f"<{letter}")
        return value

    def _text(self) -> str:
        length = self._number("Q")
        self._need(length, "a text")
        text = self._data[self._at : self._at + length]
        self._at += length
        return text.decode("utf-8", errors="replace")

    def _value(self, kind: int, depth: int = 0) -> Any:
        """Read a value; of a list that is too long to keep, its length."""
        if kind == _TEXT:
            return self._text()
        if kind != _ARRAY:
            if kind not in _SCALARS:
                raise _Damaged(f"a value has the unknown type {kind}")
            return self._number(_SCALARS[kind])
        inner, count = self._number("I"), self._number("Q")
        if count > _MOST:
            raise _Damaged(f"a list claims {count} values")
        if inner == _TEXT:
            return self._texts(count)
        if inner == _ARRAY:
            if depth == _DEEPEST:
                raise _Damaged(f"lists lie in lists more than {_DEEPEST} deep")
            return [self._value(_ARRAY, depth + 1) for _ in range(count)]
        if inner not in _SCALARS:
            raise _Damaged(f"a list has the unknown type {inner}")
        size = struct.calcsize(f"<{_SCALARS[inner]}") * count
        self._need(size, "a list")
        values = (
            struct.unpack_from(f"<{count}{_SCALARS[inner]}", self._data, self._at) if count <= _KEPT else ()
        )
        self._at += size
        return list(values) if count <= _KEPT else count

    def _texts(self, count: int) -> list[str] | int:
        if count <= _KEPT:
            return [self._text() for _ in range(count)]
        data, place, length = self._data, self._at, struct.Struct("<Q")
        try:
            for _ in range(count):
                place += 8 + length.unpack_from(data, place)[0]
        except struct.error:
            self._need(place + 8 - self._at, "a list")
            raise
        self._need(place - self._at, "a list")
        self._at = place
        return count


def _layer(name: str) -> int:
    parts = name.split(".", 2)
    return int(parts[1]) if parts[0] == "blk" and len(parts) > 1 and parts[1].isdigit() else -1


def _count(shape: tuple[int, ...]) -> int:
    product = 1
    for size in shape:
        product *= size
    return product


def _quantisation(header: Header) -> str:
    from gguf.constants import GGMLQuantizationType, LlamaFileType

    try:
        return LlamaFileType(header.fields["general.file_type"]).name.split("_", 1)[1]
    except (KeyError, ValueError):
        counts: dict[int, int] = {}
        for tensor in header.tensors.values():
            counts[tensor.kind] = counts.get(tensor.kind, 0) + _count(tensor.shape)
    try:
        return GGMLQuantizationType(max(counts, key=counts.__getitem__)).name
    except ValueError:
        return "not known"
