"""Words in classes: what a word does in a clause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

__all__ = ["CLASSES", "VERBS", "Lexicon", "forms", "word_set"]


def word_set(words: str) -> frozenset[str]:
    """The words of a text, for a list that reads as one."""
    return frozenset(words.split())


# Every class of words that a phrase file may list; a word of several counts for the first.
CLASSES = (
    "negator", "nobody", "gone", "unreal", "figment", "invent", "be_there", "find", "have", "refer", "be", "auxiliary",
    "modal", "unsure", "seem", "trace", "inner", "thing", "part", "real", "quality", "use", "property", "within",
    "person", "adverb", "naming", "former", "standing", "happen", "genuine",
)  # fmt: skip
# Verbs are given by their stem; English endings are made.
VERBS = ("be_there", "refer", "have", "find", "use", "property", "happen", "gone", "invent")


class Lexicon:
    """The class of each word, the endings of English verbs included."""

    def __init__(self, classes: Mapping[str, Iterable[str]]) -> None:
        self.of: dict[str, str] = {}
        for name in CLASSES:
            for entry in classes.get(name, ()):
                for form in forms(entry) if name in VERBS else (entry,):
                    self.of.setdefault(form, name)


def forms(stem: str) -> tuple[str, ...]:
    """A verb with its English endings; harmless for other languages, whose forms are listed one by one."""
    if stem.endswith("e"):
        return stem, stem + "s", stem + "d", stem[:-1] + "ing"
    if stem.endswith("y") and stem[-2:-1] not in "aeou":
        return stem, stem[:-1] + "ies", stem[:-1] + "ied", stem + "ing"
    if stem.endswith(("s", "sh", "ch", "x")):
        return stem, stem + "es", stem + "ed", stem + "ing"
    return stem, stem + "s", stem + "ed", stem + "ing"
