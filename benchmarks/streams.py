"""What cells of its own for each sequence bring: `python benchmarks/streams.py [--models A,B] [--probes 200]`.

Answers a battery in this process with one thread, once with a stream of cells for each sequence and once with one cache
for all, in turns, with early stop and whole. Prints ratios of processor time, which other programs disturb little, medians.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama_cpp
import msgspec

from vgpt_probe.config import ModelSettings, open_workspace
from vgpt_probe.engine.context import LoadedModel
from vgpt_probe.engine.messages import Answered, Ask, Member, Report, Request, Start
from vgpt_probe.engine.plan import own_streams
from vgpt_probe.engine.seats import Seats
from vgpt_probe.runs.course import probe_request
from vgpt_probe.runs.grade import open_grader
from vgpt_probe.runs.open import open_battery, open_catalog


class Answering:
    """One model loaded in this process, with or without streams."""

    def __init__(self, settings: ModelSettings, streams: int, reader: Any) -> None:
        members = (Member(settings.adapter, settings.chat_template),)
        start = Start(
            settings.path, members, settings.context, settings.parallel, 1, settings.batch, 0, streams=streams
        )
        self._said: list[Report] = []
        self._seats = Seats(LoadedModel(start), start, lambda member, report: self._said.append(report))
        self._seats.load(0)
        self._reader = reader

    def answer(self, requests: list[Request]) -> tuple[float, list[str]]:
        """The processor seconds that it takes to answer, and the answers."""
        self._said.clear()
        began = time.process_time()
        self._seats.ask(0, Ask(tuple(requests), reader=self._reader))
        while not self._seats.idle:
            self._seats.step()
        seconds = time.process_time() - began
        answers = [one for one in self._said if isinstance(one, Answered)]
        return seconds, [one.text for one in sorted(answers, key=lambda one: int(one.id))]


def main() -> None:
    """Compare both ways for each model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--models", help="A,B (default: all)")
    parser.add_argument("--probes", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    workspace = open_workspace(options.config)
    catalog = open_catalog(workspace)
    probes = open_battery(workspace, catalog, None).limited(options.probes).probes
    # It tells at length what it does.
    silent = llama_cpp.llama_log_callback(lambda level, text, data: None)
    llama_cpp.llama_log_set(silent, None)
    reader = open_grader(workspace, catalog).read_with
    for settings in workspace.models(options.models.split(",") if options.models else None):
        ways = [Answering(settings, own_streams(settings) or settings.context // settings.parallel, reader)]
        ways.append(Answering(settings, 0, reader))
        whole = [probe_request(one, settings, id=str(at)) for at, one in enumerate(probes)]
        watched = [msgspec.structs.replace(one, subject=p.subject) for one, p in zip(whole, probes, strict=True)]
        for name, requests in (("early stop", watched), ("whole answers", whole)):
            ratios, same = [], 0
            for _ in range(options.rounds):
                (own, said), (shared, others) = (way.answer(requests) for way in ways)
                ratios.append(shared / own)
                same = sum(a == b for a, b in zip(said, others, strict=True))
            print(
                f"{settings.name}, {name}: {statistics.median(ratios):.2f} times as fast with streams"
                f" ({min(ratios):.2f} to {max(ratios):.2f}); {same / len(probes):.1%} of the texts are the same",
                flush=True,
            )


if __name__ == "__main__":
    main()
