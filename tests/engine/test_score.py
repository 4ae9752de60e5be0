"""Scoring: margins equal those computed one token at a time, whatever is scored beside them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.test_batch import TEMPLATE, CheckingModel
from vgpt_probe.engine import score
from vgpt_probe.engine.messages import Failed, Score, Scored, Turn, Weigh, Weighed
from vgpt_probe.engine.prefix import PrefixTree
from vgpt_probe.engine.score import Scorer
from vgpt_probe.engine.template import ChatTemplate

DENIALS, AFFIRMATIONS = ("There is no", "No"), ("Yes", "APTH is", "```sql")


class SmoothModel(CheckingModel):
    """As the checking model, with a spread of likelihoods that its history decides."""

    def _logits(self, history):
        return np.random.default_rng(list(history)).standard_normal(257).astype(np.float32)


def score_all(questions, *, batch=64, slots=10, cells=100_000, model=None):
    reports = []
    model = model or SmoothModel(cells=cells, parallel=2 + slots)
    prefix = PrefixTree(model, batch=batch)
    scorer = Scorer(model, TEMPLATE, prefix, slots=range(slots), batch=batch, report=reports.append)
    scorer.ask([Score(str(n), (Turn("user", q),), DENIALS, AFFIRMATIONS) for n, q in enumerate(questions)])
    while not scorer.idle:
        scorer.step()
    left = [held for slot, held in model.held.items() if slot not in model.prefix_slots]
    assert not any(left), "something is left in a slot"
    return {report.id: report for report in reports}


def by_hand(question):
    model = SmoothModel()
    prompt = model.tokenize(TEMPLATE.render([Turn("user", question)]))

    def likelihood(opening):
        history, total = list(prompt), 0.0
        for token in model.tokenize(opening):
            row = model._logits(history).astype(np.float64)
            total += row[token] - np.log(np.exp(row).sum())
            history.append(token)
        return total

    sides = [[likelihood(opening) for opening in side] for side in (DENIALS, AFFIRMATIONS)]
    return np.log(np.exp(sides[0]).sum()) - np.log(np.exp(sides[1]).sum())


@pytest.mark.parametrize(("batch", "slots", "cells"), [(64, 10, 100_000), (7, 5, 100_000), (512, 20, 160)])
def test_a_margin_is_what_it_is_alone_and_by_hand(batch, slots, cells):
    questions = [f"Is there a table {name}?" for name in ("APTH", "A", "Invoices of all kinds", "é", "APTH")]
    found = score_all(questions, batch=batch, slots=slots, cells=cells)
    for number, question in enumerate(questions):
        assert isinstance(found[str(number)], Scored)
        assert found[str(number)].margin == pytest.approx(by_hand(question), abs=1e-3)


def test_a_prompt_that_is_too_long_fails_alone():
    found = score_all(["a" * 300, "b"], cells=200)
    assert isinstance(found["0"], Failed) and isinstance(found["1"], Scored)


def test_a_prompt_of_many_steps_whose_first_was_stopped_is_scored_again():
    model = SmoothModel(parallel=12)
    model.status = score.STOPPED
    reports = []
    scorer = Scorer(model, TEMPLATE, None, slots=range(10), batch=7, report=reports.append)
    scorer.ask([Score("1", (Turn("user", "APTH"),), DENIALS, AFFIRMATIONS)])
    scorer.step()
    assert not reports
    model.status = 0
    scorer.step()
    assert reports[0].margin == pytest.approx(by_hand("APTH"), abs=1e-3)


def test_what_waits_can_be_stopped():
    reports = []
    model = SmoothModel(parallel=20)
    scorer = Scorer(model, TEMPLATE, PrefixTree(model, batch=64), slots=range(5, 15), batch=64, report=reports.append)
    scorer.ask([Score(str(n), (Turn("user", "q"),), DENIALS, AFFIRMATIONS) for n in range(3)])
    scorer.cancel(["1"])
    assert [(report.id, report.stopped) for report in reports] == [("1", True)]
    scorer.cancel(None)
    assert scorer.idle and len(reports) == 3


#: Ends each turn with a mark, and answers with it too: what follows the prompt in training.
TURNS = ChatTemplate(
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}</>{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)


@pytest.mark.parametrize("most", [1 << 25, 257 * 3])
def test_answers_are_weighed_as_they_are_one_token_at_a_time(most, monkeypatch):
    monkeypatch.setattr(score, "MOST_LOGITS", most)
    reports = []
    model = SmoothModel(parallel=20)
    prefix = PrefixTree(model, batch=64)
    scorer = Scorer(model, TURNS, prefix, slots=range(6), batch=64, report=reports.append)
    answers = ("APTL is a view: AP Transaction Line.", "No.", "")
    questions = [f"Is there a table {name}?" for name in ("APTL", "Invoices", "é")]
    scorer.ask([Weigh(q, (Turn("user", q),), answers) for q in questions])
    scorer.ask([Weigh("none", (Turn("user", "q"),), ())])
    while not scorer.idle:
        scorer.step()
    assert isinstance(reports[0], Failed) and reports[0].id == "none"
    assert [report.id for report in reports[1:]] == questions
    for report in reports[1:]:
        assert isinstance(report, Weighed)
        for answer, found, count in zip(answers, report.likelihoods, report.tokens, strict=True):
            history = list(f"<user>{report.id}</><assistant>".encode())
            expected = 0.0
            for token in (answer + "</>").encode():
                row = model._logits(history).astype(np.float64)
                expected += row[token] - np.log(np.exp(row).sum())
                history.append(token)
            assert count == len(answer) + len("</>")
            assert found == pytest.approx(expected, abs=1e-3)


def test_an_answer_longer_than_the_recursion_limit_is_weighed():
    reports = []
    model = SmoothModel(parallel=20)
    scorer = Scorer(model, TURNS, None, slots=range(3, 9), batch=64, report=reports.append)
    scorer.ask([Weigh("long", (Turn("user", "q"),), ("yes " * 270, "yes " * 260 + "no"))])
    while not scorer.idle:
        scorer.step()
    [report] = reports
    assert isinstance(report, Weighed) and report.tokens == (1080 + 3, 1042 + 3)


def test_what_llama_cpp_refuses_fails_and_the_rest_is_scored():
    class Refusing(SmoothModel):
        refuses = True

        def decode(self, tokens, *rest):
            return -3 if self.refuses and len(tokens) > 40 else super().decode(tokens, *rest)

    found = score_all(["Is there APTL?", "?" * 60], model=Refusing(cells=200, parallel=12), batch=256)
    assert any(isinstance(report, Failed) and "-3" in report.message for report in found.values())
