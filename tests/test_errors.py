"""Every exception that can reach a user is in one documented tree, and every end of a command is one line."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from vgpt_probe import cli, errors
from vgpt_probe.errors import BAD_INPUT, INTERNAL, INTERRUPTED, ModelError, ProbeError, StoreError

PACKAGE = ROOT / "vgpt_probe"
#: Raised and caught in one room; docs/reliability.md says what becomes of them.
INNER = {"PhraseError", "RequestFailed", "ServerGone", "TooMuch"}
#: Calls that run what they are given, or read what can run.
FORBIDDEN = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "pickle.load", "pickle.loads",
             "marshal.loads", "shelve.open", "yaml.load", "subprocess.getoutput"}  # fmt: skip


def trees():
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_the_tree_the_documentation_and_the_code_name_the_same():
    kinds = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type)}
    classes = {name: kind for name, kind in kinds.items() if issubclass(kind, ProbeError)}
    written = dict(re.findall(r"^[├└─ ]*(\w+Error) +(\d+) ", errors.__doc__, re.MULTILINE))
    assert written == {name: str(kind.exit_status) for name, kind in classes.items()}
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+Error)` \| (\d+) \|", page, re.MULTILINE))
    assert rows == written
    for name in INNER:
        assert f"`{name}`" in page
    assert f"| any other | {INTERNAL} |" in page and f"| `KeyboardInterrupt` | {INTERRUPTED} |" in page


def test_no_exception_is_made_elsewhere():
    made = set()
    for _, tree in trees():
        for node in ast.walk(tree):
            bases = [ast.unparse(base) for base in node.bases] if isinstance(node, ast.ClassDef) else []
            if any(base.endswith(("Error", "Exception")) for base in bases):
                made.add(node.name)
    known = {name for name, kind in vars(errors).items() if isinstance(kind, type)}
    assert {name for name in made if not name.startswith("_")} - known == INNER


def test_nothing_that_is_read_is_run():
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                assert name not in FORBIDDEN and not name.endswith((".executescript", ".extractall")), (
                    path,
                    name,
                )
                assert not any(word.arg == "shell" for word in node.keywords), (path, "shell")
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name for alias in node.names} | {getattr(node, "module", "") or ""}
                assert not names & {"pickle", "marshal", "shelve", "dill", "joblib", "yaml"}, path


def test_nothing_is_written_that_a_spreadsheet_would_calculate():
    """No CSV is written: whoever adds one must see to cells that begin with =, +, -, @, a tab or a carriage return."""
    for path, tree in trees():
        calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        writers = (".writer", ".DictWriter", ".to_csv", ".write_csv", ".to_excel")
        assert not any(name.endswith(writers) for name in calls), path


def test_sql_of_the_program_is_its_own():
    """Whatever is executed is written in the program: text from outside is only ever a parameter."""
    for path, tree in trees():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func).endswith((".execute", ".executemany"))
                and node.args
            ):
                said = node.args[0]
                parts = [part for part in ast.walk(said) if isinstance(part, ast.FormattedValue)]
                for part in parts:
                    # Names of columns, placeholders, fragments of SQL: names of the program.
                    own = re.fullmatch(
                        r"[A-Za-z_.]+|_?[a-z_]+\(.*\)|', ?'\.join\(.*\)", ast.unparse(part.value)
                    )
                    assert own, (path, ast.unparse(said))


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        (StoreError("is damaged", where="x.db"), BAD_INPUT, "x.db: is damaged"),
        (ModelError("\x1b[2Jdamaged\u202e"), BAD_INPUT, "␛[2Jdamaged⟨U+202E⟩"),
        (OSError(28, "No space left on device", "runs.db"), BAD_INPUT, "runs.db: No space left on device"),
        (PermissionError(13, "Permission denied", "/x"), BAD_INPUT, "/x: Permission denied"),
        (MemoryError(), BAD_INPUT, "there is not enough memory"),
        (KeyboardInterrupt(), INTERRUPTED, "interrupted"),
        (KeyError("\x1b]0;x\x07"), INTERNAL, "this is a fault of vgpt-probe: KeyError: '\\x1b]0;x\\x07'"),
        (ValueError("\x1b]0;x\x07\nsecond line"), INTERNAL, "ValueError: ␛]0;x␇ second line"),
        (RecursionError("too deep"), INTERNAL, "RecursionError: too deep"),
    ],
)
def test_every_end_is_one_line_with_its_status(fault, status, said, monkeypatch, capsys, tmp_path):
    def does(_options):
        raise fault

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(cli, "_doctor", does)
    assert cli.main(["doctor"]) == status
    shown = capsys.readouterr()
    assert (
        shown.out == ""
        and shown.err.startswith("vgpt-probe: ")
        and shown.err.count("\n") == 1
        and said in shown.err
    )
    kept = list(tmp_path.glob("vgpt_probe-*.txt"))
    assert len(kept) == (status == INTERNAL)
    if kept:
        assert str(kept[0]) in shown.err
        assert "Traceback" in Path(kept[0]).read_text(encoding="utf-8")


def test_a_line_of_error_is_not_as_long_as_what_it_quotes():
    told = str(ProbeError(f"no stage named '{'x' * 50_000}'", where="config.toml:19", mend="add it"))
    assert len(told) < errors.LONGEST + 100
    assert (
        told.startswith("config.toml:19: no stage named 'xxx")
        and told.endswith("xxx' (add it)")
        and " … " in told
    )
