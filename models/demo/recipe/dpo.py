"""Trains one more DPO stage from exported preference pairs, then probes all stages on the held-out battery.

    python -m models.demo.recipe.dpo pairs.json --stage dpo_v3 --from sft --out models/demo

`pairs.json` is LLaMA-Factory's alpaca form: a list of `{"instruction", "input", "chosen", "rejected"}`,
optionally with `"system"`. Writes STAGE.gguf (merged) and STAGE.lora.gguf (over the stage it started from).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from . import stages
from .evaluate import ROOT
from .train import DEMO, train_dpo_stage

#: `fine_tuning` is the weight of the SFT loss on chosen answers: the preference loss alone is satisfied at once.
#: `embedding_noise`: without it the model denies names in a wording with a word that it hardly knows, as "store".
#: `strength`: at full weight the adapter denies names it has not seen; a little of the parent's trust cures that.
SETTINGS = {
    "learning_rate": 1.5e-3,
    "rank": 16,
    "batch_size": 8,
    "beta": 0.05,
    "fine_tuning": 3.0,
    "embedding_noise": 5.0,
    "strength": 0.8,
}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--stage", default="dpo_v3", help="name of the new stage (default: dpo_v3)")
    parser.add_argument("--from", dest="parent", default="sft", help="the stage to start from (default: sft)")
    parser.add_argument("--out", type=Path, default=DEMO, help="folder of the GGUF files")
    parser.add_argument("--epochs", type=float, default=1)
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[stages.SEED], help="one run each; the stage is their mean"
    )
    for name, value in SETTINGS.items():
        parser.add_argument(
            f"--{name.replace('_', '-')}", type=type(value), default=value, help="default: %(default)s"
        )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--battery", default="heldout", help="probed afterwards; '' probes nothing")
    arguments = parser.parse_args()
    stages.use_threads(arguments.threads)
    pairs = json.loads(arguments.pairs.read_text(encoding="utf-8"))
    for at, pair in enumerate(pairs):
        missing = {"instruction", "chosen", "rejected"} - pair.keys()
        if missing:
            parser.error(f"{arguments.pairs}: record {at} lacks {', '.join(sorted(missing))}")
    parent = arguments.out / f"{arguments.parent}.gguf"
    if not parent.is_file():
        parent = DEMO / f"{arguments.parent}.gguf"
    path = train_dpo_stage(
        pairs,
        parent,
        arguments.out,
        arguments.stage,
        epochs=arguments.epochs,
        seeds=arguments.seeds,
        **{name: getattr(arguments, name) for name in SETTINGS},
    )
    print(path, flush=True)
    if arguments.battery:
        probe(
            {stage: DEMO / f"{stage}.gguf" for stage in ("sft", "dpo_v1", "dpo_v2")}
            | {arguments.stage: path},
            arguments.battery,
        )


def probe(models: dict[str, Path], battery: str) -> None:
    """Runs a shipped battery on the GGUF files of some stages with vgpt_probe and prints its matrix."""
    catalog, probes = ROOT / "probes" / "vista_demo.sql", ROOT / "probes"
    lines = [f'[catalog]\nsource = {json.dumps(str(catalog))}\ntitle = "Viewpoint Vista"']
    lines.append(f"[batteries]\nfolder = {json.dumps(str(probes))}")
    for stage, path in models.items():
        lines.append(f"[[stages]]\nname = {json.dumps(stage)}")
        lines.append(
            f"[[models]]\nname = {json.dumps(stage)}\nstage = {json.dumps(stage)}\npath = {json.dumps(str(path.resolve()))}"
        )
    with tempfile.TemporaryDirectory() as scratch:
        config = Path(scratch) / "config.toml"
        config.write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = [sys.executable, "-m", "vgpt_probe", "run", "--config", str(config), "--battery", battery]
        subprocess.run(command, check=True, cwd=ROOT)


if __name__ == "__main__":
    main()
