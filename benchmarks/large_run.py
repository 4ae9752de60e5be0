"""Workspaces for ``screens.py``: some models of the demo, a battery that lasts, and finished runs of many cases."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

from vgpt_probe.config import load_workspace
from vgpt_probe.probes import Battery, Probe
from vgpt_probe.runs.open import open_catalog
from vgpt_probe.runs.records import Answer, RunModel, Snapshot
from vgpt_probe.runs.store import Store

ROOT = Path(__file__).resolve().parent.parent
CASES, MODELS = 50_000, 6

_WORDINGS = {
    "exists": ("exists", "Is there a table named {subject}?"),
    "describe": ("describe", "Describe the {subject} table structure"),
    "columns": ("columns", "Which columns does {subject} have?"),
    "what": ("describe", "What is {subject} used for?"),
    "show": ("describe", "Show me the table {subject}"),
    "query": ("query", "Write a query that counts the rows of {subject}"),
}


def make_workspace(folder: Path, models: int) -> Path:
    """A workspace on the demo's catalog and models, these taken again under other names when there are not enough."""
    shutil.copytree(ROOT / "probes", folder / "probes")
    (folder / "probes" / "long.toml").write_text(_long_battery(), encoding="utf-8")
    text = '[catalog]\nsource = "probes/vista_demo.sql"\ntitle = "Viewpoint Vista"\n[batteries]\ndefault = "long"\n'
    stages = ["sft", "dpo_v1", "dpo_v2"]
    for number in range(models):
        name = stages[number] if number < 3 else f"more_{number}"
        file = ROOT / "models" / "demo" / f"{stages[number % 3]}.gguf"
        text += f'[[stages]]\nname = "{name}"\n[[models]]\nname = "{name}"\nstage = "{name}"\n'
        # Differing settings keep models over one file in processes of their own.
        text += f"path = {json.dumps(file.as_posix())}\ncontext = {4096 + number}\n"
    (folder / "config.toml").write_text(text, encoding="utf-8")
    open_catalog(load_workspace(folder / "config.toml"))
    return folder


def _long_battery() -> str:
    """Every table in six wordings, again in six that begin otherwise: minutes of work for four models."""
    text = 'name = "long"\ndescription = "Every table, twelve wordings"\n'
    for begin in ("", "Please answer: "):
        for name, (act, question) in _WORDINGS.items():
            text += f'[[wordings]]\nid = "{name}{"_2" if begin else ""}"\nact = "{act}"\ntext = "{begin}{question}"\n'
    return text + '[subjects.real]\nsample = "all"\n[subjects.fake]\nnames = ["Invoice", "Customers", "Payroll"]\n'


def fill_store(folder: Path, cases: int = CASES, runs: int = 1) -> None:
    """Write finished runs of so many cases × 6 models, half of the subjects real, one answer in five wrong."""
    chooser = random.Random(1)
    workspace = load_workspace(folder / "config.toml")
    wordings = ["exists", "describe", "structure", "columns", "query", "show", "join", "list", "which", "how"]
    probes = []
    for number in range(cases):
        subject, wording = f"T{number // 10:05}", wordings[number % 10]
        real = number // 10 % 2 == 0
        module = ["AP", "AR", "EM", "GL", "HQ", "IN", "JC", "PO", "PR", "SL"][number // 100 % 10]
        probes.append(
            Probe(
                str(number), f"{wording} the {subject} table?", subject, wording, "describe", module, real,
                "affirm" if real else "deny",
            )
        )  # fmt: skip
    store = Store(workspace.store_path)
    names = [model.name for model in workspace.config.models]
    snapshot = Snapshot("", "", tuple(RunModel(name, name, "") for name in names), stages=tuple(names))
    for _ in range(runs):
        run = store.create_run(Battery("large", "", tuple(probes), ""), snapshot)
        for name in names:
            store.add_answers(
                Answer(
                    run, name, position, f"The {probe.subject} table has the columns Co, Mth and Seq.", "affirms",
                    "correct" if chooser.random() < 0.8 else "false_rejection" if probe.real else "false_acceptance",
                    margin=chooser.uniform(-9, 9), tokens=20, seconds=0.4,
                )
                for position, probe in enumerate(probes)
            )  # fmt: skip
        store.set_state(run, "done")
    store.close()
