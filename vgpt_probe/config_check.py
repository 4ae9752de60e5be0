"""What is wrong with a model's table in config.toml beyond the types of its keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vgpt_probe.config_tables import EngineConfig, ModelConfig

#: What only a file that is loaded here can have.
_OF_A_FILE = (
    "adapter", "chat_template", "context", "threads", "batch", "gpu_layers", "main_gpu", "tensor_split",
    "flash_attention", "kv_cache", "load_timeout",
)  # fmt: skip
_OF_AN_ENDPOINT = ("model", "api_key_env", "retries")


def model_faults(model: ModelConfig, engine: EngineConfig) -> Iterator[tuple[str, str, str]]:
    """What is wrong with a ``[[models]]`` table: the key, the fault (after the table's name), the mend."""
    if not model.path and not model.url:
        yield "path", " lacks the key 'path'", "give the path of a GGUF file, or the 'url' of a server"
    if model.path and model.url:
        yield "url", ": has a 'path' and a 'url'", "a model is a file or it is served: delete one of them"
    for key in _OF_A_FILE if model.url else _OF_AN_ENDPOINT:
        if getattr(model, key) not in ("", None):
            other = "is only for a model that is loaded from a file" if model.url else "is only for a 'url'"
            yield key, f".{key}: {other}", "delete it"

    def merged(key: str) -> Any:
        own = getattr(model, key)
        return getattr(engine, key) if own is None else own

    if not model.url and merged("kv_cache") != "f16" and merged("flash_attention") == "off":
        yield (
            "kv_cache",
            f": kv_cache = '{merged('kv_cache')}' needs flash attention",
            "set flash_attention = 'auto'",
        )
    split = merged("tensor_split")
    if not model.url and split and merged("main_gpu") >= 0:
        yield (
            "tensor_split",
            ": main_gpu puts the model on one GPU, tensor_split on several",
            "set one of them",
        )
    if not model.url and split and not sum(split):
        yield "tensor_split", ".tensor_split: gives no GPU a share", "such as [3, 1]"
    if model.url:
        from urllib.parse import urlsplit

        try:
            parts = urlsplit(model.url)
            parts.port  # noqa: B018 (raises for a wrong one)
        except ValueError:
            yield "url", f".url: is no URL: {model.url}", "such as http://127.0.0.1:8080/v1"
            return
        if parts.scheme not in ("http", "https") or not parts.hostname:
            yield "url", f".url: is no http or https URL: {model.url}", "such as http://127.0.0.1:8080/v1"
        elif parts.username or parts.password or parts.query or parts.fragment:
            mend = "put the key into an environment variable and name that as 'api_key_env'"
            yield "url", ".url: holds more than an address", mend
    if model.api_key_env and not model.api_key_env.isidentifier():
        # It may be the key itself: it is not repeated.
        yield "api_key_env", ".api_key_env: is no name of an environment variable", "such as OPENAI_API_KEY"
