"""How the mixtures of a swarm are chosen, and what they will cost and tell."""
