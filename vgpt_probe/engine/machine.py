"""What this machine has: free memory, cores, and the devices that the llama.cpp build can use."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import msgspec

#: Backends that compute elsewhere than on the CPU, as parts of the names of llama.cpp's libraries.
_ELSEWHERE = ("cuda", "metal", "vulkan", "hip", "sycl", "musa", "cann", "opencl", "rpc")


class Device(msgspec.Struct, frozen=True):
    """A device of llama.cpp's list; memory in bytes."""

    name: str
    description: str
    kind: str
    free: int
    total: int


class Build(msgspec.Struct, frozen=True):
    """What the llama.cpp build says of itself."""

    version: str
    gpu_offload: bool
    system: str
    devices: tuple[Device, ...]

    @property
    def gpus(self) -> list[Device]:
        return [device for device in self.devices if "gpu" in device.kind]


@cache
def ask_build() -> Build | None:
    """Ask the llama.cpp build what it can do, in a process of its own; None when it cannot be imported."""
    try:
        asked = subprocess.run(
            [sys.executable, "-m", "vgpt_probe.engine.devices"],
            check=False,
            capture_output=True,
            timeout=120,
            encoding="utf-8",
            errors="replace",
        )
        return msgspec.json.decode(asked.stdout.splitlines()[-1], type=Build)
    except (subprocess.SubprocessError, OSError, IndexError, msgspec.MsgspecError):
        return None


def gpu_build() -> bool:
    """Whether the installed llama.cpp has a GPU backend, by its files: nothing is loaded."""
    found = importlib.util.find_spec("llama_cpp")
    folder = Path(found.origin).parent / "lib" if found is not None and found.origin else None
    if folder is None or not folder.is_dir():
        return False
    return any(part in path.name for path in folder.iterdir() for part in _ELSEWHERE)


def free_memory() -> int:
    """Memory that can be used (bytes): of the machine, and of the container if there is one."""
    import psutil

    free = int(psutil.virtual_memory().available)
    for most, used in (
        ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
        ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ):
        try:
            limit = int(Path(most).read_text(encoding="ascii"))
            free = min(free, max(0, limit - int(Path(used).read_text(encoding="ascii"))))
        except (OSError, ValueError):
            # No container, or one without a limit ("max").
            continue
    return free


def total_memory() -> int:
    """All memory of the machine, swap included (bytes)."""
    import psutil

    return int(psutil.virtual_memory().total + psutil.swap_memory().total)


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
