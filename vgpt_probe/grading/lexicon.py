"""Words in classes: what a word does in a clause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

__all__ = ["CLASSES", "Lexicon", "word_set"]


def word_set(words: str) -> frozenset[str]:
    """The words of a text, for a list that reads as one."""
    return frozenset(words.split())


# Every class of words that a phrase file may list. Verbs are given by their stem; English endings are made.
CLASSES = (
    "be_there",
    "refer",
    "have",
    "find",
    "use",
    "property",
    "happen",
    "gone",
    "invent",
    "real",
    "unreal",
    "figment",
    "thing",
    "former",
    "standing",
    "quality",
    "genuine",
    "part",
    "negator",
    "nobody",
    "be",
    "auxiliary",
    "modal",
    "naming",
    "adverb",
    "unsure",
    "seem",
    "within",
    "person",
    "trace",
    "inner",
)
_VERBS = ("be_there", "refer", "have", "find", "use", "property", "happen", "gone", "invent")


class Lexicon:
    """The classes of words, with the endings of English verbs."""

    def __init__(self, classes: Mapping[str, Iterable[str]]) -> None:
        self._classes = {name: tuple(classes.get(name, ())) for name in CLASSES}
        self.of: dict[str, set[str]] = {}
        self.phrasal: dict[str, dict[str, str]] = {}
        for name in CLASSES:
            for entry in classes.get(name, ()):
                stem, _, particle = entry.partition(" ")
                for form in _forms(stem) if name in _VERBS else (stem,):
                    if particle:
                        self.phrasal.setdefault(form, {})[particle] = name
                    else:
                        self.of.setdefault(form, set()).add(name)

    def with_things(self, nouns: Iterable[str]) -> Lexicon:
        """The same, for subjects that are called by these nouns ("column", "field")."""
        mine = frozenset(nouns)
        inner = [word for word in self._classes["inner"] if word not in mine]
        return Lexicon({**self._classes, "thing": (*self._classes["thing"], *mine), "inner": inner})

    def has(self, word: str, name: str) -> bool:
        """Whether a word is of a class."""
        found = self.of.get(word)
        return found is not None and name in found

    def verb(self, words: Sequence[str], at: int) -> tuple[str, int]:
        """The class of the verb at a place and where it ends; the class is "" for no verb that is known."""
        word = words[at]
        particles = self.phrasal.get(word)
        if particles is not None:
            for length in (2, 1):
                tail = " ".join(words[at + 1 : at + 1 + length])
                if tail in particles:
                    return particles[tail], at + 1 + length
        found = self.of.get(word)
        if found is not None:
            for name in _VERBS:
                if name in found:
                    return name, at + 1
        return "", at


def _forms(stem: str) -> tuple[str, ...]:
    """A verb with its English endings; harmless for other languages, whose forms are listed one by one."""
    if stem.endswith("e"):
        return stem, stem + "s", stem + "d", stem[:-1] + "ing"
    if stem.endswith("y") and stem[-2:-1] not in "aeou":
        return stem, stem[:-1] + "ies", stem[:-1] + "ied", stem + "ing"
    if stem.endswith(("s", "sh", "ch", "x")):
        return stem, stem + "es", stem + "ed", stem + "ing"
    return stem, stem + "s", stem + "ed", stem + "ing"
