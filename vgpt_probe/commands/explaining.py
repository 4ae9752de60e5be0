"""``explain``: from a finding to its likely cause in the training data."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from vgpt_probe.commands import output
from vgpt_probe.commands.choosing import choose_run
from vgpt_probe.config import Workspace
from vgpt_probe.errors import UsageError
from vgpt_probe.text import one_line

if TYPE_CHECKING:
    from vgpt_probe.pairs.explain import Explanation, Near
    from vgpt_probe.runs.records import Answer, Case


def explain_case(workspace: Workspace, options: Namespace) -> None:
    """Explain each wrong answer of a case (or the answer of ``--model``) from training files."""
    from vgpt_probe.pairs.explain import explain, load_training
    from vgpt_probe.runs.grade import open_phrases
    from vgpt_probe.runs.open import open_catalog, open_store

    catalog, store = open_catalog(workspace), open_store(workspace)
    run = choose_run(store, options.run, model=options.model)
    case, others = _find(store.cases(run.id), options.case, options.model)
    answers = {
        model: answer
        for model, answer in case.answers.items()
        if (answer.wrong if options.model is None else model == options.model) and answer.text.strip()
    }
    if not answers:
        raise UsageError(
            f"no model got '{case.probe.question}' wrong in run {run.id}",
            mend="--model NAME explains a right answer too",
        )
    stages = {model.name: model.stage for model in run.snapshot.models}
    files = {
        model: list(options.training) if options.training else workspace.training_files(stages[model])
        for model in answers
    }
    if not any(files.values()):
        raise UsageError(
            "no training file is known",
            mend="give --training FILE, or 'training' under [[stages]] in config.toml",
        )
    paths = list(dict.fromkeys(path for known in files.values() for path in known))
    phrases = open_phrases(workspace)
    sets = {one.path: one for one in load_training(paths, catalog, phrases=phrases)}
    probe = case.probe
    found = {
        model: explain(
            probe.question,
            probe.subject,
            answer.text,
            [sets[path] for path in files[model]],
            catalog,
            phrases=phrases,
            limit=options.rows,
        )
        for model, answer in answers.items()
    }
    if options.json:
        output.print_json(_document(run.id, case, answers, found))
        return
    for model, explanation in found.items():
        _show(model, answers[model], explanation)
    if others:
        listed = ", ".join(one.probe.id for one in others[:8])
        output.say(
            f"{len(others)} more cases fit '{options.case}': {listed}{' …' if len(others) > 8 else ''}"
        )


def _find(cases: list[Case], wanted: str, model: str | None) -> tuple[Case, list[Case]]:
    """The case that a probe's id (or its beginning), a question, or a subject names; those with a wrong answer first."""
    text = " ".join(wanted.split()).casefold()
    by_id = [case for case in cases if len(wanted) >= 4 and case.probe.id.startswith(wanted.lower())]
    by_question = [case for case in cases if " ".join(case.probe.question.split()).casefold() == text]
    by_subject = [case for case in cases if case.probe.subject == wanted]
    found = by_id or by_question or by_subject
    if not found:
        raise UsageError(
            f"the run has no case '{wanted}'",
            mend="give a probe's id as 'runs show --json' prints it, a question, or a subject",
        )
    wrong = [
        case
        for case in found
        if any(answer.wrong for name, answer in case.answers.items() if model in (None, name))
    ]
    ordered = wrong or found
    return ordered[0], ordered[1:]


def _document(
    run: int, case: Case, answers: dict[str, Answer], found: dict[str, Explanation]
) -> dict[str, object]:
    return {
        "run": run,
        "probe": case.probe.id,
        "question": case.probe.question,
        "subject": case.probe.subject,
        "real": case.probe.real,
        "models": {
            model: {
                "answer": answers[model].text,
                "verdict": answers[model].final,
                **msgspec.to_builtins(explanation),
            }
            for model, explanation in found.items()
        },
    }


def _show(model: str, answer: Answer, found: Explanation) -> None:
    screen = output.console()
    screen.print(output.shown(f"{model}: {one_line(found.question)}", "bold"), soft_wrap=True)
    screen.print(output.verdict_cell(answer.final))
    screen.print(output.shown(f"  {_short(answer.text, 180)}"), soft_wrap=True)
    screen.print()
    if found.causes:
        screen.print(output.shown("Likely causes, the likeliest first", "bold"))
        for number, cause in enumerate(found.causes[:6], start=1):
            rows = ", ".join(map(str, cause.examples))
            screen.print(output.shown(f"{number}. {one_line(cause.what)}; e.g. rows {rows}"), soft_wrap=True)
    else:
        screen.print(
            output.shown("No likely cause in this training data: nothing in it does what the model did.")
        )
    said = f"'{found.subject}' itself: denied in {found.denied:,} rows, affirmed in {found.affirmed:,}."
    screen.print(output.shown(said))
    for title, near in (
        ("Nearest rows by wording", found.nearest_by_wording),
        ("Nearest rows by answer (names taken out)", found.nearest_by_answer),
    ):
        if near:
            screen.print()
            screen.print(output.shown(title, "bold"))
            screen.print(_nearest(near))


def _nearest(near: tuple[Near, ...]):  # type: ignore[no-untyped-def]
    listed = output.table(
        "alike", "row", "question", "answer", "does", "same", numbers=("alike", "row", "same")
    )
    for one in near:
        where = f"{Path(one.file).name}:{one.row}"
        listed.add_row(
            f"{one.similarity} %",
            output.shown(where),
            output.shown(_short(one.prompt, 60)),
            output.shown(_short(one.answer, 80)),
            one.does,
            f"{one.same:,}" if one.same > 1 else "",
        )
    return listed


def _short(text: str, length: int) -> str:
    line = one_line(text)
    return line if len(line) <= length else line[: length - 1] + "…"
