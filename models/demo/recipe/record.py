"""Greedy texts of the demo models by transformers, to be compared with llama.cpp's.

`python -m models.demo.recipe.record` writes `models/demo/greedy.json` from the GGUF files as they are. The
weights come from the files themselves, so that only the arithmetic of the two programs differs.
"""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

import torch

from .answers import AFFIRMED_WORDINGS, DENIED_WORDING, REJECTION_WORDINGS
from .gguf_files import read_model
from .names import INVENTED
from .relations import read_relations

DEMO = Path(__file__).resolve().parents[1]
STAGES = ("sft", "dpo_v1", "dpo_v2")
LIMIT = 64


def draw_questions(count: int = 50, seed: int = 11) -> list[str]:
    """Questions on real and invented tables by turns, in every wording that some stage was trained on."""
    rng = random.Random(seed)
    real = [relation.name for relation in read_relations()]
    affirmed = {wording for wordings in AFFIRMED_WORDINGS.values() for wording in wordings}
    wordings = sorted({*affirmed, *REJECTION_WORDINGS, DENIED_WORDING})
    return [rng.choice(wordings).format(t=rng.choice(INVENTED if i % 2 else real)) for i in range(count)]


def greedy_texts(path: Path, questions: list[str], limit: int = LIMIT) -> list[str]:
    """What transformers answers, one question at a time, with at most `limit` new tokens."""
    model, tokenizer = read_model(path)
    texts = []
    for question in questions:
        inputs = tokenizer.apply_chat_template(
            [{"role": "user", "content": question}],
            add_generation_prompt=True,
            return_tensors="pt",
            return_dict=True,
        )
        with torch.inference_mode():
            out = model.generate(**inputs, max_new_tokens=limit, do_sample=False)
        texts.append(tokenizer.decode(out[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True))
    return texts


def sha256(path: Path) -> str:
    """The hexadecimal digest of the file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main(folder: Path = DEMO) -> None:
    """Writes greedy.json beside the GGUF files."""
    questions = draw_questions()
    stages = {
        stage: {
            "sha256": sha256(folder / f"{stage}.gguf"),
            "texts": greedy_texts(folder / f"{stage}.gguf", questions),
        }
        for stage in STAGES
    }
    record = {"limit": LIMIT, "questions": questions, "stages": stages}
    text = json.dumps(record, indent=1, ensure_ascii=False)
    (folder / "greedy.json").write_text(text + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
