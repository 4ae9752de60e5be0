"""What was said: the reading of an answer, its verdict, and statistics over verdicts. Pure; loads nothing heavy."""

from __future__ import annotations

from .model import Expect, Reading, Span, Stance, StyleFinding, StyleRules, Subject, Verdict
from .patterns import PhraseError
from .phrases import Phrases, default_phrases, load_phrases
from .reader import read_answer
from .stats import (
    DenialRate,
    DenialRow,
    Interval,
    PairedTable,
    denials_by_subject,
    denials_by_wording,
    mcnemar_exact,
    paired_table,
    shortcut_wordings,
    stage_path,
    wilson,
)
from .subjects import find_subjects
from .verdicts import judge

__all__ = [
    "DenialRate",
    "DenialRow",
    "Expect",
    "Interval",
    "PairedTable",
    "PhraseError",
    "Phrases",
    "Reading",
    "Span",
    "Stance",
    "StyleFinding",
    "StyleRules",
    "Subject",
    "Verdict",
    "default_phrases",
    "denials_by_subject",
    "denials_by_wording",
    "find_subjects",
    "judge",
    "load_phrases",
    "mcnemar_exact",
    "paired_table",
    "read_answer",
    "shortcut_wordings",
    "stage_path",
    "wilson",
]
