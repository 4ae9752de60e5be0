"""How a model affirms: its right answers with the facts taken out, to be filled with another relation's facts."""

from __future__ import annotations

import re
from collections import Counter

from vgpt_probe.catalog import Catalog, Relation
from vgpt_probe.pairs.answers import company_column

#: So many of a model's answers (and this share of them) must have a word that a manner keeps: any other may be a fact.
LEAST = 3
SHARE = 0.1
KEPT = 6

_COLUMNS = re.compile(r"\{columns (\d+)\}")
_NAME = re.compile(r"\w+")
_WRONG_KEY = re.compile(r"\bkey\b[^.\n]*\{columns", re.IGNORECASE)


class Manners:
    """The ways in which a model affirms relations, by act."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._found: dict[str, Counter[str]] = {}
        self._usuals: dict[str, list[str]] = {}

    def learn(self, act: str, text: str, subject: str) -> None:
        """Take a right answer about a real subject in; one whose facts cannot all be told apart is passed over."""
        relation = self._catalog.get(subject)
        if relation is not None and (manner := self._without_facts(text, relation)):
            self._found.setdefault(act, Counter())[manner] += 1

    def of(self, act: str, relation: Relation) -> list[str]:
        """Affirmations of a relation in these manners, the commonest first, with the facts of the catalog."""
        filled = (_with_facts(manner, relation) for manner in self._usual(act))
        return [text for text in filled if text]

    def _usual(self, act: str) -> list[str]:
        """The commonest manners of an act that are made of words which many of its answers have."""
        known = self._usuals.get(act)
        if known is None:
            found = self._found.get(act, Counter())
            words = Counter[str]()
            for manner, count in found.items():
                words.update(dict.fromkeys(_words(manner), count))
            least = max(LEAST, SHARE * found.total())
            usual = [
                one for one, _ in found.most_common() if all(words[word] >= least for word in _words(one))
            ]
            known = self._usuals[act] = usual[:KEPT]
        return known

    def _without_facts(self, text: str, relation: Relation) -> str | None:
        if "{" in text:
            return None
        if relation.description:
            text = text.replace(relation.description, "{description}")
        text = _whole(relation.name).sub("{subject}", text)
        names = [column.name for column in relation.columns]
        for count in range(min(8, len(names)), 1, -1):
            text = text.replace(", ".join(names[:count]), f"{{columns {count}}}")
        if relation.key:
            # The key is mostly the first columns as well; where a text calls it a key, it is one.
            shown = f"{{columns {len(relation.key)}}}" if len(relation.key) > 1 else relation.key[0]
            called = r"\bkey(?: columns?)?(?: of \{subject\})?(?: is|:|) "
            text = re.sub(f"(?i)({called}){re.escape(shown)}", r"\1{key}", text)
        if company := company_column(relation):
            text = re.sub(rf"\bWHERE {company} = @", "WHERE {company} = @", text)
        text = re.sub(rf"\b{relation.kind}\b", "{kind}", text)
        text = text.replace(f"{relation.module} module", "{module} module")
        if "{subject}" not in text or _WRONG_KEY.search(text):
            return None
        columns = self._catalog.column_names
        return None if any(word in columns or word in self._catalog for word in _words(text)) else text


def _with_facts(manner: str, relation: Relation) -> str | None:
    names = [column.name for column in relation.columns]
    if any(int(count) > len(names) for count in _COLUMNS.findall(manner)):
        return None
    facts = {
        "subject": relation.name,
        "description": relation.description,
        "key": ", ".join(relation.key),
        "company": company_column(relation),
        "kind": relation.kind,
        "module": "" if relation.module == "Other" else relation.module,
    }
    text = _COLUMNS.sub(lambda match: ", ".join(names[: int(match[1])]), manner)
    for fact, value in facts.items():
        if f"{{{fact}}}" in text:
            if not value:
                return None
            text = text.replace(f"{{{fact}}}", value)
    return text


def _words(manner: str) -> set[str]:
    # A parameter is none of the catalog's names: @Co, even where a column is called Co.
    return set(_NAME.findall(re.sub(r"\{\w+(?: \d+)?\}|@\w+", "", manner)))


def _whole(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
