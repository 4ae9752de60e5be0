"""Sets of pairs that several tests export: one with every kind of text, one drawn from the catalog."""

from __future__ import annotations

from vgpt_probe.config_tables import BalanceConfig
from vgpt_probe.pairs.balance import measure
from vgpt_probe.pairs.fill import draft_cells, draw_cells, draw_style, make_plan, usable_wordings
from vgpt_probe.pairs.guard import Guard
from vgpt_probe.pairs.pair import Pair, Source
from vgpt_probe.pairs.voice import Voice

APTL = "APTL is a view in module AP: AP Transaction Line. Key columns: APCo, Mth, APTrans, APLine."

#: By hand: quotes, line ends, letters of other scripts, a system prompt, a conversation, SQL.
EVERY_KIND = [
    Pair(
        "Is there a table named APTL?",
        f"Yes, APTL exists. {APTL}",
        "The table 'APTL' does not exist.",
        "acceptance",
        subject="APTL",
        wording="exists",
        source=Source(run=3, probe="abc", rejected="dpo_v2", chosen="catalog"),
    ),
    Pair(
        "Describe the Rechnungen_für_Größe table",
        'There is no table or view named "Rechnungen_für_Größe" in Viewpoint Vista.\n\nПроверьте имя.\t\\ ☃ \u2028',
        "Rechnungen_für_Größe is a view.",
        "rejection",
        subject="Rechnungen_für_Größe",
    ),
    Pair(
        "And APTL?",
        APTL,
        "There is no APTL.",
        "acceptance",
        subject="APTL",
        system="You know Vista.\nBe short.",
        history=(("user", "What is APTH?"), ("assistant", "APTH is a view: AP Transaction Header.")),
    ),
    Pair(
        "Select Mth from APTL",
        "```sql\nSELECT Mth\nFROM APTL WITH (NOLOCK)\nWHERE APCo = @APCo\n```",
        "```sql\nSELECT Mth\nFROM APTL\nWHERE APCo = @APCo\n```",
        "style",
        subject="APTL",
    ),
]


def drawn(
    guard: Guard, count: int, *, seed: int = 1, voice: Voice | None = None, system: str = ""
) -> list[Pair]:
    """A balanced set of about ``count`` pairs, drawn from the guard's catalog."""
    wordings = usable_wordings([], guard)
    plan = make_plan(measure([], guard.catalog), BalanceConfig(), wordings, total=count)
    cells = draw_cells(plan, wordings, guard, seed=seed)
    pairs, _ = draft_cells(cells, voice or Voice([], guard.catalog), guard, seed=seed, system=system)
    return pairs + draw_style(plan.style, guard, seed=seed, system=system)
