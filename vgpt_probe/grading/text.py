"""Makes an answer readable: odd characters out, code apart from prose, offsets into the original kept."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

__all__ = ["MAX_CHARS", "Piece", "clean", "cut", "original_span"]

# Longer answers are read up to here: the cost of one answer stays bounded whatever a model or a file brings.
MAX_CHARS = 60_000

_SAME_LENGTH = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛ʼ´＇′", "'"),
        **dict.fromkeys("“”„‟«»＂″", '"'),
        **dict.fromkeys(
            "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\u1680",
            " ",
        ),
        **dict.fromkeys("\u2028\u2029\x0b\x0c\x85", "\n"),
        **dict.fromkeys("‐‑‒−", "-"),
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    }
)
_ESCAPE = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,2000}(?:\x07|\x1b\\)?|[@-Z\\^_])?"
_INVISIBLE = (
    r"[\x00-\x08\x0e-\x1f\x7f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_DROP = re.compile(rf"{_ESCAPE}|{_INVISIBLE}|\r(?=\n)")
# Characters that came through HTML, JSON or the wrong encoding. Without its apostrophe "doesn't" denies nothing.
_CODED = re.compile(
    r"&(?:#0*39|#x0*27|apos|[lr]squo|quot|[lr]dquo|nbsp|[mn]dash|hellip|amp|lt|gt);|\\u20[0-9a-f]{2}|\\[\"']|â€[™˜œ“”]"
    r"|\\n(?-i:(?![a-z]))|(?<=[.:!?])\\n",
    re.IGNORECASE,
)
_MEANT = {
    **dict.fromkeys(("apos", "lsquo", "rsquo", "#39", "#x27", "\\'", "\\u2018", "\\u2019", "â€™", "â€˜"), "'"),
    **dict.fromkeys(("quot", "ldquo", "rdquo", '\\"', "\\u201c", "\\u201d", "â€œ", "â€\u009d"), '"'),
    **dict.fromkeys(("mdash", "ndash", "\\u2013", "\\u2014", "â€“", "â€”"), "-"),
    **{"nbsp": " ", "hellip": ".", "amp": "&", "lt": "<", "gt": ">", "\\n": "\n"},
}
_APOSTROPHE = re.compile(
    r"(?<=[a-z])[`\ufffd](?=(?:t|s|re|ve|ll|m|d)\b)|(?<=\b(?:does|have)n) (?=t\b)|(?<=\b(?:did|has|had|are|was)n) (?=t\b)"
    r"|(?<=\b(?:is|do)n) (?=t\b)|(?<=\b(?:wo|ca)n) (?=t\b)",
    re.IGNORECASE,
)
_CODED_OR_DROP = re.compile(f"{_CODED.pattern}|{_DROP.pattern}", re.IGNORECASE)
_ACCENTED = re.compile(r"\w[\u0300-\u036f]{1,8}")
_PLAIN = re.compile(r"[\t\n\x20-\x7e]*")


@dataclass(frozen=True)
class Piece:
    """A stretch of the cleaned text, `start` its offset there; `kind` is prose, code (fenced) or inline (back-ticked)."""

    kind: str
    text: str
    start: int


def clean(text: str) -> tuple[str, list[int] | None]:
    """The text without invisible characters and terminal escapes, quotes and spaces made plain.

    The second value gives each kept code point's offset in the original, with one more for the end; None means that
    offsets did not move.
    """
    text = text[:MAX_CHARS]
    if "n t " in text or "`" in text or "\ufffd" in text:
        text = _APOSTROPHE.sub("'", text)
    coded = ("&" in text or "\\" in text or "â€" in text) and _CODED.search(text) is not None
    if not coded and _PLAIN.fullmatch(text):
        return text, None
    plain = (
        text.translate(_SAME_LENGTH).replace("\r", "\n")
        if "\r\n" not in text
        else text.translate(_SAME_LENGTH)
    )
    if not coded and not _DROP.search(plain) and not _ACCENTED.search(plain):
        return plain, None
    kept: list[str] = []
    offsets: list[int] = []
    last = 0
    for match in (_CODED_OR_DROP if coded else _DROP).finditer(plain):
        kept.append(plain[last : match.start()])
        offsets.extend(range(last, match.start()))
        meant = _meant(match.group()) if coded else ""
        kept.append(meant)
        offsets.extend([match.start()] * len(meant))
        last = match.end()
    kept.append(plain[last:])
    offsets.extend(range(last, len(plain)))
    offsets.append(len(plain))
    joined = "".join(kept).replace("\r", "\n")
    return _compose(joined, offsets)


def original_span(original: str, text: str, offsets: list[int] | None, start: int, end: int) -> tuple[int, int]:
    """The span in the original of a span of the cleaned text; what was left out behind it stays outside."""
    if offsets is None:
        return start, end
    last = max(start, end - 1)
    # A coded or composed character is longer in the original.
    same = original[offsets[last]] == text[last]
    return offsets[start], offsets[last] + 1 if same else offsets[last + 1]


def _meant(code: str) -> str:
    """The character that a code stands for; nothing for one that is dropped."""
    small = code.lower().strip("&;").replace("#0", "#").replace("#x0", "#x")
    return _MEANT.get(small, " " if small.startswith("\\u20") else "")


def _compose(text: str, offsets: list[int]) -> tuple[str, list[int]]:
    if not _ACCENTED.search(text):
        return text, offsets
    out: list[str] = []
    kept: list[int] = []
    last = 0
    for match in _ACCENTED.finditer(text):
        single = unicodedata.normalize("NFC", match.group())[:1]
        out += [text[last : match.start()], single]
        kept += offsets[last : match.start() + 1]
        last = match.end()
    out.append(text[last:])
    kept += offsets[last:]
    return "".join(out), kept


_CODE = re.compile(
    r"(?P<fence>```|~~~)(?P<info>[^\n`]{0,40})(?P<body>.*?)(?:(?P=fence)|\Z)|(?<!`)`(?P<inline>[^`\n]{1,2000})`",
    re.DOTALL,
)


def cut(text: str) -> list[Piece]:
    """Splits cleaned text into prose, fenced code (an open fence runs to the end) and inline code."""
    if "`" not in text and "~~~" not in text:
        return [Piece("prose", text, 0)]
    pieces: list[Piece] = []
    last = 0
    for match in _CODE.finditer(text):
        if match.start() > last:
            pieces.append(Piece("prose", text[last : match.start()], last))
        if match.group("fence"):
            pieces.append(_fenced(match))
        else:
            pieces.append(Piece("inline", match.group("inline"), match.start("inline")))
        last = match.end()
    if last < len(text):
        pieces.append(Piece("prose", text[last:], last))
    return pieces


def _fenced(match: re.Match[str]) -> Piece:
    info, body = match.group("info"), match.group("body")
    # The rest of the opening line names the language, unless it is itself the code.
    if (body.startswith("\n") or not body) and re.fullmatch(r"\s*[\w+#-]{0,20}\s*", info):
        return Piece("code", body, match.start("body"))
    start = match.start("info")
    label = re.match(r"(?:t-?sql|sql|mssql|text|txt|plaintext)\b\s*", info, re.IGNORECASE)
    if label:
        start += label.end()
    return Piece("code", match.string[start : match.end("body")], start)
