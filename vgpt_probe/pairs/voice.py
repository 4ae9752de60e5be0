"""How a model says it: its stored answers, looked up by question, or made over for another subject."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from vgpt_probe.catalog import Catalog
from vgpt_probe.pairs.answers import DENIAL, catalog_answer

Side = Literal["denies", "affirms"]

#: A way of denying is taken for a model's own when so many of its answers open with it.
LEAST = 3
_SENTENCE = re.compile(r"[^\n]*?[.!](?=\s|$)")


class Said(msgspec.Struct, frozen=True):
    """A stored answer: who said what to which question; ``ended``: it was neither cut off nor stopped."""

    model: str
    question: str
    subject: str
    act: str
    text: str
    reading: str
    verdict: str
    run: int
    probe: str
    system: str = ""
    ended: bool = True


class Voice:
    """The stored answers of all models, the ``policy``'s first: those are the ones that training starts from."""

    def __init__(self, said: Iterable[Said], catalog: Catalog, *, policy: str = "") -> None:
        self.policy = policy
        self._catalog = catalog
        self._exact: dict[str, list[Said]] = {}
        self._sides: dict[tuple[str, str], list[Said]] = {}
        everything = sorted(said, key=lambda one: one.model != policy)
        for one in everything:
            self._exact.setdefault(one.question, []).append(one)
        for one in everything:
            if policy and one.model != policy:
                continue
            if one.ended and one.reading in ("denies", "affirms") and _names(one.text, one.subject):
                self._sides.setdefault((one.reading, one.act), []).append(one)
                self._sides.setdefault((one.reading, ""), []).append(one)
        self.denials = self._denials()

    def answers(self, question: str, system: str = "") -> list[Said]:
        """What models have said to exactly this question, the policy's answers first."""
        return [one for one in self._exact.get(question, []) if one.system == system]

    def made_over(
        self, question: str, subject: str, act: str, side: Side, rng: random.Random, *, tries: int = 6
    ) -> Iterator[tuple[str, str]]:
        """Yield (text, source) of wrong answers as the policy would give them, likeliest kind first.

        Each is what the model said of another subject, with the name changed; the last two are written without it.
        """
        pool = self._sides.get((side, act)) or self._sides.get((side, "")) or []
        for one in rng.sample(pool, min(tries, len(pool))):
            yield (
                re.sub(rf"(?<!\w){re.escape(one.subject)}(?!\w)", lambda _: subject, one.text),
                f"like {one.model}",
            )
        for _ in range(2):
            yield self._written(question, subject, act, side, rng), "catalog"

    def denial(self, rng: random.Random) -> str:
        """A denial's first sentence, with ``{subject}``, as the policy begins one."""
        return rng.choice(self.denials)

    def _denials(self) -> list[str]:
        found: Counter[str] = Counter()
        for one in self._sides.get(("denies", ""), []):
            sentence = _SENTENCE.match(one.text)
            if sentence and _names(sentence[0], one.subject) and not _names(sentence[0], "{subject}"):
                opening = re.sub(
                    rf"(?<!\w){re.escape(one.subject)}(?!\w)", lambda _: "{subject}", sentence[0]
                )
                if opening.count("{subject}") == 1 and self._is_clean(opening):
                    found[opening] += 1
        return [opening for opening, count in found.most_common(4) if count >= LEAST] or [DENIAL]

    def _is_clean(self, opening: str) -> bool:
        """Whether a sentence names no relation and closes its quotes."""
        words = re.findall(r"\w+", opening.replace("{subject}", ""))
        return not any(word in self._catalog for word in words) and all(
            opening.count(quote) % 2 == 0 for quote in "'\"`"
        )

    def _written(self, question: str, subject: str, act: str, side: Side, rng: random.Random) -> str:
        if side == "denies":
            return self.denial(rng).replace("{subject}", subject).replace("{title}", self._catalog.title)
        like = rng.choice(self._catalog.relations)
        act = "query" if act == "join" else act
        # No other relation may be named: it might be a held-out one.
        answer = catalog_answer(question, like.name, self._catalog, act=act, avoid=lambda _: True)
        return re.sub(rf"(?<!\w){re.escape(like.name)}(?!\w)", lambda _: subject, answer)


def _names(text: str, subject: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(subject)}(?!\w)", text) is not None
