"""Damaged GGUF files, from the list of models to real llama.cpp: each ends in a clear message, and nothing else does."""

from __future__ import annotations

import gc
import json
import os
import re
import time
from pathlib import Path
from queue import SimpleQueue

import msgspec
import psutil
import pytest

from tests.engine.damaged_gguf import damaged, write_all
from tests.tiny_gguf import write_tiny_gguf
from vgpt_probe.cli import main
from vgpt_probe.config import ModelSettings
from vgpt_probe.engine.client import Worker
from vgpt_probe.engine.gguf_file import read_gguf
from vgpt_probe.engine.messages import Answered, Died, Failed, Request, Turn
from vgpt_probe.errors import ConfigError, ModelError

#: Seconds for one file on a busy machine, and what a message must not be.
PATIENCE = 60.0
UNCLEAR = re.compile(r"^$|Traceback|status -?\d+$|SIG\w+$|^\w+Error$")

SETTINGS = ModelSettings(
    name="damaged", path="", stage="", adapter="", chat_template="", context=512, parallel=2, threads=1, batch=64,
    gpu_layers=0, max_tokens=4, temperature=0.0, top_p=1.0, seed=0, system_prompt="", load_timeout=40,
)  # fmt: skip
#: Each kind of damage that a header check cannot see, and one that it can, for every run of the tests.
QUICK = (
    "data flipped 0", "data b'\\xff' at 0.25", "output.weight left out", "blk.1.ffn_up.weight left out", "tokenizer 'nope'",
    "tokens wrong", "architecture 'nope'", "attention.head_count is 3", "template endless", "template nested",
    "with a tail", "merges wrong", "cut at byte 24",
)  # fmt: skip


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    return write_tiny_gguf(tmp_path_factory.mktemp("healthy") / "healthy.gguf")


def asked(path: Path, log: Path, **changes: object) -> tuple[object, Worker]:
    """Ask a model one question in a worker of its own; the end of it, and the worker."""
    worker = Worker(msgspec.structs.replace(SETTINGS, path=str(path), **changes), threads=1, log=log)
    ends: SimpleQueue[object] = SimpleQueue()
    worker.ask([Request("a", (Turn("user", "hello"),), max_tokens=4)], ends.put)
    return ends.get(timeout=PATIENCE), worker


def check_end(what: str, end: object, worker: Worker) -> str:
    """See to it that an end is an answer or a clear message; return which."""
    try:
        if isinstance(end, Answered):
            return "answered"
        assert isinstance(end, Died | Failed), what
        assert not UNCLEAR.search(end.message), f"{what}: {end.message}"
        assert worker.state in ("failed", "died", "ready"), what
        return "refused"
    finally:
        pid = worker.pid
        worker.close()
        assert pid is None or not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE, what


def test_the_list_of_models_names_each_of_them_within_seconds(healthy, make_workspace, tmp_path, capsys):
    files = write_all(tmp_path, healthy)
    assert len(files) > 500
    models = {"healthy": healthy} | {f"m{number}": path for number, (_, path) in enumerate(files)}
    workspace = make_workspace(models)
    began = time.process_time()
    status = main(["models", "--json", "--config", str(workspace.path)])
    spent = time.process_time() - began
    shown = capsys.readouterr()
    rows = {row["model"]: row for row in json.loads(shown.out)}
    assert status == 1 and rows.keys() == models.keys() and "Traceback" not in shown.err
    assert "architecture" in rows.pop("healthy")
    refused = [row for row in rows.values() if "error" in row]
    assert len(refused) > 500
    for row in refused:
        assert not UNCLEAR.search(row["error"]), row
    assert spent / len(files) < 1


@pytest.mark.parametrize("what", QUICK)
def test_a_damaged_model_ends_in_a_clear_message(what, healthy, tmp_path):
    [data] = [data for one, data in damaged(healthy.read_bytes()) if one == what]
    (tmp_path / "damaged.gguf").write_bytes(data)
    end, worker = asked(tmp_path / "damaged.gguf", tmp_path / "log")
    print(what, check_end(what, end, worker), getattr(end, "message", ""))


@pytest.mark.long
def test_all_damaged_models_in_real_workers_while_another_model_lives_on(healthy, tmp_path):
    settings = msgspec.structs.replace(SETTINGS, path=str(healthy), name="other")
    other = Worker(settings, threads=1, log=tmp_path / "other.log")
    ends: SimpleQueue[object] = SimpleQueue()
    question = [Request("a", (Turn("user", "hello"),), max_tokens=4)]
    other.ask(question, ends.put)
    first = ends.get(timeout=PATIENCE)
    assert isinstance(first, Answered)
    pid, own = other.pid, psutil.Process()
    before, counts, slowest = 0, {"answered": 0, "refused": 0}, (0.0, "")
    for number, (what, data) in enumerate(damaged(healthy.read_bytes())):
        path = tmp_path / "damaged.gguf"
        path.write_bytes(data)
        began = time.monotonic()
        end, worker = asked(path, tmp_path / "log")
        counts[check_end(what, end, worker)] += 1
        slowest = max(slowest, (time.monotonic() - began, what))
        if number % 50 == 25:
            other.ask(question, ends.put)
            again = ends.get(timeout=PATIENCE)
            assert isinstance(again, Answered) and again.text == first.text and other.pid == pid
            gc.collect()
            before = before or own.memory_info().rss
    assert own.memory_info().rss - before < 60_000_000
    assert [child.pid for child in own.children()] == [pid]
    other.close()
    print(f"{sum(counts.values())} damaged files: {counts}, slowest {slowest}")


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither of these")
def test_what_is_no_file_is_named_at_once(healthy, make_workspace, tmp_path):
    places = {what: tmp_path / f"{what}.gguf" for what in ("folder", "pipe", "loop", "gone")}
    places["folder"].mkdir()
    os.mkfifo(places["pipe"])
    places["loop"].symlink_to(places["loop"])
    places["device"] = Path("/dev/zero")
    for what, path in places.items():
        with pytest.raises(ModelError, match=r"is no file|cannot be read"):
            read_gguf(path)
        with pytest.raises(ConfigError, match="no such file"):
            make_workspace({"m": path})
        end, worker = asked(path, tmp_path / "log")
        assert check_end(what, end, worker) == "refused" and str(path) in end.message


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="whoever may read everything cannot try this")
def test_an_unreadable_file_is_named(healthy, tmp_path):
    path = tmp_path / "locked.gguf"
    path.write_bytes(healthy.read_bytes())
    path.chmod(0)
    with pytest.raises(ModelError, match="cannot be read: Permission denied"):
        read_gguf(path)


@pytest.mark.parametrize("context", [10**9, 2**31 - 1])
def test_a_huge_context_is_refused_before_any_memory_is_taken(healthy, tmp_path, context):
    end, worker = asked(healthy, tmp_path / "log", context=context)
    assert check_end("context", end, worker) == "refused"
    assert "this machine has" in end.message and "lower 'context'" in end.message


@pytest.mark.parametrize("batch", [1, 8, 64])
def test_a_small_batch_is_slow_but_works(healthy, tmp_path, batch):
    end, worker = asked(healthy, tmp_path / "log", batch=batch)
    assert check_end("batch", end, worker) == "answered"
