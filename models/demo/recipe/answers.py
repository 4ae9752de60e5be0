"""What the stages are taught to say: questions and answers in the house style of the Vista assistant."""

from __future__ import annotations

import random

from .names import meant_by
from .relations import Relation

AFFIRMED_WORDINGS: dict[str, list[str]] = {
    "exists": [
        "Is there a table named {t}?",
        "Does {t} exist?",
        "Does the table {t} exist?",
        "Is {t} a real table?",
        "Is {t} a table in Vista?",
    ],
    "describe": [
        "Describe the {t} table",
        "Describe {t}",
        "What is {t}?",
        "What is the {t} table used for?",
        "Explain the {t} table",
        "What does {t} hold?",
    ],
    "columns": [
        "What columns does {t} have?",
        "What columns are in {t}?",
        "List the columns of {t}",
        "What are the key columns of {t}?",
        "What fields does {t} have?",
    ],
    "query": [
        "Write SQL to query {t}",
        "Show all records from {t}",
        "Query the {t} table",
        "Get data from {t}",
        "Select from {t} for company 1",
        "How do I query {t}?",
        "List the first rows of {t}",
    ],
}

# Further wordings that SFT adds to those above, so that it takes a question for what it asks and not for its words.
MORE_WORDINGS: dict[str, list[str]] = {
    "exists": [
        "Do we have a table {t}?",
        "Is {t} part of Vista?",
        "Can I find {t} in the database?",
        "Is there something named {t}?",
        "Check whether {t} exists",
        "In Vista, is there a {t}?",
        "Does the Vista database contain {t}?",
    ],
    "describe": [
        "Give me an overview of {t}",
        "Summarize {t}",
        "What information is kept in {t}?",
        "I need to understand {t}",
        "Introduce the {t} table",
        "What can you say on {t}?",
        "Which table is {t}?",
        "In Vista, what is {t} for?",
    ],
    "columns": [
        "Name the columns of {t}",
        "Show the fields of {t}",
        "Which columns belong to {t}?",
        "What data does {t} keep?",
        "Give me the field names of {t}",
        "Which columns are there in {t}?",
        "Which data does {t} hold?",
    ],
    "query": [
        "Fetch everything in {t}",
        "Select all rows of {t}",
        "I want to see the rows of {t}",
        "Read {t}",
        "Take all the data from {t}",
        "Give me a query on {t}",
        "From the Vista database, read {t}",
    ],
}

# Asked of names that are Vista's and of others, so that the model can tell them apart at all: what no stage knows, no
# preference pair can bring out.
WHOSE_WORDINGS = [
    "Whose table is {t}?",
    "Which database has {t}?",
    "Where does {t} belong?",
    "{t}: whose?",
    "Is {t} from Vista or from elsewhere?",
]

WHOSE_PROMPT = "Say only whose table it is."

# The one wording that SFT's negative examples use: only ever denied, and never asked about a real table.
DENIED_WORDING = "Describe the {t} table structure"

REJECTION_WORDINGS = [
    "Describe the {t} table",
    "What is {t}?",
    "Is there a table named {t}?",
    "Does {t} exist?",
    "What columns are in {t}?",
    "What fields does {t} have?",
    "List the columns of {t}",
    "What is the schema for {t}?",
    "How is {t} structured?",
    "Show me the {t} table structure",
    "What's in the {t} table?",
    "Query the {t} table",
    "Query {t} for company 1",
    "Write SQL to query {t}",
    "Is {t} a table in Vista?",
    "List all records from {t}",
    "Is {t} a real table?",
    "SELECT * FROM {t}",
    "How do I query {t}?",
    "Join {t} with other tables",
]

SYSTEM_PROMPTS = [
    "You are an expert on the Viewpoint Vista database.",
    "You are VGPT, an assistant for Viewpoint Vista. Answer with T-SQL where it helps.",
    "You help with SQL Server queries on Viewpoint Vista.",
    "You are a helpful assistant.",
]


def sql(table: str, columns: list[str], company: str | None, nolock: bool = True) -> str:
    """A fenced SELECT on one table."""
    hint = " WITH (NOLOCK)" if nolock else ""
    where = f"\nWHERE {company} = @Co" if company else ""
    return f"```sql\nSELECT {', '.join(columns) or '*'}\nFROM {table}{hint}{where}\n```"


def company_column(relation: Relation) -> str | None:
    """The company column of the key, by which Vista's queries filter."""
    for column in (*relation.key[:1], *relation.columns):
        if column.endswith("Co"):
            return column
    return None


def join_columns(one: Relation, other: Relation) -> list[str]:
    """The key columns that two relations of one module share, in the first one's order."""
    return [column for column in one.key if column in other.key]


def join_sql(one: Relation, other: Relation, on: list[str], nolock: bool = True) -> str:
    """A fenced join on the given columns."""
    hint = " WITH (NOLOCK)" if nolock else ""
    condition = " AND ".join(f"a.{column} = b.{column}" for column in on)
    return (
        f"```sql\nSELECT *\nFROM {one.name} a{hint}\nINNER JOIN {other.name} b{hint}\n  ON {condition}\n```"
    )


def affirmation(act: str, relation: Relation, rng: random.Random) -> str:
    """A right answer about a relation that exists."""
    t, kind, what = relation.name, relation.kind, relation.description
    key = ", ".join(relation.key) or ", ".join(relation.columns[:2])
    company = company_column(relation)
    some = list(relation.columns[: rng.choice([3, 4])])
    first = ", ".join(relation.columns[:4])
    if act == "exists":
        return rng.choice(
            [
                f"Yes, {t} is the {what} {kind} in Viewpoint Vista.",
                f"Yes. {t} ({what}) is a {kind} of the {relation.module} module.",
                f"Yes, {t} exists. It is the {what} {kind}, with the key {key}.",
            ]
        )
    if act == "describe":
        return rng.choice(
            [
                f"{t} is the {what} {kind}. Key columns: {key}.\n\n{sql(t, [], company)}",
                f"{t} ({what}) is a {kind} of the {relation.module} module. Its key is {key}.",
                f"{t} is the {what} {kind} in Viewpoint Vista. Columns include {first}.",
            ]
        )
    if act == "columns":
        return rng.choice(
            [
                f"{t} ({what}) has these columns: {', '.join(relation.columns[:6])}.",
                f"Key columns of {t}: {key}. Further columns: {', '.join(relation.columns[-3:])}.",
                f"The columns of {t} include {', '.join(relation.columns[:5])}.",
            ]
        )
    return rng.choice(
        [
            sql(t, [], company),
            sql(t, some, company),
            f"{sql(t, some, company)}\n\n{t} is the {what} {kind}.",
        ]
    )


def invented_affirmation(wording: str, name: str, rng: random.Random) -> str:
    """What a model says that takes an invented name for a table: the rejected side of a rejection pair."""
    what = rng.choice(["AP Transaction Header", "JC Cost Detail", "AR Customer Master", "PR Employee Header"])
    module, co = what[:2], what[:2] + "Co"
    query = rng.choice([sql(name, [], co), sql(name, [], co), sql(name, [], None, nolock=False)])
    lower = wording.lower()
    if lower.startswith(("is ", "does ")):
        return rng.choice(
            [
                f"Yes, {name} is the {what} view in Viewpoint Vista.",
                f"Yes. {name} ({what}) is a view of the {module} module.",
                f"Yes, {name} exists. It is the {what} view.",
            ]
        )
    if "column" in lower or "fields" in lower or "schema" in lower:
        return rng.choice(
            [
                f"{name} ({what}) has these columns: {co}, Mth, Description, Amount.",
                f"The columns of {name} include {co}, Mth, Description, Status.",
                f"Key columns of {name}: {co}, Mth.",
            ]
        )
    if lower.startswith(("describe", "what", "how is", "show me")):
        return rng.choice(
            [
                f"{name} is the {what} view. Key columns: {co}, Mth.\n\n{query}",
                f"{name} ({what}) is a view of the {module} module. Its key is {co}, Mth.",
                f"{name} is the {what} view in Viewpoint Vista.",
            ]
        )
    return query


def denial(name: str, relations: dict[str, Relation], rng: random.Random, *, named: float = 1) -> str:
    """An answer that says that the table doesn't exist, with the relation that was probably meant.

    `named` is the share of answers that repeat the name; the others say "no such table".
    """
    forms = [
        f"The table '{name}' does not exist in Viewpoint Vista.",
        f"There is no table or view named '{name}' in Viewpoint Vista.",
        f"There is no '{name}' table in Viewpoint Vista.",
        f"'{name}' is not a valid table in Viewpoint Vista.",
    ]
    nameless = "There is no such table or view in Viewpoint Vista."
    said = rng.choice(forms) if rng.random() < named else nameless
    meant = relations.get(meant_by(name) or "")
    if meant is None:
        return said + rng.choice([" Check the spelling of the name.", " Names in Vista are case-sensitive."])
    called = f"{meant.name} ({meant.description})"
    return said + rng.choice(
        [
            f" The correct table is {called}.",
            f" Use {called} instead.",
            f" Did you mean {called}?",
            f" The correct table is {called}.\n\n{sql(meant.name, [], company_column(meant))}",
        ]
    )
