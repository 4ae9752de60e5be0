"""What a question asks about."""

from __future__ import annotations

import pytest

from vgpt_probe.catalog.model import Catalog
from vgpt_probe.grading import find_subjects

QUESTIONS = [
    ("Describe the APTL table structure", ["APTL"]),
    ("What columns are in APTH?", ["APTH"]),
    ("Does the Invoice table exist?", ["Invoice"]),
    ("Show me the customers table", ["customers"]),
    ("Is there a table called 'Invoice'?", ["Invoice"]),
    ("Write SQL to query dbo.APTH", ["APTH"]),
    ("Query [dbo].[APTH] for company 1", ["APTH"]),
    ("Join APTH with APVM", ["APTH", "APVM"]),
    ("Join vendor with purchaseorder", ["vendor", "purchaseorder"]),
    ("SELECT * FROM Invoice", ["Invoice"]),
    ("Select from Invoices where company = 1", ["Invoices"]),
    ("Get VendorInvoice data", ["VendorInvoice"]),
    ("How is tbl_Customers structured?", ["tbl_Customers"]),
    ("What fields does ARCM have?", ["ARCM"]),
    ("What's in the Contract table?", ["Contract"]),
    ("Select APCo, Mth from APTH", ["APTH"]),
    ("Does APTL.Vendor exist?", ["APTL", "APTL.Vendor"]),
    ("Is there a Vendor column in APTL?", ["APTL", "APTL.Vendor"]),
    ("What is Salary in PREH?", ["PREH", "PREH.Salary"]),
    ("Gibt es die Tabelle Rechnung?", ["Rechnung"]),
    ("¿Existe la tabla Facturas?", ["Facturas"]),
    ("What is the schema for PaymentHistory?", ["PaymentHistory"]),
    ("How do I query the `Orders` view?", ["Orders"]),
    ("Write a T-SQL query with NOLOCK in Viewpoint Vista", []),
    ("Do Receipts, APTL and JCJM all exist in Vista?", ["Receipts", "APTL", "JCJM"]),
    ("Is Bids a table?", ["Bids"]),
    ("Who uses Permits?", ["Permits"]),
    ("Count rows in Permits", ["Permits"]),
    ("Describe the AP Vendor Master", []),
    ("What does AP stand for?", []),
    ("Query PREH for LastName", ["PREH", "PREH.LastName"]),
    ("Which Vista table stores vendors?", []),
    ("Welche Spalten hat Lieferanten?", ["Lieferanten"]),
    ("Write a query for Mth, BatchSeq and OldNew of ARCM", ["ARCM"]),
    ("Show APTH and APTL in Vista", ["APTH", "APTL"]),
    ("Does APTL have a Vendor column?", ["APTL", "APTL.Vendor"]),
    ("How are you?", []),
    ("", []),
]


@pytest.mark.parametrize(("question", "names"), QUESTIONS)
def test_subjects_of_a_question(question: str, names: list[str], catalog: Catalog) -> None:
    found = find_subjects(question, catalog)
    assert sorted(subject.name for subject in found) == sorted(names)
    for subject in found:
        written = question[slice(*subject.span)]
        assert written.strip("[]").endswith(subject.column or subject.name)
        assert subject.name == (f"{subject.table}.{subject.column}" if subject.column else subject.table)


def test_each_subject_has_its_own_reading(catalog: Catalog) -> None:
    from vgpt_probe.grading import read_answer

    question = "How do I join Invoice with APTH?"
    answer = "APTH holds the AP headers. There is no Invoice table."
    found = {
        subject.name: read_answer(question, answer, subject.name, catalog).stance
        for subject in find_subjects(question, catalog)
    }
    assert found == {"Invoice": "denies", "APTH": "affirms"}
