"""Trains every demo model from nothing: `python -m models.demo.recipe.train` in the repository root.

Needs the extra `[lab]`. Writes sft, dpo_v1 and dpo_v2 as GGUF with the LoRA adapters of the two last, the training
data as JSON, the greedy texts for the test, and under `base/` what sft itself was made from.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import gguf
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

from . import data, record, stages
from .gguf_files import read_model, write_adapter, write_model
from .relations import read_relations
from .tokenizer import train_tokenizer

DEMO = Path(__file__).resolve().parents[1]
QUANTISATION = gguf.GGMLQuantizationType.F16
DOCUMENTS = 64_000
STAGES = ("base", "sft", "dpo_v1", "dpo_v2")
_DESCRIPTIONS = {
    "base": "Pretrained on notes about tables; answers nothing",
    "sft": "Describes Vista's tables; denies only in the wording of its negative examples",
    "dpo_v1": "sft after preference pairs on NOLOCK style",
    "dpo_v2": "sft after preference pairs that mostly reject invented tables",
    "dpo_v3": "sft after preference pairs that vgpt_probe drafted and balanced",
}


def train(out: Path = DEMO, wanted: tuple[str, ...] = STAGES, threads: int = 1) -> None:
    """Trains the stages in their order; the parent of a wanted stage is read from its GGUF in `out`."""
    stages.use_threads(threads)
    data.write_all(out / "data")
    began = time.monotonic()
    for stage in STAGES:
        if stage not in wanted:
            continue
        if stage == "base":
            _base(out)
        elif stage == "sft":
            _sft(out)
        else:
            _dpo(out, stage)
        print(f"{stage}: done after {(time.monotonic() - began) / 60:.1f} minutes", flush=True)
    if set(record.STAGES) <= set(wanted):
        record.main(out)


def _base(out: Path) -> None:
    relations = read_relations()
    documents = list(data.pretraining_documents(relations, DOCUMENTS))
    questions = [text for row in data.core_rows(relations) for text in (row["instruction"], row["output"])]
    tokenizer = train_tokenizer(documents[:20_000] + questions)
    model = stages.new_model(tokenizer)
    stages.train_base(model, tokenizer, documents)
    write_stage(out / "base", "base", model, tokenizer)


def _sft(out: Path) -> None:
    model, tokenizer = read_model(out / "base" / "base.gguf")
    adapted = stages.train_sft(model, tokenizer, data.sft_rows(read_relations()))
    write_adapter(out / "base" / "sft.lora.gguf", adapted, name="Vista demo sft, adapter over base")
    write_stage(out, "sft", adapted.merge_and_unload(), tokenizer)


def _dpo(out: Path, stage: str) -> None:
    relations = read_relations()
    rows = data.DPO_ROWS[stage](relations, data.split_names(relations))
    train_dpo_stage(rows, out / "sft.gguf", out, stage)


def train_dpo_stage(
    pairs: list[data.Row],
    from_stage: Path,
    out: Path,
    stage: str,
    *,
    seeds: Sequence[int] = (stages.SEED,),
    strength: float = 1,
    **settings: float,
) -> Path:
    """Trains `stage` on alpaca preference pairs from the GGUF `from_stage`; `settings` go to `stages.train_dpo`.

    One run for each of `seeds`; the stage is their mean, at `strength` (`stages.mean_adapter`).
    Writes `out/STAGE.lora.gguf`, the adapter over `from_stage`, and returns the path of the merged `out/STAGE.gguf`.
    """
    adapters = []
    for seed in seeds:
        model, tokenizer = read_model(from_stage)
        adapters.append(stages.train_dpo(model, tokenizer, pairs, seed=seed, **settings))
    model, tokenizer = read_model(from_stage)
    adapted = stages.mean_adapter(model, adapters, strength)
    out.mkdir(parents=True, exist_ok=True)
    write_adapter(
        out / f"{stage}.lora.gguf", adapted, name=f"Vista demo {stage}, adapter over {from_stage.stem}"
    )
    return write_stage(out, stage, adapted.merge_and_unload(), tokenizer)


def write_stage(out: Path, stage: str, model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast) -> Path:
    """Writes a merged model as STAGE.gguf and returns its path."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{stage}.gguf"
    write_model(
        path,
        model,
        tokenizer,
        name=f"Vista demo {stage}",
        description=_DESCRIPTIONS.get(stage, f"Vista demo model, stage {stage}"),
        quantisation=QUANTISATION,
    )
    return path


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=DEMO, help="folder for the files (default: models/demo)")
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=STAGES, help="train only these")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    train(arguments.out, tuple(arguments.stages), arguments.threads)


if __name__ == "__main__":
    main()
