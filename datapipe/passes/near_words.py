"""What is said of a round of near-duplicates while it runs."""

from collections import Counter

from datapipe.accounts import PassAccount
from datapipe.report.words import size
from datapipe.running import Run


def comparison(run: Run, name: str) -> str:
    """What the round compares, and what crosses the exchange for it: in figures of the phases that are done."""
    pairs = run.accounts.get(f"{name}.pairing", PassAccount()).figures.get("pairs", Counter())
    gathered = run.accounts.get(f"{name}.shingles", PassAccount()).figures.get("shingles", Counter())
    told = f"{name}: {pairs['pairs']:,} pairs of {pairs['documents']:,} documents to compare"
    if not gathered["text_bytes"]:  # their signatures are
        return told
    share = gathered["bytes"] / gathered["text_bytes"]
    return f"{told}; their shingles take {size(gathered['bytes'])}, {share:.2f} of their texts"
