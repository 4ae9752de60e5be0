"""``audit``: what training sets teach, and whether a trainer takes them."""

from __future__ import annotations

import itertools
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from vgpt_probe.commands import output
from vgpt_probe.config import Workspace
from vgpt_probe.errors import DONE, FOUND, BatteryError, UsageError

if TYPE_CHECKING:
    from vgpt_probe.catalog import Catalog
    from vgpt_probe.pairs.audit import Read
    from vgpt_probe.pairs.audit_records import Audit, Overlap
    from vgpt_probe.pairs.datasets import Dataset
    from vgpt_probe.pairs.mend import Mended
    from vgpt_probe.probes import Battery, HeldOut

RISKS = ("low", "medium", "high")


def audit_files(workspace: Workspace, options: Namespace) -> int:
    """Audit each file, and what they share; 1 when a risk reaches ``--fail-on``."""
    from vgpt_probe.commands.audit_text import show_audit, show_mended, show_overlap
    from vgpt_probe.pairs.advice import with_advice
    from vgpt_probe.pairs.audit import audit, read_rows
    from vgpt_probe.pairs.datasets import read_dataset
    from vgpt_probe.pairs.llama_factory import find_registration
    from vgpt_probe.pairs.mend import mend
    from vgpt_probe.pairs.overlap import held_rows, leakage, overlap
    from vgpt_probe.pairs.trainers import check_trainers
    from vgpt_probe.runs.grade import open_phrases

    files: list[Path] = options.files
    if len({path.resolve() for path in files}) < len(files):
        raise UsageError("a file is named twice")
    catalog, phrases = _catalog(workspace, options.catalog), open_phrases(workspace)
    # Every file is read before the first is reported, so that a broken one costs no waiting.
    registrations = [find_registration(path) for path in files]
    datasets = [
        read_dataset(path, columns=registration.columns if registration else None)
        for path, registration in zip(files, registrations, strict=True)
    ]
    batteries, heldout = _probes(workspace, catalog, options)
    audits: list[Audit] = []
    reads: list[list[Read]] = []
    mends: list[Mended | None] = []
    for dataset, registration in zip(datasets, registrations, strict=True):
        read = read_rows(dataset.rows, catalog, phrases=phrases, tell=_progress(dataset.path.name))
        trainers, problems = check_trainers(dataset, registration)
        one = msgspec.structs.replace(
            audit(dataset, read, catalog),
            leakage=leakage(read, batteries),
            heldout=held_rows(read, heldout),
            trainers=trainers,
            trainer_problems=problems,
        )
        audits.append(with_advice(one))
        reads.append(read)
        mends.append(mend(dataset, registration) if options.fix else None)
    overlaps: list[Overlap] = [
        overlap(reads[one], reads[other], (str(files[one]), str(files[other])))
        for one, other in itertools.combinations(range(len(files)), 2)
    ]
    if options.json:
        _print_json(audits, mends, overlaps)
    else:
        for one, dataset, registration, fixed in zip(audits, datasets, registrations, mends, strict=True):
            show_audit(one, entry=None if registration else _entry(dataset), rows=options.rows)
            if fixed is not None:
                show_mended(fixed, dataset)
        for shared in overlaps:
            show_overlap(shared)
    for fixed in mends:
        if fixed is not None:
            _say_mended(fixed)
    worst = max(RISKS.index(one.risk) for one in audits)
    return FOUND if options.fail_on and worst >= RISKS.index(options.fail_on) else DONE


def _print_json(audits: list[Audit], mends: list[Mended | None], overlaps: list[Overlap]) -> None:
    """One object for one file; for several, ``{"files": [...], "overlaps": [...]}``."""
    documents = []
    for one, fixed in zip(audits, mends, strict=True):
        document = msgspec.to_builtins(one)
        if fixed is not None:
            document["fixed"] = msgspec.to_builtins(fixed, enc_hook=str) if fixed.changed else None
        documents.append(document)
    output.print_json(documents[0] if len(documents) == 1 else {"files": documents, "overlaps": overlaps})


def _catalog(workspace: Workspace, source: Path | None) -> Catalog:
    from vgpt_probe.runs.open import open_catalog

    if source is None:
        return open_catalog(workspace)
    from vgpt_probe.catalog import load_catalog

    settings = workspace.config.catalog
    return load_catalog(
        source,
        dialect=settings.dialect,
        case_sensitive=settings.case_sensitive,
        default_schema=settings.default_schema,
        title=settings.title,
        cache=workspace.cache_folder,
    )


def _probes(workspace: Workspace, catalog: Catalog, options: Namespace) -> tuple[list[Battery], HeldOut]:
    """The batteries to look for in the training set, and what is held out; none for a schema that is not theirs."""
    from vgpt_probe.probes import HeldOut, battery_names, load_battery, load_heldout

    folder = workspace.battery_folder
    if options.battery is not None:
        return [load_battery(folder, options.battery, catalog)], load_heldout(folder, catalog)
    if options.catalog is not None:
        output.say(
            "not compared with the workspace's batteries, which are for its own schema; --battery B does"
        )
        return [], HeldOut()
    batteries: list[Battery] = []
    heldout = HeldOut()
    try:
        heldout = load_heldout(folder, catalog)
    except BatteryError as fault:
        output.say(f"not compared with what is held out: {fault}")
    for known in battery_names(folder):
        try:
            batteries.append(load_battery(folder, known, catalog))
        except BatteryError as fault:
            output.say(f"not compared with the battery '{known}': {fault}")
    return batteries, heldout


def _entry(dataset: Dataset) -> dict[str, object] | None:
    """The registration that LLaMA-Factory would need, where it knows the layout."""
    from vgpt_probe.pairs import llama_factory
    from vgpt_probe.pairs.mend import entry_for

    return None if llama_factory.strange(dataset) else entry_for(dataset, dataset.path.name)


def _progress(name: str) -> Callable[[int, int], None] | None:
    if not sys.stderr.isatty():
        return None

    def tell(done: int, total: int) -> None:
        if total > 2_000:
            line = f"{output.plain(name)}: {done:,} of {total:,} rows read"
            # The last call takes the line away again.
            print(f"\r{line if done < total else ' ' * len(line)}\r", end="", file=sys.stderr, flush=True)

    return tell


def _say_mended(fixed: Mended) -> None:
    if not fixed.changed:
        output.say("nothing to correct: no copy was written")
        return
    if fixed.mended or fixed.left_out:
        output.say(f"wrote {fixed.path}: {fixed.rows:,} rows")
    if fixed.registry:
        output.say(f"wrote {fixed.registry}: take it as dataset_info.json")
