"""An OpenAI-compatible server as it is spoken to: what it says of itself, its answers, its log-probabilities.

Only a model that config.toml names with a ``url`` makes this program use the network. The key comes from the
environment, and is cut out of everything that the server says before anybody sees it.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
from typing import Any
from urllib.parse import urlsplit

import msgspec

from vgpt_probe.config import ModelSettings
from vgpt_probe.errors import ModelError, nearest
from vgpt_probe.text import one_line

#: Seconds to connect; seconds that a server may take to say what it is.
CONNECT, DESCRIBE = 10.0, 15.0
#: An answer longer than this (bytes) is rubbish.
MOST_BYTES = 16 << 20
#: How much of a server's complaint is repeated.
_COMPLAINT = 300


class ServedModel(msgspec.Struct, frozen=True):
    """What a server says of a model: its id, its context in tokens (0: it does not say), and what identifies it."""

    id: str
    context: int
    identity: dict[str, Any]

    @property
    def fingerprint(self) -> str:
        """A hash of all that identifies the model; a server that says little can hide that it serves another."""
        data = msgspec.json.encode(self.identity, order="sorted")
        return f"served-{hashlib.sha256(data).hexdigest()}"


class _Listed(msgspec.Struct, frozen=True):
    id: str
    root: str | None = None
    parent: str | None = None
    owned_by: str | None = None
    max_model_len: int | None = None
    meta: dict[str, Any] | None = None


class _Models(msgspec.Struct, frozen=True):
    data: list[_Listed]


class _Props(msgspec.Struct, frozen=True):
    model_path: str | None = None
    model_alias: str | None = None
    build_info: str | None = None
    chat_template: str | None = None
    default_generation_settings: dict[str, Any] = {}


class _Tag(msgspec.Struct, frozen=True):
    name: str
    digest: str | None = None


class _Tags(msgspec.Struct, frozen=True):
    models: list[_Tag]


def describe(settings: ModelSettings) -> ServedModel:
    """Ask a server what it serves under the name that config.toml gives.

    Raises ``ModelError`` when it cannot be reached, refuses, or has no such model.
    """
    httpx = import_httpx()
    key = api_key(settings)
    options = client_options(settings, key)
    try:
        with httpx.Client(**options, timeout=httpx.Timeout(DESCRIBE, connect=CONNECT)) as client:
            status, listed = _get(client, f"{settings.url}/models", _Models)
            if status in (401, 403):
                raise ModelError(refused(settings, status))
            if listed is None and not settings.model:
                raise ModelError(
                    f"{settings.url} does not list its models (status {status})",
                    mend="check 'url' (it mostly ends in /v1), or name the 'model'",
                )
            known = listed.data if listed is not None else []
            chosen = _choose(settings, known)
            root = settings.url.removesuffix("/v1")
            _, props = _get(client, f"{root}/props", _Props)
            _, tags = _get(client, f"{root}/api/tags", _Tags) if props is None else (0, None)
    except httpx.HTTPError as fault:
        raise ModelError(unreachable(settings, fault), mend="start the server, or check 'url'") from None
    return _served(chosen, props, tags)


def _choose(settings: ModelSettings, known: list[_Listed]) -> _Listed:
    wanted = settings.model
    if not wanted:
        if len(known) == 1:
            return known[0]
        listed = ", ".join(one_line(one.id) for one in known[:20]) or "none"
        raise ModelError(f"{settings.url} serves {len(known)} models", mend=f"name the 'model': {listed}")
    for one in known:
        # Ollama lists 'llama3:latest' and answers to 'llama3'.
        if one.id in (wanted, f"{wanted}:latest"):
            return msgspec.structs.replace(one, id=wanted)
    if known:
        names = [one.id for one in known]
        mend = nearest(wanted, names) or f"it serves {', '.join(names[:20])}"
        raise ModelError(f"{settings.url} serves no model '{wanted}'", mend=one_line(mend))
    return _Listed(wanted)


def _served(listed: _Listed, props: _Props | None, tags: _Tags | None) -> ServedModel:
    identity: dict[str, Any] = {"id": listed.id, "root": listed.root, "parent": listed.parent}
    if listed.meta:
        identity["meta"] = listed.meta
    context = listed.max_model_len or 0
    if props is not None:
        identity |= {key: getattr(props, key) for key in ("model_path", "model_alias", "build_info")}
        if props.chat_template:
            identity["chat_template"] = hashlib.sha256(props.chat_template.encode("utf-8")).hexdigest()
        said = props.default_generation_settings.get("n_ctx")
        context = context or (said if isinstance(said, int) else 0)
    for tag in tags.models if tags is not None else []:
        if tag.name in (listed.id, f"{listed.id}:latest"):
            identity["digest"] = tag.digest
    return ServedModel(listed.id, context, {key: value for key, value in identity.items() if value})


def _get(client: Any, url: str, kind: type[Any]) -> tuple[int, Any]:
    """The status of a page, and what it says, or None where that is something else."""
    body = bytearray()
    with client.stream("GET", url) as answer:
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > MOST_BYTES:
                return answer.status_code, None
    if answer.status_code != 200:
        return answer.status_code, None
    try:
        return 200, msgspec.json.decode(bytes(body), type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return 200, None


def import_httpx() -> Any:
    """Import the HTTP client, which only those need who use an endpoint."""
    try:
        import httpx
    except ImportError:
        raise ModelError(
            "a model with a 'url' needs the package httpx", mend="pip install 'vgpt-probe[endpoints]'"
        ) from None
    return httpx


def api_key(settings: ModelSettings) -> str:
    """The key from the environment, "" where none is needed. Raises ``ModelError`` when it is not there."""
    if not settings.api_key_env:
        return ""
    key = os.environ.get(settings.api_key_env, "").strip()
    if not key:
        raise ModelError(
            f"the environment variable {settings.api_key_env} is not set",
            mend="it must hold the key of this model's server, see 'api_key_env'",
        )
    return key


def client_options(settings: ModelSettings, key: str) -> dict[str, Any]:
    """What every client of this server is made with. A proxy is for the world outside, not for this machine."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return {"headers": headers, "trust_env": not _is_here(settings.url), "follow_redirects": False}


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def unreachable(settings: ModelSettings, fault: Exception) -> str:
    """Say why a server cannot be reached."""
    said = clean(settings, str(fault)) or type(fault).__name__
    return f"no answer from {settings.url}: {said}"


def refused(settings: ModelSettings, status: int) -> str:
    """Say that a server wants another key."""
    what = f"the key in {settings.api_key_env}" if settings.api_key_env else "a request without a key"
    mend = "" if settings.api_key_env else "; name the environment variable that holds it as 'api_key_env'"
    return f"{settings.url} refuses {what} (status {status}){mend}"


def clean(settings: ModelSettings, text: str) -> str:
    """One short line of what a server said, without the key."""
    key = os.environ.get(settings.api_key_env, "").strip() if settings.api_key_env else ""
    if key:
        text = text.replace(key, "•••")
    text = one_line(text)
    return text if len(text) <= _COMPLAINT else f"{text[:_COMPLAINT]} …"


def complaint(settings: ModelSettings, body: bytes) -> str:
    """What a server's error body says, in any of the shapes that servers use."""
    text = body[: 1 << 16].decode("utf-8", errors="replace")
    try:
        found: Any = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return clean(settings, text)
    for _ in range(3):
        if isinstance(found, dict):
            found = next((found[key] for key in ("error", "message", "detail", "msg") if key in found), text)
        elif isinstance(found, list) and found:
            found = found[0]
    return clean(settings, found if isinstance(found, str) else text)
