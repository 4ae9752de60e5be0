"""What a training row teaches, by its content: rejection, acceptance, clarification, style, join or other.

The reader of ``vgpt_probe.grading`` says what an answer says; no keywords, no file names.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import msgspec

from vgpt_probe.catalog import Catalog, is_real
from vgpt_probe.pairs.pair import PairKind
from vgpt_probe.pairs.sql_contrast import STYLES, contrast, joins, prose_and_code
from vgpt_probe.pairs.wording import Wording, spelled, wording_of

if TYPE_CHECKING:
    from vgpt_probe.grading import Phrases

Part = Literal["table", "column"]

DENIALS = frozenset({"denies", "contradicts"})


class Claim(msgspec.Struct, frozen=True):
    """What the answers of a row say about one subject, a relation or ``relation.column``.

    ``subject`` is spelled as the answer spells it, ``asked`` as the question does. ``real`` is the catalog's word,
    None where it cannot know. ``answer`` and ``rejected`` are the reader's stances; ``rejected`` is None where there is
    no such answer, or where it does not matter. ``suggested``: the relations that the answer offers instead.
    """

    subject: str
    asked: str
    part: Part
    real: bool | None
    answer: str
    rejected: str | None = None
    suggested: tuple[str, ...] = ()

    @property
    def denied(self) -> bool:
        """Whether the answer denies the subject, even if it contradicts itself afterwards."""
        return self.answer in DENIALS


class Content(msgspec.Struct, frozen=True):
    """What a row teaches: ``denies`` says what a rejection denies, ``styles`` in which house rules its answers differ.

    ``tables``: the relations that the SQL of the answer reads. ``unknown``: names that the answer suggests or reads
    although the catalog does not have them; a column (``relation.column``) only where all columns are known.
    """

    kind: PairKind
    wording: Wording
    claims: tuple[Claim, ...] = ()
    denies: Part | None = None
    styles: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def denied(self) -> tuple[Claim, ...]:
        return tuple(claim for claim in self.claims if claim.denied)


def classify(
    prompt: str, answer: str, rejected: str | None, catalog: Catalog, *, phrases: Phrases | None = None
) -> Content:
    """Say what preferring ``answer`` (over ``rejected``, where there is one) teaches about the names in ``prompt``.

    ``rejection``: the answer denies a table, view or column that the prompt asks about (``denies``: which of the two; a
    table if both). ``acceptance``: it affirms one, and that is what sets it apart from the rejected answer.
    ``join`` and ``style``: both answers use the same names in SQL and differ in how. ``clarification``: it neither
    denies nor affirms what was asked about but names real relations instead, or asks back. ``other``: anything else.
    ``phrases`` are the workspace's; None reads with the shipped ones.
    """
    wording = wording_of(prompt, catalog, answers=(answer, rejected or ""))
    claims, tables, unknown = _read(prompt, answer, wording, catalog, phrases)

    def content(kind: PairKind, denies: Part | None = None, styles: tuple[str, ...] = ()) -> Content:
        return Content(kind, wording, claims, denies, styles, tables, unknown)

    denied = [claim for claim in claims if claim.denied]
    if denied:
        return content("rejection", "table" if any(claim.part == "table" for claim in denied) else "column")
    clarifies = _clarifies(answer, claims, catalog)
    if rejected is None:
        if any(claim.answer == "affirms" for claim in claims):
            return content("join" if wording.act == "join" and joins(answer) else "acceptance")
        return content("clarification" if clarifies else "other")
    claims = _compared(prompt, rejected, claims, catalog, phrases)
    affirmed = [claim for claim in claims if claim.answer == "affirms"]
    if affirmed and all(claim.rejected in ("denies", "contradicts", "hedges") for claim in affirmed):
        return content("acceptance")
    styles = contrast(answer, rejected, catalog)
    if joins(answer) and joins(rejected) and (wording.act == "join" or "join" in styles):
        return content("join", None, styles)
    if styles and (affirmed or not claims or "view" in styles) and "tables" not in styles:
        return content("style", None, styles)
    if affirmed:
        # In words, the answer says that the name is there. Two queries on it only differ in what they ask for.
        return content("acceptance" if _speaks(answer) else "other", None, styles)
    return content("clarification" if clarifies else "other")


def _read(
    prompt: str, answer: str, wording: Wording, catalog: Catalog, phrases: Phrases | None
) -> tuple[tuple[Claim, ...], tuple[str, ...], tuple[str, ...]]:
    """What the answer says about each name that is asked about; the tables of its SQL; names that are not there."""
    from vgpt_probe.grading import read_answer

    claims: list[Claim] = []
    tables: dict[str, None] = {}
    unknown: dict[str, None] = {}
    asked = {one.name.rpartition(".")[2].casefold() for one in wording.subjects}
    for one in wording.subjects or (None,):
        reading = read_answer(prompt, answer, one.name if one else "", catalog, phrases=phrases)
        tables.update(dict.fromkeys(reading.sql_tables))
        strange = (*reading.unknown_suggested, *reading.unknown_tables, *reading.unknown_columns)
        unknown.update(
            # "tbl_" is how names begin, not a name.
            dict.fromkeys(name for name in strange if name.casefold() not in asked and not name.endswith("_"))
        )
        if one is None or (one.guessed and reading.stance not in ("affirms", *DENIALS)):
            continue
        name = spelled(one.name, answer, catalog)
        part: Part = "column" if one.column else "table"
        real = is_real(name, catalog)
        claims.append(Claim(name, one.name, part, real, reading.stance, None, reading.suggested))
    return tuple(claims), tuple(tables), tuple(unknown)


def _compared(
    prompt: str, rejected: str, claims: tuple[Claim, ...], catalog: Catalog, phrases: Phrases | None
) -> tuple[Claim, ...]:
    """The claims with what the rejected answer says."""
    from vgpt_probe.grading import read_answer

    return tuple(
        msgspec.structs.replace(
            claim, rejected=read_answer(prompt, rejected, claim.asked, catalog, phrases=phrases).stance
        )
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
