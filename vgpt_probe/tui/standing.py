"""How the models and the run stand: the head lines, the state in the top bar, the banner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from vgpt_probe.text import one_line
from vgpt_probe.tui.widgets.heads import Head

if TYPE_CHECKING:
    from vgpt_probe.tui.running import Running
    from vgpt_probe.tui.talk import Talk

Part = tuple[str, str]

_NOTHING = (None, None, None)


def heads(app: Running) -> list[Head]:
    """The head lines of the run that is shown, or of the workspace's models while there is none."""
    board = app.board
    return [_head(app, model) for model in (board.models if board else app.model_names)]


def _head(app: Running, model: str) -> Head:
    board = app.board
    if board is None:
        return Head(model, app.stage_of(model), app.state_of(model), _NOTHING, _NOTHING)
    tally = board.tallies[model]
    here = app.is_asking(board)
    state = app.state_of(model)
    pace = app.pace_of(model) if here and state == "ready" else None
    owed = len(board.probes) - tally.probes
    if here and state == "ready" and owed:
        state = "answering"
    return Head(
        model,
        board.stages[model],
        state,
        _values(tally.interval("false_rejection")),
        _values(tally.interval("false_acceptance")),
        tally.probes,
        len(board.probes),
        pace if owed else None,
        owed / pace if pace and owed else None,
    )


def status(app: Running) -> str:
    """The run that is shown, for the top bar."""
    board = app.board
    if board is None:
        return app.status or app.workspace_name
    share = 100 * board.answers // board.total if board.total else 100
    state = "running" if app.is_asking(board) else "done" if board.complete else "unfinished"
    if board.run.asked_by:
        state = "running elsewhere"
    # What changes comes first: a narrow screen cuts the end.
    far = "" if board.complete else f" · {share} %"
    return f"run {board.run.id} · {state}{far} · {one_line(board.run.battery)}"


def banner(app: Running) -> list[list[Part]]:
    """What a person should know or do now, a line each."""
    board = app.board
    lines: list[list[Part]] = []
    for worker in app.desk.broken():
        what = "could not be loaded" if worker.state == "failed" else "died"
        reloads = f"{app.key('battery.reload')} reloads it"
        lines.append(
            [
                (f" ✗ {one_line(worker.name)} {what}: {one_line(worker.problem or '')}. ", "bold $error"),
                (f"{reloads}; the others go on." if app.desk.running else f"{reloads}.", ""),
            ]
        )
    if app.status:
        lines.append([(f" {app.status} ", "")])
    elif board is not None and board.run.asked_by:
        lines.append(
            [
                (f" Run {board.run.id} is being asked by another vgpt-probe ", "bold"),
                (f"(process {board.run.asked_by}); what it answers is shown here.", ""),
            ]
        )
    elif board is not None and board.complete and board.errors and not app.is_asking(board):
        failed = "question" if board.errors == 1 else "questions"
        lines.append(
            [
                (f" {board.errors:,} {failed} of run {board.run.id} failed. ", "bold $warning"),
                (f"{app.key('battery.resume')} asks them once more.", ""),
            ]
        )
    elif board is not None and not board.complete and not app.is_asking(board):
        missing = board.total - board.answers
        answers = "answer is" if missing == 1 else "answers are"
        if app.problem and app.active is board:
            lines.append([(f" ✗ {app.problem} ", "bold $error")])
        lines.append(
            [
                (f" Run {board.run.id} is unfinished: {missing:,} {answers} missing. ", "bold $warning"),
                (f"{app.key('battery.resume')} resumes; nothing is asked twice.", ""),
            ]
        )
    return lines


def welcome(app: Running) -> Content:
    """What a newcomer may do, while nothing has been asked yet."""
    if app.status:
        return Content(app.status)
    models = ", ".join(one_line(name) for name in app.model_names)
    return Content.assemble(
        ("Nothing has been asked yet.\n\n", "bold"),
        (f" {app.key('battery.run')} ", "bold $accent"),
        (f"puts the battery ‘{one_line(app.setup.battery)}’ to {models}\n", ""),
        (f" {app.key('battery.setup')} ", "bold $accent"),
        ("chooses battery, models, mode and limit first\n", ""),
        (f" {app.key('app.chat')} ", "bold $accent"),
        ("asks them something of your own\n", ""),
        (f" {app.key('app.help')} ", "bold $accent"),
        ("explains keys and signs", ""),
    )


def chat_welcome(app: Running, talk: Talk) -> Content:
    """What a chat is for and how it goes, while nothing has been asked in it."""
    key, accent = app.key, "bold $accent"
    if talk.masked:
        lines: list[list[Part]] = [
            [("Which answer is the best, when nobody knows whose it is?", "bold")],
            [],
            [("The models are shuffled and called A, B, C. Ask as much as you like.", "")],
            [(key("prompt.leave"), accent), (" leaves the prompt, ", ""), ("← →", accent), (" choose an answer,", "")],
            [(key("chat.best"), accent), (" calls it the best: the names are shown.", "")],
            [(key("chat.pair"), accent), (" on another answer then makes a pair of the two.", "")],
        ]  # fmt: skip
    else:
        names = ", ".join(one_line(name) for name in talk.models)
        lines = [
            [("One prompt, all models: ", "bold"), (names, "")],
            [],
            [("Type a question and press ", ""), (key("prompt.send"), accent), (".", "")],
            [("Each answer is read and judged against the catalog.", "")],
            [],
            [(key("prompt.leave"), accent), (" leaves the prompt for the keys of the answers: ", "")],
            [("← →", accent), (" choose a model, ", ""), (key("chat.pair"), accent), (" saves a pair,", "")],
            [(key("chat.diff"), accent), (" shows differences, ", ""), (key("chat.blind"), accent),
             (" hides the names, ", ""), (key("chat.find"), accent), (" finds earlier chats.", "")],
        ]  # fmt: skip
    return Content("\n").join(Content.assemble(*line) for line in lines)


def _values(interval: dict[str, float | None]) -> tuple[float | None, float | None, float | None]:
    return interval["value"], interval["low"], interval["high"]
