"""The passes that count fragments, and what counts are on disk."""
