"""What a claim comes to by what stands around it in its sentence."""

# Patterns read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import re

from .bounds import WITHOUT_THAT, Line, clause_end, clause_start, ends_with, matches, starts_with
from .lexicon import word_set
from .standins import PLACE

__all__ = ["in_context"]


def in_context(line: Line, kind: str, start: int, end: int) -> str:
    """What a claim of this kind comes to by what stands around it: a guess, a report, a condition, its opposite …"""
    text, words, grammar = line.text, line.words, line.grammar
    if line.question and end > line.last_clause:
        return "asks"
    begin = clause_start(text, start)
    left = " " + text[begin:start].lstrip()
    span = " " + text[start:end]
    here = frozenset(left.split())
    if _NO_CAUSE.search(text, 0, begin):
        # "Not because § is missing": what is no cause is not said to be so.
        return {"denies": "affirms", "affirms": "reports", "hedges": "reports"}.get(kind, kind)
    if _IS_WRONG.match(text, end - 1) and _SAYS.search(left):
        return _OPPOSITE.get(kind, kind)
    # "… uses §, which does not exist", "… uses the nonexistent §": what stands before governs the name alone.
    own = (
        _RELATIVE.match(span)
        or (grammar.lexicon.has(span.split(None, 1)[0], "unreal") and not _ERROR_TEXT.match(span))
        or (kind == "denies" and _OBJECT.search(left) and span.startswith(" § "))
    )
    if here and not own:
        if kind in ("affirms", "denies") and _CANNOT_SAY.search(left) and not _SINCE_NOT.match(text, end - 1):
            return "hedges"
        if _YOU_CANNOT.search(left):
            return _OPPOSITE.get(kind, kind)
        if matches(grammar.role("unsure"), left, here):
            return "hedges"
        if kind in ("affirms", "describes") and _SOUNDS.search(left):
            return "hedges"
        if _UNDENIED.search(left):
            return kind
        if matches(grammar.role("flips"), left, here):
            return _OPPOSITE.get(kind, kind)
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
        if starts_with(grammar.role("flips_after"), " " + text[end:], words):
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
    if kind == "denies" and PLACE not in span and _OTHER_SYSTEM.search(text[begin : clause_end(text, end)]):
        return "reports"
    if kind == "denies" and _WHAT_AFTER.match(text, end - 1):
        return "affirms" if _BUT_WRONG.search(text, end - 1) else "reports"
    if kind in ("affirms", "denies") and (_GUESSED.search(text, end - 1) or _OR_ELSE.match(text, end - 1)):
        return "hedges"
    if kind in ("affirms", "describes", "denies") and _UNSURE_AFTER.search(text, end - 1):
        return "hedges"
    if (
        kind in ("affirms", "describes")
        and _IF_BEFORE.search(" " + text[:begin].lstrip())
        and _BEING.search(span)
    ):
        return "hedges"
    if kind in ("affirms", "describes", "presumes", "uses", "advises") and _IF_THERE.search(
        " " + text[:begin].lstrip()
    ):
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
            before = frozenset(WITHOUT_THAT.sub(" ", left + text[start:end]).split())
            if not before.isdisjoint(line.phrases.words("negative")) or not around.isdisjoint(_FAILS):
                return "unread"
            return "offers" if 0 <= line.offers <= end else "mentions"
    if kind == "denies" and not frozenset(span.split()).isdisjoint(line.phrases.words("maybe")):
        return "hedges"
    if kind in ("affirms", "denies", "describes") and _I_THINK.search(" " + text[:begin].lstrip()):
        return "hedges"
    if kind == "denies" and not left.startswith(" as ") and _IF_ERROR.search(" " + text[:begin].lstrip()):
        return "hedges"
    if kind in ("affirms", "denies") and _GUESS_AFTER.match(text, end - 1):
        return "hedges"
    if _IF_AFTER.match(" " + text[end:]) and " exist" in span:
        return "imagines" if kind == "denies" else "hedges"
    if kind in _STATED and left.endswith(" say that "):
        # "Nobody would go so far as to say that …": the negation may stand before what looks like a clause of its own.
        here = frozenset(text[:start].split())
    if kind in _STATED and not here.isdisjoint(_GOVERNING) and not _RELATIVE.match(span):
        if kind != "denies" and (_PLACED.search(left) or _PLACED.match(span)):
            # "Not every row in § has …".
            return "presumes"
        # A negation that governs the statement in a way that nothing above knows: rather no reading than its opposite.
        if kind != "denies" or _THAT.search(left):
            return "unread"
    return kind


_STATED = frozenset(("affirms", "describes", "denies"))
_GOVERNING = word_set("not never nobody none nothing hardly neither nicht nie niemals nunca nadie")
_PLACED = re.compile(r" (?:in|from|on|within|inside|of|im|aus|auf|en|de) (?:$|§ )")
_THAT = re.compile(r" (?:that|dass|daß|que|say|claim|think|believe) $")

_NO_CAUSE = re.compile(
    r" (?:not|never|hardly|nicht|no) (?:just |only |so much |etwa )?(?:because|since|weil|porque) $"
)
# "§ gibt es möglicherweise", "§ exists, probably".
_GUESS_AFTER = re.compile(
    r" (?:in ⌂ |es |there |, |wohl |\( )*(?:perhaps|possibly|probably|presumably|maybe|i think|i believe|i guess|i suppose|i assume|vielleicht|möglicherweise|eventuell|wahrscheinlich"
    r"|vermutlich|womöglich|unter umständen|quizás?|tal vez|posiblemente|probablemente|acaso|a lo mejor|seguramente) (?!you |ihr|quiso)"
)
_IF_AFTER = re.compile(
    r"^[^.;?!]{0,20}?(?<= )(?:only )?(?:if|when|provided|wenn|falls|sofern|nur wenn|si|cuando|solo si|depending) "
)
_FAILS = word_set("not fail fails error errors invalid impossible never nicht")
_INVERTED = re.compile(
    r" (?:should|were|had|sollte|sollten|wäre|hätte)(?: there (?:not |no )?| not| ⌂| it| you| we)? "
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
    r"| (?:but|though|although|however|yet) (?:, )?(?:it |§ |that |this )?(?:may|might|could) (?:still |well |also |just )?(?:be (?:there|in|a|an|one|custom|defined|new)|exist|have been|live) "
    r"| (?:but|though|although|yet) (?:, )?(?:i am (?:only |just )?(?:guessing|speculating)|(?:that|this|it) is (?:only |just |merely )?(?:a|my) guess|not (?:100|completely|entirely|absolutely|fully|totally|quite|certain|sure)|do not quote me|no guarantee|without guarantee) "
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
    r" (?:in|within|among|on) (?!⌂ (?:that |which )?(?:i|we) (?:was|am|know|were) )(?:[^.;?!,§]+ )?(?:i|we) (?:have|had|know|was|were|am|can|looked|checked|searched|saw|got) "
    r"| (?:so far|yet|until now|up to now) "
    r"|[^.?!§]*[,;—–-] (?:but |though |although |so )?(?:it|ſ|§|that|this) (?:may|might|could) (?:well |also |still )?(?:be|exist|have|live|belong) "
)
_UNDENIED = re.compile(
    r" (?:not|never|nobody can|no one can|none can|hard to|hardly) (?:deny|dispute|doubt|disagree)(?: that| with the claim that)? $"
)
_CANNOT_SAY = re.compile(
    r" (?:i|we) (?:can|could) not (?:[^ ,.;]+ )?(?:say|claim|state|conclude|tell you|promise|guarantee) that $| (?:i|we) (?:can|could) not (?:say|claim|state|conclude|tell you|promise|guarantee) $"
)
# What I can't say I leave open; what you can't say is not so.
_YOU_CANNOT = re.compile(
    r" (?:you|one|people|they) (?:can|could|should|may|must) not (?:[^ ,.;]+ )?(?:say|claim|tell me)(?: that)? $"
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
# "If the message is …, the table does not exist."
_IF_ERROR = re.compile(
    r" (?:if|when|wenn|falls|si) [^.;?!]*(?:error|errors|message|msg|fails|failed|failing|invalid|fehler|meldung|mensaje)[^.;?!]*(?:, |then |§ )$"
)
_SOUNDS = re.compile(r" (?:sounds?|looks?|feels?) (?:to me )?(?:like|as if|as though) $")
_I_THINK = re.compile(r"(?:\A| )ich (?:glaube|vermute|denke|meine|schätze|nehme an) [,:] (?:dass )?$")
_IF_THERE = re.compile(
    r" (?:if|once|when|after|unless|wenn|falls|si) (?:[^,;.?!]* )?(?:(?:create|created|creates|add|added|build|built|define|defined|make|made|has|have|had|contains|includes|there is|hay|existe) (?:[^,;.?!§]* )?§ |§ (?:[^,;.?!]* )?(?:exists?|existiert|gibt|existe) )(?:[^,;.?!]* )?, $"
)
_BEING = re.compile(r" (?:exists?|existiert|existe|is (?:there|present|available|in ⌂)) ")
_RELATIVE = re.compile(r" § (?:(?:, )?(?:that|which|die|que) |[,(—–-] (?:an?|the|eine?|una?) )")
# "You ask about a table that is not there": no preposition governs a clause.
_OBJECT = re.compile(
    r" (?:asking|asked|ask|asks|question|query|querying|refers?|referring|looking) (?:about|from|for|to|on) $"
)
# That it would hold something is no matter of its being there.
_OPPOSITE = {"affirms": "denies", "describes": "presumes", "denies": "affirms"}
_HAS_NO = re.compile(r" § (?:has|holds|contains|returns|shows|gives|lists) (?:no|nothing) ")
# "If § did not exist, nothing could be posted": so it does.
_UNREAL = re.compile(r" § (?:(?:did|had) not (?:exist|existed|been)|were not|was not (?:there|around)) ")
_WITHOUT_IT = re.compile(
    r" , (?:then )?(?:no|nothing|nobody|none|there would be no|(?:[^ ,.;]+ ){1,4}(?:could|would) not) "
)
_INSIDE = re.compile(r" (?:in|on|from|within|of|inside) § $")
