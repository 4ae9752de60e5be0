"""What the llama.cpp build can do, printed as one line of JSON: run as a process of its own, for a broken build may abort.

python -m vgpt_probe.engine.devices
"""

from __future__ import annotations

import ctypes
import json
import os
from pathlib import Path
from typing import Any

#: ``enum ggml_backend_dev_type``.
_KINDS = {0: "cpu", 1: "gpu", 2: "integrated gpu", 3: "accelerator"}


def ask() -> dict[str, Any]:
    """The version, the CPU features in use, and each device with its memory (bytes) and kind."""
    import llama_cpp
    import llama_cpp.llama_cpp as lib

    lib.llama_backend_init()
    return {
        "version": llama_cpp.__version__,
        "gpu_offload": bool(lib.llama_supports_gpu_offload()),
        "system": lib.llama_print_system_info().decode("utf-8", "replace"),
        "devices": _devices(Path(llama_cpp.__file__).parent / "lib"),
    }


def gpus() -> list[dict[str, Any]]:
    """The devices that layers can be put on."""
    import llama_cpp

    return [one for one in _devices(Path(llama_cpp.__file__).parent / "lib") if "gpu" in one["kind"]]


def _devices(folder: Path) -> list[dict[str, Any]]:
    """llama.cpp's own list of devices; llama-cpp-python binds none of these calls."""
    registry, base = _library(folder, "ggml"), _library(folder, "ggml-base")
    if registry is None or base is None:
        return []
    registry.ggml_backend_dev_get.restype = ctypes.c_void_p
    registry.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    registry.ggml_backend_dev_count.restype = ctypes.c_size_t
    for call in (base.ggml_backend_dev_name, base.ggml_backend_dev_description):
        call.restype, call.argtypes = ctypes.c_char_p, [ctypes.c_void_p]
    base.ggml_backend_dev_type.argtypes = [ctypes.c_void_p]
    size = ctypes.POINTER(ctypes.c_size_t)
    base.ggml_backend_dev_memory.argtypes = [ctypes.c_void_p, size, size]
    base.ggml_backend_dev_memory.restype = None
    found = []
    for number in range(registry.ggml_backend_dev_count()):
        device = registry.ggml_backend_dev_get(number)
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        base.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
        found.append(
            {
                "name": base.ggml_backend_dev_name(device).decode("utf-8", "replace"),
                "description": base.ggml_backend_dev_description(device).decode("utf-8", "replace"),
                "kind": _KINDS.get(base.ggml_backend_dev_type(device), "other"),
                "free": free.value,
                "total": total.value,
            }
        )
    return found


def _library(folder: Path, name: str) -> ctypes.CDLL | None:
    for shape in (f"lib{name}.so", f"lib{name}.dylib", f"{name}.dll"):
        path = folder / shape
        if path.exists():
            try:
                return ctypes.CDLL(os.fspath(path))
            except OSError:
                return None
    return None


if __name__ == "__main__":
    print(json.dumps(ask()))
