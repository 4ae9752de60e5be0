"""Noun phrases: "any table called APTL" shrinks to the stand-in of the subject."""

# Patterns read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from .patterns import one_of
from .standins import SUBJECT

if TYPE_CHECKING:
    from .phrases import Phrases

__all__ = ["collapse", "noun_phrases"]


@lru_cache(maxsize=16384)
def collapse(text: str, phrases: Phrases, column: bool) -> tuple[str, list[tuple[int, int]]]:
    """Shrinks noun phrases to their stand-in; for each token of the result, its token range in `text`."""
    grammar = phrases.columns if column else phrases.tables
    out: list[str] = []
    ranges: list[tuple[int, int]] = []
    index = 0
    last = 1

    def keep(stretch: str) -> None:
        nonlocal index
        words = stretch.split()
        out.extend(words)
        ranges.extend((index + i, index + i + 1) for i in range(len(words)))
        index += len(words)

    for match in grammar.collapse.finditer(text):
        keep(text[last : match.start()])
        count = match.group().count(" ")
        out.append(SUBJECT if match.group("s") else "¤" if match.group("n") else "⌂")
        ranges.append((index, index + count))
        index += count
        last = match.end()
    keep(text[last:])
    return " " + "".join([word + " " for word in out]), ranges


def noun_phrases(words: Mapping[str, frozenset[str]], nouns: frozenset[str], column: bool) -> re.Pattern[str]:
    """Finds the noun phrases of the subject (`s`), of another name (`n`), and those that mean the database (`p`)."""
    table = one_of(nouns)
    lead = rf"(?:{table} (?:or|and|nor|/|oder|noch|o|ni) (?:an? |eine |una )?(?={table} )|{one_of(words['lead'] | nouns)} |{one_of(words['owner'])} (?!named |called |titled |by |with |known |identified ))"
    # Articles come first: "in a typical ERP the § table" is not one noun phrase.
    first = rf"(?:{one_of(words['determiner'])} ){{0,4}}{lead}{{0,8}}"
    article = one_of(words["article"])
    bracket = r"(?:\( (?!(?:[^()]* )?(?:not|no|found|exists?|missing|invalid|unknown|real|✗|✓|❌|✅|fake) )[^()]{0,60}\) )?"
    after = rf"(?:as such |per se |as a name |itself |as in [^ ,.;:]+ |in and of itself )?{bracket}(?:{table} (?:(?:and |or |/ ){table} )?)?"
    comma = rf", {first}"
    link = rf"(?:, )?(?:and |or |nor |/ |& |und |oder |noch |y |o |ni |e ){first}"
    verb = r"(?=(?:is|are|was|were|do|does|did|can|could|has|have|exist|exists|never|no|will|would) )"
    source = r"(?:(?:referenced |mentioned |named |used |given |cited |specified |from |in |of )+(?:your|the|this|that) (?:original )?(?:question|query|request|prompt|statement|sql|message|example) )?"
    told = rf"{source}(?:(?:(?:that |which )?(?:you|the user)|(?:that |which )(?:i|we)) (?:[^ §¤,.:;]+ ){{1,4}}?{verb})?"
    aside = rf"(?:, (?:(?!but |and |so |use |try |not |or |it |which |that |if )[^,;:.?!§¤]{{1,50}}|(?:like|unlike|such as|as well as|along with|just as) [^,;:.?!§]{{1,50}}), {verb})?"
    # "A, B" may be the end of one clause and the begin of the next: a list ends in "and", "or", or in its verb.
    head = rf"(?:(?:¤ {after}{comma}){{0,6}}¤ {after}{link})?"
    tail = rf"(?:(?:{comma}[¤§] {after}){{0,6}}{link}[¤§] {after}|(?:{comma}[¤§] {after}){{1,6}}{verb}|(?:and|or|nor) [a-z]+ (?=(?:are|were|do|have|exist) ))?"
    subject = rf"{first}{head}§ {after}{tail}{told}{aside}"
    # "The table you asked about, §, does not …"
    you = r"(?:(?:that |which )?(?:you|the user|i|we) (?:[^ §¤,.:;]+ ){1,5}?|in question )?"
    wrapped = rf"(?:the|that|this|your) (?:[^ §¤⌂,.:;()]+ )?(?:{table}|name) {you}(?:\( § \)|, § ,|[—–-] § [—–-]) {verb}"
    name = rf"{first}¤ {after}"
    # A column's place is its table, and "the APTL table" is one place.
    noun = rf"(?:{one_of(words['table'])} )?" if column else ""
    place = rf"(?:{article} ){{0,5}}(?:(?:⌂|(?!base (?:tables?|views?) ){one_of(words['place'])}) {noun})+"
    return re.compile(rf"(?<= )(?:(?P<s>{subject}|{wrapped})|(?P<n>{name})|(?P<p>{place}))")
