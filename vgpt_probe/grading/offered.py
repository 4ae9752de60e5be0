"""Whether SQL in an answer is offered as a solution, or quoted to be criticised, or only imagined."""

# Patterns read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import re

from .answer import Answer
from .lexicon import word_set
from .sentences import Sentence, Token
from .standins import SQL

__all__ = ["has_sql", "judge_statements"]


def judge_statements(answer: Answer, rows: list[Sentence], order: int) -> None:
    """Decides it for the statements of one sentence by the words around them."""
    row = rows[order]
    quoting = answer.phrases.tables.role("quotes_sql")
    after = rows[order + 1] if order + 1 < len(rows) else None
    for at, token in enumerate(row.tokens):
        if token.word != SQL or token.name is None:
            continue
        statement = answer.statements[int(token.name)]
        left, right = row.tokens[:at], row.tokens[at + 1 :]
        if not _speaks(left) and order and not has_sql(rows[order - 1]):
            left = rows[order - 1].tokens
        if not _speaks(right) and after is not None and not has_sql(after):
            right = after.tokens if after.tokens[0].word in _POINTERS else []
        if after is not None and _BUT_NOT_THERE.match(after.text):
            statement.offered = False
        if _speaks(row.tokens[at + 1 :]) and answer.asks_sql(statement.text):
            # The asker's own statement, and the sentence goes on about it.
            said = _text(row.tokens)[:-1] + (" " + after.text.lstrip() if after is not None else " ")
            statement.offered = _APPROVED.search(said) is not None
        if answer.asks_sql(statement.text) and any(
            later.start > statement.start and not answer.asks_sql(later.text) for later in answer.statements
        ):
            # The asker's own statement, with another one in its place.
            statement.offered = False
        whole = _text(left)
        before = _last_clause(left)
        if _UNREAL.match(whole) or _SUPPOSED.search(whole) or _SUPPOSED_AFTER.match(_text(right)):
            statement.offered = False
            continue
        if _RIGHT_QUERY.search(whole):
            continue
        for text in (before, _first_clause(right)):
            words = frozenset(text.split())
            # "Never read it without a company: …" recommends what follows.
            if "without" not in words and any(p.regex.search(text) for p in quoting.possible(words)):
                statement.offered = False
        if "if" in statement.scan.verbs or any(
            e.kind in ("imagines", "hedges") and e.order in (order, order - 1) for e in answer.found
        ):
            statement.offered = False


def has_sql(row: Sentence) -> bool:
    """Whether a statement stands in a sentence."""
    return any(token.word == SQL for token in row.tokens)


def _speaks(words: list[Token]) -> bool:
    return any(token.word[0].isalnum() for token in words)


def _text(words: list[Token]) -> str:
    return " " + "".join([token.word + " " for token in words])


def _last_clause(words: list[Token]) -> str:
    start = next((i + 1 for i in range(len(words) - 2, -1, -1) if words[i].word in _CUTS), 0)
    return _text(words[start:])


def _first_clause(words: list[Token]) -> str:
    end = next((i for i, token in enumerate(words) if i and token.word in _CUTS), len(words))
    return _text(words[:end])


_APPROVED = re.compile(
    r" (?:results?|output|rows) (?:of|from) ¶ |(?<!not)(?<!n't) (?:works|runs|returns|gives|lists|shows) (?!no |nothing |an error )"
    r"|(?<!not) (?:otherwise |perfectly |quite |all |look |looks )?(?:fine|ok|okay) [.,;!]|¶ (?:is|looks|seems) (?:correct|valid|right|good) "
)
_CUTS = word_set(", ; but however so aber pero — –")
_POINTERS = word_set("this that it such the which will would fails both neither")
_RIGHT_QUERY = re.compile(
    r" here (?:is|are|you go|comes) (?!why |what |where |how )(?!.* (?:not|wrong|original|fails|failing|error|if|would) )[^.]*: ¶? ?$"
    r"| (?:correct|right|proper|working|valid|appropriate|recommended|corrected|suggested) (?:query|statement|sql|syntax|version|way)(?: [^ .]+){0,4} (?:is|would be|could be|might be|looks like|would look like)(?: this)? : ¶? ?$"
    r"| (?:instead of|rather than) (?:select |all |all columns |aliases |wildcards? )?: ¶? ?$"
    r"| your (?:query|statement|sql) (?:lacks|needs|is missing|should|misses) [^.]*: $"
    r"| (?:correct|right|proper|working|valid|appropriate|recommended|corrected|suggested) (?:query|statement|sql|syntax|version|way)(?: [^ .]+){0,4} (?:is|would be|could be|might be)(?: this)?(?: :)? $"
)
_BUT_NOT_THERE = re.compile(
    r" (?:but|however|although|except|yet|only) (?:, )?(?:that )?(?:there is no § |§ (?:table )?(?:does|is|can|could) not )"
)
_UNREAL = re.compile(
    r" (?:if|wenn|falls|si|had|were|should) (?:it|there|such|that|this|the|vista|⌂|§|ſ|es|sie) (?:table |a table )?(?:did|existed|existierte|gäbe|existiera|were |exist|to exist|had )"
)
# "If you have created § yourself, use …": what is supposed is that it is there.
_SUPPOSED = re.compile(
    r" (?:if|provided|assuming|suppose|supposing|should|falls|si) (?:that )?(?:[^.;?!]* )?(?:(?:created|added|built|made|defined|own|have|has|had) (?:[^ .;,?!]+ ){0,3}?§ |§ (?:[^ .;,?!]+ )?(?:exists?|existed|existiert|is (?:there|present|available|a |in ⌂|one)|are |were |has been |was ))[^.;?!]*(?:, |: )"
)
_SUPPOSED_AFTER = re.compile(
    r"^ (?:, |\( )?(?:only )?(?:if|provided|assuming|as long as) (?:that )?(?:it|§|the table|such a table|there|that table) [^.;]{0,20}?(?:exist|is there|were |is one)"
)
