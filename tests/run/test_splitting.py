"""A large plain file is read in parts by tasks of their own: the same documents with the same ids, as one would."""

import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from workshop import Workshop, redone, rows, tree, written

RECIPE = """
name: parts
output: out
cut_bytes: {cut_bytes}
sources:
  - {{name: web, reader: {reader}, paths: ["in/*"], max_record_bytes: 20_000}}
passes:
  - name: extract
    steps: [normalize_text: {{}}]
domains:
  - {{name: all, weight: 1.0}}
"""
CUT = 65_536


def workshop_of(folder: Path, reader: str, cut_bytes: int = CUT) -> Workshop:
    """A recipe that reads `in/` with a reader of the project's own."""
    workshop = Workshop.at(folder)
    (folder / "recipe.yaml").write_text(RECIPE.format(reader=reader, cut_bytes=cut_bytes))
    (folder / "in").mkdir(exist_ok=True)
    return workshop


def lines(count: int) -> bytes:
    """Lines of every kind: documents, blank ones, junk, one above `max_record_bytes`; the last without a newline."""
    chance = random.Random(5)
    kinds = [b"", b"not JSON", json.dumps({"text": "y" * 30_000}).encode()]
    made = [
        json.dumps({"text": f"{number} " + "x" * chance.randrange(1500)}).encode()
        if chance.random() < 0.95
        else chance.choice(kinds)
        for number in range(count)
    ]
    return b"\r\n".join(made)


def delivered(workshop: Workshop) -> tuple[list[tuple[str, str]], list[tuple[str, int, str]]]:
    """Documents and quarantine, in order of the shards."""
    documents = [(row["id"], row["text"]) for row in rows(workshop.out, "documents/extract/*.parquet")]
    failed = [(row["id"], row["offset"], row["error"]) for row in rows(workshop.out, "quarantine/*.parquet")]
    return documents, failed


def shards(workshop: Workshop) -> list[str]:
    return sorted(path.stem for path in (workshop.out / "documents/extract").iterdir())


def test_a_large_file_of_lines_gives_what_reading_through_gives(tmp_path: Path) -> None:
    parts, through = workshop_of(tmp_path / "parts", "jsonl"), workshop_of(tmp_path / "through", "jsonl", 10**9)
    for workshop in (parts, through):
        (workshop.folder / "in/a.jsonl").write_bytes(lines(800))
        (workshop.folder / "in/b.jsonl").write_bytes(lines(20))
        workshop.run("max_error_fraction=1")

    assert delivered(parts) == delivered(through)
    assert len(delivered(parts)[1]) > 10
    assert len(shards(parts)) > 8
    assert shards(parts)[-1] == "web-000001-0000"
    split = parts.receipt("split", "web-000000-0000")
    assert len(split.parts) == len(shards(parts)) - 1
    size = (parts.folder / "in/a.jsonl").stat().st_size
    assert split.bytes_read == size
    of_parts = [parts.receipt("extract", shard) for shard in shards(parts) if shard.startswith("web-000000")]
    assert sum(receipt.bytes_read for receipt in of_parts) == size


def test_row_groups_are_read_apart_and_a_large_one_in_cuts(tmp_path: Path) -> None:
    """Groups of 50 kB, but one of 300 kB, for which five numbers of cuts are set aside."""
    parts, through = workshop_of(tmp_path / "parts", "parquet"), workshop_of(tmp_path / "through", "parquet", 10**9)
    chance = random.Random(7)
    texts = ["".join(chance.choices("abcdefghij klmnop", k=1000)) for _ in range(500)]
    schema = pa.schema([("text", pa.string())])
    for workshop in (parts, through):
        with pq.ParquetWriter(workshop.folder / "in/a.parquet", schema, use_dictionary=False) as writer:
            for begin, end in [(0, 50), (50, 100), (100, 400), (400, 450), (450, 500)]:
                writer.write_table(pa.table({"text": texts[begin:end]}), row_group_size=1000)
        workshop.run()

    assert delivered(parts) == delivered(through)
    assert len(delivered(parts)[0]) == 500
    assert len(parts.receipt("split", "web-000000-0000").parts) == 5
    names = shards(parts)
    assert len(names) == 7  # one of each small group, three of the large one
    chain, cut = [], 0
    while (following := parts.receipt("extract", f"web-000000-{cut:04}").next) is not None:
        chain.append(cut)
        cut = cut + 1 if following.cut is None else following.cut
    assert [f"web-000000-{one:04}" for one in [*chain, cut]] == names


def test_a_rerun_makes_only_the_part_that_is_missing(tmp_path: Path) -> None:
    workshop = workshop_of(tmp_path, "jsonl")
    (workshop.folder / "in/a.jsonl").write_bytes(lines(800))
    workshop.run("max_error_fraction=1")
    whole, before = tree(workshop.out), written(workshop.out)
    for shard in ("web-000000-0003", "web-000000-0006"):
        (workshop.out / f"documents/extract/{shard}.parquet").unlink()
    workshop.run("max_error_fraction=1")

    assert tree(workshop.out) == whole
    changed = redone(before, written(workshop.out))
    assert changed == {"extract/web-000000-0003.json", "extract/web-000000-0006.json"}


def test_a_file_that_grew_is_looked_through_again(tmp_path: Path) -> None:
    workshop = workshop_of(tmp_path, "jsonl")
    path = workshop.folder / "in/a.jsonl"
    path.write_bytes(lines(300))
    workshop.run("max_error_fraction=1")
    path.write_bytes(lines(900))
    workshop.run("max_error_fraction=1")

    split = workshop.receipt("split", "web-000000-0000")
    assert split.parts[-1].end == path.stat().st_size
    assert {row["id"] for row in rows(workshop.out, "documents/extract/*.parquet")} == {
        row["id"] for row in rows(workshop.out, "shards/all/*/*.parquet")
    } | {row["id"] for row in rows(workshop.out, "validation/all/*/*.parquet")}


@pytest.mark.slow
def test_ray_reads_parts_to_the_same_bytes(tmp_path: Path) -> None:
    inline, ray = workshop_of(tmp_path / "inline", "jsonl"), workshop_of(tmp_path / "ray", "jsonl")
    for workshop, executor in ((inline, "inline"), (ray, "ray")):
        (workshop.folder / "in/a.jsonl").write_bytes(lines(800))
        workshop.run("max_error_fraction=1", executor=executor, num_cpus=2)

    assert tree(inline.out) == tree(ray.out)
