"""Pretraining and continued training by one plan: which sample comes when is arithmetic, and resume is exact."""
