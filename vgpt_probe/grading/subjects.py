"""Finds what a question asks about: by the catalog, by shape, and by where the word stands."""

# Patterns and tables read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from .bare import extents
from .lexer import scan
from .lexicon import word_set
from .model import Subject
from .names import SCHEMAS, is_shaped
from .text import clean, original_span

if TYPE_CHECKING:
    from vgpt_probe.catalog.model import Catalog

__all__ = ["find_subjects", "subjects_asked"]

# A question that is longer than this is no question; what it names further down is not looked for.
_MAX_QUESTION = 2_000
_REST = r"[\w@$#]{0,127}(?:-[A-Za-z]\w{0,60}){0,6}"
_ID = rf"[A-Za-z_]{_REST}"
_DOTTED = rf"(?:\[?{_ID}\]?\.){{0,2}}\[?{_ID}\]?"
# "[Order Details]"
_SPACED = r"[A-Z]\w{0,60}(?: [A-Z]\w{0,60}){1,5}"
_QUOTED = re.compile(
    rf"(?<!\w)(?:'({_DOTTED})'|\"({_DOTTED})\"|`({_DOTTED})`|\[({_ID}|{_SPACED})\](?![.(])|({_ID}\.{_ID}(?:\.{_ID})?|{_ID}\.\[{_SPACED}\]|\[{_ID}\]\.\[?{_ID}\]?))(?!\w)"
)
_WORD = re.compile(rf"(?<![\w.]){_ID}")
_NOUN = r"(?:tables?|views?|base table|tabellen?|tablas?|vista|relation|object|entity|sicht|ansicht)"
_NOUNS = ("table", "view", "tabelle", "tabla", "vista", "relation", "object", "entity", "sicht", "ansicht")
# A word in one of these places is a name even if it looks like any other word; first what the question must have in it
# for the pattern to be worth a try.
_PLACES = [
    (
        _NOUNS,
        re.compile(
            rf"\b(?:the|a|an|any|die|der|eine|keine|la|una|los|las|las)\s+({_ID})\s+(?:base\s+)?{_NOUN}\b",
            re.IGNORECASE,
        ),
    ),
    (
        _NOUNS,
        re.compile(
            rf"\b{_NOUN}\s+(?:called|named|with the name|namens|mit dem namen|llamada|de nombre|:)\s+({_ID})",
            re.IGNORECASE,
        ),
    ),
    (
        ("table", "view", "tabelle", "tabla", "tabel"),
        re.compile(
            rf"\b(?:table|view|tabelle|tabla|tabel|tabella|tabela)\s+(?!(?:stores?|holds?|contains?|keeps?|tracks?|lists?|where|that)\b)({_ID})",
            re.IGNORECASE,
        ),
    ),
    (("table", "view"), re.compile(rf"\b({_ID})\s+(?:table|view)s?\b", re.IGNORECASE)),
    (("from",), re.compile(rf"\b(?:from|FROM)\s+({_ID})", re.IGNORECASE)),
    (
        ("join",),
        re.compile(rf"\bjoin(?:ing)?\s+({_ID})\s+(?:with|to|and|on|mit|con|y|und)\s+({_ID})", re.IGNORECASE),
    ),
    (("join",), re.compile(rf"\bjoin(?:ing)?\s+({_ID})", re.IGNORECASE)),
    (
        ("query", "descri", "beschreib"),
        re.compile(rf"\b(?:query|describe|beschreibe|describe|querying)\s+({_ID})", re.IGNORECASE),
    ),
    (
        ("column", "field"),
        re.compile(rf"\b(?:columns?|fields?)\s+(?:are\s+)?(?:in|of|for|does)\s+({_ID})", re.IGNORECASE),
    ),
    (
        ("do", "did", "is", "has", "exist"),
        re.compile(
            rf"\b(?:does|do|did|is|existiert|existe|has)\s+({_ID})\s+(?:exists?|structured|have|contain|in|part|valid|real|an?|available|there|defined|used|known|\?)",
            re.IGNORECASE,
        ),
    ),
    (
        ("schema", "structure", "layout", "purpose", "definition", "data", "records", "key", "information"),
        re.compile(
            rf"\b(?:schema|structure|layout|purpose|definition|data|records|primary key|keys?|information)\s+(?:for|of|from|in|about)\s+({_ID})",
            re.IGNORECASE,
        ),
    ),
    (
        ("data", "records", "rows", "entries", "info"),
        re.compile(
            rf"\b(?:get|show|list|all|select|fetch|need|give me|display|show me|retrieve)\s+({_ID})\s+(?:data|records|rows|entries|information|info)\b",
            re.IGNORECASE,
        ),
    ),
    (
        ("what",),
        re.compile(
            rf"\bwhat(?:'s| is) (?:in |stored in |inside )?({_ID})\s*(?:\?|$|used|for)", re.IGNORECASE
        ),
    ),
    (("what", "which"), re.compile(rf"\b(?:what|which)\s+(?:does|do)\s+({_ID})\b", re.IGNORECASE)),
    (("how",), re.compile(rf"\bhow\s+is\s+({_ID})\b", re.IGNORECASE)),
    (
        (" and ", " or ", " und ", " y ", " to ", " with "),
        re.compile(
            rf"\b(?:are|between|is|relate|compare|both|neither|either|do|does)\s+(?:the\s+)?({_ID})\s+(?:and|or|und|y|to|with)\s+(?:the\s+)?({_ID})",
            re.IGNORECASE,
        ),
    ),
    (("tell",), re.compile(rf"\btell\s+me\s+about\s+({_ID})", re.IGNORECASE)),
]
# "The Invoice-Tabelle".
_COMPOUND = re.compile(r"(?<=\w)-(?:tabellen?|tables?|views?|sicht|ansicht|objekt|tablas?)\Z", re.IGNORECASE)
# Where nothing else is found: the one word with a capital that no sentence asks for ("Who uses Permits?").
_LONE = re.compile(
    rf"(?:(?<=[a-zäöüß] )|(?<=\d )|(?<=¿)|\A\s*)(?<!the )(?<!The )(?<!eine )(?<!\bdie )(?<!\bder )(?<!\bdas )(?<!\bden )(?<!\bla )(?<!\bel )(?<!\blos )(?<!\blas )([A-Z]{_REST})(?=\s*(?:[?.!,;]|\Z)|\s+(?:for|have|has|in|set|columns|fields|table|data|and|is|used|exist|somewhere|a|an|eine|una|by|as|also|there|still|really|not|gives|throws|fails|returns|does|doesn|isn|holds|contains|stores)\b)"
)
# "the AP Vendor Master" is no name of its own.
_TITLED = re.compile(r"\w\s+[A-Z]\w*\s+\Z")
_LISTS = re.compile(r",|\b(?:and|or|with|to|vs|versus|und|oder|mit|y|o|con)\b")
_LISTED = re.compile(
    rf"{_ID}(?:\s*(?:,\s*(?:and|or|und|oder|y|o)?|\b(?:and|or|with|to|vs\.?|versus|und|oder|mit|y|o|con)\b)\s*(?:the\s+)?{_ID})+",
    re.IGNORECASE,
)
_COLUMN_IN = re.compile(
    rf"\b(?:the\s+)?(?:column|field|spalte|columna)\s+['\"`\[]?({_ID})['\"`\]]?\s+(?:exist\s+)?(?:in|of|on|from|in der|en)\s+(?:the\s+)?['\"`\[]?({_ID})"
    rf"|\b['\"`\[]?({_ID})['\"`\]]?\s+(?:column|field)\s+(?:exist\s+)?(?:in|of|on|from)\s+(?:the\s+)?['\"`\[]?({_ID})"
    rf"|\bwhat\s+is\s+['\"`\[]?({_ID})['\"`\]]?\s+in\s+(?:the\s+)?['\"`\[]?({_ID})",
    re.IGNORECASE,
)
# "Does APTL have a Vendor column?"
_TABLE_HAS = re.compile(
    rf"\b(?:does|do|did|has|hat|tiene)\s+(?:the\s+)?['\"`\[]?({_ID})['\"`\]]?\s+(?:table\s+|view\s+)?(?:(?:have|contain|include)\s+)?(?:an?|the|any|eine|una|la)\s+['\"`\[]?({_ID})['\"`\]]?\s+(?:column|field|spalte)\b",
    re.IGNORECASE,
)
# "Does APTL have a column Vendor?", "¿APTL tiene la columna Vendor?"
_TABLE_HAS_COLUMN = re.compile(
    rf"['\"`\[]?({_ID})['\"`\]]?\s+(?:(?:table|view)\s+)?(?:have|has|contain|contains|include|includes|hat|enthält|besitzt|eine?|die|tiene|contiene|incluye)\s+(?:(?:an?|the|any|eine|die|una|la|el|un)\s+)?(?:column|field|spalte|feld|columna|campo)\s+(?:(?:called|named|namens|llamada|llamado)\s+)?['\"`\[]?({_ID})['\"`\]]?(?=\s*[?.!,]|\s*\Z)",
    re.IGNORECASE,
)
# "Query PREH for LastName": a name of two words in one, so that "for vendor 5" or "for Budget" stays out of it.
_COLUMN_FOR = re.compile(
    rf"\b(?:[Qq]uery|[Ss]earch|[Cc]heck)\s+({_ID})\s+for\s+([A-Z]+[a-z]+[A-Z]\w*|[A-Z]{{2,4}}\b)(?=\s*[?.!]?\s*\Z)"
)
# "Select Vendor and Name from APVM": columns before the table.
_COLUMNS_OF = re.compile(
    rf"\s*(?:please\s+)?(?:select|get|query|show|show me|fetch|give me|list|(?:write|give me|show me)\s+(?:a\s+|the\s+|an\s+)?(?:sql\s+|t-sql\s+)?(?:query|sql|select|statement)\s+(?:for|to get|to select|to list|that reads))\s+((?:{_ID})(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+){_ID})*)\s+(?:from|in|of)\s+(?!(?:vista|viewpoint|the\s+(?:vista|viewpoint|database|schema)|sql)\b){_ID}",
    re.IGNORECASE,
)
_ORDINARY = word_set(
    "the a an any all some this that these those it its my our your their table tables view views column "
    "columns field fields data record records row rows select from where join with to and or not in on of for "
    "by as at is are was be do does did have has had can could would should will may might what which who how "
    "why when show get list give tell query queries describe write sql database schema structure vista "
    "viewpoint erp exist exists company other others everything them there here me i you we us please need "
    "want find fetch display retrieve explain use used using about information info value values key keys "
    "primary foreign index name names type types each every no yes one two both sum total count top first "
    "last new old real valid called named like system server module modules base stored contain contains "
    "data? between into if then than also only more most much many inside die der das eine ein und mit von la "
    "el una un los las y con de en es for? within out up available possible correct right standard custom "
    "part meaning purpose difference relationship work works look looks related joined structured report "
    "reports vendor's existing open unpaid paid statement example code script function spalten spalte tabelle "
    "tabellen welche gibt datenbank columnas tabla nolock trimble spectrum insert update delete bitte german "
    "wrong happening missing going broken english hi hello monday ap ar gl jc pr po em hq sm t-sql tsql detail details"
)

# Everyday words that are asked about as tables when they stand in such a place with a capital.
_TABLES_TOO = word_set(
    "company order statement report reports detail details module query value type name key index user "
    "function information record records"
)


def find_subjects(question: str, catalog: Catalog | None) -> list[Subject]:
    """The tables, views and `table.column`s that a question names, in order, each once.

    A name counts if it is quoted, bracketed or dotted, if the catalog has it, if it has the shape of an identifier, or
    if it stands where only a name can ("the … table", "from …"). Spans are code points of the question.
    """
    text, offsets = clean(question[:_MAX_QUESTION])
    found: dict[str, tuple[int, int, str | None]] = {}
    taken: list[tuple[int, int]] = []

    def add(name: str, start: int, end: int, column: str | None = None) -> None:
        compound = _COMPOUND.search(name)
        if compound:
            name, end = name[: compound.start()], end - len(compound.group())
        if name not in found:
            found[name] = (start, end, column)
        taken.append((start, end))

    def relation(name: str) -> bool:
        return catalog is not None and catalog.get(name) is not None

    columns: set[str] = set()
    for start, end in extents(text):
        scanned = scan(text[start:end])
        for table in scanned.tables:
            add(table.name, start + table.start, start + table.end)
        columns |= {column.name for column in scanned.columns}
        taken.append((start, end))
    lower = text.lower()
    columned = any(tell in lower for tell in ("column", "field", "spalte", "feld", "columna", "campo"))
    for match in _COLUMN_IN.finditer(text) if columned or "what" in lower else ():
        groups = [i for i in range(1, 7) if match.group(i)]
        if len(groups) == 2:
            column, table_name = match.group(groups[0]), match.group(groups[1])
            if column.lower() not in _ORDINARY and (table_name.lower() not in _ORDINARY):
                add(table_name, *match.span(groups[1]))
                add(f"{table_name}.{column}", *match.span(groups[0]), column)
                columns.add(column)
    asked = _COLUMN_FOR.search(text)
    if asked and (relation(asked.group(1)) or is_shaped(asked.group(1))):
        add(asked.group(1), *asked.span(1))
        if asked.group(2) not in found and not relation(asked.group(2)):
            add(f"{asked.group(1)}.{asked.group(2)}", *asked.span(2), asked.group(2))
    has = (_TABLE_HAS.search(text) or _TABLE_HAS_COLUMN.search(text)) if columned else None
    if has and has.group(1).lower() not in _ORDINARY and has.group(2).lower() not in _ORDINARY:
        add(has.group(1), *has.span(1))
        add(f"{has.group(1)}.{has.group(2)}", *has.span(2), has.group(2))
    listed = _COLUMNS_OF.match(text)
    if listed:
        columns |= set(re.findall(_ID, listed.group(1))) - {"and", "all", "data"}
    for match in _QUOTED.finditer(text):
        group = next(i for i in range(1, 6) if match.group(i))
        span = match.span(group)
        if any(low < span[1] and span[0] < high for low, high in taken):
            continue
        _add_written(match.group(group), span, add, relation, columns)
    spots: list[tuple[int, int]] = []
    for tells, pattern in _PLACES:
        for tell in tells:
            if tell in lower:
                for match in pattern.finditer(text):
                    spots += [match.span(i) for i in range(1, (match.lastindex or 0) + 1) if match.group(i)]
                break
    for match in _WORD.finditer(text):
        span = match.span()
        word = match.group()
        small = word.lower()
        ordinary = small in _ORDINARY
        if ordinary and not (span[0] and small in _TABLES_TOO and word.istitle()):
            continue
        placed = any(low <= span[0] and span[1] <= high for low, high in spots) or (
            word[0].isupper() and _COMPOUND.search(word) is not None
        )
        if ordinary and not placed:
            continue
        if any(low < span[1] and span[0] < high for low, high in taken) or word in columns:
            continue
        if is_shaped(word) or placed or (relation(word) and not word.islower() and not word.istitle()):
            add(word, *span)
    for match in _LISTED.finditer(text) if found and _LISTS.search(lower) else ():
        # One of a list is a name: so are the others that are written with a capital.
        parts = [
            (part.group(), match.start() + part.start(), match.start() + part.end())
            for part in re.finditer(_ID, match.group())
        ]
        if any((word in found and found[word][2] is None) for word, _, _ in parts):
            for word, low, high in parts:
                inside = any(start < high and low < end for start, end in taken)
                if word[0].isupper() and word.lower() not in _ORDINARY and not inside and word not in columns:
                    add(word, low, high)
    if not found:
        lone = [match for match in _LONE.finditer(text) if match.group(1).lower() not in _ORDINARY]
        if len(lone) == 1 and len(lone[0].group(1)) > 2 and not _TITLED.search(text, 0, lone[0].start(1)):
            add(lone[0].group(1), *lone[0].span(1))
    out = []
    for name, (start, end, column) in sorted(found.items(), key=lambda item: item[1][:2]):
        start, end = original_span(question, text, offsets, start, end)
        out.append(Subject(name, (start, end), column))
    return out


_ASKED: WeakKeyDictionary[Catalog, dict[str, tuple[str, ...]]] = WeakKeyDictionary()
_KEEP = 16_384


def subjects_asked(question: str, catalog: Catalog | None) -> tuple[str, ...]:
    """The tables that a question names, each once; remembered, since many answers share a question."""
    if catalog is None:
        return tuple(dict.fromkeys(found.table for found in find_subjects(question, None)))
    known = _ASKED.setdefault(catalog, {})
    asked = known.get(question)
    if asked is None:
        if len(known) >= _KEEP:
            known.clear()
        asked = known[question] = tuple(dict.fromkeys(found.table for found in find_subjects(question, catalog)))
    return asked


def _add_written(raw: str, span: tuple[int, int], add, relation, columns: set[str]) -> None:  # type: ignore[no-untyped-def]
    parts = [part.strip("[]") for part in raw.split(".")]
    if len(parts) == 3 and parts[1].lower() in SCHEMAS and parts[0].lower() not in SCHEMAS:
        # The database in front.
        parts = parts[1:]
    if len(parts) == 1:
        if parts[0].lower() not in _ORDINARY and parts[0] not in columns:
            add(parts[0], *span)
    elif parts[0].lower() in SCHEMAS and not relation(parts[0]):
        add(parts[1], *span)
        if len(parts) == 3:
            add(f"{parts[1]}.{parts[2]}", *span, parts[2])
    elif len(parts) == 2 and relation(raw):
        add(parts[1], *span)
    elif parts[0].lower() not in ("e", "i"):
        add(parts[0], span[0], span[0] + raw.index("."))
        add(f"{parts[0]}.{parts[1]}", *span, parts[1])
