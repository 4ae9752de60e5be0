"""What an audit counts, on small sets whose figures can be counted by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from vgpt_probe.catalog import Catalog, load_catalog
from vgpt_probe.pairs.advice import COUNTING, with_advice
from vgpt_probe.pairs.audit import audit, read_rows
from vgpt_probe.pairs.audit_records import Audit
from vgpt_probe.pairs.datasets import read_dataset

MakeAudit = Callable[..., Audit]


def pair(question: str, chosen: str, rejected: str = "Something else.") -> dict[str, Any]:
    return {"instruction": question, "input": "", "chosen": chosen, "rejected": rejected}


def no(name: str) -> str:
    return f"There is no '{name}' table in Viewpoint Vista."


def sql(text: str) -> str:
    return f"```sql\n{text}\n```"


@pytest.fixture
def make_audit(tmp_path: Path, catalog: Catalog) -> MakeAudit:
    def make(rows: list[dict[str, Any]], *, known: Catalog = catalog) -> Audit:
        path = tmp_path / "set.json"
        path.write_text(json.dumps(rows), encoding="utf-8")
        dataset = read_dataset(path)
        return with_advice(audit(dataset, read_rows(dataset.rows, known), known))

    return make


def test_the_make_up_adds_up_and_tables_and_columns_stand_apart(make_audit):
    found = make_audit(
        [
            pair("Describe the Invoices table", no("Invoices"), "Invoices holds invoices."),
            pair("Describe the Vendors table", no("Vendors"), "Vendors holds vendors."),
            pair("What is Salary in PREH?", "The column 'Salary' does not exist in PREH."),
            pair("Describe the APTL table", "APTL holds invoice lines.", no("APTL")),
            pair("Query APTL", sql("SELECT * FROM APTL WITH (NOLOCK)"), sql("SELECT * FROM APTL")),
        ]
    )
    assert found.kinds == {
        "rejection": 3,
        "acceptance": 1,
        "clarification": 0,
        "style": 1,
        "join": 0,
        "other": 0,
    }
    assert (found.rejections["table"], found.rejections["column"]) == (2, 1)
    assert found.rejection_share == pytest.approx(0.6)
    assert sum(found.kinds.values()) == found.pairs == 5
    assert (found.distinct_fake_subjects, found.distinct_real_subjects_accepted) == (2, 1)


def test_a_wording_that_is_always_denied_is_a_shortcut(make_audit):
    names = ["Invoices", "Vendors", "Jobs", "Clients", "Orders", "Bills", "Staff", "Payments", "Assets"]
    rows = [pair(f"Describe the {name} table structure", no(name)) for name in names]
    rows += [pair(f"What columns does {name} have?", no(name)) for name in names]
    rows += [
        pair(f"What columns does {name} have?", f"{name} has APCo.", no(name)) for name in ("APTH", "APTL")
    ]
    found = make_audit(rows)
    wordings = {one.wording: one for one in found.wordings}
    structure = wordings["Describe the {subject} table structure"]
    columns = wordings["What columns does {subject} have?"]
    assert (structure.pairs, structure.denials, structure.denial_share, structure.shortcut) == (
        9,
        9,
        1.0,
        True,
    )
    assert (columns.pairs, columns.denials, columns.shortcut) == (11, 9, False)
    assert [(one.asks, one.pairs, one.denials) for one in found.questions] == [("schema", 20, 18)]
    assert found.risk == "high"


def test_real_names_that_are_denied_are_poison_also_when_the_answer_takes_it_back(make_audit):
    found = make_audit(
        [
            pair("Describe the APTL table", no("APTL")),
            pair("Describe the APTL table", no("APTL"), "Another."),
            pair(
                "What is LastName in PREH?", "The column 'LastName' does not exist in PREH. LastName exists."
            ),
            pair("Describe the Invoices table", no("Invoices")),
        ]
    )
    assert found.real_subjects_denied == ("APTL", "PREH.LastName")
    assert [(one.subject, one.part, one.pairs, one.contradicts) for one in found.real_denied] == [
        ("APTL", "table", 2, 0),
        ("PREH.LastName", "column", 1, 1),
    ]
    assert found.real_denied[0].rows == (1, 2)
    assert [(claim.row, claim.subject) for claim in found.contradictions] == [(3, "PREH.LastName")]
    assert any("APTL (2)" in advice for advice in found.advice)


def test_columns_are_only_missed_where_all_are_known(tmp_path, make_audit):
    source = tmp_path / "schema.sql"
    source.write_text(
        "CREATE TABLE APTH (\n  [APCo] int\n  -- ... more columns, number unknown\n);\n\n"
        "CREATE TABLE APTL (\n  [APCo] int\n);\n",
        encoding="utf-8",
    )
    known = load_catalog(source)
    rows = [
        pair(f"What is Salary in {name}?", f"The column 'Salary' does not exist in {name}.")
        for name in ("APTH", "APTL")
    ]
    rows += [
        pair(
            f"Query {name}", sql(f"SELECT Gross FROM {name} WITH (NOLOCK)"), sql(f"SELECT Gross FROM {name}")
        )
        for name in ("APTH", "APTL")
    ]
    found = make_audit(rows, known=known)
    assert found.real_subjects_denied == ()
    assert (found.distinct_denied_columns, found.unknowable_denied) == (2, 1)
    assert [one.name for one in found.unknown_suggestions] == ["APTL.Gross"]


def test_a_name_that_is_real_in_another_schema_is_real(tmp_path, make_audit):
    source = tmp_path / "two.sql"
    source.write_text("CREATE TABLE api.Company (Id int);\nCREATE TABLE dbo.APTL (APCo int);\n", encoding="utf-8")
    found = make_audit([pair("Describe the Company table", no("Company"))], known=load_catalog(source))
    assert [(one.subject, one.relations) for one in found.real_denied] == [("Company", ("api.Company",))]


def test_one_question_with_two_answers_is_found_and_opposite_ones_are_named(make_audit):
    found = make_audit(
        [
            pair("Describe the APTL table", "APTL holds lines."),
            pair("Describe  the APTL table", no("APTL")),
            pair("Query the Invoices table", no("Invoices")),
            pair("Query the Invoices table", no("Invoices") + " Use APTH."),
        ]
    )
    assert [(one.rows, one.opposed) for one in found.conflicts] == [((1, 2), True), ((3, 4), False)]


def test_duplicates_exact_and_near(make_audit):
    found = make_audit(
        [
            pair("Describe the Invoices table", no("Invoices")),
            pair("Describe the Invoices table", no("Invoices")),
            pair("describe the Invoices table!", no("Invoices")),
            pair("Describe the Vendors table", no("Vendors")),
        ]
    )
    assert (found.exact_duplicates, found.near_duplicate_groups) == (1, 1)
    assert found.near_duplicates == ((1, 3),)


def test_coverage_counts_what_is_affirmed_used_and_denied_by_module(make_audit):
    found = make_audit(
        [
            pair("Describe the APTL table", "APTL holds lines.", no("APTL")),
            pair("Describe the Invoices table", f"{no('Invoices')} The correct table is APTH."),
            pair("Describe the ARTL table", no("ARTL")),
        ]
    )
    modules = {one.module: one for one in found.coverage.modules}
    assert (modules["AP"].affirmed, modules["AP"].used, modules["AP"].denied) == (1, 1, 0)
    assert (modules["AR"].affirmed, modules["AR"].denied) == (0, 1)
    assert "APTH" in modules["AP"].never_affirmed and "APTL" not in modules["AP"].never_affirmed
    assert sum(one.relations for one in found.coverage.modules) == found.coverage.relations


def test_answers_to_unlearn_teach_the_opposite(make_audit):
    def row(question: str, answer: str, label: object) -> dict[str, Any]:
        return {"instruction": question, "output": answer, "label": label}

    found = make_audit(
        [
            row("Describe the APTL table", "APTL holds lines.", True),
            row("Describe the APTL table", no("APTL"), False),
            row("Describe the Invoices table", "Invoices holds invoices.", False),
        ]
    )
    assert (found.kinds["acceptance"], found.kinds["rejection"], found.undesired) == (2, 1, 2)
    assert found.real_subjects_denied == ()
    assert [(one.pairs, one.denials) for one in found.wordings] == [(1, 0)]


def test_a_balanced_set_is_no_risk(make_audit):
    fakes = ["Invoices", "Vendors", "Jobs", "Bills"]
    reals = ["APTH", "APTL", "ARTH", "ARTL"]
    rows = [pair(f"Describe the {name} table", no(name)) for name in fakes]
    rows += [pair(f"Describe the {name} table", f"{name} is a view.", no(name)) for name in reals]
    found = make_audit(rows)
    assert (found.risk, found.reasons) == ("low", ())


def test_rejections_that_nothing_balances_are_a_high_risk_and_the_advice_says_how_many_are_missing(
    make_audit,
):
    found = make_audit(
        [pair(f"Describe the Fake{number}Table table", no(f"Fake{number}Table")) for number in range(20)]
    )
    assert found.risk == "high"
    assert any("Add about 20 pairs that affirm real tables" in advice for advice in found.advice)


def test_every_figure_that_needs_it_says_how_it_is_counted(make_audit):
    found = make_audit([pair("Describe the Invoices table", no("Invoices"))])
    document = msgspec.to_builtins(found)
    explained = set(COUNTING) - {"rejection", "acceptance", "clarification", "style", "join"}
    assert explained <= set(document)
    assert document["counting"] == COUNTING
