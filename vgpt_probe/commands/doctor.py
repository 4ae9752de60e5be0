"""``doctor``: is everything here that a run needs?"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from vgpt_probe import __version__
from vgpt_probe.commands import output
from vgpt_probe.errors import DONE, FOUND, ProbeError
from vgpt_probe.log import NAME

if TYPE_CHECKING:
    from vgpt_probe.config import ModelSettings, Workspace


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked at; ``ok`` None is neither good nor bad."""

    what: str
    ok: bool | None
    found: str
    mend: str = ""


def doctor(config: Path | None, *, json: bool, report: Path | None = None) -> int:
    """Check the workspace, the llama.cpp build, memory against each model, and the terminal; FOUND if one fails.

    ``report``: a file that gets what a bug report needs besides. Raises the ``ConfigError`` of a broken config.toml
    after all else has been checked.
    """
    from vgpt_probe.config import open_workspace

    workspace, broken = None, None
    try:
        workspace = open_workspace(config)
    except ProbeError as fault:
        broken = fault
    checks = [
        Check(
            "vgpt_probe", None, f"{__version__}, Python {platform.python_version()}, {platform.platform()}"
        ),
        *_llama(),
        *(_workspace(workspace) if workspace else [Check("config.toml", False, str(broken))]),
        *_terminal(),
    ]
    if report is not None:
        from vgpt_probe.commands.bug_report import write_report

        write_report(report, checks, workspace, config)
        output.say(f"what a bug report needs is in {report}; read it before you send it")
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
            listed.add_row(mark[check.ok], output.shown(check.what), output.shown(found))
        output.console().print(listed)
    if broken is not None:
        raise broken
    return FOUND if any(check.ok is False for check in checks) else DONE


def _llama() -> list[Check]:
    from vgpt_probe.engine.machine import ask_build

    build = ask_build()
    if build is None:
        mend = "install it again: pip install --force-reinstall --no-cache-dir llama-cpp-python"
        return [Check("llama.cpp", False, "llama-cpp-python cannot be imported", mend)]
    features = [
        part.strip() for part in build.system.replace("|", ",").split(",") if part.strip().endswith("= 1")
    ]
    offload = (
        "this build can offload layers to a GPU" if build.gpu_offload else "this build runs on the CPU only"
    )
    mend = ""
    if not build.gpu_offload:
        mend = "for a GPU see 'CUDA, Metal and Vulkan' in the README"
    elif not build.gpus:
        offload, mend = f"{offload}, but finds none here", "check the GPU's driver"
    return [
        Check("llama.cpp", True, f"llama-cpp-python {build.version}"),
        Check(
            "CPU features",
            None,
            ", ".join(part.removesuffix("= 1").strip() for part in features) or build.system,
        ),
        Check("GPU offload", None, offload, mend),
        *(
            Check(
                f"device {device.name}",
                None,
                f"{device.description} ({device.kind}), {output.size(device.free)} of"
                f" {output.size(device.total)} free",
            )
            for device in build.devices
        ),
    ]


def _workspace(workspace: Workspace) -> list[Check]:
    from vgpt_probe.commands.models import plan_in_words
    from vgpt_probe.engine.machine import cores
    from vgpt_probe.engine.plan import make_plan
    from vgpt_probe.probes import battery_names
    from vgpt_probe.runs.open import open_battery, open_catalog, open_store

    checks = [
        Check("config.toml", True, str(workspace.path)),
        Check("log", None, str(workspace.log_folder / NAME)),
    ]
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
        store = open_store(workspace)
        writable, mend = store.read_only is None, "" if store.read_only is None else "it can only be read"
        checks.append(Check("store", writable, str(workspace.store_path), mend))
        store.close()
    except ProbeError as fault:
        checks.append(Check("store", False, str(fault)))
    settings = workspace.models()
    checks += [_model(one) for one in settings]
    plan = make_plan(settings, workspace.config.engine.residency)
    mend = "" if plan.fits else "lower 'context', set kv_cache = 'q8_0', or serve the largest elsewhere (url)"
    checks.append(Check("memory", plan.fits, plan_in_words(plan), mend))
    threads = (
        ", ".join(f"{' and '.join(group.names)} {group.threads}" for group in plan.groups) or "none here"
    )
    checks.append(Check("cores", None, f"{cores()}; threads: {threads}"))
    return checks


def _model(settings: ModelSettings) -> Check:
    from vgpt_probe.engine.gguf_file import check_adapter, read_gguf
    from vgpt_probe.engine.plan import estimate
    from vgpt_probe.engine.served import describe

    what = f"model {settings.name}"
    try:
        if settings.url:
            return Check(what, True, f"{settings.url} serves it as '{describe(settings).id}'")
        facts = read_gguf(Path(settings.path))
        if settings.adapter:
            check_adapter(Path(settings.adapter), Path(settings.path))
    except ProbeError as fault:
        return Check(what, False, str(fault))
    memory = estimate(facts, settings)
    found = f"{facts.architecture}, {facts.parameters / 1e6:,.1f} M parameters, {facts.quantisation},"
    found += f" about {output.size(memory.ram)} of memory ({output.size(memory.cache)} of it for the context)"
    template = facts.chat_template or bool(settings.chat_template)
    mend = "" if template else "it has no chat template: set 'chat_template' in config.toml"
    return Check(what, template, found, mend)


def _terminal() -> list[Check]:
    if not sys.stdout.isatty():
        return [Check("terminal", None, "standard output is no terminal; the app needs one")]
    columns, lines = shutil.get_terminal_size()
    wide = columns >= 80 and lines >= 24
    colour = os.environ.get("COLORTERM") or os.environ.get("TERM", "")
    found = f"{columns} × {lines}, {colour or 'type not known'}, encoding {sys.stdout.encoding}"
    return [Check("terminal", wide, found, "" if wide else "the app wants at least 80 × 24")]
