"""Token files: where they come from, how rows of them are read, which documents they are."""
