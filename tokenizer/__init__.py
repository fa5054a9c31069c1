"""From weighted shards to a vocabulary, and from shards to token shards: count, train, encode, evaluate, export."""
