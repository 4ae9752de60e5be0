"""The training of each stage: base from random weights, SFT and DPO as LoRA adapters that are merged."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence

import torch
from datasets import Dataset
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import (
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    Trainer,
    TrainingArguments,
    default_data_collator,
    set_seed,
)
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

from . import copying
from .data import SEED, Row
from .gguf_files import make_config
from .tokenizer import BLANK

CONTEXT = 512
_COMMON = {
    "use_cpu": True,
    "report_to": [],
    "save_strategy": "no",
    "logging_steps": 50,
    "disable_tqdm": True,
    "seed": SEED,
    "data_seed": SEED,
    "weight_decay": 0.01,
    "adam_beta2": 0.98,
    "lr_scheduler_type": "cosine",
    "warmup_steps": 50,
    "gradient_checkpointing": False,
    "bf16": True,
}


def new_model(tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """A Llama of about 4.3 million parameters: random weights but for a few heads (`copying`)."""
    set_seed(SEED)
    config = make_config(
        vocab_size=len(tokenizer), hidden_size=256, layers=5, intermediate_size=672, heads=4, context=CONTEXT
    )
    model = LlamaForCausalLM(config)
    copying.give_head_start(model)
    return model


def train_base(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, documents: Iterable[str]) -> None:
    """Pretrains all weights: drills in copying, then the documents, packed into windows of 256 tokens."""
    set_seed(SEED)
    copying.drill(model, tokenizer)
    blank = tokenizer.convert_tokens_to_ids(BLANK)
    stream = [i for ids in tokenizer(list(documents))["input_ids"] for i in (*ids, blank)]
    windows = [stream[at : at + 256] for at in range(0, len(stream) - 255, 256)]
    rows = Dataset.from_dict({"input_ids": windows, "labels": windows})
    print(f"base: {len(stream)} tokens")
    with tempfile.TemporaryDirectory() as scratch:
        arguments = TrainingArguments(
            scratch, per_device_train_batch_size=4, num_train_epochs=1, learning_rate=2e-3, **_COMMON
        )
        Trainer(model, arguments, train_dataset=rows, data_collator=default_data_collator).train()


def lora(rank: int) -> LoraConfig:
    """Adapters on every linear layer."""
    return LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear", task_type="CAUSAL_LM")


def train_sft(
    model: LlamaForCausalLM,
    tokenizer: PreTrainedTokenizerFast,
    rows: list[Row],
    *,
    rank: int = 64,
    epochs: float = 3,
    learning_rate: float = 2e-3,
) -> PeftModel:
    """Fine-tunes an adapter on alpaca rows (`instruction`, `input`, `output`, maybe `system`), unmerged."""
    conversations = Dataset.from_list(
        [
            {"prompt": _prompt(row), "completion": [{"role": "assistant", "content": row["output"]}]}
            for row in rows
        ]
    )
    with tempfile.TemporaryDirectory() as scratch:
        arguments = SFTConfig(
            scratch,
            per_device_train_batch_size=32,
            num_train_epochs=epochs,
            learning_rate=learning_rate,
            max_length=CONTEXT,
            completion_only_loss=True,
            train_sampling_strategy="group_by_length",
            **_COMMON,
        )
        trainer = SFTTrainer(
            model, arguments, train_dataset=conversations, processing_class=tokenizer, peft_config=lora(rank)
        )
        trainer.train()
        return trainer.model


def train_dpo(
    model: LlamaForCausalLM,
    tokenizer: PreTrainedTokenizerFast,
    rows: list[Row],
    *,
    rank: int = 16,
    epochs: float = 1,
    learning_rate: float = 4e-4,
    beta: float = 0.1,
    fine_tuning: float = 0.2,
    batch_size: int = 16,
    embedding_noise: float = 0,
    seed: int = SEED,
) -> PeftModel:
    """Trains an adapter on pairs (`instruction`, `input`, `chosen`, `rejected`, maybe `system`), unmerged.

    `embedding_noise` is NEFTune's alpha (arXiv 2310.05914): with it, a word that no pair has sways the answer less.
    """
    set_seed(seed)
    pairs = Dataset.from_list(
        [
            {
                "prompt": _prompt(row),
                "chosen": [{"role": "assistant", "content": row["chosen"]}],
                "rejected": [{"role": "assistant", "content": row["rejected"]}],
            }
            for row in rows
        ]
    )
    with tempfile.TemporaryDirectory() as scratch:
        arguments = DPOConfig(
            scratch,
            per_device_train_batch_size=batch_size,
            num_train_epochs=epochs,
            learning_rate=learning_rate,
            beta=beta,
            # A little of the SFT loss on the chosen answers, as LLaMA-Factory's pref_ftx: they stay well-formed.
            loss_type=["sigmoid", "sft"],
            loss_weights=[1.0, fine_tuning],
            max_length=CONTEXT,
            neftune_noise_alpha=embedding_noise or None,
            **(_COMMON | {"seed": seed, "data_seed": seed}),
        )
        trainer = DPOTrainer(
            model, args=arguments, train_dataset=pairs, processing_class=tokenizer, peft_config=lora(rank)
        )
        trainer.train()
        return trainer.model


def mean_adapter(base: LlamaForCausalLM, adapters: Sequence[PeftModel], strength: float = 1) -> PeftModel:
    """One adapter over `base` that adds `strength` times the mean of what `adapters` add; its rank is the sum of theirs.

    Runs with different seeds lean this way and that in wordings they never saw, and the mean of them leans less (model
    soups, arXiv 2203.05482). At a strength below 1, what the parent knew is forgotten less (WiSE-FT, arXiv 2109.01903).
    """
    joined = get_peft_model(base, lora(sum(adapter.peft_config["default"].r for adapter in adapters)))
    parts = [dict(adapter.named_parameters()) for adapter in adapters]
    with torch.no_grad():
        for name, weight in joined.named_parameters():
            if ".lora_A." in name:
                weight.copy_(torch.cat([part[name] for part in parts]))
            elif ".lora_B." in name:
                weight.copy_(torch.cat([part[name] for part in parts], dim=1) * (strength / len(parts)))
    return joined


def _prompt(row: Row) -> list[dict[str, str]]:
    text = "\n".join(part for part in (row["instruction"], row.get("input")) if part)
    system = [{"role": "system", "content": row["system"]}] if row.get("system") else []
    return [*system, {"role": "user", "content": text}]


def use_threads(count: int) -> None:
    """Pins torch to `count` threads, so that the same seed gives the same weights again."""
    torch.set_num_threads(count)
