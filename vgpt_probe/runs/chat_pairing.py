"""Pairs from chats: of the answer that a person likes best and another one, else as the catalog has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vgpt_probe.engine.messages import Turn
from vgpt_probe.errors import UsageError
from vgpt_probe.pairs.draft import draft_chat_pair, draft_choice
from vgpt_probe.pairs.guard import Guard
from vgpt_probe.pairs.pair import Pair, Role
from vgpt_probe.runs.chats import Chat, Reply
from vgpt_probe.runs.records import FLAGGED

if TYPE_CHECKING:
    from vgpt_probe.config import Workspace


def pair_of(
    turns: list[Turn], rejected: Reply, others: list[Reply], best: str | None, guard: Guard, *, system: str
) -> Pair:
    """Draft a pair in which ``rejected`` is what its model said to ``turns``, the user's last.

    Chosen is the best answer where a person has named one; else another model's that the catalog backs, or the
    catalog's; "" when there is none.
    """
    graded = sorted(rejected.graded or (), key=lambda one: one.verdict not in FLAGGED)
    subject = graded[0].subject if graded else None
    # The conversation up to the answer: what this model was told, and had said, before.
    talk: list[tuple[Role, str]] = [
        ("assistant" if turn.role == "assistant" else "user", turn.content) for turn in turns
    ]
    chosen = next((one for one in others if one.model == best), None)
    if chosen is not None:
        return draft_choice(
            talk, subject, (chosen.model, chosen.text), (rejected.model, rejected.text), guard.catalog, system=system
        )
    whole = {one.model: one.text for one in others if one.answered.stop == "end"}
    return draft_chat_pair(talk, subject, rejected.text, whole, guard, model=rejected.model, system=system)


def pair_of_chat(workspace: Workspace, chat: Chat, model: str, guard: Guard, *, question: int | None = None) -> Pair:
    """Draft a pair from a model's answer to a question of a stored chat (1-based; None: its last).

    Raises ``UsageError`` when there is no such question or answer, or the answer is the best one.
    """
    asked = chat.question(question)
    number = asked.position + 1
    if model not in asked.replies:
        there = ", ".join(asked.replies) or "nobody"
        raise UsageError(f"'{model}' did not answer question {number} of chat {chat.id}", mend=f"{there} did")
    if asked.best == model:
        raise UsageError(f"'{model}' has the best answer there", mend="name the model whose answer is to be rejected")
    before = Chat(chat.id, chat.started, chat.asked[: number - 1])
    known = {one.name: one for one in workspace.models(None)}
    own = known[model].system_prompt if model in known else ""
    system = own if asked.sampling.system is None else asked.sampling.system
    others = [reply for name, reply in asked.replies.items() if name != model]
    return pair_of(
        [*before.turns(model), Turn("user", asked.text)], asked.replies[model], others, asked.best, guard, system=system
    )
