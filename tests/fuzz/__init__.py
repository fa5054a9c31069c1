"""Mutated files and recipes against readers and loader: no crash, no hang, no unbounded memory."""
