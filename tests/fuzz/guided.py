"""One target of ``targets.py`` under atheris, which looks for files that reach code no file has reached yet.

``python -m tests.fuzz.guided FOLDER TARGET [OPTIONS OF LIBFUZZER]``; a file that raises what is not documented ends it, is
kept in FOLDER, and is named.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import atheris

from tests.conftest import ROOT


def main() -> None:
    """Fuzz until libFuzzer's options say that it is enough."""
    folder, name, *options = sys.argv[1:]
    with atheris.instrument_imports(include=["vgpt_probe"]):
        from tests.fuzz.targets import targets
        from vgpt_probe.catalog import load_catalog
        from vgpt_probe.errors import ProbeError

        catalog = load_catalog(ROOT / "probes" / "vista_demo.sql")
        target = targets(Path(folder) / "work", catalog)[name]
        # What a target imports when it is used first is instrumented, too.
        for seed in target.seeds:
            with contextlib.suppress(ProbeError):
                target.does(seed)

    def tries(data: bytes) -> None:
        with contextlib.suppress(ProbeError):
            target.does(data)

    corpus = Path(folder) / "corpus"
    corpus.mkdir(exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    atheris.Setup([sys.argv[0], str(corpus), f"-artifact_prefix={folder}/", *options], tries)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
