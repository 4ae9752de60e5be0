"""The models screen: what the files are, whether they fit, what they do; load, unload, add, and read their logs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from vgpt_probe.errors import ProbeError
from vgpt_probe.text import one_line, plain
from vgpt_probe.tui.actions import bindings
from vgpt_probe.tui.facts import labelled
from vgpt_probe.tui.widgets.bars import KeyBar, TopBar
from vgpt_probe.tui.widgets.lines import Lines
from vgpt_probe.tui.words import STATES, size

if TYPE_CHECKING:
    from vgpt_probe.config import ModelSettings
    from vgpt_probe.engine.gguf_file import GgufFacts
    from vgpt_probe.engine.pool import Model
    from vgpt_probe.tui.app import ProbeApp

Part = tuple[str, str]

#: Seconds after which memory and speed are looked at again.
AGAIN = 1.0
#: How many lines of a log are shown.
LOG_LINES = 400


class ModelsScreen(Screen[None]):
    """The models of config.toml, one under the cursor."""

    BINDINGS = bindings("models")

    def __init__(self) -> None:
        super().__init__()
        self._facts: dict[str, GgufFacts | str] = {}
        self._lines: list[Content] = []
        self._logging = False
        self._reading = False

    @property
    def _app(self) -> ProbeApp:
        return cast("ProbeApp", self.app)

    def compose(self) -> ComposeResult:
        yield TopBar("models")
        yield Static(id="memory", markup=False)
        with Horizontal(id="models"):
            yield Lines(id="list")
            with VerticalScroll(id="model", can_focus=False):
                yield Static(id="about-model", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self._app.workers_changed.subscribe(self, lambda _: self._show())
        self.set_interval(AGAIN, self._tick)
        self._show()
        self.query_one(Lines).focus()
        self._read()

    def on_screen_resume(self) -> None:
        self._show()
        self._read()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    def _tick(self) -> None:
        if self.is_current:
            self._show()

    def _read(self) -> None:
        """Read the heads of the files that have not been read yet."""
        app = self._app
        wanted = [one for one in app.workspace.models() if one.name not in self._facts and not one.url]
        if not wanted or self._reading:
            return
        self._reading = True

        def reads() -> None:
            from vgpt_probe.engine.gguf_file import read_gguf

            found: dict[str, GgufFacts | str] = {}
            for one in wanted:
                try:
                    found[one.name] = read_gguf(Path(one.path))
                except ProbeError as fault:
                    found[one.name] = str(fault)
            app.call_from_thread(self._loaded, found)

        app.in_background(reads)

    def _loaded(self, found: dict[str, GgufFacts | str]) -> None:
        self._reading = False
        self._facts.update(found)
        self._show()

    # ── showing ──

    @property
    def model(self) -> str:
        """The model under the cursor."""
        at = self.query_one(Lines).highlighted or 0
        names = self._app.model_names
        return names[min(at, len(names) - 1)]

    def _show(self) -> None:
        if not self.is_mounted:
            return
        lines = [self._line(model) for model in self._app.model_names]
        if lines != self._lines:
            self._lines = lines
            self.query_one(Lines).show(lines)
        self.query_one("#memory", Static).update(self._memory())
        about = self.query_one("#about-model", Static)
        about.update(self._log() if self._logging else self._about())
        count = len(self._app.model_names)
        self.query_one(TopBar).say(f"{count} model{'' if count == 1 else 's'}")
        self.refresh_bindings()

    def _line(self, model: str) -> Content:
        sign, word, tone = STATES[self._app.state_of(model)]
        return Content.assemble(
            (f" {sign} ", tone), (f"{one_line(model)[:18]:<19}", "bold"), (word, "$text-muted")
        )

    def _memory(self) -> Content:
        import psutil

        free = psutil.virtual_memory().available
        owed = sum(
            self._need(model) or 0
            for model in self._app.model_names
            if self._app.state_of(model) not in ("ready", "loading")
        )
        parts: list[Part] = [(f" {size(free)} free", "bold")]
        if owed:
            fits = owed <= free
            what = (
                "fits: those not loaded need about" if fits else "does not fit: those not loaded need about"
            )
            sign = "✓" if fits else "✗"
            parts += [("   ", ""), (f"{sign} {what} {size(owed)}", "$success" if fits else "bold $error")]
        return Content.assemble(*parts)

    def _need(self, model: str) -> int | None:
        facts = self._facts.get(model)
        if facts is None or isinstance(facts, str):
            return None
        from vgpt_probe.engine.plan import estimate

        [settings] = self._app.workspace.models([model])
        return estimate(facts, settings).ram

    def _about(self) -> Content:
        app, model = self._app, self.model
        width = max(30, self.query_one("#model").size.width - 2)
        [settings] = app.workspace.models([model])
        worker = app.desk.workers.get(model)
        lines: list[list[Part]] = [
            [(one_line(model), "bold $accent"), (f"  stage {one_line(settings.stage)}", "$text-muted")]
        ]

        def line(label: str, text: str) -> None:
            lines.append(labelled(label, one_line(text), width))

        if settings.url:
            line("endpoint", settings.url)
        else:
            self._file(settings, line)
        layers = settings.gpu_layers
        line(
            "asked",
            f"{settings.parallel} at a time, up to {settings.max_tokens} tokens, temperature {settings.temperature:g}",
        )
        if not settings.url:
            line("GPU layers", "all" if layers < 0 else str(layers))
        if settings.system_prompt:
            line("system", settings.system_prompt)
        if worker is not None:
            lines += self._state(worker, width)
        return Content("\n").join(Content.assemble(*parts) for parts in lines)

    def _file(self, settings: ModelSettings, line: Callable[[str, str], None]) -> None:
        """What the GGUF file says of itself, and whether it fits."""
        import psutil

        line("file", settings.path)
        if settings.adapter:
            line("adapter", settings.adapter)
        facts = self._facts.get(settings.name)
        if facts is None:
            line("", "reading the file …")
        elif isinstance(facts, str):
            line("✗", facts)
        else:
            line(
                "kind",
                f"{facts.architecture}, {facts.parameters / 1e6:,.1f} M parameters, {facts.quantisation}",
            )
            line("size", size(facts.size))
            line("context", f"{settings.context:,} tokens asked for, {facts.context:,} trained")
            own = "config.toml's" if settings.chat_template else "the file's own"
            line(
                "template",
                own if facts.chat_template or settings.chat_template else "none: set chat_template",
            )
            need, free = self._need(settings.name) or 0, psutil.virtual_memory().available
            loaded = self._app.state_of(settings.name) in ("ready", "loading")
            fits = "" if loaded else " ✓ fits" if need <= free else f" ✗ only {size(free)} free"
            line("memory", f"about {size(need)}{fits}")

    def _state(self, worker: Model, width: int) -> list[list[Part]]:
        sign, word, tone = STATES[worker.state]
        lines: list[list[Part]] = [[], [(f"{sign} {word}", f"bold {tone}")]]
        if worker.problem:
            lines.append(labelled("problem", one_line(worker.problem), width))
        facts = getattr(worker, "facts", None)
        if facts is not None:
            offload = "can offload" if facts.gpu_offload else "CPU only"
            what = f"in {facts.load_seconds:.1f} s, {facts.threads} threads, {offload}"
            lines.append(labelled("loaded", what, width))
        pace = self._app.pace_of(worker.name)
        if pace is not None:
            lines.append(labelled("speed", f"{pace:.1f} answers/s in the run in progress", width))
        if worker.busy:
            lines.append(labelled("busy", f"{worker.busy:,} requests unanswered", width))
        lines.append(labelled("log", f"{worker.log}; {self._app.key('models.log')} shows it", width))
        return lines

    def _log(self) -> Content:
        worker = self._app.desk.workers.get(self.model)
        head = (f"log of {one_line(self.model)}; {self._app.key('models.log')} ends it\n", "bold $accent")
        if worker is None:
            return Content.assemble(head, ("nothing yet", "$text-muted"))
        try:
            text = worker.log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return Content.assemble(head, ("nothing yet: the model has not been loaded", "$text-muted"))
        return Content.assemble(head, (plain("\n".join(text.splitlines()[-LOG_LINES:])) or "empty", ""))

    @on(Lines.OptionHighlighted)
    def _moved(self) -> None:
        self._show()

    # ── actions ──

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if not self.is_mounted:
            return True
        state = self._app.state_of(self.model)
        if action == "models_load":
            return True if state in ("unloaded", "died", "failed") else None
        if action == "models_unload":
            return True if state in ("ready", "loading") else None
        if action == "models_reload":
            return True if state in ("ready", "died", "failed") else None
        return True

    def _worker(self) -> Model:
        return self._app.desk.model(self.model)

    def action_models_load(self) -> None:
        worker = self._worker()
        need = self._need(self.model)
        if need is not None:
            import psutil

            if need > psutil.virtual_memory().available:
                self._app.say(f"{self.model} may not fit: it needs about {size(need)}", "warning")
        if worker.state in ("died", "failed"):
            self._app.desk.reload(worker)
        else:
            worker.start()

    def action_models_unload(self) -> None:
        worker = self._worker()
        if worker.busy:
            self._app.say(f"{worker.name} is answering; pause the run first", "warning")
            return
        self._app.in_background(worker.close)

    def action_models_reload(self) -> None:
        worker = self._worker()
        if worker.state in ("died", "failed"):
            self._app.desk.reload(worker)
            return
        if worker.busy:
            self._app.say(f"{worker.name} is answering; pause the run first", "warning")
            return
        self._facts.pop(worker.name, None)

        def reloads() -> None:
            worker.close()
            self._app.desk.settled(worker)
            worker.start()

        self._app.in_background(reloads)
        self._read()

    def action_models_log(self) -> None:
        self._logging = not self._logging
        self._show()
        panel = self.query_one("#model", VerticalScroll)
        self.call_after_refresh(
            lambda: panel.scroll_end(animate=False) if self._logging else panel.scroll_home(animate=False)
        )

    def action_models_add(self) -> None:
        from vgpt_probe.tui.dialogs.add_model import AddModel, NewModel

        app = self._app

        def chosen(new: NewModel | None) -> None:
            if new is not None:
                app.in_background(lambda: self._add(new.name, new.path, new.stage))

        app.push_screen(AddModel(app.workspace), chosen)

    def _add(self, name: str, path: str, stage: str) -> None:
        from vgpt_probe.runs.add_model import add_model

        workspace = add_model(self._app.workspace, name=name, path=path, stage=stage)
        self._app.call_from_thread(self._added, workspace, name)

    def _added(self, workspace: object, name: str) -> None:
        self._app.use(workspace)  # type: ignore[arg-type]
        self._app.say(f"{name} is in config.toml now; {self._app.key('models.load')} loads it")
        self._show()
        self.query_one(Lines).highlighted = len(self._app.model_names) - 1
        self._read()
