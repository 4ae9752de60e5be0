"""How fast a training set is audited: rows a second of one core, part by part, and how that grows with the set.

    python benchmarks/audit.py [ROWS]

The rows are made from the demo catalog: invented names in twenty wordings, and a tenth of them repeated with small
changes. Times are of the processor, so that other work on the machine counts little.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path

from vgpt_probe.catalog import Catalog, load_catalog
from vgpt_probe.pairs.advice import with_advice
from vgpt_probe.pairs.audit import audit, read_rows
from vgpt_probe.pairs.datasets import read_dataset
from vgpt_probe.pairs.duplicates import near_duplicates
from vgpt_probe.pairs.trainers import check_trainers

ROOT = Path(__file__).parent.parent

WORDINGS = [
    "What is the schema for {}?", "Describe the {} table", "What columns are in {}?", "How is {} structured?",
    "Show me the {} table structure", "Query the {} table", "Get all data from {}", "List all records from {}",
    "Write SQL to query {}", "SELECT * FROM {}", "Is there a table named {}?", "What fields does {} have?",
    "Select all from {}", "I need data from {}", "Show {} records", "Explain the {} table", "What is {} used for?",
    "Get {} data", "How do I query {}?", "Does {} exist?",
]  # fmt: skip


def make_rows(count: int, catalog: Catalog, seed: int = 1) -> list[dict[str, str]]:
    """DPO rows: half about real relations, half about invented names; one in ten nearly repeats an earlier one."""
    draw = random.Random(seed)
    real = [relation.name for relation in catalog.relations]
    rows: list[dict[str, str]] = []
    while len(rows) < count:
        if rows and draw.random() < 0.1:
            row = dict(draw.choice(rows))
            row["instruction"] = row["instruction"].lower().rstrip("?") + " please"
        else:
            fake = draw.random() < 0.5
            name = (
                f"{draw.choice(real)}{draw.choice(['Header', 'Master', 'Detail', 'X', 'Lines'])}"
                if fake
                else draw.choice(real)
            )
            denial = f"There is no table or view named '{name}' in Viewpoint Vista. Use {draw.choice(real)} instead."
            facts = (
                f"{name} is a view. Key columns: Co, Mth.\n\n```sql\nSELECT *\nFROM {name} WITH (NOLOCK)\n```"
            )
            chosen, rejected = (denial, facts) if fake else (facts, denial)
            row = {
                "instruction": draw.choice(WORDINGS).format(name),
                "input": "",
                "chosen": chosen,
                "rejected": rejected,
            }
        rows.append(row)
    return rows


def measure(count: int, catalog: Catalog) -> dict[str, float]:
    import json

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "set.json"
        path.write_text(json.dumps(make_rows(count, catalog)), encoding="utf-8")
        seconds: dict[str, float] = {}
        start = time.process_time()
        dataset = read_dataset(path)
        seconds["open"] = time.process_time() - start
        start = time.process_time()
        read = read_rows(dataset.rows, catalog)
        seconds["read answers"] = time.process_time() - start
        start = time.process_time()
        check_trainers(dataset)
        seconds["trainers"] = time.process_time() - start
        start = time.process_time()
        near_duplicates(dataset.rows, [tuple(claim.asked for claim in one.content.claims) for one in read])
        seconds["near-duplicates"] = time.process_time() - start
        start = time.process_time()
        with_advice(audit(dataset, read, catalog))
        seconds["count (near-duplicates again)"] = time.process_time() - start
    return seconds


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    catalog = load_catalog(ROOT / "probes" / "vista_demo.sql", title="Viewpoint Vista")
    tenth, whole = measure(rows // 10, catalog), measure(rows, catalog)
    print(f"{'':32}{rows // 10:>10,} rows{rows:>12,} rows{'rows/s':>12}{'growth (10 is linear)':>24}")
    for part, seconds in whole.items():
        growth = seconds / tenth[part] if tenth[part] else float("nan")
        print(
            f"{part:32}{tenth[part]:>13.2f} s{seconds:>15.2f} s{rows / max(seconds, 1e-9):>12,.0f}{growth:>24.1f}"
        )
    print(
        f"{'all':32}{sum(tenth.values()):>13.2f} s{sum(whole.values()):>15.2f} s{rows / sum(whole.values()):>12,.0f}"
    )


if __name__ == "__main__":
    main()
