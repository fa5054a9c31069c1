"""A proposal tried against a baseline: what is expected, and what came."""
