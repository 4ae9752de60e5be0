"""A plan made before anything is loaded: which models share weights, what each needs, and whether all fit at once."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from vgpt_probe.config import ModelSettings
from vgpt_probe.engine.gguf_file import GgufFacts, read_gguf
from vgpt_probe.engine.machine import Build, ask_build, cores, free_memory, gpu_build, total_memory
from vgpt_probe.engine.messages import PREFIX_SLOTS, SCORING_SLOTS, Start
from vgpt_probe.errors import ModelError

Residency = Literal["auto", "all", "one"]

#: Models that agree in these share one set of weights in one process.
_SHARED_BY = ("path", "context", "parallel", "threads", "batch", "gpu_layers", "main_gpu", "tensor_split",
              "flash_attention", "kv_cache")  # fmt: skip
#: Bytes of one value in the KV cache: 32 values and their scale in a block.
_CACHE_BYTES = {"f16": 2.0, "q8_0": 34 / 32, "q4_0": 18 / 32}
#: What a worker process needs beside its model, and a GPU's own buffers, in bytes.
_PROCESS, _GPU = 75_000_000, 300_000_000
#: A file of so many bytes at most is a small model: beside its weights it is dear that every token attends to the cells
#: of all sequences. A larger one would lose more by reading prompts apart from what is generated.
_SMALL = 64_000_000
#: llama.cpp rounds the cells of a stream up to a multiple of this.
_STREAM = 256
#: So much of what is free is used at most: other programs live too.
_SHARE = 0.9


class Need(msgspec.Struct, frozen=True):
    """An estimate, in bytes: the parts of what one process needs, and where they lie."""

    weights: int = 0
    cache: int = 0
    buffers: int = 0
    ram: int = 0
    vram: int = 0


class Group(msgspec.Struct, frozen=True):
    """Models that share one process; ``threads`` is what it gets."""

    models: tuple[ModelSettings, ...]
    need: Need
    threads: int

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.models]


class Plan(msgspec.Struct, frozen=True):
    """How the models of a workspace are held.

    ``residency``: all at once, or one after another; ``chosen``: by the user. ``free_ram`` and ``free_vram`` in
    bytes; ``too_large``: models that do not fit even alone.
    """

    residency: Literal["all", "one"]
    chosen: bool
    groups: tuple[Group, ...]
    free_ram: int
    free_vram: int
    too_large: tuple[str, ...]

    @property
    def ram(self) -> int:
        """What is needed at a time, in bytes."""
        needs = [group.need.ram for group in self.groups] or [0]
        return sum(needs) if self.residency == "all" else max(needs)

    @property
    def vram(self) -> int:
        needs = [group.need.vram for group in self.groups] or [0]
        return sum(needs) if self.residency == "all" else max(needs)

    @property
    def fits(self) -> bool:
        return self.ram <= self.free_ram and self.vram <= max(self.free_vram, 0)


def make_plan(models: list[ModelSettings], residency: Residency = "auto") -> Plan:
    """Plan how to hold models that are loaded here (served ones need nothing).

    A file that cannot be read counts with its size; loading it will tell what is wrong.
    """
    shared = share([one for one in models if not one.url])
    gpus = [device for build in [_build(models)] if build is not None for device in build.gpus]
    free_ram, free_vram = free_memory(), sum(device.free for device in gpus)
    needs = [_need(group, gpus=len(gpus)) for group in shared]
    beside = (
        sum(need.ram for need in needs) <= _SHARE * free_ram
        and sum(need.vram for need in needs) <= _SHARE * free_vram
    )
    kind: Literal["all", "one"] = ("all" if beside else "one") if residency == "auto" else residency
    each = max(1, cores() // len(shared)) if kind == "all" and shared else cores()
    return Plan(
        residency=kind,
        chosen=residency != "auto",
        groups=tuple(
            Group(tuple(group), need, group[0].threads or each)
            for group, need in zip(shared, needs, strict=True)
        ),
        free_ram=free_ram,
        free_vram=free_vram,
        too_large=tuple(
            one.name
            for group, need in zip(shared, needs, strict=True)
            if need.ram > free_ram or need.vram > free_vram
            for one in group
        ),
    )


def share(models: list[ModelSettings]) -> list[list[ModelSettings]]:
    """Group models that can share one set of weights: same file, loaded in the same way."""
    groups: dict[tuple[object, ...], list[ModelSettings]] = {}
    for one in models:
        groups.setdefault(tuple(getattr(one, key) for key in _SHARED_BY), []).append(one)
    return list(groups.values())


def estimate(facts: GgufFacts, settings: ModelSettings, *, adapters: int = 0, gpus: int = 0) -> Need:
    """Estimate what a model needs: weights, KV cache, and buffers; ``adapters`` is the size of its adapters' files."""
    weights = facts.size + adapters
    cells = settings.context + own_streams(settings) * (settings.parallel + PREFIX_SLOTS)
    cache = int(facts.kv_values * _CACHE_BYTES[settings.kv_cache] * cells)
    tokens = min(settings.batch, 512)
    rows = settings.parallel + PREFIX_SLOTS + SCORING_SLOTS
    logits = 4 * rows * facts.vocabulary
    layer = 4 * tokens * (4 * facts.width + 2 * facts.inner)
    if gpus == 0 or settings.gpu_layers == 0:
        # Twice: where they are computed, and where they are read.
        buffers = 2 * logits + layer
        return Need(weights, cache, buffers, ram=weights + cache + buffers + _PROCESS)
    layers = facts.layers + 1
    part = min(1.0, (layers if settings.gpu_layers < 0 else settings.gpu_layers) / layers)
    # A GPU's buffers are held whole, whether they are used or not.
    buffers = 4 * tokens * facts.vocabulary + layer
    vram = int(part * (weights + cache)) + buffers + _GPU
    ram = int((1 - part) * (weights + cache)) + logits + _PROCESS
    return Need(weights, cache, buffers, ram=ram, vram=vram)


def check_room(facts: GgufFacts, start: Start) -> None:
    """Refuse a context whose cache alone is more than the machine has: getting it could bring down other programs.

    Raises ``ModelError`` with the figures.
    """
    cells = start.context + start.streams * (start.parallel + PREFIX_SLOTS)
    cache = int(facts.kv_values * _CACHE_BYTES[start.kv_cache] * cells)
    if cache > (total := total_memory()) and not (start.gpu_layers and gpu_build()):
        what = f"a context of {start.context:,} tokens needs {cache / 1e9:,.0f} GB, this machine has {total / 1e9:.0f}"
        raise ModelError(what, mend="lower 'context' in config.toml")


def own_streams(settings: ModelSettings) -> int:
    """How many cells each sequence of a model gets for itself to generate in; 0 where all do better to share."""
    if settings.parallel == 1 or not 0 < _size(settings.path) <= _SMALL:
        return 0
    return -(-settings.context // settings.parallel // _STREAM) * _STREAM


def _need(group: list[ModelSettings], *, gpus: int) -> Need:
    sizes = {one.adapter: _size(one.adapter) for one in group if one.adapter}
    try:
        facts = read_gguf(Path(group[0].path))
    except ModelError:
        size = _size(group[0].path)
        return Need(weights=size, ram=size + _PROCESS)
    return estimate(facts, group[0], adapters=sum(sizes.values()), gpus=gpus)


def _build(models: list[ModelSettings]) -> Build | None:
    wanted = any(one.gpu_layers for one in models if not one.url)
    return ask_build() if wanted and gpu_build() else None


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0
