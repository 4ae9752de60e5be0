"""What the battery screen does with whole runs: begin, pause, resume, show another, compare, report."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.screen import Screen

from vgpt_probe.runs.records import Run
from vgpt_probe.tui.dialogs.picker import Choice, Picker
from vgpt_probe.tui.words import when

if TYPE_CHECKING:
    from vgpt_probe.tui.app import ProbeApp
    from vgpt_probe.tui.desk import Setup


#: Seconds that a line stays about what is still being done (it is taken away then), and one that names a file.
WHILE, TOLD = 3600, 12


class BatteryRuns(Screen[None]):
    """The actions on ``app.board`` as a whole."""

    _setting_up = False
    _reporting = False

    @property
    def _app(self) -> ProbeApp:
        return cast("ProbeApp", self.app)

    def action_battery_run(self) -> None:
        self._app.run_battery()

    def action_battery_setup(self) -> None:
        app = self._app
        if self._setting_up:
            # Else a key pressed twice would bring a second dialog, over the run that the first one began.
            return
        self._setting_up = True
        app.say("reading the batteries …")

        def reads() -> None:
            from vgpt_probe.probes import battery_names

            try:
                # Each is expanded against the catalog: seconds, where that has thousands of tables.
                found = {name: _describe(app, name) for name in battery_names(app.workspace.battery_folder)}
                app.call_from_thread(self._set_up, found)
            finally:
                self._setting_up = False

        app.in_background(reads)

    def _set_up(self, batteries: dict[str, str]) -> None:
        from vgpt_probe.tui.dialogs.setup import SetupDialog

        app = self._app
        app.clear_notifications()
        if not batteries:
            app.say(f"there is no battery in {app.workspace.battery_folder}; put a TOML file there", "warning")
            return
        if not self.is_current:
            return

        def chosen(setup: Setup | None) -> None:
            if setup is not None:
                app.run_battery(setup)

        app.push_screen(SetupDialog(batteries, app.model_names, app.setup), chosen)

    def action_battery_stop(self) -> None:
        self._app.stop_run()

    def action_battery_resume(self) -> None:
        self._app.resume_run()

    def action_battery_reload(self) -> None:
        self._app.reload_models()

    def action_battery_runs(self) -> None:
        app, board = self._app, self._app.board
        runs = app.desk.store.runs()
        if not runs:
            app.say(f"there is no run yet; {app.key('battery.run')} makes one")
            return

        def chosen(choice: Choice[Run] | None) -> None:
            if choice is not None:
                app.show_run(choice.value)

        at = next((run for run in runs if board is not None and run.id == board.run.id), None)
        app.push_screen(
            Picker("Show which run?", [Choice(run, f"{run.id}", run_line(run)) for run in runs], at=at),
            chosen,
        )

    def action_battery_compare(self) -> None:
        app, board = self._app, self._app.board
        assert board is not None
        runs = [run for run in app.desk.store.runs() if run.id != board.run.id and run.answered]
        if not runs:
            app.say("there is no other run to compare with")
            return
        choices: list[Choice[Run | None]] = [Choice(run, f"{run.id}", run_line(run)) for run in runs]
        if app.baseline is not None:
            choices.insert(0, Choice(None, "none", "end the comparison"))

        def chosen(choice: Choice[Run | None] | None) -> None:
            if choice is not None:
                app.compare_with(choice.value)

        app.push_screen(Picker(f"Compare run {board.run.id} with which?", choices), chosen)

    def action_battery_report(self) -> None:
        app, board = self._app, self._app.board
        assert board is not None
        number = board.run.id
        if self._reporting:
            app.say("a report is being written already")
            return
        self._reporting = True
        # The line stays as long as that takes: half a minute, where a run is large.
        app.say(f"writing the report of run {number} …", seconds=WHILE)

        def writes() -> None:
            from vgpt_probe.reports.write import run_report, write_report

            try:
                store = app.desk.store
                text = run_report(app.workspace, store, store.run(number), "html")
                path = app.workspace.state / "reports" / f"run_{number}.html"
                write_report(path, text)
            finally:
                self._reporting = False
                app.call_from_thread(app.clear_notifications)
            app.call_from_thread(app.say, f"the report of run {number} is written to {path}", seconds=TOLD)

        app.in_background(writes)


def run_line(run: Run) -> str:
    """A run in a line: when, of what, how far, how many wrong, who."""
    state = "done" if run.answered == run.total else f"{run.answered:,} of {run.total:,} answered"
    if run.state in ("running", "interrupted"):
        state = f"{run.state}, {state}"
    models = ", ".join(run.models)
    return f"{when(run.started)}  {run.battery}  {state}, {run.flagged:,} wrong  {models}"


def _describe(app: ProbeApp, name: str) -> str:
    """A battery's size, how long it takes, and its own description; what is wrong when it cannot be read."""
    from vgpt_probe.errors import ProbeError
    from vgpt_probe.runs.forecast import duration, forecast
    from vgpt_probe.runs.open import open_battery

    try:
        battery = open_battery(app.workspace, app.desk.catalog, name)
        expected = forecast(app.desk.store, app.workspace.models(), len(battery.probes))
    except ProbeError as fault:
        return str(fault.what)
    estimated = "" if expected.measured else " (estimate)"
    size = f"{len(battery.probes):,} probes, {duration(expected.seconds)}{estimated}"
    return f"{size}: {battery.description}" if battery.description else size
