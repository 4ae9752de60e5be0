"""What a sentence says of the subject where it is only mentioned: no pattern and no build of a clause tells more."""

# Patterns read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Sequence

from .bounds import BOUNDARY, WITHOUT_THAT, Line, clause_start, matches
from .lexicon import Lexicon, word_set
from .standins import NAME, SUBJECT

__all__ = ["mention"]


def mention(line: Line, start: int, end: int) -> str:
    """The kind of a mention that no claim covers."""
    text, grammar, phrases, offers = line.text, line.grammar, line.phrases, line.offers
    role = grammar.role
    begin = clause_start(text, start)
    after = BOUNDARY.search(text, end)
    finish = after.start() if after else len(text)
    clause = " " + text[begin:finish].lstrip()
    # "Without it the query on § …": what is done without.
    words = frozenset(WITHOUT_THAT.sub(" ", clause).split())
    left = " " + text[begin:start].lstrip()
    if _GAPPED.search(text, 0, end + 12) and words.isdisjoint(phrases.words("negative")):
        return "mentions"
    if 0 <= offers < start and words.isdisjoint(
        ("not", "no", "never", "nothing", "none", "nicht", "case", "if", "whether", "wenn", "falls", "si")
    ):
        between = " " + text[offers:start]
        if not re.search(
            r" (?:instead of|rather than|not|but|statt|¤ for|¤ in place of|¤ en lugar de) ", between
        ):
            if not line.question or end <= line.last_clause:
                return "offers"
            return "proposes" if _PROPOSES.search(text) else "asks"
    if line.question and end > line.last_clause:
        return "asks"
    if matches(role("void"), clause, words) or matches(role("elsewhere"), clause, words):
        return "reports"
    if matches(role("unsure"), clause, words) or not words.isdisjoint(phrases.words("hedge")):
        return "hedges"
    if not words.isdisjoint(("if", "whether", "unless", "wenn", "falls", "ob", "si")) or matches(
        role("conditional"), left, frozenset(left.split())
    ):
        supposed = _IF_IT_IS.search(clause)
        if supposed and grammar.lexicon.has(supposed.group(1), "quality"):
            # "If § is empty, …": what is supposed is not that it is there.
            return "presumes"
        if matches(role("unsure"), text[end:], frozenset(text[end:].split())):
            return "hedges"
        return "reports"
    if _ASIDE.search(left):
        return "reports"
    if len(words) < 3 and text[max(0, begin - 2) : begin] == ", ":
        # Only the name between commas: the sentence speaks.
        words = frozenset(text.split())
    stated = (clause + text[finish : finish + 1]).split()
    if stated[0].endswith("s") and grammar.lexicon.verb(stated, 0)[0]:
        # "No relation, be it a table or a view, carries §": the verb's subject stands before.
        words = frozenset(text.split())
    if not words.isdisjoint(phrases.words("negative")):
        return "unread"
    if _EXPECTED.search(text[:start]):
        # "You would expect …, but …": what is expected is said not to be so.
        return "unread"
    known = phrases.known
    if not line.named or (words.isdisjoint(known) and len(words) > 3):
        return "reports"
    at = min(left.count(" ") - 1, len(stated) - 1)
    return "mentions" if understood(grammar.lexicon, stated, at) else "reports"


def understood(lex: Lexicon, words: Sequence[str], at: int) -> bool:
    """Whether a clause that denies nothing has one of the builds that take its subject at `at` for granted.

    The subject alone or as a title, at the end of "the equipment master is …", where something is kept ("… in §"), what
    is used or had, or what does or is something that tables do and are. What has no such build ("§ escapes me",
    "thanks for asking about §") says nothing that counts.
    """
    left, right = words[:at], list(words[at + 1 :])
    if not _PERSONAL.isdisjoint(words):
        return False
    while right and (right[0] == SUBJECT or lex.has(right[0], "adverb") or right[0].endswith("ly")):
        right.pop(0)
    if not left or left[-1] in _MARKS or left[-1] in _AND:
        if not right or right[0] in _MARKS or ":" in right[1:4]:
            return True
        if left and NAME in left and left[-1] in _AND and len(right) < 5:
            # "¤ holds jobs and § contracts".
            return True
        return _predicate(lex, right)
    before = left[-1]
    used = any(
        name in _HANDLING and (after == at or words[after] in _BETWEEN)
        for name, after in (lex.verb(words, i) for i in range(max(0, at - 3), at))
    )
    if before in _KEPT_IN or before in _IS or used:
        return True
    return before not in _OF and bool(right) and right[0] not in _MARKS and _predicate(lex, right)


def _predicate(lex: Lexicon, words: Sequence[str]) -> bool:
    """Whether what follows the subject is said of tables: a verb of theirs, "is" with something, a place, a purpose."""
    word = words[0]
    if word in _UNREAL_MOOD or lex.has(word, "seem"):
        return False
    return lex.has(word, "be") or lex.has(word, "modal") or word in _PLACES or bool(lex.verb(words, 0)[0])


_HANDLING = frozenset(("use", "have", "property", "find", "refer"))
_MARKS = frozenset(".,;:!?()|—–-/=→")
_AND = word_set("and or und oder y o note so then")
_KEPT_IN = word_set("in into from within inside aus im en de")
_OF = word_set("for of about to with like on by than as")
_BETWEEN = word_set(
    "the a an this your our from in at with data rows records both only all everything columns"
)
_IS = word_set("is are sind ist es son")
_PLACES = word_set("in on for of from with und and do does wird werden es")
_UNREAL_MOOD = word_set("would might may could should looks sounds means mean")
_PERSONAL = word_set("me mystery puzzle bell guess wonder thanks")


# "¤ has one row per invoice, § one per line", "they belong to different modules: § to the one, …".
_GAPPED = re.compile(
    r" ¤ (?:has|have|holds|contains|stores|keeps|is|belongs|covers) [^.;?!§]*[,;] (?:and |while )?§ (?:one|the|a|an|to|for|only|its|those) "
    r"|^ (?:they|both|these|the two) (?:are|belong|differ|serve|have|hold|cover) [^.:§]*: (?:¤ [^,;§]*[,;] (?:and )?)?§ (?:to|for|in|is|with|one|the|a) "
)
_ASIDE = re.compile(
    r"(?<= )(?:instead of|rather than|in place of|equivalent (?:of|to|for)|replacement for|not|than|for|about|regarding|on|like|similar to|object_id \(|matches|matching|resembles|statt|anstatt|anstelle von|"
    r"en lugar de|en vez de|to query|named after|unlike|besides|aside from|as for|zu|über|sobre|called|word|term|the name|name|of|resembling|versus|vs) $"
)


_EXPECTED = re.compile(
    r" (?:you|one|people|anybody|anyone) (?:would|might|may|could) (?:think|expect|assume|guess|believe|suppose|hope) .*(?:,|;|\.|but|yet|only|however) "
)
_IF_IT_IS = re.compile(r" (?:if|when|since|while) § (?:is|was|gets) (?:not |too |very )?([^ ]+) ")
_PROPOSES = re.compile(
    r" (?:(?:did|do|would|could|might|may|perhaps|maybe) you (?:mean|want|need|be)|perhaps|maybe|looking for|meinten|meinen|vielleicht|suchen|quiso|tal vez|quizás|busca) "
)
