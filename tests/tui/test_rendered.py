"""Drawn answers: Markdown is drawn, nothing else comes of it, and every piece stands where the text has it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vgpt_probe.tui.rendered import Mark, Piece, as_written, content, differences, rendered

ANSWER = """## The **APTL** table

It has `Seq` and:

1. one
2. two
   - deep
> quoted

```sql
SELECT Seq FROM APTL WITH (NOLOCK) -- all
```
"""


def drawn(text: str, width: int = 80) -> str:
    return content(rendered(text, width)).plain


def style_of(pieces: list[Piece], text: str) -> str:
    return next(piece.style for piece in pieces if piece.text == text)


def test_markdown_is_drawn() -> None:
    assert drawn(ANSWER).splitlines() == [
        "The APTL table",
        "",
        "It has Seq and:",
        "1. one",
        "2. two",
        "  • deep",
        "",
        "│ quoted",
        "",
        "SELECT Seq FROM APTL WITH (NOLOCK) -- all",
    ]
    pieces = rendered(ANSWER)
    assert "bold" in style_of(pieces, "APTL") and "$primary" in style_of(pieces, "Seq")
    assert style_of(pieces, "SELECT") == "bold $primary" and "italic" in style_of(pieces, "-- all")


def test_a_bare_query_is_code_whose_stars_stay() -> None:
    assert drawn("SELECT a*b*c FROM APTL") == "SELECT a*b*c FROM APTL"


def test_an_unfinished_fence_is_code_while_it_comes() -> None:
    assert drawn("See:\n```sql\nSELECT Se") == "See:\n\nSELECT Se"


@pytest.mark.parametrize(
    "text",
    [
        "[click](https://example.com)",
        "<https://example.com>",
        "![picture](file:///etc/passwd)",
        "<script>alert(1)</script>",
        "&#x202e;evil &amp; &lt;",
        "[red]bold[/red] [@click=app.quit]x[/]",
    ],
)
def test_nothing_but_text_comes_of_what_a_model_says(text: str) -> None:
    shown = content(rendered(text))
    assert shown.plain == text
    assert all("@click" not in str(span.style) and "link" not in str(span.style) for span in shown.spans)


def test_terminal_control_is_made_visible() -> None:
    assert "\x1b" not in drawn("a \x1b[31mred **b\x07** ```x\x1b]0;t\x07```")


def test_tables_are_even_where_there_is_room() -> None:
    text = "| Name | Type |\n| --- | --- |\n| Seq | int |\n| Description | text |"
    assert drawn(text).splitlines() == ["Name        │ Type", "Seq         │ int", "Description │ text"]
    assert drawn(text, width=10).splitlines()[1] == "Seq │ int"


def test_marks_fall_on_what_is_drawn() -> None:
    text = "The table **APTL does not** exist."
    start, end = text.index("does"), text.index(".")
    shown = content(rendered(text), [Mark(start, end, "underline")])
    marked = "".join(shown.plain[span.start : span.end] for span in shown.spans if "underline" in str(span.style))
    assert marked == "does not exist" and shown.plain == "The table APTL does not exist."


def test_marks_fall_on_escaped_names_too() -> None:
    text = "The table vendor\\_master does not exist."
    start = text.index("does")
    shown = content(rendered(text), [Mark(start, start + 8, "underline")])
    marked = "".join(shown.plain[span.start : span.end] for span in shown.spans if "underline" in str(span.style))
    assert marked == "does not" and shown.plain == "The table vendor_master does not exist."


@settings(deadline=None)
@given(st.text(st.sampled_from("ab*_`|-#>1. \n\t[]()<&;\\~SELECT\x1b\u202e"), max_size=80), st.integers(4, 40))
def test_any_text_is_drawn_and_each_piece_stands_where_it_says(text: str, width: int) -> None:
    pieces = rendered(text, width)
    for piece in pieces:
        if piece.start is not None:
            assert text[piece.start : piece.start + len(piece.text)] == piece.text
    letters = [letter for letter in text if letter in "abSELECT"]
    shown = [letter for piece in pieces for letter in piece.text if letter in "abSELECT"]
    # Only what a fence says of its language is not shown.
    assert shown == letters or "```" in text
    assert "\x1b" not in content(pieces, [Mark(1, 5, "bold")]).plain
    assert content(as_written(text), [Mark(0, 3, "bold")]).plain.count("␛") == text.count("\x1b")


def test_word_differences_are_marked_by_signs() -> None:
    found = differences("The table\nAPTL exists.", "The table APTL does not exist.")
    assert "".join(text for text, _ in found) == "The table\nAPTL [-does not exist.-] {+exists.+}"
    assert differences("the same", "the  same") == (("the same", ""),)


@settings(deadline=None)
@given(st.text(st.sampled_from("ab \n.\x1b"), max_size=60), st.text(st.sampled_from("ab \n.\x1b"), max_size=60))
def test_a_diff_holds_every_word_of_both_texts(one: str, other: str) -> None:
    from vgpt_probe.text import plain

    found = differences(one, other)
    here = "".join(text[2:-2] if "bold" in style else text for text, style in found if "strike" not in style)
    there = "".join(text[2:-2] if "strike" in style else text for text, style in found if "bold" not in style)
    assert here.split() == plain(one).split()
    assert there.split() == plain(other).split()
