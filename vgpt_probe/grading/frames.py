"""What a clause says of the subject by its build: who does what, what is negated, and how far the negation reaches.

The words come in classes (`[classes]` in `phrases.toml`); what is decided here is only their order. A clause is one of

- *the subject is …*: copula or passive, with a complement that means being there, not being there, or something else;
- *the subject does …*: a verb of being there ("exist"), of referring ("maps to"), or of anything else (a property);
- *somebody … the subject*: having and knowing ("Vista ships with"), looking for it, using it;
- *there is …*, or *no …* alone;
- *… in the subject*: whatever is said, the subject is taken for granted.

A negation of being there denies. A negation of anything else presumes the subject. What narrows a negation down ("listed
under AP") leaves the matter open: unread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .complement import PREPOSITIONS, complement, narrowed
from .lexicon import Lexicon, word_set
from .objects import existential, german, objective
from .reach import (
    ARTICLES,
    CONJUNCTIONS,
    NO,
    RELATIVE,
    STOP,
    Frame,
    any_thing,
    clause_end,
    denial,
    place_end,
    unlimited,
)
from .standins import NAME, PLACE, SQL, SUBJECT

__all__ = ["read_clause"]

_SUPPOSED = word_set("if had were wish suppose")
_CLAUSE_WORDS = word_set("and but because since although though while whereas if so that which who")
_FRONTED = frozenset(
    ("neither", "nowhere", "never", "nor", "not", "no", "in no", "at no", "under no", "in none")
)
_READING = word_set("queried used read selected joined opened")
_QUERYING = word_set("selects reads joins queries filters groups aggregates sorts updates uses")
_SPELLED = word_set("word term string phrase letters abbreviation wort begriff palabra")
_SEEMING = word_set("seem seems seemed appear appears appeared")
_LIMITS = word_set("on without alone directly only before until unless outside")
_MUST = word_set("must should shall")
_MERELY = word_set("only just merely solely")


def read_clause(lex: Lexicon, words: Sequence[str], at: int) -> Frame | None:
    """What is said of the subject at `at` in a collapsed sentence; None if the build of its clause is not known."""
    found = (
        _fronted(lex, words, at)
        or german(lex, words, at)
        or existential(lex, words, at)
        or _subject(lex, words, at)
        or objective(lex, words, at)
    )
    if found is not None and found.kind in ("affirms", "describes", "presumes"):
        elsewhere = _not_here(lex, words, found.end)
        if elsewhere > found.end:
            return Frame("denies", found.start, elsewhere)
    if (found is None or found.kind != "denies") and not (at and words[at - 1] in PREPOSITIONS):
        second = _second(lex, words, at)
        if second:
            return Frame("denies", at, second)
    if found is None:
        # "§ is in ¤, not in Vista".
        elsewhere = _not_here(lex, words, at + 1)
        if elsewhere > at + 1 and NAME in words[at:elsewhere]:
            return Frame("denies", at, elsewhere)
    return found


def _fronted(lex: Lexicon, words: Sequence[str], at: int) -> Frame | None:
    """ "In no module does § exist", "neither as a table nor as a view is § there": the negation stands in front."""
    helper = at - 2 if at > 1 and words[at - 1] == "there" else at - 1
    if helper < 1 or not any(lex.has(words[helper], name) for name in ("be", "auxiliary", "modal")):
        return None
    begin = helper
    while begin > 0 and words[begin - 1] not in STOP and words[begin - 1] not in _CLAUSE_WORDS:
        begin -= 1
    fronted = words[begin:helper]
    if not fronted or not (fronted[0] in _FRONTED or " ".join(fronted[:2]) in _FRONTED):
        return None
    if any(word in (SUBJECT, NAME, SQL) for word in fronted) or any(
        lex.has(word, "person") for word in fronted
    ):
        return None
    if helper == at - 2:
        return Frame("denies", helper, at + 1) if unlimited(lex, words, at + 1) else None
    stated = [*words[:helper], SUBJECT, words[helper], *words[at + 1 :]]
    said = _subject(lex, stated, helper)
    return Frame("denies", helper, at + 1) if said is not None and said.kind == "affirms" else None


def _second(lex: Lexicon, words: Sequence[str], at: int) -> int:
    """Where the denial of a second predicate ends: "§ sounds right but is not in Vista"; 0 if there is none."""
    for step in range(at + 2, min(at + 14, len(words) - 1)):
        word = words[step]
        if word in (SUBJECT, NAME, SQL, ".", "?", "!", ";", ":", "if"):
            return 0
        if word in ("but", "and", "yet") and _verbal(lex, words[step + 1]):
            said = _subject(lex, [SUBJECT, *words[step + 1 :]], 0)
            return step + said.end if said is not None and said.kind == "denies" else 0
    return 0


def _not_here(lex: Lexicon, words: Sequence[str], at: int) -> int:
    """Where ", not in Vista" ends, if the clause goes on like that: what was said holds of another place."""
    for step in range(at, min(at + 12, len(words) - 1)):
        word = words[step]
        if word in (".", "?", "!", ";", "|"):
            break
        if (word == "not" and words[step - 1] in (",", "but", "and", "(", "—", "–", "-")) or (
            word == "than" and words[step - 1] == "rather"
        ):
            after = place_end(lex, words, step + 1)
            whole = after > step + 1 and PLACE in words[step + 1 : after]
            return after if whole and (after >= len(words) or words[after] in STOP) else at
    return at


class _Group(NamedTuple):
    """A verb group: negated or not, with the kind of its auxiliary, its modal verb, and where its main part begins."""

    negative: bool
    copula: bool
    modal: bool
    could: bool
    unsure: bool
    seems: bool
    verbs: int
    at: int


def _group(lex: Lexicon, words: Sequence[str], at: int) -> _Group:
    negative = copula = modal = unsure = could = seems = False
    verbs = 0
    total = len(words)
    while at < total:
        word = words[at]
        if lex.has(word, "negator"):
            negative = True
        elif word == "no" and at + 1 < total and words[at + 1] == "longer":
            negative = True
            at += 1
        elif lex.has(word, "be"):
            copula = True
            verbs += 1
        elif lex.has(word, "modal"):
            modal = True
            could = could or word == "could"
            unsure = unsure or word in ("may", "might")
            verbs += 1
        elif lex.has(word, "unsure"):
            unsure = True
        elif word in _MERELY:
            # "It is not only …" is no denial.
            if negative:
                break
        elif lex.has(word, "auxiliary"):
            following = words[at + 1] if at + 1 < total else "."
            if word in ("has", "have", "had", "having") and not (
                lex.has(following, "negator")
                or lex.has(following, "be")
                or lex.has(following, "adverb")
                or (following.endswith("ed") and lex.verb(words, at + 1)[0])
            ):
                break
            verbs += 1
        elif lex.has(word, "seem") and at + 1 < total and words[at + 1] == "to":
            verbs += 1
            at += 1
            seems = seems or word in _SEEMING
        elif not lex.has(word, "adverb") and not (word == "to" and words[at + 1 : at + 2] == ["be"]):
            break
        at += 1
    # "It does not seem to exist" is a polite denial, "it seems to be a table" a guess.
    return _Group(negative, copula, modal, could, unsure, seems and not negative, verbs, at)


def _subject(lex: Lexicon, words: Sequence[str], at: int) -> Frame | None:
    """ "The subject is …", "the subject does …"."""
    start = first = at
    before = words[at - 1] if at else ""
    denied = before in NO
    if before in _SPELLED:
        # "The word § appears in column names."
        return None
    at += 1
    follow = words[at + 1] if words[at : at + 1] == [","] and at + 1 < len(words) else ""
    aside = before == "," and follow and (lex.verb(words, at + 1)[0] or _verbal(lex, follow))
    if follow in RELATIVE or lex.has(follow, "be") or aside:
        # "§, which …", "the name you gave, §, maps to …".
        at += 1
    relative = words[at : at + 1] and words[at] in RELATIVE
    if relative:
        at += 1
    elif before in PREPOSITIONS and not (
        before == "from" and (at < 3 or words[at - 3] in STOP or words[at - 3] == "and")
    ):
        # "The rows in § are …" speaks of the rows; "FROM § refers to nothing" does not.
        return None
    at = place_end(lex, words, at)
    if words[at : at + 1] and lex.has(words[at], "inner"):
        return Frame("owns", first, at + 1)
    group = _group(lex, words, at)
    if words[group.at : group.at + 1] and words[group.at] in _MERELY:
        return None
    if before and not relative and not group.verbs and lex.has(before, "use"):
        # "You can query § provided it exists."
        return None
    negative = group.negative != denied
    group = group._replace(negative=negative, unsure=group.unsure or (group.could and not negative))
    start = first - 1 if denied else first
    at = group.at
    if at >= len(words) or words[at] in STOP or words[at] in CONJUNCTIONS:
        if group.negative and group.verbs and _elliptic(lex, words, first):
            return Frame("denies", start, at)
        return None
    if group.copula and group.modal and not group.negative and "would" in words[first:at]:
        # "It would be a good name": only what is unreal says more.
        found = complement(lex, words, start, at, False)
        return found if found is not None and found.kind == "denies" else None
    if group.copula and group.modal and negative and words[at] in _READING:
        # "It can't be queried" leaves open why; "not directly", "not by everybody" say that it is there.
        after = lex.verb(words, at)[1]
        if words[after : after + 1] and words[after] in _LIMITS:
            return Frame("presumes", start, after)
        return Frame("unread", start, after) if unlimited(lex, words, after) else None
    if group.copula and negative and words[at].endswith("ed") and not _MUST.isdisjoint(words[first:at]):
        # "It must not be modified in Vista."
        return Frame("presumes", start, at + 1)
    if group.copula and group.modal and not negative and lex.verb(words, at)[0] == "use":
        # "It can be queried for job data."
        return None if "if" in words[at:] else Frame("advises", start, at + 1)
    found = (
        complement(lex, words, start, at, group.negative) if group.copula else _verb(lex, words, start, group)
    )
    if found is not None and (group.unsure or (group.seems and found.kind == "affirms")):
        return found._replace(kind="hedges")
    return found


def _verbal(lex: Lexicon, word: str) -> bool:
    return any(lex.has(word, name) for name in ("negator", "auxiliary", "modal", "be"))


def _elliptic(lex: Lexicon, words: Sequence[str], at: int) -> bool:
    """Whether the words before speak of being there, so that "§ does not" denies."""
    if not at or words[at - 1] not in (
        "but",
        "while",
        "whereas",
        "and",
        ",",
        ";",
        "though",
        "although",
        "however",
        "yet",
    ):
        return False
    said = words[:at]
    return (
        (NAME in said or not _SUPPOSED.isdisjoint(said))
        and any(
            lex.has(word, "be_there") or lex.has(word, "real") or lex.has(word, "thing") or word == PLACE
            for word in said
        )
        and not any(lex.has(word, "negator") or word in NO for word in said)
    )


def _verb(lex: Lexicon, words: Sequence[str], start: int, group: _Group) -> Frame | None:
    at = group.at
    negative = group.negative
    name, after = lex.verb(words, at)
    if name == "be_there":
        rest = words[after : clause_end(words, after)]
        if not negative and any(
            word in ("nicht", "keine", "kein", "keinesfalls", "nirgends", "nowhere") for word in rest
        ):
            return Frame("denies", start, after)
        if not negative and words[after : after + 1] and words[after] in ("neither", "nowhere", "never"):
            # "It exists neither as a table nor as a view."
            return Frame("denies", start, after + 1)
        if unlimited(lex, words, after):
            return Frame(denial(negative), start, after)
        return narrowed(words, start, after, negative)
    if name == "refer" or (name == "property" and words[at] in ("belong", "belongs")):
        nothing = negative
        end = after
        for ahead in range(after, min(after + 3, len(words))):
            word = words[ahead]
            if lex.has(word, "nobody") or word in NO:
                nothing, end = True, ahead + 1
            elif word in STOP:
                break
        if nothing and any_thing(lex, words, end):
            return Frame("denies", start, end)
        rest = words[after : clause_end(words, after)]
        if nothing or any(lex.has(word, "negator") for word in rest):
            return None
        if words[end : end + 1] == [NAME]:
            # "§ corresponds to ¤": a name for it, or the thing itself.
            return Frame("reports", start, after)
        return Frame("describes", start, after)
    if name == "gone" and not group.verbs and words[after : after + 1] and words[after] in ARTICLES:
        # "It replaced an older table."
        return Frame("describes", start, after)
    if name == "gone" and not negative and not group.modal:
        return (
            Frame("denies", start, after)
            if words[at].endswith("ed") and unlimited(lex, words, after)
            else None
        )
    if not name:
        return None
    if name in ("property", "have"):
        standing = next(
            (step for step in range(after, min(after + 5, len(words))) if lex.has(words[step], "standing")),
            -1,
        )
        if standing >= 0 and place_end(lex, words, standing + 1) > standing + 1:
            # "It has no place in the schema."
            denied = negative or any(word in NO for word in words[after:standing])
            return Frame(denial(denied), start, standing + 1)
    if words[start] == "no" and not group.verbs and name in ("property", "have"):
        # "No § ships with the product"; "no § needed" leaves it open.
        return Frame("unread" if words[at].endswith(("ed", "t")) else "denies", start, after)
    if negative:
        return Frame("presumes", start, after) if name in ("property", "have", "use") else None
    needs = words[at] in ("needs", "requires") and words[at + 1 : at + 2] != ["to"]
    if (
        name in ("use", "property")
        and not group.verbs
        and (needs or words[at] in _QUERYING)
        and words[start] == SUBJECT
    ):
        # "The view selects from ¤."
        return Frame("describes", start, after)
    if name in ("property", "have") and not group.modal:
        if words[after : after + 1] and words[after] in NO:
            return Frame("presumes", start, after + 1)
        return Frame("describes", start, after)
    return None
