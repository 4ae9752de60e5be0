"""What each ingredient of an export is worth: trains `dpo_v3` with one of them left out, and probes all held-out.

    python -m models.demo.recipe.ablate data/vgpt_probe_pairs.json --off-policy data_off/vgpt_probe_pairs.json

Each variant takes as many steps as the whole export does: fewer pairs are shown more often.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from . import stages
from .data import Row
from .dpo import SETTINGS, probe
from .relations import read_relations
from .train import DEMO, train_dpo_stage

_DENIAL = re.compile(
    r"(?:There is no table or view named|There is no|The table) '|'\w+' is not a valid table"
)


def variants(pairs: list[Row]) -> dict[str, list[Row]]:
    """The export without counter-pairs, without balance, and in the first user's mix of 83 % denials, 17 % style."""
    kinds = [kind(pair) for pair in pairs]
    by_kind = {one: [p for p, k in zip(pairs, kinds, strict=True) if k == one] for one in set(kinds)}
    style, denials = by_kind["style"], by_kind["denial"]
    sides = dict.fromkeys(sorted({wording(pair) for pair in pairs}))
    for at, text in enumerate(sides):
        sides[text] = ("denial", "affirmation")[at % 2]
    return {
        "no counter-pairs": [
            p for p, k in zip(pairs, kinds, strict=True) if k == "style" or k == sides[wording(p)]
        ],
        "no balance": denials + by_kind["affirmation"][: len(denials) // 8] + style,
        "83 % denials": denials + style[: round(len(denials) * 17 / 83)],
    }


def kind(pair: Row) -> str:
    """What a pair teaches: `style` where both sides are SQL, else whether its chosen answer is a `denial`."""
    if "```" in pair["chosen"] and "```" in pair["rejected"] and not _DENIAL.match(pair["chosen"]):
        return "style"
    return "denial" if _DENIAL.match(pair["chosen"]) else "affirmation"


def wording(pair: Row) -> str:
    """The question without the name that it asks about: the first that both answers or the catalog know."""
    known = {relation.name for relation in read_relations()}
    said = set(re.findall(r"\w+", pair["chosen"])) & set(re.findall(r"\w+", pair["rejected"]))
    names = re.findall(r"\w+", pair["instruction"])
    likely = (n for n in names if n in said and not n.islower() and n not in ("Viewpoint", "Vista"))
    name = next((n for n in names if n in known), None) or next(likely, "")
    return pair["instruction"].replace(name, "{}") if name else pair["instruction"]


def main() -> None:
    """Entry point of `python -m models.demo.recipe.ablate`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", type=Path)
    parser.add_argument(
        "--off-policy", type=Path, help="an export whose rejected answers come from the catalog"
    )
    parser.add_argument("--out", type=Path, help="folder of the GGUF files (default: none is kept)")
    parser.add_argument("--battery", default="heldout")
    arguments = parser.parse_args()
    stages.use_threads(1)
    whole = json.loads(arguments.pairs.read_text(encoding="utf-8"))
    sets = variants(whole)
    if arguments.off_policy:
        sets["off-policy"] = json.loads(arguments.off_policy.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as scratch:
        out = arguments.out or Path(scratch)
        train: Callable[..., Path] = partial(train_dpo_stage, **SETTINGS)
        models = {}
        for name, pairs in sets.items():
            print(f"{name}: {len(pairs)} pairs", flush=True)
            stage = re.sub(r"\W+", "_", name).strip("_")
            models[stage] = train(pairs, DEMO / "sft.gguf", out, stage, epochs=len(whole) / len(pairs))
        probe(models, arguments.battery)


if __name__ == "__main__":
    main()
