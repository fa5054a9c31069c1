"""Duplicates over the whole corpus: documents, which are told by hashes alone, and passages of their texts."""
