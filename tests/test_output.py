"""What ``--json`` prints reads back as it was, whatever is in it, and cannot drive a terminal."""

from __future__ import annotations

import contextlib
import io
import json

from hypothesis import example, given
from hypothesis import strategies as st

from vgpt_probe.commands import output
from vgpt_probe.commands.output import print_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(exclude_categories=[])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
@example({"a": {}, "b": [], "c": "\ud800", "d": "\x1b[2J\u202e", "e": 10**40})
def test_a_document_is_printed_as_python_would_indent_it(value):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        print_json(value)
    printed = out.getvalue()
    assert json.loads(printed) == value
    assert "\x1b" not in printed and "\u202e" not in printed
    assert json.loads(printed) == json.loads(json.dumps(value, indent=2))
    assert printed.count("\n") == json.dumps(value, indent=2).count("\n") + 1


def test_a_long_list_is_printed_as_it_comes_and_as_a_short_one_would_be(monkeypatch, capsys):
    rows = [
        [str(at), f"T\x1b{at}", output.verdict_cell("correct" if at % 2 else "error"), "漢字" * (at % 3), "[b]x[/b]"]
        for at in range(12)
    ]
    headings = ("number", "subject", "verdict", "wide", "odd")
    output.print_rows(*headings, rows=rows, numbers=("number",))
    short = capsys.readouterr().out
    monkeypatch.setattr(output, "LONG", 10)
    drawn = []

    def coming():
        for row in rows:
            drawn.append(len(capsys.readouterr().out.splitlines()))
            yield row

    output.print_rows(*headings, rows=coming(), numbers=("number",))
    # Nothing waits for the last row: what came first stands there when it is asked for.
    assert drawn[:10] == [0] * 10 and drawn[11] > 0
    capsys.readouterr()
    output.print_rows(*headings, rows=rows, numbers=("number",))
    long = capsys.readouterr().out
    words = [" ".join(line.split()) for line in short.splitlines() if line.strip() and "─" not in line]
    assert [" ".join(line.split()) for line in long.splitlines() if line.strip() and "─" not in line] == words
    assert "\x1b" not in long and len({line.index("[b]") for line in long.splitlines() if "[b]" in line}) <= 3
