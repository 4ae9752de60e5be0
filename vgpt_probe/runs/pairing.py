"""From runs to pairs: the guard of a workspace, what models have said, and pairs drafted from findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from vgpt_probe.catalog import Catalog
from vgpt_probe.config import Workspace
from vgpt_probe.files import is_file
from vgpt_probe.pairs.draft import draft_pair
from vgpt_probe.pairs.fill import draft_cells, usable_wordings, vary
from vgpt_probe.pairs.guard import Guard
from vgpt_probe.pairs.pair import Pair
from vgpt_probe.pairs.voice import Said, Voice
from vgpt_probe.probes import Probe
from vgpt_probe.probes.battery import Wording
from vgpt_probe.runs.grade import Grader, open_grader
from vgpt_probe.runs.records import Answer, Case, Run
from vgpt_probe.runs.store import Store


class Drafted(msgspec.Struct, frozen=True):
    """Pairs drafted together: those to be saved, those that were there already, and those with something wrong."""

    pairs: list[Pair] = []
    again: list[Pair] = []
    left_out: list[tuple[Pair, list[str]]] = []

    @property
    def repeated(self) -> int:
        """How many were there already."""
        return len(self.again)


def open_guard(workspace: Workspace, catalog: Catalog, grader: Grader | None = None) -> Guard:
    """Make the guard of a workspace: its catalog, held-out sets, phrases and house rules.

    Raises ``BatteryError`` when a held-out set was changed after it was frozen, ``ConfigError`` as ``open_grader``.
    """
    from vgpt_probe.probes import load_heldout

    grader = grader or open_grader(workspace, catalog)
    heldout = load_heldout(workspace.battery_folder, catalog)
    return Guard(catalog, heldout, phrases=grader.phrases, rules=grader.rules)


def own_wordings(workspace: Workspace) -> list[Wording]:
    """The wordings of the workspace's default battery and of its list of wordings, where they ask about a subject only.

    Raises ``BatteryError`` when a file is malformed.
    """
    from vgpt_probe.probes.battery import read_battery

    found: list[Wording] = []
    for name in (workspace.config.batteries.default, "wordings"):
        path = workspace.battery_folder / f"{name}.toml"
        if is_file(path):
            found += read_battery(path).wordings
    return [one for one in found if one.text.replace("{subject}", "").count("{") == 0]


def stored_answers(
    store: Store, models: Iterable[str] | None = None, *, fingerprints: Mapping[str, str] | None = None
) -> list[Said]:
    """What models (all for None) have said in the runs of a store, the newest answer to a question first.

    ``fingerprints``: of models whose file may have been replaced since; what another file of that name said is
    passed over.
    """
    wanted = None if models is None else set(models)
    said: dict[tuple[str, str, str], Said] = {}
    for run in store.runs():
        systems = _systems(run)
        asked = {
            model.name
            for model in run.snapshot.models
            if (wanted is None or model.name in wanted)
            # Recorded answers have no file: they are taken at their word.
            and model.fingerprint in ("recorded", (fingerprints or {}).get(model.name, model.fingerprint))
        }
        if not asked:
            continue
        probes = store.probes(run.id)
        for answer in store.answers(run.id):
            if not answer.text.strip() or answer.model not in asked:
                continue
            probe = probes[answer.position]
            said.setdefault(
                (answer.model, probe.question, systems.get(answer.model, "")),
                Said(
                    model=answer.model,
                    question=probe.question,
                    subject=probe.subject,
                    act=probe.act,
                    text=answer.text,
                    reading=answer.reading,
                    verdict=answer.final,
                    run=run.id,
                    probe=probe.id,
                    system=systems.get(answer.model, ""),
                    ended=answer.stop == "end",
                ),
            )
    return list(said.values())


def draft_findings(
    store: Store,
    run: Run,
    guard: Guard,
    wanted: Callable[[Case, Answer], bool],
    *,
    known: Iterable[Pair] = (),
) -> Drafted:
    """Draft a pair from each finding of a run that ``wanted`` takes; those that the guard refuses are left out."""
    taken = {pair.key for pair in known}
    systems = _systems(run)
    drafted = Drafted()
    for case in store.cases(run.id):
        for model, answer in case.answers.items():
            if not answer.wrong or not wanted(case, answer):
                continue
            pair = draft_pair(case, model, guard, run=run.id, system=systems.get(model, ""))
            refused = guard.refusals(pair)
            if refused:
                drafted.left_out.append((pair, refused))
            elif pair.key in taken:
                drafted.again.append(pair)
            else:
                taken.add(pair.key)
                drafted.pairs.append(pair)
    return drafted


def _systems(run: Run) -> dict[str, str]:
    return {model.name: str(model.settings.get("system_prompt") or "") for model in run.snapshot.models}


def vary_findings(
    store: Store,
    run: Run,
    drafted: Drafted,
    guard: Guard,
    wordings: Iterable[Wording],
    *,
    count: int,
    seed: int,
    known: Iterable[Pair] = (),
) -> Drafted:
    """Add to drafted findings the same subjects in ``count`` further wordings, and a counter-example in each.

    Findings whose pairs were there already are varied too.
    """
    usable = usable_wordings(wordings, guard)
    texts = {wording.id: wording.text for wording in usable}
    voices: dict[str, Voice] = {}
    taken = {pair.key for pair in [*known, *drafted.pairs]}
    findings = [*drafted.pairs, *drafted.again]
    asked = {pair.prompt for pair in findings}
    pairs = list(drafted.pairs)
    again, left_out = list(drafted.again), list(drafted.left_out)
    done: set[tuple[str, str]] = set()
    for pair in findings:
        policy = pair.source.rejected
        if (policy, pair.subject) in done:
            continue
        done.add((policy, pair.subject))
        if policy not in voices:
            fingerprints = {model.name: model.fingerprint for model in run.snapshot.models}
            said = stored_answers(store, run.models, fingerprints=fingerprints)
            voices[policy] = Voice(said, guard.catalog, policy=policy)
        cells = vary(pair.subject, usable, guard, count=count, seed=seed, own=texts.get(pair.wording, ""))
        fresh = [cell for cell in cells if cell.question not in asked]
        asked |= {cell.question for cell in fresh}
        more, without = draft_cells(fresh, voices[policy], guard, seed=seed, system=pair.system)
        for one in more:
            if one.key in taken:
                again.append(one)
            else:
                taken.add(one.key)
                pairs.append(one)
        left_out += [(_undrafted(cell), ["no draft passed the checks"]) for cell in without]
    return Drafted(pairs, again, left_out)


def _undrafted(probe: Probe) -> Pair:
    return Pair(probe.question, "", "", "other", subject=probe.subject, wording=probe.wording)
