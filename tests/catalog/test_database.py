"""Live databases: SQLite always, PostgreSQL where its programs are installed."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from vgpt_probe.errors import CatalogError

pytest.importorskip("sqlalchemy")

from vgpt_probe.catalog.database import read_database, shown

SCRIPT = """
CREATE TABLE jobs (co integer NOT NULL, job varchar(10) NOT NULL, note text, PRIMARY KEY (co, job));
CREATE TABLE "Cost Detail" (id integer PRIMARY KEY, co integer, job varchar(10),
  FOREIGN KEY (co, job) REFERENCES jobs (co, job));
CREATE VIEW open_jobs AS SELECT job, note FROM jobs;
"""


def _by_name(reading):
    return {relation.name: relation for relation in reading.relations}


@pytest.fixture
def sqlite_file(tmp_path):
    path = tmp_path / "a b?#%.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(SCRIPT)
    connection.close()
    return path


def test_sqlite_gives_tables_views_keys_and_columns(sqlite_file):
    from sqlalchemy.engine import URL

    url = URL.create("sqlite", database=str(sqlite_file)).render_as_string()
    said = []
    reading = read_database(url, say=said.append)
    found = _by_name(reading)
    assert set(found) == {"jobs", "Cost Detail", "open_jobs"}
    assert (found["jobs"].key, found["open_jobs"].kind) == (("co", "job"), "view")
    assert [(one.columns, one.table, one.to) for one in found["Cost Detail"].references] == [
        (("co", "job"), "main.jobs", ("co", "job"))
    ]
    assert [(one.name, one.nullable) for one in found["open_jobs"].columns] == [("job", True), ("note", True)]
    assert (reading.dialect, reading.default_schema) == ("sqlite", "main")
    assert "schema 'main'" in said[0]


def test_reading_writes_nothing(sqlite_file):
    before = sqlite_file.read_bytes()
    from sqlalchemy.engine import URL

    read_database(URL.create("sqlite", database=str(sqlite_file)).render_as_string())
    assert sqlite_file.read_bytes() == before
    assert [path.name for path in sqlite_file.parent.iterdir()] == [sqlite_file.name]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:///no_such.db", "no such file"),
        ("sqlite://", "in memory"),
        ("nonsense://host/db", "nonsense"),
        ("://", "no database URL"),
        ("postgresql+psycopg://me:secret@127.0.0.1:1/db", "check host, name and rights"),
    ],
)
def test_a_fault_is_one_line_without_the_password(url, said):
    with pytest.raises(CatalogError) as fault:
        read_database(url)
    assert said in str(fault.value)
    assert "secret" not in str(fault.value) and "\n" not in str(fault.value)


def test_a_file_that_is_no_database_is_named(tmp_path):
    path = tmp_path / "x.db"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(CatalogError, match="not a database"):
        read_database(f"sqlite:///{path.as_posix()}")


def test_a_missing_driver_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyodbc", None)
    with pytest.raises(CatalogError, match=r"pip install 'pyodbc'"):
        read_database("mssql+pyodbc://user:secret@host/db?driver=ODBC+Driver+18+for+SQL+Server")


def test_a_password_is_never_shown():
    assert "secret" not in shown("postgresql://me:secret@host/db")


# ── PostgreSQL ──


def _programs() -> Path | None:
    if found := shutil.which("initdb"):
        return Path(found).parent
    return next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    """Start a PostgreSQL of our own, on a free port, in a temporary folder; give its URL."""
    pytest.importorskip("psycopg")
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql)")
    folder = tmp_path_factory.mktemp("postgres")
    before: list[str] = []
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        if not (shutil.which("runuser") and _has_user("postgres")):
            pytest.skip("PostgreSQL does not run as root, and there is no user 'postgres' to run it as")
        before = ["runuser", "-u", "postgres", "--"]
        folder = Path(_made_for("postgres"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"

    def call(*words: str) -> None:
        done = subprocess.run([*before, *words], cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr

    try:
        call(str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", "tester", "--no-sync", "-E", "UTF8")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        call(str(programs / "pg_ctl"), "-D", str(data), "-w", "-o", options, "-l", str(data / "log"), "start")
        try:
            yield f"postgresql+psycopg://tester@127.0.0.1:{port}/postgres"
        finally:
            call(str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _has_user(name: str) -> bool:
    import pwd

    return any(user.pw_name == name for user in pwd.getpwall())


def _made_for(user: str) -> str:
    import tempfile

    folder = tempfile.mkdtemp(prefix="vgpt_probe_pg_")
    shutil.chown(folder, user)
    return folder


def test_postgres_gives_schemas_views_keys_types_and_comments(postgres):
    from sqlalchemy import create_engine, text

    engine = create_engine(postgres)
    with engine.begin() as connection:
        for statement in (SCRIPT + """
            COMMENT ON TABLE jobs IS 'all jobs';
            COMMENT ON COLUMN jobs.note IS 'free text';
            CREATE SCHEMA api;
            CREATE TABLE api.activity (id uuid PRIMARY KEY, at timestamp with time zone, tags text[], total numeric(12, 2));
            CREATE MATERIALIZED VIEW api.totals AS SELECT sum(total) AS total FROM api.activity;
            """).split(";"):
            if statement.strip():
                connection.execute(text(statement))
    engine.dispose()
    reading = read_database(postgres)
    found = {relation.qualified: relation for relation in reading.relations}
    assert set(found) == {
        "public.jobs", "public.Cost Detail", "public.open_jobs", "api.activity", "api.totals",
    }  # fmt: skip
    jobs = found["public.jobs"]
    assert (jobs.key, jobs.description, jobs.columns[2].description) == (("co", "job"), "all jobs", "free text")
    assert found["public.Cost Detail"].references[0].table == "public.jobs"
    assert found["api.totals"].kind == "view" and [one.name for one in found["api.totals"].columns] == ["total"]
    assert [one.type for one in found["api.activity"].columns] == ["UUID", "TIMESTAMPTZ", "TEXT[]", "DECIMAL(12, 2)"]
    assert (reading.dialect, reading.default_schema) == ("postgres", "public")
    [activity] = [one for one in read_database(postgres, schemas=["api"]).relations if one.kind == "table"]
    assert activity.name == "activity"


def test_postgres_says_what_is_wrong(postgres):
    with pytest.raises(CatalogError, match="no_such"):
        read_database(postgres.replace("/postgres", "/no_such"))
    with pytest.raises(CatalogError, match="shows no tables"):
        read_database(postgres, schemas=["nowhere"])
