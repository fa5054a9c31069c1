"""Evidence of others: CSV files and exports as a swarm with results."""
