"""Mixture-weight experiments: which shares of the sources a model learns most from, found with small models."""
