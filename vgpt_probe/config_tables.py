"""The tables and keys of config.toml, with their defaults and bounds; paths are as they are written there."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

# What is given on to llama.cpp or to a timer has 31 bits there.
Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Positive = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
Seconds = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Parallel = Annotated[int, msgspec.Meta(ge=0, le=128)]
Share = Annotated[float, msgspec.Meta(gt=0.0, le=1.0)]
Portion = Annotated[float, msgspec.Meta(ge=0.0, lt=1.0)]
Band = tuple[Portion, Portion]
Warmth = Annotated[float, msgspec.Meta(ge=0.0, le=5.0)]
Weight = Annotated[float, msgspec.Meta(ge=0.0)]
OrAll = Annotated[int, msgspec.Meta(ge=-1, le=2**31 - 1)]
Flash = Literal["auto", "on", "off"]
CacheType = Literal["f16", "q8_0", "q4_0"]
Ending = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Endings = Annotated[tuple[Ending, ...], msgspec.Meta(max_length=4)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of config.toml: unknown keys are errors."""


class CatalogConfig(_Table, frozen=True):
    """Where the truth comes from: a DDL file, its SQL dialect, and whether names are case-sensitive.

    ``title``: what drafted answers call the database.
    """

    source: str
    title: str = "this database"
    dialect: str = "tsql"
    case_sensitive: bool = True
    default_schema: str = "dbo"


class EngineConfig(_Table, frozen=True):
    """How models are loaded and asked; each ``[[models]]`` table can override any of these.

    ``context``: tokens that all sequences of a model share; ``parallel``: questions asked at a time, 0 chooses;
    ``full_answers``: generate answers to their end even when the stance is settled;
    ``threads``: 0 divides the cores among the models; ``gpu_layers``: -1 offloads all, 0 none;
    ``batch``: tokens evaluated in one step; ``load_timeout``: seconds. ``residency``: whether all models lie in memory
    or one after another, "auto" by what is free. ``main_gpu``: the one GPU to use, -1 for all, among which
    ``tensor_split`` divides the layers; ``kv_cache``: its type. Of an endpoint, ``parallel`` is how many
    requests are under way at a time; ``answer_timeout``: seconds that a model may do nothing, ``retries``: how often a
    request is sent again. ``stop_strings``: an answer ends before the first of them.
    """

    context: Positive = 4096
    parallel: Parallel = 0
    threads: Count = 0
    batch: Positive = 512
    gpu_layers: OrAll = -1
    main_gpu: OrAll = -1
    tensor_split: tuple[Weight, ...] = ()
    flash_attention: Flash = "auto"
    kv_cache: CacheType = "f16"
    residency: Literal["auto", "all", "one"] = "auto"
    max_tokens: Positive = 160
    temperature: Warmth = 0.0
    top_p: Share = 1.0
    seed: Count = 0
    system_prompt: str = ""
    stop_strings: Endings = ()
    load_timeout: Seconds = 120
    answer_timeout: Seconds = 300
    retries: Count = 4
    full_answers: bool = False


class ModelConfig(_Table, frozen=True):
    """One model of the workspace and its stage.

    It is a merged GGUF (``path``), a base GGUF with a LoRA ``adapter``, or served by an OpenAI-compatible server:
    ``url``, the ``model`` as the server names it ("": its only one), and ``api_key_env``, the environment variable
    that holds the key ("": none).
    """

    name: Name
    path: str = ""
    stage: str = ""
    url: str = ""
    model: str = ""
    api_key_env: str = ""
    adapter: str = ""
    chat_template: str = ""
    context: Positive | None = None
    parallel: Parallel | None = None
    threads: Count | None = None
    batch: Positive | None = None
    gpu_layers: OrAll | None = None
    main_gpu: OrAll | None = None
    tensor_split: tuple[Weight, ...] | None = None
    flash_attention: Flash | None = None
    kv_cache: CacheType | None = None
    max_tokens: Positive | None = None
    temperature: Warmth | None = None
    top_p: Share | None = None
    seed: Count | None = None
    system_prompt: str | None = None
    stop_strings: Endings | None = None
    load_timeout: Seconds | None = None
    answer_timeout: Seconds | None = None
    retries: Count | None = None


class StageConfig(_Table, frozen=True):
    """One step of training: its name, the stage it was trained from ("" for the first), and its training files."""

    name: Name
    parent: str = ""
    training: list[str] = []


class BatteryConfig(_Table, frozen=True):
    """Where batteries lie, and which one ``b`` and ``run`` use when none is named."""

    folder: str = "probes"
    default: str = "existence"


class GradingConfig(_Table, frozen=True):
    """How answers are read: a TOML file of further phrases, and which house rules their SQL is checked by."""

    phrases: str = ""
    style: dict[
        Literal["nolock", "no_aliases", "view_for_select", "full_key_join", "company_filter", "exact_case"],
        bool,
    ] = {}


class ScoringConfig(_Table, frozen=True):
    """The openings of score mode, ``{subject}`` standing for the name; empty: learnt from stored answers, or built in.

    ``undecided``: a sweep generates a wording throughout in whose sample a greater share is unclear or contradicts itself.
    """

    denials: list[str] = []
    affirmations: list[str] = []
    undecided: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)] = 0.084


class StoreConfig(_Table, frozen=True):
    """The SQLite file that keeps runs, findings and pairs."""

    path: str = "vgpt_probe.db"


class ExportConfig(_Table, frozen=True):
    """Where exported pairs go, the dataset's name in ``dataset_info.json``, and the default format."""

    folder: str = "exports"
    dataset: Name = "vgpt_probe_pairs"
    format: Literal[
        "llamafactory", "llamafactory-sharegpt", "trl", "trl-conversational", "kto", "trl-kto"
    ] = "llamafactory"


class BalanceConfig(_Table, frozen=True):
    """The make-up that a training set should have, as bands (lowest, highest) of shares.

    ``rejection``, ``acceptance``, ``style``: of all pairs; ``wording``: of denials within each wording;
    ``module``: how many affirmations each module of the catalog needs.
    """

    rejection: Band = (0.3, 0.5)
    acceptance: Band = (0.3, 0.5)
    style: Band = (0.1, 0.3)
    wording: Band = (0.35, 0.65)
    module: Count = 1


class AppConfig(_Table, frozen=True):
    """How the app looks; ``ascii``: signs and frames without Unicode (None: as the terminal's encoding has it)."""

    theme: Literal["dark", "light", "contrast"] = "dark"
    ascii: bool | None = None


class Config(_Table, frozen=True):
    """A whole workspace, as config.toml describes it; paths stay as written, see ``Workspace``."""

    catalog: CatalogConfig
    models: list[ModelConfig]
    stages: list[StageConfig] = []
    engine: EngineConfig = EngineConfig()
    batteries: BatteryConfig = BatteryConfig()
    grading: GradingConfig = GradingConfig()
    scoring: ScoringConfig = ScoringConfig()
    store: StoreConfig = StoreConfig()
    balance: BalanceConfig = BalanceConfig()
    export: ExportConfig = ExportConfig()
    app: AppConfig = AppConfig()
    keys: dict[str, str] = {}
