"""What training on a set of pairs would teach: who is denied, who is affirmed, in which wordings, in which modules."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

import msgspec

from vgpt_probe.catalog import Catalog
from vgpt_probe.config_tables import BalanceConfig
from vgpt_probe.pairs.pair import DENYING, STYLE, Pair
from vgpt_probe.pairs.wording import key_of


class WordingMake(msgspec.Struct, frozen=True):
    """How often one wording is answered by a denial and by an affirmation; ``text`` has ``{subject}``."""

    text: str
    denials: int
    affirmations: int

    @property
    def pairs(self) -> int:
        return self.denials + self.affirmations

    @property
    def denial_share(self) -> float:
        return self.denials / max(1, self.pairs)


class Balance(msgspec.Struct, frozen=True):
    """The make-up of a set of pairs.

    ``kinds``: pairs by kind; ``wordings``: most used first, without style pairs; ``modules``: affirmations by module
    of the catalog, those without any included; ``asked_of_model``: pairs whose rejected side is what a model said to
    this very question.
    """

    pairs: int
    kinds: dict[str, int]
    wordings: tuple[WordingMake, ...]
    modules: dict[str, int]
    invented: int
    real: int
    asked_of_model: int

    def count(self, *kinds: str) -> int:
        return sum(self.kinds.get(kind, 0) for kind in kinds)

    @property
    def denials(self) -> int:
        return self.count(*DENYING)

    @property
    def affirmations(self) -> int:
        return self.count("acceptance")

    @property
    def style(self) -> int:
        return self.count(*STYLE)


def measure(pairs: Iterable[Pair], catalog: Catalog) -> Balance:
    """Count what a set of pairs teaches."""
    pairs = list(pairs)
    wordings: dict[str, list[int]] = {}
    texts: dict[str, str] = {}
    modules = dict.fromkeys((name for name in catalog.modules if name != "Other"), 0)
    real: set[str] = set()
    invented: set[str] = set()
    for pair in pairs:
        denies = pair.kind in DENYING
        if not denies and pair.kind != "acceptance":
            continue
        text = template_of(pair)
        key = key_of(text)
        texts.setdefault(key, text)
        row = wordings.setdefault(key, [0, 0])
        row[0 if denies else 1] += 1
        if denies:
            invented.add(pair.subject.casefold())
        elif relation := catalog.get(pair.subject):
            real.add(relation.name)
            modules[relation.module] = modules.get(relation.module, 0) + 1
    listed = sorted(wordings.items(), key=lambda entry: (-sum(entry[1]), entry[0]))
    return Balance(
        pairs=len(pairs),
        kinds=dict(Counter(pair.kind for pair in pairs).most_common()),
        wordings=tuple(WordingMake(texts[key], *counts) for key, counts in listed),
        modules=modules,
        invented=len(invented),
        real=len(real),
        asked_of_model=sum(1 for pair in pairs if pair.source.run is not None),
    )


def missing(balance: Balance, target: BalanceConfig) -> list[str]:
    """Say in words what keeps a set of pairs from its target band; empty when nothing does."""
    if not balance.pairs:
        return ["there is no pair yet"]
    found = []
    for count, (low, high), what, few in (
        (balance.denials, target.rejection, "denials of invented subjects", "denial"),
        (balance.affirmations, target.acceptance, "affirmations of real subjects", "affirmation"),
        (balance.style, target.style, "style pairs", "style pair"),
    ):
        share = count / balance.pairs
        if share < low:
            wanted = math.ceil((low * balance.pairs - count) / (1 - low))
            name = few if wanted == 1 else what
            found.append(
                f"add ≥ {wanted} {name}: {_percent(share)} of the pairs, at least {_percent(low)} wanted"
            )
        elif share > high:
            mend = (
                f"add ≥ {math.ceil(count / high) - balance.pairs} of the other kinds"
                if high
                else "take them out"
            )
            found.append(
                f"{what} are {_percent(share)} of the pairs, at most {_percent(high)} wanted: {mend}"
            )
    lowest, highest = target.wording
    for wording in balance.wordings:
        if wording.pairs >= 2 and not lowest <= wording.denial_share <= highest:
            denials = f"{wording.denials} of {wording.pairs}"
            found.append(f"wording '{wording.text}' is {_percent(wording.denial_share)} denial ({denials})")
    bare = [module for module, count in balance.modules.items() if count < target.module]
    if bare:
        none = [module for module in bare if balance.modules[module] == 0]
        some = [f"{module} ({balance.modules[module]})" for module in bare if balance.modules[module]]
        if none:
            found.append(f"no affirmation in {', '.join(none)}")
        if some:
            found.append(f"fewer than {target.module} affirmations in {', '.join(some)}")
    return found


def template_of(pair: Pair) -> str:
    """The wording of a pair: its prompt with ``{subject}`` for the name; the prompt itself where no subject is known."""
    return pair.prompt.replace(pair.subject, "{subject}") if pair.subject else pair.prompt


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
