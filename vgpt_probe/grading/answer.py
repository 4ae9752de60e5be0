"""An answer being read for one subject: its tokens in order, its SQL, and what has been found so far."""

# Patterns read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import re
import string
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from .bare import extents
from .lexer import Scan
from .lexicon import word_set
from .names import Target, column_names, is_shaped, make_namer, placed_names
from .phrases import Grammar, Phrases
from .sentences import Sentence, Token, tokens
from .sql import scan_cached
from .standins import SQL
from .subjects import subjects_asked
from .text import cut

if TYPE_CHECKING:
    from vgpt_probe.catalog.model import Catalog

__all__ = ["Answer", "Evidence", "Statement"]


@dataclass
class Statement:
    """SQL found in the answer, with its place in the cleaned text; `offered` unless it is criticised or imagined."""

    start: int
    end: int
    text: str
    scan: Scan
    offered: bool = True


@dataclass
class Evidence:
    """A claim with its place in the cleaned text; `order` is the number of its sentence."""

    kind: str
    start: int
    end: int
    order: int


@dataclass
class Answer:
    """What is known of one answer while it is read."""

    question: str
    text: str
    target: Target
    catalog: Catalog | None
    phrases: Phrases
    statements: list[Statement] = field(default_factory=list)
    found: list[Evidence] = field(default_factory=list)
    suggested: list[str] = field(default_factory=list)
    # What each sentence came down to, pronouns resolved and noun phrases shrunk, by its number.
    lines: dict[int, str] = field(default_factory=dict)
    # What a yes to the question would say, once it has been looked for.
    asks: tuple[str | None] | None = None
    # A clause denies something that it does not name, and nothing says what.
    unresolved: bool = False

    def __post_init__(self) -> None:
        head = self.text[:600].encode("ascii", "ignore").translate(None, _NO_LETTERS)
        shouted = len(head.translate(None, _CAPITALS)) < 0.3 * len(head) and len(self.text) > 20
        self.column = self.target.column is not None
        self.wordlike = not is_shaped(self.target.meant) and not self.target.variants
        self.namer = make_namer(
            self.target,
            self.catalog,
            self.phrases,
            shouted,
            self.asked,
            self.both_cases,
            placed_names(self.text, self.phrases.unnamed),
        )

    @property
    def grammar(self) -> Grammar:
        """The patterns for the kind of subject."""
        return self.phrases.columns if self.column else self.phrases.tables

    @property
    def both_cases(self) -> bool:
        """Whether case matters and the answer has the subject as the catalog writes it: then "apth" is not APTH."""
        return (
            self.catalog is not None
            and self.catalog.case_sensitive
            and not self.column
            and self.target.name in self.catalog
            and self.target.name in self.text
        )

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """The tables that the question names, in order."""
        found = subjects_asked(self.question, self.catalog)
        name = self.target.name
        at = self.question.find(name)
        if name in found or at < 0:
            return found
        earlier = sum(0 <= self.question.find(other) < at for other in found)
        return (*found[:earlier], name, *found[earlier:])

    @property
    def is_asked(self) -> bool:
        """Whether the question names the subject."""
        return self.target.name in self.asked or self.target.text in self.asked

    @cached_property
    def _asked_sql(self) -> tuple[str, ...]:
        """The statements of the question, white space and letter case evened out."""
        question = self.question
        if "select" not in question.lower():
            return ()
        return tuple(_evened(question[start:end]) for start, end in extents(question)) + tuple(
            _evened(piece.text) for piece in cut(question) if piece.kind != "prose"
        )

    def asks_sql(self, text: str) -> bool:
        """Whether the question has this very statement."""
        return _evened(text) in self._asked_sql

    @property
    def asks_of_sql(self) -> bool:
        """Whether the question asks if a statement of its own, on the subject alone, is right."""
        return self.alone and self._asked_sql != () and _WORKS.search(self.question) is not None

    @cached_property
    def existence(self) -> bool:
        """Whether the question has words that ask if something exists."""
        return bool(_EXISTENCE.search(self.question))

    @cached_property
    def alone(self) -> bool:
        """Whether the question names no other table, so that "that table" can only be the subject."""
        mine = (self.target.name.lower(), self.target.text.lower())
        return all(name.lower() in mine for name in self.asked)

    def stream(self) -> list[Token]:
        """Tokens of the whole answer; each SQL statement is one token, its comments follow as prose."""
        filler = self.phrases.words("filler")
        out: list[Token] = []
        for piece in cut(self.text):
            if piece.kind == "code":
                out.append(Token("\n", piece.start, piece.start))
                self._code(out, piece.text, piece.start, filler)
                end = piece.start + len(piece.text)
                out.append(Token("\n", end, end))
            elif piece.kind == "inline":
                if extents(piece.text) or piece.text[:7].upper() in ("SELECT ", "UPDATE ", "INSERT "):
                    self._statement(out, piece.text, piece.start, filler)
                else:
                    # Room for the quotes, so that a name in back-ticks counts as quoted.
                    out += tokens(f"'{piece.text}'", piece.start - 1, self.namer, filler)
            else:
                last = 0
                for start, end in extents(piece.text):
                    out += tokens(piece.text[last:start], piece.start + last, self.namer, filler)
                    if _COMMENTED.search(piece.text, last, start):
                        # "-- there is no such table" above a statement is a line of its own.
                        out.append(Token("\n", piece.start + start, piece.start + start))
                    self._statement(out, piece.text[start:end], piece.start + start, filler)
                    last = end
                out += tokens(piece.text[last:], piece.start + last, self.namer, filler)
        return out

    def _code(self, out: list[Token], text: str, start: int, filler: frozenset[str]) -> None:
        scan = scan_cached(text)
        speaks = scan.tables or scan.verbs - {"if", "print", "select"} or _SPEAKS.match(text)
        only_comments = scan.comments and not _COMMENT.sub("", text).strip()
        if (scan.verbs & _CODE_VERBS and speaks) or only_comments:
            self._statement(out, text, start, filler)
        else:
            out += tokens(text, start, self.namer, filler)

    def _statement(self, out: list[Token], text: str, start: int, filler: frozenset[str]) -> None:
        scan = scan_cached(text)
        self.statements.append(Statement(start, start + len(text), text, scan))
        out.append(Token(SQL, start, start + len(text), str(len(self.statements) - 1)))
        prose = list(scan.comments)
        if not scan.tables:
            prose += [span for span in scan.strings if " " in text[span[0] + 1 : span[1] - 1].strip()]
        for low, high in sorted(prose):
            inside = text[low:high]
            lead = 2 if inside.startswith(("--", "/*")) else 1
            trail = 2 if inside.endswith("*/") else 1 if inside.endswith("'") else 0
            out.append(Token("\n", start + low, start + low))
            out += tokens(inside[lead : len(inside) - trail], start + low + lead, self.namer, filler)
            out.append(Token("\n", start + high, start + high))

    def statements_in(self, spans: list[Token]) -> list[Statement]:
        """The statements among these tokens."""
        return [self.statements[int(token.name)] for token in spans if token.word == SQL and token.name]

    def quotes_subject(self, spans: list[Token]) -> bool:
        """Whether a statement among these tokens reads the subject and nothing else."""
        return any(
            {table.name for table in statement.scan.tables} == {self.target.name}
            for statement in self.statements_in(spans)
        )

    def keep(self, kind: str, spans: list[Token], low: int, high: int, order: int) -> None:
        """Remembers a claim that the tokens from `low` to `high` make."""
        low = min(low, len(spans) - 1)
        high = max(min(high, len(spans)), low + 1)
        end = spans[high - 1]
        if end.word in ".!?:," and high - 1 > low:
            end = spans[high - 2]
        self.found.append(Evidence(kind, spans[low].start, end.end, order))

    def suggest(self, name: str, row: Sentence, before: str) -> None:
        """Remembers an offered relation; a name that can only be a column is none. `before`: the sentence before."""
        known = self.catalog is not None and self.catalog.get(name) is not None
        if not known and "." in name:
            name = name.rsplit(".", 1)[-1]
        if name.lower() == self.target.name.lower() or name in self.suggested:
            return
        if not known and self.catalog is not None:
            nouns = self.phrases.columns.nouns
            about = (
                self.column
                or any(token.word in nouns for token in row.tokens)
                or not nouns.isdisjoint(before.split())
            )
            if about or name in column_names(self.catalog):
                return
        self.suggested.append(name)


def _evened(sql: str) -> str:
    return " ".join(sql.lower().strip(" ;\n\t\"'`.?!").split())


_CAPITALS = string.ascii_uppercase.encode()
_NO_LETTERS = bytes(code for code in range(128) if chr(code) not in string.ascii_letters)
_CODE_VERBS = word_set("select insert update delete create merge exec print alter drop truncate declare if")
_SPEAKS = re.compile(r"\s*(?:--[^\n]*\n\s*)*(?:select|print|if)\b", re.IGNORECASE)
_WORKS = re.compile(
    r"\b(?:work|works|right|correct|valid|ok|okay|run|fine|funktioniert|richtig|funciona|correcta)\b",
    re.IGNORECASE,
)
_COMMENTED = re.compile(r"^[ \t]*--[^\n]*\n\s*\Z", re.MULTILINE)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_EXISTENCE = re.compile(
    r"\b(?:exists?|real|valid|which (?:one |of [^?]{1,40} |table |view )?is (?:right|correct|the (?:right|correct) )|right name|(?:are|is) there|part of"
    r"|in (?:the )?(?:vista|viewpoint|schema|database)\b.{0,10}\?|existieren|existiert|gibt es|existen?|hay)\b",
    re.IGNORECASE,
)
