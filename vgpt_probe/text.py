"""Making text from models, GGUF files and data files safe to show: nothing in it can drive a terminal."""

from __future__ import annotations

import re

#: What a terminal may act on, or what hides or reorders other text: control characters (but not line feed and
#: tab), direction marks and overrides, invisible characters, line separators, tags, lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def plain(text: str) -> str:
    """Return the text with everything that a terminal could act on made visible; line ends become line feeds.

    Control characters become their pictures (``␛``), other unsafe characters their code (``⟨U+202E⟩``).
    """
    return _UNSAFE.sub(_visible, text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """As ``plain``, on one line: line feeds and tabs become blanks, and blanks at the ends go."""
    return " ".join(plain(text).split())


def json_escaped(document: str) -> str:
    """Write what a terminal could act on in a JSON document as JSON's own escapes: it reads back as the same text."""
    return _UNSAFE.sub(_escaped, document)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code > 0xFFFF:
        code -= 0x10000
        return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
    return f"\\u{code:04x}"


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"


_FENCE = re.compile(r"```[ \t]*(?:sql|tsql|mysql|postgres\w*)?[ \t]*\n(.*?)(?:```|\Z)", re.DOTALL | re.IGNORECASE)


def sql_of(text: str) -> str:
    """The fenced SQL of an answer, blocks one below the other; an answer that is a bare query as it is; else ""."""
    blocks = [block.strip() for block in _FENCE.findall(text)]
    if not blocks and re.match(r"\s*(?:SELECT|WITH|INSERT|UPDATE|DELETE)\b", text, re.IGNORECASE):
        blocks = [text.strip()]
    return "\n\n".join(block for block in blocks if block)
