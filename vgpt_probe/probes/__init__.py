"""What we ask: battery files and the probes they expand to."""

from vgpt_probe.probes.battery import Battery, Probe, battery_names, load_battery, make_probe

__all__ = ["Battery", "Probe", "battery_names", "load_battery", "make_probe"]
