"""The app: owns what the screens share, and turns what background threads tell into what they show."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.app import SystemCommand
from textual.dom import DOMNode
from textual.screen import Screen

from vgpt_probe.config import Workspace
from vgpt_probe.errors import ProbeError
from vgpt_probe.tui.actions import ACTIONS, bindings, check_keys
from vgpt_probe.tui.desk import Setup
from vgpt_probe.tui.running import Running
from vgpt_probe.tui.screens.home import HomeScreen
from vgpt_probe.tui.shell import run

if TYPE_CHECKING:
    from vgpt_probe.pairs.pair import Pair
    from vgpt_probe.runs.pairing import Drafted
    from vgpt_probe.runs.records import Run


def _battery() -> Screen[None]:
    from vgpt_probe.tui.screens.battery import BatteryScreen

    return BatteryScreen()


def _chat() -> Screen[None]:
    from vgpt_probe.tui.screens.chat import ChatScreen

    return ChatScreen()


def _pairs() -> Screen[None]:
    from vgpt_probe.tui.screens.pairs import PairsScreen

    return PairsScreen()


def _models() -> Screen[None]:
    from vgpt_probe.tui.screens.models import ModelsScreen

    return ModelsScreen()


def _catalog() -> Screen[None]:
    from vgpt_probe.tui.screens.catalog import CatalogScreen

    return CatalogScreen()


class ProbeApp(Running):
    """The terminal app on one workspace: its screens, and what leads from one to another."""

    TITLE = "vgpt-probe"
    CSS_PATH = "base.tcss"
    BINDINGS = bindings("app")
    MODES: ClassVar = {
        "home": HomeScreen,
        "battery": _battery,
        "chat": _chat,
        "pairs": _pairs,
        "models": _models,
        "catalog": _catalog,
    }
    DEFAULT_MODE = "home"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (160, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (32, "-high")]
    ENABLE_COMMAND_PALETTE = True

    _leaving = False

    def run_battery(self, setup: Setup | None = None) -> None:
        super().run_battery(setup)
        self.go("battery")

    # ── cases and pairs ──

    def open_case(self, position: int, positions: list[int], then: Callable[[int | None], None]) -> None:
        """Open a case of the run that is shown; ``positions`` are those to go through, ``then`` gets the last one."""
        from vgpt_probe.tui.screens.case import CaseScreen

        if self.board is not None:
            self.push_screen(CaseScreen(self.board, position, positions), then)

    def edit_pair(self, pair: Pair, then: Callable[[Pair], None] | None = None) -> None:
        """Let a person edit a pair, and save it: a new one is added, a known one changed."""
        from vgpt_probe.tui.dialogs.editor import PairEditor

        def edited(result: Pair | None) -> None:
            if result is None:
                return
            try:
                same = next((one for one in self.desk.store.pairs() if one.key == result.key), None)
                if same is not None and same.id != result.id:
                    self.say(f"pair {same.id} is the same; nothing was saved", "warning")
                    return
                if result.id is None:
                    result = self.desk.store.add_pair(result)
                    self.say(
                        f"pair {result.id} is saved; {self.key('app.pairs')} shows all pairs,"
                        f" {self.key('pairs.export')} exports them there"
                    )
                else:
                    kept = self.desk.store.save_edited(pair, result)
                    aside = f"; pair {result.id} was changed meanwhile" if kept.id != result.id else ""
                    result = kept
                    self.say(f"pair {kept.id} is saved{aside}")
            except ProbeError as fault:
                self.say(str(fault), "error")
                return
            self.pairs_changed.publish(None)
            if then is not None:
                then(result)

        self.push_screen(PairEditor(pair), edited)

    def draft_pairs(self, run: Run, positions: set[int], model: str | None) -> None:
        """Draft pairs from the findings at some positions of a run, of one model or of all; they wait in the queue."""

        def drafts() -> None:
            import msgspec

            from vgpt_probe.runs.pairing import draft_findings

            store = self.desk.store
            found = draft_findings(
                store,
                run,
                self.desk.guard,
                lambda case, answer: case.position in positions and model in (None, answer.model),
                known=store.pairs(),
            )
            store.add_pairs(msgspec.structs.replace(pair, status="draft") for pair in found.pairs)
            self.call_from_thread(self._drafted, found)

        self.in_background(drafts)

    def _drafted(self, found: Drafted) -> None:
        count = len(found.pairs)
        said = f"{'1 pair is' if count == 1 else f'{count:,} pairs are'} drafted"
        if found.repeated:
            said += f", {found.repeated:,} were there"
        if found.left_out:
            said += f", {len(found.left_out):,} left out ({found.left_out[0][1][0]})"
        self.say(f"{said}; {self.key('app.pairs')} shows them", "information" if count else "warning")
        self.pairs_changed.publish(None)

    # ── actions ──

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action that makes sense now, from the registry, and the choice of a theme."""
        shown = {active.binding.id: active for active in screen.active_bindings.values() if active.enabled}
        for action in ACTIONS:
            active = shown.get(action.id)
            if active is not None and action.palette:

                def run(method: str = action.method, node: DOMNode = active.node) -> None:
                    self.call_later(self.run_action, method, node)

                yield SystemCommand(action.label, action.help, run)
        yield SystemCommand("Theme", "Change the colours.", self.action_change_theme)
        yield SystemCommand(
            "Screenshot",
            "Save a picture of the screen.",
            lambda: self.set_timer(0.1, self.deliver_screenshot),
        )

    async def action_app_home(self) -> None:
        await self._shown("home")

    async def action_app_battery(self) -> None:
        await self._shown("battery")

    async def action_app_chat(self) -> None:
        await self._shown("chat")

    async def action_app_pairs(self) -> None:
        await self._shown("pairs")

    async def action_app_models(self) -> None:
        await self._shown("models")

    async def action_app_catalog(self) -> None:
        await self._shown("catalog")

    async def _shown(self, mode: str) -> None:
        """Show a screen and wait until it is there: the next keys are for it."""
        showing = self.go(mode)
        if showing is not None:
            await showing

    def go(self, mode: str) -> Awaitable[object] | None:
        """Show a screen; from a case its own screen's key goes back to the matrix."""
        if self.screen.is_modal:
            return None
        if self.current_mode != mode:
            self.clear_notifications()
            return self.switch_mode(mode)
        if len(self.screen_stack) > 1:
            self.screen.dismiss(getattr(self.screen, "position", None))
        return None

    def action_app_palette(self) -> None:
        self.action_command_palette()

    def action_app_help(self) -> None:
        from vgpt_probe.tui.dialogs.help import Help

        if not self.screen.is_modal:
            self.push_screen(Help(type(self.screen).__name__.removesuffix("Screen").lower()))

    async def action_quit(self) -> None:
        self.action_app_quit()

    def action_app_quit(self) -> None:
        """Leave; ask once when work is going on."""
        from vgpt_probe.tui.dialogs.confirm import Confirm

        if self._leaving:
            return
        if isinstance(self.screen, Confirm):
            return
        if self.desk.running and self.active is not None:
            share = 100 * self.active.answers // max(1, self.active.total)
            question = f"Run {self.active.run.id} is at {share} %. Leave?"
            detail = "What has been answered is kept, and the run can be resumed."
        elif any(worker.busy for worker in self.desk.workers.values()):
            question, detail = "Answers are still coming. Leave?", "The chat is kept, but for what is still coming."
        else:
            self._leave()
            return
        self.push_screen(
            Confirm(question, detail, yes="Leave", no="Stay"), lambda yes: self._leave() if yes else None
        )

    def _leave(self) -> None:
        self._leaving = True
        if self.desk.running and self.active is not None:
            number = self.active.run.id
            resume = self.key("battery.resume")
            self.farewell.append(
                f"Run {number} is unfinished. To resume it: {resume} in the app,"
                f" or vgpt-probe run --resume {number}"
            )
        self.say("closing the models …")

        def closes() -> None:
            try:
                self.desk.close()
            finally:
                self.call_from_thread(self.exit)

        self.in_background(closes)


def run_app(workspace: Workspace) -> int:
    """Open the app on a workspace; return the exit status.

    Raises ``ConfigError`` when ``[keys]`` cannot be.
    """
    check_keys(workspace.config.keys)
    return run(ProbeApp(workspace))
