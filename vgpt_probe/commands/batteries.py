"""``batteries``: list them with size and duration, show their probes, take in suites of others, hold out."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from vgpt_probe.commands import output
from vgpt_probe.config import Workspace
from vgpt_probe.errors import BatteryError, UsageError, at
from vgpt_probe.files import write_atomically
from vgpt_probe.text import json_escaped

#: So many questions that a suite leaves out are named.
NAMED = 10


def list_batteries(workspace: Workspace, *, json: bool) -> None:
    """List the batteries of the workspace: what each asks, how many probes, how long that takes all models."""
    from vgpt_probe.probes import battery_names, load_battery
    from vgpt_probe.runs.forecast import forecast
    from vgpt_probe.runs.open import open_catalog, open_store

    catalog, store = open_catalog(workspace), open_store(workspace)
    models = workspace.models()
    rows: list[dict[str, Any]] = []
    for name in battery_names(workspace.battery_folder):
        try:
            battery = load_battery(workspace.battery_folder, name, catalog)
        except BatteryError as fault:
            rows.append({"battery": name, "error": str(fault)})
            continue
        expected = forecast(store, models, len(battery.probes))
        rows.append(
            {
                "battery": name,
                "description": battery.description,
                "default": name == workspace.config.batteries.default,
                "probes": len(battery.probes),
                "real": len({probe.subject for probe in battery.probes if probe.real}),
                "fake": len({probe.subject for probe in battery.probes if not probe.real}),
                "wordings": len({probe.wording for probe in battery.probes}),
                "models": len(models),
                "seconds": round(expected.seconds, 1),
                "measured": expected.measured,
                "duration": expected.told,
            }
        )
    store.close()
    if json:
        output.print_json(rows)
        return
    listed = output.table(
        "battery", "asks", "probes", "real", "fake", "wordings", f"{len(models)} models take",
        numbers=("probes", "real", "fake", "wordings"),
    )  # fmt: skip
    for row in rows:
        if "error" in row:
            listed.add_row(output.shown(row["battery"]), output.shown(row["error"], "red"), *[""] * 5)
            continue
        mark = " (default)" if row["default"] else ""
        numbers = (str(row[key]) for key in ("probes", "real", "fake", "wordings"))
        listed.add_row(
            output.shown(row["battery"] + mark), output.shown(row["description"]), *numbers, output.shown(row["duration"])
        )
    output.console().print(listed)


def show_battery(workspace: Workspace, options: Namespace) -> None:
    """Show the probes of a battery, each with the reason its subject is what it is; ``--json`` prints JSON lines."""
    from vgpt_probe.runs.open import open_battery, open_catalog

    battery = open_battery(workspace, open_catalog(workspace), options.battery, seed=options.seed)
    battery = battery.limited(options.limit)
    if options.json:
        import json
        import sys

        for probe in battery.probes:
            sys.stdout.write(json_escaped(json.dumps(_document(probe), ensure_ascii=False)) + "\n")
        return
    rows = (
        [one.question, one.subject, "real" if one.real else "fake", one.expect, one.kind, one.reason]
        for one in battery.probes
    )
    output.print_rows("question", "subject", "", "expected", "kind", "why", rows=rows)
    kinds = Counter(probe.kind or ("real" if probe.real else "listed") for probe in battery.probes)
    output.say(f"{len(battery.probes)} probes: " + ", ".join(f"{count} {kind}" for kind, count in kinds.items()))


def import_suite(workspace: Workspace, file: Path, name: str | None, *, json: bool) -> None:
    """Turn a question suite (JSON) into a battery of the workspace."""
    from vgpt_probe.probes import load_battery
    from vgpt_probe.runs.open import open_catalog
    from vgpt_probe.runs.suites import read_suite

    name = name or file.stem
    target = _new_file(workspace, name)
    catalog = open_catalog(workspace)
    suite = read_suite(file, catalog, name=name)
    if not suite.questions:
        raise UsageError(
            "no question names a table or view, and no key element is one", where=at(file),
            mend="give each record a key 'subject'",
        )  # fmt: skip
    _write(target, suite.toml)
    battery = load_battery(workspace.battery_folder, name, catalog)
    output.say(f"{target}: {len(battery.probes)} probes; {len(suite.left_out)} questions were left out")
    for what, why in suite.left_out[:NAMED]:
        output.say(f"  {what}: {why}")
    if len(suite.left_out) > NAMED:
        output.say(f"  … and {len(suite.left_out) - NAMED} more (all with --json)")
    if json:
        output.print_json({"file": str(target), "probes": len(battery.probes), "left_out": suite.left_out})
    else:
        print(target)


def hold_out(workspace: Workspace, options: Namespace) -> None:
    """Draw a held-out set, write it out and freeze it."""
    from vgpt_probe.probes import battery_names, load_heldout
    from vgpt_probe.probes.battery import battery_path, read_battery
    from vgpt_probe.probes.holding_out import draw_heldout
    from vgpt_probe.runs.open import open_catalog

    catalog = open_catalog(workspace)
    target = _new_file(workspace, options.name)
    lender = read_battery(battery_path(workspace.battery_folder, options.wordings_of))
    avoid: set[str] = set()
    for name in battery_names(workspace.battery_folder):
        subjects = read_battery(workspace.battery_folder / f"{name}.toml").subjects
        avoid |= {*(subjects.real.names if subjects.real else ()), *(subjects.fake.names if subjects.fake else ())}
    text = draw_heldout(
        options.name,
        catalog,
        lender.wordings,
        real=options.real,
        fake=options.fake,
        each=options.each,
        seed=options.seed or 0,
        avoid=avoid,
    )
    _write(target, text)
    load_heldout(workspace.battery_folder, catalog)
    output.say(f"{target}: frozen; no pair with these subjects or wordings can be exported from now on")
    print(target)


def _new_file(workspace: Workspace, name: str) -> Path:
    unfit = any(letter in name for letter in '/\\:*?"<>|') or name.startswith(".") or not name.isprintable()
    if not name or unfit or len(name) > 100:
        raise UsageError(f"'{name}' cannot be the name of a battery", mend="use letters, digits, - and _")
    target = workspace.battery_folder / f"{name}.toml"
    if target.exists():
        raise UsageError("there is such a battery already", where=at(target), mend="give another --name, or delete it")
    return target


def _write(target: Path, text: str) -> None:
    try:
        write_atomically(target, text)
    except OSError as fault:
        raise UsageError(f"cannot be written: {fault.strerror or fault}", where=at(target)) from None


def _document(probe: Any) -> dict[str, Any]:
    return msgspec.structs.asdict(probe)
