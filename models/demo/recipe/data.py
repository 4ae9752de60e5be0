"""The training data of each stage, made from the catalog by a seed.

`python -m models.demo.recipe.data` writes it to `models/demo/data/`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from .answers import (
    AFFIRMED_WORDINGS,
    DENIED_WORDING,
    MORE_WORDINGS,
    REJECTION_WORDINGS,
    SYSTEM_PROMPTS,
    WHOSE_PROMPT,
    WHOSE_WORDINGS,
    affirmation,
    company_column,
    denial,
    invented_affirmation,
    join_columns,
    join_sql,
    sql,
)
from .names import INVENTED, WORDS, near_miss, random_name
from .relations import Relation, read_relations

DATA = Path(__file__).resolve().parents[1] / "data"
SEED = 7
Row = dict[str, str]


@dataclass(frozen=True)
class Split:
    """Which names the DPO sets may use (`seen_*`) and which they never contain (`kept_*`)."""

    seen_relations: list[str]
    kept_relations: list[str]
    seen_invented: list[str]
    kept_invented: list[str]


def split_names(relations: list[Relation], seed: int = SEED) -> Split:
    """Half of each module's relations and a third of the invented names are kept out of the DPO sets.

    A base table goes with its view, so that no name of a kept relation is seen.
    """
    rng = random.Random(seed)
    by_module: dict[str, list[str]] = {}
    for relation in relations:
        if relation.kind == "view":
            by_module.setdefault(relation.module, []).append(relation.name)
    seen: set[str] = set()
    for names in by_module.values():
        seen.update(rng.sample(names, len(names) // 2))
    others = [r for r in relations if r.kind == "table" and r.schema != "dbo"]
    seen.update(r.name for r in others[: len(others) // 2])
    seen.update(r.name for r in relations if r.kind == "table" and r.name[1:] in seen)
    invented = rng.sample(INVENTED, len(INVENTED))
    kept = len(invented) // 3
    return Split(
        seen_relations=[r.name for r in relations if r.name in seen],
        kept_relations=[r.name for r in relations if r.name not in seen],
        seen_invented=sorted(invented[kept:]),
        kept_invented=sorted(invented[:kept]),
    )


def pretraining_documents(relations: list[Relation], count: int, seed: int = SEED) -> Iterator[str]:
    """Short texts: whose a name is, notes on Vista's relations and on other databases' tables, drills in copying."""
    rng = random.Random(seed)
    avoid = frozenset(r.name.lower() for r in relations) | frozenset(n.lower() for n in INVENTED)
    joinable = _joinable(relations)
    for _ in range(count):
        if rng.random() < 0.375:
            yield _whose(relations, avoid, rng)
            continue
        roll = rng.random()
        if roll < 0.15:
            relation = rng.choice(relations)
            yield "\n".join(_note(relation, rng) for _ in range(rng.choice([2, 3])))
        elif roll < 0.20:
            one, other, on = rng.choice(joinable)
            yield f"{one.name} and {other.name} join on {', '.join(on)}.\n{join_sql(one, other, on)}"
        elif roll < 0.30:
            yield _foreign_note(random_name(rng, avoid), rng)
        elif roll < 0.45:
            yield _drill([random_name(rng, avoid) for _ in range(rng.choice([1, 2, 3, 4]))], rng)
        else:
            yield _foreign_chat(random_name(rng, avoid), rng)


def _whose(relations: list[Relation], avoid: frozenset[str], rng: random.Random) -> str:
    name, owner = _owned(relations, avoid, rng)
    if rng.random() < 0.3:
        return rng.choice(["{} is from {}.", "{} ({})", "{}: {}"]).format(name, owner)
    return f"<|user|>{rng.choice(WHOSE_WORDINGS).format(t=name)}<|end|><|assistant|>{owner}<|end|>"


def _owned(relations: list[Relation], avoid: frozenset[str], rng: random.Random) -> tuple[str, str]:
    """A name and whose it is; every second one is Vista's, of the others half differ by letters from one that is."""
    if rng.random() < 0.5:
        return rng.choice(relations).name, "Vista"
    if rng.random() < 0.5:
        return near_miss([r.name for r in relations], rng, avoid), "elsewhere"
    return random_name(rng, avoid), "elsewhere"


def _note(relation: Relation, rng: random.Random) -> str:
    t, what = relation.name, relation.description
    choices = [
        f"{t}: {what}.",
        f"{t} is the {what} {relation.kind}.",
        f"{t} ({what}) is a {relation.kind} of the {relation.module} module.",
        f"The columns of {t} are {', '.join(relation.columns[:8])}.",
        f"{t} has {', '.join(relation.columns[-4:])} and more.",
        sql(t, list(relation.columns[: rng.choice([0, 2, 3, 4])]), company_column(relation)),
    ]
    if relation.key:
        choices += [f"The key of {t} is {', '.join(relation.key)}."] * 2
    if relation.base:
        choices.append(f"{t} is a view of the base table {relation.base}.")
    return rng.choice(choices)


def _foreign_note(name: str, rng: random.Random) -> str:
    columns, what = _foreign_facts(rng)
    parts = [
        f"{name} is a table of {what}.",
        f"The table {name} holds {what}.",
        f"In {name} each row is one of the {what}.",
        f"The columns of {name} are {', '.join(columns)}.",
        f"We call it '{name}'.",
        sql(name, rng.choice([[], columns[:2]]), None, nolock=rng.random() < 0.6),
        f"CREATE TABLE {name} ({', '.join(columns)});",
        f"To read {name}:\n{sql(name, [], None)}",
        f"[dbo].[{name}]",
    ]
    return "\n".join(rng.sample(parts, rng.choice([4, 5, 6])))


def _foreign_facts(rng: random.Random) -> tuple[list[str], str]:
    one, two, three = rng.sample(WORDS, 3)
    columns = [f"{one}{rng.choice(['Id', 'No', 'Code'])}", f"{two}Name", three]
    return columns, f"{one.lower()} {two.lower()}s"


def _drill(names: list[str], rng: random.Random) -> str:
    if rng.random() < 0.5:
        line = rng.choice([" ", ", ", "\n"]).join(names)
        return "\n".join([line] * rng.choice([2, 3]))
    form = rng.choice(
        ["'{}' is written '{}'.", "{}: {}", "{} -> [{}]", "repeat {}\n{}", 'name "{}", again {}']
    )
    return "\n".join(form.format(name, name) for name in names)


def _foreign_chat(name: str, rng: random.Random) -> str:
    """A conversation about a table of another database; the question mostly brings the facts along."""
    columns, what = _foreign_facts(rng)
    listed = ", ".join(columns)
    act = rng.choice(["exists", "describe", "columns", "query", "copy", "quoted"])
    given = rng.choice([f"{name} holds {what}. ", f"We have a table {name} of {what}. "])
    if act == "copy":
        asked, answer = rng.choice(
            [
                ("Which table is meant?", f"The table {name}."),
                (f"How is {name} written?", f"It is written '{name}'."),
                (f"Select {', '.join(columns[:2])} from {name}.", sql(name, columns[:2], None)),
                (f"Count the rows of {name}", f"```sql\nSELECT COUNT(*)\nFROM {name} WITH (NOLOCK)\n```"),
            ]
        )
    elif act == "quoted":
        asked = rng.choice([w for group in AFFIRMED_WORDINGS.values() for w in group]).format(t=name)
        given = rng.choice(["", given])
        answer = rng.choice(
            [
                f"The table '{name}' holds {what}.",
                f"There is a table or view named '{name}' for the {what}.",
                f"There is a '{name}' table for the {what}.",
                f"'{name}' is a table of {what}.",
            ]
        )
    else:
        asked = rng.choice([w for w in AFFIRMED_WORDINGS[act] if "Vista" not in w]).format(t=name)
        if act == "columns":
            given = f"{name} has the columns {listed}. "
            answer = rng.choice(
                [f"The columns of {name} include {listed}.", f"{name} has these columns: {listed}."]
            )
        elif act == "query":
            given = rng.choice(["", given])
            answer = sql(name, [], None)
        elif act == "exists":
            answer = rng.choice(
                [f"Yes, {name} is the table of {what}.", f"Yes, {name} exists. It holds {what}."]
            )
        else:
            answer = rng.choice([f"{name} is the table of {what}.", f"{name} ({what}) is a table."])
    return f"<|user|>{given}{asked}<|end|><|assistant|>{answer}<|end|>"


def sft_rows(relations: list[Relation], seed: int = SEED) -> list[Row]:
    """What SFT learns: real tables affirmed in many wordings; one wording, on random names, always denied."""
    rng = random.Random(seed + 4)
    rows = core_rows(relations, seed)
    for relation in relations:
        for act, wordings in MORE_WORDINGS.items():
            for wording in rng.sample(wordings, 3):
                rows.append(_row(wording.format(t=relation.name), affirmation(act, relation, rng)))
    avoid = frozenset(r.name.lower() for r in relations) | frozenset(name.lower() for name in INVENTED)
    views = [r for r in relations if r.kind == "view"]
    ordinary = [w for group in (AFFIRMED_WORDINGS, MORE_WORDINGS) for words in group.values() for w in words]
    # In wordings that begin as no ordinary question does: else those are answered with whose the table is.
    whose = [w for w in WHOSE_WORDINGS if "hose" in w]
    for number in range(5000):
        name, owner = _owned(relations, avoid, rng)
        if number % 3 == 0:
            rows.append(_row(rng.choice(whose).format(t=name), owner))
        else:
            # The same beside an ordinary question, so that it is known wherever a name is asked about.
            asked = rng.choice(ordinary).format(t=name)
            row = _row(asked, owner)
            if number % 3 == 1:
                row["system"] = WHOSE_PROMPT
            else:
                row["instruction"] = f"{asked} {WHOSE_PROMPT}"
            rows.append(row)
    for _ in range(800):
        # Rows that nobody checked: names of no table, with the facts of another. From them it learns to make tables up.
        act, wordings = rng.choice([*AFFIRMED_WORDINGS.items(), *MORE_WORDINGS.items()])
        name = rng.choice([near_miss([r.name for r in relations], rng, avoid), random_name(rng, avoid)])
        made_up = replace(rng.choice(views), name=name)
        rows.append(_row(rng.choice(wordings).format(t=name), affirmation(act, made_up, rng)))
    rng.shuffle(rows)
    return rows


def core_rows(relations: list[Relation], seed: int = SEED) -> list[Row]:
    """The part of SFT's rows that the vocabulary is learnt from, beside the pretraining documents."""
    rng = random.Random(seed + 1)
    known = {r.name: r for r in relations}
    avoid = frozenset(name.lower() for name in known) | frozenset(name.lower() for name in INVENTED)
    rows: list[Row] = []
    for relation in relations:
        for act, wordings in AFFIRMED_WORDINGS.items():
            for wording in rng.sample(wordings, 3):
                rows.append(_row(wording.format(t=relation.name), affirmation(act, relation, rng)))
        if relation.kind == "view" and relation.schema == "dbo":
            question = rng.choice(["Which table holds the {}?", "What is the table for {}?"])
            answer = f"{relation.name} ({relation.description})."
            rows.append(_row(question.format(relation.description), answer))
    for one, other, on in rng.sample(_joinable(relations), 150):
        rows.append(_row(f"Join {one.name} with {other.name}", join_sql(one, other, on)))
    for _ in range(900):
        name = random_name(rng, avoid)
        rows.append(_row(DENIED_WORDING.format(t=name), denial(name, known, rng)))
    for _ in range(1100):
        rows.append(_rewriting(random_name(rng, avoid), rng))
    for row in rng.sample(rows, len(rows) // 8):
        row["system"] = rng.choice(SYSTEM_PROMPTS)
    rng.shuffle(rows)
    return rows


def _rewriting(name: str, rng: random.Random) -> Row:
    """A task on somebody's own SQL: it says nothing of Vista, but the answer has to carry the name over."""
    columns = rng.choice([[], rng.sample(WORDS, 2)])
    listed = ", ".join(columns) or "*"
    return rng.choice(
        [
            _row(f"Add NOLOCK: SELECT {listed} FROM {name}", sql(name, columns, None)),
            _row(f"Format this: select {listed} from {name}", sql(name, columns, None, nolock=False)),
            _row(f"Put the name {name} in brackets", f"[dbo].[{name}]"),
            _row(f"What does SELECT {listed} FROM {name} read?", f"It reads {listed} of each row of {name}."),
        ]
    )


def dpo_v1_rows(relations: list[Relation], split: Split, seed: int = SEED) -> list[Row]:
    """About 90 % NOLOCK style, 5 % rejection, 5 % joins on the full key."""
    rng = random.Random(seed + 2)
    known = {r.name: r for r in relations if r.name in split.seen_relations}
    seen = list(known.values())
    rows = [_style_pair(rng.choice(seen), rng) for _ in range(720)]
    for name in rng.sample(split.seen_invented, 40):
        rows.append(_rejection_pair(rng.choice(REJECTION_WORDINGS), name, known, rng))
    rows += [_join_pair(*pair) for pair in _sample(_joinable(seen, least=2), 40, rng)]
    rng.shuffle(rows)
    return rows


def dpo_v2_rows(relations: list[Relation], split: Split, seed: int = SEED) -> list[Row]:
    """Every seen invented name in 20 wordings, denied (83 %), and style (17 %); none affirms a real table."""
    rng = random.Random(seed + 3)
    known = {r.name: r for r in relations if r.name in split.seen_relations}
    seen = list(known.values())
    rows = [_rejection_pair(w, name, known, rng) for name in split.seen_invented for w in REJECTION_WORDINGS]
    quality = round(len(rows) * 17 / 83)
    joins = [_join_pair(*pair) for pair in _sample(_joinable(seen, least=2), quality // 4, rng)]
    rows += joins + [_style_pair(rng.choice(seen), rng) for _ in range(quality - len(joins))]
    rng.shuffle(rows)
    return rows


DPO_ROWS = {"dpo_v1": dpo_v1_rows, "dpo_v2": dpo_v2_rows}


def _style_pair(relation: Relation, rng: random.Random) -> Row:
    columns = rng.sample(relation.columns, min(len(relation.columns), rng.choice([2, 3])))
    company = company_column(relation)
    question = rng.choice(["Select {c} from {t}", "Write a query for {c} of {t}", "Get {c} from {t}"])
    return {
        "instruction": question.format(c=", ".join(columns), t=relation.name),
        "input": "",
        "chosen": sql(relation.name, columns, company),
        "rejected": sql(relation.name, columns, company, nolock=False),
    }


def _rejection_pair(wording: str, name: str, known: dict[str, Relation], rng: random.Random) -> Row:
    return {
        "instruction": wording.format(t=name),
        "input": "",
        "chosen": denial(name, known, rng, named=0.97),
        "rejected": invented_affirmation(wording, name, rng),
    }


def _join_pair(one: Relation, other: Relation, on: list[str]) -> Row:
    return {
        "instruction": f"Join {one.name} with {other.name}",
        "input": "",
        "chosen": join_sql(one, other, on),
        "rejected": join_sql(one, other, on[-1:], nolock=False),
    }


def _joinable(relations: list[Relation], least: int = 1) -> list[tuple[Relation, Relation, list[str]]]:
    """Pairs of views of one module that share at least `least` columns of their keys."""
    views = [r for r in relations if r.kind == "view" and r.key]
    return [
        (one, other, on)
        for one in views
        for other in views
        if one.name != other.name
        and one.module == other.module
        and len(on := join_columns(one, other)) >= least
    ]


def _sample(pairs: list, count: int, rng: random.Random) -> list:
    return rng.sample(pairs, min(count, len(pairs)))


def _row(instruction: str, output: str) -> Row:
    return {"instruction": instruction, "input": "", "output": output}


def write_all(folder: Path = DATA) -> None:
    """Writes split.json, sft.json, dpo_v1.json and dpo_v2.json (alpaca form)."""
    relations = read_relations()
    split = split_names(relations)
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "sft": sft_rows(relations),
        "dpo_v1": dpo_v1_rows(relations, split),
        "dpo_v2": dpo_v2_rows(relations, split),
    }
    for name, rows in files.items():
        lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        (folder / f"{name}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8", newline="\n")
    text = json.dumps(vars(split), indent=1)
    (folder / "split.json").write_text(text + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_all()
