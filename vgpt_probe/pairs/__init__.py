"""Preference pairs: drafting, storing, export."""
