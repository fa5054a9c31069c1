"""A run of the trainer as one page: what it did, what it saw, how well it predicts."""
