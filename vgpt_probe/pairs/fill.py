"""Filling the gaps of a set of pairs from the catalog: real and invented subjects in the same wordings, and style."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from vgpt_probe.catalog import Catalog, Relation
from vgpt_probe.config_tables import BalanceConfig
from vgpt_probe.errors import BatteryError
from vgpt_probe.files import read_toml
from vgpt_probe.pairs.answers import ALTERNATIVES, join, query, shared_key
from vgpt_probe.pairs.balance import Balance
from vgpt_probe.pairs.draft import draft_cell
from vgpt_probe.pairs.guard import Guard
from vgpt_probe.pairs.invented import invented_names
from vgpt_probe.pairs.pair import Pair, Source
from vgpt_probe.pairs.voice import Voice
from vgpt_probe.pairs.wording import act_of, key_of
from vgpt_probe.probes import Probe, make_probe
from vgpt_probe.probes.battery import Wording

#: Stands for any subject when a wording is held against the held-out ones.
_ANY = "XXQX"
#: Of the style pairs, so many are joins.
_JOINS = 0.25
_STYLE_WORDINGS = (
    "Select {columns} from {subject}",
    "Get {columns} from {subject}",
    "Write a query for {columns} of {subject}",
    "Write SQL that reads {columns} of {subject}",
    "Show {columns} of {subject}",
)
_JOIN_WORDINGS = (
    "Join {subject} with {other}",
    "Join {subject} and {other}",
    "How do I join {subject} with {other}?",
)


class Plan(msgspec.Struct, frozen=True):
    """How many pairs are missing: by wording (its text), those that affirm and those that deny; and those of style."""

    affirm: dict[str, int]
    deny: dict[str, int]
    style: int = 0

    @property
    def pairs(self) -> int:
        return sum(self.affirm.values()) + sum(self.deny.values()) + self.style


def usable_wordings(own: Iterable[Wording], guard: Guard) -> list[Wording]:
    """A workspace's own wordings and then the shipped ones: each text once, none that is held out."""
    data, _ = read_toml(Path(__file__).with_name("wordings.toml"), BatteryError)
    shipped = msgspec.convert(data["wordings"], list[Wording])
    found: dict[str, Wording] = {}
    for wording in (*own, *shipped):
        wording = msgspec.structs.replace(wording, text=wording.text.replace("{title}", guard.catalog.title))
        asked = wording.text.replace("{subject}", _ANY)
        if guard.heldout is None or guard.heldout.why(asked, subject=_ANY) is None:
            found.setdefault(key_of(wording.text), wording)
    return list(found.values())


def make_plan(
    balance: Balance,
    target: BalanceConfig,
    wordings: Sequence[Wording],
    *,
    total: int | None = None,
    weights: Mapping[str, float] | None = None,
) -> Plan:
    """Plan what to add so that each wording and the whole come to the middle of their bands.

    ``total``: how many pairs there shall be in the end, spread over ``wordings``; without it only what is there is
    evened out. ``weights``: how much of the spread a wording gets, by its text (1 where nothing is said).
    """
    deny, affirm, style = (sum(band) / 2 for band in (target.rejection, target.acceptance, target.style))
    if not deny + affirm:
        return Plan({}, {})
    style_share = style / (deny + affirm + style)
    deny_share = deny / (deny + affirm)
    if total:
        # With few pairs to spread, both sides in some wordings, rather than a rounded nothing in each.
        most = max(1, int(total * (1 - style_share)) // 2)
        if most < len(wordings):
            wordings = [wordings[number * len(wordings) // most] for number in range(most)]
    told = {key_of(text): weight for text, weight in (weights or {}).items()}
    parts = sum(told.get(key_of(wording.text), 1.0) for wording in wordings)
    each = (total or 0) * (1 - style_share) / max(1.0, parts)
    known = {key_of(wording.text): wording for wording in balance.wordings}
    texts = {key_of(wording.text): wording.text for wording in wordings}
    spread = set(texts)
    more_affirm, more_deny = {}, {}
    for key, text in (texts | {key: one.text for key, one in known.items() if key not in texts}).items():
        if "{subject}" not in text:
            continue
        have_deny = known[key].denials if key in known else 0
        have_affirm = known[key].affirmations if key in known else 0
        whole = each * told.get(key, 1.0) if key in spread else 0.0
        # So many that what is there already makes no more than its share.
        if deny_share:
            whole = max(whole, have_deny / deny_share)
        if deny_share < 1:
            whole = max(whole, have_affirm / (1 - deny_share))
        more_deny[text] = max(0, round(whole * deny_share) - have_deny) if deny_share else 0
        more_affirm[text] = max(0, round(whole * (1 - deny_share)) - have_affirm)
    existence = balance.denials + balance.affirmations + sum(more_deny.values()) + sum(more_affirm.values())
    wanted = round(existence * style_share / (1 - style_share))
    return Plan(more_affirm, more_deny, max(0, wanted - balance.style))


def draw_cells(
    plan: Plan, wordings: Sequence[Wording], guard: Guard, *, seed: int, known: Iterable[Pair] = (), module: int = 1
) -> list[Probe]:
    """Draw the questions of a plan: the real relations that were affirmed least first, a new invented name each time.

    Before them come modules with fewer than ``module`` affirmations, up to that number.
    The same plan, catalog and seed give the same questions; none that ``known`` pairs ask already.
    """
    rng = random.Random(f"cells {seed}")
    catalog = guard.catalog
    known = list(known)
    asked = {pair.prompt for pair in known}
    acts = {key_of(wording.text): wording for wording in wordings}
    counts = Counter(pair.subject for pair in known if pair.kind == "acceptance")
    real = [relation.name for relation in catalog.relations if not guard.avoids(relation.name)]
    first = _of_bare_modules(catalog, real, counts, module, rng)
    taken = {pair.subject.casefold() for pair in known}
    names = invented_names(
        catalog, seed=seed, avoid=lambda name: name.casefold() in taken or guard.avoids(name)
    )
    cells: list[Probe] = []
    for text in plan.affirm:
        wording = acts.get(key_of(text)) or Wording(id="own", text=text, act=act_of(text))
        for name in _least(real, first, counts, plan.affirm[text], wording, asked, rng):
            cells.append(_cell(wording, name, catalog))
        for _, name in zip(range(plan.deny[text]), names, strict=False):
            cells.append(_cell(wording, name, catalog))
    rng.shuffle(cells)
    return cells


def _of_bare_modules(
    catalog: Catalog, real: list[str], counts: Counter[str], needed: int, rng: random.Random
) -> set[str]:
    """Draw relations whose affirmation would give each module the affirmations that it needs."""
    have: Counter[str] = Counter()
    for name, count in counts.items():
        if relation := catalog.get(name):
            have[relation.module] += count
    drawn = set()
    for name in sorted(real, key=lambda name: (counts[name], rng.random())):
        relation = catalog.get(name)
        if relation and have[relation.module] < needed:
            have[relation.module] += 1
            drawn.add(name)
    return drawn


def _least(
    real: list[str],
    first: set[str],
    counts: Counter[str],
    wanted: int,
    wording: Wording,
    asked: set[str],
    rng: random.Random,
) -> Iterator[str]:
    """Yield ``first``, then the relations that were affirmed least, that this wording does not ask about yet.

    Among equals it goes by lot. What is yielded leaves ``first``.
    """
    for name in sorted(real, key=lambda name: (name not in first, counts[name], rng.random())):
        if wanted <= 0:
            return
        question = wording.text.replace("{subject}", name)
        if question not in asked:
            asked.add(question)
            counts[name] += 1
            first.discard(name)
            wanted -= 1
            yield name


def _cell(wording: Wording, subject: str, catalog: Catalog) -> Probe:
    question = wording.text.replace("{subject}", subject)
    return make_probe(question, subject, catalog, wording=wording.id, act=wording.act)


def vary(
    subject: str, wordings: Sequence[Wording], guard: Guard, *, count: int, seed: int, own: str = ""
) -> list[Probe]:
    """The questions that make a finding about ``subject`` a lesson: further wordings, and a counter-example in each.

    ``own`` is the wording (its text) of the finding: it gets a counter-example only. The counter-examples of a real
    subject are near misses that do not exist, those of an invented one real relations that come close.
    """
    rng = random.Random(f"vary {seed} {subject}")
    catalog = guard.catalog
    others = [wording for wording in wordings if wording.text != own]
    chosen = rng.sample(others, min(count, len(others)))
    cells = [_cell(wording, subject, catalog) for wording in chosen]
    first = [wording for wording in wordings if wording.text == own]
    relation = catalog.get(subject)
    if relation is not None:
        near: Iterator[str] = invented_names(catalog, seed=seed, avoid=guard.avoids, near=relation)
    else:
        close = [one.name for one in catalog.near(subject, limit=40, cutoff=0) if not guard.avoids(one.name)]
        near = iter(close)
    return cells + [
        _cell(wording, name, catalog) for wording, name in zip([*first, *chosen], near, strict=False)
    ]


def draft_cells(
    cells: Sequence[Probe],
    voice: Voice,
    guard: Guard,
    *,
    seed: int,
    system: str = "",
    alternatives: int = ALTERNATIVES,
) -> tuple[list[Pair], list[Probe]]:
    """Draft a pair for each question; return the pairs, and the questions for which no draft passed.

    ``alternatives``: how many real relations a denial names at most.
    """
    rng = random.Random(f"drafts {seed}")
    pairs, left_out = [], []
    for cell in cells:
        pair = draft_cell(cell, voice, guard, rng, system=system, alternatives=alternatives)
        if pair is None:
            left_out.append(cell)
        else:
            pairs.append(pair)
    return pairs, left_out


def draw_style(
    count: int, guard: Guard, *, seed: int, system: str = "", known: Iterable[Pair] = ()
) -> list[Pair]:
    """Draw pairs that teach the house style: the same SQL with and without a lock hint, on a whole key and on a part.

    Where the dialect has no lock hint only joins are drawn. Fewer than ``count`` when the catalog has no more.
    """
    rng = random.Random(f"style {seed}")
    catalog = guard.catalog
    real = [relation for relation in catalog.relations if not guard.avoids(relation.name)]
    taken = {pair.prompt for pair in known}
    joins = list(_joins(real, guard))
    rng.shuffle(joins)
    found: list[Pair] = []
    wanted = round(count * _JOINS) if catalog.dialect == "tsql" else count
    for one, other in joins:
        if len(found) == wanted:
            break
        pair = _join_pair(one, other, catalog, rng, system)
        if pair.prompt not in taken and not guard.refusals(pair):
            found.append(pair)
            taken.add(pair.prompt)
    dry = 0
    while catalog.dialect == "tsql" and len(found) < count and dry < 1000 and real:
        pair = _lock_pair(rng.choice(real), catalog, rng, system)
        if pair.prompt in taken or guard.refusals(pair):
            dry += 1
            continue
        dry = 0
        taken.add(pair.prompt)
        found.append(pair)
    return found


def _joins(real: list[Relation], guard: Guard) -> Iterator[tuple[Relation, Relation]]:
    for one in real:
        if one.name[:1].islower() or len(one.key) < 2:
            continue
        for other in guard.catalog.modules[one.module]:
            if other.name == one.name or other.name[:1].islower() or guard.avoids(other.name):
                continue
            shared = shared_key(one, other)
            # A whole key, and enough of it that a part can be left out.
            if len(shared) >= 2 and len(shared) in (len(one.key), len(other.key)):
                yield one, other


def _join_pair(one: Relation, other: Relation, catalog: Catalog, rng: random.Random, system: str) -> Pair:
    wording = rng.choice(_JOIN_WORDINGS)
    return Pair(
        prompt=wording.replace("{subject}", one.name).replace("{other}", other.name),
        chosen=join(one, other, catalog),
        rejected=join(one, other, catalog, on=shared_key(one, other)[-1:], nolock=rng.random() < 0.5),
        kind="join",
        subject=one.name,
        wording="join",
        system=system,
        source=Source(chosen="catalog", rejected="catalog"),
    )


def _lock_pair(relation: Relation, catalog: Catalog, rng: random.Random, system: str) -> Pair:
    names = [column.name for column in relation.columns]
    columns = rng.sample(names, min(len(names), rng.choice((2, 3)))) or ["*"]
    wording = rng.choice(_STYLE_WORDINGS)
    return Pair(
        prompt=wording.replace("{columns}", ", ".join(columns)).replace("{subject}", relation.name),
        chosen=query(relation, catalog, columns=columns),
        rejected=query(relation, catalog, columns=columns, nolock=False),
        kind="style",
        subject=relation.name,
        wording="style",
        system=system,
        source=Source(chosen="catalog", rejected="catalog"),
    )
