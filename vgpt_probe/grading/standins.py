"""Stand-ins for what matters in a sentence; a text that has these characters loses them first."""

from __future__ import annotations

__all__ = ["NAME", "PLACE", "SQL", "SUBJECT"]

# The subject, another name, the database, a statement.
SUBJECT, NAME, PLACE, SQL = "§", "¤", "⌂", "¶"
