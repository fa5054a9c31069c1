"""How much disk a run needs: from the size of its inputs and from ratios, measured here before or on other data."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from datapipe.housekeeping.manifests import PassManifest, read_manifests
from datapipe.inputs import Group
from datapipe.passes.planning import plan_passes
from datapipe.recipe import Recipe
from datapipe.recipe_duplicates import BANDING

DOCUMENTS = ((r"\.warc(\.|$)", 0.6), (r"\.(gz|zst|bz2|xz|parquet|zip|tgz)$", 1.5), (r"", 0.35))
"""Bytes of documents per stored byte of input, by the end of the file's name (the first that matches): gzipped WARC,
other compressed files, plain files. Measured in November 2026 on the tiny recipe (WARC 0.59, JSONL in .zst 1.48 and in
.gz 1.08, code 0.28) and on 133 MB from packages (HTML 0.12, prose 0.28, code 0.20); rounded up."""
OF_DOCUMENTS = {"annotations": 0.3, "decisions": 0.02, "survivors": 1.25, "shards": 1.25}
"""Bytes per byte of documents. The same two runs: annotations 0.13 and 0.06 (short pages 0.32), decisions 0.01, 0.002,
survivors 1.25 and 0.73, shards with those held out 1.23 and 0.77."""
EXCHANGE = 0.15
"""Likewise for exchanges and indexes of a recipe that drops duplicates: 0.12 in the tiny recipe."""
OF_PASSAGES = {"annotations": 0.5, "exchange": 0.6}
"""Likewise for each pass with `repeated`, besides the documents it writes. 50 MB of text from packages: hashes and
marks 0.49 for sentences and 0.25 for paragraphs, their exchange 0.57 and 0.33."""

OF_SIGNATURES = {"annotations": 0.4, "indexes": 0.3}
"""Likewise for each pass with `near`, of signatures of 112 values: 0.38 and 0.26 in the tiny recipe, whose documents
have 4,700 bytes of text; 0.10 and 0.09 on 74 MB from packages, whose texts are three times as long."""
OF_NEAR = {"exchange": 0.3, "evidence": 0.01}
"""Besides, whatever the signatures: 0.27 and 0.003 in the tiny recipe, 0.16 and 0.001 on the others. A corpus of which
more is in pairs exchanges more shingles."""
OF_SHINGLES = 1.1
"""Of the indexes, where they keep shingles: 1.11 and 0.93."""


@dataclass(frozen=True)
class DiskEstimate:
    """What the outputs of a run will take."""

    bytes: dict[str, int]
    """By kind: the folder at the top."""
    stored_bytes: int
    """Of that, what is there already."""
    measured: tuple[str, ...]
    """Kinds that are told from this folder's own finished shards; the others by ratios of other data."""

    @property
    def missing_bytes(self) -> int:
        """What is still to be written."""
        return max(0, sum(self.bytes.values()) - self.stored_bytes)


def estimate_disk(recipe: Recipe, groups: Mapping[str, list[Group]], folder: str) -> DiskEstimate:
    """Per kind of output. Raises OSError when the manifests of an earlier run cannot be read."""
    stored = sum(group.size for members in groups.values() for group in members)
    documents = sum(_documents(group) for members in groups.values() for group in members)
    generations = sum(plan.writes_text for plan in plan_passes(recipe))
    guessed = {"documents": documents * generations}
    guessed |= {kind: round(documents * ratio) for kind, ratio in OF_DOCUMENTS.items()}
    if any(one.drops_duplicates for one in recipe.passes):
        guessed["exchange"] = round(documents * EXCHANGE)
    removing = sum(one.repeated is not None for one in recipe.passes)
    for kind, ratio in OF_PASSAGES.items() if removing else ():
        guessed[kind] = guessed.get(kind, 0) + round(documents * ratio * removing)
    for kind, ratio in _near_ratios(recipe):
        guessed[kind] = guessed.get(kind, 0) + round(documents * ratio)
    found = read_manifests(folder)
    measured = _measured(found, recipe.passes[0].name, stored)
    total = sum(one.stored_bytes.total() for one in found.values())
    return DiskEstimate(guessed | measured, total, tuple(measured))


def _near_ratios(recipe: Recipe) -> Iterator[tuple[str, float]]:
    """Of every pass with near-duplicates what it adds to which kind."""
    for one in recipe.passes:
        if one.near is not None:
            values = math.prod(one.near.banding)
            yield from ((kind, ratio * values / math.prod(BANDING)) for kind, ratio in OF_SIGNATURES.items())
            yield from OF_NEAR.items()
            yield "indexes", OF_SHINGLES * one.near.store_shingles


def _documents(group: Group) -> int:
    return round(sum(file.size * _ratio(file.relative) for file in group.files))


def _ratio(name: str) -> float:
    return next(ratio for pattern, ratio in DOCUMENTS if re.search(pattern, name.lower()))


def _measured(manifests: Mapping[str, PassManifest], first: str, stored: int) -> dict[str, int]:
    """By kind, scaled from what the first pass has read to all of the input."""
    read = manifests[first].bytes_read if first in manifests else 0
    if not read:
        return {}
    sums: Counter[str] = Counter()
    for one in manifests.values():
        if one.run == manifests[first].run:
            sums.update(one.stored_bytes)
    return {kind: round(size * stored / read) for kind, size in sorted(sums.items())}
