"""From the weights of a mixture to what a model trained on it comes to: laws fitted to a swarm of small runs."""
