"""The command line of ``batteries``; what the commands do is in ``batteries.py``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from vgpt_probe.commands.options import positive as _positive
from vgpt_probe.commands.options import workspace as _workspace


def add_batteries(command: Callable[..., argparse.ArgumentParser], as_json: argparse.ArgumentParser) -> None:
    """Add ``batteries`` and what belongs to it; ``command`` makes the parser of a command."""
    batteries = command("batteries", _batteries, "list the batteries: size and expected duration", as_json)
    asks = batteries.add_subparsers(metavar="WHAT")
    probes = command("show", _batteries_show, "show the probes of a battery, and why each is asked", as_json, to=asks)
    probes.add_argument("battery", metavar="B", help="its name, or a file")
    probes.add_argument("--limit", metavar="N", type=_positive, help="at most N probes, spread over the battery")
    probes.add_argument("--seed", metavar="N", type=int, help="draw the subjects by another seed")
    suite = command("import", _batteries_import, "make a battery of a JSON suite of questions", as_json, to=asks)
    suite.add_argument("file", type=Path, metavar="FILE", help="records: id, category, question, key_elements …")
    suite.add_argument("--name", metavar="B", help="the battery's name (default: the file's)")
    held = command("hold-out", _batteries_hold_out, "draw a held-out set and freeze it", to=asks)
    held.add_argument("--name", metavar="B", default="heldout", help="its name (default: heldout)")
    held.add_argument("--real", metavar="N", type=_positive, default=24, help="real subjects (default: 24)")
    held.add_argument("--fake", metavar="N", type=_positive, default=24, help="invented subjects (default: 24)")
    held.add_argument("--each", metavar="N", type=_positive, default=1, help="wordings of each act (default: 1)")
    held.add_argument("--wordings-of", metavar="B", default="wordings", help="the battery whose wordings are drawn")
    held.add_argument("--seed", metavar="N", type=int, help="draw by another seed")


def _batteries(options: argparse.Namespace) -> None:
    from vgpt_probe.commands.batteries import list_batteries

    list_batteries(_workspace(options), json=options.json)


def _batteries_show(options: argparse.Namespace) -> None:
    from vgpt_probe.commands.batteries import show_battery

    show_battery(_workspace(options), options)


def _batteries_import(options: argparse.Namespace) -> None:
    from vgpt_probe.commands.batteries import import_suite

    import_suite(_workspace(options), options.file, options.name, json=options.json)


def _batteries_hold_out(options: argparse.Namespace) -> None:
    from vgpt_probe.commands.batteries import hold_out

    hold_out(_workspace(options), options)
