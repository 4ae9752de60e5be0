"""The tables of the run store, and the way from each released form of them to the next."""

from __future__ import annotations

#: Kept in SQLite's user_version. No release has been made yet: until then the schema is changed in place.
SCHEMA_VERSION = 6

#: AUTOINCREMENT where people delete by number: one that is gone is never given to another.
SCHEMA = """
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  started TEXT NOT NULL,
  battery TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'stopped', 'done')),
  owner TEXT NOT NULL,
  probes INTEGER NOT NULL,
  snapshot TEXT NOT NULL
);
CREATE TABLE probes (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  probe TEXT NOT NULL,
  PRIMARY KEY (run, position)
) WITHOUT ROWID;
CREATE TABLE answers (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  position INTEGER NOT NULL,
  model TEXT NOT NULL,
  real INTEGER,
  verdict TEXT NOT NULL,
  margin REAL,
  text TEXT NOT NULL,
  details TEXT NOT NULL,
  UNIQUE (run, position, model),
  FOREIGN KEY (run, position) REFERENCES probes (run, position) ON DELETE CASCADE
);
CREATE INDEX answers_at_a_glance ON answers (run, model, real, verdict, position, margin);
CREATE TABLE reviews (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  position INTEGER NOT NULL,
  model TEXT NOT NULL,
  review TEXT CHECK (review IN ('confirmed', 'dismissed', 'overridden')),
  verdict TEXT,
  note TEXT NOT NULL,
  who TEXT NOT NULL,
  at TEXT NOT NULL,
  FOREIGN KEY (run, position, model) REFERENCES answers (run, position, model) ON DELETE CASCADE
);
CREATE INDEX reviews_by_answer ON reviews (run, position, model);
CREATE TABLE pairs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  batch INTEGER NOT NULL,
  created TEXT NOT NULL,
  pair TEXT NOT NULL
);
CREATE TABLE sessions (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  answers INTEGER NOT NULL,
  seconds REAL NOT NULL
);
CREATE TABLE fingerprints (
  path TEXT PRIMARY KEY,
  size INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  sha256 TEXT NOT NULL
);
CREATE TABLE chats (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  started TEXT NOT NULL
);
CREATE TABLE chat_questions (
  chat INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  asked TEXT NOT NULL,
  text TEXT NOT NULL,
  sampling TEXT NOT NULL,
  best TEXT,
  PRIMARY KEY (chat, position)
);
CREATE TABLE chat_answers (
  chat INTEGER NOT NULL,
  position INTEGER NOT NULL,
  model TEXT NOT NULL,
  text TEXT NOT NULL,
  details TEXT NOT NULL,
  PRIMARY KEY (chat, position, model),
  FOREIGN KEY (chat, position) REFERENCES chat_questions (chat, position) ON DELETE CASCADE
);
"""

#: From a released version to the next one: statements by the version that they start from. Once a version has been
#: released its schema stays as it is (tests/runs/schemas keeps it), and a change is a new version with its step here.
MIGRATIONS: dict[int, str] = {}


def statements(script: str) -> list[str]:
    """The statements of a script one by one, for SQLite's own way to run several ends the transaction."""
    return [one.strip() for one in script.split(";\n") if one.strip()]
