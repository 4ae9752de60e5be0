"""The pairs screen: what its keys do when they come at an awkward time."""

from __future__ import annotations

import threading

import pytest

from tests.tui.conftest import SIZE, ran, said, until
from vgpt_probe.errors import CatalogError
from vgpt_probe.runs import filling
from vgpt_probe.tui.app import ProbeApp


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
        await ran(pilot)
        await pilot.press("f", "P", "enter")
        await until(pilot, lambda: "drafted" in said(app))
        drafted = len(app.desk.store.pairs())
        await pilot.press("4")
        await until(pilot, lambda: len(app.screen.pairs) == drafted)
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
        await ran(pilot)
        await pilot.press("f", "P", "enter")
        await until(pilot, lambda: "drafted" in said(app))
        drafted = len(app.desk.store.pairs())
        await pilot.press("4")
        await until(pilot, lambda: len(app.screen.pairs) == drafted)
        monkeypatch.setattr(filling, "find_gaps", fails)
        await pilot.press("F")
        await until(pilot, lambda: "its file is gone" in said(app))
        monkeypatch.setattr(filling, "find_gaps", real)
        await pilot.press("F")
        await until(pilot, lambda: len(app.desk.store.pairs()) > drafted)
