"""Columns to ask about: real ones, and what people guess on real tables."""

from __future__ import annotations

import random
import re

import msgspec

from vgpt_probe.catalog import Catalog, Relation
from vgpt_probe.probes.generators import EVERYDAY, plural_of

_GUESSES = (
    "CustomerName", "VendorName", "EmployeeName", "JobName", "ProjectName", "ProductName", "InvoiceDate", "DueDate",
    "OrderDate", "PaymentDate", "CreatedDate", "ModifiedDate", "StartDate", "EndDate", "TotalAmount", "InvoiceAmount",
    "PaymentAmount", "Balance", "InvoiceNumber", "OrderNumber", "CheckNumber", "AccountNumber", "CustomerID",
    "VendorID", "EmployeeID", "JobID", "ProjectID", "IsActive", "IsDeleted", "CreatedBy", "StatusCode", "CurrencyCode",
    "UnitPrice", "Quantity", "Email", "PhoneNumber", "FirstName", "LastName", "CompanyName", "DepartmentName",
)  # fmt: skip
_TAILS = ("Name", "Date", "Amount", "Number", "Code", "ID", "Type", "Status", "Total", "Count")
_LONG = {"Inv": "Invoice", "Cust": "Customer", "Acct": "Account", "Amt": "Amount", "Desc": "Description", "Mth": "Month",
         "Trans": "Transaction", "Qty": "Quantity", "Num": "Number", "Co": "Company", "Emp": "Employee"}  # fmt: skip
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


class AskedColumn(msgspec.Struct, frozen=True):
    """A column of a real relation that is asked about; ``real`` says whether it has it."""

    relation: Relation
    column: str
    real: bool
    reason: str


def draw_columns(catalog: Catalog, *, real: int, fake: int, seed: int) -> list[AskedColumn]:
    """Draw real columns and guesses on the same kind of relations: those all of whose columns are known."""
    rng = random.Random(f"columns {seed}")
    known = [one for one in catalog.relations if one.columns_complete and one.columns]
    known.sort(key=lambda one: (one.name, one.schema))
    if not known:
        return []
    rng.shuffle(known)
    low = sum(1 for one in known if all(column.name == column.name.lower() for column in one.columns))
    snake = low * 2 > len(known)
    drawn: list[AskedColumn] = []
    taken: set[tuple[str, str]] = set()
    for wanted, count in ((True, min(real, sum(len(one.columns) for one in known))), (False, fake)):
        made = tries = fruitless = 0
        # What is asked for may be more than there is.
        while made < count and tries < 50 * count + 200 and fruitless < 20 * len(known) + 200:
            relation = known[tries % len(known)]
            tries += 1
            fruitless += 1
            one = _real(relation, rng) if wanted else _guess(relation, rng, snake)
            place = (relation.qualified, one.column.casefold()) if one else ("", "")
            if one is not None and place not in taken:
                taken.add(place)
                drawn.append(one)
                made += 1
                fruitless = 0
    return drawn


def _real(relation: Relation, rng: random.Random) -> AskedColumn:
    column = rng.choice(relation.columns)
    return AskedColumn(relation, column.name, True, f"a column of {relation.qualified}")


def _guess(relation: Relation, rng: random.Random, snake: bool) -> AskedColumn | None:
    has = {column.name.casefold() for column in relation.columns}
    roll = rng.random()
    if roll < 0.5:
        name, reason = rng.choice(_GUESSES), "what other databases call such a column"
    elif roll < 0.7:
        name, reason = rng.choice(EVERYDAY) + rng.choice(_TAILS), "an everyday word and a usual ending"
    else:
        column = rng.choice(relation.columns).name
        parts = _PARTS.findall(column)
        longer = "".join(_LONG.get(part, part) for part in parts)
        if longer != column and parts:
            name, reason = longer, f"{column} spelt out"
        elif roll < 0.85:
            name, reason = plural_of(column), f"the plural of {column}"
        else:
            name, reason = column + rng.choice(_TAILS), f"{column} with a usual ending"
    if snake:
        name = "_".join(_PARTS.findall(name)).lower() or name
    if name.casefold() in has:
        return None
    return AskedColumn(relation, name, False, f"{reason}; {relation.qualified} has no such column")
