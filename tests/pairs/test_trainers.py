"""What LLaMA-Factory and TRL make of training files, and the corrected copies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vgpt_probe.catalog import Catalog, Relation
from vgpt_probe.errors import RecordError
from vgpt_probe.pairs.datasets import read_dataset
from vgpt_probe.pairs.export import export_pairs
from vgpt_probe.pairs.formats import FORMATS, unfit
from vgpt_probe.pairs.guard import Guard
from vgpt_probe.pairs.llama_factory import find_registration
from vgpt_probe.pairs.mend import entry_for, mend
from vgpt_probe.pairs.pair import Pair
from vgpt_probe.pairs.trainers import check_trainers, faults_by_row

DPO = {"instruction": "Q", "input": "", "chosen": "A", "rejected": "B"}
KTO = {"instruction": "Q", "input": "", "output": "A", "label": True}
SFT = {"instruction": "Q", "input": "", "output": "A"}
TALK = {
    "conversations": [{"from": "human", "value": "Q"}],
    "chosen": {"from": "gpt", "value": "A"},
    "rejected": {"from": "gpt", "value": "B"},
}
TRL = {"prompt": "Q", "chosen": "A", "rejected": "B"}
TRL_KTO = {"prompt": "Q", "completion": "A", "label": True}


@pytest.fixture
def write(tmp_path: Path):
    def written(records: object, name: str = "set.json") -> Path:
        path = tmp_path / name
        path.write_text(json.dumps(records), encoding="utf-8")
        return path

    return written


def takes(path: Path) -> dict[str, int]:
    trainers, _ = check_trainers(read_dataset(path), find_registration(path))
    return {trainer.trainer: trainer.takes for trainer in trainers}


def problems(path: Path) -> list[tuple[str, str, str]]:
    _, found = check_trainers(read_dataset(path), find_registration(path))
    return [(problem.trainer, problem.effect, problem.what) for problem in found]


@pytest.mark.parametrize(
    ("rows", "llama_factory", "trl"),
    [
        ([DPO] * 2, 2, 0),
        ([KTO, KTO | {"label": False}], 2, 0),
        ([SFT], 1, 0),
        ([TALK], 1, 0),
        ([TRL], 1, 1),
        ([TRL_KTO, TRL_KTO | {"label": False}], 2, 2),
        ([{"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]}], 1, 1),
    ],
)
def test_right_files_are_taken_whole_by_the_trainers_that_know_them(write, rows, llama_factory, trl):
    path = write(rows)
    assert takes(path) == {"LLaMA-Factory": llama_factory, "TRL": trl}
    assert problems(path) == []


def test_string_labels_make_a_file_unusable_and_the_copy_is_usable(write):
    rows = [
        KTO | {"output": f"A{number}", "label": "true" if number % 2 else "false"} for number in range(40)
    ]
    path = write(rows)
    before = path.read_bytes()
    assert takes(path)["LLaMA-Factory"] == 0
    assert ("LLaMA-Factory", "drops", "the label is a string, not JSON true or false") in problems(path)
    fixed = mend(read_dataset(path))
    assert (fixed.path.name, fixed.rows, fixed.mended) == (
        "set.fixed.json",
        40,
        {"labels made true or false": 40},
    )
    assert path.read_bytes() == before
    assert takes(fixed.path)["LLaMA-Factory"] == 40
    labels = [record["label"] for record in json.loads(fixed.path.read_text(encoding="utf-8"))]
    assert labels == [bool(number % 2) for number in range(40)]


def test_string_labels_stop_trl(write):
    path = write([TRL_KTO | {"label": "true"}, TRL_KTO | {"label": "false"}])
    assert takes(path) == {"LLaMA-Factory": 0, "TRL": 0}
    assert ("TRL", "fails", "the label is a string, not JSON true or false") in problems(path)


@pytest.mark.parametrize(
    ("row", "effect", "what"),
    [
        (DPO | {"instruction": ""}, "misleads", "the prompt is empty"),
        (DPO | {"chosen": None}, "drops", "chosen is no text"),
        (DPO | {"chosen": "B"}, "misleads", "chosen and rejected are the same, which teaches nothing"),
        (DPO | {"rejected": " "}, "misleads", "an answer is empty"),
        (
            TALK | {"conversations": [*TALK["conversations"], {"from": "gpt", "value": "A"}]},
            "drops",
            "the number of messages must be odd, with human last",
        ),
        (TALK | {"chosen": "A"}, "drops", "chosen is no message"),
        (
            TALK | {"conversations": [{"from": "user", "value": "Q"}]},
            "drops",
            "a message is from 'user', where human and gpt are known",
        ),
        (TALK | {"conversations": [{"from": "human"}]}, "fails", "a message lacks 'from' or 'value'"),
    ],
)
def test_what_a_row_meets_in_llama_factory(write, row, effect, what):
    good = TALK if "conversations" in row else DPO
    assert ("LLaMA-Factory", effect, what) in problems(write([good, row]))


@pytest.mark.parametrize(
    ("rows", "entry", "effect", "what"),
    [
        (
            [DPO],
            {"columns": {"prompt": "instruction", "chosen": "chosen", "rejected": "rejected"}},
            "fails",
            '"ranking": true is missing',
        ),
        (
            [KTO],
            {"ranking": True, "columns": {"prompt": "instruction", "response": "output", "kto_tag": "label"}},
            "fails",
            '"ranking": true does not go with a KTO set',
        ),
        (
            [DPO],
            {"ranking": True, "columns": {"chosen": "chosen", "rejected": "rejected"}},
            "misleads",
            "the column 'instruction' is not listed, so it is empty in every row",
        ),
        (
            [KTO, KTO | {"label": False}],
            {"columns": {"prompt": "instruction", "response": "output"}},
            "drops",
            "the column 'label' is not listed, so it is empty in every row",
        ),
        (
            [SFT | {"system": "S"}],
            {},
            "misleads",
            "the column 'system' is not listed, so it is empty in every row",
        ),
        (
            [TALK],
            {
                "ranking": True,
                "columns": {"messages": "conversations", "chosen": "chosen", "rejected": "rejected"},
            },
            "fails",
            '"formatting": "sharegpt" is missing',
        ),
        (
            [SFT],
            {"columns": {"prompt": "instruction", "response": "output", "query": "question"}},
            "fails",
            "lists the column 'question', which no row has",
        ),
    ],
)
def test_a_wrong_entry_in_dataset_info_is_named_and_its_corrected_copy_is_right(
    write, rows, entry, effect, what
):
    path = write(rows)
    registry = write(
        {"other": {"file_name": "x.json"}, "mine": {"file_name": "set.json"} | entry}, "dataset_info.json"
    )
    assert ("LLaMA-Factory", effect, f"'mine' in dataset_info.json: {what}") in problems(path)
    fixed = mend(read_dataset(path), find_registration(path))
    assert fixed.registry is not None and fixed.registry.name == "dataset_info.fixed.json"
    corrected = json.loads(fixed.registry.read_text(encoding="utf-8"))
    assert corrected["other"] == {"file_name": "x.json"}
    registry.write_text(json.dumps(corrected), encoding="utf-8")
    assert not [what for _, effect, what in problems(path) if "dataset_info" in what]


def test_columns_of_several_types_do_not_load(write):
    path = write([KTO, KTO | {"label": "false"}])
    assert (
        "LLaMA-Factory",
        "fails",
        "the values of 'label' are of several types (text, true/false)",
    ) in problems(path)
    assert takes(mend(read_dataset(path)).path)["LLaMA-Factory"] == 2


def test_labels_of_one_kind_only_are_named(write):
    assert (
        "LLaMA-Factory",
        "misleads",
        "every label is true: there is nothing to weigh against",
    ) in problems(write([KTO]))


def test_a_layout_that_no_trainer_knows_is_a_problem(write):
    path = write([SFT], "set.txt")
    assert takes(path) == {"LLaMA-Factory": 0, "TRL": 0}
    assert [effect for _, effect, _ in problems(path)] == ["fails"]


def test_json_lines_stay_json_lines_and_nothing_is_written_when_nothing_is_wrong(tmp_path):
    path = tmp_path / "set.jsonl"
    path.write_text(
        "".join(json.dumps(KTO | {"label": label}) + "\n" for label in ("true", "false")), encoding="utf-8"
    )
    fixed = mend(read_dataset(path))
    assert fixed.path.name == "set.fixed.jsonl"
    assert [json.loads(line)["label"] for line in fixed.path.read_text(encoding="utf-8").splitlines()] == [
        True,
        False,
    ]
    again = mend(read_dataset(fixed.path))
    assert not again.changed and not again.path.exists()


def test_a_copy_without_rows_is_not_written(write):
    path = write([DPO | {"instruction": ""}])
    with pytest.raises(RecordError, match="no row would be left"):
        mend(read_dataset(path))
    assert [entry.name for entry in path.parent.iterdir()] == ["set.json"]


def test_half_surrogates_survive_the_copy(write):
    path = write([KTO | {"output": "\ud83d", "label": "true"}])
    fixed = mend(read_dataset(path))
    assert json.loads(fixed.path.read_text(encoding="utf-8"))[0]["output"] == "\ud83d"


_TEXT = st.sampled_from(["a", "b", "", None, 5])
_ROLES = st.sampled_from(["human", "gpt", "user", "assistant", "system", ""])
_MESSAGE = st.fixed_dictionaries({}, optional={"from": _ROLES, "value": _TEXT})
_LABEL = st.sampled_from([True, False, "true", "False", 1, None, "maybe"])
_ROWS = st.one_of(
    st.fixed_dictionaries({"instruction": _TEXT, "chosen": _TEXT, "rejected": _TEXT}),
    st.fixed_dictionaries({"instruction": _TEXT, "output": _TEXT, "label": _LABEL}),
    st.fixed_dictionaries(
        {"conversations": st.lists(_MESSAGE, max_size=4), "chosen": _MESSAGE, "rejected": _MESSAGE | _TEXT}
    ),
    st.fixed_dictionaries({"prompt": _TEXT, "completion": _TEXT, "label": _LABEL}),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(_ROWS, min_size=1, max_size=5))
def test_a_corrected_copy_holds_nothing_that_could_have_been_corrected(write, records: list[dict[str, Any]]):
    path = write(records)
    try:
        dataset = read_dataset(path)
        fixed = mend(dataset)
    except RecordError:
        return
    if not (fixed.mended or fixed.left_out):
        assert not any(fault.fixable for found in faults_by_row(dataset).values() for fault in found)
        return
    copy = read_dataset(fixed.path)
    assert len(copy.records) == fixed.rows
    assert not [fault for found in faults_by_row(copy).values() for fault in found if fault.fixable]


def test_the_entry_that_a_file_needs_lists_its_columns(write):
    dataset = read_dataset(write([DPO | {"system": "S"}]))
    assert entry_for(dataset, "set.json") == {
        "file_name": "set.json",
        "ranking": True,
        "columns": {
            "prompt": "instruction",
            "query": "input",
            "chosen": "chosen",
            "rejected": "rejected",
            "system": "system",
        },
    }


@pytest.mark.parametrize("format", FORMATS)
def test_what_we_export_is_taken_whole(tmp_path, format):
    pairs = [
        Pair("Is there Größe?", "Yes.", "No.", "acceptance", system="You know Vista."),
        Pair(
            "And its columns?",
            "One.",
            "None.",
            "other",
            history=(("user", "Is there Größe?"), ("assistant", "Yes.")),
        ),
    ]
    pairs = [pair for pair in pairs if unfit(pair, format) is None]
    guard = Guard(Catalog([Relation("Größe")]))
    path = export_pairs(pairs, guard, format=format, folder=tmp_path, dataset="mine").files[0]
    dataset = read_dataset(path)
    trainers, found = check_trainers(dataset, find_registration(path))
    assert [problem for problem in found if problem.effect != "misleads"] == []
    assert max(trainer.takes for trainer in trainers) == len(dataset.records)
    assert {row.prompt for row in dataset.rows} >= {pair.prompt for pair in pairs if not pair.system}
