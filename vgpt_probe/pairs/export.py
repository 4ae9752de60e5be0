"""Writing pairs as the trainers take them, with a manifest of what they are; nothing passes that the guard refuses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from vgpt_probe import __version__
from vgpt_probe.config_tables import BalanceConfig
from vgpt_probe.errors import RecordError, UsageError, at, nearest
from vgpt_probe.files import dump_json, read_text, write_atomically
from vgpt_probe.pairs.balance import Balance, measure, missing
from vgpt_probe.pairs.formats import FORMATS, entry_of, rows_of, unfit
from vgpt_probe.pairs.guard import Guard
from vgpt_probe.pairs.pair import DENYING, Pair

#: The steps of a curriculum: rejection together with acceptance first, then everything else.
STAGES = ("1_existence", "2_style")


class Exported(msgspec.Struct, frozen=True):
    """What was written: the data files in the order to train on, their manifest, and the pairs that were kept out."""

    files: list[Path]
    manifest: Path
    pairs: list[Pair]
    left_out: list[tuple[Pair, list[str]]]


def export_pairs(
    pairs: Iterable[Pair],
    guard: Guard,
    *,
    format: str,
    folder: Path,
    dataset: str,
    staged: bool = False,
    target: BalanceConfig | None = None,
    sources: Sequence[dict[str, Any]] = (),
) -> Exported:
    """Write pairs to ``folder/dataset.json`` and, for LLaMA-Factory, register them in ``dataset_info.json``.

    Drafts and dismissed pairs are passed over; what the guard refuses, and what the format cannot hold, is left out
    and told. Pairs keep their order; repeated ones are written once. ``staged`` writes existence and style as two
    files, to be trained on in that order. ``dataset.manifest.json`` says what the files are made of; ``sources`` are
    the runs that it names. Other entries of ``dataset_info.json`` stay as they are. Each file is written whole or not
    at all; the same pairs give the same bytes.

    Raises ``UsageError`` for an unknown format or no pairs, ``RecordError`` when ``dataset_info.json`` is not a
    JSON object.
    """
    _check(format, dataset)
    written, left_out = chosen(pairs, format, guard.refusals)
    if not written:
        why = f"; {len(left_out)} were kept out: {left_out[0][1][0]}" if left_out else ""
        raise UsageError(
            f"there is no pair to export{why}",
            mend="save one first: 'p' on a case, or 'vgpt-probe pairs add'",
        )
    parts = _staged(written, dataset) if staged else {dataset: written}
    texts = {
        name: _json(_trimmed([row for pair in part for row in rows_of(pair, format)]))
        for name, part in parts.items()
    }
    registry = folder / "dataset_info.json"
    entries = {
        name: {"file_name": f"{name}.json"} | entry
        for name, part in parts.items()
        if (
            entry := entry_of(
                format, system=any(pair.system for pair in part), history=any(pair.history for pair in part)
            )
        )
    }
    known = _read_registry(registry)
    # An entry of this name from an earlier export in another format would now be wrong.
    registered = {name: entry for name, entry in known.items() if name not in parts} | entries
    manifest = folder / f"{dataset}.manifest.json"
    described = _manifest(parts, texts, guard, format, target or BalanceConfig(), sources, left_out)
    try:
        for name, text in texts.items():
            write_atomically(folder / f"{name}.json", text)
        if registered != known:
            write_atomically(registry, _json(registered))
        write_atomically(manifest, _json(described))
    except OSError as fault:
        raise RecordError(f"cannot be written: {fault.strerror or fault}", where=at(folder)) from None
    return Exported([folder / f"{name}.json" for name in texts], manifest, written, left_out)


def chosen(
    pairs: Iterable[Pair], format: str, refusals: Callable[[Pair], list[str]]
) -> tuple[list[Pair], list[tuple[Pair, list[str]]]]:
    """The pairs that an export writes, each once, and those that it keeps out, with why.

    Drafts and dismissed pairs are in neither. ``refusals`` says what is wrong with a pair: see ``Guard.refusals``.
    """
    kept: dict[tuple[str, ...], Pair] = {}
    left_out: list[tuple[Pair, list[str]]] = []
    for pair in pairs:
        if pair.status in ("draft", "dismissed") or pair.key in kept:
            continue
        why = [*refusals(pair), *filter(None, [unfit(pair, format)])]
        if why:
            left_out.append((pair, why))
        else:
            kept[pair.key] = pair
    return list(kept.values()), left_out


def picture(pairs: Sequence[Pair], format: str) -> str:
    """What training would see of pairs: how many rows, the first of them as it would be written, and its registration.

    Nothing is checked or written: see ``export_pairs``.
    """
    rows = _trimmed([row for pair in pairs for row in rows_of(pair, format)])
    if not rows:
        return "no rows"
    count = "1 row" if len(rows) == 1 else f"{len(rows):,} rows, the first of them"
    lines = [f"{count}:", json.dumps(rows[0], ensure_ascii=False, indent=2)]
    entry = entry_of(
        format, system=any(pair.system for pair in pairs), history=any(pair.history for pair in pairs)
    )
    if entry:
        lines.append(f"in dataset_info.json: {json.dumps(entry, ensure_ascii=False)}")
    return "\n".join(lines)


def _check(format: str, dataset: str) -> None:
    if format not in FORMATS:
        raise UsageError(
            f"unknown format '{format}'", mend=nearest(format, FORMATS) or f"formats: {', '.join(FORMATS)}"
        )
    strange = any(letter in '/\\:*?"<>|' or ord(letter) < 32 for letter in dataset)
    if not dataset or strange or dataset.startswith("."):
        raise UsageError(f"'{dataset}' cannot be a data set's name", mend="use letters, digits, - and _")


def _staged(pairs: list[Pair], dataset: str) -> dict[str, list[Pair]]:
    existence = [pair for pair in pairs if pair.kind in DENYING or pair.kind == "acceptance"]
    style = [pair for pair in pairs if pair.kind not in DENYING and pair.kind != "acceptance"]
    named = zip(STAGES, (existence, style), strict=True)
    return {f"{dataset}_{name}": part for name, part in named if part}


def _trimmed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out the columns that no row fills: they only invite questions."""
    empty = {key for key in ("system", "history") if not any(row.get(key) for row in rows)}
    return [{key: value for key, value in row.items() if key not in empty} for row in rows]


def _manifest(
    parts: dict[str, list[Pair]],
    texts: dict[str, str],
    guard: Guard,
    format: str,
    target: BalanceConfig,
    sources: Sequence[dict[str, Any]],
    left_out: list[tuple[Pair, list[str]]],
) -> dict[str, Any]:
    everything = [pair for part in parts.values() for pair in part]
    balance = measure(everything, guard.catalog)
    return {
        "program": f"vgpt_probe {__version__}",
        "format": format,
        "catalog": guard.catalog.fingerprint,
        "pairs": len(everything),
        "files": [
            {
                "file": f"{name}.json",
                "order": order,
                "pairs": len(part),
                "rows": sum(len(rows_of(pair, format)) for pair in part),
                "sha256": hashlib.sha256(texts[name].encode("utf-8")).hexdigest(),
            }
            for order, (name, part) in enumerate(parts.items(), start=1)
        ],
        "balance": describe(balance),
        "missing": missing(balance, target),
        "written_by": _writers(everything),
        "sources": list(sources),
        "imported_from": sorted(
            {pair.source.file.rpartition("#")[0] for pair in everything if pair.source.file}
        ),
        "ids": {f"{name}.json": [pair.mark for pair in part] for name, part in parts.items()},
        "left_out": [{"pair": pair.id, "prompt": pair.prompt, "why": why} for pair, why in left_out],
    }


def describe(balance: Balance) -> dict[str, Any]:
    """A balance as ``pairs stats --json`` and the manifest print it."""
    total = max(1, balance.pairs)
    return {
        "pairs": balance.pairs,
        "kinds": balance.kinds,
        "rejection_share": round(balance.denials / total, 4),
        "acceptance_share": round(balance.affirmations / total, 4),
        "style_share": round(balance.style / total, 4),
        "distinct_fake_subjects": balance.invented,
        "distinct_real_subjects_accepted": balance.real,
        "rejected_on_policy": balance.asked_of_model,
        "modules": balance.modules,
        "wordings": [
            {"wording": one.text, "pairs": one.pairs, "denial_share": round(one.denial_share, 4)}
            for one in balance.wordings
        ],
    }


def _writers(pairs: list[Pair]) -> dict[str, dict[str, int]]:
    counted: dict[str, dict[str, int]] = {"chosen": {}, "rejected": {}}
    for side, counts in counted.items():
        for pair in pairs:
            who = getattr(pair.source, side) or "unknown"
            counts[who] = counts.get(who, 0) + 1
        counted[side] = dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))
    return counted


def _read_registry(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    text = read_text(path, RecordError)
    try:
        entries = json.loads(text)
    except json.JSONDecodeError as fault:
        raise RecordError(
            f"is not JSON: {fault.msg}", where=at(path, fault.lineno), mend="mend or remove it"
        ) from None
    except (ValueError, RecursionError) as fault:
        raise RecordError(f"cannot be read: {fault}", where=at(path), mend="mend or remove it") from None
    if not isinstance(entries, dict):
        raise RecordError("is not a JSON object", where=at(path), mend="mend or remove it")
    return entries


def _json(value: Any) -> str:
    return dump_json(value, indent=2) + "\n"
