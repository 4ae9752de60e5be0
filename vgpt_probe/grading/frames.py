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
from .standins import NAME, PLACE, SQL, SUBJECT

__all__ = ["Frame", "read_clause"]

_STOP = frozenset(".,;:!?()|–—-/=→")
_CONJUNCTIONS = frozenset(
    [
        "and",
        "or",
        "but",
        "so",
        "because",
        "since",
        "although",
        "though",
        "while",
        "whereas",
        "unless",
        "if",
        "yet",
        "either",
        "nor",
        "as",
        "than",
        "except",
        "therefore",
        "hence",
        "thus",
        "however",
        "when",
        "where",
        "und",
        "oder",
        "aber",
        "sondern",
        "denn",
        "weil",
        "y",
        "o",
        "pero",
        "sino",
        "porque",
    ]
)
_FAILS = word_set("fail fails error errors invalid impossible never not if unless would nothing")
# Before an imperative.
_FRESH = word_set(" , : ; . and or then so instead please just simply") | {""}
_SUPPOSED = word_set("if had were wish suppose")
_LATE = word_set("nicht vergebens vergeblich nirgends nie niemals")
_MERELY = word_set("only just merely solely")
_RELATIVE = word_set("which that who die das que")
_ARTICLES = word_set(
    "a an the any one some this that such your our my its single eine ein einen keine una un la el ninguna"
)
_HERE = word_set(
    "here there anywhere nowhere either too anymore all sure at yet itself mehr hier dort aquí in-it"
)
_KNOWING = word_set("know familiar aware recognize recognise heard")
# "… is (not) a table that …": what the relative clause says, and what it comes to. What a person has not heard of may be
# there all the same.
_STATED = {"affirms": "affirms", "denies": "denies", "heard": "affirms", "unheard": "hedges"}
_NEGATED = {"affirms": "denies", "denies": "affirms", "heard": "hedges", "unheard": "hedges"}
# Where these stand, another clause begins.
_OTHERWISE = word_set("you we i it try see please ✗ ✓ ❌ ✅")
# A noun phrase that begins with one of these is denied whole.
_NO = word_set("no neither none nothing zero 0 kein keine keinen weder ningún ninguna ni nor")
_PREPOSITIONS = word_set(
    "in from of on to for with about under within inside into by at against as through via behind over among en de im aus auf"
)


class Frame(NamedTuple):
    """What the clause says: `kind` is that of a claim (`clauses.py`); the words from `start` to `end` show it."""

    kind: str
    start: int
    end: int


def read_clause(lex: Lexicon, words: Sequence[str], at: int) -> Frame | None:
    """What is said of the subject at `at` in a collapsed sentence; None if the build of its clause is not known."""
    found = (
        _german(lex, words, at)
        or _existential(lex, words, at)
        or _subject(lex, words, at)
        or _object(lex, words, at)
    )
    if found is not None and found.kind in ("affirms", "describes", "presumes"):
        elsewhere = _not_here(lex, words, found.end)
        if elsewhere > found.end:
            return Frame("denies", found.start, elsewhere)
    return found


def _not_here(lex: Lexicon, words: Sequence[str], at: int) -> int:
    """Where ", not in Vista" ends, if the clause goes on like that: what was said holds of another place."""
    for step in range(at, min(at + 12, len(words) - 1)):
        word = words[step]
        if word in (".", "?", "!", ";", "|"):
            break
        if (word == "not" and words[step - 1] in (",", "but", "and", "(", "—", "–", "-")) or (
            word == "than" and words[step - 1] == "rather"
        ):
            after = _place(lex, words, step + 1)
            whole = after > step + 1 and PLACE in words[step + 1 : after]
            return after if whole and (after >= len(words) or words[after] in _STOP) else at
    return at


def _clause_end(words: Sequence[str], at: int) -> int:
    while at < len(words) and words[at] not in _STOP:
        at += 1
    return at


def _place(lex: Lexicon, words: Sequence[str], at: int) -> int:
    """Where a phrase like "in Vista", "among the tables of the schema" ends, or `at` if there is none."""
    start = at
    while at < len(words) and at - start < 6:
        word = words[at]
        if word == PLACE:
            at += 1
            while at < len(words) and (
                lex.has(words[at], "thing") or lex.has(words[at], "part") or words[at] in (PLACE, "dbo")
            ):
                at += 1
            if at < len(words) and words[at] in ("of", "in", "de", "for"):
                return max(at, _place(lex, words, at))
            return at
        if at == start and not lex.has(word, "within"):
            break
        if not (
            word in _ARTICLES
            or lex.has(word, "genuine")
            or lex.has(word, "within")
            or lex.has(word, "thing")
            or lex.has(word, "part")
        ):
            break
        at += 1
    return start


def _open(lex: Lexicon, words: Sequence[str], at: int) -> bool:
    """Whether nothing that follows narrows the statement down: the clause ends, or goes on with "in Vista", "at all" …"""
    while at < len(words):
        word = words[at]
        if (
            word in _STOP
            or word in _CONJUNCTIONS
            or word in _RELATIVE
            or word in _OTHERWISE
            or lex.has(word, "be")
        ):
            return True
        after = _place(lex, words, at)
        if after > at:
            at = after
        elif word in _HERE or word == SUBJECT or lex.has(word, "adverb"):
            # A subject here is "under that name".
            at += 1
        elif word in ("under", "by", "with", "of") and words[at + 1 : at + 2] == [SUBJECT]:
            # "under that name".
            at += 2
        elif word in ("in", "as", "of", "among", "by", "at", "with", "under", "on") and _general(
            lex, words, at + 1
        ):
            return True
        elif word == "to" and words[at + 1 : at + 2] in (["me"], ["us"], ["be"]):
            at += 2
        else:
            return False
    return True


def _general(lex: Lexicon, words: Sequence[str], at: int) -> bool:
    """Whether "any module", "a table", "it", "our list" follows: as wide as the database itself."""
    steps = 0
    while at < len(words) and steps < 4:
        word = words[at]
        if word in ("any", "all", "every", "me", "us", "it", "them", "these", "those", "existence", "sight"):
            return True
        if lex.has(word, "thing") or lex.has(word, "part"):
            follow = words[at + 1] if at + 1 < len(words) else "."
            return follow not in ("for", "about", "with", "like")
        if word not in _ARTICLES and not lex.has(word, "genuine"):
            return False
        at += 1
        steps += 1
    return False


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


def _deny(negative: bool) -> str:
    return "denies" if negative else "affirms"


def _subject(lex: Lexicon, words: Sequence[str], at: int) -> Frame | None:
    """ "The subject is …", "the subject does …"."""
    start = first = at
    before = words[at - 1] if at else ""
    denied = before in _NO
    at += 1
    if words[at : at + 2][:1] == [","] and at + 1 < len(words):
        # "§, which …", "the name you gave, §, maps to …".
        if (
            words[at + 1] in _RELATIVE
            or lex.has(words[at + 1], "be")
            or (before == "," and lex.verb(words, at + 1)[0])
        ):
            at += 1
    relative = words[at : at + 1] and words[at] in _RELATIVE
    if relative:
        at += 1
    elif before in _PREPOSITIONS:
        # "The rows in § are …" speaks of the rows.
        return None
    at = _place(lex, words, at)
    if words[at : at + 1] and lex.has(words[at], "inner"):
        return None
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
    if at >= len(words) or words[at] in _STOP or words[at] in _CONJUNCTIONS:
        if group.negative and group.verbs and _elliptic(lex, words, first):
            return Frame("denies", start, at)
        return None
    if group.copula and group.modal and not group.negative and "would" in words[first:at]:
        # "It would be a good name": only what is unreal says more.
        found = _complement(lex, words, start, at, False)
        return found if found is not None and found.kind == "denies" else None
    found = (
        _complement(lex, words, start, at, group.negative)
        if group.copula
        else _verb(lex, words, start, group)
    )
    if found is not None and group.unsure:
        return found._replace(kind="hedges")
    return found


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
        and not any(lex.has(word, "negator") or word in _NO for word in said)
    )


def _verb(lex: Lexicon, words: Sequence[str], start: int, group: _Group) -> Frame | None:
    at = group.at
    negative = group.negative
    name, after = lex.verb(words, at)
    if name == "be_there":
        rest = words[after : _clause_end(words, after)]
        if not negative and any(
            word in ("nicht", "keine", "kein", "keinesfalls", "nirgends", "nowhere") for word in rest
        ):
            return Frame("denies", start, after)
        if _open(lex, words, after):
            return Frame(_deny(negative), start, after)
        return Frame("unread" if negative else "affirms", start, after)
    if name == "refer" or (name == "property" and words[at] in ("belong", "belongs")):
        nothing = negative
        end = after
        for ahead in range(after, min(after + 3, len(words))):
            word = words[ahead]
            if lex.has(word, "nobody") or word in _NO:
                nothing, end = True, ahead + 1
            elif word in _STOP:
                break
        if nothing and _wide(lex, words, end):
            return Frame("denies", start, end)
        return None if nothing or name == "refer" else Frame("affirms", start, after)
    if name == "gone" and not negative and not group.modal:
        return (
            Frame("denies", start, after) if words[at].endswith("ed") and _open(lex, words, after) else None
        )
    if not name:
        return None
    if name in ("property", "have"):
        standing = next(
            (step for step in range(after, min(after + 5, len(words))) if lex.has(words[step], "standing")),
            -1,
        )
        if standing >= 0 and _place(lex, words, standing + 1) > standing + 1:
            # "It has no place in the schema."
            denied = negative or any(word in _NO for word in words[after:standing])
            return Frame(_deny(denied), start, standing + 1)
    if negative:
        return Frame("presumes", start, after) if name in ("property", "have", "use") else None
    if name in ("property", "have") and not group.modal:
        if words[after : after + 1] and words[after] in _NO:
            return Frame("presumes", start, after + 1)
        return Frame("describes", start, after)
    return None


def _wide(lex: Lexicon, words: Sequence[str], at: int) -> bool:
    """Whether what is not referred to is "any table", "anything real": any object at all."""
    while at < len(words):
        word = words[at]
        if word in _STOP or word in _CONJUNCTIONS or word == PLACE:
            return True
        if (
            word in ("to", "with", "in", "any", "anything", "a", "an", "one", "of")
            or lex.has(word, "genuine")
            or lex.has(word, "thing")
            or lex.has(word, "nobody")
        ):
            at += 1
            continue
        return False
    return True


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
        after = _place(lex, words, at)
        if after > at and word != PLACE and not (word == "of" and first != at):
            if not _open(lex, words, after):
                return Frame("unread" if negative else "affirms", start, after)
            return Frame(_deny(negative), start, after)
        if lex.has(word, "unreal"):
            if kind_word or not (_open(lex, words, at + 1) or _article_thing(lex, words, at + 1)):
                return None
            return Frame(_deny(not negative), start, at + 1)
        if lex.has(word, "former") and _article_thing(lex, words, at + 1):
            return Frame("affirms" if negative else "denies", start, at + 2)
        if word == "nothing":
            follow = words[at + 1] if at + 1 < total else "."
            if follow in _RELATIVE or follow == PLACE or lex.has(follow, "person"):
                return _thing(lex, words, start, at, True)
            return None
        if lex.has(word, "figment"):
            return Frame(_deny(not negative), start, at + 1)
        name, after = lex.verb(words, at)
        if name == "gone":
            if _open(lex, words, after) or (
                after < total and words[after] in ("to", "by", "into", "with", "from")
            ):
                return None if negative else Frame("denies", start, after)
            return None
        if name in ("find", "have", "be_there") and first == at:
            if _open(lex, words, after):
                return Frame(_deny(negative), start, after)
            return Frame("unread", start, after) if negative else None
        if lex.has(word, "thing"):
            if kind_word:
                return Frame("presumes" if negative else "affirms", start, at + 1)
            return _thing(lex, words, start, at, negative)
        if lex.has(word, "real"):
            follow = words[at + 1] if at + 1 < total else "."
            if lex.has(follow, "thing") or lex.has(follow, "genuine") or lex.has(follow, "real"):
                at += 1
                continue
            if _open(lex, words, at + 1):
                return Frame(_deny(negative), start, at + 1)
            return Frame("unread" if negative else "affirms", start, at + 1)
        if word in _ARTICLES or lex.has(word, "genuine") or lex.has(word, "adverb") or word == PLACE:
            at += 1
            continue
        if word in _STOP or word in _CONJUNCTIONS or word in _PREPOSITIONS or word in (SUBJECT, NAME, SQL):
            return None
        if negative and lex.has(word, "quality"):
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
    past = _place(lex, words, after)
    if _contrast(words, past):
        return None
    if follow in _RELATIVE or (follow in (PLACE, "i", "we", "you") and past < len(words)):
        known = _known(lex, words, after)
        if known is not None:
            return Frame(_NEGATED[known] if negative else _STATED[known], start, after)
        if negative and follow not in _RELATIVE:
            # "… something you should update": it is there, to be used otherwise.
            narrowed = any(
                lex.verb(words, step)[0] in ("use", "property")
                for step in range(after, _clause_end(words, after))
            )
            return Frame("presumes", start, after) if narrowed else None
    if not negative:
        return Frame("affirms", start, after)
    return Frame("denies", start, after) if follow not in _RELATIVE and _open(lex, words, after) else None


def _contrast(words: Sequence[str], at: int) -> bool:
    """Whether "but a view", "it is a view" follows: then only the kind is denied."""
    if words[at : at + 1] and words[at] in (",", ";", "—", "–", "-", ":", "."):
        at += 1
    if words[at : at + 1] and words[at] in ("but", "rather", "instead", "sondern", "sino"):
        return True
    return words[at : at + 2] in (["it", "is"], [SUBJECT, "is"], ["that", "is"]) and words[
        at + 2 : at + 3
    ] != ["not"]


def _known(lex: Lexicon, words: Sequence[str], at: int) -> str | None:
    """ "… (that) Vista has", "… I know of", "… that does not exist", "… somebody made up": what it makes of a thing."""
    clause = words[at : _clause_end(words, at)]
    negative = any(lex.has(word, "negator") or word in _NO for word in clause)
    if clause and clause[0] in _RELATIVE:
        clause = clause[1:]
        at += 1
    if not clause or "should" in clause or "must" in clause:
        return None
    database = clause[0] == PLACE or lex.has(clause[0], "part")
    person = lex.has(clause[0], "person")
    for step, word in enumerate(clause):
        name, _ = lex.verb(words, at + step)
        if name == "invent":
            return _deny(not negative)
        if person and word in _KNOWING and PLACE not in clause:
            return "unheard" if negative else "heard"
        if name == "find" or (name in ("have", "use") and database) or (name == "have" and person):
            return _deny(negative)
        if not (database or person) and (name == "be_there" or lex.has(word, "real")):
            return _deny(negative)
    return None


def _existential(lex: Lexicon, words: Sequence[str], at: int) -> Frame | None:
    """ "There is no …"; the subject ends the noun phrase."""
    if words[at + 1 : at + 2] and lex.has(words[at + 1], "inner"):
        return None
    left = at - 1
    negative = unsure = False
    while left >= 0:
        word = words[left]
        if word in _NO or lex.has(word, "negator"):
            negative = True
        elif word in ("may", "might", "could") or lex.has(word, "unsure"):
            unsure = True
        elif word not in ("not", "even", "to", "exist", "exists", "existed") and not any(
            lex.has(word, name) for name in ("adverb", "be", "modal", "auxiliary", "seem")
        ):
            break
        left -= 1
    if left < 0 or left == at - 1 or words[left] != "there":
        return None
    if unsure:
        return Frame("hedges", left, at + 1)
    if not negative:
        return Frame("affirms", left, at + 1)
    return Frame("denies", left, at + 1) if _open(lex, words, at + 1) else None


def _object(lex: Lexicon, words: Sequence[str], at: int) -> Frame | None:
    """ "Vista ships with …", "I can't find …", "no trace of …", "no …"."""
    if words[at + 1 : at + 2] and lex.has(words[at + 1], "inner"):
        return None
    left = at - 1
    negative = False
    while left >= 0 and (
        words[left] in _NO or words[left] in ("even", "of") or lex.has(words[left], "adverb")
    ):
        if words[left] == "of" and not (left and lex.has(words[left - 1], "nobody")):
            break
        negative = negative or words[left] in _NO
        left -= 1
    if (
        left < 0
        or words[left] in _STOP
        or words[left] in ("but", "and", "or", "because", "since", "as", "so", "therefore", "hence")
    ):
        # "No such table", with nothing before it.
        bare = words[at - 1] == "no" if at else False
        return Frame("denies", at - 1, at + 1) if bare and _ends(words, lex, at + 1) else None
    for back in range(left, max(-1, left - 3), -1):
        name, after = lex.verb(words, back)
        if name and after == left + 1:
            break
    else:
        if words[left] in ("without", "ohne", "sin"):
            return _without(lex, words, at, left)
        return _trace(lex, words, at, left)
    if words[back] in ("lack", "lacks", "omits", "lacked", "omit") or (
        words[back] == "missing" and back and lex.has(words[back - 1], "be")
    ):
        owner = words[back - 1] if words[back] != "missing" else words[back - 2] if back > 1 else ""
        database = owner == PLACE or lex.has(owner, "part") or lex.has(owner, "person")
        return (
            Frame("denies", back, at + 1) if database and not negative and _open(lex, words, at + 1) else None
        )
    if name == "use":
        return _advice(lex, words, back, at)
    if name not in ("have", "find"):
        return None
    begin, negated, modal = _leftward(lex, words, back)
    negative = negative or negated
    agent = (
        ""
        if begin == 0 or words[begin - 1] in _STOP or words[begin - 1] in _CONJUNCTIONS
        else words[begin - 1]
    )
    nobody = lex.has(agent, "nobody")
    if agent in (NAME, SUBJECT, SQL):
        return None
    database = agent == PLACE or lex.has(agent, "part")
    if begin > 1 and _nobody(lex, words, begin - 1):
        nobody = True
    person = lex.has(agent, "person")
    if negative or nobody:
        if not (database or person or agent == "" or nobody):
            return None
        if person and words[back] in _KNOWING:
            return None
        if person and words[back] in ("need", "use", "support", "list", "keep", "include", "show", "hold"):
            return None
        return Frame("denies", begin, at + 1) if _open(lex, words, at + 1) else None
    if database and name == "have" and not modal:
        late = any(word in _LATE for word in words[at + 1 : _clause_end(words, at)])
        if late:
            return Frame("denies", begin - 1, at + 1)
        return Frame("affirms", begin - 1, at + 1)
    return None


def _advice(lex: Lexicon, words: Sequence[str], back: int, at: int) -> Frame | None:
    """ "Select from …", "you can query …": the subject is offered for use."""
    begin, negative, _ = _leftward(lex, words, back)
    if negative or lex.verb(words, back)[0] != "use" or words[back].endswith(("ing", "ed", "s")):
        return None
    before = words[begin - 1] if begin else ""
    if before in ("you", "i", "we", "one") and begin < back and lex.has(words[begin], "modal"):
        before = words[begin - 2] if begin > 1 else ""
    elif before not in _FRESH:
        return None
    clause = words[begin : _clause_end(words, at)]
    return None if _FAILS & set(clause) else Frame("advises", begin, at + 1)


def _ends(words: Sequence[str], lex: Lexicon, at: int) -> bool:
    """Whether the clause ends there, apart from "in Vista" and the like, and no verb follows."""
    at = _place(lex, words, at)
    return at >= len(words) or words[at] in _STOP or words[at] in _CONJUNCTIONS or words[at] in _HERE


def _leftward(lex: Lexicon, words: Sequence[str], back: int) -> tuple[int, bool, bool]:
    """The beginning of the verb group that ends at `back`, whether it is negated, and whether it has a modal verb."""
    begin = back
    negative = modal = False
    while begin > 0:
        word = words[begin - 1]
        if (
            lex.has(word, "negator")
            or (word == "longer" and begin > 1 and words[begin - 2] == "no")
            or word == "unable"
        ):
            negative = True
        elif word == "no" and words[begin] == "longer":
            pass
        elif lex.has(word, "modal"):
            modal = True
        elif not (
            lex.has(word, "adverb")
            or lex.has(word, "auxiliary")
            or lex.has(word, "be")
            or lex.has(word, "seem")
            or word in ("to", "able", "managed", "failed")
        ):
            break
        if word == "failed":
            negative = True
        begin -= 1
    return begin, negative, modal


def _nobody(lex: Lexicon, words: Sequence[str], at: int) -> bool:
    """Whether the noun phrase that ends at `at` begins with "no", "none of", "nothing in"."""
    steps = 0
    while at >= 0 and steps < 7 and words[at] not in _STOP:
        word = words[at]
        if word in _NO or lex.has(word, "nobody"):
            return True
        if not (
            lex.has(word, "part")
            or lex.has(word, "thing")
            or lex.has(word, "genuine")
            or word in _ARTICLES
            or word in ("of", "in", "⌂", "them", "these", "those", "single", "other")
        ):
            return False
        at -= 1
        steps += 1
    return False


def _without(lex: Lexicon, words: Sequence[str], at: int, left: int) -> Frame | None:
    """ "Vista ships without …": the database does, whatever it does."""
    begin = left
    while begin > 0 and words[begin - 1] not in _STOP and words[begin - 1] not in _CONJUNCTIONS:
        begin -= 1
    said = words[begin:left]
    if any(word in _NO or lex.has(word, "negator") or lex.has(word, "nobody") for word in said) or words[
        at + 1 : at + 2
    ] in (["nothing"], ["no"]):
        # "No query on jobs is complete without §."
        return Frame("presumes", left, at + 1)
    while said and (said[0] in ("the", "in", "however", "here") or lex.has(said[0], "adverb")):
        said = said[1:]
    database = said and (said[0] == PLACE or lex.has(said[0], "part"))
    if (
        database
        and not any(lex.has(word, "negator") or lex.has(word, "modal") for word in said)
        and _open(lex, words, at + 1)
    ):
        return Frame("denies", left, at + 1)
    return None


def _trace(lex: Lexicon, words: Sequence[str], at: int, left: int) -> Frame | None:
    """ "No trace of …", "nothing called …", "no table in Vista that would answer to …"."""
    link = words[left]
    named = lex.has(link, "naming") or (
        link in ("by", "to", "as") and left and lex.has(words[left - 1], "naming")
    )
    if not named and link not in ("of", "for", "to", "on", "like") and not lex.has(link, "nobody"):
        return None
    begin = left
    while begin > 0 and words[begin - 1] not in _STOP:
        begin -= 1
    for back in range(left - 1, begin - 1, -1):
        word = words[back]
        if not (word in _NO or lex.has(word, "nobody") or lex.has(word, "negator") or word == "without"):
            continue
        between = words[back + 1 : left]
        if any(item in ("other", "better", "more", "part", "else", "reason", "need") for item in between):
            return None
        nothing = lex.has(word, "nobody")
        nouns = [item for item in between if lex.has(item, "trace") or (lex.has(item, "thing") and named)]
        if lex.has(word, "negator") and not any(
            item in ("a", "an", "any", "single", "one") for item in between
        ):
            return None
        if nothing and not named and link != "like":
            return None
        if not (nothing or nouns):
            return None
        if any(item in (NAME, SUBJECT, SQL) for item in between):
            return None
        return Frame("denies", back, at + 1) if _open(lex, words, at + 1) else None
    return None


def _german(lex: Lexicon, words: Sequence[str], at: int) -> Frame | None:
    """ "§ kennt das Schema nicht", "so etwas wie § gibt es nicht": the object in front, the negation at the end."""
    end = _clause_end(words, at)
    after = at + 1
    negated = next((step for step in range(after, end) if words[step] in _LATE), -1)
    if negated < 0 or after >= end:
        return None
    name, past = lex.verb(words, after)
    if name not in ("have", "find", "be_there") or past >= end:
        return None
    agent = words[past]
    if (
        agent == "es"
        or agent == PLACE
        or agent in ("ich", "wir", "man", "sie", "das", "die", "der")
        or lex.has(agent, "part")
    ):
        return Frame("denies", at, negated + 1)
    return None
