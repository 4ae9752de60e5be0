"""What a training row teaches, by its content: rejection, acceptance, clarification, style, join or other.

The reader of ``vgpt_probe.grading`` says what an answer says; no keywords, no file names.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from vgpt_probe.catalog import Catalog, is_real
from vgpt_probe.pairs.pair import PairKind
from vgpt_probe.pairs.sql_contrast import STYLES, contrast, joins, prose_and_code
from vgpt_probe.pairs.wording import Asked, Wording, spelled, wording_of

Part = Literal["table", "column"]

DENIALS = frozenset({"denies", "contradicts"})


class Claim(msgspec.Struct, frozen=True):
    """What the answers of a row say about one subject, a relation or ``relation.column``.

    ``real`` is the catalog's word, None where it cannot know. ``rejected`` is None where there is no such answer, or
    where it was not needed. ``suggested``: the names that the answer offers instead; ``unknown``: those among them,
    and the relations of its SQL, that the catalog does not know.
    """

    subject: str
    part: Part
    real: bool | None
    answer: str
    rejected: str | None = None
    suggested: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def denied(self) -> bool:
        """Whether the answer denies the subject, even if it contradicts itself afterwards."""
        return self.answer in DENIALS


class Content(msgspec.Struct, frozen=True):
    """What a row teaches: ``denies`` says what a rejection denies, ``styles`` in which house rules its answers differ."""

    kind: PairKind
    wording: Wording
    claims: tuple[Claim, ...] = ()
    denies: Part | None = None
    styles: tuple[str, ...] = ()

    @property
    def denied(self) -> tuple[Claim, ...]:
        return tuple(claim for claim in self.claims if claim.denied)


def classify(prompt: str, answer: str, rejected: str | None, catalog: Catalog) -> Content:
    """Say what preferring ``answer`` (over ``rejected``, where there is one) teaches about the names in ``prompt``.

    ``rejection``: the answer denies a table, view or column that the prompt asks about (``denies``: which of the two; a
    table if both). ``acceptance``: it affirms one, and that is what sets it apart from the rejected answer.
    ``join`` and ``style``: both answers use the same names in SQL and differ in how. ``clarification``: it neither
    denies nor affirms what was asked about but names real relations instead, or asks back. ``other``: anything else.
    """
    wording = wording_of(prompt, catalog, answers=(answer, rejected or ""))
    claims = _claims(prompt, answer, wording, catalog)
    denied = [claim for claim in claims if claim.denied]
    if denied:
        part: Part = "table" if any(claim.part == "table" for claim in denied) else "column"
        return Content("rejection", wording, claims, part)
    if rejected is None:
        if any(claim.answer == "affirms" for claim in claims):
            joined = wording.act == "join" and joins(answer)
            return Content("join" if joined else "acceptance", wording, claims)
        return Content("clarification" if _clarifies(answer, claims, catalog) else "other", wording, claims)
    claims = _compared(prompt, rejected, claims, catalog)
    affirmed = [claim for claim in claims if claim.answer == "affirms"]
    if affirmed and all(claim.rejected in ("denies", "contradicts", "hedges") for claim in affirmed):
        return Content("acceptance", wording, claims)
    styles = contrast(answer, rejected, catalog)
    if joins(answer) and joins(rejected) and (wording.act == "join" or "join" in styles):
        return Content("join", wording, claims, None, styles)
    if styles and (affirmed or not claims or "view" in styles) and "tables" not in styles:
        return Content("style", wording, claims, None, styles)
    if affirmed:
        # In words, the answer says that the name is there. Two queries on it only differ in what they ask for.
        return Content("acceptance" if _speaks(answer) else "other", wording, claims, None, styles)
    return Content("clarification" if _clarifies(answer, claims, catalog) else "other", wording, claims)


def _claims(prompt: str, answer: str, wording: Wording, catalog: Catalog) -> tuple[Claim, ...]:
    found = (_claim(prompt, answer, asked, catalog) for asked in wording.subjects)
    return tuple(claim for claim in found if claim is not None)


def _claim(prompt: str, answer: str, asked: Asked, catalog: Catalog) -> Claim | None:
    from vgpt_probe.grading import read_answer

    name = spelled(asked.name, answer, catalog)
    reading = read_answer(prompt, answer, asked.name, catalog)
    if asked.guessed and reading.stance not in DENIALS and reading.stance != "affirms":
        return None
    unknown = (*reading.unknown_suggested, *reading.unknown_tables)
    return Claim(
        subject=name,
        part="column" if asked.column else "table",
        real=is_real(name, catalog),
        answer=reading.stance,
        suggested=reading.suggested,
        unknown=tuple(dict.fromkeys(one for one in unknown if one.casefold() != asked.name.casefold())),
    )


def _compared(prompt: str, rejected: str, claims: tuple[Claim, ...], catalog: Catalog) -> tuple[Claim, ...]:
    from vgpt_probe.grading import read_answer

    return tuple(
        msgspec.structs.replace(claim, rejected=read_answer(prompt, rejected, claim.subject, catalog).stance)
        for claim in claims
    )


_NAME = re.compile(r"[^\W\d]\w*")


def _clarifies(answer: str, claims: tuple[Claim, ...], catalog: Catalog) -> bool:
    prose, _ = prose_and_code(answer)
    asked = {claim.subject.casefold() for claim in claims}
    if prose.rstrip().endswith("?"):
        return True
    named = (word for word in _NAME.findall(prose) if word.casefold() not in asked)
    # A word that is also a name ("Activity", "Companies") is no pointer to a table; "APTH" is.
    return bool(claims) and any(
        word in catalog and (word.isupper() or any(letter.isupper() for letter in word[1:])) for word in named
    )


def _speaks(answer: str) -> bool:
    prose, code = prose_and_code(answer)
    return bool(prose.strip()) and not code.strip()


__all__ = ["DENIALS", "STYLES", "Claim", "Content", "Part", "classify"]
