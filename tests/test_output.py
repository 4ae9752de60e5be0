"""What ``--json`` prints reads back as it was, whatever is in it, and cannot drive a terminal."""

from __future__ import annotations

import contextlib
import io
import json

from hypothesis import example, given
from hypothesis import strategies as st

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
