"""Denials that do not name the subject: "only APTH exists", "APTH does, the other doesn't", "nothing was found"."""

# Patterns read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import re

from .answer import Answer
from .clauses import look
from .reference import Pointers
from .sentences import Token
from .standins import NAME, SUBJECT
from .yesno import asks_existence

__all__ = ["IS_NOT", "denied_by_the_way"]


def denied_by_the_way(
    answer: Answer, pointers: Pointers, quoted: bool, collapsed: str, spans: list[Token]
) -> bool:
    """Denials that do not name the subject: "only ¤ exists", "¤ does, § does not", "nothing was found"."""
    before = pointers.before
    words = frozenset(collapsed.split())
    if words.isdisjoint(_TELLING) and not _NAME_ONLY.fullmatch(answer.text):
        return False
    if answer.alone and _prefix_unused(answer, collapsed, spans):
        return True
    if answer.alone and pointers.last == "S" and _ONLY_OTHER.search(collapsed):
        return True
    rest = _SOLELY.sub(" only ¤ ", _OF_THESE.sub(" ", collapsed))
    both = rest != collapsed or (answer.is_asked and not answer.alone)
    if _WOULD.match(collapsed):
        return True
    if SUBJECT not in rest and both and _ONLY.search(rest):
        return True
    if SUBJECT not in collapsed:
        if (
            answer.alone
            and pointers.last == "S"
            and (_YOU_ASK.match(collapsed) or _CANNOT_OF.match(collapsed))
            and _NOT_THERE.search(collapsed)
        ):
            return True
        reads = answer.quotes_subject(spans)
        # The statement may stand in lines of its own before this.
        reads_above = quoted and NAME not in collapsed and _READS.match(collapsed)
        if (reads or reads_above) and _NOT_THERE.search(collapsed):
            return True
        if reads and _INVALID.search(collapsed):
            return True
    if _SHORT_NO.search(collapsed) and asks_existence(answer):
        return True
    if answer.is_asked and not answer.alone and _NAME_ONLY.fullmatch(answer.text) and asks_existence(answer):
        # Only the other name, for an answer.
        return SUBJECT not in collapsed and NAME in collapsed
    if (_ELLIPSIS.match(collapsed) or _SURE_NOT.match(collapsed)) and asks_existence(answer):
        # "Do they exist?" "APTH does. Invoice doesn't."
        return True
    if _PLACE_LACKS.match(collapsed) and _PLACE_HAS.search(before):
        return True
    if IS_NOT.match(collapsed) and _EXPECTS.match(before):
        # "You'd think it would be called §. It isn't."
        return True
    if _ELLIPSIS.match(collapsed) and _THERE.search(before):
        # "APTH exists. Invoice doesn't." takes its verb from the sentence before.
        sight = look(before.replace(NAME, SUBJECT), answer.phrases, answer.column, True)
        if "affirms" in {claim.kind for claim in sight.claims}:
            return True
    return bool(_NONE.search(collapsed)) and (SUBJECT in collapsed or pointers.last == "S")


def _prefix_unused(answer: Answer, collapsed: str, spans: list[Token]) -> bool:
    """ "Vista doesn't use 'tbl_' prefixes", said of a name that begins so."""
    if not _NO_PREFIX.match(collapsed):
        return False
    raw = answer.text[spans[0].start : spans[-1].end]
    name = answer.target.meant.lower()
    return any(name.startswith(word.lower()) for word in _PREFIX.findall(raw))


IS_NOT = re.compile(
    r"^ (?:but |alas , |well , |no , )?(?:it|§|that) (?:is|does|was|will|would) not [.!;,:—–-]"
)
_ONLY_OTHER = re.compile(
    r"(?:^|[:;,] )(?:alas , |sadly , |but )?(?:there (?:is|are)|⌂ (?:has|knows|offers|contains)) only ¤ [.!]"
)
_OF_THESE = re.compile(r"^ of (?:§|the (?:two|three)|these|those|them)(?: names| tables| views)? (?:, )?")
_SOLELY = re.compile(
    r" (?:just|merely|solely|nothing but|none but|no one but) ¤ (?=exists|is |does )| ¤ alone (?=exists|is |does )"
)
_ONLY = re.compile(
    r"(?<= )only ¤ (?:exists?|(?:is|are) (?:real|valid|there|in ⌂|a |available|part|known|present|genuine))"
    r"|^ (?:(?:no|yes) [,.] )?(?:only|just|merely) ¤ (?:does |is |exists )?[.!]"
    r"|¤ is the only (?:one|table|view)(?: of [^.§]{1,20})? (?:that |which )?(?:exists|is (?:real|there|valid|in ⌂))"
    r"|only one of (?:them|these|those|the two) (?:is|does|exists)[^.¤]*[,:;—–-] (?:and )?(?:that|it|this) is ¤ [.!]"
    r"|^ (?:only )?the (?:only )?one (?:that|which) (?:exists|is real|is there) (?:is |: )¤ [.!]"
    r"|(?:^|[;:,—–-]) (?:no , |and |so )?there is only ¤ [.!]"
    r"|^ (?:only )?one of (?:them|these|those|the two) (?:(?:does|is|exists|is real|is there|is valid)(?: exist)? )?[:,—–-] ¤ [.!]"
)
# "You would, if it existed."
_WOULD = re.compile(
    r"^ (?:yes , |sure , |well , |maybe , )?(?:you|it|§|i|we|that|they) (?:would|could)(?: be| have| do| too)?(?: ,)? (?:but only )?if (?:only )?(?:it|§|that|there|such a table) (?:(?:really |only )?(?:existed|did|were|was|had been|did exist)(?: (?:there|one|real|available|a table))?) [.,!;]"
)
_SHORT_NO = re.compile(
    r"^ (?:it|§) used to (?:exist |be (?:there|one) )?(?:, )?(?:but|until) |^ (?:no , )?neither § (?:(?:does|do|is|are|exists?) [.!,;]|[;,:—–-] only ¤ )|^ § (?:does|is|do|are) not [,;] (?:but |while |whereas )?¤ (?:does|is|do|are)(?: exist)? [.!;]|"
    r" ¤ (?:and ¤ |, ¤ )*(?:both |all )?(?:do|does|is|are|exists?|yes)(?: ,| ;| \.)? (?:and |but |while |whereas )?§ (?:does|do|is|are) not [.,;!]| no for § [.,;!]"
    r"|^ (?:they )?(?:all|everything|every one|each|all of them) (?:of them |do |exist |are )?(?:, )?(?:but|except|except for|apart from|besides|other than|save|bar) § [.,;!]"
)
_READS = re.compile(
    r"^ (?:it |this |that |which |this query |the query )?(?:reads|uses|refers|references|selects|queries|names|asks) "
)
_NOT_THERE = re.compile(
    r" (?:table|view|object|name|relation|thing|something) (?:that |which )(?:(?:was|has) never (?:been )?(?:created|existed|defined|there)|(?:does|is|can|could) not (?:exist|found|available|be found|in ⌂|part of|defined|present)) | (?:table|view|object|name|relation|thing|something) (?:that |which )?⌂ (?:does|do) not (?:have|know|contain) "
)
_INVALID = re.compile(
    r" (?:invalid object(?: name)?|unknown table|no such table|table not found|unknown object) (?:[.,;!)]|error) "
)
# Every denial of this kind has one of these words.
_TELLING = frozenset(
    [
        "if",
        "only",
        "just",
        "merely",
        "one",
        "not",
        "no",
        "none",
        "nothing",
        "neither",
        "nowhere",
        "never",
        "zero",
        "0",
        "but",
        "except",
        "all",
        "everything",
        "every",
        "each",
        "both",
        "invalid",
        "unknown",
        "such",
        "wrong",
        "dreams",
        "dream",
        "wish",
        "fehlanzeige",
        "dice",
        "luck",
        "nada",
        "nicht",
    ]
)
_NAME_ONLY = re.compile(r"[\s*_`'\"]*(?:just |only )?\w+[\s*_`'\".!]*", re.IGNORECASE)
_SURE_NOT = re.compile(
    r"^ i am (?:sure|positive|certain|confident|convinced) (?:that )?(?:it|§|there|they) (?:does|is|are|do) not [.!]"
    r"|^ § (?:is|are) not (?:correct|right|the (?:correct|right) (?:one|name)) [.!]"
)
_ELLIPSIS = re.compile(r"^ (?:but |and |however , |, )?§ (?:does|do|is|are|did|was) not [.!;]")
_PLACE_LACKS = re.compile(
    r"^ (?:but |however , |here , )?(?:⌂|it|we) (?:(?:does|do|is|has|have) not [.!;]|is not (?:one of|among) (?:them|those|these) )"
)
_PLACE_HAS = re.compile(
    r" (?:have|has|include|includes|contain|contains|offer|offers|use|uses|know|provide|provides) § "
)
_EXPECTS = re.compile(
    r"^ (?:you|one|people|anybody|anyone) (?:would|might|may|could|will) (?:think|expect|assume|guess|believe|suppose|hope) [^.]*§ "
)
_THERE = re.compile(
    r" (?:exists?|real|valid|in ⌂|there) | (?:is|are) (?:an? )?(?:\S+ )?(?:table|tables|view|views) "
)
_NONE = re.compile(
    r"^ (?:(?:no|nope|hmm|alas|sorry) , )?(?:in your dreams|dream on|you wish|wrong name|fehlanzeige|no dice|no such luck|nada|nothing|nowhere(?: ,)?|no (?:match|matches|results?|hits?|luck)|0 (?:matches|results|hits)|zero (?:matches|results|hits)) [.!]|^ no such \w+ (?:in|under|within) ⌂ [.!]|^ § \? (?:fehlanzeige|no dice|no such luck|nada|nothing|never) |^ (?:nothing|no (?:results?|match(?:es)?)) (?:was |were )?found | there (?:is|are) none | (?:⌂|we|it) (?:has|have|knows?) (?:none|nothing (?:of the kind|of that kind|of the sort|of that sort|like (?:it|that|§|ſ))) "
)
_NO_PREFIX = re.compile(
    r"^ (?:⌂|we|it|they|¤ tables|its tables|tables in ⌂|no tables? in ⌂) (?:(?:does|do|did) not (?:use|have|follow|know)|never (?:uses?|used)|uses? no|has no|have no|starts? with|begins? with) (?:[^§.;,]+ )?(?:prefix|prefixes|naming|convention) [.,;(]"
)
# Three letters at least: "b" and "v" are prefixes of real tables.
_PREFIX = re.compile(
    r"\b(?!(?:uses?|used|the|any|such|that|this)\b)([^\W\d]\w{2,})['\"`*’”]*[- ](?:style |type |as (?:an? )?)?(?:prefix|naming|convention)"
)
# "I can't list the columns of a table that does not exist."
_CANNOT_OF = re.compile(
    r"^ (?:sorry , |unfortunately , |but )?(?:i|we|you|nobody|one) (?:can|could|am|are|is) (?:not|unable) [^.]* (?:of|for|from|about|on|in) (?:an? |any |the )?(?:table|view|object|relation|something|name) "
)
# "You're asking about a table that …"
_YOU_ASK = re.compile(
    r"^ (?:sorry , |because |since )?(?:you are|you|your question|the question|this|your query) (?:asking|asked|ask|asks|is|refers|refer|looking|selecting|reading|querying|trying to (?:read|query|select|use|join|open))(?: about| for| to| from)? (?:an? |(?=something ))"
)
