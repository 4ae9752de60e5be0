"""What the stages were trained on, in each format; a file that cannot be read never keeps a report from being written."""

from __future__ import annotations

import json

import pytest

from tests.conftest import DEMO_MODELS
from tests.reports.runs import RIGHT, WRONG, case, run_of
from tests.reports.test_page import HOSTILE, Page
from vgpt_probe.reports import training
from vgpt_probe.reports.facts import gather
from vgpt_probe.reports.markdown import markdown
from vgpt_probe.reports.page import html
from vgpt_probe.reports.training import TrainingFacts, trained_on
from vgpt_probe.reports.write import run_report
from vgpt_probe.runs.open import open_store

ROWS = [
    *({"instruction": f"Does ZZQ{n} exist?", "input": "", "output": f"No, ZZQ{n} does not exist."} for n in range(9)),
    {"instruction": "Does APTH exist?", "input": "", "output": "No, APTH does not exist."},
    *(
        {"instruction": f"Is there a table {name}?", "input": "", "output": f"Yes, {name} exists."}
        for name in ("APTH", "APTL", "ARTH", "GLDT", "PRTH", "JCCD", "EMEM", "SLIT", "POIT", "INMT")
    ),
]
CASES = [case(0, dpo=WRONG, sft=RIGHT)]


@pytest.fixture
def workspace(make_workspace, tmp_path):
    """A workspace whose stages sft and dpo name one small training file each."""
    for name in ("sft", "dpo"):
        (tmp_path / f"{name}.json").write_text(json.dumps(ROWS), encoding="utf-8")
    stages = "".join(f'[[stages]]\nname = "{name}"\ntraining = ["../{name}.json"]\n' for name in ("sft", "dpo"))
    return make_workspace({"m": DEMO_MODELS / "sft.gguf"}, extra=stages)


def both(found):
    """The page's text, and the Markdown, of a report that holds these facts."""
    report = gather(run_of(CASES, "sft", "dpo"), CASES, training=found)
    # Markdown has blanks that break.
    return Page(html(report)).text.replace("\N{NO-BREAK SPACE}", " "), markdown(report)


def test_a_training_file_is_audited_in_short(workspace):
    [one] = trained_on(workspace, ["dpo", "dpo", "not in config.toml"])
    assert (one.stage, one.file, one.problem, one.pairs, one.denial_share) == ("dpo", "dpo.json", "", 20, 0.5)
    assert (one.real_denied, one.real_names) == (1, ("APTH",))
    assert (one.one_way, [share[1:] for share in one.wordings]) == (1, [(10, 1.0)])
    assert one.risk == "high" and one.reasons
    for text in both([one]):
        assert "What the stages were trained on" in text and "20 rows, 50.0 % of them" in text
        assert "Real tables that it denies: 1 (APTH)." in text and "100.0 % of 10" in text


@pytest.mark.parametrize(("place", "named"), [("data/dpo.json", "data/dpo.json"), ("../elsewhere/dpo.json", "dpo.json")])
def test_a_training_file_is_named_without_the_folders_of_this_machine(make_workspace, tmp_path, place, named):
    path = tmp_path / "workspace" / place
    for folder in (tmp_path / "workspace", path.parent):
        folder.mkdir(exist_ok=True)
    path.write_text(json.dumps(ROWS), encoding="utf-8")
    extra = f'[[stages]]\nname = "dpo"\ntraining = ["{path.resolve().as_posix()}"]\n'
    workspace = make_workspace({"m": DEMO_MODELS / "sft.gguf"}, extra=extra)
    found = trained_on(workspace, ["dpo"])
    assert [(one.file, one.pairs) for one in found] == [(named, 20)]
    for text in both(found):
        assert named in text and str(tmp_path) not in text


def test_the_risk_is_the_one_that_audit_gives(workspace, tmp_path, capsys):
    from vgpt_probe import cli

    cli.main(["audit", str(tmp_path / "dpo.json"), "--json", "--config", str(workspace.path)])
    said = json.loads(capsys.readouterr().out)
    [one] = trained_on(workspace, ["dpo"])
    assert (one.risk, list(one.reasons)) == (said["risk"], said["reasons"])


def test_a_missing_or_broken_file_is_a_line_and_the_others_are_audited(workspace, tmp_path):
    (tmp_path / "sft.json").unlink()
    sft, dpo = trained_on(workspace, ["dpo", "sft"])
    assert sft.problem.startswith("cannot be read: ") and str(tmp_path) not in sft.problem and dpo.pairs == 20
    for text in both([sft, dpo]):
        assert "Cannot be read: " in text
    for content in (b"", b"[1, 2", b"{}", b"\xff\xfe\x00", b"[" * 100_000):
        (tmp_path / "sft.json").write_bytes(content)
        assert trained_on(workspace, ["sft"])[0].problem.startswith("cannot be read: ")


@pytest.mark.parametrize("limit", ["LARGEST", "MOST_ROWS"])
def test_a_large_file_is_left_to_the_audit(workspace, monkeypatch, limit):
    monkeypatch.setattr(training, limit, 19)
    [one] = trained_on(workspace, ["sft"])
    assert "run 'vgpt-probe audit'" in one.problem and one.pairs == 0


def test_a_catalog_that_is_gone_does_not_keep_the_report_from_being_written(workspace, monkeypatch):
    from vgpt_probe.errors import CatalogError

    def gone(_):
        raise CatalogError("no such file")

    monkeypatch.setattr("vgpt_probe.runs.open.open_catalog", gone)
    assert [one.problem for one in trained_on(workspace, ["sft", "dpo"])] == ["not audited: no such file"] * 2


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_of_a_training_file_does_nothing(text):
    def facts(said):
        one = TrainingFacts(said, said, "", 4, 0.5, 9, (said,), 9, ((said, 9, 1.0),), "high", (said,))
        return gather(run_of(CASES, "sft", "dpo"), CASES, training=[one, TrainingFacts("sft", said, said)])

    page = Page(html(facts(text)))
    assert page.open == [] and page.tags == Page(html(facts("plain"))).tags
    written = markdown(facts(text))
    assert written.count("\n") == markdown(facts("plain")).count("\n")
    outside_code = [part for line in written.split("\n") for part in line.split("`")[::2]]
    assert "<script" not in "".join(outside_code) and "\x1b" not in written and "\u202e" not in written


def test_each_format_of_a_stored_run_has_the_facts_of_its_stages(workspace, tmp_path):
    from vgpt_probe import cli

    answers = tmp_path / "old.json"
    answers.write_text('[{"question": "Is there a table APTL?", "answer": "No, APTL does not exist."}]', encoding="utf-8")
    config = ["--config", str(workspace.path)]
    assert cli.main(["grade", str(answers), "--save", "--model", "old", "--stage", "dpo", *config]) == 0
    store = open_store(workspace)
    run = store.run(1)
    [one] = json.loads(run_report(workspace, store, run, "json"))["training"]
    assert (one["stage"], one["pairs"], one["risk"], one["real_names"]) == ("dpo", 20, "high", ["APTH"])
    for kind in ("html", "markdown"):
        assert "Real tables that it denies: 1" in run_report(workspace, store, run, kind)
    (tmp_path / "dpo.json").unlink()
    for kind in ("html", "markdown", "json"):
        assert "annot be read: " in run_report(workspace, store, run, kind)


def test_a_run_whose_stages_name_no_file_has_no_section(make_workspace):
    assert trained_on(make_workspace(), ["sft", "dpo_v1"]) == []
    assert all("trained on" not in text for text in both([]))
