"""What a run knows of its duplicates, for people: clusters, evidence, how texts differ, what is like a given text."""
