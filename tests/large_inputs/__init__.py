"""Inputs of a size or a shape that breaks memory, and what a run over each of them costs."""
