"""The passes of a run, each a plain function over one shard, and the phases that give every shard its task."""
