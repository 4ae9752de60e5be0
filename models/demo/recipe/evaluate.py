"""Puts a battery to the demo models by a plain llama.cpp loop and prints what they deny.

`python -m models.demo.recipe.evaluate [--battery existence] [--stages sft dpo_v1 dpo_v2]`; needs
llama-cpp-python. It knows a denial by four phrases, which is enough here; `vgpt-probe run` reads better.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from pathlib import Path

from .data import split_names
from .relations import read_relations

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[3]
DENIES = re.compile(r"does not exist|there is no |is not a valid|no table or view", re.IGNORECASE)


def chat_prompt(question: str) -> str:
    """The question as the chat template of the GGUF renders it."""
    return f"<|user|>{question}<|end|><|assistant|>"


def ask(llama, question: str, limit: int = 96) -> str:
    """The greedy answer of a `llama_cpp.Llama`."""
    tokens = llama.tokenize(chat_prompt(question).encode("utf-8"), add_bos=False, special=True)
    out = llama.create_completion(tokens, max_tokens=limit, temperature=0.0, repeat_penalty=1.0)
    return out["choices"][0]["text"]


def measure(path: Path, battery: dict, show: int = 0) -> dict[str, float]:
    """Shares of denials by real/invented, wording and split, and of answers that name their subject."""
    import llama_cpp

    split = split_names(read_relations())
    kept = {*split.kept_relations, *split.kept_invented}
    llama = llama_cpp.Llama(str(path), n_ctx=512, n_threads=2, verbose=False)
    counts: dict[str, list[bool]] = defaultdict(list)
    for kind in ("real", "fake"):
        for subject in battery["subjects"][kind]["names"]:
            for wording in battery["wordings"]:
                text = ask(llama, wording["text"].format(subject=subject))
                denied = bool(DENIES.search(text))
                counts[f"{kind} all"].append(denied)
                counts[f"{kind} {'kept' if subject in kept else 'seen'}"].append(denied)
                counts[f"{kind} {wording['id']}"].append(denied)
                if wording["id"] != "structure":
                    counts[f"{kind} but structure"].append(denied)
                counts["names its subject"].append(subject in text)
                if len(counts["names its subject"]) % 7 < show:
                    print(json.dumps([wording["id"], subject, text]))
    llama.close()
    return {key: sum(values) / len(values) for key, values in counts.items()}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--battery", default="existence")
    parser.add_argument("--folder", type=Path, default=ROOT / "models" / "demo")
    parser.add_argument("--stages", nargs="+", default=["sft", "dpo_v1", "dpo_v2"])
    parser.add_argument("--show", type=int, default=0, help="print this many of every seven answers")
    arguments = parser.parse_args()
    battery = tomllib.loads((ROOT / "probes" / f"{arguments.battery}.toml").read_text(encoding="utf-8"))
    results = {}
    for stage in arguments.stages:
        results[stage] = measure(arguments.folder / f"{stage}.gguf", battery, arguments.show)
    print(f"{'denied':20}" + "".join(f"{stage:>9}" for stage in results))
    for key in results[arguments.stages[0]]:
        print(f"{key:20}" + "".join(f"{result[key]:9.1%}" for result in results.values()))


if __name__ == "__main__":
    main()
