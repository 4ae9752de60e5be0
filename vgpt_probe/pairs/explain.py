"""From a finding to its likely cause: the training rows nearest to it, and what their wording is answered by.

Nothing here proves anything: a cause is likely when the training set shows what the model does.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from vgpt_probe.catalog import Catalog
from vgpt_probe.pairs.audit import Read, read_rows
from vgpt_probe.pairs.content import DENIALS
from vgpt_probe.pairs.wording import Wording, wording_of

if TYPE_CHECKING:
    from vgpt_probe.grading import Phrases

Does = Literal["denies", "affirms"]
About = Literal["subject", "wording", "near wording", "names alike", "balance"]

#: From here on wordings and names are alike (rapidfuzz's ratio, 0 to 100).
NEAR_WORDING, NEAR_NAME = 80, 75

#: A wording tells nothing by fewer rows, or by a smaller share of rows that do as the model does.
LEAST_ROWS, LEAST_SHARE = 3, 0.5

_TEXT = 400


class TrainingSet(msgspec.Struct, frozen=True):
    """A training file with what each of its rows teaches."""

    path: Path
    read: tuple[Read, ...]


class Cause(msgspec.Struct, frozen=True):
    """One likely cause, in words and in figures.

    ``matching`` of ``rows`` training rows do what the model did; ``share`` is their part; ``weight`` puts causes in
    order, 0 to 1. ``examples`` are row numbers.
    """

    about: About
    file: str
    what: str
    rows: int
    matching: int
    share: float
    weight: float
    wording: str = ""
    examples: tuple[int, ...] = ()


class Near(msgspec.Struct, frozen=True):
    """A training row near to the finding; ``similarity`` is 0 to 100, ``same`` how many rows say the same."""

    file: str
    row: int
    similarity: int
    prompt: str
    answer: str
    does: str
    same: int = 1


class Explanation(msgspec.Struct, frozen=True):
    """What in the training data may have made a model answer as it did; causes, the likeliest first."""

    question: str
    wording: str
    subject: str
    does: Does
    denied: int
    affirmed: int
    causes: tuple[Cause, ...]
    nearest_by_wording: tuple[Near, ...]
    nearest_by_answer: tuple[Near, ...]


def load_training(
    paths: Iterable[Path],
    catalog: Catalog,
    *,
    phrases: Phrases | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> list[TrainingSet]:
    """Read training files once for any number of explanations; takes seconds for thousands of rows.

    Raises ``RecordError`` when a file cannot be read.
    """
    from vgpt_probe.pairs.datasets import read_dataset

    return [
        TrainingSet(path, tuple(read_rows(read_dataset(path).rows, catalog, phrases=phrases, tell=tell)))
        for path in paths
    ]


def explain(
    question: str,
    subject: str,
    answer: str,
    training: Sequence[TrainingSet],
    catalog: Catalog,
    *,
    phrases: Phrases | None = None,
    limit: int = 5,
) -> Explanation:
    """Say what in the training data may have made a model give this answer about this subject.

    ``limit``: how many nearest rows are named by wording and by answer.
    """
    from vgpt_probe.grading import read_answer

    stance = read_answer(question, answer, subject, catalog, phrases=phrases).stance
    does: Does = "denies" if stance in DENIALS else "affirms"
    wording = _wording(question, subject, catalog)
    causes = [cause for one in training for cause in _causes(one, wording, subject, does)]
    about = [
        claim
        for one in training
        for read in one.read
        for claim in read.content.claims
        if read.desired and claim.asked.casefold() == subject.casefold()
    ]
    return Explanation(
        question=question,
        wording=wording.text,
        subject=subject,
        does=does,
        denied=sum(claim.denied for claim in about),
        affirmed=sum(claim.answer == "affirms" for claim in about),
        causes=tuple(sorted(causes, key=lambda cause: -cause.weight)),
        nearest_by_wording=tuple(_by_wording(training, wording, subject, limit)),
        nearest_by_answer=tuple(_by_answer(training, answer, subject, limit)),
    )


def _wording(question: str, subject: str, catalog: Catalog) -> Wording:
    """The wording of a probe's question, whose subject is known even where it does not look like a name."""
    found = wording_of(question, catalog)
    if "{subject}" in found.text or "{column}" in found.text:
        return found
    return wording_of(question, catalog, answers=[f"'{subject}'"])


def _does(read: Read) -> str:
    """What an answer does to the names it is asked about."""
    if any(claim.denied for claim in read.content.claims):
        return "denies"
    if any(claim.answer == "affirms" for claim in read.content.claims):
        return "affirms"
    return "neither"


def _causes(one: TrainingSet, wording: Wording, subject: str, does: Does) -> Iterator[Cause]:
    file = str(one.path)
    name = one.path.name
    learnt = [read for read in one.read if read.desired and read.content.claims]
    did = "denied" if does == "denies" else "affirmed"
    own = [
        read
        for read in learnt
        if any(claim.asked.casefold() == subject.casefold() for claim in read.content.claims)
    ]
    same = [read for read in own if _about(read, subject) == does]
    if same:
        what = f"{name} itself has '{subject}' {did} in {_rows(len(same))} of {len(own):,} that ask about it"
        yield _cause("subject", file, what, own, same, 1.0)
    groups: dict[str, list[Read]] = {}
    for read in learnt:
        groups.setdefault(read.content.wording.key, []).append(read)
    exact = groups.get(wording.key, [])
    same = [read for read in exact if _does(read) == does]
    if len(exact) >= LEAST_ROWS and len(same) / len(exact) >= LEAST_SHARE:
        what = (
            f"in {name} the wording '{wording.text}' is answered by {_noun(does)} in {len(same):,} of {_rows(len(exact))}"
            f" ({len(same) / len(exact):.0%})"
        )
        yield _cause("wording", file, what, exact, same, 0.9 * _weight(same, exact), wording.text)
    for key, similarity in _near_keys(wording.key, groups):
        same = [read for read in groups[key] if _does(read) == does]
        share = len(same) / len(groups[key])
        if len(groups[key]) >= LEAST_ROWS and share >= LEAST_SHARE:
            text = groups[key][0].content.wording.text
            what = (
                f"in {name} the similar wording '{text}' is answered by {_noun(does)} in {len(same):,} of"
                f" {_rows(len(groups[key]))} ({share:.0%})"
            )
            weight = 0.7 * _weight(same, groups[key]) * similarity / 100
            yield _cause("near wording", file, what, groups[key], same, weight, text)
    yield from _names_alike(file, name, learnt, subject, does)
    same = [read for read in learnt if _does(read) == does]
    if learnt and len(same) / len(learnt) >= LEAST_SHARE:
        what = f"{name} as a whole: {len(same):,} of {len(learnt):,} answers about a name are {_noun(does, many=True)}"
        yield _cause("balance", file, what, learnt, same, 0.3 * _weight(same, learnt))


def _names_alike(file: str, name: str, learnt: Sequence[Read], subject: str, does: Does) -> Iterator[Cause]:
    """Names close to the subject that are treated as the model treated the subject."""
    from rapidfuzz import fuzz, process

    names: dict[str, list[Read]] = {}
    for read in learnt:
        for claim in read.content.claims:
            if claim.part == "table" and claim.asked.casefold() != subject.casefold():
                names.setdefault(claim.asked, []).append(read)
    hits = process.extract(subject, list(names), scorer=fuzz.ratio, score_cutoff=NEAR_NAME, limit=50)
    alike = [read for hit in hits for read in names[hit[0]]]
    same = [read for read in alike if _does(read) == does]
    if len(alike) >= LEAST_ROWS and len(same) / len(alike) >= LEAST_SHARE:
        doing = [hit[0] for hit in hits if any(_does(read) == does for read in names[hit[0]])]
        listed = ", ".join(doing[:5]) + (f" and {len(doing) - 5} more" if len(doing) > 5 else "")
        what = f"{name} {does} names like it in {len(same):,} of {_rows(len(alike))} ({listed})"
        yield _cause("names alike", file, what, alike, same, 0.5 * _weight(same, alike))


def _about(read: Read, subject: str) -> str:
    claims = [claim for claim in read.content.claims if claim.asked.casefold() == subject.casefold()]
    if any(claim.denied for claim in claims):
        return "denies"
    return "affirms" if any(claim.answer == "affirms" for claim in claims) else "neither"


def _near_keys(key: str, groups: dict[str, list[Read]]) -> list[tuple[str, float]]:
    from rapidfuzz import fuzz, process

    hits = process.extract(key, list(groups), scorer=fuzz.ratio, score_cutoff=NEAR_WORDING, limit=6)
    return [(hit[0], hit[1]) for hit in hits if hit[0] != key]


def _cause(
    about: About,
    file: str,
    what: str,
    rows: Sequence[Read],
    same: Sequence[Read],
    weight: float,
    wording: str = "",
) -> Cause:
    examples = tuple(dict.fromkeys(read.row.number for read in same))[:5]
    share = len(same) / len(rows) if rows else 0.0
    return Cause(about, file, what, len(rows), len(same), share, round(weight, 3), wording, examples)


def _weight(same: Sequence[Read], rows: Sequence[Read]) -> float:
    """The share, less where few rows show it: 3 rows count a third, 100 and more in full."""
    return len(same) / len(rows) * min(1.0, math.log10(len(rows) + 1) / 2)


def _by_wording(training: Sequence[TrainingSet], wording: Wording, subject: str, limit: int) -> list[Near]:
    """Rows of the nearest wordings; of one wording those of the first file, then the names most like the subject, first."""
    from rapidfuzz import fuzz

    keys = {read.content.wording.key for one in training for read in one.read if read.content.claims}
    alike = {key: fuzz.ratio(wording.key, key) for key in keys}
    best = sorted(keys, key=lambda key: (-alike[key], key))[:limit]
    found = [
        (-alike[read.content.wording.key], place, -fuzz.ratio(subject, read.content.claims[0].asked), read)
        for place, one in enumerate(training)
        for read in one.read
        if read.content.claims and read.content.wording.key in best
    ]
    found.sort(key=lambda hit: (*hit[:3], hit[3].row.number))
    return [_near(training[place], read, -similarity) for similarity, place, _, read in found[:limit]]


def _by_answer(training: Sequence[TrainingSet], answer: str, subject: str, limit: int) -> list[Near]:
    """Rows whose answers are most like the model's when the names in question are taken out; equal ones once."""
    from rapidfuzz import fuzz, process

    first: dict[str, tuple[TrainingSet, Read]] = {}
    counts: Counter[str] = Counter()
    for one in training:
        for read in one.read:
            if read.desired:
                text = _masked(read.row.answer, [claim.subject for claim in read.content.claims])
                first.setdefault(text, (one, read))
                counts[text] += 1
    wanted = _masked(answer, [subject])
    hits = process.extract(wanted, list(first), scorer=fuzz.ratio, limit=limit)
    return [_near(*first[hit[0]], hit[1], counts[hit[0]]) for hit in hits]


def _masked(text: str, names: Iterable[str]) -> str:
    text = text[:_TEXT]
    for name in names:
        plain = name.rpartition(".")[2]
        if plain:
            text = re.sub(rf"(?<!\w){re.escape(plain)}(?!\w)", "{subject}", text, flags=re.IGNORECASE)
    return " ".join(text.split())


def _near(one: TrainingSet, read: Read, similarity: float, same: int = 1) -> Near:
    return Near(
        str(one.path), read.row.number, round(similarity), read.row.prompt, read.row.answer, _does(read), same
    )


def _noun(does: Does, *, many: bool = False) -> str:
    if many:
        return "denials" if does == "denies" else "affirmations"
    return "a denial" if does == "denies" else "an affirmation"


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"
