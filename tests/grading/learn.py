"""Makes the weights of the reader: `python -m tests.grading.learn` (half an hour on two cores).

Torch comes with `pip install ".[lab]"`.

It learns from the hand-labelled cases and from the sets in `cases/outside`, each by a writer who had not seen the
reader. `--without a,b` leaves the weights of the package alone, learns without these sets, and prints how they are
read: what to expect of a writer whom nothing has seen. `cases/unseen` takes no part in anything.
"""

from __future__ import annotations

import argparse
import io
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.grading import test_combinations, test_everyday, test_listings, test_replies, test_word_names
from tests.grading.cases import HERE, Case, all_cases, outside_cases, small_catalog
from vgpt_probe.catalog.model import Catalog
from vgpt_probe.grading import network
from vgpt_probe.grading.learned import settled
from vgpt_probe.grading.model import Stance
from vgpt_probe.grading.network import NETS, SEGMENTS, STANCES, SURE, Seen, features
from vgpt_probe.grading.reader import opened, rows_of
from vgpt_probe.grading.seen import seen
from vgpt_probe.grading.text import clean

# The hand-labelled tables and the plain answers have to be right to the last case.
_OWN, _PLAIN = 4.0, 1.5
# What a misread one of them counts for in the last passes.
_AGAIN, _PASSES = 40.0, 3
# A word, class or stem that is met less often is one of the unknown.
_OFTEN = 3
# Vectors and states of each network. The second is only asked where the first is not sure, and may take longer.
_SIZES = (96, 144)
_TRAITS = 2
_EPOCHS, _BATCH, _STEP = 12, 64, 2e-3


class Read(NamedTuple):
    """A case, and what the network sees of it."""

    case: Case
    seen: Seen


def read(case: Case, catalog: Catalog) -> Read | None:
    answer = opened(case.question, clean(case.answer)[0], case.subject, catalog)
    rows = rows_of(answer)
    what, kept = seen(answer, rows or [])
    return Read(case, what) if kept else None


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
    for stance, questions, answers in test_replies.FAMILIES:
        for at, (question, answer) in enumerate(itertools.product(questions, answers)):
            subject = ("APTL", "Deliveries")[at % 2]
            out.append(Case("plain", at, stance, subject, question.replace("{S}", subject), answer))
    return out + test_listings.CASES + test_word_names.CASES


def own_reads(catalog: Catalog) -> dict[str, list[Read]]:
    """The hand-labelled cases, by folder."""
    folders = sorted(
        path.name
        for path in HERE.iterdir()
        if path.is_dir() and path.name not in ("last", "outside", "unseen", "__pycache__")
    )
    cases = {folder: all_cases(folder) for folder in folders} | {"plain": plain_cases()}
    return {folder: [r for case in some if (r := read(case, catalog))] for folder, some in cases.items()}


def outside_reads(catalog: Catalog) -> dict[str, list[Read]]:
    """The sets of writers who had not seen the reader, by name."""
    paths = sorted(path for path in (HERE / "outside").iterdir() if path.suffix in (".jsonl", ".tsv"))
    return {path.stem: [r for case in outside_cases(path) if (r := read(case, catalog))] for path in paths}


def goal(case: Case) -> np.ndarray:
    """How likely each stance should be found: `unclear` is silent more than it hedges, other labels get a share."""
    share = np.zeros(len(STANCES), dtype=np.float32)
    labels = (case.stance, *case.also)
    for at, label in enumerate(labels):
        weight = 1.0 if len(labels) == 1 else 0.65 if at == 0 else 0.35 / (len(labels) - 1)
        if label == "unclear":
            share[STANCES.index("hedges")] += 0.4 * weight
            share[STANCES.index("silent")] += 0.6 * weight
        else:
            share[STANCES.index(label)] += weight  # type: ignore[arg-type]
    return 0.95 * share / share.sum() + 0.01


class Words:
    """The known words, classes and stems, numbered from 1; 0 is for the unknown."""

    def __init__(self, reads: Sequence[Read]) -> None:
        often = Counter(word for r in reads for word in r.seen.words)
        counts: list[Counter[str]] = [Counter(), Counter(), Counter()]
        for word, times in often.items():
            for counter, value in zip(counts, features(word), strict=True):
                counter[value] += times
        self.values = [sorted(v for v, times in counter.items() if times >= _OFTEN) for counter in counts]
        self._known = [{value: at for at, value in enumerate(values, 1)} for values in self.values]
        self._of: dict[str, tuple[int, ...]] = {}

    def numbers(self, word: str) -> tuple[int, ...]:
        found = self._of.get(word)
        if found is None:
            found = tuple(
                known.get(value, 0) for known, value in zip(self._known, features(word), strict=True)
            )
            self._of[word] = found
        return found


class Net(nn.Module):
    """Word, class and stem vectors, one layer of a simple recurrent unit in both directions, pooled by maximum and heed."""

    def __init__(self, words: Words, size: int) -> None:
        super().__init__()
        self.size = size
        self.vectors = nn.ModuleList([nn.Embedding(len(values) + 1, size) for values in words.values])
        self.segment = nn.Embedding(len(SEGMENTS) + 1, size)
        for embedding in (*self.vectors, self.segment):
            nn.init.normal_(embedding.weight, 0, 0.3)
        self.taps = nn.Conv1d(size, 6 * size, 3, padding=1)
        with torch.no_grad():
            self.taps.bias.zero_()
            self.taps.bias[2 * size : 4 * size] = 1.0
        self.heed = nn.Linear(2 * size, 4)
        self.hidden = nn.Linear(6 * 2 * size + _TRAITS, size)
        self.out = nn.Linear(size, len(STANCES))
        self.drop = nn.Dropout(0.3)

    def forward(self, numbers: Tensor, segments: Tensor, traits: Tensor) -> Tensor:
        """Scores (batch, stances) of word numbers (batch, words, 3), segments (batch, words; 0 behind the end), traits."""
        there = (segments > 0)[..., None]
        words = numbers[..., 0]
        if self.training:
            # A word now and then unknown: its class and stem have to do.
            words = torch.where(torch.rand(words.shape) < 0.15, torch.zeros_like(words), words)
        parts = [
            vectors(of)
            for vectors, of in zip(self.vectors, (words, numbers[..., 1], numbers[..., 2]), strict=True)
        ]
        x = self.drop(sum(parts) + self.segment(segments)) * there
        total = self.taps(x.transpose(1, 2)).transpose(1, 2)
        width = 2 * self.size
        forget = torch.sigmoid(total[..., width : 2 * width])
        # Behind the end the state stays as it was.
        forget = torch.where(there, forget, torch.ones_like(forget))
        fresh = (1 - forget) * torch.tanh(total[..., :width])
        forward = _run(forget[..., :self.size], fresh[..., :self.size])
        backward = _run(forget[..., self.size:].flip(1), fresh[..., self.size:].flip(1)).flip(1)
        states = torch.cat([forward, backward], -1) * torch.sigmoid(total[..., 2 * width :]) * there
        of_answer = (segments > 1)[..., None]
        highest = states.masked_fill(~of_answer, -1e4).max(1).values
        asked = states.masked_fill((segments != 1)[..., None], -1e4).max(1).values
        heed = self.heed(states).masked_fill(~of_answer, -1e4).softmax(1)
        heeded = torch.einsum("bwk,bwd->bkd", heed, states).flatten(1)
        hidden = torch.relu(self.hidden(self.drop(torch.cat([highest, asked, heeded, traits], 1))))
        return self.out(self.drop(hidden))


def _run(forget: Tensor, fresh: Tensor) -> Tensor:
    step = 1
    while step < forget.shape[1]:
        fresh = torch.cat([fresh[:, :step], fresh[:, step:] + forget[:, step:] * fresh[:, :-step]], 1)
        forget = torch.cat([forget[:, :step], forget[:, step:] * forget[:, :-step]], 1)
        step *= 2
    return fresh


def batch(reads: Sequence[Read], words: Words) -> tuple[Tensor, Tensor, Tensor]:
    longest = max(len(r.seen.words) for r in reads)
    numbers = np.zeros((len(reads), longest, 3), dtype=np.int64)
    segments = np.zeros((len(reads), longest), dtype=np.int64)
    for at, r in enumerate(reads):
        numbers[at, : len(r.seen.words)] = [words.numbers(word) for word in r.seen.words]
        segments[at, : len(r.seen.words)] = r.seen.segments
    traits = np.array([r.seen.traits for r in reads], dtype=np.float32)
    return torch.from_numpy(numbers), torch.from_numpy(segments), torch.from_numpy(traits)


def fit(
    reads: Sequence[Read], worth: Sequence[float], number: int = 0, epochs: int = _EPOCHS
) -> tuple[Net, Words]:
    """Trains a network: the mean of its weights along the last steps, and then some passes over what it still misreads.

    Started from other numbers, each `number` errs in other places.
    """
    torch.manual_seed(number)
    rng = np.random.default_rng(number)
    words = Words(reads)
    net = Net(words, _SIZES[number])
    mean = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998)
    )
    optimizer = torch.optim.AdamW(net.parameters(), lr=_STEP, weight_decay=0.01)
    steps = epochs * (len(reads) // _BATCH + 2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _STEP, total_steps=steps, pct_start=0.1)
    for epoch in range(epochs):
        print(f"network {number + 1}: epoch {epoch + 1} of {epochs}", flush=True)
        for loss in _losses(net, words, reads, worth, rng):
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            mean.update_parameters(net)
    kept: Net = mean.module
    for _ in range(_PASSES):
        mend(kept, words, reads, worth, rng)
    return kept.eval(), words


def fit_all(reads: Sequence[Read], worth: Sequence[float]) -> list[tuple[Net, Words]]:
    """Trains the networks side by side, one core each."""
    with ProcessPoolExecutor(NETS, get_context("spawn"), torch.set_num_threads, (1,)) as pool:
        each = list(pool.map(_weights, [reads] * NETS, [worth] * NETS, range(NETS)))
    words = Words(reads)
    nets = [Net(words, size) for size in _SIZES]
    for net, weights in zip(nets, each, strict=True):
        net.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    return [(net.eval(), words) for net in nets]


def _weights(reads: Sequence[Read], worth: Sequence[float], number: int) -> dict[str, np.ndarray]:
    net, _ = fit(reads, worth, number)
    return {name: tensor.numpy() for name, tensor in net.state_dict().items()}


def mend(
    net: Net, words: Words, reads: Sequence[Read], worth: Sequence[float], rng: np.random.Generator
) -> None:
    """One more pass in small steps, in which a hand-labelled case that is misread counts as many do."""
    found = judged(net.eval(), words, reads).argmax(1)
    misread = [
        value * (_AGAIN if value > 1 and STANCES[number] != r.case.stance else 1.0)
        for r, value, number in zip(reads, worth, found, strict=True)
    ]
    optimizer = torch.optim.AdamW(net.parameters(), lr=_STEP / 8, weight_decay=0.01)
    for loss in _losses(net.train(), words, reads, misread, rng):
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()


def _losses(
    net: Net, words: Words, reads: Sequence[Read], worth: Sequence[float], rng: np.random.Generator
) -> Iterator[Tensor]:
    """The loss of each batch of one pass."""
    for chosen in _batches([len(r.seen.words) for r in reads], rng):
        some = [reads[i] for i in chosen]
        goals = torch.from_numpy(np.array([goal(r.case) for r in some]))
        weights = torch.tensor([worth[i] for i in chosen])
        loss = -(goals * functional.log_softmax(net(*batch(some, words)), 1)).sum(1)
        yield (loss * weights).sum() / weights.sum()


def _batches(lengths: Sequence[int], rng: np.random.Generator) -> list[list[int]]:
    """Batches in random order, each of cases of like length."""
    order = rng.permutation(len(lengths))
    chunks = np.array_split(order, max(1, len(order) // (20 * _BATCH)))
    sorted_ = [int(i) for chunk in chunks for i in sorted(chunk, key=lambda i: lengths[i])]
    batches = [sorted_[at : at + _BATCH] for at in range(0, len(sorted_), _BATCH)]
    rng.shuffle(batches)  # type: ignore[arg-type]
    return batches


def judged(net: Net, words: Words, reads: Sequence[Read]) -> np.ndarray:
    """How likely each stance is in each case."""
    out = np.zeros((len(reads), len(STANCES)), dtype=np.float32)
    with torch.no_grad():
        for at in range(0, len(reads), 128):
            scores = net(*batch(reads[at : at + 128], words))
            out[at : at + 128] = functional.softmax(scores, 1).numpy()
    return out


def packed(nets: Sequence[tuple[Net, Words]]) -> bytes:
    """The weights as the reader loads them, the number of the network in front of each name."""
    arrays = {
        f"{number}_{name}": array
        for number, (net, words) in enumerate(nets)
        for name, array in _arrays(net, words).items()
    }
    kept = io.BytesIO()
    np.savez_compressed(kept, **arrays)
    return kept.getvalue()


def _arrays(net: Net, words: Words) -> dict[str, np.ndarray]:
    """Vectors and matrices as 8-bit numbers with a scale for each column."""
    arrays: dict[str, np.ndarray] = {}

    def put(name: str, values: Tensor) -> None:
        full = values.detach().numpy()
        scale = np.abs(full).max(tuple(range(full.ndim - 1))) / 127 + 1e-12
        arrays[name] = np.round(full / scale).astype(np.int8)
        arrays[f"{name}_scale"] = scale.astype(np.float32)

    for name, values, vectors in zip(("word", "class", "stem"), words.values, net.vectors, strict=True):
        put(name, vectors.weight)
        arrays[f"{name}_values"] = np.array("\n".join(values))
    put("segment", net.segment.weight)
    # (outputs, inputs, taps) as (taps, inputs, outputs).
    put("taps", net.taps.weight.permute(2, 1, 0))
    put("hidden", net.hidden.weight.T)
    for name, layer in (("heed", net.heed), ("out", net.out)):
        arrays[name] = layer.weight.detach().numpy().T.astype(np.float32)
        arrays[f"{name}_bias"] = layer.bias.detach().numpy()
    arrays["hidden_bias"] = net.hidden.bias.detach().numpy()
    arrays["bias"] = net.taps.bias.detach().numpy()
    return arrays


def told(name: str, held: Sequence[Read], stances: Sequence[Stance]) -> None:
    """Prints how many of a set are read as labelled, and how many are confidently something else.

    By the networks alone: what the catalog tells, and a column's table, come on top in the reader.
    """
    right = wrong = 0
    for r, stance in zip(held, stances, strict=True):
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


def stances_of(odds: np.ndarray) -> list[Stance]:
    """The stance of each case."""
    best = [settled(likely) for likely in odds]
    return ["silent" if number is None else STANCES[number] for number in best]


def main() -> None:
    """Learns and writes the weights, or prints what they are worth to sets that they don't know."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument(
        "--without",
        default="",
        metavar="SETS",
        help="names with commas between: judge these, by weights learned without them",
    )
    held = [name for name in parser.parse_args().without.split(",") if name]
    catalog = small_catalog()
    own, sets = own_reads(catalog), outside_reads(catalog)
    if not sets.keys() >= set(held):
        parser.error(f"--without: no set is called {', '.join(sorted(set(held) - sets.keys()))}")
    print(
        f"{sum(map(len, own.values()))} cases of one's own, {sum(map(len, sets.values()))} from outside",
        flush=True,
    )
    plain = own.pop("plain")
    by_hand = [r for some in own.values() for r in some]
    rest = [r for name, some in sets.items() if name not in held for r in some]
    reads = [*by_hand, *plain, *rest]
    worth = [_OWN] * len(by_hand) + [_PLAIN] * len(plain) + [1.0] * len(rest)
    nets = fit_all(reads, worth)
    if not held:
        target = Path(network.__file__).with_name("network.npz")
        target.write_bytes(packed(nets))
        print(f"{target.name}: {target.stat().st_size:,} bytes")
        return
    every = [r for name in held for r in sets[name]]
    found: list[Stance] = []
    for name in held:
        odds = together([judged(net, words, sets[name]) for net, words in nets])
        stances = stances_of(odds)
        told(name, sets[name], stances)
        found += stances
    told("together", every, found)


def together(each: Sequence[np.ndarray]) -> np.ndarray:
    """The odds of the first network where it is sure, of all elsewhere."""
    sure = each[0].max(1) > SURE
    return np.where(sure[:, None], each[0], sum(each) / len(each))


if __name__ == "__main__":
    main()
