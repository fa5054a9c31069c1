"""The search for weights: candidates, a vocabulary of each, what it costs whom, and the one to take."""
