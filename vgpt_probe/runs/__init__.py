"""What was asked and answered: the runner, the store, summaries."""
