"""What the driver keeps of every shard from phase to phase."""

import dataclasses

from datapipe.observing.error_table import MAX_FILES, QuarantineFiles
from datapipe.passes.shards import PassInputs, Routes, Shards, routes_of
from datapipe.receipts import Receipt, UnitCount
from datapipe.shard_files import Upstream
from datapipe.storage import Output

EXTRACT = PassInputs("extract", "f", ["x", "y"])
SHARDS = Shards(["a", "b"], 10, (EXTRACT, PassInputs("measure", "g", ["u", "v"])))
DOCUMENTS, MEASURED = Upstream("documents", "extract", None), Upstream("annotations", "measure", None)


def test_a_shard_is_made_of_the_passes_that_are_read() -> None:
    moved = Shards(SHARDS.names, 10, (EXTRACT, PassInputs("measure", "g2", ["u", "v"])))

    assert SHARDS.made_of([DOCUMENTS]) == moved.made_of([DOCUMENTS])
    assert SHARDS.made_of([DOCUMENTS, MEASURED]) != moved.made_of([DOCUMENTS, MEASURED])


def test_what_one_shard_is_made_of_says_nothing_of_another() -> None:
    other = Shards(["a", "b"], 10, (dataclasses.replace(EXTRACT, inputs=["x", "z"]),))

    assert SHARDS.made_of([DOCUMENTS])[0] == other.made_of([DOCUMENTS])[0]
    assert SHARDS.made_of([DOCUMENTS])[1] != other.made_of([DOCUMENTS])[1]


def test_routes_are_in_the_order_of_the_shards_and_share_what_is_the_same() -> None:
    written = (Output("decisions/decide/a.parquet", 1, "d"), Output("annotations/decide/a.parquet", 1, "s"))
    units = (UnitCount("english", "web", 3, 30, ()),)
    receipts = [
        Receipt("decide", shard, "f", "i", rows_out=rows, outputs=written, units=units)
        for shard, rows in (("b", 2), ("a", 3))
    ]

    first, second = routes_of(receipts, ["a", "b"])

    assert (first, second.documents) == (Routes(3, "s", (("english", "web"),)), 2)
    assert first.units is second.units


def test_of_quarantine_the_largest_files_of_every_source_are_remembered() -> None:
    files = QuarantineFiles()
    for size in range(MAX_FILES + 2):
        for source in ("web", "news"):
            output = Output(f"quarantine/{size}.parquet", size, "")
            files.add(Receipt("extract", f"{source}-{size:06}-0000", "f", "i", outputs=(output,)))

    assert [one.bytes for one in files.by_source["web"]] == list(range(MAX_FILES + 1, 1, -1))
    assert list(files.by_source) == ["web", "news"]
