"""Subjects that are everyday words: where "Jobs" or "invoice" is meant as a name, and where as a word."""

# Patterns read better unbroken.

from __future__ import annotations

import re

from .answer import Answer
from .clauses import Claim
from .lexicon import word_set
from .sentences import Sentence, Token
from .standins import SUBJECT

__all__ = ["named", "shy_mentions", "worth"]


def shy_mentions(answer: Answer, row: Sentence) -> None:
    """ "no vendor table" means Vendor, although the word is in small letters."""
    lower = answer.target.meant.lower()
    if not answer.wordlike or not any(token.word == lower for token in row.tokens):
        return
    nouns = answer.grammar.nouns
    for i, token in enumerate(row.tokens):
        if token.word == lower and token.name is None and i + 1 < len(row.tokens):
            after = [t.word for t in row.tokens[i + 1 : i + 4]]
            if (
                (not i and (after[0] in ("does", "exists") or after[:2] == ["is", "not"]))
                or (i and row.tokens[i - 1].word in ",;:—" and after == ["does", "not", "exist"])
                or (
                    i
                    and row.tokens[i - 1].word in (_ARTICLES if answer.column else _NONE_OF)
                    and row.tokens[i + 1].word in nouns
                )
            ):
                row.tokens[i] = Token(SUBJECT, token.start, token.end, answer.target.meant)
            elif (
                answer.column
                and i > 1
                and row.tokens[i - 1].word == "no"
                and row.tokens[i - 2].word in ("has", "have")
                and row.tokens[i + 1].word in ".,;!"
            ):
                # "APTH has no job."
                row.tokens[i] = Token(SUBJECT, token.start, token.end, answer.target.meant)
    row.settle()


def named(answer: Answer, row: Sentence) -> bool:
    """Whether the subject stands there as a name, not as an everyday word."""
    if not answer.wordlike:
        return True
    words = row.tokens
    nouns = answer.grammar.nouns
    for i, token in enumerate(words):
        if token.word == SUBJECT:
            if token.sure:
                return True
            if any(0 <= j < len(words) and words[j].word in nouns for j in (i - 1, i + 1)):
                return True
    return False


def _small(answer: Answer, spans: list[Token], low: int, high: int) -> bool:
    """Whether the subject stands there in small letters, as any word would."""
    return all(
        answer.text[token.start : token.end].islower() for token in spans[low:high] if token.word == SUBJECT
    )


def _sure(answer: Answer, spans: list[Token], low: int, high: int, pronoun: bool) -> bool:
    """Whether an everyday word in that range is meant as a name: quoted, beside "table", or where only a name stands."""
    nouns = answer.grammar.nouns
    for i in range(low, min(high, len(spans))):
        if spans[i].word == SUBJECT:
            around = {spans[j].word for j in (i - 1, i + 1) if 0 <= j < len(spans)}
            if (
                spans[i].sure
                or around & nouns
                or (i and spans[i - 1].word in _TAKES_NAME)
                or (i and spans[i - 1].word in _BEFORE_NAME and answer.text[spans[i].start].isupper())
                or (i + 1 < len(spans) and spans[i + 1].word == "(")
            ):
                return True
    return pronoun


def worth(
    answer: Answer,
    kind: str,
    claim: Claim,
    collapsed: str,
    spans: list[Token],
    low: int,
    high: int,
    pronoun: bool,
) -> str | None:
    """What a claim of this kind is worth if its subject may be no name there; None if it is none."""
    weak = (
        kind in ("mentions", "offers", "proposes", "owns")
        or (kind == "presumes" and _small(answer, spans, low, high))
        # "Jobs are the heart of any company" speaks of jobs.
        or (kind == "affirms" and _ARE.match(collapsed, claim.start - 1) is not None)
    )
    if kind == "describes":
        # "Deliveries contain …" speaks of deliveries, "Deliveries contains …" of a table.
        verb = collapsed[: claim.end - 1].rpartition(" ")[2]
        weak = not verb.endswith("s") and verb not in _SINGULAR
        kind = "affirms"
    kind = "presumes" if kind == "owns" else kind
    return None if weak and not _sure(answer, spans, low, high, pronoun) else kind


_TAKES_NAME = word_set("use try query from join see describe called named select namens llamada")
_BEFORE_NAME = frozenset(("in", "mean", "is", "be", "are", "to", "with"))
_ARE = re.compile(r" § (?:are|were) (?!not |real |valid )")
_NONE_OF = frozenset(("no", "any", "keine", "ninguna"))
_ARTICLES = _NONE_OF | frozenset(("a", "an", "the", "its", "eine", "die", "una", "la"))
_SINGULAR = word_set("enthält hat führt kennt besitzt bietet beinhaltet contiene tiene incluye")
