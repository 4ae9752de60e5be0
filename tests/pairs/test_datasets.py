"""The reader of training files: every layout gives the same rows; rubbish ends in one clear error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vgpt_probe.errors import RecordError
from vgpt_probe.pairs.datasets import label_of, read_dataset

Q, A, B, S = "Describe the APTL table", "APTL holds lines.", "There is no APTL.", "Be exact."

DPO = {
    "alpaca": {"instruction": "Describe", "input": "the APTL table", "chosen": A, "rejected": B, "system": S},
    "sharegpt": {
        "conversations": [{"from": "system", "value": S}, {"from": "human", "value": Q}],
        "chosen": {"from": "gpt", "value": A},
        "rejected": {"from": "gpt", "value": B},
    },
    "trl": {"prompt": Q, "chosen": A, "rejected": B, "system": S},
    "trl-conversational": {
        "prompt": [{"role": "system", "content": S}, {"role": "user", "content": Q}],
        "chosen": [{"role": "assistant", "content": A}],
        "rejected": [{"role": "assistant", "content": B}],
    },
    "trl-conversational without a prompt": {
        "chosen": [
            {"role": "system", "content": S},
            {"role": "user", "content": Q},
            {"role": "assistant", "content": A},
        ],
        "rejected": [
            {"role": "system", "content": S},
            {"role": "user", "content": Q},
            {"role": "assistant", "content": B},
        ],
    },
}
KTO = {
    "alpaca": {"instruction": Q, "input": "", "output": A, "label": False},
    "sharegpt": {
        "conversations": [{"from": "human", "value": Q}, {"from": "gpt", "value": A}],
        "label": False,
    },
    "trl": {"prompt": Q, "completion": A, "label": False},
    "trl-conversational": {
        "prompt": [{"role": "user", "content": Q}],
        "completion": [{"role": "assistant", "content": A}],
        "label": False,
    },
}
SFT = {
    "alpaca": {"instruction": Q, "output": A},
    "sharegpt": {"conversations": [{"from": "human", "value": Q}, {"from": "gpt", "value": A}]},
    "trl": {"prompt": Q, "completion": A},
    "trl-conversational": {"messages": [{"role": "user", "content": Q}, {"role": "assistant", "content": A}]},
}


@pytest.fixture
def write(tmp_path: Path):
    def written(records: object, name: str = "set.json") -> Path:
        path = tmp_path / name
        path.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
        return path

    return written


@pytest.mark.parametrize("layout", DPO)
def test_pairs_read_the_same_in_every_layout(write, layout):
    dataset = read_dataset(write([DPO[layout]]))
    row = dataset.rows[0]
    assert (dataset.task, dataset.layout) == ("dpo", layout.split()[0])
    assert (row.prompt.split(), row.answer, row.rejected, row.system) == (Q.split(), A, B, S)


@pytest.mark.parametrize("layout", KTO)
def test_kto_rows_read_the_same_in_every_layout(write, layout):
    dataset = read_dataset(write([KTO[layout]]))
    row = dataset.rows[0]
    assert (dataset.task, dataset.layout) == ("kto", layout)
    assert (row.prompt, row.answer, row.label) == (Q, A, False)


@pytest.mark.parametrize("layout", SFT)
def test_sft_rows_read_the_same_in_every_layout(write, layout):
    dataset = read_dataset(write([SFT[layout]]))
    row = dataset.rows[0]
    assert (dataset.task, dataset.layout) == ("sft", layout)
    assert (row.prompt, row.answer, row.rejected, row.label) == (Q, A, None, None)


def test_instruction_and_input_are_joined_as_the_trainer_joins_them(write):
    assert read_dataset(write([DPO["alpaca"]])).rows[0].prompt == "Describe\nthe APTL table"


def test_each_answer_of_a_conversation_is_a_row(write):
    talk = [("human", "a"), ("gpt", "b"), ("human", "c"), ("gpt", "d")]
    dataset = read_dataset(write([{"conversations": [{"from": who, "value": text} for who, text in talk]}]))
    assert [(row.number, row.turn, row.prompt, row.answer) for row in dataset.rows] == [
        (1, 1, "a", "b"),
        (1, 2, "c", "d"),
    ]
    assert dataset.rows[1].history == (("a", "b"),)


def test_labels_that_are_strings_are_understood(write):
    rows = [{"instruction": Q, "output": A, "label": label} for label in ("true", "False", 1, 0)]
    assert [row.label for row in read_dataset(write(rows)).rows] == [True, False, True, False]


def test_json_lines_and_a_wrapped_list_are_read(tmp_path, write):
    lines = tmp_path / "set.jsonl"
    # A line separator inside a string ends no line.
    lines.write_text(
        "\n\n".join(
            json.dumps({"prompt": "a\u2028b", "completion": str(n)}, ensure_ascii=False) for n in range(3)
        ),
        encoding="utf-8",
    )
    dataset = read_dataset(lines)
    assert dataset.lines
    assert [(row.number, row.answer) for row in dataset.rows] == [(1, "0"), (2, "1"), (3, "2")]
    assert len(read_dataset(write({"version": 1, "data": [SFT["trl"]]})).rows) == 1


def test_parquet_is_read(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    import pyarrow.parquet as parquet

    parquet.write_table(pyarrow.Table.from_pylist([KTO["trl"]]), tmp_path / "set.parquet")
    assert read_dataset(tmp_path / "set.parquet").rows[0].label is False


def test_a_row_that_cannot_be_read_is_named_and_the_others_are_read(write):
    rows = [DPO["alpaca"], {"instruction": Q, "chosen": None, "rejected": B}, {"other": 1}, 7]
    dataset = read_dataset(write(rows))
    assert len(dataset.rows) == 1
    assert [(one.number, one.why) for one in dataset.unreadable] == [
        (2, "chosen is no text"),
        (3, "is no training row (it has other)"),
        (4, "is no training row but a number"),
    ]


def test_columns_of_other_names_are_read_by_their_registration(write):
    path = write([{"q": Q, "good": A, "bad": B}])
    row = read_dataset(path, columns={"prompt": "q", "chosen": "good", "rejected": "bad"}).rows[0]
    assert (row.prompt, row.answer, row.rejected) == (Q, A, B)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "holds no training row (the file is empty)"),
        (b"{", "is not JSON or JSON lines"),
        (b"[]", "holds no training row (the file is empty)"),
        (b'{"a": 1}', "is not a list of training rows"),
        (b'"text"', "is not a list of training rows"),
        (b"[1, 2]", "row 1: is no training row"),
        (b'{"prompt": "a", "completion": "b"}\n{broken', ":2: is not JSON"),
        (b"\xff\xfe\x00", "is not UTF-16 text"),
        (b"[" * 100_000, "nested too deeply"),
        (b"PAR1 and nothing else", "is"),
    ],
)
def test_rubbish_ends_in_one_line_that_names_the_file(tmp_path, content, says):
    path = tmp_path / "rubbish.json"
    path.write_bytes(content)
    with pytest.raises(RecordError) as caught:
        read_dataset(path)
    assert says in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


_VALUES = (
    st.none()
    | st.booleans()
    | st.text(max_size=4)
    | st.lists(
        st.text(max_size=4)
        | st.integers()
        | st.dictionaries(
            st.sampled_from(["from", "value", "role", "content"]), st.text(max_size=4) | st.none()
        )
    )
)
_KEYS = st.sampled_from(
    [
        "instruction",
        "output",
        "chosen",
        "rejected",
        "label",
        "conversations",
        "prompt",
        "completion",
        "history",
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(_KEYS, _VALUES, max_size=6), max_size=4))
def test_any_json_is_read_or_refused_with_a_clear_error(write, records):
    try:
        dataset = read_dataset(write(records))
    except RecordError:
        return
    assert {row.number for row in dataset.rows} | {one.number for one in dataset.unreadable} == set(
        range(1, len(records) + 1)
    )
    for row in dataset.rows:
        assert isinstance(row.prompt, str) and isinstance(row.answer, str)


def test_labels_that_mean_nothing_mean_nothing():
    assert [label_of(value) for value in ("maybe", None, 2, [], "")] == [None] * 5
