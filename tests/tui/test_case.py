"""The case screen: evidence, reviews, pairs."""

from __future__ import annotations

import json

from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import OptionList, Static, TextArea

from tests.tui.conftest import SIZE, ran, said, until
from tests.tui.fake import FakeEngine
from vgpt_probe.config import Workspace
from vgpt_probe.tui.app import ProbeApp
from vgpt_probe.tui.dialogs.editor import PairEditor
from vgpt_probe.tui.screens.case import CaseScreen
from vgpt_probe.tui.screens.pairs import PairsScreen
from vgpt_probe.tui.widgets.answer import AnswerPanel
from vgpt_probe.tui.widgets.matrix import Matrix


async def case(pilot: Pilot[None]) -> CaseScreen:
    """Run the battery and open the first finding: APTH, which dpo_v2 denies."""
    await ran(pilot)
    await pilot.press("f", "enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, CaseScreen))
    await pilot.pause()
    return pilot.app.screen  # type: ignore[return-value]


def content(screen: CaseScreen, selector: str) -> Content:
    found = screen.query_one(selector, Static).content
    assert isinstance(found, Content)
    return found


def panel(screen: CaseScreen, model: str) -> AnswerPanel:
    return next(one for one in screen.query(AnswerPanel) if one.model == model)


async def test_facts_path_and_evidence(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await case(pilot)
        assert content(screen, "#path").plain == "sft ✓ correct → dpo_v2 ✗ denies real   wrong since dpo_v2"
        facts = content(screen, "#facts").plain
        assert "dbo.APTH" in facts and "bAPTH" in facts and "APCo, Mth, APTrans" in facts
        assert "near misses" in facts
        assert screen.board.models[screen.chosen] == "dpo_v2"
        answer = screen.answers["dpo_v2"]
        start, end = answer.evidence
        text = panel(screen, "dpo_v2").query_one(".text", Static).content
        marked = [text.plain[span.start : span.end] for span in text.spans if "underline" in str(span.style)]
        assert marked == [answer.text[start:end]] and "does not exist" in marked[0]


async def test_an_invented_subject_is_said_to_be_missing(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await ran(pilot)
        await pilot.press("end", "enter")
        await until(pilot, lambda: isinstance(app.screen, CaseScreen))
        assert "There is no ‘Vendor’ in Viewpoint Vista." in content(app.screen, "#facts").plain


async def test_next_and_previous_go_through_the_findings(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await case(pilot)
        probes = screen.board.probes
        assert "finding 1 of 8" in screen.query_one("TopBar").render().plain
        await pilot.press("n")
        assert probes[screen.position].question == "Describe the APTH table"
        await pilot.press("N", "N")
        assert screen.position == 0 and "first finding" in said(app)
        await pilot.press("n", "escape")
        await until(pilot, lambda: not isinstance(app.screen, CaseScreen))
        assert app.screen.query_one(Matrix).position == 1


async def test_confirm_dismiss_and_take_back(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await case(pilot)
        await pilot.press("c")
        reviews = {one.model: one.review for one in app.desk.store.answers(1, position=0)}
        assert reviews == {"sft": None, "dpo_v1": None, "dpo_v2": "confirmed"}
        await pilot.press("x")
        assert app.board.findings == 7 and not app.board.flagged(0)
        await pilot.press("u")
        assert app.board.findings == 8 and screen.answer.review is None
        await pilot.press("x", "escape")
        await until(pilot, lambda: not isinstance(app.screen, CaseScreen))
        assert 0 not in app.screen.query_one(Matrix).rows.positions


async def test_override_with_a_note_counts_in_the_rates(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await case(pilot)
        before = app.board.tallies["dpo_v2"].rate("false_rejection")
        await pilot.press("o")
        await until(pilot, lambda: app.screen.query(OptionList))
        await pilot.press("home", "tab", *"sarcasm", "enter")
        await until(pilot, lambda: app.screen is screen)
        [answer] = [one for one in app.desk.store.answers(1, position=0) if one.model == "dpo_v2"]
        assert (answer.override, answer.note, answer.verdict) == ("correct", "sarcasm", "false_rejection")
        assert app.board.tallies["dpo_v2"].rate("false_rejection") == (before[0] - 1, before[1])
        assert "✎" in panel(screen, "dpo_v2").query_one(".verdict", Static).content.plain


async def test_a_pair_is_drafted_saved_and_exported_with_keys_alone(
    app: ProbeApp, workspace: Workspace
) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await case(pilot)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PairEditor))
        await until(pilot, lambda: "nothing wrong" in str(app.screen.query_one("#problems", Static).content))
        await pilot.press("enter")
        await until(pilot, app.desk.store.pairs)
        [pair] = app.desk.store.pairs()
        assert pair.rejected == "The table 'APTH' does not exist in Viewpoint Vista."
        assert pair.kind == "acceptance" and pair.source.rejected == "dpo_v2" and pair.source.run == 1
        await pilot.press("4")
        await until(pilot, lambda: isinstance(app.screen, PairsScreen))
        await pilot.press("e")
        await until(pilot, lambda: app.screen.query("#folder"))
        await pilot.press("enter")
        path = workspace.export_folder / "vgpt_probe_pairs.json"
        await until(pilot, path.is_file)
        [row] = json.loads(path.read_text(encoding="utf-8"))
        assert (row["instruction"], row["chosen"], row["rejected"]) == (
            pair.prompt,
            pair.chosen,
            pair.rejected,
        )
        info = json.loads((workspace.export_folder / "dataset_info.json").read_text(encoding="utf-8"))
        assert info["vgpt_probe_pairs"]["ranking"] is True


async def test_the_editor_warns_while_typing_and_saves_what_was_typed(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await case(pilot)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PairEditor))
        chosen = app.screen.query_one("#chosen", TextArea)
        chosen.text = "The table 'APTH' does not exist."
        await until(
            pilot, lambda: "chosen denies the real" in str(app.screen.query_one("#problems", Static).content)
        )
        chosen.text = "APTH is the AP Transaction Header view."
        await pilot.press("f2")
        await until(pilot, app.desk.store.pairs)
        [pair] = app.desk.store.pairs()
        assert pair.chosen == "APTH is the AP Transaction Header view." and pair.source.chosen == "edited"


async def test_the_same_pair_is_not_saved_twice(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await case(pilot)
        for _ in range(2):
            await pilot.press("p")
            await until(pilot, lambda: isinstance(app.screen, PairEditor))
            await pilot.press("f2")
            await until(pilot, lambda: isinstance(app.screen, CaseScreen))
        assert len(app.desk.store.pairs()) == 1 and "pair 1 is the same" in said(app)


async def test_escape_codes_of_a_model_reach_the_pair_but_not_the_terminal(workspace: Workspace) -> None:
    evil = "The table 'APTH' does not exist.\x1b]0;owned\x07[red]"

    def engine(*given, **options):  # type: ignore[no-untyped-def]
        return FakeEngine(*given, **options, answer=lambda _model, _question: evil)

    app = ProbeApp(workspace, engine_factory=engine)
    async with app.run_test(size=SIZE) as pilot:
        screen = await case(pilot)
        text = panel(screen, "sft").query_one(".text", Static).content.plain
        assert text == "The table 'APTH' does not exist.␛]0;owned␇[red]"
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PairEditor))
        assert "\x1b" not in app.screen.query_one("#rejected", TextArea).text
        app.screen.query_one("#chosen", TextArea).text = "APTH is a view."
        await pilot.press("f2")
        await until(pilot, app.desk.store.pairs)
        assert app.desk.store.pairs()[0].rejected == evil


async def test_pairs_can_be_edited_deleted_and_brought_back(app: ProbeApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await case(pilot)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PairEditor))
        await pilot.press("f2")
        await until(pilot, app.desk.store.pairs)
        await pilot.press("4")
        await until(pilot, lambda: isinstance(app.screen, PairsScreen))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, PairEditor))
        app.screen.query_one("#rejected", TextArea).text = "No such table."
        await pilot.press("f2")
        await until(pilot, lambda: app.desk.store.pairs()[0].rejected == "No such table.")
        await until(pilot, lambda: isinstance(app.screen, PairsScreen))
        await pilot.press("delete")
        assert app.desk.store.pairs() == []
        await pilot.press("u")
        [pair] = app.desk.store.pairs()
        assert pair.rejected == "No such table."
        await pilot.press("x")
        assert app.desk.store.pairs()[0].status == "dismissed"
        await pilot.press("u")
        assert app.desk.store.pairs()[0].status == "accepted"


async def test_a_fault_of_the_check_is_a_line_and_a_traceback_in_the_log(app: ProbeApp, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    def fail(*_given: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    async with app.run_test(size=SIZE) as pilot:
        await case(pilot)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PairEditor))
        await until(pilot, lambda: "nothing wrong" in str(app.screen.query_one("#problems", Static).content))
        monkeypatch.setattr("vgpt_probe.pairs.guard.Guard.refusals", fail)
        app.screen.query_one("#chosen", TextArea).text = "APTH is a view."
        await until(pilot, lambda: "could not be checked" in str(app.screen.query_one("#problems", Static).content))
        await until(pilot, lambda: "ZeroDivisionError: a fault of ours; the details are in" in said(app))
        assert "Traceback" in (app.workspace.log_folder / "app.log").read_text(encoding="utf-8")
