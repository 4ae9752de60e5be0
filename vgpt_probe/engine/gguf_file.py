"""What a GGUF file says of itself, read with the ``gguf`` package before llama.cpp sees the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from vgpt_probe.errors import ModelError, at


class GgufFacts(msgspec.Struct, frozen=True):
    """Facts from a GGUF header; ``size`` in bytes, ``context`` in tokens, ``kv_bytes`` a token of context."""

    name: str
    architecture: str
    parameters: int
    quantisation: str
    context: int
    chat_template: bool
    size: int
    kv_bytes: int

    def memory(self, context: int) -> int:
        """Estimate the memory (bytes) that the model needs with ``context`` tokens: weights, cache, buffers."""
        return int(self.size + self.kv_bytes * context + 64e6)

    def as_row(self) -> dict[str, Any]:
        row = msgspec.to_builtins(self)
        del row["kv_bytes"]
        return row


def read_gguf(path: Path) -> GgufFacts:
    """Read the header of a GGUF file.

    Raises ``ModelError`` when the file is no GGUF, is cut, or says impossible things of itself.
    """
    try:
        with path.open("rb") as stream:
            magic = stream.read(4)
    except OSError as fault:
        raise ModelError(f"cannot be read: {fault.strerror or fault}", where=at(path)) from None
    if magic != b"GGUF":
        raise ModelError("is no GGUF file", where=at(path), mend="convert the merged model to GGUF first")
    from gguf import GGUFReader, LlamaFileType

    try:
        reader = GGUFReader(path)
        fields = {
            key: field.contents()
            for key, field in reader.fields.items()
            if not key.startswith("tokenizer.ggml")
        }
        architecture = str(fields["general.architecture"])
        parameters = sum(int(tensor.n_elements) for tensor in reader.tensors)
        layers, width = (
            int(fields[f"{architecture}.block_count"]),
            int(fields[f"{architecture}.embedding_length"]),
        )
        heads = _first(fields.get(f"{architecture}.attention.head_count", 1)) or 1
        kv_heads = _first(fields.get(f"{architecture}.attention.head_count_kv", heads))
        head = int(fields.get(f"{architecture}.attention.key_length", width // heads))
        kinds = {tensor.tensor_type.name: 0 for tensor in reader.tensors}
        for tensor in reader.tensors:
            kinds[tensor.tensor_type.name] += int(tensor.n_elements)
        file_type = fields.get("general.file_type")
        quantisation = (
            LlamaFileType(file_type).name.split("_", 1)[1]
            if file_type is not None
            else max(kinds, key=kinds.__getitem__)
        )
        return GgufFacts(
            name=str(fields.get("general.name", path.stem)),
            architecture=architecture,
            parameters=parameters,
            quantisation=quantisation,
            context=int(fields.get(f"{architecture}.context_length", 0)),
            chat_template=bool(fields.get("tokenizer.chat_template")),
            size=path.stat().st_size,
            kv_bytes=2 * 2 * layers * kv_heads * head,
        )
    except Exception as fault:
        # The reader trusts its file; whatever it stumbles over, the file is at fault.
        raise ModelError(f"is a damaged GGUF file: {type(fault).__name__}: {fault}", where=at(path)) from None


def _first(value: Any) -> int:
    return int(max(value)) if isinstance(value, list) else int(value)
