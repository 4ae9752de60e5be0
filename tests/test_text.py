"""Text from outside cannot drive a terminal, reorder itself, or break the encoding of the output."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgpt_probe.text import json_escaped, one_line, plain


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x1b]52;c;ZXZpbA==\x07", "␛]52;c;ZXZpbA==␇"),
        ("a\r\nb", "a\nb"),
        ("denied\raccepted", "denied␍accepted"),
        ("a\tb\nc", "a\tb\nc"),
        ("\x7f\x9b31m", "␡⟨U+009B⟩31m"),
        ("\u202eLTPA", "⟨U+202E⟩LTPA"),
        ("AP\u200bTH", "AP⟨U+200B⟩TH"),
        ("\ud83d", "⟨U+D83D⟩"),
        ("Größe 日本 👩‍🔧", "Größe 日本 👩‍🔧"),
    ],
)
def test_unsafe_characters_become_visible(raw: str, shown: str) -> None:
    assert plain(raw) == shown
    plain(raw).encode("utf-8")


def test_markup_is_left_alone() -> None:
    assert plain("[bold]x[/bold]") == "[bold]x[/bold]"


def test_one_line() -> None:
    assert one_line("  a\n\n b\tc\u2028d ") == "a b c⟨U+2028⟩d"


@given(st.text(max_size=40), st.text(alphabet="\x1b\x9b\u202e\u200b\ud800\U000e0041a\"\\", max_size=20))
def test_json_for_a_terminal_reads_back_as_the_same_text(any_text: str, hostile: str) -> None:
    escaped = json_escaped(json.dumps([any_text, hostile], ensure_ascii=False))
    assert escaped == plain(escaped)
    assert json.loads(escaped) == [any_text, hostile]
