"""The case screen: one question, what the catalog knows of its subject, and what each model said."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from vgpt_probe.errors import ProbeError
from vgpt_probe.runs.records import Answer, Case, Review
from vgpt_probe.text import one_line, sql_of
from vgpt_probe.tui.actions import bindings
from vgpt_probe.tui.board import Board
from vgpt_probe.tui.facts import LABEL, facts
from vgpt_probe.tui.widgets.answer import AnswerPanel
from vgpt_probe.tui.widgets.bars import KeyBar, TopBar
from vgpt_probe.tui.widgets.side_by_side import SideBySide
from vgpt_probe.tui.words import VERDICTS, verdict

if TYPE_CHECKING:
    from vgpt_probe.pairs.explain import Explanation
    from vgpt_probe.pairs.pair import Pair
    from vgpt_probe.tui.app import ProbeApp

#: From this height on the catalog's facts are given in full.
HIGH = 32


class CaseScreen(Screen[int]):
    """One case of a board; ``positions`` are the cases that next and previous go through. Dismisses with its place."""

    BINDINGS = bindings("case")

    def __init__(self, board: Board, position: int, positions: list[int]) -> None:
        super().__init__()
        self.board = board
        self.position = position
        self.positions = positions
        self.answers: dict[str, Answer] = {}
        self.chosen = 0

    @property
    def _app(self) -> ProbeApp:
        return cast("ProbeApp", self.app)

    def compose(self) -> ComposeResult:
        yield TopBar("battery")
        with Vertical(id="about"):
            yield Static(id="question", markup=False)
            yield Static(id="path", markup=False)
            yield Static(id="facts", markup=False)
            yield Static(id="wordings", markup=False)
        stages = self.board.stages
        with SideBySide(id="answers", least=28, stacks=True):
            for model in self.board.models:
                yield AnswerPanel(model, stages[model])
        yield KeyBar()

    def on_mount(self) -> None:
        self._app.answers_stored.subscribe(self, self._answers_stored)
        self.go_to(self.position)

    def _answers_stored(self, positions: set[int]) -> None:
        if self.position in positions and self._app.board is self.board:
            self._read()
            self._show()

    def on_screen_resume(self) -> None:
        self._show()

    # ── showing ──

    def go_to(self, position: int) -> None:
        """Show another case; the first model that is wrong there is chosen, else one that is unclear."""
        self.position = position
        self._read()
        known = [(number, self.answers.get(model)) for number, model in enumerate(self.board.models)]
        wrong = [number for number, answer in known if answer is not None and answer.wrong]
        flagged = [number for number, answer in known if answer is not None and answer.flagged]
        self.chosen = (wrong or flagged or [0])[0]
        self._show()

    def _read(self) -> None:
        try:
            found = self._app.desk.store.answers(self.board.run.id, position=self.position)
        except ProbeError as fault:
            self._app.say(str(fault), "error")
            return
        by_model = {answer.model: answer for answer in found}
        # In the order of the models, so that the earliest stage's right answer is drafted as chosen.
        self.answers = {model: by_model[model] for model in self.board.models if model in by_model}

    @property
    def answer(self) -> Answer | None:
        """The chosen model's answer."""
        return self.answers.get(self.board.models[self.chosen])

    def _show(self) -> None:
        if not self.is_mounted:
            return
        probe = self.board.probes[self.position]
        kind = "real" if probe.real else "fake"
        self.query_one("#question", Static).update(
            Content.assemble(
                (one_line(probe.question), "bold"),
                (f"   {one_line(probe.subject)} is {kind} · wording {probe.wording}", "$text-muted"),
            )
        )
        self.query_one("#path", Static).update(self._path())
        self._show_facts()
        self.query_one("#wordings", Static).update(self._wordings())
        for number, panel in enumerate(self.query(AnswerPanel)):
            panel.show(self.answers.get(panel.model), chosen=number == self.chosen)
        self.call_after_refresh(self.query_one(SideBySide).show_chosen)
        self.query_one(TopBar).say(self._place())
        self.refresh_bindings()

    def _place(self) -> str:
        findings = [position for position in self.positions if self.board.flagged(position)]
        run = f"run {self.board.run.id}"
        if self.position in findings:
            return f"finding {findings.index(self.position) + 1:,} of {len(findings):,} · {run}"
        return f"case {self.position + 1:,} of {len(self.board.probes):,} · {run}"

    def _path(self) -> Content:
        from vgpt_probe.runs.summary import lineage, since

        by_stage: dict[str, Answer] = {}
        for model, stage in self.board.stages.items():
            if model in self.answers:
                by_stage.setdefault(stage, self.answers[model])
        parts: list[tuple[str, str]] = []
        for stage in reversed(lineage(self.board.run.snapshot)):
            if stage in by_stage:
                final = by_stage[stage].final
                parts += [(" → ", "$text-muted")] if parts else []
                parts += [(f"{one_line(stage)} ", ""), (verdict(final), VERDICTS[final].tone)]
        if wrong := since(self.board.run, self.answers):
            parts.append((f"   wrong since {one_line(wrong)}", "bold $error"))
        return Content.assemble(*parts)

    def _show_facts(self) -> None:
        panel = self.query_one("#facts", Static)
        desk = self._app.desk
        if desk.catalog_is_open:
            subject = self.board.probes[self.position].subject
            panel.update(
                facts(subject, desk.catalog, width=self.size.width - 2, brief=self.size.height < HIGH)
            )
            return
        panel.update(Content("reading the catalog …"))

        def opens() -> None:
            _ = desk.catalog
            self._app.call_from_thread(self._show)

        self._app.in_background(opens)

    def _wordings(self) -> Content:
        subject = self.board.probes[self.position].subject
        parts: list[tuple[str, str]] = [("wordings".ljust(LABEL), "$text-muted")]
        used = LABEL
        for position, probe in enumerate(self.board.probes):
            if probe.subject != subject:
                continue
            needed = len(probe.wording) + 1 + len(self.board.models)
            if used > LABEL and used + needed > self.size.width - 2:
                parts.append(("\n" + " " * LABEL, ""))
                used = LABEL
            parts.append((f"{probe.wording} ", "bold" if position == self.position else "$text-muted"))
            for model in self.board.models:
                found = self.board.verdict(model, position)
                parts.append((VERDICTS[found].sign, VERDICTS[found].tone) if found else ("·", "$text-muted"))
            parts.append(("  ", ""))
            used += needed + 2
        return Content.assemble(*parts)

    def on_resize(self) -> None:
        self._show()

    # ── moving ──

    def action_case_up(self) -> None:
        self._scroll(-2)

    def action_case_down(self) -> None:
        self._scroll(2)

    def _scroll(self, lines: int) -> None:
        panel = self.query(AnswerPanel)[self.chosen]
        stacked = self.query_one("#answers").has_class("stacked")
        (self.query_one("#answers") if stacked else panel).scroll_relative(y=lines, animate=False)

    def action_case_left(self) -> None:
        self.chosen = (self.chosen - 1) % len(self.board.models)
        self._show()

    def action_case_right(self) -> None:
        self.chosen = (self.chosen + 1) % len(self.board.models)
        self._show()

    def action_case_next(self) -> None:
        self._next([position for position in self.positions if position > self.position], "last")

    def action_case_previous(self) -> None:
        self._next([position for position in reversed(self.positions) if position < self.position], "first")

    def _next(self, candidates: list[int], end: str) -> None:
        found = next((position for position in candidates if self.board.flagged(position)), None)
        if found is None:
            back = self._app.key("case.back")
            self._app.say(f"this is the {end} finding of what is shown; {back} goes back")
        else:
            self.go_to(found)

    def action_case_back(self) -> None:
        self.dismiss(self.position)

    # ── judging ──

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if not self.is_mounted or action not in _ON_ANSWER:
            return True
        answer = self.answer
        if answer is None:
            return None
        if action == "case_undo":
            return answer.review is not None
        if action == "case_dismiss":
            return True if answer.flagged else None
        if action == "case_copy_sql":
            return bool(sql_of(answer.text))
        if action == "case_pair":
            return None if answer.verdict == "error" else True
        return True

    def _review(
        self, review: Review | None, said: str, *, verdict: str | None = None, note: str = ""
    ) -> None:
        answer = self.answer
        if answer is None:
            return
        try:
            reviewed = self._app.desk.store.review(answer, review, verdict=verdict, note=note)
        except ProbeError as fault:
            self._app.say(str(fault), "error")
            return
        self.answers[answer.model] = reviewed
        self._app.reviewed(reviewed)
        self._app.say(f"{answer.model}: {said}")
        self._show()

    def action_case_confirm(self) -> None:
        self._review("confirmed", "verdict confirmed")

    def action_case_dismiss(self) -> None:
        self._review("dismissed", f"finding dismissed; {self._app.key('case.undo')} takes that back")

    def action_case_undo(self) -> None:
        self._review(None, "your word is taken back")

    def action_case_override(self) -> None:
        from vgpt_probe.tui.dialogs.override import Override

        answer = self.answer
        if answer is None:
            return

        def chosen(result: tuple[str, str] | None) -> None:
            if result is not None:
                name, note = result
                self._review(
                    "overridden", f"the verdict is ‘{VERDICTS[name].word}’ now", verdict=name, note=note
                )

        self.app.push_screen(Override(answer), chosen)

    def action_case_note(self) -> None:
        from vgpt_probe.tui.dialogs.ask import Ask

        answer = self.answer
        if answer is None:
            return

        def written(note: str | None) -> None:
            if note is not None:
                self._review(answer.review, "note is kept", verdict=answer.override, note=note)

        self.app.push_screen(Ask(f"Note on {one_line(answer.model)}'s answer", answer.note), written)

    def action_case_why(self) -> None:
        answer, app = self.answer, self._app
        if answer is None:
            return
        probe, stage = self.board.probes[self.position], self.board.stages[answer.model]
        files = app.workspace.training_files(stage)
        if not files:
            app.say(
                f"no training file of {stage} is known; name it as 'training' under [[stages]]", "warning"
            )
            return
        app.say("reading the training files …")

        def explains() -> None:
            from vgpt_probe.pairs.explain import explain

            sets = app.desk.training(files)
            desk = app.desk
            found = explain(
                probe.question, probe.subject, answer.text, sets, desk.catalog, phrases=desk.grader.phrases
            )
            app.call_from_thread(shows, found)

        def shows(found: Explanation) -> None:
            from vgpt_probe.tui.dialogs.why import Why

            app.clear_notifications()
            app.push_screen(Why(answer.model, found))

        app.in_background(explains)

    def action_case_copy(self) -> None:
        if self.answer is not None:
            self._app.copy(self.answer.text, f"{self.answer.model}'s answer")

    def action_case_copy_sql(self) -> None:
        if self.answer is not None:
            self._app.copy_sql(self.answer.text, self.answer.model)

    def action_case_pair(self) -> None:
        answer = self.answer
        if answer is None:
            return
        if not answer.flagged:
            self._app.say(
                "this answer is no finding; ← → choose the wrong one, or save the pair all the same"
            )
        case = Case(self.position, self.board.probes[self.position], dict(self.answers))
        settings = {model.name: model.settings for model in self.board.run.snapshot.models}
        system = str(settings[answer.model].get("system_prompt", ""))

        def drafts() -> None:
            from vgpt_probe.pairs.draft import draft_pair

            pair: Pair = draft_pair(
                case, answer.model, self._app.desk.guard, run=self.board.run.id, system=system
            )
            self._app.call_from_thread(self._app.edit_pair, pair)

        self._app.in_background(drafts)

    @on(AnswerPanel.Picked)
    def _picked(self, event: AnswerPanel.Picked) -> None:
        self.chosen = self.board.models.index(event.model)
        self._show()


_ON_ANSWER = {
    f"case_{name}"
    for name in ("pair", "confirm", "dismiss", "override", "undo", "note", "why", "copy", "copy_sql")
}
