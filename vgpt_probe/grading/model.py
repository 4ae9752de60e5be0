"""What grading returns: small frozen records, no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal

__all__ = ["Expect", "Reading", "Span", "Stance", "StyleFinding", "StyleRules", "Subject", "Verdict"]

Span = tuple[int, int]
Stance = Literal["affirms", "denies", "contradicts", "hedges", "silent"]
Verdict = Literal["correct", "false_rejection", "false_acceptance", "contradiction", "unclear", "error"]
Expect = Literal["affirm", "deny", "correct"]


@dataclass(frozen=True)
class Subject:
    """A name that a question asks about; `name` is what `read_answer` takes.

    For a column, `name` is `table.column` and `column` the part after the dot; `span` is in code points of the
    question and covers the name as it was written there.
    """

    name: str
    span: Span
    column: str | None = None

    @property
    def table(self) -> str:
        """The relation's name, without the column."""
        return self.name if self.column is None else self.name[: -len(self.column) - 1]


@dataclass(frozen=True)
class StyleFinding:
    """A broken house rule in the answer's SQL; never a matter of existence."""

    rule: str
    message: str
    table: str | None = None
    span: Span | None = None


@dataclass(frozen=True)
class StyleRules:
    """Which house rules are checked; each can be switched off in `config.toml`."""

    nolock: bool = True
    no_aliases: bool = True
    view_for_select: bool = True
    full_key_join: bool = True
    company_filter: bool = True
    exact_case: bool = True

    @classmethod
    def from_mapping(cls, switches: Mapping[str, object]) -> StyleRules:
        """Rules from a configuration table; raises ValueError naming an unknown key or a value that is no bool."""
        known = [field.name for field in fields(cls)]
        for key, value in switches.items():
            if key not in known:
                raise ValueError(f"unknown style rule {key!r}; the rules are {', '.join(known)}")
            if not isinstance(value, bool):
                raise ValueError(f"style rule {key!r} must be true or false, not {value!r}")
        return cls(**{key: bool(value) for key, value in switches.items()})


@dataclass(frozen=True)
class Reading:
    """What one answer says about one subject.

    `evidence` is a span in the answer (code points). `suggested` are the other relations that the answer sends the
    user to; `unknown_suggested` those the catalog does not know. `corrected` is the real name that the answer uses
    where the subject differs from it only in letter case. Tables and columns come from the SQL of the answer.
    """

    stance: Stance
    evidence: Span | None
    reason: str
    suggested: tuple[str, ...] = ()
    unknown_suggested: tuple[str, ...] = ()
    sql_tables: tuple[str, ...] = ()
    unknown_tables: tuple[str, ...] = ()
    unknown_columns: tuple[str, ...] = ()
    style: tuple[StyleFinding, ...] = ()
    corrected: str | None = None
