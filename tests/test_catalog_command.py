"""``vgpt-probe catalog``: import, show, stats and diff."""

from __future__ import annotations

import json

import pytest

from vgpt_probe.catalog import load_catalog
from vgpt_probe.cli import main
from vgpt_probe.config import load_workspace
from vgpt_probe.pairs.pair import Pair
from vgpt_probe.probes import Battery, make_probe
from vgpt_probe.runs.records import Snapshot
from vgpt_probe.runs.store import Store

OLD = "CREATE TABLE APTH (APCo tinyint NOT NULL, InvTotal numeric(12, 2));\nCREATE TABLE Gone (a int);\n"
NEW = "CREATE TABLE APTH (APCo int NOT NULL, Total numeric(12, 2));\nCREATE TABLE Come (a int);\n"


@pytest.fixture
def config(make_workspace):
    return make_workspace().path


@pytest.fixture
def call(config, capsys):
    def call(*words):
        status = main([*words, "--config", str(config)])
        return status, *capsys.readouterr()

    return call


def _write(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_an_import_takes_effect_and_says_what_it_did(tmp_path, config, call):
    before = config.read_text(encoding="utf-8")
    script = _write(tmp_path, "a.sql", OLD + "CREATE TABLE broken (a (;\n")
    keys = _write(tmp_path, "b.csv", "TABLE_NAME,COLUMN_NAME,COLUMN_KEY,DATA_TYPE\nAPTH,APCo,PRI,tinyint\n")
    status, out, said = call("catalog", "import", script, keys, "--json")
    assert status == 0
    document = json.loads(out)
    assert (document["relations"], document["columns"]) == (2, 3)
    assert [skipped["line"] for one in document["sources"] for skipped in one["skipped"]] == [3]
    assert "line 3" in said and 'source = "catalog.json"' in said
    assert "battery 'existence' does not fit this catalog" in said
    workspace = load_workspace(config)
    assert workspace.config.catalog.source == "catalog.json"
    # One line of config.toml has changed.
    lines = zip(before.splitlines(), config.read_text("utf-8").splitlines(), strict=True)
    assert sum(1 for old, new in lines if old != new) == 1
    status, out, _ = call("catalog", "show", "APTH", "--json")
    relation = json.loads(out)["relation"]
    assert (status, relation["key"], relation["columns"][0]["name"]) == (0, ["APCo"], "APCo")


def test_importing_again_gives_the_same_bytes(tmp_path, config, call):
    script = _write(tmp_path, "a.sql", OLD)
    call("catalog", "import", script)
    first = (config.parent / "catalog.json").read_bytes()
    assert call("catalog", "import", str(config.parent / "catalog.json"))[0] == 0
    assert (config.parent / "catalog.json").read_bytes() == first


def test_a_source_that_cannot_be_read_changes_nothing(tmp_path, config, call):
    before = config.read_bytes()
    good = _write(tmp_path, "a.sql", OLD)
    bad = _write(tmp_path, "b.csv", "a,b\n1,2\n")
    status, out, said = call("catalog", "import", good, bad)
    assert (status, out) == (2, "") and "b.csv" in said and "TABLE_NAME" in said
    assert config.read_bytes() == before and not (config.parent / "catalog.json").exists()


def test_a_full_disk_leaves_config_toml_whole_and_says_what_to_write(tmp_path, config, call, monkeypatch):
    from vgpt_probe.commands import catalog as command

    before, real = config.read_bytes(), command.write_atomically

    def full(path, text):
        if path == config:
            raise OSError(28, "No space left on device")
        real(path, text)

    monkeypatch.setattr(command, "write_atomically", full)
    status, _, said = call("catalog", "import", _write(tmp_path, "a.sql", OLD))
    assert status == 2 and "No space left" in said and 'write source = "catalog.json" under [catalog] yourself' in said
    assert config.read_bytes() == before
    monkeypatch.setattr(command, "write_atomically", lambda path, text: full(config, text))
    status, _, said = call("catalog", "import", _write(tmp_path, "a.sql", OLD))
    assert status == 2 and "catalog.json: cannot be written" in said and config.read_bytes() == before


def test_with_out_config_toml_stays(tmp_path, config, call):
    before = config.read_bytes()
    out = tmp_path / "other" / "x.json"
    assert call("catalog", "import", _write(tmp_path, "a.sql", OLD), "--out", str(out))[0] == 0
    assert len(load_catalog(out)) == 2 and config.read_bytes() == before


def test_a_database_brings_its_dialect(tmp_path, config, call):
    pytest.importorskip("sqlalchemy")
    import sqlite3

    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.executescript("CREATE TABLE jobs (id integer PRIMARY KEY);")
    connection.close()
    status, _, said = call("catalog", "import", f"sqlite:///{path.as_posix()}")
    assert status == 0 and "reading tables" in said
    settings = load_workspace(config).config.catalog
    assert (settings.dialect, settings.default_schema) == ("sqlite", "main")


def test_the_packaged_demo_is_not_changed(tmp_path, config, call, monkeypatch, capsys):
    demo = load_workspace(config, state=tmp_path / "state")
    monkeypatch.setattr("vgpt_probe.config.find_config", lambda: None)
    monkeypatch.setattr("vgpt_probe.config.demo_workspace", lambda: demo)
    assert main(["catalog", "import", _write(tmp_path, "a.sql", OLD)]) == 2
    assert "vgpt-probe init DIR" in capsys.readouterr().err


def test_a_diff_names_stored_probes_and_pairs(tmp_path, config, call):
    old, new = _write(tmp_path, "old.sql", OLD), _write(tmp_path, "new.sql", NEW)
    catalog = load_catalog(tmp_path / "old.sql")
    store = Store(load_workspace(config).store_path)
    subjects = ("APTH", "Gone", "Come", "APTH.InvTotal")
    probes = tuple(make_probe(f"Is {name} there?", name, catalog, wording="exists") for name in subjects)
    store.create_run(Battery("mine", "", probes, "x"), Snapshot("x", "y", ()))
    store.add_pair(Pair("Is Gone there?", "Yes, Gone is.", "No.", "acceptance", subject="Gone"))
    store.add_pair(Pair("Is APTH there?", "Yes.", "No.", "acceptance", subject="APTH"))
    store.close()
    status, out, _ = call("catalog", "diff", old, new, "--json")
    document = json.loads(out)
    assert status == 1
    assert (document["added"], document["removed"]) == (["dbo.Come"], ["dbo.Gone"])
    assert {one["subject"] for one in document["probes"]} == {"Gone", "Come", "APTH.InvTotal"}
    assert [(one["subject"], one["why"]) for one in document["pairs"]] == [("Gone", "Gone is gone")]
    status, out, _ = call("catalog", "diff", old, new)
    assert "- dbo.Gone removed" in out and "InvTotal removed" in out and "stored probes about Gone (run 1)" in out
    assert call("catalog", "diff", old, old)[0] == 0


@pytest.mark.parametrize("line", ["source = 'a' # x", 'source="a\\"b" # x', None])
def test_a_key_is_set_where_it_belongs(line):
    from vgpt_probe.toml_schema import with_values

    text = "[store]\nsource = 'b'\n[catalog]\n" + (f"{line}\n" if line else "") + "title = 'c'\n"
    changed = with_values(text, "catalog", {"source": "new\\x"}).splitlines()
    assert changed[:3] == text.splitlines()[:3] and changed[4] == "title = 'c'"
    assert changed[3].replace(" ", "") == 'source="new\\\\x"' + ("#x" if line else "")
