"""Texts that attack whoever shows them, and what must not be found in what is shown."""

from __future__ import annotations

import re

TEXTS = {
    "colour and cursor": "\x1b[31mred\x1b[2J\x1b[1;1H",
    "title": "\x1b]0;owned\x07",
    "clipboard": "\x1b]52;c;ZXZpbA==\x07",
    "link": "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "eight-bit controls": "\x9b31m\x9d0;owned\x9c\x90q\x85",
    "answerback": "\x05\x1b[c\x1b[6n\x1bZ",
    "carriage return": "denied\raccepted\x08\x08",
    "Rich markup": "[bold red]x[/] [link=http://evil.example]y[/link] [@click=app.quit]z[/] [/nothing]",
    "HTML": "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">",
    "HTML attribute": "\"'><svg onload=\"document.title='owned'\"><a href=\"javascript:document.title='owned'\">x</a>",
    "Markdown": "[x](javascript:alert(1)) ![x](http://evil.example/p.png) | a | b | `c`",
    "bidi": "\u202egnp.exe\u202c \u2066x\u2069 \u200f",
    "zero width": "A\u200bP\u200cT\u2060H\ufeff",
    "combining flood": "Z" + "\u0335\u0321\u0334" * 500,
    "NUL": "a\0b\0",
    "lone surrogate": "x\ud800y\udfff",
    "tags": "\U000e0041\U000e0042",
    "formula": "=HYPERLINK(\"http://evil.example\",\"x\")",
    "SQL": "'; DROP TABLE answers; --",
    "template": "{{ 7 * 7 }}{% for x in y %}${7*7}#{7*7}",
}  # fmt: skip

#: What a terminal acts on or what hides text; line feeds and tabs are allowed, and escapes that the program itself writes.
ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]")
