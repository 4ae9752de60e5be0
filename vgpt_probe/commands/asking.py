"""``ask``: one question to several models side by side."""

from __future__ import annotations

from queue import SimpleQueue
from typing import Any

from vgpt_probe.commands import output
from vgpt_probe.config import Workspace
from vgpt_probe.errors import DONE, ModelError


def ask(workspace: Workspace, question: str, models: list[str] | None, *, json: bool) -> int:
    """Put a question to models and print each answer with its verdict for each subject of the question.

    Raises ``ModelError`` when a model could not answer, after printing the others' answers.
    """
    from vgpt_probe.engine.messages import Answered, Died, Event, Failed, Turn
    from vgpt_probe.engine.pool import Engine
    from vgpt_probe.runs.grade import open_grader
    from vgpt_probe.runs.open import open_catalog
    from vgpt_probe.runs.recorded import Recorded, grade_recorded
    from vgpt_probe.runs.runner import chat_request

    if not question.strip():
        raise ModelError("the question is empty")
    grader = open_grader(workspace, open_catalog(workspace))
    engine = Engine(workspace, models)
    events: SimpleQueue[tuple[str, Event]] = SimpleQueue()
    rows: list[dict[str, Any]] = []
    try:
        for name, worker in engine.workers.items():
            request = chat_request([Turn("user", question)], worker.settings, id="ask")
            worker.ask([request], lambda event, name=name: events.put((name, event)))  # type: ignore[misc]
        said = dict(events.get() for _ in engine.workers)
    finally:
        engine.close()
    for name in engine.workers:
        event = said[name]
        if isinstance(event, Died | Failed):
            output.say(f"model '{name}' gave no answer: {event.message}")
            continue
        assert isinstance(event, Answered)
        graded = list(grade_recorded([Recorded(0, question, event.text, name)], grader))
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
    if json:
        output.print_json({"question": question, "answers": rows})
    else:
        _print(rows)
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
