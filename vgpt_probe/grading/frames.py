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
    relative_says,
    unlimited,
)
from .standins import NAME, PLACE, SQL, SUBJECT

__all__ = ["read_clause"]

_SUPPOSED = word_set("if had were wish suppose")
_MANNER = word_set(
    "correctly properly rightly well directly automatically quickly fast regularly manually right"
)
_CLAUSE_WORDS = word_set("and but because since although though while whereas if so that which who")
_FRONTED = frozenset(
    ("neither", "nowhere", "never", "nor", "not", "no", "in no", "at no", "under no", "in none")
)
_READING = word_set("queried used read selected joined opened")
_MERELY = word_set("only just merely solely")
# "… is (not) a table that …": what the relative clause says, and what it comes to. What a person has not heard of may be
# there all the same.
_STATED = {"affirms": "affirms", "denies": "denies", "heard": "affirms", "unheard": "hedges"}
_NEGATED = {"affirms": "denies", "denies": "affirms", "heard": "hedges", "unheard": "hedges"}
_PREPOSITIONS = word_set(
    "in from of on to for with about under within inside into by at against as through via over among en de im aus auf"
)


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
    if (found is None or found.kind != "denies") and not (at and words[at - 1] in _PREPOSITIONS):
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
    verbs: int
    at: int


def _group(lex: Lexicon, words: Sequence[str], at: int) -> _Group:
    negative = copula = modal = unsure = could = False
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
        elif not lex.has(word, "adverb"):
            break
        at += 1
    return _Group(negative, copula, modal, could, unsure, verbs, at)


def _subject(lex: Lexicon, words: Sequence[str], at: int) -> Frame | None:
    """ "The subject is …", "the subject does …"."""
    start = first = at
    before = words[at - 1] if at else ""
    denied = before in NO
    at += 1
    follow = words[at + 1] if words[at : at + 1] == [","] and at + 1 < len(words) else ""
    aside = before == "," and follow and (lex.verb(words, at + 1)[0] or _verbal(lex, follow))
    if follow in RELATIVE or lex.has(follow, "be") or aside:
        # "§, which …", "the name you gave, §, maps to …".
        at += 1
    relative = words[at : at + 1] and words[at] in RELATIVE
    if relative:
        at += 1
    elif before in _PREPOSITIONS:
        # "The rows in § are …" speaks of the rows.
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
        found = _complement(lex, words, start, at, False)
        return found if found is not None and found.kind == "denies" else None
    if group.copula and group.modal and negative and words[at] in _READING:
        # "It can't be queried" leaves open why; "not directly", "not by everybody" say that it is there.
        after = lex.verb(words, at)[1]
        return Frame("unread", start, after) if unlimited(lex, words, after) else None
    if group.copula and group.modal and not negative and lex.verb(words, at)[0] == "use":
        # "It can be queried for job data."
        return None if "if" in words[at:] else Frame("advises", start, at + 1)
    found = (
        _complement(lex, words, start, at, group.negative)
        if group.copula
        else _verb(lex, words, start, group)
    )
    if found is not None and group.unsure:
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


def _narrowed(words: Sequence[str], start: int, after: int, negative: bool) -> Frame:
    """A statement of being there that what follows narrows down; "not … until" means that it has been there since."""
    if not negative:
        return Frame("affirms", start, after)
    since = words[after : after + 1] and words[after] in ("until", "till", "before", "prior", "without")
    return Frame("presumes" if since else "unread", start, after)


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
        if unlimited(lex, words, after):
            return Frame(denial(negative), start, after)
        return _narrowed(words, start, after, negative)
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
    if name in ("property", "have") and not group.modal:
        if words[after : after + 1] and words[after] in NO:
            return Frame("presumes", start, after + 1)
        return Frame("describes", start, after)
    return None


def _complement(lex: Lexicon, words: Sequence[str], start: int, at: int, negative: bool) -> Frame | None:
    """ "The subject is …": what follows the copula."""
    total = len(words)
    kind_word = False
    first = at
    while at < total:
        word = words[at]
        if word in ("no", "kein", "keine") or (lex.has(word, "nobody") and word not in ("nothing",)):
            negative = True
            at += 1
            continue
        after = place_end(lex, words, at)
        if after > at and word != PLACE and not (word == "of" and first != at):
            if not unlimited(lex, words, after):
                return _narrowed(words, start, after, negative)
            return Frame(denial(negative), start, after)
        if lex.has(word, "unreal"):
            if kind_word or not (unlimited(lex, words, at + 1) or _article_thing(lex, words, at + 1)):
                return None
            return Frame(denial(not negative), start, at + 1)
        if lex.has(word, "former") and _article_thing(lex, words, at + 1):
            return Frame("affirms" if negative else "denies", start, at + 2)
        if word == "nothing":
            follow = words[at + 1] if at + 1 < total else "."
            if follow in RELATIVE or follow == PLACE or lex.has(follow, "person"):
                return _thing(lex, words, start, at, True)
            return None
        if lex.has(word, "figment"):
            return Frame(denial(not negative), start, at + 1)
        name, after = lex.verb(words, at)
        if name == "gone":
            if unlimited(lex, words, after) or (
                after < total and words[after] in ("to", "by", "into", "with", "from")
            ):
                return None if negative else Frame("denies", start, after)
            return None
        if name in ("find", "have", "be_there") and first == at:
            if unlimited(lex, words, after):
                return Frame(denial(negative), start, after)
            return _narrowed(words, start, after, True) if negative else None
        if lex.has(word, "thing"):
            if kind_word:
                return Frame("presumes" if negative else "affirms", start, at + 1)
            return _thing(lex, words, start, at, negative)
        if lex.has(word, "real"):
            follow = words[at + 1] if at + 1 < total else "."
            if lex.has(follow, "thing") or lex.has(follow, "genuine") or lex.has(follow, "real"):
                at += 1
                continue
            if unlimited(lex, words, at + 1):
                return Frame(denial(negative), start, at + 1)
            return _narrowed(words, start, at + 1, negative)
        if word in ARTICLES or lex.has(word, "genuine") or lex.has(word, "adverb") or word == PLACE:
            at += 1
            continue
        if word in STOP or word in CONJUNCTIONS or word in _PREPOSITIONS or word in (SUBJECT, NAME, SQL):
            return None
        if negative and word == "used" and words[at + 1 : at + 2] != ["."]:
            # Not used for something: there all the same; not used at all: open.
            narrow = not unlimited(lex, words, at + 1)
            return Frame("presumes" if narrow else "unread", start, at + 1)
        if negative and (lex.has(word, "quality") or (words[at + 1 : at + 2] and words[at + 1] in _MANNER)):
            return Frame("presumes", start, at + 1)
        if negative and word in ("available", "visible", "accessible") and words[at + 1 : at + 2] == ["to"]:
            # To somebody without the rights.
            return Frame("presumes", start, at + 1)
        if negative and kind_word is False and words[at + 1 : at + 3] in (["of", NAME], ["for", NAME]):
            # "It isn't a copy of ¤."
            return Frame("presumes", start, at + 1)
        # A modifier that is none of those: "a lookup table".
        kind_word = True
        if at - first > 4:
            return None
        at += 1
    return None


def _article_thing(lex: Lexicon, words: Sequence[str], at: int) -> bool:
    return at < len(words) and lex.has(words[at], "thing")


def _thing(lex: Lexicon, words: Sequence[str], start: int, at: int, negative: bool) -> Frame | None:
    """ "… is (not) a table", and what follows narrows it down or not."""
    after = at + 1
    while after < len(words) and lex.has(words[after], "thing"):
        after += 1
    follow = words[after] if after < len(words) else "."
    past = place_end(lex, words, after)
    if _contrast(words, past):
        return None
    if follow in RELATIVE or (follow in (PLACE, "i", "we", "you") and past < len(words)):
        known = relative_says(lex, words, after)
        if known is not None:
            return Frame(_NEGATED[known] if negative else _STATED[known], start, after)
        if negative and follow not in RELATIVE:
            # "… something you should update": it is there, to be used otherwise.
            narrowed = any(
                lex.verb(words, step)[0] in ("use", "property")
                for step in range(after, clause_end(words, after))
            )
            return Frame("presumes", start, after) if narrowed else None
    if not negative:
        return Frame("affirms", start, after)
    if follow in RELATIVE:
        return None
    return Frame("denies" if unlimited(lex, words, after) else "unread", start, after)


def _contrast(words: Sequence[str], at: int) -> bool:
    """Whether "but a view", "it is a view" follows: then only the kind is denied."""
    if words[at : at + 1] and words[at] in (",", ";", "—", "–", "-", ":", "."):
        at += 1
    if words[at : at + 1] and words[at] in ("but", "rather", "instead", "sondern", "sino"):
        return True
    return words[at : at + 2] in (["it", "is"], [SUBJECT, "is"], ["that", "is"]) and words[
        at + 2 : at + 3
    ] != ["not"]
