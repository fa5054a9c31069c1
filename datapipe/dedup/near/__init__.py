"""Near-duplicates: what a round of them does between the signatures of a pass and its routes, phase by phase.

bands       group of shards   the bands of every document's signature: to the exchange, by hash
buckets     partition         documents with an equal band: each tied to the first of them
labels      all, or rounds    the connected parts of these ties: no verdict, only who may have to be compared
profiles    group of shards   who is in a part: place in the recipe's order, id, bands: to the exchange, by part
pairing     partition         the pairs to compare, best document first, in blocks whose shingles fit into memory
shingles    group of shards   the one look at text: the shingles of the documents in pairs: to the exchange, by block
verifying   block             every pair compared on its shingles: evidence, and verified pairs
choosing    partition         who stays: in the recipe's order, each one that stays drops its verified neighbours
resolving   group of shards   routes, decisions, evidence and the index, shard by shard

Only hashes and row keys cross the exchanges.
"""
