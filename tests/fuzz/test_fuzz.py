"""Fuzzers: whatever a file holds, reading it gives a value or a documented error, and comes to an end.

60 tries each with every run of the tests; the long run is ``FUZZ_SECONDS=600 python -m pytest -m long tests/fuzz -s``.
A failure names the seed; ``FUZZ_SEED=N python -m pytest tests/fuzz -k NAME`` tries it again.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
import traceback

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.mutate import mutated, mutated_json
from tests.fuzz.targets import Fuzzed, targets
from vgpt_probe.errors import ProbeError

NAMES = (
    "config.toml", "phrases", "DDL", "DDL of other dialects", "INFORMATION_SCHEMA, CSV", "INFORMATION_SCHEMA, JSON", "battery",
    "recorded answers", "text of an answer", "training set", "dataset_info.json", "suite of questions", "messages from a worker",
    "messages to a worker", "answers of a server", "GGUF header", "chat template",
)  # fmt: skip
#: Seconds that one file may take on a busy machine.
SLOW = 20.0
#: Bytes that reading one may take.
MEMORY = 8 << 30


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory, catalog):
    return targets(tmp_path_factory.mktemp("fuzz"), catalog)


class _TooLong(BaseException):
    """No ``Exception``: nothing that is tried may take it for a fault of the file."""


@contextlib.contextmanager
def ended_in_time():
    """Where the system can, end what takes ``SLOW`` seconds of processor time: else one file would be the last."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def ends(*_given):
        raise _TooLong

    before = signal.signal(signal.SIGPROF, ends)
    signal.setitimer(signal.ITIMER_PROF, SLOW)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def changed(target: Fuzzed, seed: int) -> bytes:
    """The changed file of a seed."""
    chance = random.Random(seed)
    return (mutated_json if target.json else mutated)(chance.choice(target.seeds), target.seeds, chance)


def attempt(target: Fuzzed, seed: int) -> bool:
    """Try one changed file; whether it was still good."""
    data = changed(target, seed)
    began = time.process_time()
    try:
        with ended_in_time():
            target.does(data)
        good = True
    except _TooLong:
        raise AssertionError(f"seed {seed} has no end") from None
    except ProbeError as fault:
        message = str(fault)
        assert message and len(message) < 20_000, seed
        good = False
    except Exception as fault:
        raise AssertionError(f"seed {seed}: {type(fault).__name__}: {str(fault)[:300]}") from fault
    assert time.process_time() - began < SLOW, f"seed {seed} took too long"
    return good


def test_every_target_is_named(fuzzed):
    assert tuple(fuzzed) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_valid_files_are_read(name, fuzzed):
    for seed in fuzzed[name].seeds:
        try:
            fuzzed[name].does(seed)
        except ProbeError as fault:
            assert "chat template" not in str(fault) and name in ("config.toml", "battery"), fault


@pytest.mark.parametrize("name", NAMES)
def test_a_changed_file_gives_a_value_or_a_documented_error(name, fuzzed):
    only = os.environ.get("FUZZ_SEED")

    @settings(max_examples=60)
    @given(st.integers(0, 2**32))
    def search(seed):
        attempt(fuzzed[name], seed)

    if only:
        attempt(fuzzed[name], int(only))
    else:
        search()


@pytest.fixture
def bounded():
    """What takes more than 8 GB is a fault that names its seed, not the end of the machine."""
    resource = pytest.importorskip("resource", reason="POSIX's")
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_for_minutes(name, fuzzed, tmp_path, bounded):
    """Goes on after a fault, so that one run finds all; of each place that raises the first file is kept."""
    until = time.monotonic() + float(os.environ.get("FUZZ_SECONDS", "60"))
    tried = good = 0
    start = random.randrange(2**40)
    print(f"{name}: seeds from {start}", flush=True)
    failed: dict[str, str] = {}
    while time.monotonic() < until:
        try:
            good += attempt(fuzzed[name], start + tried)
        except AssertionError as fault:
            last = traceback.extract_tb((fault.__cause__ or fault).__traceback__)[-1]
            if failed.setdefault(f"{last.filename}:{last.lineno}", str(fault)) == str(fault):
                (tmp_path / f"seed-{start + tried}").write_bytes(changed(fuzzed[name], start + tried))
        tried += 1
    memory = psutil.Process().memory_info().rss / 1e6
    print(f"{name}: {tried:,} files, {good:,} still good, {memory:.0f} MB at the end, {len(failed)} faults", flush=True)
    assert not failed, f"the files are in {tmp_path}\n" + "\n".join(f"{where}: {what}" for where, what in failed.items())
