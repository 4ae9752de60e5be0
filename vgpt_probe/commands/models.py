"""``models``: what each model's file or server says of it, and how the models are held in memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vgpt_probe.commands import output
from vgpt_probe.config import ModelSettings, Workspace
from vgpt_probe.errors import DONE, FOUND, ProbeError

if TYPE_CHECKING:
    from vgpt_probe.engine.plan import Plan


def list_models(workspace: Workspace, *, json: bool) -> int:
    """List the models of the workspace with what their files or servers say; FOUND when one cannot be read."""
    from vgpt_probe.engine.plan import make_plan

    rows, bad = [], 0
    plan = make_plan(workspace.models(), workspace.config.engine.residency)
    shared = {name: group.names for group in plan.groups for name in group.names if len(group.names) > 1}
    for settings in workspace.models():
        where: dict[str, object] = {"url": settings.url} if settings.url else {"file": settings.path}
        row: dict[str, object] = {"model": settings.name, "stage": settings.stage} | where
        if settings.adapter:
            row["adapter"] = settings.adapter
        if settings.name in shared:
            row["shares_weights_with"] = [name for name in shared[settings.name] if name != settings.name]
        try:
            rows.append(row | _facts(settings))
        except ProbeError as fault:
            rows.append(row | {"error": str(fault)})
            bad += 1
    if json:
        output.print_json(rows)
        return FOUND if bad else DONE
    listed = output.table(
        "model",
        "stage",
        "architecture",
        "parameters",
        "quantisation",
        "context",
        "template",
        "file size",
        "memory",
        "from",
        numbers=("parameters", "context", "file size", "memory"),
    )
    for row in rows:
        where_from = str(row.get("url") or row["file"])
        if "adapter" in row:
            where_from += f" + {Path(str(row['adapter'])).name}"
        cells = [str(row["model"]), str(row["stage"])]
        if "error" in row:
            cells += ["–"] * 7
            listed.add_row(*map(output.shown, cells), output.shown(str(row["error"]), "red"))
            continue
        if "url" in row:
            context = str(row["context"] or "–")
            cells += ["served", "–", "–", context, "–", "–", "–", f"{where_from}, {row['served_as']}"]
        else:
            cells += [
                str(row["architecture"]),
                f"{float(str(row['parameters'])) / 1e6:,.1f} M",
                str(row["quantisation"]),
                str(row["context"]),
                "yes" if row["chat_template"] else "no",
                output.size(float(str(row["size"]))),
                output.size(float(str(row["memory"]))),
                where_from,
            ]
        listed.add_row(*map(output.shown, cells))
    output.console().print(listed)
    if plan.groups:
        print(output.plain(f"memory: {plan_in_words(plan)}"))
    return FOUND if bad else DONE


def _facts(settings: ModelSettings) -> dict[str, object]:
    """What a model's file, or its server, says of it. Raises ``ModelError``."""
    if settings.url:
        from vgpt_probe.engine.served import describe

        served = describe(settings)
        return {"served_as": served.id, "context": served.context, "says": served.identity}
    from vgpt_probe.engine.gguf_file import check_adapter, read_gguf
    from vgpt_probe.engine.plan import estimate

    facts = read_gguf(Path(settings.path))
    if settings.adapter:
        check_adapter(Path(settings.adapter), Path(settings.path))
    return facts.as_row() | {"memory": estimate(facts, settings).ram}


def plan_in_words(plan: Plan) -> str:
    """Say how the models are held, what that needs, and what is free."""
    if not plan.groups:
        return "no model is loaded here"
    needed, free = [output.size(plan.ram)], [output.size(plan.free_ram)]
    if plan.free_vram or plan.vram:
        needed.append(f"{output.size(plan.vram)} on the GPU")
        free.append(f"{output.size(plan.free_vram)} on the GPU")
    if len(plan.groups) == 1:
        how = "one model" if len(plan.groups[0].models) == 1 else "all models share one set of weights"
    elif plan.residency == "all":
        how = "all models are held at once"
    else:
        how = "one model after another is loaded"
    how += " (residency in config.toml)" if plan.chosen else ""
    said = f"{how}: about {' and '.join(needed)} needed, {' and '.join(free)} free"
    shared = [" + ".join(group.names) for group in plan.groups if len(group.models) > 1]
    if shared and len(plan.groups) > 1:
        said += f"; shared weights: {', '.join(shared)}"
    if plan.too_large:
        said += f"; too large even alone: {', '.join(plan.too_large)}"
    return said
