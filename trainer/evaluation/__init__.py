"""What lm-evaluation-harness asks a model, and what it finds."""
