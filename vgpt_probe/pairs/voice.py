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
from vgpt_probe.pairs.manner import Manners

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
        self.manners = Manners(catalog)
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
        self._doubting = self._sentences_of_denials()
        for one in self._sides.get(("affirms", ""), []):
            if one.verdict == "correct" and not self.doubts(one.text, one.subject):
                self.manners.learn(one.act, one.text, one.subject)

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

    def hard_wordings(self) -> dict[str, float]:
        """The wordings in which the policy denies real subjects, with the share of those that it denies."""
        counts: dict[str, list[int]] = {}
        for answers in self._exact.values():
            for one in answers:
                if one.subject in self._catalog and (not self.policy or one.model == self.policy):
                    row = counts.setdefault(one.question.replace(one.subject, "{subject}"), [0, 0])
                    row[0] += one.reading == "denies"
                    row[1] += 1
        return {text: denied / asked for text, (denied, asked) in counts.items() if denied and asked >= LEAST}

    def doubts(self, text: str, subject: str) -> bool:
        """Whether an affirmation has a sentence that goes with this model's denials: "Check the spelling …"."""
        return any(sentence in self._doubting for sentence in _sentences(text, subject))

    def _sentences_of_denials(self) -> set[str]:
        sides: dict[str, Counter[str]] = {}
        for side in ("denies", "affirms"):
            answers = self._sides.get((side, ""), [])
            sides[side] = Counter(
                sentence for one in answers for sentence in _sentences(one.text, one.subject)
            )
        denials, affirmations = sides["denies"], sides["affirms"]
        return {one for one, count in denials.items() if count >= LEAST and count > affirmations[one]}

    def affirmations(self, subject: str, act: str, rng: random.Random) -> list[str]:
        """Affirmations of a real subject as the policy words them, with the catalog's facts, in random order."""
        relation = self._catalog.get(subject)
        found = self.manners.of(act, relation) if relation is not None else []
        return rng.sample(found, len(found))

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


def _sentences(text: str, subject: str) -> set[str]:
    return {part.strip().replace(subject, "{subject}") for part in _SENTENCE.findall(text)}


def _names(text: str, subject: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(subject)}(?!\w)", text) is not None
