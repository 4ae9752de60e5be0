"""Takes the pictures of docs/reports.md from the report of a demo run: ``python docs/report_pictures.py``.

Needs Chromium, pdftoppm (poppler) and Pillow; the run is made in a temporary workspace.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent / "screenshots"
#: So few colours keep each file small; the report has hardly more.
COLOURS = 64


def browse(page: Path, *options: str) -> None:
    """Have Chromium, without a window, do something with a page."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if not browser:
        sys.exit("no Chromium found: install one")
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-pdf-header-footer"]
    subprocess.run([browser, *flags, *options, page.as_uri()], check=True, stderr=subprocess.DEVNULL)


def keep(picture: Path, name: str) -> None:
    """Store a picture with few colours."""
    from PIL import Image

    image = Image.open(picture).convert("RGB").quantize(COLOURS)
    image.save(HERE / name, optimize=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        report = folder / "report.html"
        config = folder / "demo" / "config.toml"
        probe = [sys.executable, "-m", "vgpt_probe"]
        path = os.pathsep.join([str(HERE.parent.parent), os.environ.get("PYTHONPATH", "")])
        for words in (
            ["init", config.parent],
            ["run", "--config", config],
            ["report", "latest", "--config", config, "--out", report],
        ):
            subprocess.run(
                [*probe, *map(str, words)],
                check=True,
                stdout=subprocess.DEVNULL,
                env=os.environ | {"PYTHONPATH": path},
            )
        for width in (1280, 390):
            browse(report, f"--window-size={width},1600", f"--screenshot={folder / 'page.png'}")
            keep(folder / "page.png", f"report_{width}.png")
        browse(report, f"--print-to-pdf={folder / 'page.pdf'}")
        subprocess.run(
            [
                "pdftoppm",
                "-r",
                "90",
                "-f",
                "1",
                "-l",
                "1",
                "-png",
                "-singlefile",
                folder / "page.pdf",
                folder / "print",
            ],
            check=True,
        )
        keep(folder / "print.png", "report_print.png")


if __name__ == "__main__":
    main()
