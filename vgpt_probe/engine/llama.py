"""A thin, safe hold on llama.cpp's low-level interface: one loaded model and its context.

Only the worker process imports this module, for it imports ``llama_cpp``.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path

import llama_cpp.llama_cpp as lib
import numpy as np

from vgpt_probe.engine.messages import Start
from vgpt_probe.errors import ModelError

#: Sequences for the openings of the questions that are scored together, and for the beginnings that prompts share.
SCORING_SLOTS = 96
PREFIX_SLOTS = 12

#: ``enum ggml_type`` and ``enum llama_flash_attn_type`` by their names in config.toml.
_CACHE = {"f16": 1, "q8_0": 8, "q4_0": 2}
_FLASH = {"auto": -1, "off": 0, "on": 1}


class LoadedModel:
    """A model in memory with a context for ``parallel`` sequences, some for their shared beginnings, some to score.

    ``couples``: one token can belong to several sequences. ``decode_seconds`` and ``evaluated`` count the time spent
    in ``llama_decode`` and the tokens it was given.

    Raises ``ModelError`` when llama.cpp cannot load the file or make the context.
    """

    def __init__(self, start: Start) -> None:
        began = time.perf_counter()
        lib.llama_backend_init()
        model_params = lib.llama_model_default_params()
        model_params.n_gpu_layers = start.gpu_layers if start.gpu_layers >= 0 else 2**31 - 1
        self._split = _place_on_gpus(model_params, start)
        self.model = lib.llama_model_load_from_file(start.path.encode("utf-8"), model_params)
        if not self.model:
            raise ModelError("llama.cpp cannot load this file", mend="see the model's log for its reason")
        if not lib.llama_model_has_decoder(self.model) or lib.llama_model_has_encoder(self.model):
            raise ModelError("this is no text-generating model (it has no decoder of its own)")
        self.vocab = lib.llama_model_get_vocab(self.model)
        self.vocabulary = lib.llama_vocab_n_tokens(self.vocab)
        params = lib.llama_context_default_params()
        params.n_ctx = start.context
        params.n_seq_max = start.parallel + PREFIX_SLOTS + SCORING_SLOTS
        # A step must have room for a token of every sequence: llama.cpp aborts where it has not.
        params.n_batch = max(start.batch, params.n_seq_max)
        params.n_ubatch = min(params.n_batch, 512)
        params.n_threads = params.n_threads_batch = start.threads
        params.kv_unified = True
        params.no_perf = True
        params.type_k = params.type_v = _CACHE[start.kv_cache]
        # A quantised cache of values is only read by flash attention.
        exact_cache = start.kv_cache == "f16"
        params.flash_attn_type = _FLASH[start.flash_attention if exact_cache else "on"]
        self.context = lib.llama_init_from_model(self.model, params)
        if not self.context:
            raise ModelError(
                f"llama.cpp cannot make a context of {start.context} tokens",
                mend="lower 'context' or 'gpu_layers' in config.toml",
            )
        self.memory = lib.llama_get_memory(self.context)
        if not self.memory:
            raise ModelError("this is an embedding model: it generates no text")
        self.cells = lib.llama_n_ctx(self.context)
        first = start.parallel + PREFIX_SLOTS
        self.prefix_slots = range(start.parallel, first)
        self.scoring_slots = range(first, first + SCORING_SLOTS)
        # A recurrent state is the whole of a sequence: it can be copied, but no token can have two.
        self.couples = not (lib.llama_model_is_recurrent(self.model) or lib.llama_model_is_hybrid(self.model))
        self._pieces: dict[int, bytes] = {}
        self._room = 1024
        self._tokens = (lib.llama_token * self._room)()
        self._begin = lib.llama_vocab_bos(self.vocab)
        self.decode_seconds = 0.0
        self.evaluated = 0
        self._adapters: dict[str, lib.llama_adapter_lora_p] = {}
        self._end = np.fromiter(
            (lib.llama_vocab_is_eog(self.vocab, token) for token in range(self.vocabulary)), dtype=bool
        )
        self._batch = _Batch(start.batch)
        self._keep_callback: ctypes._FuncPointer | None = None
        self.load_seconds = time.perf_counter() - began

    def load_adapter(self, path: str) -> None:
        """Load a LoRA adapter onto these weights. Raises ``ModelError`` when it does not fit them."""
        if path and path not in self._adapters:
            adapter = lib.llama_adapter_lora_init(self.model, path.encode("utf-8"))
            if not adapter:
                raise ModelError(f"llama.cpp cannot load the adapter {Path(path).name} onto this model")
            self._adapters[path] = adapter

    def use_adapter(self, path: str) -> None:
        """Evaluate with a loaded adapter from now on, "" for none; what was evaluated before is forgotten.

        What another adapter has evaluated is stale, and a cleared cache gives the same bits whoever used it before.
        """
        chosen = [self._adapters[path]] if path else []
        adapters = (lib.llama_adapter_lora_p_ctypes * 1)(*chosen)
        scales = (ctypes.c_float * 1)(1.0)
        if lib.llama_set_adapters_lora(self.context, adapters, len(chosen), scales) != 0:
            raise ModelError(f"llama.cpp cannot apply the adapter {Path(path).name}")
        lib.llama_memory_clear(self.memory, False)

    def abort_when(self, wanted: Callable[[], bool]) -> None:
        """Let ``wanted`` stop an evaluation in the middle of a step (CPU only)."""
        self._keep_callback = lib.ggml_abort_callback(lambda _data: wanted())
        lib.llama_set_abort_callback(self.context, self._keep_callback, None)

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

    def decode(
        self,
        tokens: list[int],
        positions: list[int],
        slots: Sequence[int] | Sequence[tuple[int, ...]],
        wanted: list[bool],
    ) -> int:
        """Evaluate tokens (at most the batch size) in one step; return llama.cpp's status (0 is done).

        A token belongs to one slot, or to each of several slots.
        """
        batch = self._batch.fill(tokens, positions, slots, wanted)
        began = time.perf_counter()
        status = lib.llama_decode(self.context, batch)
        self.decode_seconds += time.perf_counter() - began
        self.evaluated += len(tokens)
        return status

    def logits(self, rows: int) -> np.ndarray:
        """Return the logits (rows × vocabulary, float32) of the tokens wanted in the last step, as a view."""
        pointer = lib.llama_get_logits(self.context)
        return np.ctypeslib.as_array(pointer, shape=(rows, self.vocabulary))

    def share(self, source: int, target: int) -> None:
        """Lend everything that slot ``source`` has evaluated to slot ``target``."""
        lib.llama_memory_seq_cp(self.memory, source, target, -1, -1)

    def forget(self, slot: int, start: int = -1) -> None:
        """Drop what a slot has evaluated, from position ``start`` on (-1: all)."""
        lib.llama_memory_seq_rm(self.memory, slot, start, -1)

    def clear(self) -> None:
        """Drop what every slot has evaluated: what comes next is placed as in a new context."""
        lib.llama_memory_clear(self.memory, False)

    def close(self) -> None:
        lib.llama_free(self.context)
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


class _Batch:
    """A ``llama_batch`` whose pointers lead into numpy arrays, so that it is filled by slices."""

    def __init__(self, size: int) -> None:
        self._token = np.zeros(size, dtype=np.int32)
        self._position = np.zeros(size, dtype=np.int32)
        self._count = np.ones(size, dtype=np.int32)
        self._wanted = np.zeros(size, dtype=np.int8)
        self._slots = np.zeros(size, dtype=np.int32)
        self._pointers = np.zeros(size, dtype=np.uintp)
        self._batch = lib.llama_batch()
        self._batch.token = self._token.ctypes.data_as(ctypes.POINTER(lib.llama_token))
        self._batch.pos = self._position.ctypes.data_as(ctypes.POINTER(lib.llama_pos))
        self._batch.n_seq_id = self._count.ctypes.data_as(ctypes.POINTER(ctypes.c_int32))
        self._batch.seq_id = self._pointers.ctypes.data_as(ctypes.POINTER(ctypes.POINTER(lib.llama_seq_id)))
        self._batch.logits = self._wanted.ctypes.data_as(ctypes.POINTER(ctypes.c_int8))

    def fill(
        self,
        tokens: list[int],
        positions: list[int],
        slots: Sequence[int] | Sequence[tuple[int, ...]],
        wanted: list[bool],
    ) -> lib.llama_batch:
        count = len(tokens)
        self._token[:count] = tokens
        self._position[:count] = positions
        self._wanted[:count] = wanted
        if isinstance(slots[0], tuple):
            sizes = np.fromiter(map(len, slots), dtype=np.int32, count=count)  # type: ignore[arg-type]
            self._slots = np.fromiter(chain.from_iterable(slots), dtype=np.int32)  # type: ignore[arg-type]
            starts = np.cumsum(sizes) - sizes
        else:
            sizes = np.int32(1)
            if len(self._slots) < count:
                self._slots = np.zeros(len(self._token), dtype=np.int32)
            self._slots[:count] = slots
            starts = np.arange(count)
        self._count[:count] = sizes
        self._pointers[:count] = self._slots.ctypes.data + self._slots.itemsize * starts
        self._batch.n_tokens = count
        return self._batch
