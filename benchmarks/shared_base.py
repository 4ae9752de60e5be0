"""What further LoRA stages over one base cost: memory of one model against that of several, in one process.

    python benchmarks/shared_base.py BASE.gguf [--stages 3] [--rank 16] [--template FILE.jinja]

Random adapters of the given rank over every attention weight are written to a temporary folder. Each figure is the
resident set of the one worker process after it has answered 32 questions a model.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import psutil
from gguf import GGUFReader, GGUFWriter

from vgpt_probe.config import load_workspace
from vgpt_probe.engine.messages import Request, Turn
from vgpt_probe.engine.pool import Engine

PLAIN = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant: "


def write_adapter(base: GGUFReader, path: Path, rank: int, seed: int) -> None:
    architecture = str(base.fields["general.architecture"].contents())
    writer = GGUFWriter(str(path), architecture)
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(rank))
    random = np.random.default_rng(seed)
    for tensor in base.tensors:
        if ".attn_" in tensor.name and len(tensor.shape) == 2:
            inner, outer = (int(size) for size in tensor.shape)
            for part, shape in (("lora_a", (rank, inner)), ("lora_b", (outer, rank))):
                values = random.standard_normal(shape) * 0.01
                writer.add_tensor(f"{tensor.name}.{part}", values.astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def measure(folder: Path, base: Path, adapters: list[str], context: int) -> float:
    """The memory (bytes) of the process that holds the base with these adapters."""
    text = f'[catalog]\nsource = "s.sql"\n[engine]\ncontext = {context}\n'
    for number, adapter in enumerate(adapters):
        text += f'[[models]]\nname = "m{number}"\npath = "{base.as_posix()}"\nadapter = "{adapter}"\n'
        text += 'chat_template = "plain.jinja"\n'
    (folder / "config.toml").write_text(text, encoding="utf-8")
    engine = Engine(load_workspace(folder / "config.toml"))
    events: SimpleQueue[object] = SimpleQueue()
    try:
        for name, worker in engine.workers.items():
            turns = [(Turn("user", f"Is there a table T{number}?"),) for number in range(32)]
            worker.ask([Request(f"{name}-{n}", turn, 24) for n, turn in enumerate(turns)], events.put)
        for _ in range(32 * len(adapters)):
            events.get()
        pids = {worker.pid for worker in engine.workers.values()}
        return sum(psutil.Process(pid).memory_info().rss for pid in pids)
    finally:
        engine.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", type=Path)
    parser.add_argument("--stages", type=int, default=3)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--context", type=int, default=4096)
    parser.add_argument("--template", type=Path)
    options = parser.parse_args()
    base = options.base.resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        template = options.template.read_text(encoding="utf-8") if options.template else PLAIN
        (folder / "plain.jinja").write_text(template, encoding="utf-8")
        (folder / "s.sql").write_text("CREATE TABLE A (B int)", encoding="utf-8")
        reader = GGUFReader(base)
        adapters = [f"stage{number}.gguf" for number in range(options.stages)]
        for seed, adapter in enumerate(adapters):
            write_adapter(reader, folder / adapter, options.rank, seed)
        one = measure(folder, base, [""], options.context)
        several = measure(folder, base, adapters, options.context)
        size = sum((folder / adapter).stat().st_size for adapter in adapters)
    print(f"one model {one / 1e6:.0f} MB, {options.stages} stages {several / 1e6:.0f} MB: {several / one:.3f} ×")
    print(f"of that, the adapters' files: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
