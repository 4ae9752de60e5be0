"""The command line as a user meets it: what goes where, which exit status, and what is not imported."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.conftest import DEMO_MODELS, ROOT
from vgpt_probe import cli
from vgpt_probe.commands import pairs_parser
from vgpt_probe.pairs.export import FORMATS


@pytest.fixture
def run(capsys):
    """Call the command line in this process; returns exit status, standard output and standard error."""

    def run(*arguments):
        try:
            status = cli.main([str(argument) for argument in arguments])
        except SystemExit as ended:
            status = ended.code
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


@pytest.fixture
def config(make_workspace):
    return make_workspace().path


def imported_by(*arguments):
    """The modules that a command has imported when it ends, in a process of its own."""
    script = (
        "import sys; sys.argv[0] = 'vgpt-probe'\n"
        "from vgpt_probe.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print('\\n' + ' '.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)], capture_output=True, check=True, encoding="utf-8", cwd=ROOT
    )
    return set(done.stdout.splitlines()[-1].split())


def test_help_loads_nothing_slow():
    loaded = imported_by("--help")
    for module in ("llama_cpp", "sqlglot", "textual", "rich", "numpy", "sqlite3", "msgspec", "jinja2", "rapidfuzz"):
        assert module not in loaded


def test_every_command_has_help(run):
    for words in (
        [], ["demo"], ["init"], ["doctor"], ["models"], ["catalog"], ["catalog", "show"], ["run"], ["runs"],
        ["runs", "show"], ["ask"], ["grade"], ["pairs"], ["pairs", "add"], ["pairs", "list"], ["pairs", "export"],
        ["chats"], ["chats", "find"], ["chats", "show"], ["chats", "pair"],
    ):  # fmt: skip
        status, out, _ = run(*words, "--help")
        assert status == 0 and "usage: vgpt-probe" in out


def test_grade_needs_no_model_and_does_not_import_llama_cpp(tmp_path, config):
    path = tmp_path / "answers.json"
    path.write_text('[{"question": "What is APTL?", "answer": "APTL does not exist."}]', encoding="utf-8")
    assert "llama_cpp" not in imported_by("grade", path, "--config", config)


def test_grade_prints_a_json_line_for_each_subject(run, tmp_path, config):
    path = tmp_path / "answers.json"
    answers = [
        {"question": "Describe the APTL table structure", "answer": "The table 'APTL' does not exist.", "model": "dpo"},
        {"question": "What is in Invoices?", "answer": "There is no table or view named 'Invoices'."},
    ]
    path.write_text(json.dumps(answers), encoding="utf-8")
    status, out, _ = run("grade", path, "--json", "--model", "x", "--config", config)
    assert status == 0
    first, second = [json.loads(line) for line in out.splitlines()]
    assert (first["model"], first["subject"], first["real"], first["verdict"]) == ("dpo", "APTL", True, "false_rejection")
    assert (second["model"], second["verdict"]) == ("x", "correct")
    start, end = first["evidence"]
    assert "not exist" in answers[0]["answer"][start:end]
    assert {"record", "question", "reading", "suggested", "sql_tables", "unknown_tables", "unknown_columns"} <= set(first)
    status, out, _ = run("grade", path, "--config", config)
    assert status == 0 and "✗ denies real" in out


def test_graded_answers_can_be_kept_as_a_run_and_read_again(run, tmp_path, config):
    path = tmp_path / "last_month.json"
    answers = [{"question": "Is there a table APTL?", "answer": "APTL does not exist."}] * 2
    path.write_text(json.dumps(answers), encoding="utf-8")
    assert run("grade", path, "--save", "--config", config)[0] == 2
    status, _, err = run("grade", path, "--save", "--model", "old", "--stage", "dpo_v1", "--config", config)
    assert status == 0 and "saved as run 1" in err and "1 answers left out" in err
    document = json.loads(run("runs", "show", "1", "--json", "--config", config)[1])
    assert document["battery"] == "last_month" and document["models"]["old"]["false_rejection"] == 1
    assert document["cases"][0]["since"] == "dpo_v1"
    status, out, err = run("runs", "regrade", "--all", "--config", config)
    assert (status, out) == (0, "") and "0 verdicts changed" in err
    status, out, _ = run("runs", "compare", "1", "1", "--config", config)
    assert status == 0 and "0 fixed, 0 regressed" in out


def test_a_battery_runs_and_its_document_has_the_contracts_shape(run, config):
    status, out, err = run("run", "--models", "sft,dpo_v2", "--limit", "10", "--json", "--config", config)
    assert status == 0 and "run 1" in err
    document = json.loads(out)
    assert set(document["models"]) == {"sft", "dpo_v2"}
    for counts in document["models"].values():
        assert counts["probes"] == 10 == sum(
            counts[name]
            for name in ("correct", "false_rejection", "false_acceptance", "contradiction", "unclear", "error")
        )
        assert set(counts["false_rejection_rate"]) == {"value", "low", "high"}
    case = document["cases"][0]
    assert {"probe", "subject", "wording", "real", "answers", "since"} <= set(case)
    assert set(case["answers"]["sft"]) == {"text", "reading", "verdict", "margin"}
    status, shown, _ = run("runs", "show", "latest", "--json", "--config", config)
    assert (status, json.loads(shown)) == (0, document)
    status, out, _ = run("runs", "--config", config)
    assert status == 0 and "existence" in out and "20/20" in out
    status, out, _ = run("run", "--resume", "latest", "--json", "--config", config)
    assert (status, json.loads(out)) == (0, document)


def test_ask_prints_each_models_answer_and_verdict(run, config):
    status, out, _ = run("ask", "Is there a table named APTH?", "--models", "sft", "--json", "--config", config)
    assert status == 0
    [answer] = json.loads(out)["answers"]
    assert answer["model"] == "sft" and answer["text"]
    assert answer["subjects"][0]["subject"] == "APTH"
    status, out, _ = run("ask", "Is there a table named APTH?", "--models", "sft", "--config", config)
    assert status == 0 and "tokens" in out


def test_findings_become_pairs_and_pairs_an_export(run, config, tmp_path):
    run("run", "--models", "sft,dpo_v2", "--limit", "60", "--config", config)
    status, out, _ = run("pairs", "add", "latest", "--verdict", "all", "--json", "--config", config)
    saved = json.loads(out)["saved"]
    assert status == 0 and saved
    status, out, _ = run("pairs", "add", "latest", "--verdict", "all", "--json", "--config", config)
    assert json.loads(out)["saved"] == [] and json.loads(out)["repeated"] == len(saved)
    status, out, _ = run("pairs", "list", "--json", "--config", config)
    pairs = json.loads(out)
    status, out, _ = run("pairs", "export", "--out", tmp_path / "out", "--config", config)
    rows = json.loads((tmp_path / "out" / "vgpt_probe_pairs.json").read_text(encoding="utf-8"))
    assert [row["chosen"] for row in rows] == [pair["chosen"] for pair in pairs]
    status, _, err = run("pairs", "delete", pairs[0]["id"], 999, "--config", config)
    assert status == 2 and "there is no pair 999" in err
    assert run("pairs", "delete", pairs[0]["id"], "--config", config)[0] == 0


def test_models_and_catalog_are_shown(run, config):
    status, out, _ = run("models", "--json", "--config", config)
    first = json.loads(out)[0]
    assert status == 0
    assert (first["model"], first["architecture"], first["chat_template"]) == ("sft", "llama", True)
    assert 3e6 <= first["parameters"] <= 8e6
    status, out, _ = run("catalog", "show", "APTL", "--config", config)
    assert status == 0 and "AP Transaction Line" in out and "APLine" in out
    status, out, _ = run("catalog", "show", "APTX", "--json", "--config", config)
    assert status == 1 and json.loads(out)["status"] == "near"
    status, out, _ = run("catalog", "stats", "--json", "--config", config)
    assert status == 0 and json.loads(out)["relations"] >= 150


def test_the_doctor_finds_a_healthy_workspace_healthy_and_a_broken_model_broken(run, make_workspace, tmp_path):
    status, out, _ = run("doctor", "--json", "--config", make_workspace().path)
    checks = {check["what"]: check for check in json.loads(out)}
    assert status == 0
    assert checks["llama.cpp"]["ok"] and checks["model sft"]["ok"] and checks["battery existence"]["ok"]
    (tmp_path / "bad.gguf").write_bytes(b"GGUF, but not really")
    broken = make_workspace({"bad": tmp_path / "bad.gguf"}).path
    status, out, _ = run("doctor", "--config", broken)
    assert status == 1 and "damaged GGUF" in out
    assert run("models", "--config", broken)[0] == 1


def test_init_writes_a_workspace_that_runs(run, tmp_path):
    target = tmp_path / "mine"
    status, out, _ = run("init", target)
    assert status == 0 and out.strip() == str(target.resolve())
    assert run("models", "--config", target / "config.toml")[0] == 0
    assert run("catalog", "stats", "--config", target)[0] == 0
    status, _, err = run("init", target)
    assert status == 2 and "a workspace here already" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "--models", "sftt"], "no model named 'sftt' (did you mean 'sft'?)"),
        (["run", "--battery", "exist"], "no battery named 'exist' (did you mean 'existence'?)"),
        (["run", "--resume", "7"], "there is no run 7"),
        (["run", "--resume", "latest", "--limit", "3"], "--resume goes on with what the run asked"),
        (["runs", "show", "x"], "'x' is no run"),
        (["grade", "nothing.json"], "nothing.json: no such file"),
        (["pairs", "export"], "there is no pair to export"),
        (["ask", " "], "the question is empty"),
        (["ask", "Q", "--temperature", "9"], "--temperature 9.0: Expected `float` <= 5.0"),
        (["ask", "Q", "--chat", "7"], "there is no chat 7"),
        (["runs", "regrade"], "name one run, or give --all"),
        ([], "the app needs a terminal"),
    ],
)
def test_wrong_use_is_one_line_and_exit_2(run, config, arguments, said):
    status, out, err = run(*arguments, "--config", config)
    assert status == 2 and out == ""
    assert said in err.splitlines()[-1]
    assert err.count("vgpt-probe: ") == 1 and "Traceback" not in err


def test_formats_are_those_of_the_exports():
    assert pairs_parser.FORMATS == FORMATS


def test_the_demo_uses_its_own_models(run, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    from vgpt_probe.config import demo_workspace

    workspace = demo_workspace()
    assert {model.name for model in workspace.models()} >= {"sft", "dpo_v1", "dpo_v2"}
    assert all(str(DEMO_MODELS) in model.path for model in workspace.models())


@pytest.mark.parametrize("words", [["--config", "FILE", "catalog", "stats"], ["catalog", "--config", "FILE", "stats"]])
def test_the_configuration_can_be_named_before_and_within_a_command(run, tmp_path, words):
    path = tmp_path / "none.toml"
    status, _, err = run(*(path if word == "FILE" else word for word in words))
    assert (status, err) == (2, f"vgpt-probe: {path}: no such file\n")


def test_without_a_workspace_the_demo_is_named_as_such(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text("[params]\ntitle = 'of another program'\n", encoding="utf-8")
    status, out, err = run("catalog", "stats", "--json")
    assert status == 0 and json.loads(out)["relations"] == 163
    assert "this is the demo" in err


def test_ask_says_which_model_gave_no_answer_and_prints_the_others(run, make_workspace, tmp_path):
    text = tmp_path / "text.gguf"
    text.write_text("no model", encoding="utf-8")
    workspace = make_workspace({"sft": DEMO_MODELS / "sft.gguf", "text": text})
    status, out, err = run("ask", "Is there a table APTL?", "--json", "--config", workspace.path)
    assert [row["model"] for row in json.loads(out)["answers"]] == ["sft"]
    assert status == 2 and "model 'text' gave no answer: " in err
    assert err.splitlines()[-1].startswith("vgpt-probe: 1 of 2 models gave no answer")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rn"], "argument COMMAND: there is no 'rn', did you mean 'run'? (see 'vgpt-probe --help')"),
        (["run", "--limt", "3"], "unrecognized arguments: --limt 3, did you mean '--limit'? (see 'vgpt-probe run --help')"),
        (["runs", "show", "1", "--x"], "unrecognized arguments: --x (see 'vgpt-probe runs show --help')"),
        (["catalog"], "the following arguments are required: WHAT (see 'vgpt-probe catalog --help')"),
    ],
)
def test_a_mistyped_command_is_one_line_too(arguments, said, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"vgpt-probe: {said}\n"


def test_empty_answers_are_told_for_they_deny_nothing(run, tmp_path, config):
    path = tmp_path / "answers.json"
    answers = [{"question": "Is there a table APTL?", "answer": ""}, {"question": "Is there APTH?", "answer": "Yes, APTH."}]
    path.write_text(json.dumps(answers), encoding="utf-8")
    status, out, err = run("grade", path, "--save", "--model", "m", "--config", config)
    assert status == 0 and "1 of 2 answers are empty" in err and "unclear" in out
    assert "m: 1 of 2 answers are empty" in run("runs", "show", "latest", "--config", config)[1]
