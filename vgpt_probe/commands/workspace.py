"""``models`` and ``init``."""

from __future__ import annotations

from pathlib import Path

from vgpt_probe.commands import output
from vgpt_probe.errors import UsageError, at
from vgpt_probe.files import write_atomically


def init(folder: Path) -> None:
    """Write a workspace that runs on the demo models until its owner puts their own in.

    Raises ``UsageError`` when the folder holds a workspace already.
    """
    from vgpt_probe.config import demo_workspace

    demo = demo_workspace()
    target = folder.resolve()
    config = target / "config.toml"
    if config.exists() or (target / "probes").exists():
        raise UsageError("there is a workspace here already", where=at(config), mend="give another folder")
    if target.exists() and not target.is_dir():
        raise UsageError("this is a file, not a folder", where=at(target))
    text = demo.path.read_text(encoding="utf-8")
    for model in demo.config.models:
        here = (demo.root / model.path).as_posix()
        text = text.replace(
            f'path = "{model.path}"', f'path = "{here}"   # a demo model; put yours in models/', 1
        )
    for stage in demo.config.stages:
        for name in stage.training:
            text = text.replace(f'"{name}"', f'"{(demo.root / name).as_posix()}"', 1)
    text = text.replace(
        "# The demo workspace.",
        "# A vgpt_probe workspace. It runs at once on the demo models; the steps to make it yours:\n"
        "#   1. put your GGUF files into models/ and name them under [[models]], one for each stage of training\n"
        "#   2. vgpt-probe catalog import SCHEMA (a DDL script, INFORMATION_SCHEMA as CSV or JSON, a database URL)\n"
        "#   3. 'vgpt-probe batteries' says which batteries fit; put your own wordings into probes/wordings.toml\n#",
        1,
    )
    try:
        for source in sorted(demo.battery_folder.iterdir()):
            if source.suffix in (".toml", ".sql"):
                write_atomically(target / "probes" / source.name, source.read_text(encoding="utf-8"))
        (target / "models").mkdir(exist_ok=True)
        write_atomically(config, text)
    except OSError as fault:
        raise UsageError(f"cannot be written: {fault.strerror or fault}", where=at(target)) from None
    print(target)
    output.say(f"next: cd {target} and run 'vgpt-probe'")
