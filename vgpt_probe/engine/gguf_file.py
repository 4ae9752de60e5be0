"""What a GGUF file says of itself, read before llama.cpp sees the file: a bad header can abort or hang its process.

The ``gguf`` package has a reader, but it makes an array of every token of the vocabulary (18 s on a model of 262,144
tokens, which this one passes over in 0.1 s), and trusts the file. The format:
https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import mmap
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
        return int(max(value, default=default)) if isinstance(value, list) else int(value)


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
    kind = str(header.fields.get("general.type", "model"))
    if kind == "adapter":
        mend = "give the base GGUF as 'path' and this file as 'adapter'"
        raise ModelError("is a LoRA adapter, not a model", where=at(path), mend=mend)
    architecture = header.architecture
    if architecture in _EMBEDDING or header.fields.get(f"{architecture}.attention.causal") is False:
        raise ModelError(f"is an embedding model ({architecture}): it generates no text", where=at(path))
    layers, width = header.number("block_count"), header.number("embedding_length")
    highest = max((_layer(name) for name in header.tensors), default=-1)
    if not architecture or not width or not highest < layers <= len(header.tensors):
        what = f"is a damaged GGUF file: {layers} layers, {len(header.tensors)} tensors, width {width}"
        raise ModelError(what, where=at(path))
    heads = header.number("attention.head_count", 1) or 1
    per_layer = header.fields.get(f"{architecture}.attention.head_count_kv", heads)
    kv_heads = sum(map(int, per_layer)) if isinstance(per_layer, list) else layers * int(per_layer)
    key = header.number("attention.key_length", width // heads)
    value = header.number("attention.value_length", key)
    tokens = header.fields.get("tokenizer.ggml.tokens")
    return GgufFacts(
        name=str(header.fields.get("general.name", path.stem)),
        architecture=architecture,
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
    try:
        with path.open("rb") as stream:
            if stream.read(4) != b"GGUF":
                mend = "convert the merged model to GGUF first"
                raise ModelError("is no GGUF file", where=at(path), mend=mend)
            with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _Reader(data).header()
    except OSError as fault:
        raise ModelError(f"cannot be read: {fault.strerror or fault}", where=at(path)) from None
    except (_Damaged, struct.error, IndexError) as fault:
        raise ModelError(f"is a damaged GGUF file: {fault}", where=at(path)) from None


class _Damaged(Exception):
    """The file contradicts the format, or itself."""


class _Reader:
    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
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
        return Header(found, self._tensors(tensors, found), len(self._data))

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
            if begin + offset + tensor.size > len(self._data):
                end = begin + offset + tensor.size
                raise _Damaged(f"it is cut: '{name}' ends at byte {end:,}, the file at {len(self._data):,}")
        return {name: tensor for name, (tensor, _) in listed.items()}

    def _number(self, letter: str) -> Any:
        [value] = struct.unpack_from(f"<{letter}", self._data, self._at)
        self._at += struct.calcsize(f"<{letter}")
        return value

    def _text(self) -> str:
        length = self._number("Q")
        if length > len(self._data) - self._at:
            raise _Damaged("a text goes beyond the end of the file")
        text = self._data[self._at : self._at + length]
        self._at += length
        return text.decode("utf-8", errors="replace")

    def _value(self, kind: int) -> Any:
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
            return [self._value(_ARRAY) for _ in range(count)]
        if inner not in _SCALARS:
            raise _Damaged(f"a list has the unknown type {inner}")
        size = struct.calcsize(f"<{_SCALARS[inner]}") * count
        if size > len(self._data) - self._at:
            raise _Damaged("a list goes beyond the end of the file")
        values = (
            struct.unpack_from(f"<{count}{_SCALARS[inner]}", self._data, self._at) if count <= _KEPT else ()
        )
        self._at += size
        return list(values) if count <= _KEPT else count

    def _texts(self, count: int) -> list[str] | int:
        if count <= _KEPT:
            return [self._text() for _ in range(count)]
        data, place, length = self._data, self._at, struct.Struct("<Q")
        for _ in range(count):
            place += 8 + length.unpack_from(data, place)[0]
        if place > len(data):
            raise _Damaged("a list goes beyond the end of the file")
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
