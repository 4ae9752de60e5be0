"""Trains one more DPO stage from exported preference pairs, as the demo's own were trained.

    python -m models.demo.recipe.dpo pairs.json --stage dpo_v3 --from sft --out models/demo

`pairs.json` is LLaMA-Factory's alpaca form: a list of `{"instruction", "input", "chosen", "rejected"}`,
optionally with `"system"`. Writes STAGE.gguf (merged) and STAGE.lora.gguf (over the stage it started from).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from . import stages
from .train import DEMO, train_dpo_stage


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--stage", default="dpo_v3", help="name of the new stage (default: dpo_v3)")
    parser.add_argument("--from", dest="parent", default="sft", help="the stage to start from (default: sft)")
    parser.add_argument("--out", type=Path, default=DEMO, help="folder of the GGUF files")
    parser.add_argument("--epochs", type=float, default=1)
    parser.add_argument("--learning-rate", type=float, default=4e-4)
    parser.add_argument("--beta", type=float, default=0.1)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    stages.use_threads(arguments.threads)
    pairs = json.loads(arguments.pairs.read_text(encoding="utf-8"))
    for at, pair in enumerate(pairs):
        missing = {"instruction", "chosen", "rejected"} - pair.keys()
        if missing:
            parser.error(f"{arguments.pairs}: record {at} lacks {', '.join(sorted(missing))}")
    path = train_dpo_stage(
        pairs,
        arguments.out / f"{arguments.parent}.gguf",
        arguments.out,
        arguments.stage,
        epochs=arguments.epochs,
        learning_rate=arguments.learning_rate,
        beta=arguments.beta,
    )
    print(path)


if __name__ == "__main__":
    main()
