"""Signatures for near-duplicates, 14 x 8 values of word 5-grams, against rensa, datasketch and datatrove.

Bars: 100 MB/s of text per core; 6 times rensa, 30 times datasketch's batch update and 300 times datatrove's signature
step on the same English documents.
"""

import json
import resource
import statistics
from pathlib import Path

from datapipe.stages.minhash import Minhash
from tests.benchmarks import peer_support
from tests.benchmarks.corpus import documents
from tests.benchmarks.stage_support import megabytes_per_second, text_batches, text_bytes
from tests.benchmarks.text_statistics import ENGLISH, PROSE, SCRIPTS, filled, sample

BARS = {"mb_per_s": 100.0, "rensa": 6.0, "datasketch": 30.0, "datatrove": 300.0}
PEERS = (
    *("rensa==0.5.0", "datasketch==2.0.0"),
    *("datatrove==0.10.1", "spacy==3.8.18", "regex", "nltk", "tokenizers", "xxhash==3.5.0"),
)
PEER_SCRIPT = Path(__file__).with_name("peer_scripts") / "signatures.py"
PEER_BYTES = 4_000_000
PEER_ROUNDS = 5


def ratios() -> dict[str, float]:
    """How many times as fast as each peer we are, on the same English documents."""
    table = sample(documents(*ENGLISH), PEER_BYTES)
    batches = text_batches(table)
    ours = megabytes_per_second(Minhash(), batches)
    question = {"texts": table["text"].to_pylist(), "rounds": PEER_ROUNDS}
    seconds = peer_support.run(peer_support.environment("signatures", PEERS), PEER_SCRIPT, question)
    return {name: ours * statistics.median(rounds) / (text_bytes(batches) / 1e6) for name, rounds in seconds.items()}


def main() -> None:
    """Print the figures as one JSON line."""
    by_script = {
        script: megabytes_per_second(Minhash(), text_batches(filled(table)))
        for script, patterns in SCRIPTS.items()
        if len(table := documents(*patterns))
    }
    prose = text_batches(documents(*PROSE))
    figures = {"mb_per_s": megabytes_per_second(Minhash(), prose), **ratios()}
    result = {
        "name": "minhash",
        "mb_per_s": round(figures["mb_per_s"], 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6),
        "ratio": {name: round(figures[name], 1) for name in ("rensa", "datasketch", "datatrove")},
        "scripts": {script: round(speed, 1) for script, speed in by_script.items()},
        "characters": round(megabytes_per_second(Minhash(unit="char", ngram=24, permutations=260), prose), 1),
        "bar": BARS,
        "passed": all(figures[name] >= bar for name, bar in BARS.items()),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
