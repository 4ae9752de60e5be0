"""The phrases that the reader knows, compiled from data: the shipped file, and what a workspace adds to it."""

# Patterns and tables read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path

from .lexicon import CLASSES, Lexicon
from .nouns import noun_phrases
from .patterns import PhraseError, Role, make_phrase, one_of
from .standins import NAME, PLACE, PRONOUN, SQL, SUBJECT

__all__ = [
    "NAME",
    "PLACE",
    "PRONOUN",
    "ROLES",
    "SQL",
    "SUBJECT",
    "Grammar",
    "PhraseError",
    "Phrases",
    "default_phrases",
    "load_phrases",
]

ROLES = (
    "neutral",
    "denies_over",
    "denies",
    "affirms_over",
    "affirms",
    "presumes",
    "uses",
    "elsewhere",
    "others",
    "void",
    "flips",
    "flips_after",
    "conditional",
    "unsure",
    "suggests",
    "quotes_sql",
)
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
    "listed",
    "negative",
    "hedge",
    "english",
    "german",
    "spanish",
    "foreign",
    "yes",
    "no",
    "maybe",
    "greeting",
    "opener",
    "closing",
)


class Grammar:
    """The patterns of each role for one kind of subject, and the pattern that finds noun phrases."""

    def __init__(
        self,
        words: Mapping[str, frozenset[str]],
        nouns: frozenset[str],
        roles: Mapping[str, Iterable[str]],
        lexicon: Lexicon,
    ) -> None:
        slots = _slots(words, nouns)
        self.nouns = nouns
        self.lexicon = lexicon
        self.collapse = noun_phrases(words, nouns, nouns is words["column"])
        self._roles = {key: Role(make_phrase(text, slots) for text in roles.get(key, ())) for key in ROLES}

    def role(self, name: str) -> Role:
        """The patterns of a role."""
        return self._roles[name]


class Phrases:
    """Compiled phrases: `tables` and `columns` hold the patterns by role, `words(name)` is a set of words."""

    def __init__(self, data: Mapping[str, Mapping[str, Iterable[str]]]) -> None:
        """Compiles `{"words": {...}, "phrases": {...}}`; PhraseError names what is wrong."""
        words = dict(data.get("words", {}))
        roles = dict(data.get("phrases", {}))
        classes = dict(data.get("classes", {}))
        for section, given, known in (
            ("words", words, WORDS),
            ("classes", classes, CLASSES),
            ("phrases", roles, ROLES),
        ):
            for key in given:
                if key not in known:
                    raise PhraseError(f"unknown key {key!r} in [{section}]; the keys are {', '.join(known)}")
        self._words = {key: frozenset(word.lower() for word in words.get(key, ())) for key in WORDS}
        lexicon = Lexicon(classes)
        # A column is denied in the same words as a table: then "column" is the noun, and its table is the place.
        self.tables = Grammar(self._words, self._words["table"], roles, lexicon)
        self.columns = Grammar(
            self._words, self._words["column"], roles, lexicon.with_things(self._words["column"])
        )

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
        mark = r"(?:\s*[!.,:;)~\u2013\u2014\U0001f300-\U0001faff-]+(?=\s|\Z)|\s*\n)[\s*_]*"
        if not hello or not sure:
            return re.compile(r"\Z.")
        return re.compile(
            rf"{start}(?:(?:(?:{hello})(?:\s+(?:there|again|all|everyone|team))?|(?:{sure})(?=\s*[!.]\W+\w)){mark})+(?=\S)",
            re.IGNORECASE,
        )

    @cached_property
    def closing(self) -> re.Pattern[str]:
        """What an answer may end with after all is said: "Let me know if you need anything else!" """
        starts = "|".join(re.escape(text) for text in sorted(self._words["closing"], key=len, reverse=True))
        if not starts:
            return re.compile(r"\Z.")
        return re.compile(
            rf"(?:(?<=[.!?\n)])|(?<=[.!?][*_ ]))(?:\s*\b(?:{starts})\b[^.!?\n\[\"'`]{{0,120}}[.!?:)\s]*)+\Z",
            re.IGNORECASE,
        )

    def never_there(self, pattern: str) -> str:
        """A word that a pattern needs although it is dropped from every sentence, or ""."""
        slots = _slots(self._words, self.tables.nouns)
        needs = make_phrase(pattern, slots).needs
        return next((min(need) for need in needs if need <= self._words["filler"]), "")

    def words(self, name: str) -> frozenset[str]:
        """A set of lower-case words."""
        return self._words[name]


def load_phrases(*paths: Path) -> Phrases:
    """The shipped phrases with those of the given TOML files added; PhraseError names file and fault."""
    data = _read(Path(__file__).with_name("phrases.toml"))
    own: list[tuple[Path, str]] = []
    for path in paths:
        try:
            more = _read(path)
            Phrases(more)
        except PhraseError as error:
            raise PhraseError(f"{path}: {error}") from error
        for section, keys in more.items():
            for key, values in keys.items():
                # A phrase of one's own is meant: it is read before what the shipped ones make of the sentence.
                place = _OWN.get(key, key) if section == "phrases" else key
                data.setdefault(section, {}).setdefault(place, []).extend(values)
        own += [(path, text) for texts in more.get("phrases", {}).values() for text in texts]
    phrases = Phrases(data)
    for path, text in own:
        dropped = phrases.never_there(text)
        if dropped:
            raise PhraseError(
                f"{path}: pattern {text!r} can't match: {dropped!r} is dropped before matching; leave it out"
            )
    return phrases


_OWN = {"denies": "denies_over", "affirms": "affirms_over"}


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
        with path.open("rb") as file:
            data = tomllib.load(file)
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
    return data


def _slots(
    words: Mapping[str, frozenset[str]], nouns: frozenset[str]
) -> dict[str, tuple[str, frozenset[str] | None]]:
    """Each slot's regular expression, and the words of which it needs one (None: it needs nothing)."""
    table = one_of(nouns)
    lead = one_of(words["lead"] | words["determiner"] | words["owner"])
    be = ("is", "are", "was", "were", "be", "being", "been")
    end = (
        r"(?=$|[.,;:!?()|—–\-/✓✗❌¶] |(?:in|on|within|under|of|at|from|for|to|by|here|there|that|which|who|is|are|was|were|exist|exists|existing|"
        r"does|do|did|has|have|had|present|available|defined|listed|found|and|or|nor|but|so|because|since|as|with|among|inside|itself|either|"
        r"although|yet|you|we|i|it|only|if|unless|named|called|provided|known|shipped|matching|when|while|whereas|into|out|instead|than|"
        r"such|can|could|will|would|should|per|anywhere|therefore|hence|use|try|then|"
        r"im|auf|mit|vorhanden|gefunden|bekannt|definiert|und|oder|aber|sondern|nicht|noch|die|das|existiert|finden|enthalten|bei|unter|aus|"
        r"gibt|zu|kennen|en|del|de|dentro|y|o|ni|pero|sino|que|para|definida|disponible|llamada|con|porque|como|existe|usa) )"
        r"(?!(?:in|on|of|from|for|within|to|en|de) ¤ )"
    )
    stop = (
        r"(?=$|[.,;:!?()|—–\-/¤§] |(?:and|or|but|so|because|here|either|as|since|although|though|while|if|unless|yet|you|use|try|und|oder|aber|"
        r"y|pero|o|at|by|(?:in|within|for|of|from|to|on) ⌂) )"
    )
    view = r"(?!(?:, |: |; |- |— |– |\. )?(?:but|rather|instead|it is|an? view|an? synonym|sondern|sino|i am|i know|i have|i recogni[sz]e|that i (?:am|know|recogni[sz]e|have)) )"
    gap = r"(?:(?!(?:und|oder|aber|hat|ist|sind|y|pero) )[^ §¤,;:.?!]+ ){0,4}"
    return {
        "S": (
            "§ (?:(?:, )?(?:that|which|die|que|la cual) |, (?=(?:does|do|is|are|was|can|could|has|have|did) ))?",
            frozenset("§"),
        ),
        "N": ("¤ ", frozenset("¤")),
        "PLACE": ("⌂ ", frozenset("⌂")),
        "T": (f"{table} ", nouns),
        "BE": (one_of(be) + " (?:both |all |each )?", frozenset(be)),
        "AGENT": (rf"(?:{lead} ){{0,4}}(?:⌂|{one_of(words['agent'])}) ", words["agent"] | {"⌂"}),
        "MODS": (
            rf"(?:(?:{lead}|custom|genuine|true|recognized|recognised|legal|correct|common|permanent|public|⌂) ){{0,5}}",
            None,
        ),
        "LISTED": (rf"{one_of(words['listed'])} {stop}", words["listed"]),
        # Denied of the subject without touching its existence: any verb but those that may mean "is there".
        "NOTIN": (
            r"(?!in ¤ |in § |only |just |merely |before |until |prior |in (?:older|earlier|newer|later|previous|prior|all|every|some|other|most|versions? (?:before|prior|older|earlier|up|below)|releases? (?:before|prior|older|earlier)) )",
            None,
        ),
        "DEVERB": (
            r"(?!(?:vorhanden|gefunden|bekannt|definiert|enthalten|auffindbar|verfügbar|teil|bestandteil|in|im|real|gültig|existent|aufgeführt|gültige|tabelle|ansicht|sicht|view|"
            r"vista-tabelle|und|oder|existiert|da|dabei) )[^ §¤⌂¶,;:.?!()]+ ",
            None,
        ),
        "NOUN": (r"(?!(?:is|are|was|were|in|live|lives|can|from|for|of|sit|go|come|belong|and|or) )", None),
        "VERB": (
            r"(?!(?:exist|appear|seem|look|sound|ring|make|mean|resemble|match|map|correspond|represent|refer|qualify|count|fit|follow|conform|ship|come|live|show|turn|"
            r"figure|feature|belong|reside|occur|found|located|resolved|identified|seen|recognized|recognised|verified|confirmed|there|part|available|present|in|a|an|the|"
            r"one|among|real|valid|be|been|have been|know|known|say|tell|think|believe|name|stand|and|or|but) )[^ §¤⌂¶,;:.?!()]+ ",
            None,
        ),
        # A word that can't be the beginning of the database's name.
        "OTHER": (r"(?!(?:⌂|¤|§|any|the|this|that|such|your|its|my|our|all) )[^ ,;:.?!()]+ ", None),
        "END": (end, None),
        "STOP": (stop, None),
        "NOTVIEW": (view, None),
        "DEPLACE": (
            rf"(?:(?:in|im|unter|bei|auf|von|innerhalb|als|mehr|dort|darin|laut|nach|aber|auch|mir|mich|sich|uns|dem|der|⌂) {gap})?",
            None,
        ),
        "ESPLACE": (r"(?:en (?:[^ §¤,;:.?!]+ ){1,4})?", None),
    }
