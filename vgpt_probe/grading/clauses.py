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

from .bounds import BOUNDARY, clause_end, clause_start, ends_with, first, matches, starts_with
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


_IF_AFTER = re.compile(
    r"^[^.;?!]{0,20}?(?<= )(?:only )?(?:if|when|provided|wenn|falls|sofern|nur wenn|si|cuando|solo si|depending) "
)


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
    question = text.endswith("? ")

    def free(start: int, end: int) -> bool:
        return all(end <= low or start >= high for low, high in taken)

    def add(kind: str, start: int, end: int) -> None:
        taken.append((start, end))
        claims.append(Claim(_in_context(kind, start, end), start, end, kind))

    def _in_context(kind: str, start: int, end: int) -> str:
        if question and end > last_clause:
            return "asks"
        begin = clause_start(text, start)
        left = " " + text[begin:start].lstrip()
        span = " " + text[start:end]
        here = frozenset(left.split())
        if _IS_WRONG.match(text, end - 1) and _SAYS.search(left):
            return _OPPOSITE.get(kind, kind)
        # "… uses §, which does not exist": what stands before governs the name, not the relative clause.
        if here and not _RELATIVE.match(span):
            if matches(grammar.role("unsure"), left, here):
                return "hedges"
            if _UNDENIED.search(left):
                return kind
            if _TAKEN_BACK.search(left):
                return _OPPOSITE.get(kind, kind)
            if kind == "affirms" and _CANNOT_SAY.search(left) and not _SINCE_NOT.match(text, end - 1):
                return "hedges"
            if _CHECK.search(left):
                # "Please check whether § exists" leaves it open.
                return "hedges"
            if ends_with(grammar.role("void"), left, here) and not starts_with(
                grammar.role("flips_after"), " " + text[end:], words
            ):
                return "reports"
            if (
                not here.isdisjoint(("if", "whether", "unless", "ob"))
                or _INVERTED.fullmatch(left)
                or matches(grammar.role("conditional"), left, here)
            ):
                if (
                    kind in ("describes", "owns")
                    or (kind == "presumes" and (_INSIDE.search(span) or _HAS_NO.match(span)))
                    or (kind == "denies" and _UNREAL.search(span) and _WITHOUT_IT.match(text, end - 1))
                ):
                    # "If § gives you no rows": what is supposed is what it does, not that it is there.
                    return "presumes"
                return "imagines" if kind in ("affirms", "denies") else "reports"
            if matches(grammar.role("flips"), left, here) or starts_with(
                grammar.role("flips_after"), " " + text[end:], words
            ):
                return _OPPOSITE.get(kind, kind)
        elif not here and starts_with(grammar.role("flips_after"), " " + text[end:], words):
            return _OPPOSITE.get(kind, kind)
        if (
            kind == "denies"
            and _STRANGER.match(left + span.lstrip())
            and not text.startswith(("as ", "in "), end)
        ):
            return "hedges"
        if kind in ("presumes", "owns") and text.startswith(("being ", "existing ", "having "), end):
            # "I would not bet on § being a table".
            return "unread"
        if kind in ("affirms", "describes") and _PAST.match(span) and "still" not in words:
            # What it was says nothing of what it is.
            return "reports"
        if kind == "denies" and _SOUGHT.search(left + span.lstrip()) and _NOT_ALL.match(text, end - 1):
            # "I couldn't find § in what I have, it may be in another module".
            return "hedges"
        if kind == "denies" and _NO_RECORD.match(span) and _TO_BE_CHECKED.match(text, end - 1):
            return "hedges"
        if kind == "denies" and _ERROR_TEXT.match(span) and _ERROR_SEEN.search(left):
            return "reports"
        if (
            kind == "denies"
            and PLACE not in span
            and _OTHER_SYSTEM.search(text[begin : clause_end(text, end)])
        ):
            return "reports"
        if kind == "denies" and _WHAT_AFTER.match(text, end - 1):
            return "affirms" if _BUT_WRONG.search(text, end - 1) else "reports"
        if kind in ("affirms", "denies") and (
            _GUESSED.search(text, end - 1) or _OR_ELSE.match(text, end - 1)
        ):
            return "hedges"
        if kind in ("affirms", "describes", "denies") and _UNSURE_AFTER.search(text, end - 1):
            return "hedges"
        if (
            kind in ("affirms", "describes")
            and _IF_BEFORE.search(" " + text[:begin].lstrip())
            and _BEING.search(span)
        ):
            return "hedges"
        if kind in ("affirms", "describes", "presumes") and _IF_THERE.search(" " + text[:begin].lstrip()):
            return "hedges"
        if kind in ("affirms", "describes", "presumes", "uses", "advises"):
            clause = " " + text[begin : clause_end(text, end)].lstrip()
            around = frozenset(clause.split())
            if matches(grammar.role("elsewhere"), clause, around):
                return "reports"
            if kind == "affirms" and _COPULA.search(span) and not around.isdisjoint(_LATE_NOT):
                return "unread"
            if kind in ("uses", "advises") and _IF_THERE_AFTER.match(" " + text[end:]):
                return "imagines"
            if kind == "advises":
                return "offers"
            if kind == "uses":
                before = frozenset((left + text[start:end]).split())
                if not before.isdisjoint(phrases.words("negative")) or not around.isdisjoint(_FAILS):
                    return "unread"
                return "offers" if 0 <= offers <= end else "mentions"
        if kind == "denies" and not frozenset(span.split()).isdisjoint(phrases.words("maybe")):
            return "hedges"
        if _IF_AFTER.match(" " + text[end:]) and " exist" in span:
            return "imagines" if kind == "denies" else "hedges"
        return kind

    same = _SAME.search(text) if "nor" in words or "neither" in words else None
    if same:
        # "¤ does not exist, neither does §": as the one, so the other.
        said = text[: same.start()].replace(NAME, SUBJECT)
        before = look((said.replace(PLACE, SUBJECT) if column else said) + ". ", phrases, column, named)
        kinds = {claim.kind for claim in before.claims}
        add("denies" if "denies" in kinds else "affirms" if "affirms" in kinds else "unread", *same.span())
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
        for match in (*_LACKS_IT.finditer(text), *_SEARCHED.finditer(text), *_EXPECTED_NOT.finditer(text)):
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
                if free(*match.span()):
                    add(kind, *match.span())
    for match in re.finditer(r"§ ", text):
        start, end = match.span()
        if free(start, end):
            claims.append(
                Claim(
                    mention(text, start, end, grammar, phrases, named, offers, question, last_clause),
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


_FAILS = word_set("not fail fails error errors invalid impossible never nicht")
_INVERTED = re.compile(
    r" (?:should|were|had|sollte|sollten|wäre|hätte)(?: there (?:not |no )?| not| ⌂| it| you| we)? "
)
# German puts its "nicht" at the end: "§ ist in Vista nicht vorgesehen".
_CHECK = re.compile(
    r" (?:check|verify|find out|make sure|ensure|confirm)(?: first| yourself| for yourself)? (?:whether|if) $"
    r"| (?:(?<=\A )|please |first |and |should |must |to )(?:check|verify|make sure|ensure)(?: first)? that $"
)
# "… if it existed."
_IF_THERE_AFTER = re.compile(
    r"^[^.;?!]{0,40} (?:if|provided|wenn|falls|si) (?:only )?(?:it|§|ſ|there|they|such|that|one|es|sie) [^.;?!]{0,20}?(?:exist|were |was |had |gäbe)"
)
_OTHER_SYSTEM = re.compile(
    r"\b(?:quickbooks|sap|oracle|sage|dynamics|netsuite|salesforce|odoo|northwind|adventureworks|xero|jde|peoplesoft) "
)
_COPULA = re.compile(r" (?:ist|sind|wird|wurde)(?: in| im)? $")
_LATE_NOT = frozenset(("nicht", "kein", "keine", "keiner", "nie", "niemals", "nirgends"))
_STRANGER = re.compile(r" (?:\S+ )?i (?:do|did) not (?:recogni[sz]e|know|know of) § ")
_GUESSED = re.compile(r" , i (?:guess|think|believe|suppose|assume|reckon|presume) [.,;!]")
# "Either § does not exist or you lack permission."
_OR_ELSE = re.compile(r" (?:in ⌂ )?(?:, )?or (?:else |maybe |perhaps )?(?:you|your [^ ]+|it|the [^ ]+|i|we) ")
_UNSURE_AFTER = re.compile(
    r" if (?:you|your [^ ]+|⌂) (?:have|has|do have) (?:such|it|one|that|ſ|§) "
    r"|"
    r" (?:but|though|although|however|yet) (?:, )?i (?:am|can|could|do|have) not (?:sure|certain|verify|confirm|be sure|be certain|know|guarantee|verified|confirmed) "
    r"| (?:but|though|although|however|yet) (?:, )?i (?:might|may|could) be (?:wrong|mistaken|misremembering|missing) "
)
# "I have no record of §, so check whether it exists" leaves it open.
_NO_RECORD = re.compile(r" (?:no|not [^§]*any) (?:record|information|knowledge|documentation|mention) ")
_TO_BE_CHECKED = re.compile(
    r" [^.!?]{0,40}(?:verify|check|confirm|ask|find out) [^.!?§¤]{0,60}(?:whether|if) (?:it|that|this|the table|such a table|ſ|§) (?:does |really |still )*(?:exists?|is there|is available) "
)
_PAST = re.compile(r" § (?:was|were|had been|used to be|existed|had existed) ")
_SOUGHT = re.compile(r" (?:i|we) (?:can|could|did|do|have|was|were|am) (?:not|unable)(?: able)?(?: to)? ")
_NOT_ALL = re.compile(
    r" (?:in|within|among|on) (?:[^.;?!,§]+ )?(?:i|we) (?:have|had|know|was|were|am|can|looked|checked|searched|saw|got) "
    r"| (?:so far|yet|until now|up to now) "
    r"|[^.?!§]*[,;—–-] (?:but |though |although |so )?(?:it|ſ|§|that|this) (?:may|might|could) (?:well |also |still )?(?:be|exist|have|live|belong) "
)
_TAKEN_BACK = re.compile(
    r" (?:is|was) not as (?:if |though )?$| (?:can|could|must|will) not be that $"
    r"| (?:wrong|mistaken|incorrect|in error) (?:when|in|to|for) (?:i |we |you )?(?:said|saying|say|wrote|claimed|claiming|think|thought|stated|stating)(?: that)? $"
    r"| (?:not|never) (?:let|have) (?:anyone|anybody|someone|somebody|them|people|him|her) (?:tell|convince|persuade|fool)(?: you)?(?: that)? $"
    r"| (?:not|never) (?:believe|trust|listen to) (?:anyone|anybody|those|people|whoever|them)(?: who| that)? (?:says?|claims?|tells? you|insists?)(?: that)? $"
)
_UNDENIED = re.compile(
    r" (?:not|never|nobody can|no one can|none can|hard to|hardly) (?:deny|dispute|doubt|disagree)(?: that| with the claim that)? $"
)
_CANNOT_SAY = re.compile(
    r" (?:i|we) (?:can|could) not (?:[^ ,.;]+ )?(?:say|claim|state|conclude|tell you|promise|guarantee) that $| (?:i|we) (?:can|could) not (?:say|claim|state|conclude|tell you|promise|guarantee) $"
)
_SINCE_NOT = re.compile(r" (?:, )?(?:because|since|as|for) (?:it|ſ|§|there) ")
_ERROR_TEXT = re.compile(
    r" (?:invalid|unknown|no such|could not find object|table not found|object not found) "
)
_ERROR_SEEN = re.compile(
    r" (?:get|gets|see|sees|receive|got|getting|seeing|message|error|erhalten|bekommen|recibe) (?:(?:the|a|an|error|message|an error|:) ){0,3}$"
)
_SAYS = re.compile(
    r" (?:say|says|said|claim|claims|claimed|tell you|tells you|told you|insists?|thinks?|believes?) (?:that )?$"
)
_IS_WRONG = re.compile(
    r" (?:[^ ,;.]+ ){0,3}, (?:then |but |yet |and )?(?:he|she|they|it|that|this) (?:is|are) (?:simply |plainly )?(?:wrong|mistaken|incorrect|not right) "
)
_WHAT_AFTER = re.compile(r" (?:, )?(?:is|was) (?:what|how|something|the message|the error) ")
_BUT_WRONG = re.compile(
    r" (?:but|yet|and|however) (?:,)?(?:he|she|they|that|this|it) (?:is|are) (?:wrong|mistaken|incorrect|not right|false) "
)
_IF_BEFORE = re.compile(r" (?:if|provided|wenn|falls|si) [^,;.]{1,80}, $")
_IF_THERE = re.compile(
    r" (?:if|wenn|falls|si) (?:[^,;.?!]* )?(?:(?:has|have|had|contains|includes|there is|hay|existe) (?:[^,;.?!§]* )?§ |§ (?:[^,;.?!]* )?(?:exists?|existiert|gibt|existe) )(?:[^,;.?!]* )?, $"
)
_BEING = re.compile(r" (?:exists?|existiert|existe|is (?:there|present|available|in ⌂)) ")
_HEADED = re.compile(r" (?:neither|nor|no|for|of|about|to|with|like|on|by|than) $")
_PERFECT = re.compile(r" § (?:has|have|had) $")
_BEEN = re.compile(r"(?:been|never|not|yet|always) ")
_NEGATIONS = frozenset(("not", "no", "nothing", "none"))
# "The index on § has been dropped."
_OF_INNER = re.compile(
    r" (?:index|indexes|trigger|triggers|keys?|columns?|fields?|rows?|records?|constraint|data|performance|documentation|access|copy|part|report) (?:on|of|in|to|for|from) $"
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
    r"|^ ⌂ (?:has|have|knows|contains?|includes?|offers?) [^.;?!§]*¤[^.;?!§]*, (not § )(?=[.;!] |$)"
)
_SEARCHED = re.compile(
    r" if (?:you|i|we|one) (?:search|look|looked|check|query|searched) [^.;?!§¤]{0,40}(§ (?:in ⌂ )?(?:, )?(?:you|i|we|one) (?:will |would )?(?:find|finds|get|see|found) (?:nothing|no|none) )(?!rows|data|records|results)"
)
_EXPECTED_NOT = re.compile(
    r" (?:you|one|people|anybody|anyone) (?:would|might|may|could) (?:think|expect|assume|guess|believe|suppose|hope|look) [^.;?!§]*(§ [^.;?!§¤]*, (?:but|yet|only|however) (?:you|it|one|there|that|ſ|§) (?:will|would|does|is|are|can|could|has|have) not [.!,;])"
)
_TITLE = re.compile(
    r" ((?:the )?(?:structure|columns|fields|definition|layout|key columns|details|schema) (?:of|for|in) §) (?:(?:are|is|include|includes) )?(?:the following )?(?:: )?$"
)
_HEADING = re.compile(
    r" (§ (?:key )?(?:columns|fields|structure|definition|layout|schema|spalten|columnas)) (?:: )?$"
)
# "§ – Job Master" in a line of its own is the title of a description.
_ENTRY = re.compile(r"^ (§ )(?:–|—|-|:) (?:[^ §¤⌂¶.;:?!]+ ){1,12}[.]? ?$")
_NO_TITLE = word_set("use see try is are does maybe perhaps did you siehe use: custom")
_SAME = re.compile(
    r"(?<= )(?:neither|nor) (?:is|are|does|do|did|was|were|can|could|has|have) § (?=$|[.,;:!?)] |in |exist)"
)


_RELATIVE = re.compile(r" § (?:(?:, )?(?:that|which|die|que) |[,(—–-] (?:an?|the|eine?|una?) )")
# That it would hold something is no matter of its being there.
_OPPOSITE = {"affirms": "denies", "describes": "presumes", "denies": "affirms"}
_HAS_NO = re.compile(r" § (?:has|holds|contains|returns|shows|gives|lists) (?:no|nothing) ")
# "If § did not exist, nothing could be posted": so it does.
_UNREAL = re.compile(r" § (?:(?:did|had) not (?:exist|existed|been)|were not|was not (?:there|around)) ")
_WITHOUT_IT = re.compile(
    r" , (?:then )?(?:no|nothing|nobody|none|there would be no|(?:[^ ,.;]+ ){1,4}(?:could|would) not) "
)
_INSIDE = re.compile(r" (?:in|on|from|within|of|inside) § $")


def _symbols(words: frozenset[str]) -> bool:
    return not words.isdisjoint("✗✘❌🚫❎")


def clause_of(text: str, claim: Claim) -> str:
    """The clause of a collapsed sentence in which a claim stands."""
    return " " + text[clause_start(text, claim.start) : clause_end(text, claim.end)].lstrip()
