"""The command line of ``pairs``; what the commands do is in ``pairs.py`` and ``balancing.py``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from vgpt_probe.commands.options import positive as _positive
from vgpt_probe.commands.options import workspace as _workspace

#: As ``vgpt_probe.pairs.formats.FORMATS``, which a test compares; written out so that ``--help`` stays instant.
FORMATS = ("llamafactory", "llamafactory-sharegpt", "trl", "trl-conversational", "kto", "trl-kto")


def add_pairs(command: Callable[..., argparse.ArgumentParser], as_json: argparse.ArgumentParser) -> None:
    """Add ``pairs`` and what belongs to it; ``command`` makes the parser of a command."""
    pairs = command("pairs", None, "draft, balance and export preference pairs")
    kept = pairs.add_subparsers(metavar="WHAT", required=True)
    command("list", _pairs_list, "list the pairs", as_json, to=kept)
    add = command("add", _pairs_add, "draft and save pairs from the findings of a run", as_json, to=kept)
    add.add_argument("run", metavar="RUN", help="its number, or 'latest'")
    add.add_argument("--model", metavar="NAME", help="only what this model got wrong")
    add.add_argument("--probe", metavar="ID", help="only this probe")
    add.add_argument("--subject", metavar="NAME", help="only probes about this subject")
    add.add_argument("--wording", metavar="ID", help="only probes in this wording")
    add.add_argument("--module", metavar="NAME", help="only subjects of this module")
    add.add_argument(
        "--verdict",
        default="false_rejection",
        help="which findings (default: false_rejection; or 'all')",
        choices=["false_rejection", "false_acceptance", "contradiction", "all"],
    )
    add.add_argument(
        "--wordings",
        metavar="N",
        type=_positive,
        help="each subject in N further wordings too, with a counter-example in each",
    )
    add.add_argument("--review", action="store_true", help="save them as drafts, which are not exported")
    add.add_argument("--seed", metavar="N", type=int, default=0, help="draw by another seed (default: 0)")
    add.add_argument("--dry-run", action="store_true", help="show what would be saved, save nothing")
    command("stats", _pairs_stats, "say what training on the pairs would teach, and what is missing", as_json, to=kept)
    fill = command("fill", _pairs_fill, "add what is missing from the catalog", as_json, to=kept)
    fill.add_argument(
        "--pairs", metavar="N", type=_positive, help="about so many pairs in the end (default: even out what is there)"
    )
    fill.add_argument("--ask", metavar="MODEL", help="put the questions to this model first: what it says is rejected")
    fill.add_argument(
        "--policy", metavar="MODEL", help="whose stored answers the rejected sides follow (default: the first model)"
    )
    fill.add_argument(
        "--off-policy", action="store_true", help="write all sides from the catalog, whatever models have said"
    )
    fill.add_argument(
        "--alternatives", metavar="N", type=int, choices=range(4), default=2,
        help="how many real tables a denial names (default: 2)",
    )  # fmt: skip
    fill.add_argument("--seed", metavar="N", type=int, default=0, help="draw by another seed (default: 0)")
    fill.add_argument("--dry-run", action="store_true", help="show what would be saved; save and ask nothing")
    worth = command("worth", _pairs_worth, "weigh the pairs under two models, worst first", as_json, to=kept)
    worth.add_argument("--policy", metavar="A", required=True, help="the model that is to be trained further")
    worth.add_argument("--reference", metavar="B", help="what it is measured against (default: its stage's parent)")
    worth.add_argument("--beta", metavar="X", type=float, default=0.1, help="the beta of the training (default: 0.1)")
    worth.add_argument(
        "--above", metavar="X", type=float, default=0.0, help="a pair counts as already right above X (default: 0)"
    )
    worth.add_argument("--leave-out", action="store_true", help="dismiss the pairs that are already right")
    for name, does, help in (
        ("accept", _pairs_accept, "accept drafts (all without a number): they will be exported"),
        ("dismiss", _pairs_dismiss, "dismiss pairs: they stay, but are not exported"),
    ):
        chosen = command(name, does, help, to=kept)
        chosen.add_argument("numbers", metavar="ID", type=int, nargs="*" if name == "accept" else "+")
    remove = command("delete", _pairs_delete, "delete pairs by their numbers", to=kept)
    remove.add_argument("numbers", metavar="ID", type=int, nargs="+")
    command("undo", _pairs_undo, "take the pairs back that were added last", to=kept)
    load = command("import", _pairs_import, "read preference pairs from training files", as_json, to=kept)
    load.add_argument("files", metavar="FILE", type=Path, nargs="+", help="alpaca, sharegpt or TRL; DPO or KTO")
    export = command("export", _pairs_export, "write the pairs for a trainer", as_json, to=kept)
    export.add_argument("--format", choices=FORMATS, help="default: config.toml's")
    export.add_argument("--out", type=Path, metavar="DIR", help="the folder (default: config.toml's)")
    export.add_argument("--dataset", metavar="NAME", help="the data set's name (default: config.toml's)")
    export.add_argument(
        "--staged", action="store_true", help="existence and style as two files, to train on in that order"
    )


def _pairs_list(options: argparse.Namespace) -> None:
    from vgpt_probe.commands.pairs import list_pairs

    list_pairs(_workspace(options), json=options.json)


def _pairs_add(options: argparse.Namespace) -> int:
    from vgpt_probe.commands.pairs import add_pairs

    return add_pairs(_workspace(options), options)


def _pairs_delete(options: argparse.Namespace) -> None:
    from vgpt_probe.commands.pairs import delete_pairs

    delete_pairs(_workspace(options), options.numbers)


def _pairs_stats(options: argparse.Namespace) -> None:
    from vgpt_probe.commands.balancing import stats

    stats(_workspace(options), json=options.json)


def _pairs_fill(options: argparse.Namespace) -> int:
    from vgpt_probe.commands.balancing import fill

    return fill(_workspace(options), options)


def _pairs_worth(options: argparse.Namespace) -> int:
    from vgpt_probe.commands.balancing import worth

    return worth(_workspace(options), options)


def _pairs_accept(options: argparse.Namespace) -> None:
    from vgpt_probe.commands.pairs import set_status

    set_status(_workspace(options), options.numbers, "accepted")


def _pairs_dismiss(options: argparse.Namespace) -> None:
    from vgpt_probe.commands.pairs import set_status

    set_status(_workspace(options), options.numbers, "dismissed")


def _pairs_undo(options: argparse.Namespace) -> None:
    from vgpt_probe.commands.pairs import undo

    undo(_workspace(options))


def _pairs_import(options: argparse.Namespace) -> int:
    from vgpt_probe.commands.pairs import import_files

    return import_files(_workspace(options), options)


def _pairs_export(options: argparse.Namespace) -> int:
    from vgpt_probe.commands.pairs import export

    return export(_workspace(options), options)
