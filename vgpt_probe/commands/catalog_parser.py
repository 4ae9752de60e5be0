"""The command line of ``catalog``; what the commands do is in ``catalog.py``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from vgpt_probe.commands.options import names as _names
from vgpt_probe.commands.options import workspace as _workspace


def add_catalog(command: Callable[..., argparse.ArgumentParser], as_json: argparse.ArgumentParser) -> None:
    """Add ``catalog`` and what belongs to it; ``command`` makes the parser of a command."""
    catalog = command("catalog", None, "look into the schema")
    looks = catalog.add_subparsers(metavar="WHAT", required=True)
    show = command("show", _catalog_show, "show what the catalog knows of a name", as_json, to=looks)
    show.add_argument("name", metavar="NAME")
    command("stats", _catalog_stats, "count what the catalog holds", as_json, to=looks)
    taken = command(
        "import", _catalog_import, "read a schema: DDL, INFORMATION_SCHEMA (CSV, JSON), dbt, a database", as_json,
        to=looks,
    )  # fmt: skip
    taken.add_argument("sources", metavar="SOURCE", nargs="+", help="a file, or a database URL (read only)")
    taken.add_argument("--dialect", metavar="D", help="the SQL dialect, by sqlglot's name (default: config.toml's)")
    taken.add_argument("--default-schema", metavar="S", help="what unqualified names belong to")
    taken.add_argument("--schemas", metavar="A,B", type=_names, help="read only these of a database")
    taken.add_argument("--out", type=Path, metavar="FILE", help="write here and leave config.toml as it is")
    changed = command("diff", _catalog_diff, "show what changed between two versions", as_json, to=looks)
    changed.add_argument("before", metavar="A", help="a file or a database URL")
    changed.add_argument("after", metavar="B", nargs="?", help="the same (default: this workspace's catalog)")


def _catalog_show(options: argparse.Namespace) -> int:
    from vgpt_probe.commands.catalog import show_name

    return show_name(_workspace(options), options.name, json=options.json)


def _catalog_stats(options: argparse.Namespace) -> None:
    from vgpt_probe.commands.catalog import show_stats

    show_stats(_workspace(options), json=options.json)


def _catalog_import(options: argparse.Namespace) -> None:
    from vgpt_probe.commands.catalog import import_sources

    import_sources(_workspace(options), options)


def _catalog_diff(options: argparse.Namespace) -> int:
    from vgpt_probe.commands.catalog import show_diff

    return show_diff(_workspace(options), options.before, options.after, json=options.json)
