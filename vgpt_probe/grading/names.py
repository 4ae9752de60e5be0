"""Which words are names of relations: by the catalog and by shape."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from .lexicon import word_set
from .phrases import Phrases
from .sentences import OWN, naming
from .standins import NAME, PLACE, SUBJECT

if TYPE_CHECKING:
    from vgpt_probe.catalog.model import Catalog

__all__ = [
    "SCHEMAS",
    "Target",
    "is_shaped",
    "make_namer",
    "placed_names",
    "real_spelling",
    "strip_name",
    "target_of",
]

SCHEMAS = word_set(
    "dbo sys guest information_schema api idsrv document vplog ptables apireference resourcemanagement batch "
    "vutilities lic analytics"
)
# All capitals, and no name: SQL, the trade, and words that people shout.
_CAPITALS = word_set(
    "SQL TSQL T-SQL ERP NOLOCK SELECT FROM WHERE JOIN INNER LEFT RIGHT OUTER FULL ORDER GROUP BY WITH AND OR "
    "NOT NULL IS IN ON AS INSERT UPDATE DELETE INTO TOP DISTINCT CREATE TABLE VIEW ALTER DROP UNION ALL CASE "
    "WHEN THEN ELSE END EXISTS LIKE BETWEEN HAVING DESC ASC API JSON XML CSV PDF HTML URL UI ID IDS PK FK DB "
    "DBA DBMS RDBMS CRM CFO CEO USA UK EU US IT HR AP AR GL JC PR PO SL EM CM PM SM HQ MS DD DM VP RP WD WF "
    "UD KPI ETL BI OK NO YES NB PS TODO FYI ASAP FAQ SSMS DDL DML SSRS MSSQL GUI OLAP OLTP CTE ANSI ISO UTF "
    "ASCII ODBC JDBC NOTE IMPORTANT WARNING ERROR TRUE FALSE VARCHAR INT CHAR DECIMAL NUMERIC DATETIME DATE "
    "BIT PRIMARY KEY FOREIGN INDEX COUNT SUM MAX MIN AVG USE GO EXEC DECLARE SET VALUES CROSS APPLY OPTION "
    "TBD NA N/A DPO SFT LLM GPT AI GST VAT IRS EEO ACA INFORMATION_SCHEMA INFORMATION_SCHEMA.TABLES "
    "INFORMATION_SCHEMA.COLUMNS TABLE_NAME COLUMN_NAME TABLE_SCHEMA DATA_TYPE OBJECT_ID"
)
_BRANDS = word_set(
    "sqlserver mssql postgresql mysql github linkedin javascript powerbi powershell quickbooks sap netsuite "
    "peoplesoft salesforce adventureworks northwind sharepoint viewpoint vista trimble vgpt vgpt2 microsoft "
    "sp_help sp_helptext sp_columns object_id "
    "t-sql latin1_general_bin latin1_general_cs_as information_schema nolock openai chatgpt"
)
_MONTHS = word_set(
    "january february march april may june july august september october november december monday tuesday "
    "wednesday thursday friday"
)
_SHAPE = re.compile(r"[A-Za-z_][\w@$#]*(?:-\w+)*")


_COLUMNS: WeakKeyDictionary[Catalog, frozenset[str]] = WeakKeyDictionary()


def column_names(catalog: Catalog) -> frozenset[str]:
    """All column names of a catalog, made once for it."""
    names = _COLUMNS.get(catalog)
    if names is None:
        names = catalog.column_names
        _COLUMNS[catalog] = names
    return names


@lru_cache(maxsize=16384)
def is_shaped(word: str) -> bool:
    """Whether a bare word looks like an identifier: inner capitals, an underscore, digits, or all capitals."""
    if len(word) < 3 or not _SHAPE.fullmatch(word):
        return False
    if word.upper() in _CAPITALS or word.lower() in _BRANDS:
        return False
    if "-" in word:
        return False
    if "_" in word.strip("_") or word.isupper():
        return True
    if any(char.isdigit() for char in word):
        return any(char.isalpha() for char in word[:3])
    return any(a.islower() and b.isupper() for a, b in itertools.pairwise(word)) or (
        (len(word) > 5 and word[:3].isupper()) or (word[0].islower() and word[1].isupper())
    )


def strip_name(name: str) -> str:
    """A name without quotes and surrounding space, a single one without brackets and the mark of temporary tables."""
    bare = name.strip().strip("`'\"").strip()
    return (bare.strip("[]") if "." not in bare else bare).lstrip("#")


def placed_names(text: str, unnamed: frozenset[str]) -> frozenset[str]:
    """Everyday words with a capital where only a relation's name stands: "don't use Invoice", "the Invoice table".

    `unnamed` are words that are no names even there.
    """
    found = []
    for match in _TITLED.finditer(text):
        word = match.group()
        if word in _NEVER_PLACED or word.lower() in unnamed:
            continue
        start, end = match.span()
        words = text[max(0, start - 16) : start].rsplit(None, 1)
        before = words[-1] if words and text[start - 1] == " " else ""
        after = text[end : end + 16]
        if (
            (before in _BEFORE and _AFTER.match(after))
            or (before in _LEADS and _RELATION.match(after))
            or ((before[-1:] in _MARKS or before in _JOINS) and _NO_MORE.match(after))
        ):
            found.append(word)
    return frozenset(found)


# A word with a capital before it would make the whole a title: "the AP Transaction Header view".
_TITLED = re.compile(r"(?:(?<=\s)|\A)[A-Z][a-z]{2,}(?=[ ,.;:!?)\n]|\Z)")
_NEVER_PLACED = frozenset(word.title() for word in _MONTHS | _BRANDS)
_BEFORE = word_set(
    "forget Forget skip Skip avoid Avoid replace Replace ditch Ditch use using query querying from join joining "
    "called named try table view relation"
)
_LEADS = word_set("the a an no any your that this The A An No Any Your That This")
_MARKS = frozenset(("", ".", "!", "?", ";", ",", ":"))
_JOINS = word_set("but and while")
_AFTER = re.compile(
    r"[,.;:!?)\n]|\Z| (?:table|view|does|doesn|is|isn|was|wasn|exists|because|which|as|since|instead)\b"
)
_RELATION = re.compile(r" (?:table|view)s?\b(?! of\b)")
_NO_MORE = re.compile(r" (?:does not|doesn't) exist\b")


class Target:
    """The subject in the shapes in which an answer may write it."""

    def __init__(self, subject: str, catalog: Catalog | None) -> None:
        self.text = strip_name(subject)
        parts = list(naming(self.text)) or [self.text]
        self.column: str | None = None
        self.catalog = catalog
        if catalog is not None and len(parts) == 2 and catalog.get(self.text) is not None:
            # A relation of a schema of its own.
            parts = parts if catalog.get(parts[0]) is not None else parts[1:]
        for at in range(len(parts) - 2, -1, -1):
            # "dbo.APTH", "server.database.dbo.APTH.Vendor"
            if parts[at].lower() in SCHEMAS and (catalog is None or catalog.get(parts[at]) is None):
                parts = parts[at + 1 :]
                break
        self.name = parts[0] if len(parts) == 1 else parts[-2]
        if len(parts) > 1:
            self.column = parts[-1]
        self.meant = self.column or self.name

    @cached_property
    def variants(self) -> tuple[str, ...]:
        """Real names that differ from the subject's table only in letter case."""
        if self.catalog is None or not self.catalog.case_sensitive:
            return ()
        if self.column is not None:
            relation = self.catalog.get(self.name)
            names = [column.name for column in relation.columns] if relation is not None else []
            lower = self.column.lower()
            return () if self.column in names else tuple(name for name in names if name.lower() == lower)
        same = _folded(self.catalog).get(self.name.lower(), ())
        return () if self.name in same else tuple(same)

    def is_called(self, name: str) -> bool:
        """Whether a table's name in SQL means the subject's table, in another letter case too if no other is called so."""
        return name == self.name or (name.lower() == self.name.lower() and not self.variants)


def real_spelling(catalog: Catalog, name: str) -> tuple[str, ...]:
    """The catalog's names that differ from this one at most in letter case."""
    return _folded(catalog).get(name.lower(), ())


_FOLDED: WeakKeyDictionary[Catalog, dict[str, tuple[str, ...]]] = WeakKeyDictionary()


def _folded(catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """Names by their lower-case form, made once for a catalog."""
    index = _FOLDED.get(catalog)
    if index is None:
        grown: dict[str, list[str]] = {}
        for relation in catalog.relations:
            grown.setdefault(relation.name.lower(), []).append(relation.name)
        index = {lower: tuple(dict.fromkeys(names)) for lower, names in grown.items()}
        _FOLDED[catalog] = index
    return index


def target_of(subject: str, catalog: Catalog | None) -> Target:
    """The subject as the reader wants it."""
    return Target(subject, catalog)


def make_namer(
    target: Target,
    catalog: Catalog | None,
    phrases: Phrases,
    shouted: bool,
    asked: Iterable[str] = (),
    strict: bool = False,
    placed: Iterable[str] = (),
) -> Namer:
    """What tells names from words.

    `shouted` switches off the shape of all capitals; `asked` are names of the question, which count as written there.
    `placed` are words that stand where a name stands. `strict` makes the subject in another letter case another name:
    where case matters and the answer has both.
    """
    meant, owner = target.meant, target.name if target.column else None
    lower = meant.lower()
    plural = {lower + "s", lower.rstrip("s")} - {lower}
    ordinary = phrases.ordinary
    wordlike = not is_shaped(meant)
    others = frozenset(name for name in asked if not name.islower()) - {meant, target.name}
    if placed:
        others |= {name for name in placed if name.lower() != lower and name.lower() not in plural}
    variants = target.variants

    def look(word: str, quoted: bool) -> tuple[str, str] | None:
        parts = naming(word)
        if len(parts) > 1:
            return dotted(word, parts, quoted)
        if word == meant:
            return SUBJECT, word
        if owner is not None and (word == owner or (word.lower() == owner.lower() and not wordlike)):
            return PLACE, word
        small = word.lower()
        if word in variants:
            return NAME, word
        if small == lower and strict and not quoted and not wordlike:
            return NAME, word
        if small == lower:
            # Another letter case: the same thing written carelessly, unless it reads as an ordinary word.
            if quoted or not wordlike or (word[0].isupper() and (shouted or not word.isupper())):
                return SUBJECT, word
            return None
        if quoted and small in plural and (catalog is None or word not in column_names(catalog)):
            return SUBJECT, word
        if word in others:
            return NAME, word
        if small in ordinary and small != lower:
            return None
        if quoted and len(word) > 1 and not small.isdigit():
            return NAME, word
        if word.isupper() and shouted:
            # Among shouted words only the catalog's names stand out, and those that nobody can pronounce.
            real = catalog is not None and catalog.get(word) is not None
            return (
                (NAME, word)
                if real or (2 < len(word) < 7 and not set(word) & set("AEIOUY") and word not in _CAPITALS)
                else None
            )
        if is_shaped(word):
            return NAME, word
        if (
            catalog is not None
            and len(word) > 2
            and not word.islower()
            and word.upper() not in _CAPITALS
            and not word.istitle()
            and catalog.get(word) is not None
        ):
            return NAME, word
        return None

    def dotted(word: str, parts: tuple[str, ...], quoted: bool) -> tuple[str, str] | None:
        last = parts[-1]
        if target.column is not None:
            if last.lower() == lower and parts[-2].lower() == target.name.lower():
                return SUBJECT, word
            if last == owner:
                return PLACE, last
        elif last == meant or (last.lower() == lower and parts[0].lower() in SCHEMAS):
            return SUBJECT, last
        elif parts[0] == meant:
            # A column of the subject: it says something of the subject only by the way.
            return SUBJECT, OWN
        if parts[0].lower() in SCHEMAS:
            return NAME, last
        first = look(parts[0], quoted)
        if first is not None and last.isidentifier() and last[0].isupper() and last.lower() not in ordinary:
            return NAME, parts[0]
        return None

    special = {meant, lower, *variants, *others, *((owner, owner.lower()) if owner else ())}
    return Namer(look, frozenset(special))


class Namer:
    """Tells names from words: called with a word and whether it is quoted, it gives (stand-in, name) or None.

    `special` are the words that may be names although they are written as any word is.
    """

    __slots__ = ("_known", "_look", "special")

    def __init__(self, look: Callable[[str, bool], tuple[str, str] | None], special: frozenset[str]) -> None:
        self._look = look
        self._known: dict[tuple[str, bool], tuple[str, str] | None] = {}
        self.special = special

    def __call__(self, word: str, quoted: bool) -> tuple[str, str] | None:
        if not quoted and word.islower() and word.isalpha() and word not in self.special:
            # Most words: nothing can make a name of them.
            return None
        key = (word, quoted)
        if key not in self._known:
            self._known[key] = self._look(word, quoted)
        return self._known[key]
