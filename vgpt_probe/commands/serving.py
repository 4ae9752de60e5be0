"""``serve``: the app in a browser, on this machine only."""

from __future__ import annotations

import shlex
import subprocess
import sys

from vgpt_probe.config import Workspace
from vgpt_probe.errors import UsageError

#: Nobody else's machine gets at the models, the schema and the answers.
HOST = "127.0.0.1"


def serve(workspace: Workspace, *, port: int) -> None:
    """Serve the app at http://127.0.0.1:PORT until it is interrupted; each page is an app of its own.

    Raises ``UsageError`` when textual-serve is not installed or the port is taken.
    """
    try:
        from textual_serve.server import Server
    except ImportError:
        raise UsageError("serving needs textual-serve", mend="pip install 'vgpt-probe[serve]'") from None
    _check_port(port)
    command = [sys.executable, "-m", "vgpt_probe", "--config", str(workspace.path)]
    line = subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command)
    print(f"http://{HOST}:{port}  (Ctrl+C ends it)", file=sys.stderr)
    Server(line, host=HOST, port=port, title="vgpt-probe").serve()


def _check_port(port: int) -> None:
    import socket

    with socket.socket() as probe:
        if sys.platform != "win32":
            # A port that a server has just left is free, though the system remembers its last connections for a minute.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as fault:
            raise UsageError(
                f"port {port} cannot be used: {fault.strerror or fault}", mend="give another one with --port"
            ) from None
