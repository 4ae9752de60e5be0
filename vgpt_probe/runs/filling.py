"""What a store's pairs lack for a balanced set, drawn from the catalog; the rejected sides are what the policy said."""

from __future__ import annotations

import msgspec

from vgpt_probe.config import Workspace
from vgpt_probe.pairs.answers import ALTERNATIVES
from vgpt_probe.pairs.balance import Balance, measure, missing
from vgpt_probe.pairs.fill import Plan, draft_cells, draw_cells, draw_style, make_plan, usable_wordings
from vgpt_probe.pairs.guard import Guard
from vgpt_probe.pairs.pair import Pair
from vgpt_probe.pairs.voice import Voice
from vgpt_probe.probes import Probe
from vgpt_probe.runs.fingerprint import model_fingerprint
from vgpt_probe.runs.pairing import own_wordings, stored_answers
from vgpt_probe.runs.store import Store

#: How many affirmations, and denials, are added to a set that is even and lacks something all the same.
MORE = 5


class Gaps(msgspec.Struct, frozen=True):
    """What is missing: ``known`` pairs as they are, the ``plan``, and the questions (``cells``) that were drawn for it."""

    policy: str
    system: str
    known: list[Pair]
    before: Balance
    plan: Plan
    cells: list[Probe]
    seed: int


def find_gaps(
    store: Store,
    workspace: Workspace,
    guard: Guard,
    policy: str,
    *,
    total: int | None = None,
    seed: int,
    off_policy: bool = False,
) -> Gaps:
    """Measure the pairs that are not dismissed, and draw questions for what they lack, up to ``total`` pairs."""
    [settings] = workspace.models([policy])
    known = [pair for pair in store.pairs() if pair.status != "dismissed"]
    before = measure(known, guard.catalog)
    wordings = usable_wordings(own_wordings(workspace), guard)
    hard = policy_voice(store, workspace, guard, policy, off_policy=off_policy).hard_wordings()
    # A wording that makes the policy deny what is real needs more lessons than the others.
    weights = {text: 1 + 2 * share for text, share in hard.items()}
    target = workspace.config.balance
    plan = make_plan(before, target, wordings if total else [], total=total, weights=weights)
    if not plan.pairs and not total and known and wordings and missing(before, target):
        # The shares are even, but a module is not spoken of: some pairs more make room for it.
        text = wordings[0].text
        plan = Plan({text: MORE}, {text: MORE}, MORE // 2)
    cells = (
        draw_cells(
            plan, wordings, guard, seed=seed, known=known, module=target.module
        )
        if plan.pairs
        else []
    )  # fmt: skip
    return Gaps(policy, settings.system_prompt, known, before, plan, cells, seed)


def policy_voice(
    store: Store, workspace: Workspace, guard: Guard, policy: str, *, off_policy: bool = False
) -> Voice:
    """What a model said in the store's runs; what an earlier file of its name said is not what it says."""
    [settings] = workspace.models([policy])
    answers = (
        [] if off_policy else stored_answers(store, fingerprints={policy: model_fingerprint(settings, store)})
    )
    return Voice(answers, guard.catalog, policy=policy)


def draft_gaps(
    gaps: Gaps, voice: Voice, guard: Guard, *, alternatives: int = ALTERNATIVES
) -> tuple[list[Pair], list[Probe]]:
    """Draft the pairs that are missing; also returns the questions that had no draft that passes.

    ``alternatives``: how many real relations a denial names at most.
    """
    pairs, left_out = draft_cells(
        gaps.cells, voice, guard, seed=gaps.seed, system=gaps.system, alternatives=alternatives
    )
    pairs += draw_style(gaps.plan.style, guard, seed=gaps.seed, system=gaps.system, known=gaps.known)
    return pairs, left_out
