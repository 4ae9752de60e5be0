"""LLaMA-Factory's own loader takes every row of the exports (marker ``llamafactory``).

The test makes the environment: ``pip install --no-deps --target`` of the package and what its data loader needs beside
the [lab] extra. Without a package index, or without [lab], it is skipped with the reason.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pairs.sets import EVERY_KIND, drawn
from vgpt_probe.pairs.export import export_pairs
from vgpt_probe.pairs.formats import rows_of
from vgpt_probe.pairs.guard import Guard

pytestmark = pytest.mark.llamafactory

PACKAGES = ("llamafactory==0.9.5", "omegaconf", "antlr4-python3-runtime==4.9.3")
LOADER = Path(__file__).with_name("llamafactory_loader.py")


@pytest.fixture(scope="module")
def environment(request, tmp_path_factory) -> dict[str, str]:
    if "llamafactory" not in request.config.option.markexpr:
        pytest.skip("downloads a package; run with -m llamafactory")
    pytest.importorskip("torch", reason="needs the [lab] extra")
    pytest.importorskip("datasets", reason="needs the [lab] extra")
    folder = os.environ.get("LLAMAFACTORY_PACKAGES")
    if folder is None:
        folder = str(tmp_path_factory.mktemp("llamafactory"))
        made = subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, *PACKAGES],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            pytest.skip(f"llamafactory cannot be installed: {made.stderr.strip().splitlines()[-1]}")
    paths = [folder, *(path for path in sys.path if path)]
    # It asks for older releases of its libraries than [lab] has; its loader works with these.
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(paths),
        "DISABLE_VERSION_CHECK": "1",
        "HF_HUB_OFFLINE": "1",
    }


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory) -> str:
    import tokenizers
    import transformers

    folder = str(tmp_path_factory.mktemp("tokenizer"))
    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    special = ["<pad>", "<|end|>"]
    vocabulary = {token: number for number, token in enumerate([*special, *alphabet])}
    made = tokenizers.Tokenizer(tokenizers.models.BPE(vocabulary, [], unk_token="<pad>"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = tokenizers.decoders.ByteLevel()
    made.add_special_tokens(special)
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", eos_token="<|end|>"
    ).save_pretrained(folder)
    return folder


@pytest.mark.parametrize(
    ("format", "stage"), [("llamafactory", "rm"), ("llamafactory-sharegpt", "rm"), ("kto", "kto")]
)
def test_no_row_is_dropped(tmp_path, catalog, environment, tokenizer, format, stage):
    guard = Guard(catalog)
    done = export_pairs(
        [*EVERY_KIND, *drawn(guard, 20)], guard, format=format, folder=tmp_path, dataset="mine"
    )
    rows = [row for pair in done.pairs for row in rows_of(pair, format)]
    ran = subprocess.run(
        [sys.executable, str(LOADER), str(tmp_path), "mine", stage, tokenizer],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    [line] = [line for line in ran.stdout.splitlines() if line.startswith("RESULT ")]
    result = json.loads(line.removeprefix("RESULT "))
    assert len(result["aligned"]) == result["ready"] == len(rows)
    for row, pair in zip(result["aligned"][:: len(rows) // len(done.pairs)], done.pairs, strict=True):
        assert [turn["content"] for turn in row["_prompt"]] == [
            *(text for _, text in pair.history),
            pair.prompt,
        ]
        assert row["_response"][0]["content"] == pair.chosen and row["_system"] == pair.system
