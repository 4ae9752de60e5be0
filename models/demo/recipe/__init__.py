"""Trains the demo models from nothing: `python -m models.demo.recipe.train` in the repository root."""
