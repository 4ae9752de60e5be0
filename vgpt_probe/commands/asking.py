"""``ask``: one question to several models side by side."""

from __future__ import annotations

from argparse import Namespace
from queue import SimpleQueue
from typing import Any

from vgpt_probe.commands import output
from vgpt_probe.config import Workspace
from vgpt_probe.errors import DONE, ModelError


def ask(workspace: Workspace, options: Namespace) -> int:
    """Put a question to models and print each answer with its verdict for each subject of the question.

    Question and answers are kept where ``options`` want that, as a new chat or as the next turn of one.

    Raises ``ModelError`` when a model could not answer, after printing the others' answers.
    """
    from vgpt_probe.commands.chats import sampling
    from vgpt_probe.engine.messages import Answered, Died, Event, Failed, Turn
    from vgpt_probe.engine.pool import Engine
    from vgpt_probe.runs.chats import Chats, Reply
    from vgpt_probe.runs.grade import open_grader
    from vgpt_probe.runs.open import open_catalog, open_store
    from vgpt_probe.runs.recorded import Recorded, grade_recorded
    from vgpt_probe.runs.runner import chat_request

    question, models = options.question, options.models
    if not question.strip():
        raise ModelError("the question is empty")
    drawn = sampling(options)
    chats = Chats(open_store(workspace)) if options.keep or options.chat else None
    earlier = chats.open(options.chat) if chats is not None and options.chat else None
    grader = open_grader(workspace, open_catalog(workspace))
    engine = Engine(workspace, models)
    events: SimpleQueue[tuple[str, Event]] = SimpleQueue()
    rows: list[dict[str, Any]] = []
    said: dict[str, Event] = {}
    chat = position = None
    try:
        for name, worker in engine.workers.items():
            turns = [*(earlier.turns(name) if earlier else ()), Turn("user", question)]
            request = chat_request(turns, drawn.of(worker.settings), id="ask")
            worker.ask([request], lambda event, name=name: events.put((name, event)))  # type: ignore[misc]
        while len(said) < len(engine.workers):
            name, event = events.get()
            said[name] = event
            if chats is not None and isinstance(event, Answered):
                # At once and unread: what goes wrong from here on must not cost an answer.
                if chat is None or position is None:
                    chat, position = chats.ask(earlier.id if earlier else None, question, drawn)
                chats.keep(chat, position, Reply(name, event))
    finally:
        engine.close()
    if chats is not None and chat is None:
        chat, position = chats.ask(earlier.id if earlier else None, question, drawn)
    for name in engine.workers:
        event = said[name]
        if isinstance(event, Died | Failed):
            output.say(f"model '{name}' gave no answer: {event.message}")
            continue
        assert isinstance(event, Answered)
        graded = list(grade_recorded([Recorded(0, question, event.text, name)], grader))
        if chats is not None and chat is not None and position is not None:
            chats.keep(chat, position, Reply(name, event, tuple(graded)))
        rows.append(
            {
                "model": name,
                "text": event.text,
                "stop": event.stop,
                "tokens": event.tokens,
                "seconds": round(event.seconds, 4),
                "subjects": [
                    {
                        "subject": one.subject,
                        "real": one.real,
                        "reading": one.reading,
                        "verdict": one.verdict,
                        "reason": one.reason,
                    }
                    for one in graded
                ],
            }
        )
    if options.json:
        output.print_json({"question": question, "answers": rows} | ({"chat": chat} if chat is not None else {}))
    else:
        _print(rows)
    if chat is not None:
        output.say(f"kept as chat {chat}; to go on with it: vgpt-probe ask --chat {chat} QUESTION")
    if failed := len(said) - len(rows):
        raise ModelError(f"{failed} of {len(said)} models gave no answer", mend="try 'vgpt-probe doctor'")
    return DONE


def _print(rows: list[dict[str, Any]]) -> None:
    from rich.columns import Columns
    from rich.console import Group
    from rich.panel import Panel

    screen = output.console()
    width = max(36, screen.width // max(1, len(rows)) - 2)
    panels = []
    for row in rows:
        speed = row["tokens"] / row["seconds"] if row["seconds"] else 0.0
        verdicts = [
            output.verdict_cell(one["verdict"]).append(
                f"  {output.shown(one['subject'])}: {output.shown(one['reason'])}", ""
            )
            for one in row["subjects"]
        ]
        facts = output.shown(f"{row['tokens']} tokens, {speed:.0f}/s, {row['stop']}", "dim")
        body = Group(output.shown(row["text"]), "", *verdicts, facts)
        panels.append(Panel(body, title=output.shown(row["model"]), title_align="left", width=width))
    screen.print(Columns(panels, padding=(0, 1)))
