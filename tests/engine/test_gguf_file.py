"""Reading a GGUF header: as the gguf package reads it, and every way that a file can be wrong."""

from __future__ import annotations

import struct

import pytest
from gguf import GGUFReader, GGUFWriter
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import DEMO_MODELS
from tests.tiny_gguf import write_tiny_adapter, write_tiny_gguf
from vgpt_probe.engine.gguf_file import check_adapter, read_gguf, read_header
from vgpt_probe.errors import ModelError


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return write_tiny_gguf(tmp_path_factory.mktemp("gguf") / "tiny.gguf")


@pytest.mark.parametrize("name", ["tiny", "sft", "dpo_v1.lora"])
def test_a_header_is_what_the_gguf_package_reads(tiny, name):
    path = tiny if name == "tiny" else DEMO_MODELS / f"{name}.gguf"
    reader, header = GGUFReader(path), read_header(path)
    said = {key: field.contents() for key, field in reader.fields.items() if not key.startswith("GGUF.")}
    assert said.keys() == header.fields.keys()
    for key, value in said.items():
        found = header.fields[key]
        assert found == (len(value) if isinstance(found, int) and isinstance(value, list) else value), key
    shapes = {one.name: (tuple(map(int, one.shape)), int(one.n_bytes)) for one in reader.tensors}
    assert shapes == {name: (one.shape, one.size) for name, one in header.tensors.items()}


def test_facts_of_a_model(tiny):
    facts = read_gguf(tiny)
    assert (facts.architecture, facts.layers, facts.width, facts.vocabulary) == ("llama", 2, 64, 260)
    assert facts.quantisation == "F32" and facts.chat_template
    assert facts.kv_values == 2 * 4 * (16 + 16)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no GGUF file"),
        (b"some text", "is no GGUF file"),
        (b"GGUF", "is a damaged GGUF file"),
        (b"GGUF" + struct.pack("<IQQ", 1, 0, 0), "version 1 of the format is too old"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "byte order"),
        (b"GGUF" + struct.pack("<IQQ", 3, 2**60, 0), "it claims"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2**62), "beyond the end"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 0), "0 layers"),
    ],
)
def test_what_is_no_model_is_named(tmp_path, content, said):
    path = tmp_path / "bad.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=said) as caught:
        read_gguf(path)
    assert str(path) in str(caught.value)


def test_a_cut_file_is_named_with_the_tensor(tiny, tmp_path):
    (tmp_path / "cut.gguf").write_bytes(tiny.read_bytes()[:-1000])
    with pytest.raises(ModelError, match=r"it is cut: 'blk\.1"):
        read_gguf(tmp_path / "cut.gguf")


@pytest.mark.parametrize("layers", [0, 1, 100_000])
def test_a_wrong_count_of_layers_which_aborts_llama_cpp_is_named(tiny, tmp_path, layers):
    data = tiny.read_bytes()
    key = b"llama.block_count" + struct.pack("<I", 4)
    assert data.count(key + struct.pack("<I", 2)) == 1
    (tmp_path / "bad.gguf").write_bytes(data.replace(key + struct.pack("<I", 2), key + struct.pack("<I", layers)))
    with pytest.raises(ModelError, match=f"damaged GGUF file: {layers} layers"):
        read_gguf(tmp_path / "bad.gguf")


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 12_000), st.binary(min_size=1, max_size=8))
def test_a_damaged_header_gives_facts_or_a_clear_error(tiny, tmp_path_factory, place, change):
    data = bytearray(tiny.read_bytes())
    data[place : place + len(change)] = change
    path = tmp_path_factory.getbasetemp() / "damaged.gguf"
    path.write_bytes(data)
    try:
        read_gguf(path)
    except ModelError as fault:
        assert str(path) in str(fault)


def write_bert(path):
    writer = GGUFWriter(str(path), "bert")
    writer.add_block_count(0)
    writer.add_causal_attention(False)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_an_embedding_model_and_an_adapter_are_no_models(tmp_path):
    with pytest.raises(ModelError, match=r"is an embedding model \(bert\)"):
        read_gguf(write_bert(tmp_path / "bert.gguf"))
    with pytest.raises(ModelError, match=r"is a LoRA adapter, not a model .give the base GGUF as 'path'"):
        read_gguf(write_tiny_adapter(tmp_path / "lora.gguf"))


def test_an_adapter_is_checked_against_its_base(tiny, tmp_path):
    check_adapter(write_tiny_adapter(tmp_path / "good.gguf"), tiny)
    for changes, said in (
        ({"width": 96}, r"does not fit tiny.gguf: 'blk.0.attn_q.weight.lora_a' is \(96, 4\)"),
        ({"architecture": "gemma3"}, "is an adapter for 'gemma3', its base tiny.gguf is 'llama'"),
    ):
        with pytest.raises(ModelError, match=said):
            check_adapter(write_tiny_adapter(tmp_path / "bad.gguf", **changes), tiny)
    with pytest.raises(ModelError, match="is no LoRA adapter but a model"):
        check_adapter(tiny, tiny)
    check_adapter(DEMO_MODELS / "dpo_v1.lora.gguf", DEMO_MODELS / "sft.gguf")
