"""How the SQL of two answers differs: in a join, in a house rule, in letter case."""

from __future__ import annotations

import re
from functools import lru_cache

from vgpt_probe.catalog import Catalog

#: The house rules that two answers can differ in, the most telling first: a pair is filed under the first.
STYLES = ("view", "alias", "case", "nolock", "filter", "columns")

_FENCE = re.compile(r"```[\w+-]*[ \t]*\n?(.*?)(?:```|\Z)", re.DOTALL)
_RULES = {
    "nolock": "nolock",
    "no_aliases": "alias",
    "view_for_select": "view",
    "full_key_join": "join",
    "company_filter": "filter",
    "exact_case": "case",
}
_KEYWORD = re.compile(
    r"(?:SELECT|FROM|WHERE|AND|OR|NOT|NULL|JOIN|INNER|LEFT|RIGHT|OUTER|FULL|CROSS|ON|AS|WITH|NOLOCK|GROUP|BY|ORDER|HAVING"
    r"|TOP|DISTINCT|COUNT|SUM|AVG|MIN|MAX|IN|IS|LIKE|BETWEEN|UNION|ALL|CASE|WHEN|THEN|ELSE|END|ASC|DESC)\Z",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\W\d]\w*")
_JOIN = re.compile(r"\bJOIN\b", re.IGNORECASE)


@lru_cache(maxsize=65_536)
def prose_and_code(answer: str) -> tuple[str, str]:
    """Split an answer into its words and its SQL, fenced or bare."""
    from vgpt_probe.grading.bare import extents

    code: list[str] = []

    def taken(match: re.Match[str]) -> str:
        code.append(match[1])
        return " "

    prose = _FENCE.sub(taken, answer[:60_000])
    kept, last = [], 0
    for start, end in extents(prose):
        kept.append(prose[last:start])
        code.append(prose[start:end])
        last = end
    return " ".join([*kept, prose[last:]]), "\n".join(code)


def is_keyword(word: str) -> bool:
    """Whether a word is one of SQL's own."""
    return _KEYWORD.match(word) is not None


def joins(answer: str) -> bool:
    """Whether the SQL of an answer joins."""
    return bool(_JOIN.search(prose_and_code(answer)[1]))


def contrast(answer: str, rejected: str, catalog: Catalog) -> tuple[str, ...]:
    """Name what the SQL of ``answer`` does better than that of ``rejected``: of ``STYLES``, and ``join``.

    ``tables`` says that the two read tables of which those of ``rejected`` are not all real.
    """
    from vgpt_probe.grading import read_answer

    ours, theirs = prose_and_code(answer)[1], prose_and_code(rejected)[1]
    if not ours.strip() or not theirs.strip():
        return ()
    one, other = read_answer("", answer, "", catalog), read_answer("", rejected, "", catalog)
    broken = {finding.rule for finding in other.style} - {finding.rule for finding in one.style}
    found = {_RULES[rule] for rule in broken if rule in _RULES}
    if _case_only(ours, theirs):
        found.add("case")
    if _base_tables(other.sql_tables, one.sql_tables, catalog):
        found.add("view")
    if _JOIN.search(ours) and not _JOIN.search(theirs):
        found.add("join")
    if "*" in theirs and "*" not in ours:
        found.add("columns")
    strange = set(other.unknown_tables) - _bases(catalog)
    if strange and not one.unknown_tables and "case" not in found:
        found.add("tables")
    return tuple(sorted(found, key=_order))


def _order(style: str) -> int:
    return STYLES.index(style) if style in STYLES else -1


def _case_only(ours: str, theirs: str) -> bool:
    """Whether the other SQL writes a name of ours in another letter case."""
    exact = set(_NAME.findall(ours))
    folded = {name.casefold() for name in exact if not is_keyword(name)}
    return any(name not in exact and name.casefold() in folded for name in _NAME.findall(theirs))


def _base_tables(theirs: tuple[str, ...], ours: tuple[str, ...], catalog: Catalog) -> bool:
    """Whether they read the base table of a view that we read: the catalog says so, or their names do (APTH, bAPTH)."""
    for name in ours:
        relation = catalog.get(name)
        if relation is not None and (
            relation.base in theirs or (f"b{name}" in theirs and f"b{name}" in catalog)
        ):
            return True
    return False


@lru_cache(maxsize=4)
def _bases(catalog: Catalog) -> frozenset[str]:
    """The base tables that the catalog names, even if it does not list them."""
    return frozenset(relation.base for relation in catalog.relations if relation.base)
