"""What the networks see of a question and an answer: canonical words, as few as tell what is said of the subject."""

from __future__ import annotations

import re
from unicodedata import combining

from .answer import Answer, Statement
from .lexicon import word_set
from .network import STARTS, Seen
from .rephrase import rephrase
from .sentences import Sentence, sentences, tokens
from .standins import NAME, SQL, SUBJECT
from .text import clean

__all__ = ["seen"]

# Of a longer question and sentence the words about the subject count, of a longer answer the first sentences, the last, and
# those between that name the subject. Of a question no more than so many characters are looked at, half from each end.
_READ = 4_000
_ASKED, _WORDS, _FIRST, _LAST, _ALL = 24, 44, 10, 5, 24


def seen(answer: Answer, rows: list[Sentence]) -> tuple[Seen, list[Sentence]]:
    """What the networks look at in the sentences of an answer, and which of these they are, one for each `<line>`."""
    asked = _asked(answer)
    words, segments = [STARTS[1], *asked], [1] * (len(asked) + 1)
    named, everyday = False, _everyday(answer, rows)
    kept: list[Sentence] = []
    told: set[tuple[str, ...]] = set()
    for row in _kept(rows):
        said = _said(answer, row, everyday)
        if not said or (len(said) > 2 and tuple(said) in told):
            # What is repeated word for word says no more than once; small models run in circles.
            continue
        told.add(tuple(said))
        here = SUBJECT in said
        named = named or here
        kept.append(row)
        words += [STARTS[0], *said]
        segments += [2 if here else 4 if named else 3] * (len(said) + 1)
    return Seen(words, segments, [float(answer.alone), float(answer.column)]), kept


def _asked(answer: Answer) -> list[str]:
    """The words of the question; of a long one, those of the last sentence about the subject, and what stands before it."""
    question = answer.question
    if len(question) > _READ:
        question = question[: _READ // 2] + "\n\n" + question[-_READ // 2 :]
    filler = answer.phrases.words("filler")
    rows = sentences(tokens(clean(question)[0], 0, answer.namer, filler))
    answer.name_asked(rows)
    rephrase(answer, rows)
    said = [_words(row) for row in rows]
    if sum(map(len, said)) <= _ASKED:
        return [word for words in said for word in words]
    about = [at for at, words in enumerate(said) if SUBJECT in words]
    asking = [at for at in about if rows[at].end == "?"] or about or [len(said) - 1]
    last = said[asking[-1]]
    words = [word for words in said[: asking[-1]] for word in words] + last
    if len(last) <= _ASKED:
        return words[-_ASKED:]
    middle = last.index(SUBJECT) if SUBJECT in last else len(last)
    start = min(max(0, middle - _ASKED // 2), len(last) - _ASKED)
    return last[start : start + _ASKED]


def _words(row: Sentence, everyday: frozenset[int] = frozenset()) -> list[str]:
    """All words of a sentence, every number the same; at the places of `everyday` the subject is a word like any other."""
    words = []
    for token in row.tokens:
        word = token.word
        if token.start in everyday and token.name:
            word = token.name.lower()
        elif word[0].isdigit():
            word = "0"
        elif len(word) == 1 and combining(word):
            # Marks piled upon a letter.
            word = ""
        words.append(word)
    for at, filler in reversed(row.fillers):
        words.insert(at, filler.word)
    return [word for word in words if word]


def _everyday(answer: Answer, rows: list[Sentence]) -> frozenset[int]:
    """Where a subject that is an everyday word is no name, since it is one elsewhere.

    In "INMT (IN Material)" and "the Status column"; beside "the table Jobs" also in "Closed jobs" and "Order by date".
    """
    if not answer.wordlike:
        return frozenset()
    plain, loose, written = [], [], False
    columns, nouns = answer.phrases.columns.nouns, answer.grammar.nouns
    for row in rows:
        words = [token.word for token in row.tokens]
        bracket = _described(words)
        for at, token in enumerate(row.tokens):
            if token.word != SUBJECT:
                continue
            beside = {words[i] for i in (at - 1, at + 1) if 0 <= i < len(words)}
            if at in bracket or (not answer.column and not beside.isdisjoint(columns)):
                plain.append(token.start)
            elif token.sure or not beside.isdisjoint(nouns):
                written = True
            elif (token.name or "").islower() or (not at and not answer.says_something(words, at)):
                loose.append(token.start)
            else:
                written = True
    return frozenset(plain + loose if written else plain)


def _described(words: list[str]) -> frozenset[int]:
    """The places of what stands in brackets behind other names, if it is but a title: up to four words, no verb."""
    found: list[int] = []
    for at, word in enumerate(words):
        if word == "(" and at and words[at - 1] == NAME and ")" in words[at : at + 6]:
            end = words.index(")", at)
            if _VERBS.isdisjoint(words[at:end]):
                found += range(at, end)
    return frozenset(found)


_VERBS = word_set(
    "is are was does do has not no never gibt ist kein keine nicht existiert existe existen hay es son"
)


def _kept(rows: list[Sentence]) -> list[Sentence]:
    """The first and the last sentences, and those between that name the subject."""
    if len(rows) <= _FIRST + _LAST:
        return rows
    between = rows[_FIRST:-_LAST]
    naming = [row for row in between if SUBJECT in row.words][: _ALL - _FIRST - _LAST]
    return [*rows[:_FIRST], *naming, *rows[-_LAST:]]


# "There is no doubt that § does not exist" says no more than the rest of it.
_NO_DOUBT = re.compile(
    r"\b(?:there is |i have |we have )?(?:no|not a|without an?y?) doubt (?:about it |that |, )"
)


def _said(answer: Answer, row: Sentence, everyday: frozenset[int]) -> list[str]:
    """The words of a sentence, each statement as one of them."""
    words = _words(row, everyday)
    if "doubt" in words:
        words = _NO_DOUBT.sub("", " ".join(words)).split()
    if SQL in row.words:
        statements = iter(answer.statements_in(row.tokens))
        for at, word in enumerate(words):
            statement = next(statements, None) if word == SQL else None
            if statement is not None:
                words[at] = _sql(answer, statement)
    if len(words) > _WORDS:
        at = words.index(SUBJECT) if SUBJECT in words else 0
        start = max(0, at - _WORDS // 2)
        words = words[start : start + _WORDS]
    return words


def _sql(answer: Answer, statement: Statement) -> str:
    """What a statement does (`?` asks whether something is there, `+` creates it), and whether to the subject or others."""
    scan = statement.scan
    created = [table.verb == "create" for table in scan.tables if answer.target.is_called(table.name)]
    does = "?" if "if" in scan.verbs else "+" if created and all(created) else ""
    return f"{SQL}{does}{SUBJECT if answer.uses(statement) else NAME if scan.tables else ''}"
