"""``models`` and ``init``."""

from __future__ import annotations

from pathlib import Path

from vgpt_probe.commands import output
from vgpt_probe.config import ModelSettings, Workspace
from vgpt_probe.errors import DONE, FOUND, ProbeError, UsageError, at
from vgpt_probe.files import write_atomically


def list_models(workspace: Workspace, *, json: bool) -> int:
    """List the models of the workspace with what their files or servers say; FOUND when one cannot be read."""
    rows, bad = [], 0
    for settings in workspace.models():
        where: dict[str, object] = {"url": settings.url} if settings.url else {"file": settings.path}
        row: dict[str, object] = {"model": settings.name, "stage": settings.stage} | where
        if settings.adapter:
            row["adapter"] = settings.adapter
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
    return FOUND if bad else DONE


def _facts(settings: ModelSettings) -> dict[str, object]:
    """What a model's file, or its server, says of it. Raises ``ModelError``."""
    if settings.url:
        from vgpt_probe.engine.served import describe

        served = describe(settings)
        return {"served_as": served.id, "context": served.context, "says": served.identity}
    from vgpt_probe.engine.gguf_file import read_gguf

    facts = read_gguf(Path(settings.path))
    return facts.as_row() | {"memory": facts.memory(settings.context)}


def init(folder: Path) -> None:
    """Write a workspace that runs on the demo models until its owner puts their own in.

    Raises ``UsageError`` when the folder holds a workspace already.
    """
    from vgpt_probe.config import demo_workspace

    demo = demo_workspace()
    target = folder.resolve()
    config = target / "config.toml"
    if config.exists() or (target / "probes").exists():
        raise UsageError("there is a workspace here already", where=at(config), mend="give another folder")
    if target.exists() and not target.is_dir():
        raise UsageError("this is a file, not a folder", where=at(target))
    text = demo.path.read_text(encoding="utf-8")
    for model in demo.config.models:
        here = (demo.root / model.path).as_posix()
        text = text.replace(
            f'path = "{model.path}"', f'path = "{here}"   # a demo model; put yours in models/', 1
        )
    for stage in demo.config.stages:
        for name in stage.training:
            text = text.replace(f'"{name}"', f'"{(demo.root / name).as_posix()}"', 1)
    text = text.replace(
        "# The demo workspace.",
        "# A vgpt_probe workspace. It runs at once on the demo models; the steps to make it yours:\n"
        "#   1. put your GGUF files into models/ and name them under [[models]], one for each stage of training\n"
        "#   2. put your schema (CREATE TABLE / CREATE VIEW statements) into probes/ and name it under [catalog]\n"
        "#   3. put your own wordings and invented names into probes/existence.toml\n#",
        1,
    )
    try:
        for source in sorted(demo.battery_folder.iterdir()):
            if source.suffix in (".toml", ".sql"):
                write_atomically(target / "probes" / source.name, source.read_text(encoding="utf-8"))
        (target / "models").mkdir(exist_ok=True)
        write_atomically(config, text)
    except OSError as fault:
        raise UsageError(f"cannot be written: {fault.strerror or fault}", where=at(target)) from None
    print(target)
    output.say(f"next: cd {target} and run 'vgpt-probe'")
