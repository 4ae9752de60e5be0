"""What a model says, as Markdown drawn or as it was written; every piece knows its place in the text.

Textual's Markdown widget is not used: marks (the words that decide a verdict) must fall on what is drawn, a column
must cost one widget an answer, and nothing that a model says may become a link, an image, HTML or an entity.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from textual.content import Content

from vgpt_probe.text import plain, sql_of

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

#: What stands in the text as it is: nothing of a model's can be followed, loaded or decoded.
_OFF = ["link", "image", "autolink", "html_inline", "html_block", "entity", "reference", "lheading", "text_join"]
_SQL = {"sql", "tsql", "mysql", "postgres", "postgresql", "plsql", "sqlite", "mssql", "t-sql"}
#: Lists and quotes deeper than this are drawn as deep as this.
_DEEPEST = 6


class Piece(NamedTuple):
    """Some text with a style; ``start`` is its place in the text it was taken from, None where it was added."""

    text: str
    style: str = ""
    start: int | None = None


class Mark(NamedTuple):
    """A span of the text, in code points, and the style that is laid over it."""

    start: int
    end: int
    style: str


def as_written(text: str) -> list[Piece]:
    """The text as it is."""
    return [Piece(text, "", 0)]


def rendered(text: str, width: int = 80) -> list[Piece]:
    """Markdown drawn for a terminal: emphasis, lists, tables (``width``: cells there are for them), highlighted SQL."""
    if "```" not in text and sql_of(text):
        return list(_code(text, text, 0, sql=True))
    return _Drawing(text, width).pieces()


def content(pieces: Iterable[Piece], marks: Iterable[Mark] = ()) -> Content:
    """Make pieces safe to show, with the marks laid over them."""
    marks = list(marks)
    return Content.assemble(
        *((plain(text), style) for piece in pieces for text, style in _marked(piece, marks))
    )


def _marked(piece: Piece, marks: list[Mark]) -> Iterator[tuple[str, str]]:
    if piece.start is None or not marks:
        yield piece.text, piece.style
        return
    first, last = piece.start, piece.start + len(piece.text)
    cuts = {first, last} | {at for mark in marks for at in mark[:2] if first < at < last}
    for start, end in pairwise(sorted(cuts)):
        over = [mark.style for mark in marks if mark.start <= start and end <= mark.end]
        yield piece.text[start - first : end - first], " ".join([piece.style, *over]).strip()


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table").disable(_OFF)


class _Drawing:
    """Draws one text, from its tokens; where each piece stands is found by looking for it from the last one on."""

    def __init__(self, text: str, width: int) -> None:
        self._source = text
        self._width = width
        self._at = 0
        self._pieces: list[Piece] = []
        self._lists: list[int | None] = []
        self._quotes = 0
        self._fresh = True

    def pieces(self) -> list[Piece]:
        tokens = _parser().parse(self._source)
        number = 0
        while number < len(tokens):
            token = tokens[number]
            if token.type == "table_open":
                end = next(at for at in range(number, len(tokens)) if tokens[at].type == "table_close")
                self._table(tokens[number:end])
                number = end
            else:
                self._block(token, tokens[number - 1] if number else None)
            number += 1
        return self._pieces

    def _block(self, token: Token, before: Token | None) -> None:
        kind = token.type
        if kind in ("bullet_list_open", "ordered_list_open"):
            start = token.attrGet("start")
            self._lists.append(None if kind == "bullet_list_open" else int(start if start is not None else 1))
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self._lists.pop()
        elif kind == "blockquote_open":
            self._quotes += 1
        elif kind == "blockquote_close":
            self._quotes -= 1
        elif kind == "list_item_open":
            self._item()
        elif kind == "hr":
            self._begin()
            self._add("─" * min(12, self._width), "$text-disabled")
        elif kind in ("fence", "code_block"):
            self._begin()
            self._fence(token)
        elif kind == "inline":
            hidden = before is not None and before.hidden
            self._begin(tight=hidden)
            heading = before is not None and before.type == "heading_open"
            self._inline(token.children or [], "bold $accent" if heading else "")

    def _begin(self, *, tight: bool = False) -> None:
        """Go to a new line for a block, a blank one between where blocks are apart."""
        if self._fresh:
            self._fresh = False
            return
        self._add("\n" if tight else "\n\n")
        self._indent()

    def _indent(self, less: int = 0) -> None:
        depth = max(0, min(len(self._lists), _DEEPEST) - less)
        if self._quotes:
            self._add("│ " * min(self._quotes, _DEEPEST), "$text-muted")
        if depth:
            self._add("  " * depth)

    def _item(self) -> None:
        if self._pieces:
            self._add("\n")
        self._indent(less=1)
        number = self._lists[-1]
        if number is None:
            self._add("• ", "$accent")
        else:
            self._add(f"{number}. ", "$accent")
            self._lists[-1] = number + 1
        self._fresh = True

    def _fence(self, token: Token) -> None:
        code = token.content.rstrip("\n")
        sql = token.type == "fence" and token.info.strip().lower() in _SQL
        if token.type == "fence" and not token.info.strip():
            sql = bool(sql_of(code))
        start = self._source.find(code, self._at)
        if start >= 0:
            self._at = start + len(code)
        self._pieces += _code(self._source, code, start, sql=sql)

    def _inline(self, children: list[Token], style: str) -> None:
        styles = [style]
        for child in children:
            if child.type in ("strong_open", "em_open"):
                styles.append(f"{styles[-1]} {'bold' if child.type == 'strong_open' else 'italic'}".strip())
            elif child.type in ("strong_close", "em_close"):
                styles.pop()
            elif child.type in ("softbreak", "hardbreak"):
                self._add("\n")
                self._indent()
            else:
                look = f"{styles[-1]} $primary" if child.type == "code_inline" else styles[-1]
                self._find(child.content, look.strip())

    def _find(self, text: str, style: str) -> None:
        """Add text that stands in the source from here on."""
        start = self._source.find(text, self._at) if text else -1
        if start < 0:
            self._add(text, style)
            return
        self._at = start + len(text)
        self._pieces.append(Piece(text, style, start))

    def _add(self, text: str, style: str = "") -> None:
        if text:
            self._pieces.append(Piece(text, style))

    def _table(self, tokens: list[Token]) -> None:
        rows: list[list[list[Piece]]] = []
        for token in tokens:
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                kept, self._pieces = self._pieces, []
                self._inline(token.children or [], "bold" if len(rows) == 1 else "")
                rows[-1].append(self._pieces)
                self._pieces = kept
        self._begin()
        columns = max(map(len, rows))
        widths = [max((_width(row[at]) for row in rows if at < len(row)), default=0) for at in range(columns)]
        even = sum(widths) + 3 * (columns - 1) <= self._width
        for number, row in enumerate(rows):
            if number:
                self._add("\n")
                self._indent()
            for at, cell in enumerate(row):
                if at:
                    self._add(" │ ", "$text-disabled")
                self._pieces += cell
                if even and at < columns - 1:
                    self._add(" " * (widths[at] - _width(cell)))


def _width(pieces: list[Piece]) -> int:
    return sum(cell_len(plain(piece.text)) for piece in pieces)


def _code(source: str, code: str, start: int, *, sql: bool) -> Iterator[Piece]:
    """Code, highlighted where it is SQL; ``start`` is its place in the source, below 0 when it is not there as it is."""
    if not sql:
        yield Piece(code, "$primary", start if start >= 0 else None)
        return
    from pygments.token import Comment, Keyword, Number, Operator, String

    looks = (
        (Comment, "italic $text-muted"),
        (Keyword, "bold $primary"),
        (Operator.Word, "bold $primary"),
        (String, "$success"),
        (Number, "$warning"),
    )
    at = 0
    for kind, text in _lexer().get_tokens(code):
        text = text[: len(code) - at]
        if not text:
            break
        style = next((look for of, look in looks if kind in of), "")
        yield Piece(text, style, start + at if start >= 0 else None)
        at += len(text)


@lru_cache(maxsize=1)
def _lexer():  # type: ignore[no-untyped-def]
    from pygments.lexers.sql import TransactSqlLexer

    return TransactSqlLexer(stripnl=False, ensurenl=False)


@lru_cache(maxsize=64)
def differences(text: str, reference: str) -> tuple[tuple[str, str], ...]:
    """A word diff as (text, style): ``{+…+}`` stands only here, ``[-…-]`` only in the reference, as git writes it.

    Words are what blanks part; how many blanks there are is no difference.
    """
    from difflib import SequenceMatcher

    here, there = re.findall(r"\S+\s*", text), reference.split()
    parts: list[tuple[str, str]] = []
    matcher = SequenceMatcher(None, there, [word.strip() for word in here], autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        said = "".join(here[c:d])
        if what == "equal":
            parts.append((plain(said), ""))
            continue
        if a < b:
            if parts and not parts[-1][0][-1:].isspace():
                # The text itself ends here, without a blank.
                parts.append((" ", ""))
            parts += [(f"[-{plain(' '.join(there[a:b]))}-]", "strike $error"), (" ", "")]
        if c < d:
            parts += [(f"{{+{plain(said.rstrip())}+}}", "bold $success"), (said[len(said.rstrip()) :], "")]
    return tuple(parts)
