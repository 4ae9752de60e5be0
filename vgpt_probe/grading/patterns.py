"""The language in which phrases are written, made into regular expressions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from .standins import SUBJECT

__all__ = ["Phrase", "PhraseError", "Role", "make_phrase", "one_of"]


class PhraseError(ValueError):
    """A phrase file that can't be used: an unknown role, or a pattern that does not compile."""


@dataclass(frozen=True)
class Phrase:
    """One pattern: its text, its regular expression, and sets of words of which a sentence must have one each."""

    text: str
    source: str
    needs: tuple[frozenset[str], ...]

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The compiled pattern, made at its first use: most answers need only a few of them."""
        return re.compile(self.source)

    def may_match(self, words: frozenset[str]) -> bool:
        """False if the sentence lacks a word that the pattern can't do without."""
        return all(not need.isdisjoint(words) for need in self.needs)


class Role:
    """The patterns of one role, found by the words that they need."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._phrases = tuple(phrases)
        self._always: list[int] = []
        self._by_word: dict[str, list[int]] = {}
        for number, phrase in enumerate(self._phrases):
            # Nearly every sentence that is read has the subject: that tells nothing.
            telling = [need for need in phrase.needs if SUBJECT not in need]
            if not telling:
                self._always.append(number)
            for word in min(telling, key=len, default=()):
                self._by_word.setdefault(word, []).append(number)

    def __bool__(self) -> bool:
        """Whether there is any pattern."""
        return bool(self._phrases)

    def possible(self, words: frozenset[str]) -> list[Phrase]:
        """Those that may match a sentence of these words, in file order."""
        numbers = set(self._always)
        for word in words & self._by_word.keys():
            numbers.update(self._by_word[word])
        return [self._phrases[n] for n in sorted(numbers) if self._phrases[n].may_match(words)]


def one_of(words: Iterable[str]) -> str:
    """A regular expression for any of some words, longest first."""
    return "(?:" + "|".join(sorted(map(re.escape, words), key=len, reverse=True)) + ")"


#: How deep brackets may stand in each other: no phrase of a person's comes near it, and Python's own limit is not far.
_DEEPEST = 50
#: So many letters of a pattern are named in an error.
_SHOWN = 200

_WORD = re.compile(r"\\.|[^\s()\[\]|{}$]+")


class _Parser:
    """Reads one pattern; every method returns a regular expression and what it needs."""

    def __init__(self, text: str, slots: Mapping[str, tuple[str, frozenset[str] | None]]) -> None:
        self.text, self.slots, self.pos, self.depth = text, slots, 0, 0

    def fail(self, what: str) -> PhraseError:
        shown = self.text if len(self.text) <= _SHOWN else f"{self.text[:_SHOWN]}…"
        return PhraseError(f"pattern {shown!r}: {what}")

    def choice(self, closer: str) -> tuple[str, list[frozenset[str]]]:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.fail("too many brackets within each other")
        branches = [self.row(closer)]
        while self.pos < len(self.text) and self.text[self.pos] == "|":
            if not closer:
                raise self.fail("'|' outside of brackets")
            self.pos += 1
            branches.append(self.row(closer))
        if closer:
            if self.pos >= len(self.text) or self.text[self.pos] != closer:
                raise self.fail(f"{closer!r} is missing")
            self.pos += 1
        self.depth -= 1
        if len(branches) == 1:
            return branches[0]
        regex = "(?:" + "|".join(branch for branch, _ in branches) + ")"
        if all(needs for _, needs in branches):
            return regex, [frozenset().union(*(needs[0] for _, needs in branches))]
        return regex, []

    def row(self, closer: str) -> tuple[str, list[frozenset[str]]]:
        out: list[str] = []
        needs: list[frozenset[str]] = []
        while self.pos < len(self.text):
            char = self.text[self.pos]
            if char == " ":
                self.pos += 1
                continue
            if char == "|" or char in ")]":
                if not closer and char != "|":
                    raise self.fail(f"{char!r} closes nothing")
                break
            regex, more = self.item(char)
            out.append(regex)
            needs += more
        return "".join(out), needs

    def item(self, char: str) -> tuple[str, list[frozenset[str]]]:
        if char == "(":
            self.pos += 1
            regex, needs = self.choice(")")
            return f"(?:{regex})", needs
        if char == "[":
            self.pos += 1
            regex, _ = self.choice("]")
            return f"(?:{regex})?", []
        if char == "{":
            end = self.text.find("}", self.pos)
            name = self.text[self.pos + 1 : end]
            if end < 0 or name not in self.slots:
                raise self.fail(f"unknown slot {{{name}}}")
            self.pos = end + 1
            regex, words = self.slots[name]
            return regex, [] if words is None else [words]
        if char == "$":
            self.pos += 1
            return r"(?=$|[.!?] )", []
        match = _WORD.match(self.text, self.pos)
        if match is None:
            raise self.fail(f"unexpected {char!r}")
        self.pos = match.end()
        word = match.group()
        if word == "..":
            return r"(?:[^ §¶;:.?!]+ ){0,4}", []
        word = (word[1:] if word.startswith("\\") else word).lower()
        return re.escape(word) + " ", [frozenset([word])]


def make_phrase(text: str, slots: Mapping[str, tuple[str, frozenset[str] | None]]) -> Phrase:
    """One pattern of a phrase file; PhraseError if it is not well-formed."""
    regex, needs = _Parser(text, slots).choice("")
    return Phrase(text, f"(?<= ){regex}", tuple(sorted(needs, key=len)))
