"""What asks one thing and goes away again: one module a dialog."""
