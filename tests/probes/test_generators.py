"""Invented names: none is real, none twice, the same ones every time, each with its reason."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgpt_probe.catalog import Catalog, Column, Relation, module_of
from vgpt_probe.probes.columns import draw_columns
from vgpt_probe.probes.generators import KINDS, invent, plural_of

NO_CASING = [kind for kind in KINDS if kind != "casing"]


def _catalog(*names: str, **options) -> Catalog:
    return Catalog([Relation(name, module=module_of(name)) for name in names], **options)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_no_name_is_real_in_any_letter_case_and_none_comes_twice(catalog, seed):
    made = invent(catalog, NO_CASING, 3000, seed=seed)
    real = {relation.name.casefold() for relation in catalog.relations}
    folded = [one.name.casefold() for one in made]
    assert len(made) == 3000 == len(set(folded))
    assert not real & set(folded)
    assert all(one.reason for one in made)


def test_the_same_seed_gives_the_same_names_and_another_seed_others(catalog):
    first = invent(catalog, KINDS, 500, seed=1)
    assert first == invent(catalog, KINDS, 500, seed=1)
    assert first != invent(catalog, KINDS, 500, seed=2)


def test_every_kind_gives_its_share(catalog):
    counts = Counter(one.kind for one in invent(catalog, KINDS, 80, seed=1))
    assert counts == dict.fromkeys(KINDS, 10)


def test_a_name_in_another_letter_case_is_told_as_such(catalog):
    for one in invent(catalog, ["casing"], 50, seed=1):
        found = catalog.resolve(one.written or one.name)
        assert (found.status, found.relation.qualified) == ("case", one.near)
    assert invent(Catalog(catalog.relations, case_sensitive=False), ["casing"], 5, seed=1) == []


def test_a_name_that_is_real_in_another_schema_is_not_invented():
    # Every pair of modules and tails but one exists, some in another schema and letter case.
    catalog = Catalog(
        [Relation("APTL", module="AP"), Relation("ARTH", module="AR"), Relation("artl", schema="api", module="AR")]
    )
    assert {one.name for one in invent(catalog, ["cross_module"], 50, seed=1)} == {"APTH"}


def test_a_catalog_that_gives_no_more_ends():
    assert 0 < len(invent(_catalog("APTH"), ["separators"], 1000, seed=1)) < 10
    assert invent(_catalog(), KINDS, 10, seed=1) == []


def test_names_are_made_in_the_style_of_the_schema():
    catalog = _catalog("ap_invoices", "ap_lines", "gl_accounts", "jobs")
    made = invent(catalog, ["plural", "camel_case", "long_name", "abbreviation"], 200, seed=1)
    assert all(one.name == one.name.lower() for one in made if not one.near)


names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True) | st.text(min_size=1, max_size=5)


@given(st.lists(names, max_size=8, unique=True), st.integers(0, 5))
def test_any_schema_can_be_guessed_at(known, seed):
    catalog = _catalog(*known)
    made = invent(catalog, KINDS, 40, seed=seed)
    real = {name.casefold() for name in known}
    assert not real & {one.name.casefold() for one in made if one.kind != "casing"}
    assert len({one.name for one in made}) == len(made)


@pytest.mark.parametrize(
    ("word", "plural"),
    [("Invoice", "Invoices"), ("Batch", "Batches"), ("Day", "Days"), ("Entry", "Entries"), ("Tax", "Taxes")],
)
def test_plurals(word, plural):
    assert plural_of(word) == plural


def test_columns_are_real_or_not_on_the_same_relations(catalog):
    drawn = draw_columns(catalog, real=40, fake=40, seed=1)
    assert Counter(one.real for one in drawn) == {True: 40, False: 40}
    for one in drawn:
        has = {column.name.casefold() for column in one.relation.columns}
        assert (one.column.casefold() in has) == one.real and one.relation.columns_complete
    assert {one.relation.name for one in drawn if one.real} == {one.relation.name for one in drawn if not one.real}
    assert drawn == draw_columns(catalog, real=40, fake=40, seed=1)


def test_more_columns_than_there_are_is_all_there_are():
    """Found by a fuzzer: it went on for ever."""
    columns = tuple(Column(name) for name in ("APCo", "Mth", "Desc"))
    drawn = draw_columns(Catalog([Relation("APTH", columns=columns)]), real=10**19, fake=1_000, seed=1)
    assert {one.column for one in drawn if one.real} == {"APCo", "Mth", "Desc"}
    assert 100 < sum(not one.real for one in drawn) <= 1_000


def test_columns_of_relations_known_in_part_are_not_guessed_at():
    catalog = Catalog([Relation("APTH", columns=(Column("APCo"),), columns_complete=False)])
    assert draw_columns(catalog, real=3, fake=3, seed=1) == []
