"""No sequence of operations exports what is held out: not by saving, importing, editing, filling, nor by spelling."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.conftest import ROOT
from tests.pairs.sets import drawn
from vgpt_probe.catalog import load_catalog
from vgpt_probe.config_tables import BalanceConfig
from vgpt_probe.errors import UsageError
from vgpt_probe.pairs.formats import FORMATS
from vgpt_probe.pairs.guard import Guard
from vgpt_probe.pairs.importing import read_pairs
from vgpt_probe.pairs.pair import Pair
from vgpt_probe.probes import load_battery, load_heldout
from vgpt_probe.runs.exporting import export_store
from vgpt_probe.runs.store import Store

CATALOG = load_catalog(ROOT / "probes" / "vista_demo.sql", title="Viewpoint Vista")
GUARD = Guard(CATALOG, load_heldout(ROOT / "probes", CATALOG))
PROBES = load_battery(ROOT / "probes", "heldout", CATALOG).probes
HELD = sorted({probe.subject for probe in PROBES})
WORDINGS = (
    "Is there a table named {}?",
    "Describe the {} table",
    "SELECT * FROM {}",
    "What is {}?",
    "List {}",
)
HELD_WORDINGS = (
    "Does Vista have a table called {}?",
    "tell me about the {} table",
    "Which fields does {} store",
    "Pull everything out of {}!",
)
FREE = sorted(relation.name for relation in CATALOG.relations if not GUARD.avoids(relation.name))

#: The ways to write a name that still name it.
SPELLINGS = (
    str,
    str.lower,
    str.upper,
    str.swapcase,
    "[{}]".format,
    "dbo.{}".format,
    "[dbo].[{}]".format,
    '"{}"'.format,
    "`{}`".format,
    lambda name: f"DBO.{name.lower()}",
    lambda name: name if name.endswith("s") else f"{name}s",
    lambda name: "_".join((name[:2], name[2:])),
)


def fold(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", text.casefold().replace("_", ""))


#: What gives a held-out subject away in an exported file, found without the program's own reading of names.
GIVEAWAYS = [
    re.compile(rf"\b{fold(name).strip()}s?\b") for name in HELD if not re.fullmatch("[A-Z][a-z]+", name)
]
#: INCo is a column of many relations, INCO one that is held out: written as the column, it gives nothing away.
COLUMNS = re.compile(
    "|".join(
        rf"\b{name}\b" for name in sorted(CATALOG.column_names - set(HELD)) if name.upper() in map(str.upper, HELD)
    )
)
SKELETONS = [
    fold(wording.replace("{}", "@")).split()
    for wording in ("Does Vista have a table called {}", "Pull everything out of {}")
]


@cache
def pool() -> list[Pair]:
    return drawn(GUARD, 40)


def pair_about(name: str, asked: str, wording: str) -> Pair:
    prompt = wording.format(asked)
    if name in CATALOG:
        return Pair(prompt, f"{name} is a view.", f"There is no {name}.", "acceptance", subject=name)
    return Pair(prompt, f"There is no table named '{name}'.", f"{name} is a view.", "rejection", subject=name)


class Operations(RuleBasedStateMachine):
    """A store whose user tries everything; after each step an export is looked through, in another format each time."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="held_out_"))
        self.store = Store(self.folder / "store.db")
        self.store.add_pair(pair_about("APTL", "APTL", "What is {}?"))
        self.files = self.steps = 0

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @rule(
        name=st.sampled_from(HELD),
        spell=st.sampled_from(SPELLINGS),
        wording=st.sampled_from(WORDINGS),
        told=st.booleans(),
    )
    def save_by_hand(self, name, spell, wording, told):
        pair = pair_about(name, spell(name), wording)
        self.store.add_pair(pair if told else msgspec.structs.replace(pair, subject=""))

    @rule(
        name=st.sampled_from(FREE), wording=st.sampled_from(HELD_WORDINGS), spell=st.sampled_from(SPELLINGS)
    )
    def save_in_a_held_out_wording(self, name, wording, spell):
        self.store.add_pair(pair_about(name, spell(name), wording))

    @rule(
        name=st.sampled_from(HELD),
        free=st.sampled_from(FREE),
        side=st.sampled_from(("chosen", "rejected", "system")),
    )
    def name_it_in_an_answer(self, name, free, side):
        pair = pair_about(free, free, WORDINGS[0])
        text = f"{getattr(pair, side)} See the table '{name}'."
        self.store.add_pair(msgspec.structs.replace(pair, **{side: text}))

    @rule(name=st.sampled_from(HELD), free=st.sampled_from(FREE), spell=st.sampled_from(SPELLINGS))
    def ask_it_earlier_in_the_conversation(self, name, free, spell):
        pair = pair_about(free, free, WORDINGS[0])
        talk = (("user", f"What is the {spell(name)} table?"), ("assistant", "I do not know."))
        self.store.add_pair(msgspec.structs.replace(pair, history=talk))

    @rule(
        name=st.sampled_from(HELD),
        spell=st.sampled_from(SPELLINGS),
        format=st.sampled_from(("alpaca", "trl")),
    )
    def import_it(self, name, spell, format):
        pair = pair_about(name, spell(name), WORDINGS[0])
        good = pair_about("APTH", "APTH", WORDINGS[self.files % 3])
        keys = (
            ("instruction", "chosen", "rejected") if format == "alpaca" else ("prompt", "chosen", "rejected")
        )
        rows = [dict(zip(keys, (one.prompt, one.chosen, one.rejected), strict=True)) for one in (pair, good)]
        self.files += 1
        path = self.folder / f"theirs_{self.files}.json"
        path.write_text(json.dumps(rows), encoding="utf-8")
        known = {one.key for one in self.store.pairs()}
        self.store.add_pairs(read_pairs(path, GUARD, known=known).pairs)

    @precondition(lambda self: self.store.pairs())
    @rule(name=st.sampled_from(HELD), spell=st.sampled_from(SPELLINGS), data=st.data())
    def edit_it_in(self, name, spell, data):
        pair = data.draw(st.sampled_from(self.store.pairs()))
        edited = pair_about(name, spell(name), data.draw(st.sampled_from(WORDINGS)))
        self.store.save_edited(
            pair, msgspec.structs.replace(edited, id=pair.id, subject=pair.subject, status="accepted")
        )

    @rule(seed=st.integers(0, 5))
    def fill(self, seed):
        self.store.add_pairs(pool()[4 * seed : 4 * seed + 4])

    @rule()
    def undo(self):
        self.store.undo_pairs()

    @invariant()
    def nothing_held_out_is_exported(self):
        self.steps += 1
        format = FORMATS[self.steps % len(FORMATS)]
        try:
            done = export_store(
                self.store, GUARD, BalanceConfig(), format=format, folder=self.folder / "out", dataset="d"
            )
        except UsageError as fault:
            assert "there is no pair to export" in str(fault)
            return
        for path in done.files:
            look_through(path)


def look_through(path: Path) -> None:
    for row in json.loads(path.read_text(encoding="utf-8")):
        texts = list(strings(row))
        for text in texts:
            folded = fold(re.sub(COLUMNS, " ", text))
            for giveaway in GIVEAWAYS:
                assert not giveaway.search(folded), (giveaway.pattern, text)
            words = folded.split()
            for before in SKELETONS:
                assert words[: len(before)] != before, text


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


TestOperations = Operations.TestCase
TestOperations.settings = settings(max_examples=8, stateful_step_count=10, deadline=None)


def test_every_probe_of_the_held_out_battery_is_refused():
    for probe in PROBES:
        pair = pair_about(probe.subject, probe.subject, "{}")
        assert GUARD.held(msgspec.structs.replace(pair, prompt=probe.question))
