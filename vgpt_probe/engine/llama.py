"""A thin, safe hold on llama.cpp's low-level interface: a loaded model file, and contexts to evaluate in.

Only the worker process imports this module, for it imports ``llama_cpp``.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

import llama_cpp.llama_cpp as lib
import numpy as np

from vgpt_probe.engine.messages import Start
from vgpt_probe.errors import ModelError


class Weights:
    """A model file in memory, with its words: what all contexts over it share.

    Raises ``ModelError`` when llama.cpp cannot load the file.
    """

    def __init__(self, start: Start) -> None:
        lib.llama_backend_init()
        params = lib.llama_model_default_params()
        params.n_gpu_layers = start.gpu_layers if start.gpu_layers >= 0 else 2**31 - 1
        self._split = _place_on_gpus(params, start)
        self.model = lib.llama_model_load_from_file(start.path.encode("utf-8"), params)
        if not self.model:
            raise ModelError("llama.cpp cannot load this file", mend="see the model's log for its reason")
        if not lib.llama_model_has_decoder(self.model) or lib.llama_model_has_encoder(self.model):
            raise ModelError("this is no text-generating model (it has no decoder of its own)")
        self.vocab = lib.llama_model_get_vocab(self.model)
        self.vocabulary = lib.llama_vocab_n_tokens(self.vocab)
        # A recurrent state is the whole of a sequence: it can be copied, but no token can have two.
        self.couples = not (lib.llama_model_is_recurrent(self.model) or lib.llama_model_is_hybrid(self.model))
        self._pieces: dict[int, bytes] = {}
        self._room = 1024
        self._tokens = (lib.llama_token * self._room)()
        self._begin = lib.llama_vocab_bos(self.vocab)
        self._end = np.fromiter(
            (lib.llama_vocab_is_eog(self.vocab, token) for token in range(self.vocabulary)), dtype=bool
        )
        self.adapters: dict[str, lib.llama_adapter_lora_p] = {}

    def load_adapter(self, path: str) -> None:
        """Load a LoRA adapter onto these weights. Raises ``ModelError`` when it does not fit them."""
        if path and path not in self.adapters:
            adapter = lib.llama_adapter_lora_init(self.model, path.encode("utf-8"))
            if not adapter:
                raise ModelError(f"llama.cpp cannot load the adapter {Path(path).name} onto this model")
            self.adapters[path] = adapter

    @property
    def description(self) -> str:
        buffer = ctypes.create_string_buffer(256)
        lib.llama_model_desc(self.model, buffer, 256)
        return buffer.value.decode("utf-8", errors="replace")

    def metadata(self, key: str) -> str | None:
        """Return a value of the GGUF's metadata as text, or None."""
        size = 1024
        while True:
            buffer = ctypes.create_string_buffer(size)
            length = lib.llama_model_meta_val_str(self.model, key.encode("utf-8"), buffer, size)
            if length < 0:
                return None
            if length < size:
                return buffer.raw[:length].decode("utf-8", errors="replace")
            size = length + 1

    def token_text(self, token: int) -> str:
        """Return a token as it is written in the vocabulary; "" for none (-1)."""
        if token < 0:
            return ""
        text = lib.llama_vocab_get_text(self.vocab, token)
        return text.decode("utf-8", errors="replace") if text else ""

    def tokenize(self, text: str, *, prompt: bool = True) -> list[int]:
        """Tokenise a rendered prompt: control tokens are recognised, a beginning mark comes exactly once.

        Text that is no prompt (the opening of an answer) gets neither.
        """
        data = text.encode("utf-8", errors="replace")
        while True:
            count = lib.llama_tokenize(self.vocab, data, len(data), self._tokens, self._room, prompt, prompt)
            if count >= 0:
                break
            self._room = -count
            self._tokens = (lib.llama_token * self._room)()
        found = self._tokens[:count]
        while len(found) > 1 and found[0] == found[1] == self._begin:
            del found[0]
        return found

    def piece(self, token: int) -> bytes:
        """Return the bytes of one token; control tokens give none. Characters may be split over tokens."""
        known = self._pieces.get(token)
        if known is None:
            size = 64
            while True:
                buffer = ctypes.create_string_buffer(size)
                length = lib.llama_token_to_piece(self.vocab, token, buffer, size, 0, False)
                if length >= 0:
                    break
                size = -length
            known = self._pieces[token] = buffer.raw[:length]
        return known

    def ends(self, token: int) -> bool:
        return bool(self._end[token])

    def close(self) -> None:
        lib.llama_model_free(self.model)


def _place_on_gpus(params: lib.llama_model_params, start: Start) -> object:
    """Set which GPUs hold the layers; return what must stay alive while the model is loaded."""
    if start.main_gpu < 0 and not start.tensor_split:
        return None
    from vgpt_probe.engine.devices import gpus

    count = len(gpus())
    if count == 0 or start.gpu_layers == 0:
        # Nothing to choose from; on the CPU llama.cpp would take main_gpu for a fault.
        return None
    if start.main_gpu >= count:
        raise ModelError(
            f"there is no GPU {start.main_gpu}: llama.cpp finds {count}", mend="check 'main_gpu'"
        )
    if len(start.tensor_split) > count:
        what = f"tensor_split has {len(start.tensor_split)} shares, but llama.cpp finds {count} GPUs"
        raise ModelError(what, mend="check 'tensor_split'")
    if start.main_gpu >= 0:
        params.split_mode = lib.LLAMA_SPLIT_MODE_NONE
        params.main_gpu = start.main_gpu
        return None
    shares = (ctypes.c_float * lib.llama_max_devices())(*start.tensor_split)
    params.split_mode = lib.LLAMA_SPLIT_MODE_LAYER
    params.tensor_split = ctypes.cast(shares, ctypes.POINTER(ctypes.c_float))
    return shares
