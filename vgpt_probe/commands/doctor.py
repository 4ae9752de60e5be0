"""``doctor``: is everything here that a run needs?"""

from __future__ import annotations

import json as json_module
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec

from vgpt_probe import __version__
from vgpt_probe.commands import output
from vgpt_probe.errors import DONE, FOUND, ProbeError

#: Asked in a process of its own, for only workers import llama_cpp, and a broken build may abort.
_ASK_LLAMA = """
import json, llama_cpp, llama_cpp.llama_cpp as lib
print(json.dumps({
    "version": llama_cpp.__version__,
    "gpu": bool(lib.llama_supports_gpu_offload()),
    "system": lib.llama_print_system_info().decode("utf-8", "replace"),
}))
"""


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked at; ``ok`` None is neither good nor bad."""

    what: str
    ok: bool | None
    found: str
    mend: str = ""


def doctor(config: Path | None, *, json: bool) -> int:
    """Check the workspace, the llama.cpp build, memory against each model, and the terminal; FOUND if one fails."""
    checks = [
        Check(
            "vgpt_probe", None, f"{__version__}, Python {platform.python_version()}, {platform.platform()}"
        ),
        *_llama(),
        *_workspace(config),
        *_terminal(),
    ]
    if json:
        output.print_json(checks)
    else:
        listed = output.table("", "what", "found")
        for check in checks:
            mark = {
                True: output.shown("✓", "green"),
                False: output.shown("✗", "bold red"),
                None: output.shown("·"),
            }
            found = f"{check.found} – {check.mend}" if check.mend else check.found
            listed.add_row(mark[check.ok], check.what, output.shown(found))
        output.console().print(listed)
    return FOUND if any(check.ok is False for check in checks) else DONE


def _llama() -> list[Check]:
    try:
        asked = subprocess.run(
            [sys.executable, "-c", _ASK_LLAMA],
            check=False,
            capture_output=True,
            timeout=60,
            encoding="utf-8",
            errors="replace",
        )
        told = json_module.loads(asked.stdout.splitlines()[-1])
    except (subprocess.SubprocessError, OSError, ValueError, IndexError):
        mend = "install it again: pip install --force-reinstall --no-cache-dir llama-cpp-python"
        return [Check("llama.cpp", False, "llama-cpp-python cannot be imported", mend)]
    features = [
        part.strip() for part in told["system"].replace("|", ",").split(",") if part.strip().endswith("= 1")
    ]
    offload = "this build can offload layers to the GPU" if told["gpu"] else "this build runs on the CPU only"
    mend = "" if told["gpu"] else "for a GPU see 'CUDA, Metal and Vulkan' in the README"
    return [
        Check("llama.cpp", True, f"llama-cpp-python {told['version']}"),
        Check(
            "CPU features",
            None,
            ", ".join(part.removesuffix("= 1").strip() for part in features) or told["system"],
        ),
        Check("GPU offload", None, offload, mend),
    ]


def _workspace(config: Path | None) -> list[Check]:
    import psutil

    from vgpt_probe.config import open_workspace
    from vgpt_probe.engine.gguf_file import read_gguf
    from vgpt_probe.engine.pool import default_threads
    from vgpt_probe.engine.served import describe
    from vgpt_probe.probes import battery_names
    from vgpt_probe.runs.open import open_battery, open_catalog, open_store

    try:
        workspace = open_workspace(config)
    except ProbeError as fault:
        return [Check("config.toml", False, str(fault))]
    checks = [Check("config.toml", True, str(workspace.path))]
    try:
        catalog = open_catalog(workspace)
        found = f"{len(catalog)} relations from {workspace.catalog_path.name}"
        if catalog.skipped:
            found += f", {catalog.skipped} statements could not be read"
        checks.append(Check("catalog", True, found))
        for name in battery_names(workspace.battery_folder):
            battery = open_battery(workspace, catalog, name)
            checks.append(Check(f"battery {name}", True, f"{len(battery.probes)} probes"))
    except ProbeError as fault:
        checks.append(Check("catalog and batteries", False, str(fault)))
    try:
        open_store(workspace).close()
        checks.append(Check("store", True, str(workspace.store_path)))
    except ProbeError as fault:
        checks.append(Check("store", False, str(fault)))
    free, needed = psutil.virtual_memory().available, 0
    settings = workspace.models()
    for one in settings:
        try:
            if one.url:
                checks.append(Check(f"model {one.name}", True, f"{one.url} serves it as '{describe(one).id}'"))
                continue
            facts = read_gguf(Path(one.path))
        except ProbeError as fault:
            checks.append(Check(f"model {one.name}", False, str(fault)))
            continue
        memory = facts.memory(one.context)
        needed += memory
        found = f"{facts.architecture}, {facts.parameters / 1e6:,.1f} M parameters, {facts.quantisation},"
        found += f" about {output.size(memory)} of memory"
        template = facts.chat_template or bool(one.chat_template)
        mend = "" if template else "it has no chat template: set 'chat_template' in config.toml"
        checks.append(Check(f"model {one.name}", template, found, mend))
    fits = needed <= free
    mend = "" if fits else "close other programs, or ask fewer models at a time with --models"
    checks.append(
        Check("memory", fits, f"{output.size(free)} free, the models need about {output.size(needed)}", mend)
    )
    checks.append(
        Check("cores", None, f"{os.cpu_count()}, {default_threads(len(settings))} threads for each model")
    )
    return checks


def _terminal() -> list[Check]:
    if not sys.stdout.isatty():
        return [Check("terminal", None, "standard output is no terminal; the app needs one")]
    columns, lines = shutil.get_terminal_size()
    wide = columns >= 80 and lines >= 24
    colour = os.environ.get("COLORTERM") or os.environ.get("TERM", "")
    found = f"{columns} × {lines}, {colour or 'type not known'}, encoding {sys.stdout.encoding}"
    return [Check("terminal", wide, found, "" if wide else "the app wants at least 80 × 24")]
