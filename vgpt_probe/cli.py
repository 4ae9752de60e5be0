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
from vgpt_probe.commands.batteries_parser import add_batteries
from vgpt_probe.commands.catalog_parser import add_catalog
from vgpt_probe.commands.chats import add_chats, add_sampling
from vgpt_probe.commands.options import logged
from vgpt_probe.commands.options import names as _names
from vgpt_probe.commands.options import positive as _positive
from vgpt_probe.commands.options import workspace as _workspace
from vgpt_probe.commands.pairs_parser import add_pairs
from vgpt_probe.commands.runs_parser import add_runs
from vgpt_probe.errors import BAD_INPUT, DONE, INTERRUPTED, ProbeError, UsageError, nearest

if TYPE_CHECKING:
    from vgpt_probe.config import Workspace

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

    add_batteries(command, as_json)
    add_catalog(command, as_json)

    run = command("run", _run, "run a battery on the models", asked, as_json, gated)
    run.add_argument(
        "--mode",
        choices=("generate", "score", "both", "sweep"),
        help="generate answers (default), only score denial margins, both, or sweep: score all, generate what is unsure",
    )
    run.add_argument("--full", action="store_true", help="generate each answer to its end (slower)")
    run.add_argument("--exact", action="store_true", help="evaluate each question alone (slower)")
    run.add_argument("--resume", metavar="RUN", help="finish a run: its number, or 'latest'")

    add_runs(command, as_json, gated)

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
    bench.add_argument("--stop-string", metavar="TEXT", action="append", help="end answers before it (\\n: a new line)")
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


def _audit(options: argparse.Namespace) -> int:
    from vgpt_probe.commands.auditing import audit_files

    return audit_files(_workspace(options), options)


def _explain(options: argparse.Namespace) -> None:
    from vgpt_probe.commands.explaining import explain_case

    explain_case(_workspace(options), options)
