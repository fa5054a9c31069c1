"""From texts to ids and token shards: the encoder, its proof, the task, and what a folder of tokens says of itself."""
