"""Writes docs/commands.md from the command line's own parser: ``python docs/commands.py``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from vgpt_probe.cli import _parser

HEAD = """# Commands

Made from the parser by `python docs/commands.py`. Every command also takes `--help` and `--config PATH` (config.toml: here
or in a parent folder, else the demo). Exit status: 0 done, 1 something was found to be wrong, 2 wrong use or bad input,
130 interrupted.
"""


def commands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """The parser and those of its commands, each before its own."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from commands(below)


def section(parser: argparse.ArgumentParser) -> str:
    """A heading, what the command does, and a table of its arguments."""
    rows, used = [], []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            used.append("WHAT …" if action.required else "[WHAT …]")
            rows += [f"| `{one.dest}` | {one.help} |" for one in action._choices_actions]
        elif action.dest not in ("help", "config"):
            values = "\\|".join(map(str, action.choices)) if action.choices and not action.metavar else action.metavar
            # A flag takes no value; `nargs` of a positional argument says how many.
            named = action.option_strings[-1:] if action.option_strings else []
            takes = [values or action.dest.upper()] if action.nargs != 0 else []
            shown = " ".join(named + takes)
            rows.append(f"| `{shown}` | {' '.join((action.help or '').replace('%%', '%').split())} |")
            if not named:
                used.append({"?": f"[{shown}]", "+": f"{shown} …", "*": f"[{shown} …]"}.get(str(action.nargs), shown))
    usage = " ".join([parser.prog, *used]).replace("\\|", "|")
    table = "\n".join(["| | |", "| --- | --- |", *rows, ""]) if rows else ""
    return f"## {parser.prog}\n\n{parser.description}\n\n    {usage}\n" + (f"\n{table}" if table else "")


def page() -> str:
    """The whole page."""
    return HEAD + "\n" + "\n".join(section(parser) for parser in commands(_parser()))


if __name__ == "__main__":
    Path(__file__).with_suffix(".md").write_text(page(), encoding="utf-8", newline="\n")
