"""``python -m vgpt_probe`` is the same as the ``vgpt-probe`` command."""

from vgpt_probe.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
