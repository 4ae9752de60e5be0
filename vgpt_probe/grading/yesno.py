"""A bare yes or no, read as an answer to what was asked."""

# Patterns read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import re

from .answer import Answer, Evidence
from .clauses import look
from .frames import read_clause
from .lexicon import word_set
from .nouns import collapse
from .reach import unlimited
from .sentences import Sentence, sentences, tokens
from .standins import NAME, SUBJECT
from .text import clean

__all__ = ["asks", "asks_existence", "bare_answer"]


def bare_answer(answer: Answer, rows: list[Sentence]) -> Evidence | None:
    """What a bare yes or no says (kind affirms or denies), if the question asks whether the subject is there."""
    if answer.alone and _BECAUSE.match(answer.text) and _WHY_NOT.search(answer.question):
        # "Why does it not exist?" "Because …" takes over what is asked.
        return Evidence("denies", 0, min(len(answer.text), rows[0].tokens[-1].end if rows else 1), 0)
    # "Unfortunately, no."
    lead = _LEAD.match(answer.text)
    match = _FIRST_WORD.match(answer.text, lead.end() if lead else 0)
    if match is None:
        return None
    agrees = _AGREES.match(rows[0].text) if rows else None
    if agrees is not None:
        # "They're right", to somebody's word that it is there, or is not.
        asked = asks(answer)
        kind = None
        if asked in _NO:
            kind = asked if agrees.group(1) or agrees.group(2) else _NO[asked]
        elif asked is None and agrees.group(1) and answer.asks_of_sql:
            kind = "affirms"
        return None if kind is None else Evidence(kind, match.start(1), rows[0].tokens[-1].end, 0)
    # A lone "Absolutely." is a filler elsewhere.
    said = rows[0] if rows else Sentence()
    flat = _FLAT_NO.match(answer.text)
    short = _ANSWER.match(said.text)
    if (
        not flat
        and not short
        and match.group(1).lower() not in answer.phrases.words("yes") | answer.phrases.words("no")
    ):
        # "As far as the schema goes: no."
        match = _LAST_WORD.match(answer.text) or match
    word = match.group(1).lower()
    yes = (word in answer.phrases.words("yes") or bool(short and not short.group(1))) and not flat
    if not (yes or flat or short or word in answer.phrases.words("no")):
        return None
    if not yes and any(token.word == NAME for token in said.tokens):
        other, _ = collapse(said.text.replace(NAME, SUBJECT), answer.phrases, answer.column)
        if any(claim.kind == "denies" for claim in look(other, answer.phrases, answer.column, True).claims):
            # "No, APTX does not exist" when asked for another.
            return None
    parted = answer.text[match.end() : match.end() + 1] in (*".,!:;—–", "") or answer.text.startswith(
        " from me", match.end()
    )
    if not (short or flat or parted or (lead is None and _SHORT.match(said.text))):
        return None
    if not yes and _OTHER_KIND.match(said.text) and _KIND_ASKED.search(answer.question):
        # "Is APTH a table?" "No, a view."
        return Evidence("affirms", match.start(1), said.tokens[-1].end, 0)
    asked = asks(answer)
    if asked is None and word == "nowhere" and answer.alone and _WHERE.search(answer.question):
        return Evidence("denies", match.start(1), match.end(1), 0)
    if asked is None and yes and answer.asks_of_sql:
        # "Does SELECT … FROM § work?" "It works."
        return Evidence("affirms", match.start(1), match.end(1), 0)
    if asked is None:
        return None
    kind = asked if yes else _NO.get(asked)
    if kind is None:
        return None
    kind = "affirms" if kind == "advises" else kind
    return Evidence(kind, match.start(1), match.end(1), 0)


def asks_existence(answer: Answer) -> bool:
    """Whether the question asks if something exists, so that "A does, B does not" speaks of being there."""
    return answer.existence or asks(answer) in ("affirms", "denies")


def asks(answer: Answer) -> str | None:
    """What a yes to the question would say: affirms, denies, advises (may be used), or None if it does not ask for existence."""
    if answer.asks is None:
        answer.asks = (_asks(answer),)
    return answer.asks[0]


def _asks(answer: Answer) -> str | None:
    text, _ = clean(answer.question)
    found = None
    for row in sentences(tokens(text, 0, answer.namer, answer.phrases.words("filler"))):
        asked, _ = collapse(row.text, answer.phrases, answer.column)
        kind = _asks_existence(asked, answer)
        if kind is None and answer.alone and _THAT_ONE.search(asked):
            # "They say that it is not there. Is that right?"
            kind = (found if _IS_SO.search(asked) else None) or "affirms"
        found = kind or found
    return found


def _asks_existence(text: str, answer: Answer) -> str | None:
    """What a yes to this collapsed question would say of the subject's being there.

    The question is read as the statement that it is about: "does § exist" as "§ exist", "is there §" as "there is §".
    """
    words = [word for word in text.split() if word != "?"]
    if SUBJECT not in words:
        return None
    if len(words) == 1:
        return "affirms"
    for stated in _statements(words):
        if SUBJECT in stated:
            frame = read_clause(answer.grammar.lexicon, stated, stated.index(SUBJECT))
            if frame is not None and frame.kind in ("affirms", "denies"):
                # "Is § the right table for vendors?" asks for more than being there.
                whole = stated[0] != SUBJECT or unlimited(answer.grammar.lexicon, stated, frame.end)
                return frame.kind if whole else "advises"
            if frame is not None and frame.kind in ("advises", "describes", "owns"):
                # "Does § have a key?": a yes takes it for granted, a no says nothing.
                return "advises"
    if _FOREIGN_POLAR.search(text):
        return "denies" if _FOREIGN_NOT.search(text) else "affirms"
    return None


def _statements(words: list[str]) -> list[list[str]]:
    """The statements that a question may be about, its inversion undone."""
    out = []
    for at, word in enumerate(words):
        rest = words[at + 1 :]
        if word in ("whether", "if", "that"):
            out.append(rest)
        elif word in _AUXILIARY and SUBJECT in rest:
            negative = rest[:1] == ["not"]
            rest = rest[1:] if negative else rest
            # The subject of the question is its first noun phrase: the auxiliary goes behind it.
            inner = rest.index(SUBJECT) if rest[0] not in _HEADS else 0
            if rest[inner] == SUBJECT and inner > 0 and any(w not in _LEADS for w in rest[:inner]):
                continue
            move = [] if word in ("do", "does", "did") and not negative else [word]
            # "Isn't there a …?" asks for the same as "Is there a …?".
            out.append([*rest[: inner + 1], *move, *rest[inner + 1 :]])
    out.append(words)
    return out


_NO = {"affirms": "denies", "denies": "affirms"}
_AUXILIARY = word_set("is are was were do does did has have can could will would")
_HEADS = word_set("there it ⌂ you we i one they that this users anyone")
_LEADS = word_set("both the a an such either neither all there")
_LEAD = re.compile(
    r"[\s*_#>\"'`-]*(?:(?:leider|unfortunately|sadly|sorry|regrettably|alas|lamentablemente|desafortunadamente|lo siento|tut mir leid|i'm afraid|i am afraid|apologies|my apologies|hmm?|oh|well|so|also|bueno|pues)[\s,.!:—–-]+){1,2}",
    re.IGNORECASE,
)
_FIRST_WORD = re.compile(
    r"[\s*_#>\"'`-]*(?:(?:(?:short |my |the )*(?:answer|antwort|respuesta|a)\s*(?::|is)|that(?:'s| is))[\s*_]*(?:an?\s+)?(?:clear |definite |firm )?)?([^\W\d_]+)",
    re.IGNORECASE,
)
_FLAT_NO = re.compile(
    r"[\s*_#>\"'`-]*(?:(?:definitely|certainly|absolutely|surely|sadly|unfortunately|of course|sure|clearly|obviously),?\s+not\b(?!\s+(?:every|all|everything|everyone|everybody|many|much|only|just|a\s+single\s+(?:row|record)))|none\b(?=\s+(?:that|which|in|here|at\s+all|whatsoever)\b|\s*(?:[.!,;]|\Z))|no\s+(?:view|table),\s*(?:and\s+)?no\s+(?:table|view)\b|(?:claro que no|natürlich nicht|sicher nicht|por supuesto que no|auf keinen fall|en absoluto)\b|(?:unknown|nonexistent|non-existent|invalid|missing|not\s+(?:found|there|real|existing|in\s+there)|absent)(?=\s*(?:[.!,;(—–]|\Z))|not\s+(?:(?:under|by|with)\s+(?:that|this|such\s+a)\s+name\b|(?:with)?in\s+(?:the\s+|this\s+|your\s+|our\s+)?(?:\w+\s+)?(?:schema|database|catalog|vista|viewpoint)\b(?=\s*[.!,;]|\Z)|at\s+all|that\s+i\s+know|to\s+my\s+knowledge)|no\s+way|no\s+such\s+(?:luck|thing|table|view|object)\b|(?:i'm\s+|i am\s+)?afraid\s+not|never\s+(?:has|had|did|was|heard|existed)|nowhere\b|neither\b(?=\s*(?:[.!,;—–-]|\Z)|\s+one\b))",
    re.IGNORECASE,
)
_WHY_NOT = re.compile(
    r"\bwhy\b[^.?!]*(?:(?:\bnot|n't)\b[^.?!]*\bexist|\b(?:is|are)(?: not|n't) there\b|is there no\b)|\bwarum\b[^.?!]*\b(?:nicht|keine?)\b|\bpor qué no\b",
    re.IGNORECASE,
)
_BECAUSE = re.compile(r"\s*(?:because|since|weil|porque)\b", re.IGNORECASE)
_WHERE = re.compile(r"\b(?:where|wo|dónde)\b", re.IGNORECASE)
_LAST_WORD = re.compile(
    r"[^.!?\n]{3,80}[:,]\s*(?:(?:then|so|but|alas|sadly|the answer is)\s+)?(yes|no|nein|ja|sí)[.!]*\s*\Z",
    re.IGNORECASE,
)
_AGREES = re.compile(
    r"^ (?:he|she|they|you|that|this|it|(?:your|the) [^ ¤§⌂]+) (?:is|are) (?:(right|correct|true)|wrong|mistaken|incorrect|false|untrue|not (?:right|correct|true|so|the case)) [.!,]"
    r"|^ (?:whoever|the one who|the person who|anyone who) (?:told|said) [^.!¤]{0,40} (?:is|was) (?:(right|correct)|wrong|mistaken) [.!]"
)
_OTHER_KIND = re.compile(
    r"^ (?:no|nein) [,.;:—–-] (?:it is |that is |§ is |just |only |but |sondern |es )*(?:a|an|one|eine?|una?) (?:(?:sql|database|standard|vista|⌂) )?(?:view|synonym|table|sicht|ansicht|tabelle|vista|tabla) [.,;(!]"
)
_KIND_ASKED = re.compile(r"\b(?:tables?|views?|tabelle|sicht|ansicht|tabla|vista)\b", re.IGNORECASE)
_SHORT = re.compile(
    r" (?:answer : |antwort : |respuesta : |a : )\S+ (?!rows |row |records |data |columns |key |index |other |more |one )| (?!answer |antwort |respuesta )\S+ (?:[,.!:;—–-] |$)| \S+ (?:existe|existiert|it|there|§|i|that|this|¤|the) "
)
_ANSWER = re.compile(
    r" (?:i am afraid (?:that )?)?(?:(?:it|they|that|vista|viewpoint|we|there) )?(?:sure )?(?:does|do|is|are|has|have) (not )?[.!,]| (?:of course|naturally|certainly|by all means) [.!]| (?:of course|sure|naturally) (?:there|it|they) (?:is|are|does|do) [.!,]| (?:(?:yes|sí|ja) , )?(?:exists|existe|existiert|gibt es|hay) [.,!;]| claro que (?:sí|existe) | (?:por supuesto|selbstverständlich|aber ja|doch) [.!,]| you (?:can|could) [.!,]| (?:(?:yes|sure|ja|sí) , )?(?:(?:perfectly|entirely|completely|totally|quite) )?(?:it |that |this )?(?:valid|works|runs|will work|is fine|looks fine) [.!,]"
)
_THAT_ONE = re.compile(
    r"^ (?:is|does) (?:that|this|it|the) (?:an? |the )?(?:name |table |view |object )?(?:an? |the )?(?:right|correct|valid|real|exist|spelled|there|available|known|real|a real|part)"
)
_IS_SO = re.compile(r"^ (?:is|are) (?:that|this|it|he|she|they) (?:really )?(?:right|correct|true|so) ")
_FOREIGN_POLAR = re.compile(
    r" (?:gibt es|existiert|existieren|ist|hat|hast|haben|habt|kennt|kennst|kennen) (?:\S+ ){0,4}?§ | (?:existe|existen|hay|es|está|tiene) (?:\S+ ){0,4}?§ | § (?:existiert|existe|gibt es) "
)
_FOREIGN_NOT = re.compile(r" (?:nicht|kein|keine|no) ")
