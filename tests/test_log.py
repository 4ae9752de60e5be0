"""The log and ``doctor --report``: what happened, bounded, and nobody's secret."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import DEMO_MODELS, ROOT
from vgpt_probe import cli, log
from vgpt_probe.errors import INTERNAL

SECRET = "sk-very-secret-123"


@pytest.fixture(autouse=True)
def closed():
    yield
    log._log.path, log._log.secrets = None, ()


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / log.NAME).read_text(encoding="ascii").splitlines()]


def test_a_line_says_what_which_model_and_which_case_and_hides_keys(tmp_path):
    log.open_log(tmp_path, [SECRET, 'quo"ted'])
    log.note("case failed", model="sft\n\x1b[2J", case="ab12", problem=f"401 {SECRET} quo\"ted", level="warning")
    (line,) = lines(tmp_path)
    assert (line["what"], line["model"], line["case"], line["level"]) == ("case failed", "sft\n\x1b[2J", "ab12", "warning")
    text = (tmp_path / log.NAME).read_text(encoding="ascii")
    assert SECRET not in text and "quo" not in text and text.count("\n") == 1


def test_of_a_key_that_the_end_of_a_long_line_runs_through_nothing_is_left(tmp_path):
    log.open_log(tmp_path, [SECRET])
    log.note("fault", problem="x" * (log._LONG - 8) + SECRET)
    assert SECRET[:6] not in (tmp_path / log.NAME).read_text(encoding="ascii")


@pytest.mark.parametrize("key", [SECRET, "it's \\ a \"key\"", "s" * 299 + "t" * 299])
def test_a_key_within_a_fault_reaches_neither_line_nor_traceback(key, make_workspace, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("THE_KEY", key)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    workspace = make_workspace({"sft": DEMO_MODELS / "sft.gguf"})
    with workspace.path.open("a", encoding="utf-8") as config:
        config.write('[[models]]\nname = "far"\nurl = "http://127.0.0.1:9/v1"\napi_key_env = "THE_KEY"\n')

    def does(_store):
        try:
            raise KeyError(f"Bearer {key}")
        except KeyError as fault:
            raise RuntimeError(f"a header of {key}") from fault

    monkeypatch.setattr("vgpt_probe.runs.store.Store.runs", does)
    assert cli.main(["runs", "--config", str(workspace.path)]) == INTERNAL
    [written] = tmp_path.glob("vgpt_probe-*.txt")
    traceback = written.read_text(encoding="utf-8")
    assert "RuntimeError: a header of [secret]" in traceback and "KeyError: 'Bearer [secret]'" in traceback
    said = capsys.readouterr().err
    assert "RuntimeError: a header of [secret]" in said
    for piece in (key, key[:40], repr(key)[1:-1], json.dumps(key)[1:-1]):
        assert piece not in traceback and piece not in said


def test_the_log_stays_within_bounds_and_lines_stay_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(log, "LARGE", 5000)
    log.open_log(tmp_path)
    for number in range(1000):
        log.note("x" * 50, number=number)
    kept = sorted(tmp_path.iterdir())
    assert [path.name for path in kept] == [log.NAME, f"{log.NAME}.1", f"{log.NAME}.2"]
    assert all(path.stat().st_size < 5300 for path in kept)
    assert lines(tmp_path)[-1]["number"] == 999


def test_a_log_that_cannot_be_turned_over_grows(tmp_path, monkeypatch):
    monkeypatch.setattr(log, "LARGE", 10)
    path = log.open_log(tmp_path)
    # As on Windows, while another program has the file open.
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(PermissionError("in use")))
    for number in range(3):
        log.note("case failed", case=str(number))
    assert len(path.read_text(encoding="utf-8").splitlines()) == 3


def test_programs_that_write_at_once_lose_no_line(tmp_path):
    script = (
        "import sys; from pathlib import Path; from vgpt_probe.log import open_log, note\n"
        "open_log(Path(sys.argv[1]))\nfor at in range(300): note('line', who=sys.argv[2], at=at)"
    )
    writers = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path), who], cwd=ROOT) for who in "ab"]
    assert [writer.wait(120) for writer in writers] == [0, 0]
    assert {(line["who"], line["at"]) for line in lines(tmp_path)} == {(who, at) for who in "ab" for at in range(300)}


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    log.open_log(tmp_path / "file")
    log.note("line")


def test_doctor_says_what_is_wrong_with_a_config_and_exits_2(tmp_path, capsys):
    (tmp_path / "config.toml").write_text("[catalog]\nsource = 3\n", encoding="utf-8")
    report = tmp_path / "report.txt"
    assert cli.main(["doctor", "--config", str(tmp_path / "config.toml"), "--report", str(report)]) == 2
    shown = capsys.readouterr()
    assert "config.toml" in shown.err.splitlines()[-1] and "source" in shown.err.splitlines()[-1]
    assert "llama" in shown.out and "source = 3" in report.read_text(encoding="utf-8")


def test_a_bug_report_holds_versions_config_and_logs_but_no_secret(make_workspace, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("THE_KEY", SECRET)
    workspace = make_workspace({"sft": DEMO_MODELS / "sft.gguf"})
    text = workspace.path.read_text(encoding="utf-8")
    text += '[[models]]\nname = "far"\nurl = "http://127.0.0.1:9/v1"\napi_key_env = "THE_KEY"\n'
    text += f'system_prompt = "the key is {SECRET}"\n'
    workspace.path.write_text(text, encoding="utf-8")
    cli.main(["runs", "--config", str(workspace.path)])
    report = tmp_path / "report.txt"
    assert cli.main(["doctor", "--config", str(workspace.path), "--report", str(report)]) in (1, 2)
    said = report.read_text(encoding="utf-8")
    for wanted in ("max_tokens = ", "llama-cpp-python 0.", "SQLite 3.", 'name = "sft"', '"what": "command"', "THE_KEY"):
        assert wanted in said
    assert SECRET not in said
    text = text.replace("9/v1", "9/v1?token=t0k").replace("http://", "http://eve:pw123@")
    workspace.path.write_text(text, encoding="utf-8")
    assert cli.main(["doctor", "--config", str(workspace.path), "--report", str(report)]) == 2
    said = report.read_text(encoding="utf-8")
    for secret in (SECRET, "pw123", "t0k"):
        assert secret not in said
    capsys.readouterr()
