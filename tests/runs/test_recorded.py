"""Recorded answers of other tools, in the shapes that they come in."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgpt_probe.catalog import is_real
from vgpt_probe.errors import RecordError
from vgpt_probe.runs.grade import Grader
from vgpt_probe.runs.recorded import grade_recorded, read_recorded

DENIAL = "The table 'APTL' does not exist in Viewpoint Vista."


def write(tmp_path, text):
    path = tmp_path / "answers.json"
    path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "content",
    [
        [{"question": "Q", "response": "A"}],
        {"question": "Q", "model_response": "A"},
        {"results": [{"prompt": "Q", "answer": "A"}]},
        {"suite": {"parts": [[{"instruction": "Q", "output": "A", "score": 1}]]}},
        '{"question": "Q", "answer": "A"}\n\n',
        "\ufeff" + '[{"question": "Q", "answer": "A"}]',
        {"question": "Q", "results": [{"response": "A"}]},
    ],
)
def test_every_shape_of_the_contract_is_read(tmp_path, content):
    [record] = read_recorded(write(tmp_path, content))
    assert (record.record, record.question, record.answer) == (0, "Q", "A")


def test_the_model_is_the_records_or_that_around_it(tmp_path):
    content = [
        {
            "model": "outer",
            "results": [{"question": "Q", "answer": "A"}, {"question": "Q", "answer": "B", "model": "own"}],
        },
        {"question": "Q", "answer": "C"},
    ]
    assert [record.model for record in read_recorded(write(tmp_path, content))] == ["outer", "own", None]


def test_records_are_judged_for_each_subject(tmp_path, catalog):
    content = [
        {"question": "Describe the APTL table structure", "answer": DENIAL},
        {
            "question": "What is in the Invoices table?",
            "answer": "There is no table or view named 'Invoices'.",
        },
        {"question": "Is it there?", "answer": DENIAL, "subject": "APTL"},
        {"question": "Hello?", "answer": "Hello."},
    ]
    graded = list(grade_recorded(read_recorded(write(tmp_path, content)), Grader(catalog), model="m"))
    assert [(one.record, one.subject, one.real, one.verdict) for one in graded] == [
        (0, "APTL", True, "false_rejection"),
        (1, "Invoices", False, "correct"),
        (2, "APTL", True, "false_rejection"),
    ]
    assert {one.model for one in graded} == {"m"}


def test_columns_are_real_by_the_catalog(catalog):
    assert is_real("APTH.APCo", catalog) is True
    assert is_real("Nothing.APCo", catalog) is False


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("not json", "answers.json:1: is not JSON"),
        ('[{"question": "Q",\n "answer": }]', "answers.json:2: is not JSON"),
        ('{"question": "Q", "answer": "A"}\nrubbish\n', "answers.json:2: is not JSON"),
        ("[]", "holds no record"),
        ('[{"question": "Q"}]', "one of response, model_response, answer, output"),
        ("", "holds no record"),
        ("[" * 100_000, "is nested too deeply"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, content, said):
    with pytest.raises(RecordError) as caught:
        read_recorded(write(tmp_path, content))
    assert said in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["question", "answer", "model", "subject", "x"]), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_json_gives_records_or_the_documented_error(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    try:
        records = read_recorded(path)
    except RecordError:
        return
    assert [record.record for record in records] == list(range(len(records)))


def test_answers_by_model_and_conversations_are_read(tmp_path):
    talk = [{"role": "user", "content": "Describe APTL"}, {"role": "assistant", "content": DENIAL}]
    by_model = {"question": "Describe APTL", "responses": {"sft": DENIAL, "dpo": "APTL is a view."}}
    found = read_recorded(write(tmp_path, [by_model, {"messages": talk}]))
    assert [(one.record, one.model, one.question, one.answer) for one in found] == [
        (0, "sft", "Describe APTL", DENIAL),
        (1, "dpo", "Describe APTL", "APTL is a view."),
        (2, None, "Describe APTL", DENIAL),
    ]


def test_a_record_without_an_answer_keeps_its_place(tmp_path):
    records = [{"question": "Describe APTH", "answer": None}, {"question": "Describe APTL", "answer": DENIAL}]
    found = read_recorded(write(tmp_path, records))
    assert [(one.record, one.question) for one in found] == [(1, "Describe APTL")]


def test_what_our_own_commands_print_is_read(tmp_path):
    asked = {"question": "Is APTH there?", "answers": [{"model": "sft", "text": "Yes."}, {"model": "dpo", "text": "No."}]}
    run = {
        "run": 1,
        "models": {"sft": {"probes": 1}},
        "cases": [
            {
                "question": "Is APTL there?",
                "subject": "APTL",
                "answers": {"sft": {"text": "Yes.", "reading": "affirms"}, "dpo": {"text": "No."}},
            }
        ],
    }
    path = tmp_path / "answers.json"
    for content, expected in (
        (asked, [("Is APTH there?", "Yes.", "sft", None), ("Is APTH there?", "No.", "dpo", None)]),
        (run, [("Is APTL there?", "Yes.", "sft", "APTL"), ("Is APTL there?", "No.", "dpo", "APTL")]),
    ):
        path.write_text(json.dumps(content), encoding="utf-8")
        assert [(one.question, one.answer, one.model, one.subject) for one in read_recorded(path)] == expected
