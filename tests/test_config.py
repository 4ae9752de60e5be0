"""config.toml: what is accepted, and that every fault is one line with file, line or key, and the mend."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgpt_probe.config import demo_workspace, find_config, load_workspace
from vgpt_probe.errors import ConfigError, UsageError
from vgpt_probe.toml_schema import line_of

GOOD = """\
[catalog]
source = "schema.sql"

[engine]
context = 2048
temperature = 0

[[stages]]
name = "sft"

[[models]]
name = "a"
path = "a.gguf"
stage = "sft"

[[models]]
name = "b"
path = "b.gguf"
stage = "sft"
context = 512
"""


@pytest.fixture
def write(tmp_path: Path):
    for name in ("schema.sql", "a.gguf", "b.gguf"):
        (tmp_path / name).write_text("", encoding="utf-8")

    def write(text: str) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_model_settings_take_the_engine_defaults_and_their_own_overrides(write):
    a, b = load_workspace(write(GOOD)).models()
    assert (a.context, b.context) == (2048, 512)
    assert a.temperature == 0.0
    assert Path(a.path).is_absolute()


def test_stop_strings_are_few_and_not_empty(write):
    text = GOOD.replace("temperature = 0\n", 'temperature = 0\nstop_strings = ["\\nQuestion:"]\n')
    assert {one.stop_strings for one in load_workspace(write(text)).models()} == {("\nQuestion:",)}
    for wrong in ('[""]', '["a", "b", "c", "d", "e"]', '"a"'):
        with pytest.raises(ConfigError, match="stop_strings"):
            load_workspace(write(text.replace('["\\nQuestion:"]', wrong)))


def test_a_model_without_a_stage_is_its_own_stage(write):
    text = GOOD.replace('[[stages]]\nname = "sft"\n', "").replace('stage = "sft"\n', "")
    assert [model.stage for model in load_workspace(write(text)).models()] == ["a", "b"]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("context = 2048", "contxt = 2048", 5, "unknown key 'engine.contxt' (did you mean 'context'?)"),
        ("context = 512", "contex = 512", 20, "unknown key 'models[2].contex' (did you mean 'context'?)"),
        ("context = 512", 'context = "big"', 20, "models[2].context: expected a whole number, got text"),
        ("context = 2048", "context = 0", 5, "engine.context: expected a whole number >= 1"),
        ('path = "b.gguf"', 'path = "bb.gguf"', 18, "models[2].path: no such file: bb.gguf (did you mean 'b.gguf'?)"),
        ('path = "b.gguf"\n', "", 16, "models[2] lacks the key 'path'"),
        ('name = "b"', 'name = "a"', 17, "models[2].name: 'a' is used twice"),
        ('path = "b.gguf"\nstage = "sft"', 'path = "b.gguf"\nstage = "stf"', 19, "no stage named 'stf' (did you mean"),
        ('source = "schema.sql"', 'source = "shema.sql"', 2, "catalog.source: no such file: shema.sql"),
        ("[engine]", "[engin]", 4, "unknown key 'engin' (did you mean 'engine'?)"),
        ("context = 2048", "context = = 2048", 5, "is not valid TOML"),
    ],
)
def test_a_fault_is_named_with_its_line_and_its_mend(write, old, new, line, said):
    assert old in GOOD
    path = write(GOOD.replace(old, new, 1))
    with pytest.raises(ConfigError) as caught:
        load_workspace(path)
    assert said in str(caught.value)
    assert f"config.toml:{line}:" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_a_folder_and_wrong_bytes_are_named(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        load_workspace(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"[catalog]\n# caf\xe9\n")
    with pytest.raises(ConfigError, match=r"latin\.toml:2: is not UTF-8"):
        load_workspace(tmp_path / "latin.toml")


def test_an_unknown_model_is_named_with_the_nearest(write):
    with pytest.raises(UsageError, match="no model named 'c'"):
        load_workspace(write(GOOD)).models(["c"])


def test_the_config_is_found_in_a_parent_folder_and_a_strangers_config_is_passed_over(write, tmp_path):
    path = write(GOOD)
    deep = tmp_path / "one" / "two"
    deep.mkdir(parents=True)
    (tmp_path / "one" / "config.toml").write_text("[other]\n", encoding="utf-8")
    assert find_config(deep) == path.resolve()
    # One that names only its models is one too.
    (tmp_path / "one" / "config.toml").write_text('[[models]]\nname = "a"\n', encoding="utf-8")
    assert find_config(deep) == (tmp_path / "one" / "config.toml").resolve()


def test_the_shipped_config_names_every_key():
    """The demo's config.toml is the reference: each key of each table is in it, set or commented."""
    import msgspec

    from vgpt_probe.config_tables import Config

    text = demo_workspace().path.read_text(encoding="utf-8")
    for table in msgspec.structs.fields(Config):
        if isinstance(table.default, msgspec.Struct) or table.name == "catalog":
            kind = table.type
            for field in msgspec.structs.fields(kind):
                assert re.search(rf"^(# )?{field.name} = ", text, re.MULTILINE), f"[{table.name}] {field.name}"


@given(st.integers(0, 5), st.integers(0, 30), st.text("abcdef", min_size=1, max_size=5))
def test_the_line_of_a_key_is_found_whatever_stands_before_it(position, padding, key):
    lines = ["[first]", 'other = "x"']
    for _ in range(position + 1):
        lines += ["# note"] * padding + ["[[items]]", 'name = "n"']
    lines.append(f"{key}_ = 1")
    assert line_of("\n".join(lines), ["items", position, f"{key}_"]) == len(lines)


SERVED = 'name = "b"\nurl = "http://127.0.0.1:8080/v1"\nstage = "sft"\n'
WAS = 'name = "b"\npath = "b.gguf"\nstage = "sft"\ncontext = 512\n'


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (SERVED + "context = 512", 20, "models[2].context: is only for a model that is loaded from a file"),
        (SERVED + 'path = "b.gguf"', 18, "models[2]: has a 'path' and a 'url'"),
        (WAS + 'model = "x"', 21, "models[2].model: is only for a 'url'"),
        (SERVED.replace("http://", "ftp://"), 18, "models[2].url: is no http or https URL"),
        (SERVED.replace("8080", "eighty"), 18, "models[2].url: is no URL"),
        (SERVED + 'api_key_env = "sk-123"', 20, "models[2].api_key_env: is no name of an environment variable"),
        (SERVED.replace("127", "me:key@127"), 18, "models[2].url: holds more than an address"),
        (SERVED.replace("/v1", "/v1?key=abc"), 18, "models[2].url: holds more than an address"),
    ],
)
def test_a_model_is_a_file_or_it_is_served(write, text, line, said):
    path = write(GOOD.replace(WAS, text))
    with pytest.raises(ConfigError) as caught:
        load_workspace(path)
    assert f"config.toml:{line}: {said}" in str(caught.value)
    assert "sk-123" not in str(caught.value) and "key=abc" not in str(caught.value)


def test_a_served_model_takes_the_engine_defaults_too(write):
    _, served = load_workspace(write(GOOD.replace(WAS, SERVED + 'parallel = 3\nmodel = "m"'))).models()
    assert (served.url, served.model, served.path, served.parallel) == ("http://127.0.0.1:8080/v1", "m", "", 3)


@pytest.mark.parametrize(
    ("engine", "model", "said"),
    [
        ("", 'kv_cache = "q5"', "models[2].kv_cache: invalid enum value 'q5' (one of: f16, q4_0, q8_0)"),
        ('flash_attention = "off"', 'kv_cache = "q8_0"', "models[2]: kv_cache = 'q8_0' needs flash attention"),
        ("main_gpu = 1", "tensor_split = [1, 1]", "models[2]: main_gpu puts the model on one GPU"),
        ("", "tensor_split = [0, 0]", "models[2].tensor_split: gives no GPU a share"),
        ("", "tensor_split = [-1]", "models[2].tensor_split[1]: expected a number >= 0.0"),
        ("", "main_gpu = -2", "models[2].main_gpu: expected a whole number >= -1"),
        ('residency = "some"', "", "engine.residency: invalid enum value 'some'"),
    ],
)
def test_settings_of_memory_and_gpus_are_checked(write, engine, model, said):
    text = GOOD.replace("context = 2048", f"context = 2048\n{engine}").replace("context = 512", model)
    with pytest.raises(ConfigError) as caught:
        load_workspace(write(text))
    assert said in str(caught.value) and "config.toml:" in str(caught.value)


def test_a_model_has_its_own_cache_and_gpus(write):
    text = GOOD.replace("context = 512", 'kv_cache = "q8_0"\ntensor_split = [3, 1]\nflash_attention = "on"')
    a, b = load_workspace(write(text)).models()
    assert (a.kv_cache, a.tensor_split, a.main_gpu, a.flash_attention) == ("f16", (), -1, "auto")
    assert (b.kv_cache, b.tensor_split, b.flash_attention) == ("q8_0", (3.0, 1.0), "on")
