"""Drafting a pair from a finding: what the model said against another model's right answer, or the catalog's facts."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import msgspec

from vgpt_probe.catalog import Catalog, is_real
from vgpt_probe.pairs.answers import ALTERNATIVES, DENIAL, catalog_answer, is_particular
from vgpt_probe.pairs.guard import Guard
from vgpt_probe.pairs.pair import Pair, PairKind, Role, Source
from vgpt_probe.pairs.voice import Voice
from vgpt_probe.probes import Probe

if TYPE_CHECKING:
    from vgpt_probe.runs.records import Case


def draft_pair(
    case: Case, model: str, guard: Guard, *, run: int, system: str = "", denial: str = DENIAL
) -> Pair:
    """Draft a pair from one model's answer to a case.

    Rejected is what the model said. Chosen is a right answer of another model that the catalog backs in every name
    and that keeps the house rules best; without one, an answer written from the catalog.
    """
    probe, wrong = case.probe, case.answers[model]
    catalog = guard.catalog

    def pair(chosen: str, source: str) -> Pair:
        return Pair(
            prompt=probe.question,
            chosen=chosen,
            rejected=wrong.text,
            kind=kind_of(probe.subject, catalog),
            subject=probe.subject,
            wording=probe.wording,
            system=system,
            source=Source(run=run, probe=probe.id, rejected=model, chosen=source),
        )

    right = [
        (len(answer.style), name, answer)
        for name, answer in case.answers.items()
        if name != model and answer.final == "correct" and answer.stop == "end"
    ]
    for _, name, answer in sorted(right, key=lambda entry: entry[0]):
        candidate = pair(answer.text, name)
        if not guard.refusals(candidate):
            return candidate
    written = catalog_answer(
        probe.question, probe.subject, catalog, act=probe.act, denial=denial, avoid=guard.avoids
    )
    return pair(written, "catalog")


def draft_cell(
    probe: Probe,
    voice: Voice,
    guard: Guard,
    rng: random.Random,
    *,
    system: str = "",
    alternatives: int = ALTERNATIVES,
) -> Pair | None:
    """Draft a pair for a question that nobody need have been asked; None when no draft passes the guard.

    Rejected is what the policy said to this very question if that is wrong, else what it says of other subjects, made
    over for this one. Chosen is a model's right answer to this question, the policy's first, else one with the
    catalog's facts in the policy's words, else in the catalog's.
    """
    catalog = guard.catalog
    said = [
        one for one in voice.answers(probe.question, system) if one.subject == probe.subject and one.ended
    ]
    wrong = [
        (one.text, one.model, one)
        for one in said
        if one.verdict in ("false_rejection", "false_acceptance", "contradiction")
        and voice.policy in ("", one.model)
        and probe.subject in one.text
    ]
    apt = probe.real and not is_particular(probe.question)
    chosen = [
        (one.text, one.model)
        for one in said
        if apt
        and one.verdict == "correct"
        and not voice.doubts(one.text, probe.subject)
        and not _only_queries(one.text, probe.act)
    ]
    written = catalog_answer(
        probe.question,
        probe.subject,
        catalog,
        act=probe.act,
        denial=voice.denial(rng),
        limit=alternatives,
        avoid=guard.avoids,
    )
    if apt:
        chosen += [(text, "catalog") for text in voice.affirmations(probe.subject, probe.act, rng)]
    chosen.append((written, "catalog"))

    def candidates() -> list[tuple[str, str, int | None]]:
        side = "denies" if probe.real else "affirms"
        made = voice.made_over(probe.question, probe.subject, probe.act, side, rng)  # type: ignore[arg-type]
        return [(text, model, one.run) for text, model, one in wrong] + [(*both, None) for both in made]

    refused = {text for text, _ in chosen[:-1] if _breaks_rules(text, probe, guard)}
    for rejected, by, run in candidates():
        for text, source in chosen:
            if text in refused:
                continue
            pair = Pair(
                prompt=probe.question,
                chosen=text,
                rejected=rejected,
                kind=kind_of(probe.subject, catalog),
                subject=probe.subject,
                wording=probe.wording,
                system=system,
                source=Source(run=run, probe=probe.id, rejected=by, chosen=source),
            )
            found = guard.refusals(pair)
            if not found and _is_wrong(pair, probe, guard):
                return pair
            if any(one.startswith("chosen") for one in found):
                refused.add(text)
    return None


def _only_queries(text: str, act: str) -> bool:
    """Whether an answer is SQL and nothing else where no SQL was asked for: right about the subject, no answer."""
    return act not in ("query", "join", "other") and text.lstrip().startswith("```")


def _breaks_rules(text: str, probe: Probe, guard: Guard) -> bool:
    """Whether an answer's SQL breaks a house rule: it would be learnt along with what it says of the subject."""
    from vgpt_probe.grading import read_answer

    return bool(read_answer(probe.question, text, probe.subject, guard.catalog, rules=guard.rules).style)


def _is_wrong(pair: Pair, probe: Probe, guard: Guard) -> bool:
    """Whether rejected really is wrong about the subject: a pair must teach one thing only."""
    from vgpt_probe.grading import judge, read_answer

    reading = read_answer(
        pair.prompt, pair.rejected, pair.subject, guard.catalog, phrases=guard.phrases, rules=guard.rules
    )
    return judge(reading, probe.real) in ("false_rejection", "false_acceptance", "contradiction")


def draft_chat_pair(
    turns: list[tuple[Role, str]],
    subject: str | None,
    answer: str,
    others: dict[str, str],
    guard: Guard,
    *,
    model: str,
    system: str = "",
) -> Pair:
    """Draft a pair from a free-form answer to ``turns``, the user's last; ``others`` are the other models' answers.

    Where no answer can be checked, because the question names no subject or nothing passes, chosen is left for a
    person to write.
    """
    catalog = guard.catalog
    *history, (_, question) = turns
    pair = Pair(
        prompt=question,
        chosen="",
        rejected=answer,
        kind="other",
        subject=subject or "",
        system=system,
        history=tuple(history),
        source=Source(rejected=model),
    )
    if not subject:
        return pair
    candidates = [(text, name) for name, text in others.items() if name != model]
    candidates.append((catalog_answer(question, subject, catalog, avoid=guard.avoids), "catalog"))
    for chosen, source in candidates:
        drafted = msgspec.structs.replace(
            pair,
            chosen=chosen,
            kind=kind_of(subject, catalog),
            source=msgspec.structs.replace(pair.source, chosen=source),
        )
        if not guard.problems(drafted):
            return drafted
    return pair


def draft_choice(
    turns: list[tuple[Role, str]],
    subject: str | None,
    chosen: tuple[str, str],
    rejected: tuple[str, str],
    catalog: Catalog,
    *,
    system: str = "",
) -> Pair:
    """Draft a pair of two answers to ``turns``, each as (model, text), of which a person likes ``chosen`` better."""
    *history, (_, question) = turns
    return Pair(
        prompt=question,
        chosen=chosen[1],
        rejected=rejected[1],
        kind=kind_of(subject, catalog) if subject else "other",
        subject=subject or "",
        system=system,
        history=tuple(history),
        source=Source(rejected=rejected[0], chosen=chosen[0]),
    )


def kind_of(subject: str, catalog: Catalog) -> PairKind:
    """What a pair on existence teaches: to accept a real subject, or to deny an invented one."""
    return "acceptance" if is_real(subject, catalog) else "rejection"
