"""When an answer may end early: as soon as its verdict is safe, never before a contradiction can show."""

from __future__ import annotations

import pytest

from tests.engine.test_batch import TEMPLATE, CheckingModel
from vgpt_probe.engine.batch import Scheduler
from vgpt_probe.engine.messages import Request, Turn
from vgpt_probe.engine.watch import watcher
from vgpt_probe.runs.grade import Grader

QUESTION = "Describe the APTL table"


@pytest.fixture(scope="module")
def watch(catalog):
    begin = watcher(Grader(catalog).read_with)

    def watch(text, *, piece=3):
        """What an answer is cut to that comes in small pieces; None when it is read to its end."""
        one = begin(Request("1", (Turn("user", QUESTION),), subject="APTL"))
        for end in range(piece, len(text) + piece, piece):
            if (cut := one.cut(text[:end])) is not None:
                return text[:cut]
        return None

    return watch


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("APTL is the AP Transaction Line view. Its columns are many.", "APTL is the AP Transaction Line view."),
        ("Yes, APTL exists. It holds lines. Ask on.", "Yes, APTL exists."),
        ("```sql\nSELECT *\nFROM APTL\nWHERE APCo = 1\n```", "```sql\nSELECT *\nFROM APTL\n"),
        (
            "The table 'APTL' does not exist. Check the spelling of the name. Then ask again.",
            "The table 'APTL' does not exist. Check the spelling of the name.",
        ),
    ],
)
def test_an_answer_ends_where_its_stance_is_settled(watch, said, kept):
    assert watch(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "The table 'APTL' does not exist. Use this instead:\n\n```sql\nSELECT *\nFROM APTL\n```\n",
        "There is no table named APTL. Yes, APTL exists. More to come.",
        "There is no table named APTL. The correct table is APTH.\n\n```sql\nSELECT *\nFROM APTL\n```\n",
    ],
)
def test_what_is_denied_and_then_used_is_read_until_that_shows(watch, catalog, said):
    grader = Grader(catalog)
    cut = watch(said) or said
    assert grader.read(QUESTION, cut, "APTL").stance == grader.read(QUESTION, said, "APTL").stance == "contradicts"


@pytest.mark.parametrize("said", ["APTL", "1. APTL", "The columns are:\n", ""])
def test_half_a_sentence_settles_nothing(watch, said):
    assert watch(said) is None


class Speaker(CheckingModel):
    """Says the same text after any prompt, a byte a token, and then begins anew."""

    def __init__(self, said):
        super().__init__(parallel=2)
        self._said = said.encode()
        self._start = {}

    def _logits(self, history):
        start = bytes(history).index(b"<assistant>") + len(b"<assistant>")
        row = super()._logits(history) * 0
        row[self._said[(len(history) - start) % len(self._said)]] = 1.0
        return row


def test_a_settled_answer_says_so_and_makes_room_for_the_next(catalog):
    reports = []
    said = "Yes, APTL exists. And on it goes. "
    scheduler = Scheduler(Speaker(said), TEMPLATE, None, parallel=1, batch=64, report=reports.append)
    scheduler.watch = watcher(Grader(catalog).read_with)
    turns = (Turn("user", QUESTION),)
    scheduler.ask([Request("early", turns, 200, subject="APTL"), Request("full", turns, 200)])
    while not scheduler.idle:
        scheduler.step()
    early, full = reports
    assert (early.text, early.stop) == ("Yes, APTL exists.", "settled")
    assert early.tokens == len("Yes, APTL exists. ")
    assert (full.stop, full.tokens) == ("length", 200)
