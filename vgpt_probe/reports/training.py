"""What the stages of a run were trained on: an audit of each training file that config.toml names, in short."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from vgpt_probe.config import Workspace
from vgpt_probe.errors import BatteryError, ProbeError
from vgpt_probe.files import below, resolved

if TYPE_CHECKING:
    from vgpt_probe.catalog import Catalog
    from vgpt_probe.grading import Phrases
    from vgpt_probe.pairs.audit_records import WordingShare
    from vgpt_probe.probes import HeldOut

#: What would keep a report waiting is left to 'vgpt-probe audit': larger files (bytes), and more rows, which take about
#: half a millisecond each.
LARGEST, MOST_ROWS = 50_000_000, 20_000

TOO_MANY = "are too many for a report; run 'vgpt-probe audit' on it"

#: How many names of real tables, and how many wordings, are told of each file.
NAMES, WORDINGS = 5, 3


class TrainingFacts(msgspec.Struct, frozen=True):
    """One training file of a stage, as ``vgpt-probe audit`` counts it.

    ``file``: its path below the workspace, or its name where it lies elsewhere; ``problem``: why it was not audited
    ("": it was, and the rest holds); ``denial_share``: rows that teach a denial, of all; ``real_denied``: distinct real
    tables that its answers deny, and ``real_names`` the most denied; ``one_way``: wordings that are denied whatever the
    name, and ``wordings`` the worst of them, as (wording, rows, share of denials); ``reasons``: why the risk is not low.
    """

    stage: str
    file: str
    problem: str = ""
    pairs: int = 0
    denial_share: float = 0.0
    real_denied: int = 0
    real_names: tuple[str, ...] = ()
    one_way: int = 0
    wordings: tuple[tuple[str, int, float], ...] = ()
    risk: str = ""
    reasons: tuple[str, ...] = ()


def trained_on(workspace: Workspace, stages: Iterable[str]) -> list[TrainingFacts]:
    """Audit the training files of these stages, in the order of config.toml; a file that cannot be read says why."""
    wanted = set(stages)
    named = [
        (stage.name, below(workspace.root, path), path)
        for stage in workspace.config.stages
        if stage.name in wanted
        for path in (resolved(workspace.root, file) for file in stage.training)
    ]
    if not named:
        return []
    from vgpt_probe.runs.grade import open_phrases
    from vgpt_probe.runs.open import open_catalog

    try:
        catalog, phrases = open_catalog(workspace), open_phrases(workspace)
        heldout = _heldout(workspace, catalog)
    except (ProbeError, OSError) as fault:
        return [TrainingFacts(stage, file, f"not audited: {_said(fault)}") for stage, file, _ in named]
    found: list[TrainingFacts] = []
    for stage, file, path in named:
        try:
            found.append(_audited(stage, file, path, catalog, phrases, heldout))
        except (ProbeError, OSError) as fault:
            found.append(TrainingFacts(stage, file, f"cannot be read: {_said(fault)}"))
    return found


def _heldout(workspace: Workspace, catalog: Catalog) -> HeldOut:
    from vgpt_probe.probes import HeldOut, load_heldout

    try:
        return load_heldout(workspace.battery_folder, catalog)
    except BatteryError:
        # 'vgpt-probe audit' names the battery that is broken.
        return HeldOut()


def _audited(
    stage: str, file: str, path: Path, catalog: Catalog, phrases: Phrases | None, heldout: HeldOut
) -> TrainingFacts:
    from vgpt_probe.pairs.advice import with_advice
    from vgpt_probe.pairs.audit import audit, read_rows
    from vgpt_probe.pairs.datasets import read_dataset
    from vgpt_probe.pairs.llama_factory import find_registration
    from vgpt_probe.pairs.overlap import held_rows
    from vgpt_probe.pairs.trainers import check_trainers

    size = path.stat().st_size
    if size > LARGEST:
        return TrainingFacts(stage, file, f"{size / 1e6:,.0f} MB {TOO_MANY}")
    registration = find_registration(path)
    dataset = read_dataset(path, columns=registration.columns if registration else None)
    if len(dataset.rows) > MOST_ROWS:
        return TrainingFacts(stage, file, f"{len(dataset.rows):,} rows {TOO_MANY}")
    read = read_rows(dataset.rows, catalog, phrases=phrases)
    trainers, problems = check_trainers(dataset, registration)
    whole = msgspec.structs.replace(
        audit(dataset, read, catalog),
        heldout=held_rows(read, heldout),
        trainers=trainers,
        trainer_problems=problems,
    )
    whole = with_advice(whole)
    denied = [one.subject for one in whole.real_denied if one.part == "table"]
    one_way = sorted((one for one in whole.wordings if one.shortcut), key=_badness)
    return TrainingFacts(
        stage,
        file,
        pairs=whole.pairs,
        denial_share=whole.rejection_share,
        real_denied=len(denied),
        real_names=tuple(denied[:NAMES]),
        one_way=len(one_way),
        wordings=tuple((one.wording, one.pairs, one.denial_share) for one in one_way[:WORDINGS]),
        risk=whole.risk,
        reasons=whole.reasons,
    )


def _badness(share: WordingShare) -> tuple[int, str]:
    return -share.denials, share.wording


def _said(fault: ProbeError | OSError) -> str:
    """What is wrong, without the path: a report is sent to others, and the line names the file."""
    return fault.what if isinstance(fault, ProbeError) else fault.strerror or type(fault).__name__
