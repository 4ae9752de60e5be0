"""A probe: one question about one subject, with what a right answer must do and why it is asked."""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec

from vgpt_probe.catalog import Catalog, is_real, module_of

Act = Literal["exists", "describe", "columns", "query", "join", "other"]
Expectation = Literal["affirm", "deny", "correct"]


class Probe(msgspec.Struct, frozen=True, omit_defaults=True):
    """One question about one subject.

    ``id`` is stable: it hashes the question and the subject. ``real`` is the catalog's word on the subject;
    ``expect`` says what a right answer must do. ``kind`` is the generator of an invented name, ``reason`` says why
    the subject is what it is. An answer must hold every text of ``expected`` and none of ``forbidden``.
    """

    id: str
    question: str
    subject: str
    wording: str
    act: Act
    module: str
    real: bool
    expect: Expectation
    kind: str = ""
    reason: str = ""
    expected: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()


def make_probe(
    question: str,
    subject: str,
    catalog: Catalog,
    *,
    wording: str,
    act: Act = "other",
    expect: Expectation | None = None,
    real: bool | None = None,
    kind: str = "",
    reason: str = "",
    expected: tuple[str, ...] = (),
    forbidden: tuple[str, ...] = (),
) -> Probe:
    """Make a probe; whether its subject is real (unless it is told), and what is expected, is asked of the catalog."""
    relation = catalog.get(subject)
    if relation is None and "." in subject:
        # A column: relation.column.
        relation = catalog.get(subject.rpartition(".")[0])
    if real is None:
        real = is_real(subject, catalog) is True
    return Probe(
        id=hashlib.sha256(f"{subject}\0{question}".encode("utf-8", errors="replace")).hexdigest()[:12],
        question=question,
        subject=subject,
        wording=wording,
        act=act,
        module=relation.module if relation else module_of(subject),
        real=real,
        expect=expect or ("affirm" if real else "deny"),
        kind=kind,
        reason=reason,
        expected=expected,
        forbidden=forbidden,
    )
