"""What a run of the catalogue's recipe compares as near-duplicates, what it found, and how to cut its work small."""

from pathlib import Path

import pytest
from catalogue import order_of, table

from datapipe.exchange import Sizes
from datapipe.passes import duplicate_phases, near_phases
from datapipe.passes.rounds import rounds_of
from datapipe.recipe import Recipe
from datapipe.recipe_duplicates import Near
from tests.plain_near import Document, Evidence, Rules, shingles_of

SMALL = Sizes(map_bytes=2000, partition_bytes=400, slice_bytes=200)
"""A few records per task, and two levels from a few dozen on."""


def cut_small(patch: pytest.MonkeyPatch) -> None:
    """A few documents in every task, and two levels of exchanges."""
    patch.setattr(duplicate_phases, "SIZES", SMALL)
    patch.setattr(near_phases, "SIZES", SMALL)
    patch.setattr(near_phases, "GROUP_BYTES", 600)
    patch.setattr(near_phases, "BLOCK_BYTES", 1200)


def near_of(one: Recipe) -> Near:
    near = rounds_of(one)[-1].near
    assert near is not None
    return near


def rules_of(near: Near) -> Rules:
    bands, rows = near.banding
    return Rules(bands, rows, near.verify, near.containment, near.bucket_limit, near.compare == "signatures")


def documents_of(output: Path, one: Recipe) -> list[Document]:
    """The documents that the round compares, with the signatures that the stage has made of them."""
    near, owner = near_of(one), one.passes[-1]
    rounds = rounds_of(one)
    before = rounds[-2].name if len(rounds) > 1 else "decide"
    rows = table(output, "documents/extract/*.parquet")
    signed = table(output, "annotations/duplicates/*.parquet")
    routes = table(output, f"annotations/{before}/*.parquet")
    return [
        Document(
            row["id"], order_of(row, owner, row["id"]), shingles_of(row["text"], near.ngram), tuple(sign["signature"]),
            tuple(row[name] for name in near.scope_columns), route.get("exact_cluster_size") or 1,
        )
        for row, sign, route in zip(rows, signed, routes, strict=True)
        if route["drop_reason"] is None and sign["signature"] is not None
    ]  # fmt: skip


def evidence_in(output: Path) -> list[Evidence]:
    """By id of the worse document, then of the better one."""
    rows = table(output, "evidence/duplicates.near/*.parquet")
    found = [Evidence(**{key: value for key, value in row.items() if key != "is_accepted"}) for row in rows]
    assert [one.is_accepted for one in found] == [row["is_accepted"] for row in rows]
    return sorted(found, key=lambda one: (one.id, one.other_id))
