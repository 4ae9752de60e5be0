"""What we ask: battery files, the probes they expand to, and what is held out."""

from vgpt_probe.probes.battery import Battery, battery_names, load_battery
from vgpt_probe.probes.heldout import HeldOut, load_heldout
from vgpt_probe.probes.probe import Probe, make_probe

__all__ = ["Battery", "HeldOut", "Probe", "battery_names", "load_battery", "load_heldout", "make_probe"]
