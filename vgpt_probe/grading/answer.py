"""An answer being read for one subject: its tokens in order and its SQL."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from .bare import extents
from .lexer import Scan
from .lexicon import word_set
from .names import Target, is_shaped, make_namer, placed_names
from .phrases import Grammar, Phrases
from .sentences import Sentence, Token, tokens
from .sql import scan_cached
from .standins import SQL, SUBJECT
from .subjects import subjects_asked
from .text import cut

if TYPE_CHECKING:
    from vgpt_probe.catalog.model import Catalog

__all__ = ["Answer", "Statement"]


@dataclass
class Statement:
    """SQL found in the answer, with its place in the cleaned text."""

    start: int
    end: int
    text: str
    scan: Scan


@dataclass
class Answer:
    """What is known of one answer while it is read."""

    question: str
    text: str
    target: Target
    catalog: Catalog | None
    phrases: Phrases
    statements: list[Statement] = field(default_factory=list)

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
        """The tables that the question names."""
        return subjects_asked(self.question, self.catalog)

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

    def name_small_words(self, rows: list[Sentence]) -> None:
        """Makes names of what only looks like everyday words: "no vendor table" means Vendor."""
        small = self.target.meant.lower()
        for row in rows if self.wordlike else ():
            words = [token.word for token in row.tokens]
            for at, token in enumerate(row.tokens[:-1]):
                if token.word == small and token.name is None and self._takes_a_name(words, at):
                    row.tokens[at] = token._replace(word=SUBJECT, name=self.target.meant)
            row.settle()

    def _takes_a_name(self, words: list[str], at: int) -> bool:
        """Whether a small word stands at a place where only a name does."""
        before, after = words[at - 1] if at else "", words[at + 1 : at + 4]
        if not at:
            return after[0] in ("does", "exists") or after[:2] == ["is", "not"]
        if before in ",;:—":
            return after == ["does", "not", "exist"]
        if before in _NONE_OF and after[0] in ("exists", "exist"):
            return True
        if before in (_ARTICLES if self.column else _NONE_OF) and after[0] in self.grammar.nouns:
            return True
        # "APTH has no job."
        has_none = self.column and before == "no" and at > 1 and words[at - 2] in ("has", "have")
        return has_none and after[0] in ".,;!"

    def is_named(self, rows: list[Sentence]) -> bool:
        """Whether a subject that may be an everyday word in small letters stands as a name somewhere, or nowhere at all."""
        found = [(row.tokens, at) for row in rows for at, token in enumerate(row.tokens) if token.word == SUBJECT]
        return (
            not found
            or not self.wordlike
            or not self.target.meant.islower()
            or any(self.uses(statement) for statement in self.statements)
            or any(self._stands_as_name(tokens, at) for tokens, at in found)
        )

    def _stands_as_name(self, tokens: list[Token], at: int) -> bool:
        before = tokens[at - 1].word if at else ""
        after = tokens[at + 1].word if at + 1 < len(tokens) else ""
        beside = {before, after} & self.grammar.nouns
        says = not at and self.says_something([token.word for token in tokens[:2]], 0)
        return bool(tokens[at].sure or beside or says or before in _TAKES_NAME or after == "(")

    def says_something(self, words: list[str], at: int) -> bool:
        """Whether a verb of tables follows, as after a name: "Orders holds …", and not "Order by date"."""
        after = words[at + 1] if at + 1 < len(words) else ""
        return not after.isalpha() or self.phrases.lexicon.of.get(after) in _SAYS

    def uses(self, statement: Statement) -> bool:
        """Whether a statement uses the subject: reads its table and, if it is a column, has that column of it."""
        target, scan = self.target, statement.scan
        called = any(target.is_called(table.name) for table in scan.tables)
        if not called or target.column is None:
            return called
        owners = {(table.alias or table.name).lower(): table.name for table in scan.tables}
        return any(
            column.name.lower() == target.column.lower()
            and (
                column.qualifier is None
                or target.is_called(owners.get(column.qualifier.lower(), target.name))
            )
            for column in scan.columns
        )

    def name_asked(self, rows: list[Sentence]) -> None:
        """Makes names of small words in a question that has the subject in no other way: "does vendor exist"."""
        small = self.target.meant.lower()
        if not self.wordlike or any(SUBJECT in row.words for row in rows):
            return
        for row in rows:
            row.tokens = [
                token._replace(word=SUBJECT, name=self.target.meant) if token.word == small else token
                for token in row.tokens
            ]
            row.settle()

    def statements_in(self, spans: list[Token]) -> list[Statement]:
        """The statements among these tokens."""
        return [self.statements[int(token.name)] for token in spans if token.word == SQL and token.name]


_CAPITALS = string.ascii_uppercase.encode()
_NO_LETTERS = bytes(code for code in range(128) if chr(code) not in string.ascii_letters)
_CODE_VERBS = word_set("select insert update delete create merge exec print alter drop truncate declare if")
_SPEAKS = re.compile(r"\s*(?:--[^\n]*\n\s*)*(?:select|print|if)\b", re.IGNORECASE)
_TAKES_NAME = word_set("use try query from join see describe called named select namens llamada")
_SAYS = frozenset(("be", "be_there", "have", "property", "modal", "auxiliary", "negator", "gone"))
_NONE_OF = frozenset(("no", "any", "keine", "ninguna"))
_ARTICLES = _NONE_OF | frozenset(("a", "an", "the", "its", "eine", "die", "una", "la"))
_COMMENTED = re.compile(r"^[ \t]*--[^\n]*\n\s*\Z", re.MULTILINE)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
