"""Seconds that rensa, datasketch and datatrove take from texts to MinHash signatures of 112 values, word 5-grams.

Runs in an environment of its own. rensa and datasketch get words as `str.split` gives them, not normalised, and their
quickest way for many sets that keeps to all shingles; datatrove its signature step as it is by default, without files.
Reads `{"texts": [...], "rounds": 5}`; prints processor seconds of each round by peer.
"""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from datasketch import MinHash
from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupSignature
from rensa import RMinHash

NGRAM, PERMUTATIONS = 5, 112


def shingles_of(text: str) -> list[str]:
    """N-grams of words; a shorter text as a whole."""
    words = text.split()
    return [" ".join(words[first : first + NGRAM]) for first in range(max(1, len(words) - NGRAM + 1))]


def sign_with_rensa(texts: list[str]) -> None:
    """A matrix of signatures."""
    RMinHash.digest_matrix_from_token_sets([shingles_of(text) for text in texts], PERMUTATIONS, 1)


def sign_with_datasketch(texts: list[str]) -> None:
    """A signature per text."""
    empty = MinHash(PERMUTATIONS)
    for text in texts:
        empty.copy().update_batch([shingle.encode() for shingle in shingles_of(text)])


def sign_with_datatrove(texts: list[str]) -> None:
    """A signature per text that has as many words as an n-gram."""
    for text in texts:
        shingles = DATATROVE.get_shingles(text)
        if shingles.size:
            DATATROVE.get_signature(shingles)


DATATROVE = MinhashDedupSignature("signatures", MinhashConfig(n_grams=NGRAM, num_buckets=14, hashes_per_bucket=8))
PEERS = {"rensa": sign_with_rensa, "datasketch": sign_with_datasketch, "datatrove": sign_with_datatrove}


def seconds_of_rounds(peer: str, texts: list[str], rounds: int) -> Iterator[float]:
    """Processor seconds of each round, after a warm-up."""
    for number in range(rounds + 1):
        start = time.process_time()
        PEERS[peer](texts if number else texts[:10])
        if number:
            yield time.process_time() - start


def main() -> None:
    """Answer the question in the file of the first argument."""
    question = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    answer = {peer: list(seconds_of_rounds(peer, question["texts"], question["rounds"])) for peer in PEERS}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
