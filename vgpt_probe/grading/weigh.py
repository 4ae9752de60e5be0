"""From the claims of an answer to one reading: words before mentions, and a denial against all that goes on from there."""

# Patterns read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import re
from typing import NamedTuple

from .answer import Answer, Evidence
from .choices import chosen
from .model import Stance
from .sentences import Sentence
from .standins import NAME, SUBJECT
from .yesno import bare_answer

__all__ = ["Decision", "corrected", "weigh"]


class Decision(NamedTuple):
    """A stance, what shows it, and why in words."""

    stance: Stance
    evidence: Evidence | None
    reason: str


def weigh(answer: Answer, rows: list[Sentence]) -> Decision:
    """The stance of the whole answer; a column of which nothing is said comes out `silent`."""
    by: dict[str, list[Evidence]] = {}
    for evidence in answer.found:
        by.setdefault(evidence.kind, []).append(evidence)
    sql = _offered(answer)
    if "denies" in by:
        return _against(answer, by, [e for e in sql if e.kind != "create"])
    decision = _undenied(answer, by, sql, rows)
    if (
        answer.unresolved
        and decision.stance == "affirms"
        and (("presumes" in by and "affirms" not in by) or not any(NAME in row.words for row in rows))
    ):
        # Nothing else is named that the denial could be about.
        return Decision("silent", None, "denies something that the reader can't make out")
    return decision


def _undenied(
    answer: Answer, by: dict[str, list[Evidence]], sql: list[Evidence], rows: list[Sentence]
) -> Decision:
    """The stance of an answer that nowhere denies the subject in so many words."""
    if "affirms" in by:
        return Decision("affirms", by["affirms"][0], "speaks of the subject as existing")
    choice = chosen(answer, rows)
    if choice is not None and choice.kind == "affirms":
        return Decision("affirms", choice, "answers a question about several with this one")
    if choice is not None:
        return Decision("denies", choice, "answers a question about several without this one")
    bare = bare_answer(answer, rows)
    if bare is not None and "hedges" not in by:
        if bare.kind == "affirms":
            return Decision("affirms", bare, "answers the question whether it exists with yes")
        return Decision("denies", bare, "answers the question whether it exists with no")
    if "presumes" in by:
        return Decision("affirms", by["presumes"][0], "takes the subject for granted")
    if "hedges" in by:
        return Decision("hedges", by["hedges"][0], "leaves open whether the subject is there")
    if sql:
        return Decision("affirms", sql[0], "uses the subject in SQL")
    if "imagines" in by:
        return Decision("hedges", by["imagines"][0], "speaks of the subject only as a possibility")
    if "unread" in by:
        return _unsure(answer, rows) or Decision(
            "silent", None, "a negation near the subject that the reader can't resolve"
        )
    if len(rows) == 1 and rows[0].text.strip(" .,:;!") == SUBJECT:
        return Decision("silent", None, "only repeats the name")
    weak = by.get("mentions", []) + by.get("offers", []) + by.get("details", [])
    if weak:
        return Decision("affirms", weak[0], "speaks of the subject as existing")
    return _unnamed(answer, rows)


def _against(answer: Answer, by: dict[str, list[Evidence]], sql: list[Evidence]) -> Decision:
    """A denial, and whether the rest of the answer goes on as if it had not been made."""
    denials = by["denies"]
    first = denials[0]
    affirmed = by.get("affirms", [])
    if affirmed and _other_kind(answer, denials, affirmed + by.get("mentions", [])):
        return Decision("affirms", affirmed[0], "says what kind of relation the subject is")
    if "offers" in by or "proposes" in by:
        return Decision("contradicts", first, "denies the subject, then offers it as an alternative")
    if sql:
        return Decision("contradicts", first, "denies the subject, then uses it in SQL")
    described = any(_DESCRIBED.match(answer.text, e.start) for e in by.get("presumes", []))
    apart = {e.order for e in denials}
    described = described or any(
        e.order not in apart and not _NEGATED.search(answer.text, e.start, e.end)
        for e in by.get("presumes", [])
    )
    # "There is no § … § records every check": it goes on as if nothing had been said.
    described = described or any(
        e.order not in apart and _ACTS.match(answer.text, e.start) for e in by.get("mentions", [])
    )
    if affirmed or described or "details" in by:
        return Decision("contradicts", first, "denies the subject and speaks of it as existing")
    return Decision("denies", first, "says that the subject is not there")


def _unnamed(answer: Answer, rows: list[Sentence]) -> Decision:
    """Nothing was said of the subject by its name."""
    if answer.column:
        return Decision("silent", None, "says nothing of the column")
    listed = _its_own(answer, rows)
    if listed is not None:
        return Decision("affirms", listed, "says what is in the subject, without naming it")
    used = _variant_used(answer)
    if used is not None:
        return Decision("affirms", used, "uses the name that exists, in its own letter case")
    return _unsure(answer, rows) or Decision("silent", None, "says nothing of the subject")


def _its_own(answer: Answer, rows: list[Sentence]) -> Evidence | None:
    """The subject's own columns or description, or a bare list of names where its columns were asked for."""
    catalog = answer.catalog
    if not answer.alone or catalog is None or answer.statements or not rows or rows[0].end == "?":
        return None
    apart = answer.phrases.words("negative") | answer.phrases.words("hedge")
    if any(not row.words.isdisjoint(apart) for row in rows):
        return None
    whole = Evidence("affirms", rows[0].tokens[0].start, rows[-1].tokens[-1].end, 0)
    names = [token.name for row in rows for token in row.tokens if token.word == NAME]
    if any(name is not None and catalog.get(name) is not None for name in names):
        return None
    listed = _LIST.fullmatch(answer.text) and _COLUMNS_ASKED.search(answer.question)
    spoken = answer.phrases.words("yes") | answer.phrases.words("no") | answer.phrases.words("filler")
    if listed and all(row.words.isdisjoint(spoken) for row in rows):
        return whole
    relation = catalog.get(answer.target.name)
    if relation is None:
        return None
    columns = {column.name for column in relation.columns}
    mine = sum(name in columns for name in names)
    described = (relation.description or "").lower().split()
    if (mine > 1 and 2 * mine >= len(names)) or (len(described) > 1 and rows[0].words.issuperset(described)):
        return whole
    return None


def _unsure(answer: Answer, rows: list[Sentence]) -> Decision | None:
    """A short answer that somewhere says that it does not know."""
    if answer.alone and len(rows) <= 3:
        unsure = answer.phrases.tables.role("unsure")
        for row in rows:
            words = frozenset(row.text.split())
            if any(phrase.regex.search(row.text) for phrase in unsure.possible(words)):
                found = Evidence("hedges", row.tokens[0].start, row.tokens[-1].end, 0)
                return Decision("hedges", found, "is not sure, without naming the subject")
    return None


def _offered(answer: Answer) -> list[Evidence]:
    """Where the offered SQL uses the subject."""
    target = answer.target
    out = []
    for statement in answer.statements:
        if not statement.offered:
            continue
        scan, start = statement.scan, statement.start
        if answer.column:
            if any(table.name == target.name for table in scan.tables):
                owners = {(table.alias or table.name).lower(): table.name for table in scan.tables}
                out += [
                    Evidence("column", start + column.start, start + column.end, 0)
                    for column in scan.columns
                    if column.name == target.column
                    and (
                        column.qualifier is None
                        or owners.get(column.qualifier.lower(), target.name) == target.name
                    )
                ]
            continue
        out += [
            Evidence(table.verb, start + table.start, start + table.end, 0)
            for table in scan.tables
            if target.is_called(table.name) and not _denied_beside(answer, start + table.end, statement.end)
        ]
    return out


def _denied_beside(answer: Answer, start: int, end: int) -> bool:
    """Whether a comment in the same line takes the name back: "FROM Invoice -- there is no such table"."""
    line = answer.text.find("\n", start, end)
    end = end if line < 0 else line
    return any(e.kind == "denies" and start <= e.start < end for e in answer.found)


def _other_kind(answer: Answer, denials: list[Evidence], affirmations: list[Evidence]) -> bool:
    """Whether only "table" is denied where "view" is affirmed, or the other way round."""
    if any(_SOUGHT.search(answer.text, e.start, e.end) for e in denials):
        # Not to be found is more than being of another kind.
        return False
    if all(
        _FLATLY.search(answer.text, e.start, e.end) and all(a.order > e.order for a in affirmations)
        for e in denials
    ):
        # "It does not exist. It is the view of …"
        return False
    if all(_NO_TABLE.search(answer.text, e.start, e.end + 8) for e in denials) and any(
        "exist" in answer.text[e.start : e.end] for e in affirmations
    ):
        return True
    nouns = [_kinds(answer.text[e.start : e.end + 12]) for e in denials]
    for kind, other in (("table", "view"), ("view", "table")):
        if all(kinds == {kind} for kinds in nouns):
            return any(other in _kinds(answer.text[max(0, e.start - 4) : e.end + 24]) for e in affirmations)
    return False


def _kinds(text: str) -> set[str]:
    found = {word.lower() for word in _KIND.findall(text)}
    return {"view" if word.startswith(("view", "sicht", "ansicht", "vista")) else "table" for word in found}


# Names alone, at least three, in a list or between commas.
_LIST = re.compile(r"\s*(?:(?:[-*•] |\d+[.)] )?`?[A-Za-z_]\w*`?\s*(?:[,;\n]\s*|\.?\s*\Z)){3,}")
_COLUMNS_ASKED = re.compile(
    r"\b(?:columns?|fields?|structure|describe|spalten|felder|columnas|campos)\b", re.IGNORECASE
)
# "Its key is …", "the columns of APTL are …".
_DESCRIBED = re.compile(
    r"its |\S+'s (?:primary |main )?(?:columns|fields|key|structure|keys) (?:are|is|include|includes) (?!not |unknown)|(?:the )?(?:\w+ )?(?:columns|fields|key|primary key|structure|keys) (?:of|in|for) (?!.{0,60}\b(?:not|no|unknown|n't)\b).{1,60}?\b(?:are|is|include|includes)\b",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"n't\b|\b(?:not|no|never|nothing|nicht|kein\w*|nie|nunca|ni)\b", re.IGNORECASE)
# What a table does, said in the present; "§ is …" may go on to say that it is a mistake.
_ACTS = re.compile(
    r"(?:aus|von|in|de)\s+[\w.\"'`*]+\s+(?:ziehen|lesen|holen|abfragen|auslesen|entnehmen)|[\w.]+[\]\"'`*]*\s+(?:(?:also|mainly|only|just|auch|también|solo)\s+)?(?:records?|holds?|contains?|stores?|keeps?|lists?|tracks?|has|have|links?|joins?|gives|returns|covers|shows"
    r"|enthält|speichert|führt|hält|verknüpft|wird\s+(?:\w+\s+){0,4}(?:fortgeschrieben|gefüllt|verwendet|genutzt|verknüpft)"
    r"|contiene|guarda|almacena|tiene|recoge|registra|relaciona|lleva|=\s+one)\b(?!\s+(?:no|not|never|nothing|been|nicht|kein|keine|nunca|nada)\b)",
    re.IGNORECASE,
)
_FLATLY = re.compile(
    r"(?:n't|\bnot) (?:exist|an? (?:valid|recogni[sz]ed|known|real)|part of)\b", re.IGNORECASE
)
_NO_TABLE = re.compile(r"(?:n't|\bnot) an? (?:base )?table\b(?! (?:in|of) )", re.IGNORECASE)
_SOUGHT = re.compile(r"\b(?:find|found|locate|located|see)\b", re.IGNORECASE)
_KIND = re.compile(r"\b(?:tables?|views?|tabellen?|ansicht|sicht|tablas?|(?<=una )vista)\b", re.IGNORECASE)


def _variant_used(answer: Answer) -> Evidence | None:
    for name in answer.target.variants:
        match = _whole(name, answer.text)
        if match:
            return Evidence("variant", match.start(), match.end(), 0)
    return None


def corrected(answer: Answer) -> str | None:
    """The real name that the answer uses where the subject has another letter case."""
    tables = {table.name for statement in answer.statements for table in statement.scan.tables}
    if answer.target.name in tables:
        return None
    return next(
        (name for name in answer.target.variants if name in tables or _whole(name, answer.text)), None
    )


def _whole(name: str, text: str) -> re.Match[str] | None:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
