"""The wording of a question: what is left when the names in it are taken out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

import msgspec

from vgpt_probe.catalog import Catalog
from vgpt_probe.pairs.sql_contrast import is_keyword, prose_and_code

Act = Literal["exists", "describe", "columns", "query", "join", "other"]

#: The acts that ask what the schema holds, not for SQL.
SCHEMA_ACTS = frozenset({"exists", "describe", "columns"})

_WORD = re.compile(r"[^\W\d][\w$#@]*")
_QUOTED = re.compile(r"['\"`\[]([^\W\d][\w$#@.]*)['\"`\]]")
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_LISTED = re.compile(r"\{column\}(?:\s*(?:,\s*and|,|\band\b|&)\s*\{column\})+")
#: What a wording asks for, by its words; § stands for a name. The first that fits counts.
_ACTS: tuple[tuple[Act, str], ...] = (
    ("join", r"\b(?:join|joins|joined|joining|relate|combine)\b"),
    (
        "exists",
        r"\b(?:exists?|is there|are there|is § an? (?:\w+ )?(?:table|view)|have an? (?:table|view)|real|valid)\b",
    ),
    ("columns", r"\b(?:columns?|fields?)\b|\bwhat is § in\b|\bdefinition of §"),
    ("describe", r"\b(?:schema|structured?|describe|explain|layout|purpose|definition|about|details?)\b"),
    (
        "query",
        r"\b(?:select|sql|quer(?:y|ies)|get|fetch|list|retrieve|pull|records?|rows?|data|find|count|sum|total|show)\b",
    ),
    ("describe", r"\b(?:what|which|how|tell|meaning|used for)\b"),
)
_SQL = re.compile(r"^\s*(?:select|with|update|insert|delete)\b", re.IGNORECASE)


class Asked(msgspec.Struct, frozen=True):
    """A name in a question; ``guessed`` when only the answers show that it is one."""

    name: str
    column: bool = False
    guessed: bool = False


class Wording(msgspec.Struct, frozen=True):
    """A question with its names taken out, and the names in order.

    ``text`` has ``{subject}`` for the first relation, ``{other}`` for further ones, ``{column}`` for a column and
    ``{columns}`` for several in a row. ``key`` is what ``key_of`` makes of ``text``.
    """

    text: str
    key: str
    act: Act
    subjects: tuple[Asked, ...] = ()


def wording_of(question: str, catalog: Catalog, *, answers: Iterable[str] = ()) -> Wording:
    """Take the names out of a question.

    ``answers`` help to see which words are names: what they quote or have in their SQL, and the question has too.
    """
    from vgpt_probe.grading import find_subjects

    spans: list[tuple[int, int, str]] = []
    subjects: list[Asked] = []
    relations: list[str] = []
    for found in find_subjects(question, catalog):
        if found.column:
            subjects.append(Asked(found.name, column=True))
            spans.append((*found.span, "{column}"))
            continue
        relations.append(found.name)
        subjects.append(Asked(found.name))
    quoted, code = _hints(answers)
    for start, end, word in _words(question):
        if any(low < end and start < high for low, high, _ in spans):
            continue
        folded = word.casefold()
        at = relations.index(word) if word in relations else None
        if at is not None:
            spans.append((start, end, "{subject}" if at == 0 else "{other}"))
        elif folded in (name.casefold() for name in relations):
            # "Query Company for company 1": the word, not the name.
            continue
        elif _is_column(word, relations, code, catalog) or (relations and folded in quoted):
            spans.append((start, end, "{column}"))
            if folded in quoted:
                subjects.append(Asked(f"{relations[0]}.{word}" if relations else word, bool(relations), True))
        elif not relations and folded in quoted:
            relations.append(word)
            subjects.append(Asked(word, guessed=True))
            spans.append((start, end, "{subject}"))
    text = question
    for start, end, stand_in in sorted(spans, reverse=True):
        text = text[:start] + stand_in + text[end:]
    text = " ".join(_LISTED.sub("{columns}", text).split())
    return Wording(text, key_of(text), act_of(text), tuple(subjects))


def key_of(text: str) -> str:
    """What two wordings have in common that differ only in spacing, their first letter's case or the mark at their end.

    Letter case elsewhere counts: ``SELECT {column} FROM {subject}`` is SQL, ``Select {column} from {subject}`` is not.
    """
    plain = " ".join(text.split()).rstrip(" ?.!:;")
    return plain[:1].lower() + plain[1:] if plain[1:2].islower() else plain


def act_of(wording: str) -> Act:
    """Tell what a wording asks for: ``exists``, ``describe``, ``columns``, ``query``, ``join`` or ``other``."""
    if _SQL.match(wording):
        return "join" if re.search(r"\bjoin\b", wording, re.IGNORECASE) else "query"
    # The stand-ins for columns are no words: "Get {column} from {subject}" asks for data.
    lowered = re.sub(r"\{\w+\}", "§", wording.casefold())
    return next((act for act, pattern in _ACTS if re.search(pattern, lowered)), "other")


def spelled(name: str, answer: str, catalog: Catalog) -> str:
    """The subject's name as the answer spells it, where that is real or where only the letter case differs."""
    if name in catalog or "." in name:
        return name
    found = re.findall(rf"(?<!\w){re.escape(name)}(?!\w)", answer, re.IGNORECASE)
    real = next((one for one in found if one in catalog), None)
    return real or (found[0] if found else name)


def _words(question: str) -> list[tuple[int, int, str]]:
    return [(match.start(), match.end(), match[0]) for match in _WORD.finditer(question[:2_000])]


def _hints(answers: Iterable[str]) -> tuple[set[str], set[str]]:
    """The names that answers quote in their prose (case folded), and all words of their SQL."""
    quoted: set[str] = set()
    code_words: set[str] = set()
    for answer in answers:
        prose, code = prose_and_code(answer)
        quoted |= {name.casefold() for name in _QUOTED.findall(prose)}
        code_words |= set(_WORD.findall(_COMMENT.sub(" ", code)))
    return quoted, code_words


def _is_column(word: str, relations: list[str], code: set[str], catalog: Catalog) -> bool:
    """Whether a word that stands beside a relation is a column: of that relation, or of the SQL of the answers."""
    if not relations or (word.islower() and word not in code):
        return False
    relation = catalog.get(relations[0])
    if relation is not None and any(column.name == word for column in relation.columns):
        return True
    return word in code and not is_keyword(word)
