"""Clauses in which something is done with the subject, or there is none of it."""

from __future__ import annotations

from collections.abc import Sequence

from .lexicon import Lexicon, word_set
from .reach import ARTICLES, CONJUNCTIONS, HERE, KNOWING, NO, STOP, Frame, clause_end, place_end, unlimited
from .standins import NAME, PLACE, SQL, SUBJECT

__all__ = ["existential", "german", "objective"]

_RECOMMENDING = word_set("recommend recommended suggest advise avoid against")
_FAILS = word_set("fail fails error errors invalid impossible never not if unless would nothing")
_BUT_HOW = word_set("without unless directly alone before until")
# Before an imperative.
_FRESH = word_set(" , : ; . and or then so instead please just simply") | {""}
_LATE = word_set("nicht vergebens vergeblich nirgends nie niemals")


def existential(lex: Lexicon, words: Sequence[str], at: int) -> Frame | None:
    """ "There is no …"; the subject ends the noun phrase."""
    if words[at + 1 : at + 2] and lex.has(words[at + 1], "inner"):
        return None
    left = at - 1
    negative = unsure = False
    while left >= 0:
        word = words[left]
        if word in NO or lex.has(word, "negator"):
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
    # "There is no § to join it to": a purpose narrows nothing down.
    wide = unlimited(lex, words, at + 1) or words[place_end(lex, words, at + 1)] == "to"
    return Frame("denies" if wide else "unread", left, at + 1)


def objective(lex: Lexicon, words: Sequence[str], at: int) -> Frame | None:
    """ "Vista ships with …", "I can't find …", "no trace of …", "no …"."""
    if words[at + 1 : at + 2] and lex.has(words[at + 1], "inner"):
        return None
    left = at - 1
    negative = False
    while left >= 0 and (
        words[left] in NO or words[left] in ("even", "of") or lex.has(words[left], "adverb")
    ):
        if words[left] == "of" and not (left and lex.has(words[left - 1], "nobody")):
            break
        negative = negative or words[left] in NO
        left -= 1
    if (
        left < 0
        or words[left] in STOP
        or words[left] in ("but", "and", "or", "because", "since", "as", "so", "therefore", "hence")
    ):
        # "No such table", with nothing before it.
        bare = at > 0 and words[at - 1] in ("no", "nothing", "zero", "0")
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
            Frame("denies", back - (words[back - 1] == owner), at + 1)
            if database and not negative and unlimited(lex, words, at + 1)
            else None
        )
    if name == "use":
        return _advice(lex, words, back, at)
    if name not in ("have", "find", "refer"):
        return None
    begin, negated, modal = _leftward(lex, words, back)
    negative = negative or negated
    agent = (
        "" if begin == 0 or words[begin - 1] in STOP or words[begin - 1] in CONJUNCTIONS else words[begin - 1]
    )
    nobody = lex.has(agent, "nobody")
    if agent in (NAME, SUBJECT, SQL):
        return None
    database = agent == PLACE or lex.has(agent, "part")
    if begin > 1 and _nobody(lex, words, begin - 1):
        nobody = True
    person = lex.has(agent, "person")
    if name == "refer" and not nobody:
        return _trace(lex, words, at, left)
    if negative or nobody:
        if not (database or person or agent == "" or nobody):
            return None
        if agent == "" and words[back] in KNOWING:
            # "Never heard of it."
            return Frame("unread", begin, at + 1)
        if person and words[back] in KNOWING:
            return None
        if person and words[back] in ("need", "use", "support", "list", "keep", "include", "show", "hold"):
            return None
        # Whoever has not is part of the statement: "you can't say that Vista has no …".
        whose = begin - (database or person)
        return Frame("denies", whose, at + 1) if unlimited(lex, words, at + 1) else None
    if database and name == "have" and not modal:
        late = any(word in _LATE for word in words[at + 1 : clause_end(words, at)])
        if late:
            return Frame("denies", begin - 1, at + 1)
        return Frame("affirms", begin - 1, at + 1)
    return None


def _advice(lex: Lexicon, words: Sequence[str], back: int, at: int) -> Frame | None:
    """ "Select from …", "you can query …": the subject is offered for use."""
    begin, negative, _ = _leftward(lex, words, back)
    before = words[begin - 1] if begin else ""
    if (before in _RECOMMENDING and words[back].endswith("ing")) or (
        lex.has(before, "person")
        and begin > 1
        and words[begin - 2] in ("when", "whenever", "while", "before", "after")
    ):
        # "I don't recommend reading §", "no aliases when you query §".
        return Frame("owns", begin, at + 1)
    if negative and not _BUT_HOW.isdisjoint(words[at : clause_end(words, at)]):
        # "You can't join § to ¤ without the key."
        return Frame("owns", begin, at + 1)
    if negative or lex.verb(words, back)[0] != "use" or words[back].endswith(("ing", "ed", "s")):
        return None
    if before in ("you", "i", "we", "one") and begin < back and lex.has(words[begin], "modal"):
        before = words[begin - 2] if begin > 1 else ""
    elif before not in _FRESH:
        return None
    clause = words[begin : clause_end(words, at)]
    return None if _FAILS & set(clause) else Frame("advises", begin, at + 1)


def _ends(words: Sequence[str], lex: Lexicon, at: int) -> bool:
    """Whether the clause ends there, apart from "in Vista" and the like, and no verb follows."""
    at = place_end(lex, words, at)
    return at >= len(words) or words[at] in STOP or words[at] in CONJUNCTIONS or words[at] in HERE


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
    while at >= 0 and steps < 7 and words[at] not in STOP:
        word = words[at]
        if word in NO or lex.has(word, "nobody"):
            return True
        if not (
            lex.has(word, "part")
            or lex.has(word, "thing")
            or lex.has(word, "genuine")
            or word in ARTICLES
            or word in ("of", "in", "⌂", "them", "these", "those", "single", "other")
        ):
            return False
        at -= 1
        steps += 1
    return False


def _without(lex: Lexicon, words: Sequence[str], at: int, left: int) -> Frame | None:
    """ "Vista ships without …": the database does, whatever it does."""
    begin = left
    while begin > 0 and words[begin - 1] not in STOP and words[begin - 1] not in CONJUNCTIONS:
        begin -= 1
    said = words[begin:left]
    if any(word in NO or lex.has(word, "negator") or lex.has(word, "nobody") for word in said) or words[
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
        and unlimited(lex, words, at + 1)
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
    while begin > 0 and words[begin - 1] not in STOP:
        begin -= 1
    for back in range(left - 1, begin - 1, -1):
        word = words[back]
        if not (word in NO or lex.has(word, "nobody") or lex.has(word, "negator") or word == "without"):
            continue
        between = words[back + 1 : left]
        if any(item in ("other", "better", "more", "part", "else", "reason", "need") for item in between):
            return None
        nothing = lex.has(word, "nobody")
        sought = named or "found" in between or "matching" in between
        nouns = [item for item in between if lex.has(item, "trace") or (lex.has(item, "thing") and sought)]
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
        return Frame("denies", back, at + 1) if unlimited(lex, words, at + 1) else None
    return None


def german(lex: Lexicon, words: Sequence[str], at: int) -> Frame | None:
    """ "§ kennt das Schema nicht", "so etwas wie § gibt es nicht": the object in front, the negation at the end."""
    end = clause_end(words, at)
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
