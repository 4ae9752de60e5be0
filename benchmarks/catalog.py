"""How fast a schema is imported, opened and asked, beside sqlglot's bare parse of the same text in the same run.

    python benchmarks/catalog.py                        # a generated schema of 20,000 tables × 20 columns
    python benchmarks/catalog.py --file schema.sql      # your own DDL
    python benchmarks/catalog.py --tables 2000 --json

Opening is measured in new processes, as a command does it; medians of ``--rounds``.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from vgpt_probe.catalog import Catalog, load_catalog
from vgpt_probe.catalog.ddl import read_ddl
from vgpt_probe.probes.battery import BatteryFile, FakeSubjects, Subjects, expand, read_battery

_TYPES = (
    "int",
    "bigint",
    "tinyint",
    "varchar(30)",
    "nvarchar(max)",
    "numeric(12, 2)",
    "datetime",
    "[dbo].[bCompany]",
    "bMonth",
)
CLOCK = time.perf_counter
_OPEN = """
import sys, time
import psutil
from pathlib import Path
from vgpt_probe.catalog import load_catalog
process = psutil.Process()
before = process.memory_info().rss
clock = getattr(time, sys.argv[3])
start = clock()
catalog = load_catalog(Path(sys.argv[1]), cache=Path(sys.argv[2]))
opened = clock() - start
held = process.memory_info().rss - before
catalog.get("none")
start = clock()
catalog.resolve("Nearly")
first = clock() - start
sum(len(one.columns) for one in catalog.relations)
print(opened, held, first, process.memory_info().rss - before)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, default=20_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--file", type=Path, help="a DDL file in place of the generated schema")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--probes", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--cpu", action="store_true", help="count processor time, for a machine that is busy")
    options = parser.parse_args()
    if options.cpu:
        global CLOCK
        CLOCK = time.process_time
    text = (
        options.file.read_text(encoding="utf-8-sig")
        if options.file
        else schema(options.tables, options.columns)
    )
    figures = measure(text, options.rounds, options.probes)
    if options.json:
        print(json.dumps(figures, indent=2))
        return
    for name, value in figures.items():
        print(
            f"{name.replace('_', ' '):32} {value:,.3f}"
            if isinstance(value, float)
            else f"{name.replace('_', ' '):32} {value:,}"
        )


def schema(tables: int, columns: int) -> str:
    """A script of many tables, in a form that both readers understand; the same every time."""
    rng = random.Random(0)
    syllables = [one + two for one in "BCDFGHJKLMNPRSTVW" for two in "aeiou"]
    words = ["".join(rng.choices(syllables, k=rng.choice((2, 2, 3)))).capitalize() for _ in range(4000)]
    modules = [f"{one}{two}" for one in "ABCDEGHIJM" for two in "CLMPRT"]
    names: dict[str, None] = {}
    while len(names) < tables:
        tail = (
            "".join(rng.choices("ABCDEFGHIJKLMNOPRSTUVWXYZ", k=2))
            if rng.random() < 0.2
            else "".join(rng.choices(words, k=2))
        )
        names[f"{rng.choice('b')}{rng.choice(modules)}{tail}"] = None
    made = []
    for name in names:
        listed = [
            f"  [{rng.choice(words)}{at}] {rng.choice(_TYPES)} {rng.choice(('NULL', 'NOT NULL'))}"
            for at in range(columns)
        ]
        key = listed[0].split("]")[0].strip() + "]"
        made.append(
            f"CREATE TABLE [dbo].[{name}] (\n" + ",\n".join(listed) + f",\n  PRIMARY KEY ({key})\n);\n"
        )
    return "\n".join(made)


def measure(text: str, rounds: int, probes: int) -> dict[str, float | int]:
    """All figures; times in seconds unless the name says otherwise, memory in MB."""
    import sqlglot

    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    bare, ours = [], []
    for _ in range(rounds):
        ours.append(_timed(lambda: read_ddl(text)))
        bare.append(_timed(lambda: sqlglot.parse(text, dialect="tsql")))
    figures: dict[str, float | int] = {}
    with tempfile.TemporaryDirectory() as folder:
        source, cache = Path(folder) / "schema.sql", Path(folder) / "cache"
        source.write_text(text, encoding="utf-8")
        figures["relations"] = len(load_catalog(source, cache=cache))
        catalog = load_catalog(source, cache=cache)
        figures["columns"] = sum(len(relation.columns) for relation in catalog.relations)
        figures["script_mb"] = len(text.encode("utf-8")) / 1e6
        figures["import_s"] = statistics.median(ours)
        figures["sqlglot_bare_parse_s"] = statistics.median(bare)
        figures["import_over_bare_parse"] = statistics.median(
            one / other for one, other in zip(ours, bare, strict=True)
        )
        opened = [_opened(source, cache) for _ in range(max(5, rounds))]
        figures["cached_open_ms"] = statistics.median(one[0] for one in opened) * 1e3
        figures["memory_opened_mb"] = statistics.median(one[1] for one in opened) / 1e6
        figures["memory_all_columns_looked_at_mb"] = statistics.median(one[3] for one in opened) / 1e6
        figures["first_near_miss_ms"] = statistics.median(one[2] for one in opened) * 1e3
    near = _near_misses(catalog)
    catalog.resolve("Nearly")
    times = sorted(_timed(lambda name=name: catalog.resolve(name)) for name in near)
    figures["resolve_queries"] = len(near)
    figures["resolve_median_ms"] = times[len(times) // 2] * 1e3
    figures["resolve_99th_ms"] = times[len(times) * 99 // 100] * 1e3
    figures.update(_probes(catalog, probes))
    return figures


def _near_misses(catalog: Catalog) -> list[str]:
    """Every name with one letter changed."""
    rng = random.Random(1)
    made = []
    for relation in catalog.relations:
        at = rng.randrange(len(relation.name))
        made.append(relation.name[:at] + rng.choice("QXZ") + relation.name[at + 1 :])
    return made


def _probes(catalog: Catalog, count: int) -> dict[str, float | int]:
    """Generate probes on invented names, twice, and check them."""
    shipped = read_battery(Path(__file__).parent.parent / "probes" / "wordings.toml")
    kinds = ["plural", "camel_case", "abbreviation", "cross_module", "separators", "long_name", "base_view"]
    fake = FakeSubjects(kinds=kinds, sample=-(-count // len(shipped.wordings)))  # type: ignore[arg-type]
    written = BatteryFile(name="many", wordings=shipped.wordings, subjects=Subjects(fake=fake))
    start = CLOCK()
    battery = expand(written, catalog, seed=1).limited(count)
    seconds = CLOCK() - start
    real = {relation.name.casefold() for relation in catalog.relations}
    return {
        "probes": len(battery.probes),
        "probes_s": seconds,
        "probes_unique": len({probe.question for probe in battery.probes}),
        "probes_accidentally_real": sum(probe.subject.casefold() in real for probe in battery.probes),
        "probes_same_bytes": int(expand(written, catalog, seed=1).limited(count) == battery),
    }


def _opened(source: Path, cache: Path) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-c", _OPEN, source, cache, CLOCK.__name__],
        capture_output=True,
        text=True,
        check=True,
    )
    return [float(word) for word in done.stdout.split()]


def _timed(call) -> float:  # type: ignore[no-untyped-def]
    start = CLOCK()
    call()
    return CLOCK() - start


if __name__ == "__main__":
    main()
