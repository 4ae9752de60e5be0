"""Writes docs/keys.md from the app's registry of actions: ``python docs/keys.py``."""

from pathlib import Path

from vgpt_probe.tui.actions import key_table

HEAD = "# Keys\n\nMade from the app's registry of actions by `python docs/keys.py`; `?` in the app shows the same.\n\n"

if __name__ == "__main__":
    Path(__file__).with_suffix(".md").write_text(HEAD + key_table(), encoding="utf-8", newline="\n")
