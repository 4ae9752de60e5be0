"""``pairs stats|fill|worth``: what training on the store would teach, filling its gaps, what each pair is worth."""

from __future__ import annotations

from argparse import Namespace
from queue import SimpleQueue
from typing import TYPE_CHECKING

from vgpt_probe.commands import output
from vgpt_probe.config import Workspace
from vgpt_probe.errors import DONE, INTERRUPTED, ModelError, ProbeError, UsageError

if TYPE_CHECKING:
    from vgpt_probe.pairs.balance import Balance
    from vgpt_probe.pairs.guard import Guard
    from vgpt_probe.probes import Probe
    from vgpt_probe.runs.runner import Progress
    from vgpt_probe.runs.store import Store

#: How many wordings ``pairs stats`` lists, and pairs ``pairs fill --dry-run`` and ``pairs worth`` show.
SHOWN = 25


def stats(workspace: Workspace, *, json: bool) -> None:
    """Say what training on the store's pairs would teach, and what is missing."""
    from vgpt_probe.pairs.balance import measure, missing
    from vgpt_probe.pairs.export import describe
    from vgpt_probe.runs.open import open_catalog, open_store

    pairs = [pair for pair in open_store(workspace).pairs() if pair.status != "dismissed"]
    balance = measure(pairs, open_catalog(workspace))
    wanted = missing(balance, workspace.config.balance)
    if json:
        output.print_json(describe(balance) | {"missing": wanted})
        return
    _print_balance(balance)
    for one in wanted:
        output.say(f"! {one}")
    if wanted and balance.pairs:
        output.say("'vgpt-probe pairs fill' adds what is missing from the catalog")
    elif balance.pairs:
        output.say("✓ within the target band ([balance] in config.toml)")


def _print_balance(balance: Balance) -> None:
    total = max(1, balance.pairs)
    print(f"{balance.pairs} pairs")
    for count, what in (
        (balance.denials, f"deny an invented subject ({balance.invented} different ones)"),
        (balance.affirmations, f"affirm a real subject ({balance.real} different ones)"),
        (balance.style, "teach style"),
        (balance.count("other"), "teach something else"),
    ):
        print(f"{count:>7}  {100 * count / total:5.1f} %  {what}")
    if balance.pairs:
        share = 100 * balance.asked_of_model / total
        print(f"{balance.asked_of_model:>7}  {share:5.1f} %  reject what a model said to the very question")
    if balance.wordings:
        listed = output.table(
            "wording", "pairs", "deny", "affirm", "denials", numbers=("pairs", "deny", "affirm", "denials")
        )
        for one in balance.wordings[:SHOWN]:
            listed.add_row(
                output.shown(one.text),
                str(one.pairs),
                str(one.denials),
                str(one.affirmations),
                f"{100 * one.denial_share:.0f} %",
            )
        output.console().print(listed)
        if len(balance.wordings) > SHOWN:
            output.say(f"… and {len(balance.wordings) - SHOWN} more wordings; --json lists them all")
        print(
            "affirmations by module: "
            + ", ".join(f"{name} {count}" for name, count in balance.modules.items())
        )


def fill(workspace: Workspace, options: Namespace) -> int:
    """Add what the store's pairs lack from the catalog, with rejected sides as the policy gives them."""
    from vgpt_probe.pairs.balance import measure, missing
    from vgpt_probe.runs.filling import draft_gaps, find_gaps, policy_voice
    from vgpt_probe.runs.open import open_catalog, open_store
    from vgpt_probe.runs.pairing import open_guard

    if options.ask and options.off_policy:
        raise UsageError("--ask and --off-policy exclude each other")
    policy = options.ask or options.policy or workspace.config.models[0].name
    store = open_store(workspace)
    catalog = open_catalog(workspace)
    guard = open_guard(workspace, catalog)
    gaps = find_gaps(
        store, workspace, guard, policy, total=options.pairs, seed=options.seed, off_policy=options.off_policy
    )
    known, plan = gaps.known, gaps.plan
    if not plan.pairs:
        output.say(
            "nothing is missing" if known else "there is no pair to even out; say how many with --pairs N"
        )
        return DONE
    if options.ask and not options.dry_run:
        status = _ask(workspace, store, guard, gaps.cells, policy)
        if status != DONE:
            return status
    voice = policy_voice(store, workspace, guard, policy, off_policy=options.off_policy)
    pairs, left_out = draft_gaps(gaps, voice, guard, alternatives=options.alternatives)
    if not options.dry_run:
        pairs = store.add_pairs(pairs)
    after = measure([*known, *pairs], catalog)
    wanted = missing(after, workspace.config.balance)
    if options.json:
        output.print_json(
            {
                "saved": [] if options.dry_run else [pair.id for pair in pairs],
                "drafted": len(pairs),
                "planned": plan.pairs,
                "left_out": [cell.question for cell in left_out],
                "missing": wanted,
            }
        )
        return DONE
    if options.dry_run:
        from vgpt_probe.commands.pairs import print_pairs

        print_pairs(pairs[:SHOWN])
    done = "would be saved" if options.dry_run else "saved"
    print(
        f"{len(pairs)} of {plan.pairs} planned pairs {done}; {len(left_out)} questions had no draft that passes"
    )
    for one in wanted:
        output.say(f"! {one}")
    if not options.dry_run:
        output.say(
            "'vgpt-probe pairs undo' takes them back together; 'vgpt-probe pairs stats' shows the balance"
        )
    return DONE


def _ask(workspace: Workspace, store: Store, guard: Guard, cells: list[Probe], policy: str) -> int:
    """Put the drawn questions to the policy as a run of the store, so that every rejected side is its own."""
    import hashlib

    import msgspec

    from vgpt_probe.commands.running import follow, progress
    from vgpt_probe.engine.pool import Engine
    from vgpt_probe.probes import Battery
    from vgpt_probe.runs.grade import open_grader
    from vgpt_probe.runs.runner import Runner, create_run

    probes = tuple(dict.fromkeys(cells))
    fingerprint = hashlib.sha256(msgspec.json.encode(list(probes))).hexdigest()
    battery = Battery("pairs fill", "Questions that pairs were drawn for", probes, fingerprint)
    # To their ends: an answer that was stopped when its verdict was settled is no text to train on.
    run = create_run(store, workspace, guard.catalog, battery, [policy], full=True)
    output.say(f"run {run.id}: {policy} is asked {run.probes} questions")
    events: SimpleQueue[Progress] = SimpleQueue()
    engine = Engine(workspace, [policy])
    runner = Runner(
        run,
        store=store,
        catalog=guard.catalog,
        engine=engine,
        listener=events.put,
        grader=open_grader(workspace, guard.catalog),
    )
    down: dict[str, str] = {}
    try:
        with progress(run, {}) as advance:
            interrupted, problem = follow(runner, events, advance, down)
    finally:
        engine.close()
    if problem:
        raise ProbeError(problem)
    if interrupted:
        output.say(
            f"nothing was drafted; 'vgpt-probe run --resume {run.id}' goes on, then fill again without --ask"
        )
        return INTERRUPTED
    if down:
        raise ModelError(
            f"model '{policy}' stopped: {down[policy]}", mend="see its log, or fill without --ask"
        )
    return DONE


def worth(workspace: Workspace, options: Namespace) -> int:
    """Weigh each pair under a policy against its reference, worst first; leave out those already right, if asked."""
    import msgspec

    from vgpt_probe.runs.open import open_store
    from vgpt_probe.runs.weighing import weigh_pairs

    [policy] = workspace.models([options.policy])
    reference = options.reference or workspace.parent_of(policy.stage)
    named = [model.name for model in workspace.config.models]
    if options.reference is None:
        by_stage = [
            model.name for model in workspace.config.models if (model.stage or model.name) == reference
        ]
        reference = by_stage[0] if by_stage else None
    if reference is None:
        raise UsageError(
            f"the stage of '{policy.name}' has no parent to measure against",
            mend=f"--reference: {', '.join(named)}",
        )
    if reference == policy.name:
        raise UsageError("policy and reference are the same model: every margin would be 0")
    store = open_store(workspace)
    pairs = [pair for pair in store.pairs() if pair.status != "dismissed"]
    if not pairs:
        raise UsageError("there is no pair to weigh", mend="save some first: 'vgpt-probe pairs add'")
    weighed, failed = weigh_pairs(
        workspace, pairs, policy=policy.name, reference=reference, beta=options.beta
    )
    # Weighing takes minutes: a pair that was reworded meanwhile is worth something else.
    store.change_pairs(
        weighed, lambda now, one: msgspec.structs.replace(now, worth=one.worth) if now.key == one.key else now
    )
    ordered = sorted(weighed, key=lambda pair: pair.worth.margin if pair.worth else 0.0)
    right = [pair for pair in ordered if pair.worth and pair.worth.margin > options.above]
    if options.leave_out:
        store.set_statuses(right, "dismissed")
    if options.json:
        output.print_json(
            {
                "policy": policy.name,
                "reference": reference,
                "beta": options.beta,
                "left_out": [pair.id for pair in right] if options.leave_out else [],
                "failed": [{"pair": pair.id, "message": message} for pair, message in failed],
                "pairs": [
                    {"pair": pair.id, "prompt": pair.prompt, "margin": pair.worth.margin}
                    for pair in ordered
                    if pair.worth
                ],
            }
        )
        return DONE
    from vgpt_probe.commands.pairs import print_pairs

    print_pairs(ordered[:SHOWN])
    for pair, message in failed:
        output.say(f"not weighed: pair {pair.id} ({message})")
    print(
        f"{len(weighed)} pairs weighed; {len(right)} have a margin above {options.above:g}:"
        f" {policy.name} prefers their chosen answer more than {reference} does"
    )
    if options.leave_out:
        output.say(f"those {len(right)} are dismissed; 'vgpt-probe pairs accept ID …' brings one back")
    return DONE
