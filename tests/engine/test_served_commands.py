"""Every command that takes models takes a served one too."""

from __future__ import annotations

import json

import pytest

from tests.engine import misbehaving as acts
from tests.engine.test_endpoint import served_workspace, server  # noqa: F401
from vgpt_probe.cli import main


@pytest.fixture
def command(server, make_workspace, capsys):  # noqa: F811
    workspace = served_workspace(make_workspace, server.url, "retries = 0")

    def run(*arguments):
        status = main([*arguments, "--config", str(workspace.path)])
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


def test_ask_run_models_and_doctor(command, server):  # noqa: F811
    status, out, _ = command("ask", "Is there a table APTH?", "--json")
    assert (status, json.loads(out)["answers"][0]["text"]) == (0, "You asked: Is there a table APTH?")
    status, out, _ = command("run", "--limit", "4", "--json")
    assert status == 0 and json.loads(out)["models"]["m"]["probes"] == 4
    status, out, _ = command("models", "--json")
    [row] = json.loads(out)
    assert status == 0 and (row["served_as"], row["context"]) == ("m", 4096)
    assert "served" in command("models")[1]
    _, out, _ = command("doctor", "--json")
    [found] = [check for check in json.loads(out) if check["what"] == "model m"]
    assert found["ok"] and "serves it as 'm'" in found["found"]


def test_a_server_that_is_gone_is_one_clear_line(command, server):  # noqa: F811
    server.otherwise = acts.status(503)
    status, _, err = command("ask", "Is there a table APTH?")
    assert status == 2 and "the server says 503" in err
    server.stop()
    for arguments in (("run", "--limit", "4"), ("ask", "APTH?")):
        status, _, err = command(*arguments)
        assert status == 2 and "no answer from" in err and "Traceback" not in err
    assert command("models")[0] == 1
    assert command("doctor")[0] == 1
