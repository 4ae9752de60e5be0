"""``models``, ``catalog show``, ``catalog stats`` and ``init``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from vgpt_probe.commands import output
from vgpt_probe.config import Workspace
from vgpt_probe.errors import DONE, FOUND, ProbeError, UsageError, at
from vgpt_probe.files import write_atomically


def list_models(workspace: Workspace, *, json: bool) -> int:
    """List the models of the workspace with what their files say; FOUND when a file cannot be read."""
    from vgpt_probe.engine.gguf_file import read_gguf

    rows, bad = [], 0
    for settings in workspace.models():
        row: dict[str, object] = {"model": settings.name, "stage": settings.stage, "file": settings.path}
        if settings.adapter:
            row["adapter"] = settings.adapter
        try:
            facts = read_gguf(Path(settings.path))
        except ProbeError as fault:
            rows.append(row | {"error": str(fault)})
            bad += 1
            continue
        rows.append(row | facts.as_row() | {"memory": facts.memory(settings.context)})
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
        "file",
        numbers=("parameters", "context", "file size", "memory"),
    )
    for row in rows:
        if "error" in row:
            listed.add_row(
                output.shown(str(row["model"])),
                output.shown(str(row["stage"])),
                *["–"] * 7,
                output.shown(str(row["error"]), "red"),
            )
            continue
        listed.add_row(
            output.shown(str(row["model"])),
            output.shown(str(row["stage"])),
            output.shown(str(row["architecture"])),
            f"{float(str(row['parameters'])) / 1e6:,.1f} M",
            output.shown(str(row["quantisation"])),
            str(row["context"]),
            "yes" if row["chat_template"] else "no",
            output.size(float(str(row["size"]))),
            output.size(float(str(row["memory"]))),
            output.shown(str(row["file"])),
        )
    output.console().print(listed)
    return FOUND if bad else DONE


def show_name(workspace: Workspace, name: str, *, json: bool) -> int:
    """Show what the catalog knows of a name; FOUND (1) when it is not there."""
    from vgpt_probe.runs.open import open_catalog

    resolution = open_catalog(workspace).resolve(name)
    relation = resolution.relation
    if json:
        output.print_json(
            {
                "name": name,
                "status": resolution.status,
                "relation": relation,
                "candidates": [one.name for one in resolution.candidates],
            }
        )
        return DONE if resolution.status == "real" else FOUND
    screen = output.console()
    if relation is None:
        screen.print(output.shown(f"'{name}' is not in the catalog."))
    elif resolution.status == "case":
        screen.print(
            output.shown(f"'{name}' is not in the catalog; '{relation.name}' is (names are case-sensitive).")
        )
    else:
        described = f": {relation.description}" if relation.description else ""
        screen.print(
            output.shown(f"{relation.qualified} is a {relation.kind} of module {relation.module}{described}")
        )
        if relation.base:
            screen.print(output.shown(f"base table: {relation.base}"))
        screen.print(output.shown(f"key: {', '.join(relation.key) or 'not known'}"))
        columns = output.table("column", "type", "nullable")
        for column in relation.columns:
            nullable = {True: "yes", False: "no", None: ""}[column.nullable]
            columns.add_row(output.shown(column.name), output.shown(column.type or ""), nullable)
        screen.print(columns)
        if not relation.columns_complete:
            screen.print("the schema does not tell all columns")
    if relation is None and resolution.candidates:
        near = output.table("near miss", "kind", "description")
        for one in resolution.candidates:
            near.add_row(output.shown(one.name), one.kind, output.shown(one.description or ""))
        screen.print(near)
    return DONE if resolution.status == "real" else FOUND


def show_stats(workspace: Workspace, *, json: bool) -> None:
    """Count what the catalog holds, by module."""
    from vgpt_probe.runs.open import open_catalog

    catalog = open_catalog(workspace)
    kinds = Counter(relation.kind for relation in catalog.relations)
    document = {
        "source": str(workspace.catalog_path),
        "relations": len(catalog),
        "tables": kinds["table"],
        "views": kinds["view"],
        "columns": sum(len(relation.columns) for relation in catalog.relations),
        "described": sum(1 for relation in catalog.relations if relation.description),
        "with_key": sum(1 for relation in catalog.relations if relation.key),
        "statements_skipped": catalog.skipped,
        "modules": {module: len(relations) for module, relations in catalog.modules.items()},
    }
    if json:
        output.print_json(document)
        return
    listed = output.table("", "", numbers=())
    for key, value in document.items():
        if key != "modules":
            listed.add_row(key.replace("_", " "), output.shown(str(value)))
    listed.add_row("modules", ", ".join(f"{module} {count}" for module, count in document["modules"].items()))  # type: ignore[attr-defined]
    output.console().print(listed)


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
