"""What may become a training pair: nothing held out, nothing that teaches what is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from vgpt_probe.catalog import Catalog
from vgpt_probe.pairs.check import problems
from vgpt_probe.pairs.pair import Pair

if TYPE_CHECKING:
    from vgpt_probe.grading import Phrases, StyleRules
    from vgpt_probe.probes import HeldOut


class Guard:
    """Judges pairs by a workspace's catalog, held-out sets, phrases (None: the shipped ones) and house rules."""

    def __init__(
        self,
        catalog: Catalog,
        heldout: HeldOut | None = None,
        *,
        phrases: Phrases | None = None,
        rules: StyleRules | None = None,
    ) -> None:
        self.catalog = catalog
        self.heldout = heldout
        self.phrases = phrases
        self.rules = rules

    def held(self, pair: Pair) -> str | None:
        """Say why a pair is held out, or None: by its subject, its wording, or a name in any of its texts."""
        if self.heldout is None:
            return None
        answers = [pair.chosen, pair.rejected]
        for role, text in pair.history:
            if role == "assistant":
                answers.append(text)
            elif why := self.heldout.why(text):
                return why
        if pair.system:
            answers.append(pair.system)
        return self.heldout.why(pair.prompt, subject=pair.subject, answers=answers)

    def avoids(self, name: str) -> bool:
        """Whether a relation or an invented name must not be spoken of."""
        return self.heldout is not None and self.heldout.subject(name)

    def problems(self, pair: Pair) -> list[str]:
        """Name what training on a pair would teach wrongly."""
        return problems(pair, self.catalog, phrases=self.phrases, rules=self.rules)

    def refusals(self, pair: Pair) -> list[str]:
        """Everything that keeps a pair out of an export; empty when it may go."""
        held = self.held(pair)
        return ([held] if held else []) + self.problems(pair)

    def sift(self, pairs: Iterable[Pair]) -> tuple[list[Pair], list[tuple[Pair, list[str]]]]:
        """The pairs that may go into an export, and the others with what keeps them out."""
        sound: list[Pair] = []
        refused: list[tuple[Pair, list[str]]] = []
        for pair in pairs:
            if why := self.refusals(pair):
                refused.append((pair, why))
            else:
                sound.append(pair)
        return sound, refused
