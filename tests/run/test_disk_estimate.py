"""What a run is said to take on the disk: by ratios first, by what it has written once there is something."""

import pytest
from workshop import Workshop, many

from datapipe.housekeeping.disk_estimate import estimate_disk
from datapipe.inputs import Group, InputFile, find_groups
from datapipe.plan_report import print_plan


def group(name: str, size: int) -> Group:
    return Group("left", 0, (InputFile(0, f"/in/{name}", name, size, ""),))


@pytest.mark.parametrize(
    ("name", "documents"),
    [("a.warc.gz", 600), ("a.jsonl.zst", 1500), ("A.GZ", 1500), ("a.txt", 350), ("warc.txt", 350)],
)
def test_documents_are_told_from_the_size_and_kind_of_files(name: str, documents: int, workshop: Workshop) -> None:
    need = estimate_disk(workshop.recipe(), {"left": [group(name, 1000)]}, str(workshop.out))

    assert need.bytes == {
        "documents": documents,
        "annotations": round(0.3 * documents),
        "decisions": round(0.02 * documents),
        "survivors": round(1.25 * documents),
        "shards": round(1.25 * documents),
    }
    assert (need.stored_bytes, need.measured) == (0, ())
    assert need.missing_bytes == sum(need.bytes.values())


def test_a_further_generation_of_texts_takes_its_room(workshop: Workshop) -> None:
    path = workshop.folder / "recipe.yaml"
    path.write_text(
        path.read_text().replace("name: measure\n    steps:\n", "name: measure\n    steps:\n      - trim\n")
    )

    need = estimate_disk(workshop.recipe(), {"left": [group("a.txt", 1000)]}, str(workshop.out))
    assert need.bytes["documents"] == 700


def test_passages_take_room_for_hashes_and_their_exchange(workshop: Workshop) -> None:
    path = workshop.folder / "recipe.yaml"
    repeated = "  - {name: passages, repeated: {}}\n"
    path.write_text(path.read_text().replace("  - name: measure", f"{repeated}  - name: measure"))

    need = estimate_disk(workshop.recipe(), {"left": [group("a.txt", 1000)]}, str(workshop.out))
    assert (need.bytes["documents"], need.bytes["annotations"], need.bytes["exchange"]) == (700, 105 + 175, 210)


def test_near_duplicates_take_room_for_signatures_and_for_the_shingles_they_keep(workshop: Workshop) -> None:
    path = workshop.folder / "recipe.yaml"
    plain = path.read_text()

    def need(near: str) -> tuple[int, ...]:
        duplicates = f"  - {{name: duplicates, near: {near}}}\n"
        path.write_text(plain.replace("  - name: measure", f"{duplicates}  - name: measure"))
        found = estimate_disk(workshop.recipe(), {"left": [group("a.gz", 1000)]}, str(workshop.out)).bytes
        return tuple(found[kind] for kind in ("annotations", "indexes", "evidence", "exchange"))

    # Documents take 1500 here; 112 values by default. What any duplicates exchange comes to 225.
    assert need("{}") == (450 + 600, 450, 15, 225 + 450)
    assert need("{bands: 28, rows: 8, store_shingles: true}") == (450 + 1200, 900 + 1650, 15, 225 + 450)


def test_what_a_run_has_written_tells_what_it_takes(workshop: Workshop) -> None:
    """Twice the input takes twice of what is there."""
    workshop.write("left/a.tsv", many(100, 1))
    workshop.write("right/b.tsv", many(100, 2))
    workshop.run()
    groups = find_groups(workshop.recipe(), {})

    need = estimate_disk(workshop.recipe(), groups, str(workshop.out))
    kinds = ("annotations", "decisions", "documents", "shards", "survivors", "validation")
    stored = {kind: sum(one.stat().st_size for one in (workshop.out / kind).rglob("*.parquet")) for kind in kinds}
    assert need.bytes == stored
    assert sorted(need.measured) == list(kinds)
    assert need.missing_bytes == 0

    doubled = {source: [*found, *found] for source, found in groups.items()}
    more = estimate_disk(workshop.recipe(), doubled, str(workshop.out))
    assert more.missing_bytes == sum(stored.values())


def test_the_plan_says_it(workshop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    workshop.write("left/a.tsv", many(100, 1))
    workshop.write("right/b.tsv", many(100, 2))

    print_plan(workshop.recipe(), str(workshop.folder))
    line = capsys.readouterr().out.splitlines()[-1]
    assert line.startswith("disk: about 0.1 MB (documents 0.0 MB, ")
    assert "by ratios measured on other data); " in line and line.endswith("GB free")


def test_more_than_is_free_is_a_warning(workshop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    """A file with holes takes no room, but says that it is large."""
    workshop.write("left/a.tsv", many(10, 1))
    with workshop.write("right/b.tsv", many(10, 2)).open("r+b") as file:
        file.truncate(1 << 43)

    print_plan(workshop.recipe(), str(workshop.folder))
    line = capsys.readouterr().out.splitlines()[-1]
    assert line.startswith("warning: ") and line.endswith(
        "TB are still to be written, more than is free: the run would stop before the disk is full"
    )
