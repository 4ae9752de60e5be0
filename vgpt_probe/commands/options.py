"""What several commands take on the command line, and the workspace that they are about; quick to import."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vgpt_probe.config import Workspace


def names(value: str) -> list[str]:
    """Names, separated by commas."""
    found = [name.strip() for name in value.split(",") if name.strip()]
    if not found:
        raise argparse.ArgumentTypeError("give names, separated by commas")
    return found


def positive(value: str) -> int:
    """A number of 1 or more."""
    if not value.isdigit() or int(value) < 1:
        raise argparse.ArgumentTypeError(f"'{value}' is not a number of 1 or more")
    return int(value)


def workspace(options: argparse.Namespace) -> Workspace:
    """The workspace that ``--config`` names, else that of this folder or a parent's, else the demo."""
    from vgpt_probe.config import demo_workspace, find_config, load_workspace

    if found := options.config or find_config():
        return logged(load_workspace(found))
    demo = logged(demo_workspace())
    # Else a config.toml that was not taken for one would look as if it had been heeded.
    print("no workspace here or in a parent folder: this is the demo ('vgpt-probe init DIR' writes one)", file=sys.stderr)
    return demo


def logged(workspace: Workspace) -> Workspace:
    """Open the log of a workspace: what this command does is written there."""
    import sys

    from vgpt_probe import __version__
    from vgpt_probe.log import note, open_log

    open_log(workspace.log_folder, workspace.secrets)
    # The command and not its arguments, which may be somebody's question.
    note("command", command=sys.argv[1] if len(sys.argv) > 1 else "app", version=__version__)
    return workspace
