"""Files are written whole or not at all, and read in the encodings that tools write."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vgpt_probe.errors import RecordError
from vgpt_probe.files import read_text, write_atomically


def test_a_failure_in_the_middle_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    path = tmp_path / "pairs.json"
    write_atomically(path, "old")

    def fail(self, target):
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_text_is_written_as_utf8_with_lf(tmp_path):
    path = tmp_path / "deep" / "a.txt"
    write_atomically(path, "ä\nb\n")
    assert path.read_bytes() == "ä\nb\n".encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_encodings_of_database_tools_are_read(tmp_path, encoding):
    (tmp_path / "a.sql").write_bytes("CREATE TABLE Größe".encode(encoding))
    assert read_text(tmp_path / "a.sql", RecordError) == "CREATE TABLE Größe"


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_what_is_written_is_as_readable_as_any_new_file(tmp_path):
    (tmp_path / "plain").touch()
    write_atomically(tmp_path / "ours", "text")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode
