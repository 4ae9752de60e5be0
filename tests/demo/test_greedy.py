"""The demo models say the same in llama.cpp as in transformers, which trained them."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from pathlib import Path

import pytest

DEMO = Path(__file__).resolve().parents[2] / "models" / "demo"
RECORD = json.loads((DEMO / "greedy.json").read_text(encoding="utf-8"))


def _llama_texts(path: Path, questions: list[str], limit: int) -> list[str]:
    import llama_cpp

    llama = llama_cpp.Llama(str(path), n_ctx=512, n_threads=1, n_threads_batch=1, verbose=False)
    texts = []
    for question in questions:
        out = llama.create_chat_completion(
            [{"role": "user", "content": question}], max_tokens=limit, temperature=0.0, repeat_penalty=1.0
        )
        texts.append(out["choices"][0]["message"]["content"])
    llama.close()
    return texts


@pytest.mark.parametrize("stage", RECORD["stages"])
def test_llama_cpp_gives_the_texts_of_transformers(stage: str) -> None:
    path = DEMO / f"{stage}.gguf"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == RECORD["stages"][stage]["sha256"]
    expected = RECORD["stages"][stage]["texts"]
    assert len(expected) == len(RECORD["questions"]) == 50
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        texts = pool.apply(_llama_texts, (path, RECORD["questions"], RECORD["limit"]))
    differing = [
        (question, ours, theirs)
        for question, ours, theirs in zip(RECORD["questions"], texts, expected, strict=True)
        if ours != theirs
    ]
    assert differing == []


@pytest.mark.lab
@pytest.mark.parametrize("stage", RECORD["stages"])
def test_the_record_is_what_transformers_gives(stage: str) -> None:
    pytest.importorskip("torch")
    record = pytest.importorskip("models.demo.recipe.record")
    path = DEMO / f"{stage}.gguf"
    assert record.greedy_texts(path, RECORD["questions"], RECORD["limit"]) == RECORD["stages"][stage]["texts"]
