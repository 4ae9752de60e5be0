"""The ``vgpt-probe`` command: data to standard output, progress and messages to standard error."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from vgpt_probe import __version__
from vgpt_probe.commands.chats import add_chats, add_sampling
from vgpt_probe.commands.options import logged
from vgpt_probe.commands.options import names as _names
from vgpt_probe.commands.options import positive as _positive
from vgpt_probe.commands.options import workspace as _workspace
from vgpt_probe.commands.pairs_parser import add_pairs
from vgpt_probe.errors import BAD_INPUT, DONE, INTERRUPTED, ProbeError, UsageError, nearest

if TYPE_CHECKING:
    from vgpt_probe.config import Workspace

#: What a person may make of a verdict: those of `runs.records`, but for errors, for the same reason.
VERDICTS = ("correct", "false_rejection", "false_acceptance", "contradiction", "unclear")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    for stream in (sys.stdout, sys.stderr):
        # A Windows console or a pipe may be in another encoding; output is UTF-8 wherever it goes.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    options, unknown = _parser().parse_known_args(arguments)
    if unknown:
        options.parser.refuse(unknown)
    try:
        return int(options.does(options) or DONE)
    except ProbeError as fault:
        from vgpt_probe.log import note
        from vgpt_probe.text import plain

        note("command ended", level="error", status=fault.exit_status, problem=str(fault))

        print(f"vgpt-probe: {plain(str(fault))}", file=sys.stderr)
        return fault.exit_status
    except KeyboardInterrupt:
        print("vgpt-probe: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has enough (as `head` does).
        sys.stderr.close()
        return DONE
    except Exception as fault:
        from vgpt_probe.commands.unexpected import told
        from vgpt_probe.log import note

        note("fault", level="error", problem=f"{type(fault).__name__}: {fault}")

        return told(fault)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, as every other fault is told."""

    def error(self, message: str) -> NoReturn:
        # Of a mistyped choice argparse lists all there are: a screenful of commands.
        if found := re.search(r"invalid choice: '(.*?)' \(choose from (.*)\)", message):
            near = nearest(found[1], re.findall(r"[\w.-]+", found[2]))
            if near:
                message = message.replace(found[0], f"there is no '{found[1]}', {near}")
        from vgpt_probe.text import one_line

        self.exit(BAD_INPUT, f"vgpt-probe: {one_line(message)} (see '{self.prog} --help')\n")

    def refuse(self, unknown: Sequence[str]) -> NoReturn:
        """Refuse arguments that this command does not take."""
        known = [option for action in self._actions for option in action.option_strings]
        near = nearest(unknown[0].split("=")[0], known) if unknown[0].startswith("-") else None
        self.error(f"unrecognized arguments: {' '.join(unknown)}" + (f", {near}" if near else ""))


def _parser() -> argparse.ArgumentParser:
    # Twice, for parsers share the options of a parent: the default of the first must not undo what it was given.
    first, common = argparse.ArgumentParser(add_help=False), argparse.ArgumentParser(add_help=False)
    for one in (first, common):
        one.add_argument(
            "--config",
            type=Path,
            metavar="PATH",
            default=argparse.SUPPRESS,
            help="config.toml (default: here or in a parent folder, else the demo)",
        )
    as_json = argparse.ArgumentParser(add_help=False)
    # Suppressed, so that a nested command does not undo what its parent was given.
    as_json.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")
    asked = argparse.ArgumentParser(add_help=False)
    asked.add_argument("--battery", metavar="B", help="the battery (default: config.toml's)")
    asked.add_argument("--models", metavar="A,B", type=_names, help="the models (default: all)")
    asked.add_argument(
        "--limit", metavar="N", type=_positive, help="ask at most N probes, spread over the battery"
    )
    asked.add_argument("--seed", metavar="N", type=int, help="draw the battery's subjects by another seed")

    gated = argparse.ArgumentParser(add_help=False)
    gated.add_argument(
        "--fail-on",
        metavar="CONDITION",
        action="append",
        help='exit status 1 if any model meets it: "false_rejection_rate>0.02" (the value), "false_rejection_rate.high>5%%"'
        " (the upper bound of its 95 %% interval), "
        '"dpo_v2:contradiction>0" (a count, of one model); may be given several times',
    )

    parser = _Parser(
        prog="vgpt-probe",
        description="See which real tables your models deny, under which wordings, since which training stage.",
        epilog="Without a command the app opens. 'vgpt-probe demo' opens it on the demo models.",
        parents=[first],
    )
    parser.add_argument("--version", action="version", version=f"vgpt-probe {__version__}")
    parser.set_defaults(parser=parser, does=_app, config=None, json=False, mode=None, exact=False, full=False)
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")

    def command(name, does, help, *parents, to=commands):  # type: ignore[no-untyped-def]
        made = to.add_parser(
            name, help=help, description=help[0].upper() + help[1:] + ".", parents=[common, *parents]
        )
        made.set_defaults(does=does, parser=made)
        return made

    demo = command("demo", _demo, "open the app on the demo models, or run a battery on them", asked, as_json, gated)
    demo.add_argument("--headless", action="store_true", help="run the battery here and print the matrix")

    init = command("init", _init, "write a commented workspace that runs at once on the demo models")
    init.add_argument("folder", type=Path, metavar="DIR")

    served = command("serve", _serve, "open the app in a browser, on this machine only")
    served.add_argument("--port", metavar="N", type=_positive, default=8000, help="default: 8000")

    checked = command("doctor", _doctor, "check the workspace, the llama.cpp build, memory and the terminal", as_json)
    checked.add_argument("--report", type=Path, metavar="FILE", help="write what a bug report needs, without secrets")
    command(
        "models", _models, "list the models: file, architecture, size, context, template, memory", as_json
    )

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

    run = command("run", _run, "run a battery on the models", asked, as_json, gated)
    run.add_argument(
        "--mode",
        choices=("generate", "score", "both", "sweep"),
        help="generate answers (default), only score denial margins, both, or sweep: score all, generate what is unsure",
    )
    run.add_argument("--full", action="store_true", help="generate each answer to its end (slower)")
    run.add_argument("--exact", action="store_true", help="evaluate each question alone (slower)")
    run.add_argument("--resume", metavar="RUN", help="finish a run: its number, or 'latest'")

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

    told = command("report", _report, "write a report of a run to send to somebody, or for a CI system", gated)
    told.add_argument("run", metavar="RUN", help="its number, or 'latest'")
    told.add_argument("--format", choices=("html", "markdown", "junit", "json"), help="default: by the file's ending")
    told.add_argument("--out", type=Path, metavar="FILE", help="write here; missing folders are made")

    bench = command("bench", _bench, "measure the engine against the plain llama-cpp-python loop", as_json)
    bench.add_argument("--model", metavar="NAME", help="the model (default: config.toml's first)")
    bench.add_argument("--gguf", metavar="FILE", type=Path, help="another GGUF, with that model's settings")
    bench.add_argument("--chat-template", metavar="FILE", type=Path, help="a Jinja file, for a GGUF without one")
    bench.add_argument("--battery", metavar="B", help="whose prompts (default: config.toml's)")
    bench.add_argument("--prompts", metavar="N", type=_positive, default=64, help="prompts a round (default: 64)")
    bench.add_argument("--rounds", metavar="N", type=_positive, default=3, help="rounds (default: 3)")
    bench.add_argument("--max-tokens", metavar="N", type=_positive, help="the token limit of an answer")
    bench.add_argument("--parallel", metavar="N", type=_positive, help="questions at a time")
    bench.add_argument("--no-sweep", action="store_true", help="leave out the two-step sweep of the whole battery")

    ask = command("ask", _ask, "put one question to several models side by side", as_json)
    ask.add_argument("question", metavar="QUESTION")
    ask.add_argument("--models", metavar="A,B", type=_names, help="the models (default: all)")
    add_sampling(ask)

    grade = command("grade", _grade, "read and judge recorded answers, without any model", as_json)
    grade.add_argument("file", type=Path, metavar="FILE", help="JSON or JSON lines")
    grade.add_argument("--model", metavar="NAME", help="whose answers these are, where the file does not say")
    grade.add_argument("--save", action="store_true", help="keep them as a run")
    grade.add_argument("--stage", metavar="STAGE", help="with --save: the stage of that model")

    audit = command("audit", _audit, "say what training files teach, and whether a trainer takes them", as_json)
    audit.add_argument(
        "files", type=Path, metavar="FILE", nargs="+", help="DPO, KTO or SFT: JSON, JSON lines, Parquet"
    )
    audit.add_argument("--catalog", type=Path, metavar="FILE", help="another schema than config.toml's")
    audit.add_argument("--battery", metavar="B", help="look for this battery's probes (default: every battery's)")
    audit.add_argument("--fix", action="store_true", help="write a corrected copy beside each file that needs one")
    audit.add_argument("--rows", metavar="N", type=_positive, default=12, help="lines of each table (default: 12)")
    audit.add_argument(
        "--fail-on", metavar="RISK", choices=("medium", "high"), help="exit status 1 from this risk on"
    )

    explain = command("explain", _explain, "show what in the training data may have caused a finding", as_json)
    explain.add_argument("case", metavar="CASE", help="a probe's id, its question, or its subject")
    explain.add_argument(
        "--training", type=Path, metavar="FILE", nargs="+", help="training files (default: those of the model's stage)"
    )
    explain.add_argument("--run", metavar="RUN", default="latest", help="its number (default: the latest)")
    explain.add_argument("--model", metavar="NAME", help="only this model (default: each that is wrong)")
    explain.add_argument("--rows", metavar="N", type=_positive, default=5, help="how many nearest rows (default: 5)")

    add_chats(command, as_json)
    add_pairs(command, as_json)
    return parser


def _app(options: argparse.Namespace) -> int:
    return _open_app(_workspace(options))


def _open_app(workspace: Workspace) -> int:
    # Textual draws on standard error. A driver of its own, as ``serve`` names one, needs no terminal.
    terminal = sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()
    if not terminal and not os.environ.get("TEXTUAL_DRIVER"):
        raise UsageError(
            "the app needs a terminal", mend="use 'vgpt-probe run' or 'vgpt-probe demo --headless'"
        )
    from vgpt_probe.tui.app import run_app

    return run_app(workspace)


def _serve(options: argparse.Namespace) -> None:
    from vgpt_probe.commands.serving import serve

    serve(_workspace(options), port=options.port)


def _demo(options: argparse.Namespace) -> int:
    from vgpt_probe.config import demo_workspace

    workspace = logged(demo_workspace())
    if not options.headless:
        given = (options.json, options.battery, options.models, options.limit, options.fail_on)
        if any(given) or options.seed is not None:
            raise UsageError("--battery, --models, --limit, --seed, --fail-on and --json need --headless")
        return _open_app(workspace)
    from vgpt_probe.commands.running import run_battery

    return run_battery(workspace, options, resume=None)


def _run(options: argparse.Namespace) -> int:
    from vgpt_probe.commands.running import run_battery

    return run_battery(_workspace(options), options, resume=options.resume)


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


def _report(options: argparse.Namespace) -> int:
    from vgpt_probe.commands.reporting import report

    return report(_workspace(options), options)


def _bench(options: argparse.Namespace) -> int:
    from vgpt_probe.commands.bench import bench

    return bench(_workspace(options), options)


def _ask(options: argparse.Namespace) -> int:
    from vgpt_probe.commands.asking import ask

    return ask(_workspace(options), options)


def _grade(options: argparse.Namespace) -> None:
    from vgpt_probe.commands.grading import grade_file

    grade_file(_workspace(options), options)


def _models(options: argparse.Namespace) -> int:
    from vgpt_probe.commands.models import list_models

    return list_models(_workspace(options), json=options.json)


def _doctor(options: argparse.Namespace) -> int:
    from vgpt_probe.commands.doctor import doctor

    return doctor(options.config, json=options.json, report=options.report)


def _init(options: argparse.Namespace) -> None:
    from vgpt_probe.commands.workspace import init

    init(options.folder)


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


def _audit(options: argparse.Namespace) -> int:
    from vgpt_probe.commands.auditing import audit_files

    return audit_files(_workspace(options), options)


def _explain(options: argparse.Namespace) -> None:
    from vgpt_probe.commands.explaining import explain_case

    explain_case(_workspace(options), options)
