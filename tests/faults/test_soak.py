"""A day's work in minutes: a worker process that answers at once, through the real pipes, the reader and the store."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from queue import SimpleQueue

import psutil
import pytest

from tests.conftest import DEMO_MODELS, ROOT
from vgpt_probe import log
from vgpt_probe.engine import process
from vgpt_probe.engine.pool import Engine
from vgpt_probe.probes import Battery, make_probe
from vgpt_probe.runs.open import open_store
from vgpt_probe.runs.runner import AnswersStored, RunEnded, Runner, create_run

#: Speaks as a worker does, without a model: a hundred tokens an answer, each piece sent where a request streams.
WORKER = '''
import sys; sys.path.insert(0, sys.argv[1])
import msgspec
from vgpt_probe.engine.frames import read_frame, write_frame
from vgpt_probe.engine.messages import *
commands, reports = open(0, "rb", buffering=0), open(1, "wb", buffering=0)
def send(member, *said): write_frame(reports, msgspec.msgpack.encode([FromMember(member, one) for one in said]))
start = msgspec.msgpack.decode(read_frame(commands), type=Start)
blanks = {str: "", int: 1, float: 1.0, bool: False}
facts = ModelFacts(**{field.name: blanks[field.type] for field in msgspec.structs.fields(ModelFacts)
                      if field.default is msgspec.NODEFAULT and field.default_factory is msgspec.NODEFAULT})
for member in range(len(start.members)): send(member, Loaded(facts))
words = ["The", " APTH", " table", " exists."] + [" Co"] * 96
text = "".join(words)
while (data := read_frame(commands)) is not None:
    sent = msgspec.msgpack.decode(data, type=ToMember)
    if isinstance(sent.command, Close): break
    if isinstance(sent.command, Ask):
        for one in sent.command.requests:
            send(sent.member, *(Piece(one.id, word) for word in words), Answered(one.id, text, 12, 100, 0.01, 0.1, "end"))
'''


@pytest.fixture
def fast_worker(tmp_path, monkeypatch):
    """Every worker process is the script above."""
    script = tmp_path / "worker.py"
    script.write_text(WORKER, encoding="utf-8")
    real = process.subprocess.Popen

    def started(command, **options):
        return real([sys.executable, str(script), str(ROOT)], **options)

    monkeypatch.setattr(process.subprocess, "Popen", started)


def soak(make_workspace, catalog, tokens: int, rounds: int) -> list[dict[str, float]]:
    """Run batteries until so many tokens have come in; what this process holds after each of the rounds."""
    workspace = make_workspace({"one": DEMO_MODELS / "sft.gguf"})
    log.open_log(workspace.log_folder)
    store = open_store(workspace)
    engine = Engine(workspace)
    here = psutil.Process()
    held = []
    cases = tokens // 100 // rounds
    for _ in range(rounds):
        probes = tuple(make_probe(f"Is there APTH? {at}", "APTH", catalog, wording="w") for at in range(cases))
        run = create_run(store, workspace, catalog, Battery("soak", "", probes, "soak"), None, full=True)
        events: SimpleQueue[object] = SimpleQueue()
        runner = Runner(run, store=store, catalog=catalog, engine=engine, listener=events.put)
        runner.start()
        stored, largest = 0, [0, 0]
        while not isinstance(event := events.get(timeout=600), RunEnded):
            assert isinstance(event, AnswersStored)
            stored += len(event.answers)
            half = stored > cases // 2
            largest[half] = max(largest[half], here.memory_info().rss)
        assert (event, stored) == (RunEnded("done"), cases)
        runner.join(10)
        held.append(
            {
                "memory": here.memory_info().rss / 1e6,
                "first half": largest[0] / 1e6,
                "second half": largest[1] / 1e6,
                "worker": psutil.Process(engine["one"].pid).memory_info().rss / 1e6,
                "threads": threading.active_count(),
                "files": here.num_handles() if sys.platform == "win32" else here.num_fds(),
                "log": sum(path.stat().st_size for path in Path(workspace.log_folder).iterdir()) / 1e6,
            }
        )
    engine.close()
    store.close()
    log._log.path = None
    return held


def check(held: list[dict[str, float]]) -> None:
    """After the first rounds nothing grows any more; runs differ by what a garbage collector has not got to yet."""
    settled, last = held[len(held) // 2], held[-1]
    assert last["memory"] < settled["memory"] + 15 and last["worker"] < settled["worker"] + 5, held
    assert last["threads"] <= settled["threads"] and last["files"] <= settled["files"], held
    assert last["log"] < 0.01 * len(held), held


def test_batteries_one_after_another_leave_nothing_behind(make_workspace, catalog, fast_worker):
    check(soak(make_workspace, catalog, 60_000, 6))


@pytest.mark.long
def test_ten_million_tokens_leave_nothing_behind(make_workspace, catalog, fast_worker, capsys):
    held = soak(make_workspace, catalog, 10_000_000, 20)
    with capsys.disabled():
        print("\nsoak:", *held, sep="\n")
    check(held)


@pytest.mark.long
def test_a_battery_of_100_000_cases_in_flat_memory(make_workspace, catalog, fast_worker, capsys):
    held = soak(make_workspace, catalog, 10_000_000, 1)
    with capsys.disabled():
        print("\n100,000 cases:", held)
    # All probes are in memory from the start; of the answers none is.
    assert held[0]["second half"] < held[0]["first half"] + 20 and held[0]["memory"] < 400
