"""``chats``: conversations that the app, or ``ask --keep``, has kept: listed, shown, written, chosen from, deleted."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from vgpt_probe.commands import options as given

if TYPE_CHECKING:
    from vgpt_probe.runs.chats import Chats, Sampling


def add_sampling(parser: argparse.ArgumentParser) -> None:
    """Add what the chat's options are in the app: how answers are drawn, and whether they are kept."""
    drawn = parser.add_argument_group("drawing", "in the place of what config.toml says")
    drawn.add_argument("--system", metavar="TEXT", help='the system prompt ("" for none)')
    drawn.add_argument("--temperature", metavar="X", type=float, help="0 is greedy")
    drawn.add_argument("--top-p", metavar="X", type=float, help="the share of likely tokens that is drawn from")
    drawn.add_argument("--seed", metavar="N", type=int, help="another seed draws another answer")
    drawn.add_argument("--max-tokens", metavar="N", type=int, help="cut an answer off after N tokens")
    parser.add_argument("--keep", action="store_true", help="keep question and answers as a chat")
    parser.add_argument("--chat", metavar="CHAT", help="go on with a kept chat: its number, or 'latest'")


def sampling(options: argparse.Namespace) -> Sampling:
    """Read those options. Raises ``UsageError`` naming the one that cannot be."""
    import msgspec

    from vgpt_probe.errors import UsageError
    from vgpt_probe.runs.chats import Sampling

    chosen = {}
    for name in ("system", "temperature", "top_p", "seed", "max_tokens"):
        value = getattr(options, name)
        if value is not None:
            chosen[name] = value
            try:
                msgspec.convert({name: value}, Sampling)
            except msgspec.ValidationError as fault:
                raise UsageError(f"--{name.replace('_', '-')} {value}: {str(fault).split(' - ')[0]}") from None
    return msgspec.convert(chosen, Sampling)


def add_chats(command: Callable[..., argparse.ArgumentParser], as_json: argparse.ArgumentParser) -> None:
    """Add ``chats`` and what belongs to it; ``command`` makes the parser of a command."""
    chats = command("chats", list_chats, "list the kept chats, or show, write, delete one", as_json)
    chats.set_defaults(words=[])
    does = chats.add_subparsers(metavar="WHAT")
    find = command("find", list_chats, "list the chats in which all words occur", as_json, to=does)
    find.add_argument("words", metavar="WORD", nargs="+", help="of a question or an answer")
    show = command("show", show_chat, "show a chat", as_json, to=does)
    export = command("export", export_chat, "write a chat as Markdown", to=does)
    choose = command("choose", choose_best, "say whose answer is the best", to=does)
    pair = command("pair", pair_from_chat, "save a pair: the best answer, else a right one, over this model's", as_json,
                   to=does)  # fmt: skip
    for one in (show, export, choose, pair):
        one.add_argument("chat", metavar="CHAT", help="its number, or 'latest'")
    export.add_argument("--out", type=Path, metavar="FILE", help="write here (default: standard output)")
    for one, help in ((choose, "whose answer is the best"), (pair, "whose answer is to be rejected")):
        one.add_argument("model", metavar="MODEL", help=help)
        one.add_argument("--question", metavar="N", type=given.positive, help="the N-th question (default: the last)")
    delete = command("delete", delete_chats, "delete chats by their numbers", to=does)
    delete.add_argument("numbers", metavar="CHAT", type=int, nargs="+")


def _chats(options: argparse.Namespace) -> Chats:
    from vgpt_probe.runs.chats import Chats
    from vgpt_probe.runs.open import open_store

    workspace = given.workspace(options)
    return Chats(open_store(workspace), [model.name for model in workspace.config.models])


def list_chats(options: argparse.Namespace) -> None:
    """List chats, newest first."""
    from vgpt_probe.commands import output

    found = _chats(options).lines(" ".join(options.words))
    if options.json:
        output.print_json(found)
        return
    if not found:
        output.say(
            "no chat holds these words"
            if options.words
            else "there is no chat yet; the app's chat keeps all, 'vgpt-probe ask --keep' one"
        )
        return
    listed = output.table("chat", "started", "first question", "questions", "models", numbers=("chat", "questions"))
    for one in found:
        question = " ".join(one.question.split())
        listed.add_row(
            str(one.id),
            one.started[:16].replace("T", " "),
            output.shown(question if len(question) <= 80 else f"{question[:79]}…"),
            str(one.questions),
            output.shown(", ".join(one.models)),
        )
    output.console().print(listed)


def show_chat(options: argparse.Namespace) -> None:
    """Show a chat: as it would be exported, or as JSON."""
    from vgpt_probe.commands import output
    from vgpt_probe.reports.chat import chat_markdown

    chat = _chats(options).open(options.chat)
    if options.json:
        output.print_json(chat)
    else:
        print(chat_markdown(chat), end="")


def export_chat(options: argparse.Namespace) -> None:
    """Write a chat as Markdown."""
    from vgpt_probe.commands import output
    from vgpt_probe.reports.chat import chat_markdown, write_chat

    chat = _chats(options).open(options.chat)
    if options.out is None:
        sys.stdout.write(chat_markdown(chat))
        return
    write_chat(chat, options.out)
    output.say(f"chat {chat.id} is written to {options.out}")


def choose_best(options: argparse.Namespace) -> None:
    """Say whose answer to a question is the best."""
    from vgpt_probe.commands import output
    from vgpt_probe.errors import UsageError, nearest

    chats = _chats(options)
    chat = chats.open(options.chat)
    asked = chat.question(options.question)
    number = asked.position + 1
    if options.model not in asked.replies:
        mend = nearest(options.model, asked.replies) or f"{', '.join(asked.replies) or 'nobody'} did"
        raise UsageError(f"'{options.model}' did not answer question {number} of chat {chat.id}", mend=mend)
    chats.choose(chat.id, asked.position, options.model)
    output.say(f"{options.model} has the best answer to question {number} of chat {chat.id}")


def pair_from_chat(options: argparse.Namespace) -> None:
    """Draft a pair from a chat and save it; one in which something is wrong is saved as a draft."""
    import msgspec

    from vgpt_probe.commands import output
    from vgpt_probe.errors import UsageError
    from vgpt_probe.runs.chat_pairing import pair_of_chat
    from vgpt_probe.runs.chats import Chats
    from vgpt_probe.runs.grade import open_grader
    from vgpt_probe.runs.open import open_catalog, open_store
    from vgpt_probe.runs.pairing import open_guard

    workspace = given.workspace(options)
    store = open_store(workspace)
    chat = Chats(store).open(options.chat)
    catalog = open_catalog(workspace)
    guard = open_guard(workspace, catalog, open_grader(workspace, catalog))
    pair = pair_of_chat(workspace, chat, options.model, guard, question=options.question)
    if not pair.chosen.strip():
        raise UsageError(
            "no answer there is known to be right", mend=f"name the best one: 'vgpt-probe chats choose {chat.id} MODEL'"
        )
    same = next((one for one in store.pairs() if one.key == pair.key), None)
    if same is not None:
        raise UsageError(f"pair {same.id} is the same", mend="nothing was saved")
    refusals = guard.refusals(pair)
    pair = store.add_pair(msgspec.structs.replace(pair, status="draft" if refusals else "accepted"))
    if options.json:
        output.print_json(pair)
    for refusal in refusals:
        output.say(f"! {refusal}")
    output.say(f"pair {pair.id} is saved{' as a draft' if refusals else ''}")


def delete_chats(options: argparse.Namespace) -> None:
    """Delete chats by their numbers."""
    from vgpt_probe.commands import output

    _chats(options).delete(options.numbers)
    output.say("deleted: " + ", ".join(f"chat {number}" for number in options.numbers))
