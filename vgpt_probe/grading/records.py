"""Answers that are data: `"name": "Invoice", "status": "not_found"` in JSON, YAML or lines of key and value."""

# Patterns and messages read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import re

from .answer import Answer, Evidence
from .lexicon import word_set

__all__ = ["read_record"]

_WEAK = frozenset(("mentions", "unread", "reports", "asks"))


def read_record(answer: Answer) -> None:
    """Keeps what the record that names the subject says of it, where prose has said nothing that counts."""
    if answer.column or any(e.kind not in _WEAK for e in answer.found) or not _SAID.search(answer.text):
        return
    name = re.escape(answer.target.name)
    for named in re.finditer(
        rf"{_KEY}[:=]\s*[\"'`\[]*(?:\w+\.)?{name}[\"'`\]]*\s*(?:[,;|\n]|\Z)", answer.text, re.IGNORECASE
    ):
        record = answer.text[named.end() :]
        # The next record begins with another bullet or brace, or with the same key.
        end = re.search(
            rf"\n\s*-\s|[{{}}]|^\s*[\"']?{re.escape(named.group(1))}[\"']?\s*[:=]",
            record,
            re.MULTILINE | re.IGNORECASE,
        )
        for said in _SAID.finditer(record, 0, end.start() if end else len(record)):
            kind = _worth(said.group(2))
            if kind is not None:
                start = named.end() + said.start()
                answer.found.append(Evidence(kind, start, named.end() + said.end(), 0))
                return


def _worth(value: str) -> str | None:
    words = re.split(r"[\s_-]+", value.strip().lower())
    if not _OPEN.isdisjoint(words):
        return "hedges"
    if not _NOT.isdisjoint(words):
        return "denies"
    return "affirms" if not _THERE.isdisjoint(words) else None


_KEY = r"[\"'`]?\b(table|name|object|subject|relation|view|entity|tabelle|tabla|nombre|table_name|object_name)[\"'`]?\s*"
_SAID = re.compile(
    r"[\"'`]?\b(status|exists?|found|present|valid|is_valid|available|real|is_real|in_schema|in_catalog|in_database|result|state|verdict|existiert|existe|estado)[\"'`]?\s*[:=]\s*[\"'`]?([a-zA-Z_][\w -]{0,30})",
    re.IGNORECASE,
)
_OPEN = word_set(
    "unknown uncertain unsure unverified unclear maybe null pending possibly probably unconfirmed undetermined"
)
_NOT = word_set(
    "not no false absent missing invalid nonexistent non notfound none denied nein falsch fehlt nicht inexistente falso unrecognized rejected"
)
_THERE = word_set(
    "true yes found exists exist present valid ok available real active ja sí si wahr vorhanden verified confirmed existe verdadero"
)
