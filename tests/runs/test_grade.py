"""Grading with a workspace's own phrases and house rules, and grading again."""

from __future__ import annotations

import pytest

from vgpt_probe.errors import ConfigError
from vgpt_probe.probes import Battery, make_probe
from vgpt_probe.runs.grade import Grader, open_grader, regrade
from vgpt_probe.runs.records import Answer, RunModel, Snapshot
from vgpt_probe.runs.store import Store


def test_house_rules_are_switched_by_the_workspace(make_workspace, catalog):
    probe = make_probe("Write a query on APTH", "APTH", catalog, wording="query")
    text = "```sql\nSELECT Vendor FROM APTH WHERE APCo = 1\n```"
    broken = Grader(catalog).grade(probe, text)
    assert broken.verdict == "correct", "style is never mixed with existence"
    assert "nolock" in {one.rule for one in broken.style}
    lenient = make_workspace(extra="[grading]\nstyle = { nolock = false }")
    assert "nolock" not in {one.rule for one in open_grader(lenient, catalog).grade(probe, text).style}


def test_phrases_that_cannot_be_read_are_named(make_workspace, catalog, tmp_path):
    (tmp_path / "workspace").mkdir()
    (tmp_path / "workspace" / "mine.toml").write_text("[english]\ndenial = 3", encoding="utf-8")
    workspace = make_workspace(extra='[grading]\nphrases = "mine.toml"')
    with pytest.raises(ConfigError, match=r"grading\.phrases"):
        open_grader(workspace, catalog)


def test_regrading_shows_what_changed_and_keeps_reviews_and_errors(tmp_path, catalog):
    store = Store(tmp_path / "s.db")
    probe = make_probe("Is there a table named APTH?", "APTH", catalog, wording="exists")
    snapshot = Snapshot("", "", (RunModel("a", "a", ""), RunModel("b", "b", "")))
    run = store.create_run(Battery("b", "", (probe,), ""), snapshot)
    wrong = Answer(run, "a", 0, "APTH does not exist.", "affirms", "correct", tokens=5)
    store.add_answers([wrong, Answer(run, "b", 0, "", "silent", "error", reason="no room")])
    store.review(wrong, "overridden", verdict="unclear", note="looked at it")
    [(before, after)] = regrade(store, run, Grader(catalog))
    assert (before.verdict, after.verdict) == ("correct", "false_rejection")
    kept = {answer.model: answer for answer in store.answers(run)}
    assert (kept["a"].verdict, kept["a"].final, kept["a"].tokens) == ("false_rejection", "unclear", 5)
    assert (kept["b"].verdict, kept["b"].reason) == ("error", "no room")
    assert regrade(store, run, Grader(catalog)) == []
    store.close()
