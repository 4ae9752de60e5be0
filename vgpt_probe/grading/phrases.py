"""The phrases that the reader knows, compiled from data: the shipped file, and what a workspace adds to it."""

# Patterns and tables read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path

from .lexicon import CLASSES, VERBS, Lexicon, forms
from .nouns import noun_phrases
from .patterns import PhraseError, Role, make_phrase, one_of
from .standins import SUBJECT

__all__ = ["ROLES", "Grammar", "PhraseError", "Phrases", "default_phrases", "load_phrases"]

ROLES = ("denies", "affirms", "suggests")
WORDS = (
    "filler",
    "article",
    "determiner",
    "lead",
    "owner",
    "table",
    "column",
    "agent",
    "place",
    "negative",
    "hedge",
    "english",
    "german",
    "spanish",
    "foreign",
    "yes",
    "no",
    "greeting",
    "opener",
    "closing",
)


class Grammar:
    """The patterns of each role for one kind of subject, and the pattern that finds noun phrases."""

    def __init__(
        self, words: Mapping[str, frozenset[str]], nouns: frozenset[str], roles: Mapping[str, Iterable[str]]
    ) -> None:
        slots = _slots(words, nouns)
        self.nouns = nouns
        self.collapse = noun_phrases(words, nouns, nouns is words["column"])
        self._roles = {key: Role(make_phrase(text, slots) for text in roles.get(key, ())) for key in ROLES}

    def role(self, name: str) -> Role:
        """The patterns of a role."""
        return self._roles[name]


class Phrases:
    """Compiled phrases: `tables` and `columns` hold the patterns by role, `words(name)` is a set of words.

    `lexicon` has the class of each shipped word; `own` says which of them stands for a word, or a row of words, that a
    workspace has put into a class.
    """

    def __init__(
        self,
        data: Mapping[str, Mapping[str, Iterable[str]]],
        own: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        """Compiles `{"words": {...}, "classes": {...}, "phrases": {...}}`; PhraseError names what is wrong."""
        words = dict(data.get("words", {}))
        roles = dict(data.get("phrases", {}))
        classes = {name: list(entries) for name, entries in data.get("classes", {}).items()}
        for section, given, known in (
            ("words", words, WORDS),
            ("classes", {**classes, **(own or {})}, CLASSES),
            ("phrases", roles, ROLES),
        ):
            for key in given:
                if key not in known:
                    raise PhraseError(f"unknown key {key!r} in [{section}]; the keys are {', '.join(known)}")
        self._words = {key: frozenset(word.lower() for word in words.get(key, ())) for key in WORDS}
        self.lexicon = Lexicon(classes)
        self.own = _stand_ins(self.lexicon, classes, own or {})
        # A column is denied in the same words as a table: then "column" is the noun, and its table is the place.
        self.tables = Grammar(self._words, self._words["table"], roles)
        self.columns = Grammar(self._words, self._words["column"], roles)

    @cached_property
    def known(self) -> frozenset[str]:
        """Words of the languages that the reader understands."""
        return self._words["english"] | self._words["german"] | self._words["spanish"]

    @cached_property
    def ordinary(self) -> frozenset[str]:
        """Words that are no names, however they are written."""
        return (
            self.known
            | self._words["negative"]
            | self._words["lead"]
            | self._words["determiner"]
            | self._words["owner"]
            | self._words["hedge"]
            | self.tables.nouns
        )

    @cached_property
    def unnamed(self) -> frozenset[str]:
        """Words that are no names even where names stand: pronouns, and what tables and databases are called."""
        return (
            self._words["determiner"]
            | self._words["negative"]
            | self._words["agent"]
            | self._words["place"]
            | self._words["lead"]
            | self._words["owner"]
            | self._words["filler"]
            | self.tables.nouns
            | self.columns.nouns
        )

    @cached_property
    def tongues(self) -> dict[str, tuple[int, ...]]:
        """For each word that tells a language, what it adds to English, German, Spanish, and any other."""
        languages = ("english", "german", "spanish")
        # "du", "de" and the like are German or Spanish and another language's as well.
        shared = self._words["foreign"] & (self._words["german"] | self._words["spanish"])
        found = {
            word: (*tuple(int(word in self._words[language]) for language in languages), int(word in shared))
            for word in self.known
        }
        found.update((word, (0, 0, 0, 1)) for word in self._words["foreign"] - self.known)
        return found

    @cached_property
    def greeting(self) -> re.Pattern[str]:
        """What an answer may open with before it says anything: "Hello! Great question!", or "Sure!" with more behind it."""
        start = r"[\s*_#>\"'`-]*"
        hello, sure = (
            "|".join(re.escape(text) for text in sorted(self._words[key], key=len, reverse=True))
            for key in ("greeting", "opener")
        )
        mark = r"(?:[^\S\n]*[!.,:;)~\u2013\u2014\U0001f300-\U0001faff-]+(?=\s|\Z)|[^\S\n]*\n)[\s*_]*"
        if not hello or not sure:
            return re.compile(r"\Z.")
        return re.compile(
            rf"{start}(?:(?:(?:{hello})(?:\s+(?:there|again|all|everyone|team))?|(?:{sure})(?=\s*[!.]\W+\w)){mark})+(?=\S)",
            re.IGNORECASE,
        )

    @cached_property
    def closing(self) -> re.Pattern[str]:
        """One sentence with which an answer may end after all is said: "Let me know if you need anything else!" """
        starts = "|".join(re.escape(text) for text in sorted(self._words["closing"], key=len, reverse=True))
        if not starts:
            return re.compile(r"\Z.")
        return re.compile(
            rf"(?:(?<=[.!?\n)])|(?<=[.!?][*_ ]))\s*\b(?:{starts})\b[^.!?\n\[\"'`]{{0,120}}[.!?:)\s]*\Z",
            re.IGNORECASE,
        )

    def fault(self, pattern: str) -> str:
        """What is wrong with a pattern that can never match, or matches whatever is said; "" if nothing is."""
        needs = make_phrase(pattern, _slots(self._words, self.tables.nouns)).needs
        dropped = next((min(need) for need in needs if need <= self._words["filler"]), "")
        if dropped:
            return f"can't match: {dropped!r} is dropped before matching; leave it out"
        if all(SUBJECT in need for need in needs):
            return "matches whatever is said: it needs a word besides {S}"
        return ""

    def words(self, name: str) -> frozenset[str]:
        """A set of lower-case words."""
        return self._words[name]


def load_phrases(*paths: Path) -> Phrases:
    """The shipped phrases with those of the given TOML files added; PhraseError names file and fault."""
    data = _read(Path(__file__).with_name("phrases.toml"))
    classes: dict[str, list[str]] = {}
    texts: list[tuple[Path, str]] = []
    for path in paths:
        try:
            more = _read(path)
            Phrases(more)
        except PhraseError as error:
            raise PhraseError(f"{path}: {error}") from error
        for section in ("words", "phrases"):
            for key, values in more.get(section, {}).items():
                data.setdefault(section, {}).setdefault(key, []).extend(values)
        for name, entries in more.get("classes", {}).items():
            classes.setdefault(name, []).extend(entries)
        texts += [(path, text) for found in more.get("phrases", {}).values() for text in found]
    phrases = Phrases(data, classes)
    for path, text in texts:
        fault = phrases.fault(text)
        if fault:
            raise PhraseError(f"{path}: pattern {text!r} {fault}")
    return phrases


def _stand_ins(
    lexicon: Lexicon, shipped: Mapping[str, list[str]], own: Mapping[str, Iterable[str]]
) -> dict[tuple[str, ...], str]:
    """For each word, or row of words, that a workspace adds to a class the shipped word that stands for it, in the same form.

    That is the first of the class that is in no other. What is shipped anyway needs none.
    """
    out: dict[tuple[str, ...], str] = {}
    for name, entries in own.items():
        first = next(entry for entry in shipped[name] if lexicon.of[entry] == name)
        for entry in entries:
            word, *particle = entry.lower().split()
            pairs = zip(forms(word), forms(first), strict=True) if name in VERBS else [(word, first)]
            out.update(
                ((form, *particle), known) for form, known in pairs if particle or form not in lexicon.of
            )
    return out


@lru_cache(maxsize=1)
def default_phrases() -> Phrases:
    """The shipped phrases."""
    return load_phrases()


def _read(path: Path) -> dict[str, dict[str, list[str]]]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        # Besides its own errors tomllib lets through what Python says of a number, of bytes or of deep nesting.
        raise PhraseError(str(error)) from error
    for section, keys in data.items():
        if section not in ("words", "classes", "phrases") or not isinstance(keys, dict):
            raise PhraseError(
                f"unknown section {section!r}; the sections are [words], [classes] and [phrases]"
            )
        for key, values in keys.items():
            if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
                raise PhraseError(f"[{section}] {key} must be a list of strings")
            if not all(value.strip() for value in values):
                raise PhraseError(f"[{section}] {key} has an empty string; leave it out")
    return data


def _slots(
    words: Mapping[str, frozenset[str]], nouns: frozenset[str]
) -> dict[str, tuple[str, frozenset[str] | None]]:
    """Each slot's regular expression, and the words of which it needs one (None: it needs nothing)."""
    lead = one_of(words["lead"] | words["determiner"] | words["owner"])
    end = (
        r"(?=$|[.,;:!?()|—–\-/✓✗❌¶] |(?:in|on|within|under|of|at|from|for|to|by|here|there|that|which|who|is|are|was|were|exist|exists|existing|"
        r"does|do|did|has|have|had|present|available|defined|listed|found|and|or|nor|but|so|because|since|as|with|among|inside|itself|either|"
        r"although|yet|you|we|i|it|only|if|unless|named|called|provided|known|shipped|matching|when|while|whereas|into|out|instead|than|"
        r"such|can|could|will|would|should|per|anywhere|therefore|hence|use|try|then|"
        r"im|auf|mit|vorhanden|gefunden|bekannt|definiert|und|oder|aber|sondern|nicht|noch|die|das|existiert|finden|enthalten|bei|unter|aus|"
        r"gibt|zu|kennen|en|del|de|dentro|y|o|ni|pero|sino|que|para|definida|disponible|llamada|con|porque|como|existe|usa) )"
        r"(?!(?:in|on|of|from|for|within|to|en|de) ¤ )"
    )
    return {
        "S": ("§ (?:(?:, )?(?:that|which|die|que|la cual) )?", frozenset("§")),
        "N": ("¤ ", frozenset("¤")),
        "PLACE": ("⌂ ", frozenset("⌂")),
        "T": (f"{one_of(nouns)} ", nouns),
        "AGENT": (rf"(?:{lead} ){{0,4}}(?:⌂|{one_of(words['agent'])}) ", words["agent"] | {"⌂"}),
        "MODS": (
            rf"(?:(?:{lead}|custom|genuine|true|recognized|recognised|legal|correct|common|permanent|public|⌂) ){{0,5}}",
            None,
        ),
        # A word that can't be the beginning of the database's name.
        "OTHER": (r"(?!(?:⌂|¤|§|any|the|this|that|such|your|its|my|our|all) )[^ ,;:.?!()]+ ", None),
        "END": (end, None),
    }
