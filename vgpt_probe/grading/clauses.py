"""What one sentence says about the subject, found by clause; knows nothing of catalogs or SQL.

A sentence arrives with stand-ins (§ the subject, ¤ another name, ⌂ the database, ¶ a statement), so that what it says
does not depend on any name, and what was once understood is remembered.
"""

# Patterns and tables read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from .bounds import BOUNDARY, Line, clause_end, clause_start, first
from .context import in_context
from .frames import read_clause
from .lexicon import word_set
from .mentions import mention
from .phrases import Grammar, Phrases
from .standins import NAME, PLACE, SUBJECT

__all__ = ["Claim", "Sight", "clause_of", "look"]


@dataclass(frozen=True)
class Claim:
    """One thing that a sentence says of the subject.

    `kind`: denies, affirms, mentions (affirmed only in passing), presumes (affirmed by what is denied of it), hedges, offers (among suggestions), asks, reports,
    proposes (offered in a question),
    imagines, unread (a negation that no pattern understands). `start`, `end`: in the collapsed sentence. `said` is the kind
    that it would have outside of its context: what is reported, asked or imagined.
    """

    kind: str
    start: int
    end: int
    said: str = ""


@dataclass(frozen=True)
class Sight:
    """All claims of one sentence; `offers_names` is where a suggestion of other names begins, or -1."""

    claims: tuple[Claim, ...]
    offers_names: int = -1


@lru_cache(maxsize=65536)
def look(text: str, phrases: Phrases, column: bool, named: bool) -> Sight:
    """Reads one collapsed sentence. `named` is true if its mentions of the subject are plainly meant as names."""
    grammar = phrases.columns if column else phrases.tables
    words = frozenset(text.split())
    offers = first(grammar.role("suggests"), text, words)
    if SUBJECT not in words:
        return Sight((), offers)
    claims: list[Claim] = []
    taken: list[tuple[int, int]] = []
    last_clause = max((match.start() for match in BOUNDARY.finditer(text[:-2])), default=0)
    line = Line(text, words, grammar, phrases, named, offers, text.endswith("? "), last_clause)

    def free(start: int, end: int) -> bool:
        return all(end <= low or start >= high for low, high in taken)

    def add(kind: str, start: int, end: int) -> None:
        taken.append((start, end))
        claims.append(Claim(in_context(line, kind, start, end), start, end, kind))

    same = _SAME.search(text) if "nor" in words or "neither" in words else None
    if same:
        # "¤ does not exist, neither does §": as the one, so the other.
        said = text[: same.start()].replace(NAME, SUBJECT)
        before = look((said.replace(PLACE, SUBJECT) if column else said) + ". ", phrases, column, named)
        kinds = {claim.kind for claim in before.claims}
        add("denies" if "denies" in kinds else "affirms" if "affirms" in kinds else "unread", *same.span())
    unlike = _UNLIKE.search(text) if "unlike" in words and NAME in words else None
    if unlike:
        # "Unlike §, ¤ does not exist": what is said of the one does not hold for the other.
        said = (text[: unlike.start()] + " " + text[unlike.end() :]).replace("  ", " ").replace(NAME, SUBJECT)
        kinds = {claim.kind for claim in look(said, phrases, column, named).claims}
        if "denies" in kinds:
            add("affirms", *unlike.span(1))
        elif kinds & {"affirms", "describes"} and "exist" in text:
            add("denies", *unlike.span(1))
    title = _TITLE.match(text)
    if title:
        add("affirms", *title.span(1))
    heading = _HEADING.match(text)
    if heading:
        add("affirms", *heading.span(1))
    entry = _ENTRY.match(text)
    if entry and words.isdisjoint(phrases.words("negative")) and words.isdisjoint(_NO_TITLE):
        add("describes", *entry.span(1))
    if not words.isdisjoint(_NEGATIONS):
        for match in _BUT_NOT.finditer(text):
            add("denies", *match.span(1))
        for match in _HAS_OTHERS.finditer(text):
            add("denies", *match.span(match.lastindex or 0))
        for match in (
            *_LACKS_IT.finditer(text),
            *_SEARCHED.finditer(text),
            *_EXPECTED_NOT.finditer(text),
            *_AFTER_ALL.finditer(text),
        ):
            taken.append(match.span(1))
            claims.append(Claim("denies", *match.span(1)))
    for role, kind in _ORDER:
        if role == "denies":
            for frame in _frames(text, grammar):
                if free(*frame[1:]):
                    add(*frame)
        if (
            role == "denies"
            and "made" not in words
            and words.isdisjoint(phrases.words("negative"))
            and not _symbols(words)
        ):
            continue
        if role == "others" and column:
            continue
        for phrase in grammar.role(role).possible(words):
            for match in phrase.regex.finditer(text):
                heads = _HEADS.get(role)
                if heads and text[match.start()] == SUBJECT and heads.search(text, 0, match.start()):
                    # "A search for § comes back empty" speaks of the search.
                    continue
                if (
                    role == "affirms"
                    and _PERFECT.search(text, 0, match.end())
                    and _BEEN.match(text, match.end())
                ):
                    # "§ has been wished for" says nothing of what § has.
                    continue
                if (
                    role == "affirms_over"
                    and _NO_SUCH_ONE.search(text, 0, match.start())
                    and _RELATES.match(match.group())
                ):
                    # "There is no § that could be empty."
                    continue
                if role == "neutral" and match.group().endswith((" that ", " which ")):
                    # "You mentioned §, which does not exist": the relative clause speaks.
                    continue
                if free(*match.span()):
                    add(kind, *match.span())
    for match in re.finditer(r"§ ", text):
        start, end = match.span()
        if free(start, end):
            claims.append(
                Claim(
                    mention(line, start, end),
                    start,
                    end,
                )
            )
    return Sight(tuple(sorted(claims, key=lambda claim: claim.start)), offers)


def _frames(text: str, grammar: Grammar) -> Iterator[tuple[str, int, int]]:
    """What the build of each clause says of the subject, as (kind, start, end) in the text."""
    words = text.split()
    starts = [1]
    for word in words:
        starts.append(starts[-1] + len(word) + 1)
    for at, word in enumerate(words):
        if word == SUBJECT:
            frame = read_clause(grammar.lexicon, words, at)
            if frame is not None:
                yield frame.kind, starts[frame.start], starts[min(frame.end, len(words))]


_HEADED = re.compile(r" (?:neither|nor|no|for|of|about|to|with|like|on|by|than) $")
_PERFECT = re.compile(r" § (?:has|have|had) $")
_BEEN = re.compile(r"(?:been|never|not|yet|always) ")
_NEGATIONS = frozenset(("not", "no", "nothing", "none"))
# "The index on § has been dropped."
_OF_INNER = re.compile(
    r" (?:index|indexes|trigger|triggers|keys?|columns?|fields?|rows?|records?|constraint|data|performance|documentation|access|copy|part|report) (?:on|of|in|to|for|from) $"
    r"| (?:that|which|who) (?:is|are|was|were|has|have|do|does)(?: not)? (?:[^ ,;.:]+ )?(?:in|from|on|within) $"
)
_HEADS = {"affirms": _HEADED, "denies": _OF_INNER, "denies_over": _OF_INNER}
_ORDER = (
    ("denies_over", "denies"),
    ("neutral", "reports"),
    ("affirms_over", "affirms"),
    ("denies", "denies"),
    ("others", "reports"),
    ("presumes", "presumes"),
    ("affirms", "affirms"),
    ("uses", "uses"),
)
_BUT_NOT = re.compile(
    r" (?:exists?|real|valid|right|correct|there|one|yes|known|found|tables?|views?|in ⌂|part of ⌂) (?:(?:, |; )?(?:but|while|whereas|and|however|although|yet|still) (?:, )?|, |; )(§ (?:, )?(?:however |on the other hand |in contrast |by contrast |though )?(?:, )?(?:does|do|is|are|did|was) not )(?=[.,;!:—–] |$)"
)
# "… if Vista had §; it does not."
_LACKS_IT = re.compile(
    r" (?:had|have|has|include|includes|contain|contains|was|were|be|is|exist|exists) (§ [^§¤.?!]{0,50}[,;:—–-] (?:but |however |though )?(?:, )?(?:⌂|§|it|there|that) (?:does|do|is|has|did|was) not [.!])"
)
_HAS_OTHERS = re.compile(
    r" (?:⌂|i|we|you|it) (?:know|knows|have|has|contains?|includes?|offers?|find|see|uses?|list|lists) [^.;?!§]*¤[^.;?!§]*, (?:but|though|yet|just) ((?:not|no) § )(?=[.,;!)] |$)"
    r"| (?:tables|views|objects|names|relations) (?:are|include|contain)[^.;?!§]*¤[^.;?!§]*, (?:but )?(not § )(?=[.,;!)] |$)"
    r"|^ (?:yes , |no , )?⌂ (?:has|have|contains?|includes?) [^.;?!§]*(?:but|and) (not § )(?=[.,;!)] |$)"
    r"|^ ⌂ (?:has|have|knows|contains?|includes?|offers?) [^.;?!§]*¤[^.;?!§]*, (not § )(?=[.;!] |$)"
)
_SEARCHED = re.compile(
    r" if (?:you|i|we|one) (?:search|look|looked|check|query|searched) [^.;?!§¤]{0,40}(§ (?:in ⌂ )?(?:, )?(?:you|i|we|one) (?:will |would )?(?:find|finds|get|see|found) (?:nothing|no|none) )(?!rows|data|records|results)"
)
# "I thought § existed, but it does not."
_AFTER_ALL = re.compile(
    r" (?:thought|believed|assumed|hoped|claimed|said|told you|wrote)(?: that)? (§ (?:existed|exists|was|is|were)[^.;?!§¤]*, but (?:it|ſ|§|they) (?:does|is|did|was|do|are) not [.!,;])"
)
_EXPECTED_NOT = re.compile(
    r" (?:you|one|people|anybody|anyone) (?:would|might|may|could) (?:think|expect|assume|guess|believe|suppose|hope|look) [^.;?!§]*(§ [^.;?!§¤]*, (?:but|yet|only|however) (?:you|it|one|there|that|ſ|§) (?:will|would|does|is|are|can|could|has|have) not [.!,;])"
)
_TITLE = re.compile(
    r" (?:(?:here|these|below|following|so) (?:is|are) )?((?:the )?(?:structure|columns|fields|definition|layout|key columns|details|schema) (?:of|for|in) §) (?:(?:are|is|include|includes) )?(?:the following )?(?:: )?$"
)
_HEADING = re.compile(
    r" (§ (?:key )?(?:columns|fields|structure|definition|layout|schema|spalten|columnas)) (?:: )?$"
)
# "§ – Job Master" in a line of its own is the title of a description.
_ENTRY = re.compile(r"^ (§ )(?:–|—|-|:) (?:[^ §¤⌂¶.;:?!]+ ){1,12}[.]? ?$")
_NO_TITLE = word_set("use see try is are does maybe perhaps did you siehe use: custom")
_NO_SUCH_ONE = re.compile(r" (?:no|not) $")
_RELATES = re.compile(r"§ (?:, )?(?:that|which) ")
_UNLIKE = re.compile(r"(?<= )(?:, )?(unlike § )(?:[,;] )?(?!and |or |which )")
_SAME = re.compile(
    r"(?<= )(?:neither|nor) (?:is|are|does|do|did|was|were|can|could|has|have) § (?=$|[.,;:!?)] |in |exist)"
)


def _symbols(words: frozenset[str]) -> bool:
    return not words.isdisjoint("✗✘✖❌🚫❎")


def clause_of(text: str, claim: Claim) -> str:
    """The clause of a collapsed sentence in which a claim stands."""
    return " " + text[clause_start(text, claim.start) : clause_end(text, claim.end)].lstrip()
