"""What checkpoints are made of, which of them stay, and what goes on from them."""
