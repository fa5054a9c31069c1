"""From counts to models: weights, rows, the trainer, smaller sizes, and what a model was made of."""
