"""Duplicates over the whole corpus: who is equal to whom, and which one stays. No text is read here."""
