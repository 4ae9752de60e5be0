"""``catalog import``, ``show``, ``stats`` and ``diff``."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from vgpt_probe.commands import output
from vgpt_probe.config import Workspace, load_workspace
from vgpt_probe.errors import DONE, FOUND, BatteryError, UsageError, at
from vgpt_probe.files import read_text, write_atomically

if TYPE_CHECKING:
    from vgpt_probe.catalog import Catalog, Relation
    from vgpt_probe.catalog.normal import Skipped, SourceReading

#: So many places that were skipped are named; the JSON document names all.
NAMED = 10


def import_sources(workspace: Workspace, options: Namespace) -> None:
    """Read sources into one file in normal form, and let config.toml name it as the catalog's source.

    Raises ``CatalogError`` when a source cannot be read; nothing is changed then.
    """
    from vgpt_probe.catalog.database import DatabaseReading
    from vgpt_probe.catalog.merge import merge
    from vgpt_probe.catalog.normal import to_json
    from vgpt_probe.catalog.source import check_dialect

    if options.out is None and workspace.state != workspace.root:
        raise UsageError(
            "the demo's catalog stays as it is", mend="make a workspace with 'vgpt-probe init DIR', or give --out FILE"
        )
    settings = workspace.config.catalog
    dialect = (options.dialect or settings.dialect).lower()
    default_schema = options.default_schema or settings.default_schema
    check_dialect(dialect)
    readings: list[tuple[str, SourceReading]] = []
    for source in options.sources:
        name, reading = _read(source, dialect, default_schema, options.schemas or [])
        if isinstance(reading, DatabaseReading):
            dialect = options.dialect or reading.dialect
            default_schema = options.default_schema or reading.default_schema
        readings.append((name, reading))
        _say_read(name, reading)
    relations = merge(reading.relations for _, reading in readings)
    out = options.out.resolve() if options.out else workspace.root / "catalog.json"
    new = {"source": "catalog.json", "dialect": dialect, "default_schema": default_schema}
    changes = {} if options.out else {key: value for key, value in new.items() if value != getattr(settings, key)}
    try:
        write_atomically(out, to_json(relations))
    except OSError as fault:
        raise UsageError(f"cannot be written: {fault.strerror or fault}", where=at(out)) from None
    output.say(f"{out}: {_counted(relations)}")
    if changes:
        _point_at(workspace, changes)
        _say_batteries(load_workspace(workspace.path))
    if options.json:
        output.print_json(
            {
                "file": str(out),
                "relations": len(relations),
                "columns": sum(len(relation.columns) for relation in relations),
                "config": changes,
                "sources": [
                    {
                        "source": name,
                        "form": reading.form,
                        "relations": len(reading.relations),
                        "skipped": reading.skipped,
                        "partial": reading.partial,
                    }
                    for name, reading in readings
                ],
            }
        )


def show_name(workspace: Workspace, name: str, *, json: bool) -> int:
    """Show what the catalog knows of a name; FOUND (1) when it is not there."""
    from vgpt_probe.runs.open import open_catalog

    catalog = open_catalog(workspace)
    resolution = catalog.resolve(name)
    relation = resolution.relation
    if json:
        output.print_json(
            {
                "name": name,
                "status": resolution.status,
                "relation": _document(relation) if relation else None,
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
        _print_relation(catalog, relation)
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
    schemas = Counter(relation.schema for relation in catalog.relations)
    modules = {module: len(relations) for module, relations in catalog.modules.items()}
    document: dict[str, Any] = {
        "source": str(workspace.catalog_path),
        "relations": len(catalog),
        "tables": kinds["table"],
        "views": kinds["view"],
        "columns": sum(len(relation.columns) for relation in catalog.relations),
        "described": sum(1 for relation in catalog.relations if relation.description),
        "with_key": sum(1 for relation in catalog.relations if relation.key),
        "with_foreign_key": sum(1 for relation in catalog.relations if relation.references),
        "columns_incomplete": sum(1 for relation in catalog.relations if not relation.columns_complete),
        "statements_skipped": catalog.skipped,
        "schemas": dict(schemas.most_common()),
        "modules": modules,
    }
    if json:
        output.print_json(document)
        return
    listed = output.table("", "")
    for key, value in document.items():
        told = ", ".join(f"{name} {count}" for name, count in value.items()) if isinstance(value, dict) else str(value)
        listed.add_row(key.replace("_", " "), output.shown(told))
    output.console().print(listed)


def show_diff(workspace: Workspace, before: str, after: str | None, *, json: bool) -> int:
    """Show what changed between two versions of the schema, and which stored probes and pairs that touches."""
    from vgpt_probe.catalog.diff import diff_catalogs
    from vgpt_probe.runs.open import open_catalog, open_store
    from vgpt_probe.runs.touched import touched_pairs, touched_probes

    old = _open(workspace, before)
    new = _open(workspace, after) if after else open_catalog(workspace)
    diff = diff_catalogs(old, new)
    store = open_store(workspace)
    probes, pairs = touched_probes(store, old, new), touched_pairs(store, old, new)
    store.close()
    if json:
        output.print_json(msgspec.structs.asdict(diff) | {"probes": probes, "pairs": pairs})
        return FOUND if diff else DONE
    for sign, what, names in (("+", "added", diff.added), ("-", "removed", diff.removed)):
        for name in names:
            print(output.plain(f"{sign} {name} {what}"))
    for one, other in diff.recased:
        print(output.plain(f"~ {one} is now {other} (letter case)"))
    for change in diff.changed:
        print(output.plain(f"~ {change.relation}: {_told_change(change)}"))
    counts = (len(diff.added), len(diff.removed), len(diff.recased), len(diff.changed))
    print("{} added, {} removed, {} in other letter case, {} changed".format(*counts))
    for subject, runs in _by_subject(probes).items():
        print(output.plain(f"stored probes about {subject} (run {', '.join(map(str, runs))}) were judged by another truth"))
    for pair in pairs:
        print(output.plain(f"pair {pair.pair} ({pair.subject}): {pair.why}"))
    if probes:
        output.say("'vgpt-probe run' on the new catalog asks anew; stored verdicts stay as they were judged")
    return FOUND if diff else DONE


def _read(source: str, dialect: str, default_schema: str, schemas: Sequence[str]) -> tuple[str, SourceReading]:
    from vgpt_probe.catalog.database import is_url, read_database, shown
    from vgpt_probe.catalog.source import read_source

    if is_url(source):
        return shown(source), read_database(source, schemas=schemas, say=output.say)
    return source, read_source(Path(source), dialect=dialect, default_schema=default_schema)


def _open(workspace: Workspace, source: str) -> Catalog:
    from vgpt_probe.catalog import Catalog, load_catalog
    from vgpt_probe.catalog.database import is_url, read_database

    settings = workspace.config.catalog
    options = {"case_sensitive": settings.case_sensitive, "title": settings.title}
    if is_url(source):
        reading = read_database(source, say=output.say)
        return Catalog(reading.relations, default_schema=reading.default_schema, dialect=reading.dialect, **options)  # type: ignore[arg-type]
    return load_catalog(
        Path(source),
        dialect=settings.dialect,
        default_schema=settings.default_schema,
        cache=workspace.cache_folder,
        **options,  # type: ignore[arg-type]
    )


def _say_read(name: str, reading: SourceReading) -> None:
    output.say(f"{name}: {reading.form}, {_counted(reading.relations)}")
    for places, what in ((reading.skipped, "skipped"), (reading.partial, "read in part")):
        if places:
            output.say(f"{name}: {len(places)} {what}:")
            for place in places[:NAMED]:
                output.say(f"  {_place(place)}")
            if len(places) > NAMED:
                output.say(f"  … and {len(places) - NAMED} more (all with --json)")


def _place(place: Skipped) -> str:
    return f"line {place.line}: {place.what}" if place.line else place.what


def _counted(relations: Sequence[Relation]) -> str:
    views = sum(1 for relation in relations if relation.kind == "view")
    columns = sum(len(relation.columns) for relation in relations)
    return f"{len(relations) - views:,} tables, {views:,} views, {columns:,} columns"


def _point_at(workspace: Workspace, changes: dict[str, str]) -> None:
    """Set keys of the table [catalog] in config.toml; its comments and all else stay."""
    from vgpt_probe.errors import ConfigError
    from vgpt_probe.files import tomllib
    from vgpt_probe.toml_schema import with_values

    text = read_text(workspace.path, ConfigError)
    wanted = tomllib.loads(text)
    wanted["catalog"].update(changes)
    told = ", ".join(f'{key} = "{value}"' for key, value in changes.items())
    try:
        changed = with_values(text, "catalog", changes)
        if tomllib.loads(changed) != wanted:
            raise ValueError("something else would change")
        write_atomically(workspace.path, changed)
    except (ValueError, OSError) as fault:
        raise ConfigError(
            f"cannot be changed: {fault}", where=at(workspace.path), mend=f"write {told} under [catalog] yourself"
        ) from None
    before = workspace.config.catalog
    was = ", ".join(f'{key} = "{getattr(before, key)}"' for key in changes)
    output.say(f"{workspace.path}: [catalog] {told} (was: {was})")


def _say_batteries(workspace: Workspace) -> None:
    """Say which batteries name relations that the new catalog does not have."""
    from vgpt_probe.probes import battery_names, load_battery
    from vgpt_probe.runs.open import open_catalog

    catalog = open_catalog(workspace)
    for name in battery_names(workspace.battery_folder):
        try:
            load_battery(workspace.battery_folder, name, catalog)
        except BatteryError as fault:
            output.say(f"the battery '{name}' does not fit this catalog: {fault}")


def _document(relation: Relation) -> dict[str, Any]:
    return {field: getattr(relation, field) for field in relation.__struct_fields__} | {
        "columns": [msgspec.structs.asdict(column) for column in relation.columns]
    }


def _print_relation(catalog: Catalog, relation: Relation) -> None:
    screen = output.console()
    described = f": {relation.description}" if relation.description else ""
    screen.print(
        output.shown(f"{relation.qualified} is a {relation.kind} of module {relation.module}{described}")
    )
    if relation.base:
        screen.print(output.shown(f"base table: {relation.base}"))
    views = [one.qualified for one in catalog.relations if one.base == relation.name and one is not relation]
    if views:
        screen.print(output.shown(f"shown by: {', '.join(views)}"))
    screen.print(output.shown(f"key: {', '.join(relation.key) or 'not known'}"))
    for key in relation.references:
        to = f" ({', '.join(key.to)})" if key.to else ""
        screen.print(output.shown(f"foreign key: {', '.join(key.columns)} → {key.table}{to}"))
    with_text = any(column.description for column in relation.columns)
    columns = output.table("column", "type", "nullable", *(["description"] if with_text else []))
    for column in relation.columns:
        nullable = {True: "yes", False: "no", None: ""}[column.nullable]
        cells = [column.name, column.type or "", nullable, *([column.description or ""] if with_text else [])]
        columns.add_row(*(output.shown(cell) for cell in cells))
    screen.print(columns)
    if not relation.columns_complete:
        screen.print("the schema does not tell all columns")


def _told_change(change: Any) -> str:
    told = []
    if change.kind:
        told.append("was a {}, is a {}".format(*change.kind))
    if change.key:
        told.append("key was {}, is {}".format(*(f"({', '.join(key)})" for key in change.key)))
    for column in change.columns:
        if column.what == "changed":
            told.append(f"{column.column} was {column.before}, is {column.after}")
        else:
            told.append(f"{column.column} {column.what}")
    return "; ".join(told)


def _by_subject(probes: Sequence[Any]) -> dict[str, list[int]]:
    runs: dict[str, list[int]] = {}
    for probe in probes:
        known = runs.setdefault(probe.subject, [])
        if probe.run not in known:
            known.append(probe.run)
    return runs

