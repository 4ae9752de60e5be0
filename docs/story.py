"""Drives the real app in tmux through the whole story and writes docs/story.md with a picture of each step.

``python docs/story.py`` needs tmux. The question: which tables does dpo_v2 deny that sft knew, and since when?
"""

# The steps read better unbroken.
# ruff: noqa: E501

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "story"
WIDTH, HEIGHT = 120, 40

#: (keys as tmux names them, what the screen shows then, the picture's name, what it shows)
STEPS = [
    ([], "puts the battery", "home", "The app opens on what can be done next."),
    (["b"], "is done", "run", "`b` puts the battery to all models; each verdict appears once it is stored."),
    (["f"], "flagged only", "flagged", "`f` leaves only the cases in which a model is wrong. `▸` marks where a verdict turned: introduced here."),
    (["v", "z"], "subjects", "subjects", "`v` groups by subject, `z` folds: which tables, and how many of their wordings."),
    (["h"], "share of real tables denied", "heat", "`h` shows where each model denies: wording by module."),
    (["h", "v", "v", "Enter"], "wrong since", "case", "`Enter` opens a case: the question, the catalog's facts, every answer, and since which stage it is wrong."),
    (["p"], "nothing wrong found", "pair", "`p` drafts a pair; `F2` saves it."),
    (["F2"], "is saved", "saved", "The first pair is saved."),
    (["Escape", "P", "Enter"], "drafted", "drafts", "`P` drafts a pair from every finding that is shown, of one model or of all."),
    (["4"], "draft", "queue", "`4` shows the queue, with the balance of what an export would teach."),
    (["A"], "Accept", "accept", "`A` accepts every draft in which nothing is wrong, after a preview."),
    (["y"], "accepted", "accepted", "What is missing for a balanced set stands above the queue."),
    (["e"], "Export", "export", "`e` writes the accepted pairs as the trainer takes them."),
]  # fmt: skip


def tmux(*arguments: str) -> str:
    return subprocess.run(["tmux", *arguments], check=True, capture_output=True, encoding="utf-8").stdout


def until(session: str, text: str, seconds: float = 600) -> None:
    """Wait until the screen shows a text."""
    end = time.monotonic() + seconds
    while text not in tmux("capture-pane", "-p", "-t", session):
        if time.monotonic() > end:
            raise TimeoutError(f"the screen never showed ‘{text}’:\n{tmux('capture-pane', '-p', '-t', session)}")
        time.sleep(0.2)
    time.sleep(0.5)


def shoot(session: str, name: str) -> None:
    """Save the screen as a picture."""
    screen = tmux("capture-pane", "-e", "-p", "-t", session).rstrip("\n")
    with Path("/dev/null" if sys.platform != "win32" else "NUL").open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere, color_system="truecolor", force_terminal=True)
        console.print(Text.from_ansi(screen), overflow="crop", no_wrap=True)
    (FOLDER / f"{name}.svg").write_text(console.export_svg(title="vgpt-probe", unique_id=name), encoding="utf-8")


def main() -> None:
    """Plays the story in a workspace of its own."""
    FOLDER.mkdir(exist_ok=True)
    pressed, first_pair = 0, 0
    lines = ["# Which tables does dpo_v2 deny that sft knew, and since when?", ""]
    lines += ["Played in a real terminal by `python docs/story.py`.", ""]
    session = "vgpt-probe-story"
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "demo"
        work.mkdir()
        shutil.copy(ROOT / "config.toml", work)
        shutil.copytree(ROOT / "probes", work / "probes")
        shutil.copytree(ROOT / "models" / "demo", work / "models" / "demo")
        command = shlex.join(
            ["env", f"PYTHONPATH={ROOT}", "COLORTERM=truecolor", sys.executable, "-m", "vgpt_probe"]
        )
        tmux("new-session", "-d", "-s", session, "-x", str(WIDTH), "-y", str(HEIGHT), "-c", str(work), command)
        try:
            for keys, shown, name, caption in STEPS:
                for key in keys:
                    tmux("send-keys", "-t", session, key)
                    pressed += 1
                    time.sleep(0.3)
                until(session, shown)
                shoot(session, name)
                if name == "saved":
                    first_pair = pressed
                lines += [f"{caption}", "", f"![{caption}](story/{name}.svg)", ""]
        finally:
            subprocess.run(["tmux", "kill-session", "-t", session], check=False, capture_output=True)
    lines += [f"From the start to the first pair: {first_pair} key presses; to the export: {pressed}.", ""]
    (ROOT / "docs" / "story.md").write_text("\n".join(lines), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
