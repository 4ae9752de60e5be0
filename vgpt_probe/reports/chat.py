"""A chat as Markdown, to send to somebody: every question, every answer word for word, the verdicts, the choice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from vgpt_probe.errors import UsageError, at
from vgpt_probe.files import write_atomically
from vgpt_probe.reports.facts import MARKS
from vgpt_probe.reports.markdown import shown
from vgpt_probe.runs.chats import Asked, Chat, Reply
from vgpt_probe.text import plain


def write_chat(chat: Chat, path: Path) -> None:
    """Write a chat to a Markdown file, whole or not at all. Raises ``UsageError``."""
    if path.is_dir():
        raise UsageError("this is a folder", where=at(path), mend="name a file in it")
    try:
        write_atomically(path, chat_markdown(chat))
    except OSError as fault:
        raise UsageError(f"cannot be written: {fault.strerror or fault}", where=at(path)) from None


def chat_markdown(chat: Chat) -> str:
    """Write a chat as GitHub-flavoured Markdown; what was asked and said stands in fences, so that it stays text."""
    return "\n".join(_lines(chat)) + "\n"


def _lines(chat: Chat) -> Iterator[str]:
    yield f"# Chat {chat.id}"
    yield ""
    started = chat.started[:16].replace("T", " ")
    yield f"{started} UTC, {shown(', '.join(chat.models)) or 'no answers'}."
    for asked in chat.asked:
        yield ""
        yield f"## Question {asked.position + 1}"
        yield ""
        yield from fenced(asked.text)
        if asked.sampling.told:
            yield ""
            yield f"Asked with: {shown(asked.sampling.told)}."
        if asked.sampling.system:
            yield ""
            yield "System prompt:"
            yield ""
            yield from fenced(asked.sampling.system)
        for reply in asked.replies.values():
            yield from _reply(asked, reply)


def _reply(asked: Asked, reply: Reply) -> Iterator[str]:
    yield ""
    yield f"### {shown(reply.model)}{' ★ the best answer' if asked.best == reply.model else ''}"
    yield ""
    yield from fenced(reply.text)
    yield ""
    for one in reply.graded or ():
        yield f"- {' '.join(MARKS[one.verdict])}: {shown(one.subject)} ({one.reading}: {shown(one.reason)})"
    answered = reply.answered
    pace = f", {answered.tokens / answered.seconds:.0f} tokens/s" if answered.seconds > 0 else ""
    stops = {"length": ", cut off at the token limit", "stopped": ", stopped"}
    yield f"- {answered.tokens} tokens{pace}{stops.get(answered.stop, '')}"


def fenced(text: str) -> Iterator[str]:
    """A code block that holds any text."""
    text = plain(text)
    fence = "`" * max(3, max((len(run) + 1 for run in re.findall("`+", text)), default=3))
    yield f"{fence}text"
    yield text.rstrip("\n")
    yield fence
