"""The parsers of our own, fuzzed by coverage: ``pip install atheris``, then ``FUZZ_SECONDS=600 python -m pytest -m long tests/fuzz/test_guided.py -s``."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT

#: What is read by code of ours; the other targets stand on parsers of others.
OURS = ("text of an answer", "phrases", "DDL", "battery")


@pytest.mark.long
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")
@pytest.mark.parametrize("name", OURS)
def test_no_file_that_reaches_new_code_is_an_escape(tmp_path, name):
    seconds = os.environ.get("FUZZ_SECONDS", "60")
    options = [f"-max_total_time={seconds}", "-max_len=20000", "-timeout=60", "-rss_limit_mb=8192", "-print_final_stats=1"]
    command = [sys.executable, "-m", "tests.fuzz.guided", str(tmp_path), name, *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    stats = [line for line in done.stderr.splitlines() if "number_of_executed_units" in line or " cov: " in line]
    print(f"{name}:", *stats[-2:])
    assert done.returncode == 0, f"the file is in {tmp_path}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
