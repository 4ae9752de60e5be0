"""``pairs list|add|delete|export``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from vgpt_probe.commands import output
from vgpt_probe.config import Workspace
from vgpt_probe.errors import DONE, UsageError


def list_pairs(workspace: Workspace, *, json: bool) -> None:
    """List the pairs, oldest first."""
    from vgpt_probe.runs.open import open_store

    pairs = open_store(workspace).pairs()
    if json:
        output.print_json(pairs)
        return
    if not pairs:
        output.say("there is no pair yet; save one with 'p' on a case, or with 'vgpt-probe pairs add'")
        return
    listed = output.table(
        "id", "kind", "subject", "prompt", "chosen (from)", "rejected (from)", numbers=("id",)
    )
    for pair in pairs:
        listed.add_row(
            str(pair.id),
            pair.kind,
            output.shown(pair.subject),
            output.shown(_short(pair.prompt)),
            output.shown(f"{_short(pair.chosen)} ({pair.source.chosen or '–'})"),
            output.shown(f"{_short(pair.rejected)} ({pair.source.rejected or '–'})"),
        )
    output.console().print(listed)


def add_pairs(workspace: Workspace, options: Namespace) -> int:
    """Draft pairs from the findings of a run and save those that nothing is wrong with."""
    from vgpt_probe.pairs.check import problems
    from vgpt_probe.pairs.draft import draft_pair
    from vgpt_probe.runs.open import open_catalog, open_store

    catalog, store = open_catalog(workspace), open_store(workspace)
    run = store.run(options.run)
    if options.model and options.model not in run.models:
        raise UsageError(
            f"run {run.id} did not ask a model '{options.model}'", mend=f"models: {', '.join(run.models)}"
        )
    known = {pair.key for pair in store.pairs()}
    saved, left_out, repeated = [], [], 0
    systems = {model.name: str(model.settings.get("system_prompt") or "") for model in run.snapshot.models}
    for case in store.cases(run.id):
        if options.subject not in (None, case.probe.subject):
            continue
        if options.probe and not case.probe.id.startswith(options.probe):
            continue
        for model, answer in case.answers.items():
            if not answer.flagged or options.model not in (None, model):
                continue
            if options.verdict not in ("all", answer.final):
                continue
            pair = draft_pair(case, model, catalog, run=run.id, system=systems[model])
            wrong = problems(pair, catalog)
            if wrong:
                left_out.append((pair, wrong))
            elif pair.key in known:
                repeated += 1
            else:
                known.add(pair.key)
                saved.append(store.add_pair(pair))
    if options.json:
        output.print_json(
            {
                "saved": [pair.id for pair in saved],
                "repeated": repeated,
                "left_out": [{"prompt": pair.prompt, "problems": wrong} for pair, wrong in left_out],
            }
        )
    else:
        for pair, wrong in left_out:
            output.say(f"left out: {pair.prompt} ({'; '.join(wrong)})")
        print(f"{len(saved)} pairs saved, {repeated} were there already, {len(left_out)} left out")
    return DONE


def delete_pairs(workspace: Workspace, numbers: list[int]) -> None:
    """Delete pairs by their numbers."""
    from vgpt_probe.runs.open import open_store

    store = open_store(workspace)
    known = {pair.id for pair in store.pairs()}
    for number in numbers:
        if number not in known:
            raise UsageError(
                f"there is no pair {number}", mend="see 'vgpt-probe pairs list'; nothing was deleted"
            )
    for number in numbers:
        store.delete_pair(number)
    output.say(f"{len(numbers)} pairs deleted")


def export(workspace: Workspace, *, format: str | None, folder: Path | None) -> None:
    """Write all pairs for a trainer; print the data file's path."""
    from vgpt_probe.pairs.export import export_pairs
    from vgpt_probe.runs.open import open_store

    settings = workspace.config.export
    pairs = [pair for pair in open_store(workspace).pairs() if pair.status != "dismissed"]
    chosen = format or settings.format
    path = export_pairs(
        pairs, format=chosen, folder=folder or workspace.export_folder, dataset=settings.dataset
    )
    print(path)
    output.say(f"{len(pairs)} pairs written in the format {chosen}")


def _short(text: str, length: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"
