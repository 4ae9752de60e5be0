"""config.toml: the models, the catalog and the settings of one workspace, validated."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from vgpt_probe.config_check import model_faults
from vgpt_probe.config_tables import CacheType, Config, EngineConfig, Flash, ModelConfig
from vgpt_probe.errors import ConfigError, UsageError, at, nearest
from vgpt_probe.files import is_file, nearest_file, read_text, read_toml, resolved
from vgpt_probe.toml_schema import convert, line_of


class ModelSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides how one model is loaded and asked, with the workspace's defaults filled in.

    Paths are absolute; ``adapter`` is "" for a merged model; ``chat_template`` is template text or "". A served
    model has a ``url`` and no ``path``.
    """

    name: str
    path: str
    stage: str
    adapter: str
    chat_template: str
    context: int
    parallel: int
    threads: int
    batch: int
    gpu_layers: int
    max_tokens: int
    temperature: float
    top_p: float
    seed: int
    system_prompt: str
    load_timeout: int
    main_gpu: int = -1
    tensor_split: tuple[float, ...] = ()
    flash_attention: Flash = "auto"
    kv_cache: CacheType = "f16"
    answer_timeout: int = 300
    retries: int = 4
    url: str = ""
    model: str = ""
    api_key_env: str = ""
    stop_strings: tuple[str, ...] = ()


class Workspace:
    """A validated config.toml with its paths made absolute.

    ``root``: the folder of config.toml; ``state``: the folder for the store and logs (``root`` unless the
    workspace is the packaged demo, which may be read-only).
    """

    def __init__(self, config: Config, path: Path, state: Path | None = None) -> None:
        self.config = config
        self.path = path
        self.root = path.parent
        self.state = state or self.root

    @property
    def store_path(self) -> Path:
        return self.state / self.config.store.path

    @property
    def log_folder(self) -> Path:
        return self.state / ".vgpt_probe" / "logs"

    @property
    def secrets(self) -> list[str]:
        """The keys of endpoints that the environment holds: they reach no log and no report."""
        names = {model.api_key_env for model in self.config.models if model.api_key_env}
        return sorted({os.environ.get(name, "").strip() for name in names} - {""}, key=len, reverse=True)

    @property
    def cache_folder(self) -> Path:
        return self.state / ".vgpt_probe" / "cache"

    @property
    def export_folder(self) -> Path:
        return self.state / self.config.export.folder

    @property
    def catalog_path(self) -> Path:
        return self.root / self.config.catalog.source

    @property
    def battery_folder(self) -> Path:
        return self.root / self.config.batteries.folder

    @property
    def stages(self) -> list[str]:
        """The stages in training order: as ``[[stages]]`` lists them, else in the order of the models."""
        names = [stage.name for stage in self.config.stages]
        names += [model.stage for model in self.config.models if model.stage and model.stage not in names]
        return list(dict.fromkeys(names))

    def parent_of(self, stage: str) -> str | None:
        """Return the stage that ``stage`` was trained from, or None."""
        for known in self.config.stages:
            if known.name == stage:
                return known.parent or None
        return None

    def training_files(self, stage: str) -> list[Path]:
        """The files that a stage was trained on, and those of the stages before it, its own first."""
        known = {one.name: one for one in self.config.stages}
        files: list[Path] = []
        while stage in known:
            files += [resolved(self.root, name) for name in known[stage].training]
            stage = known[stage].parent
        return list(dict.fromkeys(files))

    def models(self, names: Iterable[str] | None = None) -> list[ModelSettings]:
        """Return the settings of the named models, or of all, in the order of config.toml.

        Raises ``UsageError`` for a name that config.toml does not have.
        """
        known = [model.name for model in self.config.models]
        wanted = known if names is None else list(names)
        for name in wanted:
            if name not in known:
                mend = nearest(name, known) or f"models: {', '.join(known)}"
                raise UsageError(f"no model named '{name}'", where=at(self.path), mend=mend)
        return [self._settings(model) for model in self.config.models if model.name in wanted]

    def _settings(self, model: ModelConfig) -> ModelSettings:
        engine = self.config.engine
        merged = {
            field: getattr(engine, field) if getattr(model, field) is None else getattr(model, field)
            for field in EngineConfig.__struct_fields__
            if field in ModelConfig.__struct_fields__
        }
        merged["parallel"] = merged["parallel"] or (16 if model.url else chosen_parallel(merged["context"]))
        template = model.chat_template
        if template:
            template = read_text(Path(self._absolute(template)), ConfigError)
        return ModelSettings(
            name=model.name,
            path=self._absolute(model.path),
            stage=model.stage or model.name,
            adapter=self._absolute(model.adapter),
            chat_template=template,
            url=model.url.rstrip("/"),
            model=model.model,
            api_key_env=model.api_key_env,
            **merged,
        )

    def _absolute(self, path: str) -> str:
        return str(resolved(self.root, path)) if path else ""


def chosen_parallel(context: int) -> int:
    """How many questions to ask at a time where config.toml leaves the choice.

    32 was best, or within a few per cent of the best, for every model measured (docs/performance.md); a small context
    holds fewer. It depends on nothing that is measured at the time: the same settings give the same text.
    """
    return max(1, min(32, context // 128))


#: A table that no other program's config.toml is likely to have.
_OURS = re.compile(r"^\s*(\[(catalog|batteries|grading|scoring|balance)\]|\[\[(stages|models)\]\])", re.MULTILINE)


def find_config(start: Path | None = None) -> Path | None:
    """Find config.toml in ``start`` (default: the current folder) or one of its parents.

    Those of other programs, for the name is a common one, are passed over.
    """
    folder = (start or Path.cwd()).resolve()
    for candidate in (folder, *folder.parents):
        path = candidate / "config.toml"
        if is_file(path) and _OURS.search(path.read_text(encoding="utf-8", errors="replace")):
            return path
    return None


def demo_workspace() -> Workspace:
    """Open the packaged demo; its store lies in the user's data folder when it is installed, else beside it."""
    packaged = Path(__file__).parent / "demo_workspace" / "config.toml"
    if not packaged.is_file():
        return load_workspace(Path(__file__).parent.parent / "config.toml")
    import platformdirs

    return load_workspace(packaged, state=Path(platformdirs.user_data_dir("vgpt_probe", False)) / "demo")


def open_workspace(path: Path | None = None) -> Workspace:
    """Open the workspace of ``path``, else of the current folder or a parent, else the packaged demo."""
    found = path or find_config()
    return load_workspace(found) if found else demo_workspace()


def load_workspace(path: Path, *, state: Path | None = None) -> Workspace:
    """Read and validate config.toml.

    Raises ``ConfigError`` with file, line or key, what is wrong and the mend.
    """
    path = path.resolve()
    if path.is_dir():
        path = path / "config.toml"
    data, text = read_toml(path, ConfigError)
    config = convert(data, text, Config, path, ConfigError)
    workspace = Workspace(config, path, state)
    _check(workspace, text)
    return workspace


def _check(workspace: Workspace, text: str) -> None:
    config, path, root = workspace.config, workspace.path, workspace.root

    def fail(what: str, steps: list[str | int], mend: str | None = None) -> None:
        raise ConfigError(what, where=at(path, line_of(text, steps)), mend=mend)

    if not config.models:
        fail("no model is configured", ["models"], "add a [[models]] table with name and path")
    if not is_file(workspace.catalog_path):
        fail(
            f"catalog.source: no such file: {config.catalog.source}",
            ["catalog", "source"],
            nearest_file(root, config.catalog.source) or "give the path of a DDL file",
        )
    seen: dict[str, int] = {}
    for number, model in enumerate(config.models):
        if model.name in seen:
            fail(f"models[{number + 1}].name: '{model.name}' is used twice", ["models", number, "name"])
        seen[model.name] = number
        for key, what, mend in model_faults(model, config.engine):
            fail(f"models[{number + 1}]{what}", ["models", number, key], mend)
        for key in ("path", "adapter", "chat_template"):
            value = getattr(model, key)
            if value and not is_file(resolved(root, value)):
                fail(
                    f"models[{number + 1}].{key}: no such file: {value}",
                    ["models", number, key],
                    nearest_file(root, value) or "give a path relative to config.toml",
                )
    for key in ("rejection", "acceptance", "style", "wording"):
        low, high = getattr(config.balance, key)
        if low > high:
            fail(f"balance.{key}: the band goes from {low} to {high}", ["balance", key], "write [lowest, highest]")
    if bool(config.scoring.denials) != bool(config.scoring.affirmations):
        fail("scoring: needs denials and affirmations, or neither", ["scoring"], "give both lists")
    if config.grading.phrases and not is_file(root / config.grading.phrases):
        fail(
            f"grading.phrases: no such file: {config.grading.phrases}",
            ["grading", "phrases"],
            nearest_file(root, config.grading.phrases),
        )
    names = [stage.name for stage in config.stages]
    for number, stage in enumerate(config.stages):
        if stage.parent and stage.parent not in names[:number]:
            fail(
                f"stages[{number + 1}].parent: no earlier stage named '{stage.parent}'",
                ["stages", number, "parent"],
                nearest(stage.parent, names[:number]),
            )
        for name in stage.training:
            if not is_file(resolved(root, name)):
                fail(
                    f"stages[{number + 1}].training: no such file: {name}",
                    ["stages", number, "training"],
                    nearest_file(root, name) or "give a path relative to config.toml",
                )
    for number, model in enumerate(config.models):
        if names and model.stage and model.stage not in names:
            fail(
                f"models[{number + 1}].stage: no stage named '{model.stage}'",
                ["models", number, "stage"],
                nearest(model.stage, names) or f"stages: {', '.join(names)}",
            )
