"""What the subject is said to be, or not to be: the complement of the copula."""

from __future__ import annotations

from collections.abc import Sequence

from .lexicon import Lexicon, word_set
from .reach import (
    ARTICLES,
    CONJUNCTIONS,
    RELATIVE,
    STOP,
    Frame,
    clause_end,
    denial,
    place_end,
    relative_says,
    unlimited,
)
from .standins import NAME, PLACE, SQL, SUBJECT

__all__ = ["PREPOSITIONS", "complement", "narrowed"]

# "… is (not) a table that …": what the relative clause says, and what it comes to. What a person has not heard of may be
# there all the same.
_STATED = {"affirms": "affirms", "denies": "denies", "heard": "affirms", "unheard": "hedges"}
_NEGATED = {"affirms": "denies", "denies": "affirms", "heard": "hedges", "unheard": "hedges"}
_MANNER = word_set(
    "correctly properly rightly well directly automatically quickly fast regularly manually right"
)
_REACHED = word_set("available visible accessible")
_TO_WHOM = word_set("to for")
_NAMES = word_set("name names title identifier")
_VIEW = word_set("view views synonym")
PREPOSITIONS = word_set(
    "in from of on to for with about under within inside into by at against as through via over among en de im aus auf"
)


def complement(lex: Lexicon, words: Sequence[str], start: int, at: int, negative: bool) -> Frame | None:
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
                return narrowed(words, start, after, negative)
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
                return Frame("presumes" if negative else "denies", start, after)
            return None
        if name == "invent" and first == at and unlimited(lex, words, after):
            return Frame(denial(not negative), start, after)
        if name in ("find", "have", "be_there") and first == at:
            if unlimited(lex, words, after):
                return Frame(denial(negative), start, after)
            return narrowed(words, start, after, True) if negative else None
        if lex.has(word, "thing"):
            if kind_word and word in _NAMES and not negative:
                # "A generic name", "a plausible title": what it is called is not what is there.
                return Frame("reports", start, at + 1)
            if kind_word:
                return Frame("presumes" if negative else "affirms", start, at + 1)
            return _thing(lex, words, start, at, negative)
        if negative and word in _REACHED and words[at + 1 : at + 2] and words[at + 1] in _TO_WHOM:
            # To somebody without the rights, or for a purpose.
            return Frame("presumes", start, at + 1)
        if lex.has(word, "real"):
            follow = words[at + 1] if at + 1 < total else "."
            if lex.has(follow, "thing") or lex.has(follow, "genuine") or lex.has(follow, "real"):
                at += 1
                continue
            if unlimited(lex, words, at + 1):
                return Frame(denial(negative), start, at + 1)
            return narrowed(words, start, at + 1, negative)
        if negative and lex.has(word, "quality") and words[at + 1 : at + 2] == ["to"]:
            # "It isn't specific to one module."
            return Frame("presumes", start, at + 1)
        if word in ARTICLES or lex.has(word, "genuine") or lex.has(word, "adverb") or word == PLACE:
            at += 1
            continue
        if word in STOP or word in CONJUNCTIONS or word in PREPOSITIONS or word in (SUBJECT, NAME, SQL):
            return None
        if negative and word == "used" and PLACE in words[at + 1 : place_end(lex, words, at + 1)]:
            return Frame("denies" if unlimited(lex, words, at + 1) else "unread", start, at + 1)
        if negative and word == "used" and words[at + 1 : at + 2] != ["."]:
            # Not used for something: there all the same; not used at all: open.
            narrow = not unlimited(lex, words, at + 1)
            return Frame("presumes" if narrow else "unread", start, at + 1)
        if negative and (lex.has(word, "quality") or (words[at + 1 : at + 2] and words[at + 1] in _MANNER)):
            return Frame("presumes", start, at + 1)
        if not negative and first == at and lex.has(word, "quality") and unlimited(lex, words, at + 1):
            # "It is empty", "it is large".
            return Frame("describes", start, at + 1)
        if negative and kind_word is False and words[at + 1 : at + 3] in (["of", NAME], ["for", NAME]):
            # "It isn't a copy of ¤."
            return Frame("presumes", start, at + 1)
        if negative and first == at and word.endswith("ing"):
            # "It isn't working."
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
    if follow == "for" and words[at] in ("place", "spot", "source", "one"):
        # "It isn't the place for costs."
        return Frame("presumes", start, after)
    if after == at + 1 and words[at] in _VIEW and words[after : after + 1] and follow in ".,;!":
        # "§ is not a view": that is its kind. Not to be a table of the database is more.
        return Frame("presumes", start, after)
    return Frame("denies" if unlimited(lex, words, after) else "unread", start, after)


def _contrast(words: Sequence[str], at: int) -> bool:
    """Whether "but a view", "it is a view" follows: then only the kind is denied."""
    if words[at : at + 1] and words[at] in (",", ";", "—", "–", "-", ":", "."):
        at += 1
    if words[at - 1] == "," and words[at : at + 2] in (["a", "view"], ["a", "table"], ["a", "synonym"]):
        return True
    if words[at : at + 1] and words[at] in ("but", "rather", "instead", "sondern", "sino"):
        return True
    return words[at : at + 2] in (["it", "is"], [SUBJECT, "is"], ["that", "is"]) and words[
        at + 2 : at + 3
    ] != ["not"]


def narrowed(words: Sequence[str], start: int, after: int, negative: bool) -> Frame:
    """A statement of being there that what follows narrows down; "not … until" means that it has been there since."""
    if not negative:
        return Frame("affirms", start, after)
    since = words[after : after + 1] and words[after] in ("until", "till", "before", "prior", "without")
    return Frame("presumes" if since else "unread", start, after)
