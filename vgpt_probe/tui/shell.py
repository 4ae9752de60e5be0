"""What any app of ours does: background work, faults that become a line and a log, and copying."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from textual import on, work
from textual.app import App
from textual.filter import LineFilter
from textual.theme import Theme

from vgpt_probe.config import Workspace
from vgpt_probe.errors import INTERNAL, ProbeError
from vgpt_probe.log import blanked, note, traceback_of
from vgpt_probe.text import plain, sql_of
from vgpt_probe.tui import messages
from vgpt_probe.tui.theme import BY_NAME, THEMES, filters

Severity = Literal["information", "warning", "error"]


class Shell(App[None]):
    """The app without its screens; ``farewell`` holds lines that are printed after it has ended."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._as_it_began = True
        self._begin_with(BY_NAME[workspace.config.app.theme])
        self.workspace = workspace
        self._ascii = filters(workspace.config.app.ascii)
        self.status = ""
        self.farewell: list[str] = []

    def _begin_with(self, chosen: Theme) -> None:
        """Take a theme before anything is drawn: setting ``theme`` would have all styles parsed twice more."""
        for theme in THEMES:
            self.register_theme(theme)
        self.set_reactive(App.theme, chosen.name)
        self.set_class(chosen.dark, "-dark-mode", update=False)
        self.set_class(not chosen.dark, "-light-mode", update=False)
        self.stylesheet.set_variables(self.get_css_variables())

    def watch_theme(self, before: str, now: str) -> None:
        self._as_it_began = before == now

    def refresh_css(self, animate: bool = True) -> None:
        """Parse all styles again, for the colours of another theme."""
        # Textual asks for it whenever a screen is first shown, too: as long as the theme is the first one, for nothing.
        if not self._as_it_began:
            super().refresh_css(animate)

    def read_styles(self) -> None:
        """Read what the first paint did without."""
        self.stylesheet.read(Path(__file__).with_name("screens.tcss"))
        self.stylesheet.update(self)

    def say(self, text: str, severity: Severity = "information", *, seconds: float | None = None) -> None:
        """Tell the person something in a line that goes away by itself, after so many seconds."""
        seconds = seconds or (8 if severity == "error" else 5)
        self.notify(plain(text), severity=severity, markup=False, timeout=seconds)

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), *self._ascii]

    # ── background work ──

    def in_background(self, does: Callable[[], None]) -> None:
        """Run something slow in a thread; what goes wrong becomes a line on the screen."""
        self._run_in_thread(does)

    @work(thread=True, exit_on_error=False)
    def _run_in_thread(self, does: Callable[[], None]) -> None:
        try:
            does()
        except ProbeError as fault:
            self.post_message(messages.Trouble(str(fault)))
        except Exception as fault:
            # What was still being read when the app was left has nobody to tell.
            if self.is_running:
                self.tell_fault(fault)

    def tell_fault(self, fault: BaseException) -> None:
        """Make a line of a fault of ours, from whatever thread; its traceback goes to the log."""
        where = self.log_fault(fault)
        self.post_message(messages.Trouble(f"{type(fault).__name__}: {blanked(str(fault))}; the details are in {where}"))

    @on(messages.Trouble)
    def _trouble(self, event: messages.Trouble) -> None:
        self.set_status("")
        self.say(event.text, "error")

    def set_status(self, text: str) -> None:
        """Say what is being made ready, as long as it is."""
        self.status = text

    # ── faults ──

    def log_fault(self, fault: BaseException) -> str:
        """Write a traceback to the app's log; return the log's path."""
        note("fault", level="error", problem=f"{type(fault).__name__}: {fault}")
        path = self.workspace.log_folder / "app.log"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8", errors="replace") as log:
                log.write(traceback_of(fault) + "\n")
        except OSError:
            return "no log: its folder cannot be written"
        return str(path)

    async def run_action(self, *given: Any, **options: Any) -> bool:
        """Do what a key asks for; what a person can mend becomes a line on the screen."""
        try:
            return await super().run_action(*given, **options)
        except ProbeError as fault:
            self.say(str(fault), "error")
            return True

    def _handle_exception(self, error: Exception) -> None:
        """A fault of the app itself: the traceback goes to the log, the person gets a line."""
        if not self.is_headless:
            where, said = self.log_fault(error), plain(blanked(str(error)))
            self.farewell.append(
                f"vgpt-probe stopped because of a fault of its own ({type(error).__name__}: {said}).\n"
                f"What was shown as done is kept. Details: {where}"
            )
            self._return_code = INTERNAL
            self.exit(return_code=INTERNAL)
            return
        super()._handle_exception(error)

    # ── copying ──

    def copy_sql(self, text: str, model: str) -> None:
        """Copy the SQL of an answer."""
        sql = sql_of(text)
        if sql:
            self.copy(sql, f"{model}'s SQL")
        else:
            self.say("this answer holds no SQL", "warning")

    def copy(self, text: str, what: str) -> None:
        """Copy a text: to the system's clipboard, else through the terminal (OSC 52), and always to a file."""
        from vgpt_probe.errors import StoreError
        from vgpt_probe.files import write_atomically
        from vgpt_probe.tui.clipboard import to_clipboard

        path = self.workspace.state / ".vgpt_probe" / "copied.txt"
        try:
            write_atomically(path, text)
        except OSError as fault:
            raise StoreError(f"cannot be written: {fault.strerror or fault}", where=str(path)) from None
        if to_clipboard(text):
            self.say(f"{what} is copied")
            return
        self.copy_to_clipboard(text)
        self.say(f"{what} is copied through the terminal; if it does not take it: {path}")


def run(app: Shell) -> int:
    """Run an app; return the exit status. What goes wrong in a thread must not be written over the screen."""

    def log(fault: threading.ExceptHookArgs) -> None:
        if fault.exc_value is None:
            return
        if app.is_running:
            app.tell_fault(fault.exc_value)
        else:
            app.log_fault(fault.exc_value)

    threading.excepthook = log
    app.run()
    for line in app.farewell:
        print(line, file=sys.stderr)
    return app.return_code or 0
