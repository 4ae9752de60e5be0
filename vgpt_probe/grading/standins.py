"""Stand-ins for what matters in a sentence; a text that has these characters loses them first."""

from __future__ import annotations

__all__ = ["NAME", "PLACE", "PRONOUN", "SQL", "SUBJECT"]

# The subject, another name, the database, a statement.
SUBJECT, NAME, PLACE, SQL = "§", "¤", "⌂", "¶"
# A pronoun that means the subject: apart from it until noun phrases are found, so that ", it" starts no list.
PRONOUN = "ſ"
