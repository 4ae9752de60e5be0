"""A context of llama.cpp: the sequences that are evaluated beside each other, and their KV cache.

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

from vgpt_probe.engine.llama import Weights
from vgpt_probe.engine.messages import PREFIX_SLOTS, SCORING_SLOTS, Start
from vgpt_probe.errors import ModelError

#: ``enum ggml_type`` and ``enum llama_flash_attn_type`` by their names in config.toml.
_CACHE = {"f16": 1, "q8_0": 8, "q4_0": 2}
_FLASH = {"auto": -1, "off": 0, "on": 1}


class LoadedModel:
    """Weights with the contexts over them; ``load_seconds`` is what it took to make both.

    The last context is the one whose sequences share their cells; where there is one before it, each of its sequences
    has cells of its own (``Start.streams``). Raises ``ModelError`` when llama.cpp cannot load the file or make a context.
    """

    def __init__(self, start: Start) -> None:
        began = time.perf_counter()
        self.weights = Weights(start)
        kinds = (True, False) if start.streams and self.weights.couples else (False,)
        self.contexts = [Context(self.weights, start, streams=streams) for streams in kinds]
        self.load_seconds = time.perf_counter() - began

    def use_adapter(self, path: str) -> None:
        """Evaluate with a loaded adapter from now on, "" for none; what was evaluated before is forgotten."""
        for context in self.contexts:
            context.use_adapter(path)

    def abort_when(self, wanted: Callable[[], bool]) -> None:
        """Let ``wanted`` stop an evaluation in the middle of a step (CPU only)."""
        for context in self.contexts:
            context.abort_when(wanted)

    def clear(self) -> None:
        """Drop what was evaluated: what comes next is placed as in new contexts."""
        for context in self.contexts:
            context.clear()

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        self.weights.close()


class Context:
    """A context over a model for ``parallel`` sequences, some for the beginnings they share, some to score.

    All sequences share one stream of ``cells``, and a token can belong to several (``couples``); with ``streams`` each
    has a stream of so many cells to itself, attends to no other's, and nothing is scored. ``decode_seconds`` and
    ``evaluated`` count the time spent in ``llama_decode`` and the tokens it was given.

    Raises ``ModelError`` when llama.cpp cannot make it.
    """

    def __init__(self, weights: Weights, start: Start, *, streams: bool = False) -> None:
        self._weights = weights
        self.streams = streams
        self.couples = weights.couples and not streams
        self.vocabulary = weights.vocabulary
        self.tokenize, self.piece, self.ends = weights.tokenize, weights.piece, weights.ends
        first = start.parallel + PREFIX_SLOTS
        self.prefix_slots = range(start.parallel, first)
        self.scoring_slots = range(first, first if streams else first + SCORING_SLOTS)
        params = lib.llama_context_default_params()
        params.n_ctx = first * start.streams if streams else start.context
        params.n_seq_max = self.scoring_slots.stop
        # A step must have room for a token of every sequence: llama.cpp aborts where it has not.
        params.n_batch = max(start.batch, params.n_seq_max)
        params.n_ubatch = min(params.n_batch, 512)
        params.n_threads = params.n_threads_batch = start.threads
        params.kv_unified = not streams
        params.no_perf = True
        params.type_k = params.type_v = _CACHE[start.kv_cache]
        # A quantised cache of values is only read by flash attention.
        exact_cache = start.kv_cache == "f16"
        params.flash_attn_type = _FLASH[start.flash_attention if exact_cache else "on"]
        self._context = lib.llama_init_from_model(weights.model, params)
        if not self._context:
            raise ModelError(
                f"llama.cpp cannot make a context of {params.n_ctx} tokens",
                mend="lower 'context' or 'gpu_layers' in config.toml",
            )
        self._memory = lib.llama_get_memory(self._context)
        if not self._memory:
            raise ModelError("this is an embedding model: it generates no text")
        self.cells = lib.llama_n_ctx_seq(self._context)
        self._batch = _Batch(start.batch)
        self._keep_callback: ctypes._FuncPointer | None = None
        self.decode_seconds = 0.0
        self.evaluated = 0

    def use_adapter(self, path: str) -> None:
        """Evaluate with a loaded adapter from now on, "" for none; what was evaluated before is forgotten.

        What another adapter has evaluated is stale, and a cleared cache gives the same bits whoever used it before.
        """
        chosen = [self._weights.adapters[path]] if path else []
        adapters = (lib.llama_adapter_lora_p_ctypes * 1)(*chosen)
        scales = (ctypes.c_float * 1)(1.0)
        if lib.llama_set_adapters_lora(self._context, adapters, len(chosen), scales) != 0:
            raise ModelError(f"llama.cpp cannot apply the adapter {Path(path).name}")
        lib.llama_memory_clear(self._memory, False)

    def abort_when(self, wanted: Callable[[], bool]) -> None:
        """Let ``wanted`` stop an evaluation in the middle of a step (CPU only)."""
        self._keep_callback = lib.ggml_abort_callback(lambda _data: wanted())
        lib.llama_set_abort_callback(self._context, self._keep_callback, None)

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
        status = lib.llama_decode(self._context, batch)
        self.decode_seconds += time.perf_counter() - began
        self.evaluated += len(tokens)
        return status

    def logits(self, rows: int) -> np.ndarray:
        """Return the logits (rows × vocabulary, float32) of the tokens wanted in the last step, as a view."""
        pointer = lib.llama_get_logits(self._context)
        return np.ctypeslib.as_array(pointer, shape=(rows, self.vocabulary))

    def share(self, source: int, target: int) -> None:
        """Lend everything that slot ``source`` has evaluated to slot ``target``."""
        lib.llama_memory_seq_cp(self._memory, source, target, -1, -1)

    def forget(self, slot: int, start: int = -1) -> None:
        """Drop what a slot has evaluated, from position ``start`` on (-1: all)."""
        lib.llama_memory_seq_rm(self._memory, slot, start, -1)

    def clear(self) -> None:
        """Drop what every slot has evaluated: what comes next is placed as in a new context."""
        lib.llama_memory_clear(self._memory, False)

    def close(self) -> None:
        lib.llama_free(self._context)


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
