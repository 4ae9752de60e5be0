"""Pairs that two programs change at once: each change is of what it was meant for, and nobody's words are lost."""

from __future__ import annotations

import msgspec
import pytest

from vgpt_probe.catalog import Catalog, Relation
from vgpt_probe.config_tables import BalanceConfig
from vgpt_probe.pairs.guard import Guard
from vgpt_probe.pairs.pair import Pair, Worth
from vgpt_probe.runs import exporting
from vgpt_probe.runs.exporting import export_store
from vgpt_probe.runs.store import Store

GUARD = Guard(Catalog([Relation("APTH"), Relation("APTL")]))


def pair(name: str, chosen: str = "Yes, it exists.") -> Pair:
    return Pair(f"Is there {name}?", chosen, f"No, {name} does not exist.", "acceptance", subject=name)


@pytest.fixture
def here(tmp_path):
    store = Store(tmp_path / "runs.db")
    yield store
    store.close()


@pytest.fixture
def there(here):
    """The store as another program has it open."""
    store = Store(here.path)
    yield store
    store.close()


def edit(store: Store, number: int, **changes: object) -> None:
    """Change a pair as another program does."""
    [found] = [one for one in store.pairs() if one.id == number]
    store.save_edited(found, msgspec.structs.replace(found, **changes))


def export(store: Store, folder):
    return export_store(store, GUARD, BalanceConfig(), format="trl", folder=folder, dataset="set")


def test_an_edit_during_an_export_stays_and_is_not_taken_for_exported(here, there, tmp_path, monkeypatch):
    first, second, third = here.add_pairs([pair("APTH"), pair("APTL"), pair("APTL", "Yes, APTL is there.")])
    writes = exporting.export_pairs

    def slow(*given, **how):
        done = writes(*given, **how)
        edit(there, first.id, chosen="Yes, APTH is a table.")
        there.set_statuses([second], "dismissed")
        return done

    monkeypatch.setattr(exporting, "export_pairs", slow)
    assert len(export(here, tmp_path).pairs) == 3
    found = {one.id: one for one in here.pairs()}
    assert (found[first.id].chosen, found[first.id].status) == ("Yes, APTH is a table.", "accepted")
    assert found[second.id].status == "dismissed"
    assert found[third.id].status == "exported"


def test_an_export_marks_what_it_wrote(here, tmp_path):
    here.add_pairs([pair("APTH"), msgspec.structs.replace(pair("APTL"), status="draft")])
    export(here, tmp_path)
    assert [one.status for one in here.pairs()] == ["exported", "draft"]


def test_a_status_that_is_set_from_an_old_list_leaves_the_text_of_another_program(here, there):
    [old] = here.add_pairs([pair("APTH")])
    edit(there, old.id, chosen="Yes, APTH is a table.")
    here.set_statuses([old], "dismissed")
    [now] = here.pairs()
    assert (now.chosen, now.status) == ("Yes, APTH is a table.", "dismissed")
    here.set_statuses([old])
    assert here.pairs() == [msgspec.structs.replace(now, status="accepted")]


def test_a_pair_that_was_reworded_or_deleted_meanwhile_keeps_both_wordings(here, there):
    old, gone = here.add_pairs([pair("APTH"), pair("APTL")])
    edit(there, old.id, chosen="Yes, APTH is theirs.")
    there.delete_pair(gone.id)
    mine = here.save_edited(old, msgspec.structs.replace(old, chosen="Yes, APTH is mine."))
    again = here.save_edited(gone, msgspec.structs.replace(gone, chosen="Yes, APTL is mine."))
    texts = {one.id: one.chosen for one in here.pairs()}
    assert texts == {old.id: "Yes, APTH is theirs.", mine.id: "Yes, APTH is mine.", again.id: "Yes, APTL is mine."}


def test_what_fails_in_the_middle_changes_nothing(here):
    pairs = here.add_pairs([pair("APTH"), pair("APTL")])

    def fails(now: Pair, given: Pair) -> Pair:
        if given.subject == "APTL":
            raise ValueError("a fault")
        return msgspec.structs.replace(now, worth=Worth("a", "b", 0.1, 1.0))

    with pytest.raises(ValueError, match="a fault"):
        here.change_pairs(pairs, fails)
    assert here.pairs() == pairs


def test_the_number_of_a_pair_that_is_gone_is_never_given_to_another(here, there):
    """Who deletes, edits or accepts a pair by the number that a list showed must not meet another pair."""
    _, last = here.add_pairs([pair("APTH"), pair("APTL")])
    here.delete_pair(last.id)
    assert there.add_pair(pair("APTL")).id == last.id + 1
    there.undo_pairs()
    there.delete_pairs(one.id for one in there.pairs())
    here.close()
    again = Store(here.path)
    assert again.add_pair(pair("APTL")).id == last.id + 2
    again.close()
