"""Text from models and files is shown, by every command, and kept; nothing in it is obeyed."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import DEMO_MODELS, ROOT
from tests.hostile import ACTING, TEXTS
from vgpt_probe.cli import main
from vgpt_probe.config import load_workspace
from vgpt_probe.runs.open import open_store


@pytest.fixture
def call(capsys):
    """Call a command; see to it that nothing that it prints can act, and return its status and its output."""

    def call(*words, status=(0, 1, 2)):
        try:
            ended = main([str(word) for word in words])
        except SystemExit as fault:
            ended = fault.code
        shown = capsys.readouterr()
        for text in (shown.out, shown.err):
            acting = ACTING.search(text)
            assert not acting, (words, text[max(0, acting.start() - 60) : acting.end() + 20])
        assert "Traceback" not in shown.err
        assert ended in ((status,) if isinstance(status, int) else status), shown.err
        return shown.out

    return call


@pytest.fixture
def config(tmp_path):
    """A workspace whose catalog, battery, model file and training file carry hostile texts."""
    name = "A\x1b]0;t\x07\u202eB[bold]"
    (tmp_path / "schema.sql").write_text(
        f"-- table: {TEXTS['title']} {TEXTS['HTML']} {TEXTS['bidi']}\nCREATE TABLE [{name}] ([c\x1b[2J] int, [=1+1] int);\n"
        "GO\nCREATE TABLE APTH (APCo int PRIMARY KEY);\n",
        encoding="utf-8",
    )
    (tmp_path / "probes").mkdir()
    said = json.dumps("".join(TEXTS["title"]) + "[bold]x[/bold] {subject}")
    (tmp_path / "probes" / "existence.toml").write_text(
        f'name = "existence"\ndescription = {said}\n[[wordings]]\nid = "w"\nact = "exists"\ntext = {said}\n'
        '[subjects.real]\nnames = ["APTH"]\n[subjects.fake]\nnames = ["Invoice"]\n',
        encoding="utf-8",
    )
    (tmp_path / "config.toml").write_text(
        '[catalog]\nsource = "schema.sql"\n[[models]]\nname = "m\\u001b]0;x\\u0007[red]"\npath = "m.gguf"\n', encoding="utf-8"
    )
    (tmp_path / "m.gguf").write_bytes(b"no model")
    return tmp_path / "config.toml"


def test_every_command_that_shows_answers_shows_them_as_text(call, config, tmp_path):
    records = [
        {"question": f"Is there a table named APTH? {text}", "response": f"The table APTH does not exist. {text}", "model": f"m{text[:20]}"}
        for text in TEXTS.values()
    ]
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(records), encoding="utf-8")
    asked = ("--config", config)
    call("grade", file, *asked, status=0)
    lines = [json.loads(line) for line in call("grade", file, "--json", *asked, status=0).splitlines()]
    assert {line["question"] for line in lines} == {record["question"] for record in records}
    call("grade", file, "--save", *asked, status=0)
    store = open_store(load_workspace(config))
    kept = {answer.text for answer in store.answers(store.run("latest").id)}
    for record in records:
        # UTF-8 cannot hold half a surrogate pair; everything else is kept to the letter.
        assert record["response"].encode("utf-8", "replace").decode() in kept or "\ud800" in record["response"]
    store.close()
    for words in (("runs",), ("runs", "--json"), ("runs", "show", "1"), ("runs", "show", "1", "--json"), ("runs", "findings", "1"),
                  ("runs", "findings", "1", "--json"), ("runs", "compare", "1", "1"), ("runs", "regrade", "1")):  # fmt: skip
        call(*words, *asked, status=(0, 1))
    for form in ("html", "markdown", "junit", "json"):
        call("report", "1", "--format", form, *asked, status=0)
        call("report", "1", "--out", tmp_path / f"report.{form}", "--format", form, *asked, status=0)
        assert not ACTING.search((tmp_path / f"report.{form}").read_text(encoding="utf-8"))


def test_what_files_name_is_shown_as_text(call, config, tmp_path):
    asked = ("--config", config)
    call("models", *asked, status=1)
    call("models", "--json", *asked, status=1)
    call("catalog", "stats", *asked, status=0)
    for name in ("APTH", "\x1b]0;x\x07", "A\x1b]0;t\x07\u202eB[bold]", "[bold]"):
        call("catalog", "show", name, *asked)
        call("catalog", "show", name, "--json", *asked)
    for words in (("batteries",), ("batteries", "show", "existence"), ("batteries", "show", "existence", "--json"), ("doctor",)):
        call(*words, *asked)
    hostile = TEXTS["title"] + TEXTS["bidi"] + TEXTS["eight-bit controls"]
    for words in (("run", "--models", hostile), ("runs", "show", hostile), ("grade", tmp_path / "\x1b]0;x\x07.json"), (hostile,),
                  ("batteries", "show", hostile), ("audit", f"x{hostile[:9]}"),
                  ("run", f"--{hostile}"), ("pairs", "export", "--format", hostile), ("run", "--limit", hostile)):  # fmt: skip
        call(*words, *asked, status=2)
    call("models", "--config", tmp_path / f"{hostile[:9]}.toml", status=2)


def test_training_rows_and_pairs_are_shown_as_text_and_exported_as_they_are(call, config, tmp_path):
    texts = {name: text for name, text in TEXTS.items() if name not in ("lone surrogate", "tags", "SQL")}
    rows = [
        {"instruction": f"Is there a table named Nope{n}? {text}", "input": "", "chosen": f"No, Nope{n} does not exist. {text}",
         "rejected": f"Yes, Nope{n} exists. {text}"}
        for n, text in enumerate(texts.values())
    ]  # fmt: skip
    file = tmp_path / "train.json"
    file.write_text(json.dumps(rows), encoding="utf-8")
    asked = ("--config", config)
    call("audit", file, *asked)
    call("audit", file, "--json", *asked)
    print(call("pairs", "import", file, *asked, status=(0, 1)))
    for words in (("pairs", "list"), ("pairs", "list", "--json"), ("pairs", "stats"), ("pairs", "stats", "--json")):
        call(*words, *asked)
    call("pairs", "export", "--out", tmp_path / "out", *asked)
    exported = json.loads((tmp_path / "out" / "vgpt_probe_pairs.json").read_text(encoding="utf-8"))
    wanted = {row["instruction"]: (row["chosen"], row["rejected"]) for row in rows}
    assert len(exported) == len(rows), set(wanted) - {row["instruction"] for row in exported}
    for row in exported:
        assert wanted[row["instruction"]] == (row["chosen"], row["rejected"])


def test_a_line_of_ten_megabytes_is_read_and_shown_within_bounds(call, config, tmp_path):
    file = tmp_path / "long.jsonl"
    file.write_text(json.dumps({"question": "Is there a table APTH?", "response": "APTH does not exist. " + "x" * 10_000_000}) + "\n")
    call("grade", file, "--save", "--model", "m", "--config", config, status=0)
    assert len(call("runs", "show", "1", "--config", config)) < 1_000_000
    assert len(call("report", "1", "--format", "html", "--config", config)) < 1_000_000


@pytest.mark.parametrize("name", ["../../outside", "/outside", "..", "a/b", "\x1b[2J", "C:\\x", "con\0x", "x" * 300])
def test_a_name_cannot_lead_out_of_its_folder(name, call, config, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    asked = ("--config", config)
    file = tmp_path / "suite.json"
    file.write_text('[{"question": "Is there APTH?", "expected": "yes"}]', encoding="utf-8")
    call("batteries", "import", file, "--name", name, *asked)
    call("batteries", "hold-out", "--name", name, *asked)
    call("pairs", "export", "--out", tmp_path / "out", "--dataset", name, *asked)
    made = list(tmp_path.parent.rglob("*outside*"))
    assert not made and all(tmp_path in path.parents for path in sorted(tmp_path.rglob("*")) if path not in before)


NO_NETWORK = """
import socket, sys
def refuse(*_a, **_k):
    sys.stderr.write("A SOCKET WAS OPENED\\n"); raise OSError("no network here")
socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = refuse
socket.create_connection = socket.getaddrinfo = socket.gethostbyname = refuse
_init = socket.socket.__init__
def init(self, family=-1, *a, **k):
    if family in (-1, socket.AF_INET, socket.AF_INET6): refuse()
    _init(self, family, *a, **k)
socket.socket.__init__ = init
"""


def test_the_demo_touches_no_network_in_any_of_its_processes(tmp_path, make_workspace):
    """Every Python process of the run, workers too, loads a ``sitecustomize`` that forbids sockets."""
    (tmp_path / "sitecustomize.py").write_text(NO_NETWORK, encoding="utf-8")
    workspace = make_workspace({name: DEMO_MODELS / f"{name}.gguf" for name in ("sft", "dpo_v2")})
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    base = [sys.executable, "-m", "vgpt_probe"]
    proof = subprocess.run(
        [sys.executable, "-c", "import socket; socket.create_connection(('127.0.0.1', 1))"],
        env=environment, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert "A SOCKET WAS OPENED" in proof.stderr
    for words in (["run", "--limit", "12"], ["runs", "show", "1"], ["models"], ["doctor"], ["ask", "Is there a table APTH?", "--models", "sft"],
                  ["report", "1", "--format", "html"]):  # fmt: skip
        done = subprocess.run(
            [*base, *words, "--config", str(workspace.path)], env=environment, capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode in (0, 1), done.stderr
        assert "A SOCKET WAS OPENED" not in done.stderr
    for log in workspace.log_folder.glob("*.log"):
        assert "A SOCKET WAS OPENED" not in log.read_text(encoding="utf-8", errors="replace")
