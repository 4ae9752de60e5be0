"""The real consumers take the exports: ``datasets`` loads them, TRL trains on them (marker ``lab``)."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest

from tests.pairs.sets import EVERY_KIND, drawn
from vgpt_probe.pairs.export import export_pairs
from vgpt_probe.pairs.formats import FORMATS
from vgpt_probe.pairs.guard import Guard

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def exports(tmp_path_factory, catalog):
    """Every format's data file, of the same pairs."""
    pytest.importorskip("datasets")
    pairs = [*EVERY_KIND, *drawn(Guard(catalog), 24)]
    return {
        format: export_pairs(
            pairs, Guard(catalog), format=format, folder=tmp_path_factory.mktemp(format), dataset="mine"
        ).files[0]
        for format in FORMATS
    }


@pytest.fixture(scope="module")
def tiny():
    """A model of some thousand parameters with random weights, and its tokenizer: single bytes, turns in marks."""
    transformers = pytest.importorskip("transformers")
    tokenizers = pytest.importorskip("tokenizers")
    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    special = ["<pad>", "<|user|>", "<|system|>", "<|assistant|>", "<|end|>"]
    vocabulary = {token: number for number, token in enumerate([*special, *alphabet])}
    made = tokenizers.Tokenizer(tokenizers.models.BPE(vocabulary, [], unk_token="<pad>"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = tokenizers.decoders.ByteLevel()
    made.add_special_tokens(special)
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", eos_token="<|end|>"
    )
    tokenizer.chat_template = (
        "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|>{% endif %}"
    )
    config = transformers.LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=2048,
        pad_token_id=0,
        eos_token_id=vocabulary["<|end|>"],
    )
    return transformers.LlamaForCausalLM(config), tokenizer


def load(path, cache):
    from datasets import load_dataset

    return load_dataset("json", data_files=str(path), split="train", cache_dir=str(cache))


@pytest.mark.parametrize("format", FORMATS)
def test_datasets_loads_every_row_as_it_was_written(exports, tmp_path, format):
    rows = json.loads(exports[format].read_text(encoding="utf-8"))
    loaded = load(exports[format], tmp_path)
    assert len(loaded) == len(rows)
    assert [{key: row[key] for key in rows[0]} for row in loaded] == rows


COMMON = {
    "use_cpu": True,
    "report_to": [],
    "max_steps": 1,
    "per_device_train_batch_size": 4,
    "disable_tqdm": True,
    "save_strategy": "no",
    "logging_steps": 1,
}


@pytest.mark.parametrize("format", ["trl", "trl-conversational"])
def test_trl_takes_a_dpo_step(exports, tiny, tmp_path, format):
    trl = pytest.importorskip("trl")
    model, tokenizer = tiny
    data = load(exports[format], tmp_path)
    trainer = trl.DPOTrainer(
        model,
        ref_model=deepcopy(model),
        args=trl.DPOConfig(str(tmp_path), max_length=512, **COMMON),
        train_dataset=data,
        processing_class=tokenizer,
    )
    assert len(trainer.train_dataset) == len(data)
    assert trainer.train().training_loss > 0


def test_trl_takes_a_kto_step(exports, tiny, tmp_path):
    trl = pytest.importorskip("trl")
    model, tokenizer = tiny
    data = load(exports["trl-kto"], tmp_path)
    trainer = trl.KTOTrainer(
        model,
        ref_model=deepcopy(model),
        args=trl.KTOConfig(str(tmp_path), max_length=512, **COMMON),
        train_dataset=data,
        processing_class=tokenizer,
    )
    assert len(trainer.train_dataset) == len(data)
    assert trainer.train().training_loss > 0
