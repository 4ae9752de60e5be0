"""The command line of ``runs``; what its commands do is in the modules that they import."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from vgpt_probe.commands.options import workspace as _workspace

#: What a person may make of a verdict: those of `runs.records`, but for errors, for the same reason.
VERDICTS = ("correct", "false_rejection", "false_acceptance", "contradiction", "unclear")


def add_runs(
    command: Callable[..., argparse.ArgumentParser],
    as_json: argparse.ArgumentParser,
    gated: argparse.ArgumentParser,
) -> None:
    """Add ``runs`` and what belongs to it; ``command`` makes the parser of a command."""
    runs = command("runs", _runs, "list the runs, or show one", as_json)
    shown = runs.add_subparsers(metavar="WHAT")
    one = command("show", _runs_show, "show a run", as_json, gated, to=shown)
    one.add_argument("run", metavar="RUN", help="its number, or 'latest'")
    two = command("compare", _runs_compare, "show what changed from one run to another", as_json, to=shown)
    two.add_argument("before", metavar="RUN")
    two.add_argument("after", metavar="RUN")
    again = command(
        "regrade", _runs_regrade, "read stored answers again with today's reader", as_json, to=shown
    )
    again.add_argument("run", metavar="RUN", nargs="?")
    again.add_argument("--all", dest="every", action="store_true", help="every run")

    saved = command("rescue", _runs_rescue, "save what can still be read of a damaged store", to=shown)
    saved.add_argument("out", type=Path, metavar="FILE", help="the new store; the damaged one stays as it is")

    findings = command("findings", _runs_findings, "list what a person should look at in a run", as_json, to=shown)
    findings.add_argument("run", metavar="RUN", help="its number, or 'latest'")
    findings.add_argument("--state", choices=("open", "confirmed", "dismissed", "overridden"), help="only these")
    findings.add_argument("--model", metavar="NAME", help="only of this model")
    word = command("review", _runs_review, "confirm, dismiss or override a verdict", to=shown)
    word.add_argument("run", metavar="RUN", help="its number, or 'latest'")
    word.add_argument("probe", metavar="PROBE", help="its id, or how that begins")
    word.add_argument("--model", metavar="NAME", help="whose answer (may be left out where there is only one)")
    says = word.add_mutually_exclusive_group(required=True)
    says.add_argument("--confirm", dest="word", action="store_const", const="confirmed", help="the verdict is right")
    says.add_argument("--dismiss", dest="word", action="store_const", const="dismissed", help="the answer is acceptable")
    says.add_argument("--override", metavar="VERDICT", choices=VERDICTS, help=f"one of {', '.join(VERDICTS)}")
    says.add_argument("--undo", dest="word", action="store_const", const=None, help="take the last word back")
    word.add_argument("--note", metavar="WHY", help="why; an override needs it")


def _runs(options: argparse.Namespace) -> None:
    from vgpt_probe.commands.showing import list_runs

    list_runs(_workspace(options), json=options.json)


def _runs_show(options: argparse.Namespace) -> int:
    from vgpt_probe.commands.showing import show_run

    return show_run(_workspace(options), options.run, json=options.json, fail_on=options.fail_on)


def _runs_compare(options: argparse.Namespace) -> None:
    from vgpt_probe.commands.comparing import compare

    compare(_workspace(options), options.before, options.after, json=options.json)


def _runs_regrade(options: argparse.Namespace) -> None:
    from vgpt_probe.commands.grading import regrade_runs

    regrade_runs(_workspace(options), options.run, every=options.every, json=options.json)


def _runs_rescue(options: argparse.Namespace) -> None:
    from vgpt_probe.commands.rescuing import rescue_store

    rescue_store(_workspace(options), options.out)


def _runs_findings(options: argparse.Namespace) -> None:
    from vgpt_probe.commands.reviewing import list_findings

    list_findings(_workspace(options), options.run, options)


def _runs_review(options: argparse.Namespace) -> None:
    from vgpt_probe.commands.reviewing import review

    review(_workspace(options), options.run, options)
