"""Framing for the pipes between the app and a worker: a 4-byte length, then a msgpack message."""

from __future__ import annotations

import struct
from typing import IO

import msgspec

#: What decoding rubbish raises: msgspec lets the error of text that is no UTF-8 through as it is.
RUBBISH = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError)

_LENGTH = struct.Struct("<I")


def write_frame(pipe: IO[bytes], data: bytes) -> None:
    """Write one message; raises ``OSError`` when the other side is gone."""
    view = memoryview(_LENGTH.pack(len(data)) + data)
    while view:
        # A raw pipe may take less than it is given.
        view = view[pipe.write(view) or 0 :]


def read_frame(pipe: IO[bytes]) -> bytes | None:
    """Read one message; None when the other side is gone."""
    head = _read(pipe, _LENGTH.size)
    return None if head is None else _read(pipe, _LENGTH.unpack(head)[0])


def _read(pipe: IO[bytes], size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        part = pipe.read(size - len(parts))
        if not part:
            return None
        parts += part
    return bytes(parts)
