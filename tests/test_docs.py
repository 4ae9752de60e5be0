"""What the README and docs/ tell people to type: it parses, and it runs."""

from __future__ import annotations

import json
import re
import runpy
import sqlite3
from itertools import chain

import pytest

from tests import documents
from tests.conftest import ROOT
from vgpt_probe import cli, config
from vgpt_probe.runs.schema import SCHEMA

#: What is not run here, and why. Each of them must be in use; what calls vgpt-probe must parse all the same.
NOT_RUN = {
    r"python3? -m venv|\S*pip install|py -m pip|git clone": "installs",
    r"\S*python -m (pytest|build)|\S*(ruff|mypy|lint-imports)": "the tests, or a build",
    r"python docs/": "makes these pages",
    r"\S+[\\/]try[\\/]bin": "a wheel of its own",
    r"set -e|exit|cd ": "the shell's",
    r"llamafactory-cli": "trains",
    r"python -m models\.demo\.recipe": "trains",
    r"(python|py) \S*convert_\w+\.py|llama-quantize": "llama.cpp's tools, on models that are not here",
    r"\S*vgpt-probe( demo)?$|vgpt-probe serve": "opens the app",
    r"vgpt-probe catalog import \S*(postgresql|mssql\+pyodbc)": "needs a database server",
}

#: Words of the pages that stand for something of the reader's.
STAND_INS = {"RUN": "latest", "SOURCE": "schema.sql", "A": "old.sql", "B": "schema.sql", "dpo_v3": "dpo_v2", "N": "4"}

ALL = [line for page in documents.pages() for line in documents.command_lines(page)]
TABLE = list(documents.tabled(ROOT / "README.md"))
OURS = [line for line in chain(ALL, TABLE) if line.ours is not None]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def parse(arguments):
    options, unknown = cli._parser().parse_known_args([STAND_INS.get(word, word) for word in arguments])
    if unknown:
        options.parser.refuse(unknown)


def reason_not_to_run(line):
    return next((why for start, why in NOT_RUN.items() if re.match(start, " ".join(line.words))), None)


def test_the_reference_is_what_the_parser_takes():
    """`python docs/commands.py` writes it anew."""
    assert runpy.run_path(str(ROOT / "docs" / "commands.py"))["page"]() == read("docs/commands.md")


def test_the_schema_is_the_store_s():
    [(_, shown)] = documents.fenced(ROOT / "docs" / "files.md", "sql")
    assert shown == SCHEMA.strip()


def test_rooms_of_the_architecture_are_there_and_all_of_them():
    """The README's table against the folders, and its order of imports against the contract that lint-imports checks."""
    section = read("README.md").split("## Architecture")[1].split("\n## ")[0]
    for named in re.findall(r"`(vgpt_probe/[\w/.]*)`", section):
        assert (ROOT / named).exists(), named
    rooms = set(re.findall(r"`(?:vgpt_probe/)?(\w+(?:/|\.py))`", section.split("| room")[1].split("| to add")[0]))
    folders = {f"{file.parent.name}/" for file in (ROOT / "vgpt_probe").glob("*/__init__.py")}
    assert rooms == folders | {"config.py", "config_tables.py", "cli.py"}
    layers = read("pyproject.toml").split("layers = [")[1].split("]")[0]
    for higher, lower in (("cli", "tui"), ("tui", "reports"), ("reports", "runs"), ("runs", "engine"),
                          ("engine", "grading"), ("probes", "catalog")):  # fmt: skip
        assert layers.index(f"vgpt_probe.{higher}") < layers.index(f"vgpt_probe.{lower}")
        assert section.index(f"`{higher}`") < section.index(f"`{lower}`")


@pytest.mark.parametrize("page", documents.pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_tests_and_files_of_the_tables_are_there():
    """docs/reliability.md names the test of each fault, in full or by its beginning."""
    tests = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests").rglob("test_*.py")))
    known = set(re.findall(r"^(?:async )?def (test_\w+)\(", tests, re.MULTILINE))
    for page in sorted((ROOT / "docs").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        for name in re.findall(r"`(test_\w+…?)`", text):
            found = name in known or (name.endswith("…") and any(one.startswith(name[:-1]) for one in known))
            assert found, (page.name, name)
        for name in re.findall(r"`((?:tests|benchmarks)/[\w/.]+)`", text):
            assert (ROOT / name).exists(), (page.name, name)


def test_the_index_names_every_page():
    index = read("docs/README.md")
    assert not [page.name for page in (ROOT / "docs").glob("[a-z]*.md") if f"({page.name}" not in index]


def test_pages_hold_commands_at_all():
    found = {line.where.split(":")[0] for line in OURS}
    assert len(OURS) > 60 and found >= {"README.md", "docs/pairs.md", "docs/reports.md"}


@pytest.mark.parametrize("line", OURS, ids=str)
def test_each_command_parses(line):
    parse(line.ours)


@pytest.mark.parametrize("line", [line for page in documents.pages() for line in documents.mentioned(page)], ids=str)
def test_each_mention_in_the_text_is_a_command(line, capsys):
    try:
        parse(line.ours)
    except SystemExit as ended:
        # `vgpt-probe pairs` names the command; what it needs stands elsewhere.
        assert not ended.code or "arguments are required" in capsys.readouterr().err


def test_a_command_that_does_not_parse_is_found():
    [line] = documents.split("FOO=1 .venv/bin/vgpt-probe run --batery mine  # all of it\n", "here:1")
    assert line.ours == ("run", "--batery", "mine")
    with pytest.raises(SystemExit):
        parse(line.ours)


@pytest.mark.parametrize("line", [line for line in ALL if line.ours is None], ids=str)
def test_other_commands_are_known(line):
    assert reason_not_to_run(line), "say in NOT_RUN why it cannot run here"


@pytest.mark.parametrize("start", NOT_RUN)
def test_each_reason_is_used(start):
    assert any(re.match(start, " ".join(line.words)) for line in ALL + TABLE)


def limited(words):
    """The same command with less to do: it shall work, not measure."""
    words = [STAND_INS.get(word, word) for word in words]
    if words[0] in ("run", "demo") and "--resume" not in words:
        return [*words, "--limit", "6"]
    if words[:2] == ["pairs", "fill"]:
        return [{"2400": "40"}.get(word, word) for word in words]
    return [*words, "--prompts", "4", "--rounds", "1", "--no-sweep"] if words == ["bench"] else words


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """A workspace as ``init my_workspace`` writes it, with the files of the reader's that the pages name."""
    demo = config.load_workspace(ROOT / "config.toml", state=tmp_path / "demo")
    monkeypatch.setattr(config, "demo_workspace", lambda: demo)
    monkeypatch.chdir(tmp_path)
    assert cli.main(["init", "my_workspace"]) == 0
    folder = tmp_path / "my_workspace"
    monkeypatch.chdir(folder)
    # The battery that the README shows.
    shown = [text for _, text in documents.fenced(ROOT / "README.md", "toml")]
    [battery] = [text for text in shown if text.startswith('name = "mine"')]
    (folder / "probes" / "mine.toml").write_text(battery, encoding="utf-8")
    schema = (ROOT / "probes" / "vista_demo.sql").read_text(encoding="utf-8")
    (folder / "schema.sql").write_text(schema, encoding="utf-8")
    # Without its last statement, so that there is a difference to show.
    (folder / "old.sql").write_text(schema[: schema.rindex("CREATE ")], encoding="utf-8")
    (folder / "new.sql").write_text(schema, encoding="utf-8")
    data = folder / "data"
    data.mkdir()
    for name in ("sft", "dpo_v2"):
        rows = json.loads((ROOT / "models" / "demo" / "data" / f"{name}.json").read_text(encoding="utf-8"))[:100]
        (data / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")
    (data / "dpo.json").write_text(json.dumps(rows), encoding="utf-8")
    (folder / "their.json").write_text(json.dumps(rows[:10]), encoding="utf-8")
    (folder / "their_pairs.json").write_text(json.dumps(rows[10:20]), encoding="utf-8")
    # Labels that are strings, which `audit --fix` mends.
    labelled = [
        {"instruction": row["instruction"], "input": "", "output": row["chosen"], "label": "true"} for row in rows
    ]
    (data / "kto.json").write_text(json.dumps(labelled), encoding="utf-8")
    answers = [{"question": "Is there a table APTL?", "answer": "The table 'APTL' does not exist.", "model": "old"}]
    (folder / "answers.json").write_text(json.dumps(answers), encoding="utf-8")
    suite = [{"id": 1, "category": "schema", "question": "Does APTH exist?", "key_elements": ["APTH"]}]
    (folder / "suite.json").write_text(json.dumps(suite), encoding="utf-8")
    make_database(folder / "shop.db")
    return folder


def make_database(path):
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, placed TEXT)")
    database.close()


@pytest.fixture
def call(capsys):
    """Call the command line in this process; returns exit status, standard output and standard error."""

    def call(*words):
        try:
            status = cli.main(words)
        except SystemExit as ended:
            status = ended.code
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def test_every_command_runs(workspace, call):
    """In one workspace, page by page, for what one command makes the next one needs; the same one only once."""
    kept = (workspace / "config.toml").read_text(encoding="utf-8")
    for _ in range(2):  # `runs compare 1 2` wants two runs of one battery, `chats export 3` a third chat
        assert call("run", "--models", "sft", "--limit", "6")[0] == 0
        assert call("ask", "Is there a table APTL?", "--models", "sft", "--keep")[0] == 0
    assert call("ask", "Is there a table APTL?", "--models", "sft,dpo_v2", "--keep")[0] == 0
    faults, done = [], set()
    for line in OURS:
        if line.ours in done or reason_not_to_run(line):
            continue
        done.add(line.ours)
        words = limited(line.ours)
        if "PROBE" in words or words[0] == "explain":
            # A case that the latest run holds.
            found = json.loads(call("runs", "findings", "latest", "--json")[1])["findings"][0]
            case = [found["probe"], "--model", found["model"]]
            words = [part for word in words for part in (case if word in ("PROBE", "APTL") else [word])]
        status, _, told = call(*words)
        if status not in ({0, 1} if "--fail-on" in words or "diff" in words else {0}):
            faults.append(f"{line}\n    {words} ended with {status}: {told.strip()[-300:]}")
        if words[:2] == ["catalog", "import"]:
            (workspace / "config.toml").write_text(kept, encoding="utf-8")
    assert not faults, "\n".join(faults)
    for name in ("report.html", "junit.xml", "data/kto.fixed.json", "data/vgpt_probe_pairs.json"):
        assert (workspace / name).is_file(), f"no command wrote {name}"
