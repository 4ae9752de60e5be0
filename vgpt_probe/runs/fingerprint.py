"""The identity of a model: the SHA-256 of its file, so that a retrained model under the same name is another."""

from __future__ import annotations

import hashlib
from pathlib import Path

from vgpt_probe.config import ModelSettings
from vgpt_probe.errors import ModelError, at
from vgpt_probe.runs.store import Store

_CHUNK = 1 << 22


def model_fingerprint(settings: ModelSettings, store: Store) -> str:
    """Return the hash of a model's file, and of its adapter's after a ``+``; known files are not read again.

    A served model is identified by what its server says of it. Raises ``ModelError`` when a file cannot be read or
    a server not be reached.
    """
    if settings.url:
        from vgpt_probe.engine.served import describe

        return describe(settings).fingerprint
    paths = [Path(settings.path)] + ([Path(settings.adapter)] if settings.adapter else [])
    return "+".join(_file(path, store) for path in paths)


def _file(path: Path, store: Store) -> str:
    try:
        known = store.known_fingerprint(path)
        if known is None:
            digest = hashlib.sha256()
            with path.open("rb") as stream:
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
            known = digest.hexdigest()
            store.keep_fingerprint(path, known)
        return known
    except OSError as fault:
        raise ModelError(f"cannot be read: {fault.strerror or fault}", where=at(path)) from None
