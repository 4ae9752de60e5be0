"""Hand-labelled cases in plain lines, and the small catalog they speak of.

A file is a family. `? text` sets the question of the lines below it, `{S}` in it is the subject; every other line is
`reading subject: answer`, with `\\n` for a line break. Lines that start with `#` are comments.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vgpt_probe.catalog.model import Catalog, Column, Relation

HERE = Path(__file__).parent
STANCES = ("affirms", "denies", "contradicts", "hedges", "silent", "unclear")


@dataclass(frozen=True)
class Case:
    """One labelled answer; `unclear` stands for hedges or silent, where a person could not tell them apart."""

    family: str
    line: int
    stance: str
    subject: str
    question: str
    answer: str
    # Other labels that a careful reader may give.
    also: tuple[str, ...] = ()

    def accepts(self, stance: str) -> bool:
        """Whether the reading is a labelled one."""
        labels = (self.stance, *self.also)
        return stance in labels or ("unclear" in labels and stance in ("hedges", "silent"))


def read_cases(path: Path) -> Iterator[Case]:
    """The cases of one file; ValueError names file and line of a bad one."""
    question = "What is in the {S} table?"
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("? "):
            question = line[2:].strip()
            continue
        head, colon, answer = line.partition(": ")
        stance, _, subject = head.partition(" ")
        if not colon or stance not in STANCES or not subject:
            raise ValueError(f"{path.name}:{number}: expected 'reading subject: answer'")
        asked = question.replace("{S}", subject).replace("\\n", "\n")
        yield Case(path.stem, number, stance, subject, asked, answer.replace("\\n", "\n"))


def all_cases(folder: str = "first") -> list[Case]:
    """Every case of a folder, by family."""
    return [case for path in sorted((HERE / folder).glob("*.txt")) for case in read_cases(path)]


def outside_cases(path: Path) -> list[Case]:
    """The cases of a set: JSON lines (family, question, subject, answer, label, `also` for other labels), or statements.

    Statements are tab-separated lines: label, statement, and the question if it is an answer to a certain one; `{S}` in
    them is the subject, for which a name is put that the line's number gives.
    """
    rows = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    if path.suffix == ".tsv":
        return [_statement(path.stem, number, *line.split("\t")) for number, line in rows]
    out = []
    for number, line in rows:
        row = json.loads(line)
        also = tuple(row.get("also", ()))
        out.append(
            Case(path.stem, number, row["label"], row["subject"], row["question"], row["answer"], also)
        )
    return out


def _statement(family: str, number: int, stance: str, said: str, question: str = "") -> Case:
    if stance not in STANCES:
        raise ValueError(
            f"{family}:{number}: expected one of {', '.join(STANCES)}, then a tab and a statement"
        )
    subject = _NAMES[number % len(_NAMES)]
    if not question:
        question = _QUESTIONS[number % len(_QUESTIONS)]
    asked = question.replace("{S}", subject).replace("\\n", "\n")
    return Case(family, number, stance, subject, asked, said.replace("{S}", subject).replace("\\n", "\n"))


_NAMES = (
    "Invoice", "APTL", "PayrollRun", "tblJobs", "JCJM", "Customers", "VendorMaster", "ARXX", "APInvoiceHeader", "GLAC",
    "po_headers", "Deliveries", "SMWorkOrder",
)  # fmt: skip
_QUESTIONS = (
    "What is in {S}?", "Which columns does the table {S} have?", "Does the table {S} exist?", "Write a query on {S}.",
)  # fmt: skip


_RELATIONS = {
    "APTH": (
        "view",
        "bAPTH",
        "AP Transaction Header",
        "APCo Mth APTrans VendorGroup Vendor APRef InvDate InvTotal",
        "APCo Mth APTrans",
    ),
    "bAPTH": (
        "table",
        None,
        "AP Transaction Header",
        "APCo Mth APTrans VendorGroup Vendor APRef InvDate InvTotal",
        "APCo Mth APTrans",
    ),
    "APTL": (
        "view",
        "bAPTL",
        "AP Transaction Lines",
        "APCo Mth APTrans APLine LineType JCCo Job GrossAmt",
        "APCo Mth APTrans APLine",
    ),
    "bAPTL": (
        "table",
        None,
        "AP Transaction Lines",
        "APCo Mth APTrans APLine LineType JCCo Job GrossAmt",
        "APCo Mth APTrans APLine",
    ),
    "APVM": (
        "view",
        "bAPVM",
        "AP Vendor Master",
        "VendorGroup Vendor SortName Name Address City",
        "VendorGroup Vendor",
    ),
    "ARCM": (
        "view",
        "bARCM",
        "AR Customer Master",
        "CustGroup Customer Name SortName Phone",
        "CustGroup Customer",
    ),
    "JCJM": ("view", "bJCJM", "JC Job Master", "JCCo Job Description Contract JobStatus", "JCCo Job"),
    "JCCM": (
        "view",
        "bJCCM",
        "JC Contract Master",
        "JCCo Contract Description ContractStatus",
        "JCCo Contract",
    ),
    "PREH": (
        "view",
        "bPREH",
        "PR Employee Header",
        "PRCo Employee LastName FirstName HireDate",
        "PRCo Employee",
    ),
    "GLAC": ("view", "bGLAC", "GL Chart of Accounts", "GLCo GLAcct Description AcctType", "GLCo GLAcct"),
    "POHD": ("view", "bPOHD", "PO Header", "POCo PO VendorGroup Vendor Description", "POCo PO"),
    "HQCO": ("view", "bHQCO", "HQ Company", "HQCo Name Address", "HQCo"),
    "EMEM": ("view", "bEMEM", "EM Equipment Master", "EMCo Equipment Description", "EMCo Equipment"),
    "SMWorkOrder": (
        "view",
        "vSMWorkOrder",
        "SM Work Orders",
        "SMCo WorkOrder CustGroup Customer Description",
        "SMCo WorkOrder",
    ),
}


def small_catalog(case_sensitive: bool = True) -> Catalog:
    """The relations the cases speak of."""
    relations = [
        Relation(
            name,
            kind="view" if kind == "view" else "table",
            description=description,
            module=name.lstrip("bv")[:2],
            columns=tuple(Column(column) for column in columns.split()),
            key=tuple(key.split()),
            base=base,
        )
        for name, (kind, base, description, columns, key) in _RELATIONS.items()
    ]
    return Catalog(relations, case_sensitive=case_sensitive)
