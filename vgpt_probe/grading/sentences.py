"""Turns prose into canonical sentences: lower-case words, names as stand-ins, each token with its place in the text."""

# Patterns and tables read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, Protocol

from .standins import SUBJECT

# Stands before a word that phrases pass over; texts have none.
_FILLS = "\0"
# A namer answers this for "subject.column".
OWN = "\0own"
__all__ = ["MAX_TOKENS", "OWN", "Sentence", "Token", "naming", "sentences", "tokens"]

# Longer sentences are cut.
MAX_TOKENS = 90

_TOKEN = re.compile(
    r"""(?P<word>\d{1,3}(?:,\d{3})+\b|\w[\w@$#]*(?:-\w+)*(?:'[a-zA-ZÀ-ÿ]+\b)?(?:(?:\.|\]\.\[|"\."|\.\[|\]\.)[A-Za-z_][\w@$#]*)*)"""
    r"""|(?P<item>(?:\A|\n)[ \t]*(?:[-*+•‣◦](?=[ \t])|\d{1,3}[.)](?=[ \t])|\#{1,6}(?=[ \t])|>(?=[ \t])|\||(?=[✓✔✅☑✗✘✖❌🚫❎]))[ \t]*(?:\[[ xX]\])?)"""
    r"""|(?P<tag></?[A-Za-z][^<>\n]{0,60}>)"""
    r"""|(?P<stop>(?<![.!?…])[.!?…]+(?=[\s"')\]*_]|$))"""
    # A blank between words is passed over; only line ends matter.
    r"""|(?P<space>\n\s*?(?=\n[ \t]*(?:[-*+•‣◦>#|✓✔✅☑✗✘✖❌🚫❎]|\d{1,3}[.)][ \t]))|\n\s*)|(?P<mark>[^\w\s])"""
)
_ENDINGS = {
    "n't": ("not",), "'re": ("are",), "'ve": ("have",), "'ll": ("will",), "'m": ("am",), "'d": ("would",),
}  # fmt: skip
_WHOLE = {
    "cannot": ("can", "not"), "can't": ("can", "not"), "won't": ("will", "not"), "ain't": ("is", "not"), "shan't": ("will", "not"),
    "cant": ("can", "not"), "dont": ("do", "not"), "doesnt": ("does", "not"), "isnt": ("is", "not"), "arent": ("are", "not"),
    "didnt": ("did", "not"), "wasnt": ("was", "not"), "couldnt": ("could", "not"), "wouldnt": ("would", "not"), "theres": ("there", "is"),
    "is'nt": ("is", "not"), "does'nt": ("does", "not"), "do'nt": ("do", "not"), "are'nt": ("are", "not"), "was'nt": ("was", "not"), "ca'nt": ("can", "not"),
    "hasnt": ("has", "not"), "havent": ("have", "not"), "gibt's": ("gibt", "es"), "gibts": ("gibt", "es"), "let's": ("let", "us"), "non-existing": ("nonexistent",),
    "nonexisting": ("nonexistent",), "inexistent": ("nonexistent",), "any-thing": ("anything",), "aint": ("is", "not"), "im": ("im",),
    "wont": ("will", "not"), "thats": ("that", "is"), "whats": ("what", "is"), "heres": ("here", "is"), "dosent": ("does", "not"), "dosnt": ("does", "not"),
    "doesent": ("does", "not"), "doesnot": ("does", "not"), "exsist": ("exist",), "exsit": ("exist",), "exisit": ("exist",), "exsists": ("exists",), "exsits": ("exists",),
    "tabel": ("table",), "tabels": ("tables",), "talbe": ("table",), "colum": ("column",), "colums": ("columns",), "thier": ("their",),
}  # fmt: skip
_IS = {
    "there's",
    "it's",
    "that's",
    "here's",
    "what's",
    "he's",
    "she's",
    "who's",
    "where's",
    "name's",
    "table's",
    "view's",
    "one's",
    "nothing's",
    "which's",
}
_QUOTES = frozenset("'\"[")
_UNQUOTES = frozenset("'\"]")
_MARKS = frozenset(".!?:;,…|¶–—-=/(")
_CLOSERS = frozenset(":✓✔✅☑✗✘✖❌🚫❎")
# Marks that carry no structure: quotes and emphasis fall away, the rest separates.
_DROPPED = set("'\"`*_~#[]{}<>^\\©®™§¤⌂¶")


class Token(NamedTuple):
    """A canonical word with its span in the text; `name` is the identifier behind a stand-in, `sure` marks it as meant."""

    word: str
    start: int
    end: int
    name: str | None = None
    sure: bool = False


@dataclass
class Sentence:
    """Canonical tokens up to a full stop; `end` is the closing mark, `item` true for a list line or table row."""

    tokens: list[Token] = field(default_factory=list)
    end: str = ""
    item: bool = False
    # Words that phrases pass over, each with the number of the token that it stands before.
    fillers: list[tuple[int, Token]] = field(default_factory=list)

    # The words, each followed by a space, with one space in front, and as a set: kept once the sentence is whole.
    text: str = " "
    words: frozenset[str] = frozenset()

    def settle(self) -> None:
        """Keeps what the tokens say, after they have come or changed."""
        words = [token.word for token in self.tokens]
        self.text = " " + " ".join(words) + " " if words else " "
        self.words = frozenset(words)


def naming(word: str) -> tuple[str, ...]:
    """The parts of a possibly dotted, bracketed or quoted name."""
    if "." not in word:
        return (word,)
    return tuple(part for part in re.split(r"[\].\[\"]+", word) if part)


class Namer(Protocol):
    """Says what a word names: (stand-in, name), or None for an ordinary word; none but `special` words are names unquoted."""

    special: frozenset[str]

    def __call__(self, word: str, quoted: bool) -> tuple[str, str] | None: ...


@lru_cache(maxsize=65536)
def _plain(word: str) -> bool:
    return word.isalpha() and word.islower() and word.isascii() and word not in _WHOLE


def tokens(text: str, start: int, namer: Namer, filler: frozenset[str]) -> list[Token]:
    """Canonical tokens of prose; sentence ends come as tokens "." "!" "?" ":" and breaks as a line feed.

    A word of `filler` has a NUL in front.
    """
    out: list[Token] = []
    heading = False
    last = ""
    special = namer.special
    # A named tuple made by its fields alone: most tokens are such words.
    new = tuple.__new__
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        raw = match.group()
        begin, finish = match.span()
        if (
            kind == "word"
            and _plain(raw)
            and raw not in special
            and (not begin or text[begin - 1] not in _QUOTES)
        ):
            if raw in _JUST and (last == "not" or last.endswith("n't")):
                out.append(Token("only", begin + start, finish + start))
            else:
                word = _FILLS + raw if raw in filler else raw
                out.append(new(Token, (word, begin + start, finish + start, None, False)))
        elif kind == "word" and raw.isalnum() and raw.lower() not in _WHOLE:
            # No apostrophe, dot, hyphen or underscore in it.
            quoted = begin > 0 and text[begin - 1] in _QUOTES and text[finish : finish + 1] in _UNQUOTES
            quoted = quoted and not (raw.islower() and _KEY.match(text, finish))
            # "A table called customers": a name, however small it is written.
            quoted = quoted or (raw in special and last in _CALLED)
            known = namer(raw, quoted)
            if known is not None:
                if last in _JUST:
                    # "Just APTH exists."
                    out.append(Token("only", begin + start, begin + start))
                out.append(new(Token, (known[0], begin + start, finish + start, known[1], quoted)))
            else:
                lower = raw.lower()
                word = _FILLS + lower if lower in filler else lower
                out.append(new(Token, (word, begin + start, finish + start, None, False)))
        elif kind == "word":
            found = _word(raw, begin + start, finish + start, text, match, namer, filler)
            named = [token for token in found if token.word]
            if last in _JUST and named and named[0].name is not None:
                # "Just APTH exists."
                out.append(Token("only", begin + start, begin + start))
            out += named
        elif kind == "space":
            # A blank line, the end of a heading, or a line that ended in a colon closes the sentence.
            # After a colon a small letter goes on with what was begun, wherever the line was wrapped.
            # Nor does a line end behind "not".
            goes_on = last == ":" or last.lower() in _UNFINISHED
            wrapped = goes_on and raw.count("\n") == 1 and text[finish : finish + 1].islower()
            entry = not wrapped and _ENTRY.match(text, finish) is not None
            if not wrapped and (heading or entry or last in _CLOSERS or raw.count("\n") > 1):
                heading = False
                out.append(Token("\n", begin + start, finish + start))
            continue
        elif kind == "item":
            out.append(Token("\n", begin + start, finish + start))
            heading = "#" in raw
            if not heading:
                out.append(Token("•", begin + start, finish + start))
            if "x]" in raw.lower():
                out.append(Token("✓", begin + start, finish + start))
        elif kind == "tag":
            continue
        elif kind == "stop":
            # "APTH ........ yes"
            mark = "?" if "?" in raw else ":" if raw.startswith("....") else raw[0] if raw[0] in ".!" else "."
            out.append(Token(mark, begin + start, finish + start))
        elif raw not in _DROPPED:
            out.append(Token(raw, begin + start, finish + start))
        last = raw
    return _mended(out)


# "Its there", "their is no such table".
_ITS = frozenset(("there", "not", "a", "an", "real", "valid", "in", "part"))


def _mended(out: list[Token]) -> list[Token]:
    """Two slips that change what a sentence is about: "its" for "it is", and "their is" for "there is"."""
    following = ""
    for at in range(len(out) - 1, -1, -1):
        word = out[at].word
        if word[0] == _FILLS:
            continue
        if word == "its" and following in _ITS:
            token = out[at]
            out[at : at + 1] = [token._replace(word="it"), token._replace(word="is")]
        elif word == "their" and following in ("is", "are"):
            out[at] = out[at]._replace(word="there")
        following = word
    return out


# A line that begins with a name and a mark is an entry of a list, bullets or not.
_ENTRY = re.compile(r"[*_`'\"]{0,4}[A-Za-z_]\w{0,127}[*_`'\"]{0,4}(?:(?: (?:→|=>|->|=|–|—|-)|:) | {4,}(?=\S)| ?\.{4,})")
_UNFINISHED = frozenset(("not", "no", "the", "a", "an", "of", "is", "are", "was", "to", "for", "nicht", "kein", "keine"))
# Behind the key of a record: "status": …
_KEY = re.compile(r"[\"']\s*:")
_STATUS = re.compile(r"(?:not|no|non|does|is|did|cannot)(?:_[a-z]+)+", re.IGNORECASE)
_CALLED = frozenset(("called", "named", "namens", "llamada", "llamado"))
_JUST = frozenset(("just", "merely", "simply"))


def _word(
    raw: str, begin: int, finish: int, text: str, match: re.Match[str], namer: Namer, filler: frozenset[str]
) -> Iterator[Token]:
    before = text[match.start() - 1] if match.start() else ""
    after = text[match.end()] if match.end() < len(text) else ""
    quoted = before in "'\"[" and before != "" and after in "'\"]" and after != ""
    quoted = quoted and not (raw.islower() and _KEY.match(text, match.end()))
    if _STATUS.fullmatch(raw):
        # "not_found".
        for part in re.finditer("[a-z]+", raw.lower()):
            yield Token(part.group(), begin + part.start(), begin + part.end())
        return
    inner = raw.strip("_")
    if raw != inner and len(inner) > 1 and ((raw[0] == "_" == raw[-1]) or _is_subject(namer, inner, raw)):
        # Emphasis with underscores, around the name or around a sentence that begins or ends with it.
        begin, finish, raw = begin + raw.index(inner), begin + raw.index(inner) + len(inner), inner
    named = namer(raw, quoted)
    if named is not None and named[0] == SUBJECT and named[1] == OWN:
        # A column of the subject: "APTL.Vendor" reads as "APTL's Vendor".
        head, _, tail = raw.rpartition(".")
        yield Token(SUBJECT, begin, begin + len(head), head)
        yield Token("'s", begin + len(head), begin + len(head) + 1)
        yield Token(tail.strip('[]"').lower(), begin + len(head) + 1, finish)
        return
    if named is None and raw[-1] == "_" and len(raw.strip("_")) > 1:
        # Emphasis with underscores.
        raw = raw.strip("_")
        named = namer(raw, quoted)
    if named is not None:
        yield Token(named[0], begin, finish, named[1], quoted or "." in raw)
        return
    lower = raw.lower()
    if "'" in lower:
        stem, _, tail = lower.partition("'")
        if lower in _WHOLE:
            for word in _WHOLE[lower]:
                yield Token(word, begin, finish)
            return
        if lower.endswith("n't"):
            yield Token(stem[:-1], begin, finish)
            yield Token("not", begin, finish)
            return
        if tail == "s":
            named = namer(raw[: len(stem)], False)
            if named is not None:
                yield Token(named[0], begin, begin + len(stem), named[1])
                yield Token("'s", begin + len(stem), finish)
                return
            yield Token(stem, begin, finish)
            if lower in _IS:
                yield Token("is", begin, finish)
            return
        if "'" + tail in _ENDINGS:
            yield Token(stem, begin, finish)
            yield Token(_ENDINGS["'" + tail][0], begin, finish)
            return
        yield Token(lower, begin, finish)
        return
    if "-" in raw and "." not in raw:
        # "Invoice-Tabelle", "the Invoice-table".
        head, _, tail = raw.partition("-")
        named = namer(head, False)
        if named is not None and tail.isalpha():
            yield Token(named[0], begin, begin + len(head), named[1])
            yield Token(tail.lower(), begin + len(head) + 1, finish)
            return
    if "." in raw:
        yield from _dotted(raw, begin, namer, filler)
        return
    if lower in _WHOLE:
        for word in _WHOLE[lower]:
            yield Token(word, begin, finish)
        return
    yield Token(_FILLS + lower if lower in filler else lower, begin, finish)


def _is_subject(namer: Namer, inner: str, raw: str) -> bool:
    whole, part = namer(raw, False), namer(inner, False)
    return part is not None and part[0] == SUBJECT and (whole is None or whole[0] != SUBJECT)


def _dotted(raw: str, begin: int, namer: Namer, filler: frozenset[str]) -> Iterator[Token]:
    # "exist.Use APTH": a full stop without a space after it, or a file name; read it as words.
    for part in re.finditer(r"[\w@$#']+|\.", raw):
        at = begin + part.start()
        word = part.group()
        if not word.strip("_"):
            continue
        if word == ".":
            yield Token(".", at, at + 1)
            continue
        named = namer(word, False)
        if named is not None:
            yield Token(named[0], at, at + len(word), named[1])
        else:
            lower = word.lower()
            yield Token(_FILLS + lower if lower in filler else lower, at, at + len(word))


def sentences(stream: Iterable[Token]) -> list[Sentence]:
    """Groups tokens into sentences; a line feed token ends one, "•" in front marks a list item."""
    out: list[Sentence] = []
    current = Sentence()
    for token in stream:
        word = token.word
        if word[0] == _FILLS:
            current.fillers.append((len(current.tokens), token._replace(word=word[1:])))
        elif word == "•":
            current = _flush(out, current)
            current.item = True
        elif word == "\n":
            current = _flush(out, current)
        elif word in ".!?":
            if not current.tokens:
                # "Absolutely."
                current.tokens, current.fillers = [filler for _, filler in current.fillers], []
            if current.tokens:
                current.tokens.append(token)
                current.end = word
                item = current.item
                current = _flush(out, current)
                # What follows in the same list line still belongs to the item.
                current.item = item
        else:
            current.tokens.append(token)
            if len(current.tokens) >= MAX_TOKENS:
                item = current.item
                current = _flush(out, current)
                current.item = item
    if not current.tokens:
        current.tokens, current.fillers = [filler for _, filler in current.fillers], []
    if current.tokens and current.tokens[-1].word not in _MARKS:
        # The last full stop is often left out.
        last = current.tokens[-1]
        current.tokens.append(Token(".", last.end, last.end))
        current.end = "."
    _flush(out, current)
    return out


def _flush(out: list[Sentence], current: Sentence) -> Sentence:
    if current.tokens:
        if not current.end and current.tokens[-1].word == ":":
            current.end = ":"
        current.settle()
        out.append(current)
    return Sentence()
