"""The balance meter: each share of a set of pairs as a bar, with the band that is wanted, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from vgpt_probe.text import one_line

if TYPE_CHECKING:
    from vgpt_probe.config_tables import BalanceConfig
    from vgpt_probe.pairs.balance import Balance

#: The width of a bar, the same where the screen is narrow, and below which width it is.
BAR, SHORT, NARROW = 10, 3, 100


class Meter(Static):
    """Two lines that are always in sight: the bars, and the way to a balanced set."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._shown: tuple[Balance, list[str], BalanceConfig, str] | None = None

    def show(self, balance: Balance, missing: list[str], target: BalanceConfig, hint: str = "") -> None:
        """Show a set's make-up, what it lacks, what is wanted, and how to get there."""
        self._shown = balance, missing, target, hint
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        if self._shown is None:
            return
        balance, missing, target, hint = self._shown
        narrow = self.size.width < NARROW
        bar, gap = (SHORT, " ") if narrow else (BAR, "  ")
        parts: list[tuple[str, str]] = []
        for label, count, (low, high) in (
            ("deny", balance.denials, target.rejection),
            ("affirm", balance.affirmations, target.acceptance),
            ("style", balance.style, target.style),
        ):
            share = count / max(1, balance.pairs)
            good = low <= share <= high
            filled = round(share * bar)
            parts += [
                (f" {label} ", "bold"),
                ("━" * filled, "$success" if good else "$warning"),
                ("─" * (bar - filled), "$text-disabled"),
                (f" {100 * share:.0f} %", "" if good else "bold $warning"),
                (f" of {100 * low:.0f}–{100 * high:.0f}{gap}", "$text-muted"),
            ]
        if missing:
            advice = [(" ! ", "bold $warning"), (hint, "bold"), (one_line("; ".join(missing)), "$text-muted")]
        else:
            advice = [(" ✓ ", "bold $success"), ("the set is balanced", "$text-muted")]
        self.update(Content("\n").join([Content.assemble(*parts), Content.assemble(*advice)]))
