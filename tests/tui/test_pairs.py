"""The pairs screen: what its keys do when they come at an awkward time."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
import pytest
from textual.widgets import Input, Static, TextArea

from tests.tui.conftest import SIZE, drafts, opened, said, until
from vgpt_probe.errors import CatalogError
from vgpt_probe.pairs.pair import Pair
from vgpt_probe.runs import filling
from vgpt_probe.tui.app import ProbeApp
from vgpt_probe.tui.dialogs.editor import PairEditor
from vgpt_probe.tui.dialogs.export import ExportDialog


async def test_a_second_fill_waits_for_the_first_and_drafts_nothing_twice(
    app: ProbeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, gate = filling.find_gaps, threading.Event()
    looked = 0

    def slow(*given: object, **options: object) -> object:
        nonlocal looked
        looked += 1
        assert gate.wait(120)
        return real(*given, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(filling, "find_gaps", slow)
    async with app.run_test(size=SIZE) as pilot:
        drafted = await drafts(app, pilot)
        await pilot.press("F", "F")
        assert "what is missing is being drafted already" in said(app)
        gate.set()
        await until(pilot, lambda: "accepts what is sound" in said(app))
        pairs = app.desk.store.pairs()
        assert looked == 1 and len(pairs) > drafted
        assert len({(pair.prompt, pair.chosen, pair.rejected) for pair in pairs}) == len(pairs)


async def test_after_a_fill_that_failed_another_is_possible(app: ProbeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    real = filling.find_gaps

    def fails(*_given: object, **_options: object) -> object:
        raise CatalogError("its file is gone", where="catalog.sql")

    async with app.run_test(size=SIZE) as pilot:
        drafted = await drafts(app, pilot)
        monkeypatch.setattr(filling, "find_gaps", fails)
        await pilot.press("F")
        await until(pilot, lambda: "its file is gone" in said(app))
        monkeypatch.setattr(filling, "find_gaps", real)
        await pilot.press("F")
        await until(pilot, lambda: len(app.desk.store.pairs()) > drafted)


# ── saving and exporting ──

SOUND = Pair("Is there APTH?", "Yes, APTH exists.", "No, APTH does not exist.", "acceptance", subject="APTH")


async def test_a_pair_that_no_export_would_take_is_saved_as_a_draft_at_most(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        app.edit_pair(SOUND)
        await until(pilot, lambda: isinstance(app.screen, PairEditor))
        area = app.screen.query_one("#chosen", TextArea)
        area.text = "No, APTH does not exist."
        await pilot.press("f2")
        await until(pilot, lambda: "not saved: " in said(app))
        assert isinstance(app.screen, PairEditor) and app.desk.store.pairs() == []
        area.text = "The table APTH does not exist in Viewpoint Vista."
        await pilot.press("f2")
        await until(pilot, lambda: said(app).count("not saved: ") == 2)
        await pilot.press("f2")
        await until(pilot, app.desk.store.pairs)
        assert [(one.status, one.chosen) for one in app.desk.store.pairs()] == [("draft", area.text)]
        app.edit_pair(SOUND)
        await until(pilot, lambda: isinstance(app.screen, PairEditor))
        await pilot.press("f2")
        await until(pilot, lambda: len(app.desk.store.pairs()) == 2)
        assert app.desk.store.pairs()[1].status == "accepted"


async def test_the_export_dialog_counts_what_will_be_written(app: ProbeApp, tmp_path: Path) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        wrong = msgspec.structs.replace(SOUND, prompt="Is there APTL?", subject="APTL", chosen="No, APTL does not exist.")
        kept = app.desk.store.add_pairs([SOUND, wrong, SOUND])
        await pilot.press("4", "e")
        await until(pilot, lambda: isinstance(app.screen, ExportDialog))
        title, aside = app.screen.query_one("#title", Static), app.screen.query_one("#left-out", Static)
        await until(pilot, lambda: str(title.content) == "Export 1 pair")
        assert f"1 pair kept out, such as pair {kept[1].id}: " in str(aside.content)
        app.screen.query_one("#folder", Input).value = str(tmp_path / "out")
        await pilot.press("enter")
        await until(pilot, lambda: "1 pair is written to" in said(app) and "1 kept out" in said(app))


async def test_a_pair_that_no_export_would_take_is_not_accepted(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        app.desk.store.add_pair(msgspec.structs.replace(SOUND, chosen="No, APTH does not exist.", status="draft"))
        await pilot.press("4", "a")
        await until(pilot, lambda: "pair 1 is not accepted: " in said(app))
        assert [one.status for one in app.desk.store.pairs()] == ["draft"]
