"""``pairs list|add|accept|dismiss|delete|undo|import|export``: what goes into the pair store and comes out of it."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from vgpt_probe.commands import output
from vgpt_probe.commands.choosing import choose_run
from vgpt_probe.config import Workspace
from vgpt_probe.errors import DONE, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from vgpt_probe.pairs.pair import Pair, Status
    from vgpt_probe.runs.pairing import Drafted
    from vgpt_probe.runs.records import Answer, Case

#: How many pairs a preview shows.
SHOWN = 5


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
    print_pairs(pairs)


def print_pairs(pairs: list[Pair]) -> None:
    """Print pairs as a table; their margins too when any was weighed."""
    weighed = any(pair.worth for pair in pairs)
    headings = ("id", "kind", "state", "subject", "prompt", "chosen (from)", "rejected (from)")
    listed = output.table(*headings, *(["margin"] if weighed else []), numbers=("id", "margin"))
    for pair in pairs:
        listed.add_row(
            "–" if pair.id is None else str(pair.id),
            pair.kind,
            pair.status,
            output.shown(pair.subject),
            output.shown(_short(pair.prompt)),
            output.shown(f"{_short(pair.chosen)} ({pair.source.chosen or '–'})"),
            output.shown(f"{_short(pair.rejected)} ({pair.source.rejected or '–'})"),
            *([f"{pair.worth.margin:+.2f}" if pair.worth else "–"] if weighed else []),
        )
    output.console().print(listed)


def add_pairs(workspace: Workspace, options: Namespace) -> int:
    """Draft pairs from the findings of a run, in further wordings if asked, and save what passes the guard."""
    import msgspec

    from vgpt_probe.runs.open import open_catalog, open_store
    from vgpt_probe.runs.pairing import draft_findings, open_guard, own_wordings, vary_findings

    catalog, store = open_catalog(workspace), open_store(workspace)
    run = choose_run(store, options.run, model=options.model)
    guard = open_guard(workspace, catalog)
    known = store.pairs()
    drafted = draft_findings(store, run, guard, _filter(options), known=known)
    if options.wordings:
        drafted = vary_findings(
            store,
            run,
            drafted,
            guard,
            own_wordings(workspace),
            count=options.wordings,
            seed=options.seed,
            known=known,
        )
    if options.review:
        drafted.pairs[:] = [msgspec.structs.replace(pair, status="draft") for pair in drafted.pairs]
    saved = drafted.pairs if options.dry_run else store.add_pairs(drafted.pairs)
    _print_drafted(drafted, saved, options)
    return DONE


def _filter(options: Namespace) -> Callable[[Case, Answer], bool]:
    def wanted(case: Case, answer: Answer) -> bool:
        probe = case.probe
        return (
            options.subject in (None, probe.subject)
            and options.wording in (None, probe.wording)
            and options.module in (None, probe.module)
            and (not options.probe or probe.id.startswith(options.probe))
            and options.model in (None, answer.model)
            and options.verdict in ("all", answer.final)
        )

    return wanted


def _print_drafted(drafted: Drafted, saved: list[Pair], options: Namespace) -> None:
    if options.json:
        output.print_json(
            {
                "saved": [] if options.dry_run else [pair.id for pair in saved],
                "drafted": len(drafted.pairs),
                "repeated": drafted.repeated,
                "left_out": [{"prompt": pair.prompt, "problems": wrong} for pair, wrong in drafted.left_out],
            }
        )
        return
    for pair, wrong in drafted.left_out[:20]:
        output.say(f"left out: {pair.prompt} ({'; '.join(wrong)})")
    if len(drafted.left_out) > 20:
        output.say(f"… and {len(drafted.left_out) - 20} more left out; --json lists them all")
    if options.dry_run and drafted.pairs:
        print_pairs(drafted.pairs[:SHOWN])
    done = "would be saved" if options.dry_run else "saved"
    print(
        f"{len(drafted.pairs)} pairs {done}, {drafted.repeated} were there already,"
        f" {len(drafted.left_out)} left out"
    )
    if saved and not options.dry_run:
        output.say("'vgpt-probe pairs undo' takes them back together")


def set_status(workspace: Workspace, numbers: list[int], status: Status) -> None:
    """Accept or dismiss pairs by their numbers; all drafts when none is given.

    What no export would take is not accepted.
    """
    from vgpt_probe.runs.open import open_catalog, open_store
    from vgpt_probe.runs.pairing import open_guard

    store = open_store(workspace)
    pairs = {pair.id: pair for pair in store.pairs()}
    for number in numbers:
        if number not in pairs:
            raise UsageError(
                f"there is no pair {number}", mend="see 'vgpt-probe pairs list'; nothing was changed"
            )
    chosen = [pairs[number] for number in numbers] or [one for one in pairs.values() if one.status == "draft"]
    refused: list[tuple[Pair, list[str]]] = []
    if status == "accepted" and chosen:
        chosen, refused = open_guard(workspace, open_catalog(workspace)).sift(chosen)
        if numbers and refused:
            raise UsageError(
                f"no export would take pair {refused[0][0].id}: {refused[0][1][0]}",
                mend="mend it in the app, or dismiss it; nothing was changed",
            )
    store.set_statuses(chosen, status)
    output.say(f"{_count(len(chosen))} {status}")
    if refused:
        output.say(f"{_count(len(refused))} not accepted, such as pair {refused[0][0].id}: {refused[0][1][0]}")


def delete_pairs(workspace: Workspace, numbers: list[int]) -> None:
    """Delete pairs by their numbers, all or none."""
    from vgpt_probe.runs.open import open_store

    open_store(workspace).delete_pairs(numbers)
    output.say(f"{_count(len(numbers))} deleted")


def undo(workspace: Workspace) -> None:
    """Take the pairs back that were added last."""
    from vgpt_probe.runs.open import open_store

    taken = open_store(workspace).undo_pairs()
    if not taken:
        raise UsageError("there is no pair to take back")
    output.say(f"{_count(len(taken))} taken back: {taken[0].id} to {taken[-1].id}")


def import_files(workspace: Workspace, options: Namespace) -> int:
    """Read preference pairs from training files into the store: checked, each once, with where they came from."""
    from vgpt_probe.pairs.importing import read_pairs
    from vgpt_probe.runs.open import open_catalog, open_store
    from vgpt_probe.runs.pairing import open_guard

    store = open_store(workspace)
    guard = open_guard(workspace, open_catalog(workspace))
    known = {pair.key for pair in store.pairs()}
    documents, adding = [], []
    for path in options.files:
        read = read_pairs(path, guard, known=known)
        known |= {pair.key for pair in read.pairs}
        adding += read.pairs
        documents.append(
            {
                "file": str(path),
                "format": read.format,
                "rows": read.rows,
                "imported": len(read.pairs),
                "repeated": read.repeated,
                "left_out": [{"row": row, "problems": wrong} for row, wrong in read.left_out],
            }
        )
    store.add_pairs(adding)
    if options.json:
        output.print_json(documents)
        return DONE
    for document in documents:
        left: list[dict[str, object]] = document["left_out"]  # type: ignore[assignment]
        for one in left[:20]:
            output.say(f"left out: row {one['row']} ({'; '.join(one['problems'])})")  # type: ignore[arg-type]
        if len(left) > 20:
            output.say(f"… and {len(left) - 20} more left out; --json lists them all")
        print(
            f"{document['file']} ({document['format']}): {document['imported']} pairs imported,"
            f" {document['repeated']} were there already, {len(left)} left out"
        )
    return DONE


def export(workspace: Workspace, options: Namespace) -> int:
    """Write the accepted pairs for a trainer; print the paths of the data files."""
    from vgpt_probe.runs.exporting import export_store
    from vgpt_probe.runs.open import open_catalog, open_store
    from vgpt_probe.runs.pairing import open_guard

    settings = workspace.config.export
    store = open_store(workspace)
    done = export_store(
        store,
        open_guard(workspace, open_catalog(workspace)),
        workspace.config.balance,
        format=options.format or settings.format,
        folder=options.out or workspace.export_folder,
        dataset=options.dataset or settings.dataset,
        staged=options.staged,
    )
    for pair, wrong in done.left_out[:20]:
        output.say(f"not exported: pair {pair.id}, {pair.prompt} ({'; '.join(wrong)})")
    if len(done.left_out) > 20:
        output.say(f"… and {len(done.left_out) - 20} more not exported; the manifest lists them all")
    if options.json:
        output.print_json(
            {
                "files": [str(path) for path in done.files],
                "manifest": str(done.manifest),
                "pairs": len(done.pairs),
                "left_out": [{"pair": pair.id, "problems": wrong} for pair, wrong in done.left_out],
            }
        )
        return DONE
    for path in done.files:
        print(path)
    output.say(f"{_count(len(done.pairs))} written; what they are: {done.manifest}")
    return DONE


def _count(pairs: int) -> str:
    return "1 pair" if pairs == 1 else f"{pairs:,} pairs"


def _short(text: str, length: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"
