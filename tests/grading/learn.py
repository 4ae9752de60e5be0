"""Makes the weights of the reader's learned half: `python -m tests.grading.learn` (five minutes, numpy alone).

It learns from the hand-labelled cases and from the sets in `cases/outside`, each by a writer who had not seen the
reader. How much the learned half is trusted beside the rules is fitted on the outside sets, each judged by weights that
were learned without it; the score that this gives is printed. `cases/unseen` takes no part in anything.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tests.grading import test_combinations, test_everyday
from tests.grading.cases import HERE, Case, all_cases, outside_cases, small_catalog
from vgpt_probe.catalog.model import Catalog
from vgpt_probe.grading import learned
from vgpt_probe.grading.answer import Answer
from vgpt_probe.grading.learned import BITS, STANCES, Opinion, features, settled, weighed
from vgpt_probe.grading.model import Stance
from vgpt_probe.grading.reader import by_rules, opened
from vgpt_probe.grading.sentences import Sentence
from vgpt_probe.grading.text import clean

# An outside case counts as much as three of those that the rules were made for.
_WORTH = 3.0
_FOLDS = 5
# What one's own case counts in weighing rules against words: the rules were made for it.
_OWN = 0.5
# The rules were mended for these: what the rules are worth can't be learned from them.
_MENDED = ("a", "b", "c")


class Read(NamedTuple):
    """A case, read by the rules, with what the learned half looks at."""

    case: Case
    answer: Answer
    rows: list[Sentence]
    rule: Stance
    seen: np.ndarray


def read(case: Case, catalog: Catalog) -> Read | None:
    answer = opened(case.question, clean(case.answer)[0], case.subject, catalog)
    decision, rows = by_rules(answer)
    return Read(case, answer, rows, decision.stance, features(answer, rows)) if rows else None


def plain_cases() -> list[Case]:
    """Plain answers, put together from a statement and what may follow it."""
    out = []
    for stance, heads, tails in test_combinations.FAMILIES:
        for at, (head, tail) in enumerate(itertools.product(heads, tails)):
            subject = ("APTL", "Deliveries")[at % 2]
            between = "\n\n" if "```" in head or at % 3 == 0 else " "
            answer = (head + between + tail).replace("{S}", subject)
            out.append(Case("plain", at, stance, subject, f"Describe the {subject} table structure", answer))
    for stance, subject, said, after in test_everyday.FAMILIES:
        for at, (core, more) in enumerate(itertools.product(said, after)):
            answer = (core[0].upper() + core[1:] + more).format(s=subject)
            out.append(Case("plain", at, stance, subject, f"Describe the {subject} table", answer))
    return out


def label(case: Case) -> int:
    """The number of a case's stance; `unclear` is learned as silent."""
    return STANCES.index("silent" if case.stance == "unclear" else case.stance)


def fit_words(
    reads: Sequence[Read], worth: Sequence[float], l2: float = 2e-3, rounds: int = 120
) -> tuple[np.ndarray, np.ndarray]:
    """Logistic regression over the buckets: a weight for each bucket and stance, and the biases."""
    of = np.concatenate([np.full(len(r.seen), i) for i, r in enumerate(reads)])
    seen = np.concatenate([r.seen for r in reads])
    often = np.bincount(seen, minlength=1 << BITS)[seen] > 1
    used, seen = np.unique(seen[often], return_inverse=True)
    of = of[often]
    share = np.array(worth) / sum(worth)
    truth = np.eye(len(STANCES))[[label(r.case) for r in reads]]
    weights = np.zeros((len(used) + 1, len(STANCES)))

    def slope(weights: np.ndarray) -> np.ndarray:
        scores = np.stack([np.bincount(of, column[seen], len(reads)) for column in weights[:-1].T], 1)
        miss = (softmax(scores + weights[-1]) - truth) * share[:, None]
        back = np.stack([np.bincount(seen, column[of], len(used)) for column in miss.T], 1)
        return np.vstack([back + l2 * weights[:-1], miss.sum(0)])

    weights = descend(weights, slope, rounds)
    table = np.zeros((1 << BITS, len(STANCES)))
    table[used] = weights[:-1]
    return table, weights[-1]


def fit_weighing(
    rows: np.ndarray, truth: np.ndarray, worth: np.ndarray, l2: float = 3e-3, rounds: int = 400
) -> np.ndarray:
    """Logistic regression over what the two opinions are weighed by."""
    goal = np.eye(len(STANCES))[truth]
    share = (worth / worth.sum())[:, None]

    def slope(weights: np.ndarray) -> np.ndarray:
        return rows.T @ ((softmax(rows @ weights) - goal) * share) + l2 * weights

    return descend(np.zeros((rows.shape[1], len(STANCES))), slope, rounds)


def descend(weights: np.ndarray, slope, rounds: int, step: float = 0.05) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Adam with a falling step."""
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for t in range(1, rounds + 1):
        down = slope(weights)
        mean = 0.9 * mean + 0.1 * down
        square = 0.999 * square + 0.001 * down * down
        weights = weights - step * (1 - 0.9 * t / rounds) * (mean / (1 - 0.9**t)) / (
            np.sqrt(square / (1 - 0.999**t)) + 1e-9
        )
    return weights


def softmax(scores: np.ndarray) -> np.ndarray:
    odds = np.exp(scores - scores.max(1)[:, None])
    return odds / odds.sum(1)[:, None]


def formed(r: Read, table: np.ndarray, bias: np.ndarray) -> Opinion:
    """The learned opinion by given weights."""
    lines = list(learned._lines(r.answer, r.rows))
    scores = np.stack([table[learned._buckets(role, text)].sum(0) for _, role, text in lines])
    odds = softmax((table[r.seen].sum(0) + bias)[None])[0]
    return Opinion(odds, scores, tuple(order for order, _, _ in lines))


def main() -> None:
    """Learns, prints what to expect of a writer whom nothing has seen, and writes the weights."""
    target = Path(learned.__file__).with_name("learned.npz")
    catalog = small_catalog()
    folders = sorted(
        path.name
        for path in HERE.iterdir()
        if path.is_dir() and path.name not in ("last", "outside", "unseen", "__pycache__")
    )
    own = [r for folder in folders for case in all_cases(folder) if (r := read(case, catalog))]
    own += [r for case in plain_cases()[::3] if (r := read(case, catalog))]
    sets = {
        path.stem: [r for case in outside_cases(path) if (r := read(case, catalog))]
        for path in sorted((HERE / "outside").glob("*.jsonl"))
    }
    print(f"{len(own)} cases of one's own, {sum(map(len, sets.values()))} from outside", flush=True)
    out: dict[str, np.ndarray] = {}
    folds: dict[str, list[Read]] = {}
    for fold in range(_FOLDS):
        held_out = list(sets)[fold::_FOLDS]
        rest = [r for name, reads in sets.items() if name not in held_out for r in reads]
        table, bias = fit_words([*own, *rest], [1.0] * len(own) + [_WORTH] * len(rest))
        for name in held_out:
            out[name] = np.array([weighed(r.answer, r.rule, formed(r, table, bias)) for r in sets[name]])
    # One's own cases hold the weighing to what the rules know for sure, each judged by weights learned without its fold.
    for fold in range(_FOLDS):
        held = own[fold::_FOLDS]
        rest = [r for at, r in enumerate(own) if at % _FOLDS != fold]
        every = [r for reads in sets.values() for r in reads]
        table, bias = fit_words([*rest, *every], [1.0] * len(rest) + [_WORTH] * len(every))
        out[f"own {fold}"] = np.array([weighed(r.answer, r.rule, formed(r, table, bias)) for r in held])
        folds[f"own {fold}"] = held
    truth = {name: np.array([label(r.case) for r in reads]) for name, reads in {**sets, **folds}.items()}
    stances: dict[str, list[Stance]] = {}
    for name, held in sets.items():
        others = [other for other in sets if other != name and other not in _MENDED]
        weighing = fit_weighing(*_joined([*others, *folds], out, truth))
        odds = softmax(out[name] @ weighing)
        best = [settled(r.rule, likely) for r, likely in zip(held, odds, strict=True)]
        stances[name] = ["silent" if number is None else STANCES[number] for number in best]
        told(name, held, stances[name])
    fresh = [name for name in sets if name not in _MENDED]
    both = [r for name in fresh for r in sets[name]]
    told("together", both, [stance for name in fresh for stance in stances[name]])
    told("by rules alone", both, [r.rule for r in both])
    every = [r for reads in sets.values() for r in reads]
    table, bias = fit_words([*own, *every], [1.0] * len(own) + [_WORTH] * len(every))
    weighing = fit_weighing(*_joined([*fresh, *folds], out, truth))
    scale = np.abs(table).max(0) / 127
    kept = io.BytesIO()
    np.savez_compressed(
        kept,
        table=np.round(table / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        bias=bias.astype(np.float32),
        weighing=weighing.astype(np.float32),
    )
    target.write_bytes(kept.getvalue())
    print(f"{target.name}: {len(kept.getvalue()):,} bytes")


def _joined(
    names: Sequence[str], out: dict[str, np.ndarray], truth: dict[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    worth = np.concatenate(
        [np.full(len(truth[name]), _OWN if name.startswith("own ") else 1.0) for name in names]
    )
    return (
        np.concatenate([out[name] for name in names]),
        np.concatenate([truth[name] for name in names]),
        worth,
    )


def told(name: str, held: Sequence[Read], settled_as: Sequence[Stance]) -> None:
    """Prints how many of a set are read as labelled, and how many are confidently something else."""
    right = wrong = 0
    for r, stance in zip(held, settled_as, strict=True):
        if stance in ("hedges", "silent"):
            right += r.case.accepts("hedges") or r.case.accepts("silent")
        elif r.case.accepts(stance):
            right += 1
        else:
            wrong += 1
    print(
        f"{name}: {len(held)} cases, right {right / len(held):.1%}, confidently wrong {wrong / len(held):.1%}",
        flush=True,
    )


if __name__ == "__main__":
    main()
